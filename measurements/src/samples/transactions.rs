//! The sums that JMeter's Transaction Controllers write beside the samples they are made of.
//!
//! A controller writes its row after the last of its samples, by the same thread, and with the start of
//! the first; its message says how many samples it has (`TransactionController`). Where messages are not
//! saved, a row that begins before a row of the same thread that was written earlier is a sum: a thread
//! asks one thing after the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::error::listed;
use crate::sample::Sample;

/// So many threads are told apart.
const MOST_THREADS: usize = 100_000;

/// So large a share of the rows of a label must enclose others for it to be that of sums.
const MOST_OF_THEM: f64 = 0.9;

/// Fewer rows show nothing.
const LEAST_ROWS: u64 = 3;

/// What is known of the labels of a result.
#[derive(Debug, Default)]
pub(crate) struct Transactions {
    labels: BTreeMap<String, Label>,
    /// By thread: the row written last.
    rows: HashMap<u64, Row>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Label {
    rows: u64,
    /// Whose message is that of a sum.
    marked: u64,
    /// Before which the same thread wrote a row that took a time.
    judged: u64,
    /// That began before that row did.
    enclosing: u64,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    start: i64,
    end: i64,
    label: u64,
}

impl Transactions {
    pub(crate) fn record(&mut self, sample: &Sample) {
        if !self.labels.contains_key(sample.label) {
            self.labels.insert(sample.label.to_owned(), Label::default());
        }
        let label = self.labels.entry(sample.label.to_owned()).or_default();
        label.rows += 1;
        label.marked += u64::from(sample.is_transaction);
        let Some(thread) = sample.thread else { return };
        let row = Row { start: sample.start, end: sample.end, label: hash(sample.label) };
        let thread = hash(thread);
        if self.rows.len() >= MOST_THREADS && !self.rows.contains_key(&thread) {
            return;
        }
        if let Some(before) = self.rows.insert(thread, row).filter(|row| row.end > row.start) {
            label.judged += 1;
            let encloses = row.start <= before.start && row.label != before.label;
            label.enclosing += u64::from(encloses);
        }
    }

    pub(crate) fn has(&self, label: &str) -> bool {
        self.labels.contains_key(label)
    }

    /// How many labels there are.
    pub(crate) fn labels(&self) -> usize {
        self.labels.len()
    }

    /// The labels all of whose rows are sums, though no message says so.
    pub(crate) fn sums(&self) -> BTreeSet<String> {
        let is_sum = |label: &Label| {
            label.judged >= LEAST_ROWS
                && label.enclosing as f64 >= MOST_OF_THEM * label.judged as f64
        };
        let sums = self.labels.iter().filter(|(_, label)| is_sum(label));
        sums.map(|(name, _)| name.clone()).collect()
    }

    /// Labels of sums whose samples are not in the result, so that nobody knows what they asked for.
    pub(crate) fn hiding(&self) -> Option<String> {
        let hides = |label: &Label| {
            label.marked == label.rows
                && label.judged >= LEAST_ROWS
                && (label.enclosing as f64) < (1.0 - MOST_OF_THEM) * label.judged as f64
        };
        let hiding: Vec<&str> = self
            .labels
            .iter()
            .filter(|(_, label)| hides(label))
            .map(|(name, _)| name.as_str())
            .collect();
        (!hiding.is_empty()).then(|| listed(hiding.into_iter()))
    }
}

pub(crate) fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
