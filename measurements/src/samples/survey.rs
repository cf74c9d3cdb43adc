//! A first look over a file of requests: where one test ends and the next begins, how many users ran when,
//! how fine its clock is, which rows are sums of others.

use std::collections::{BTreeMap, BTreeSet};

use super::clock::Clock;
use super::running::Running;
use super::threads::Threads;
use super::transactions::Transactions;
use crate::answers::Answers;
use crate::error::{Problem, Trouble};
use crate::format::Format;
use crate::lines::Account;
use crate::sample::{Item, Sample, Samples};
use crate::tally::{self, Times};
use crate::timestamp::DayOrder;
use crate::tools::Tool;

/// For so long nothing is asked before another test begins, ms.
const LONG_PAUSE_MS: i64 = 10_000;

/// The same where there are fewer threads afterwards than half of the most.
const PAUSE_MS: i64 = 1000;

/// A pause is no break unless it is so many times as long as pauses are on average, counted over all
/// samples: users who think make pauses, too.
const UNUSUAL: i64 = 20;

/// A file with more tests is none of load tests.
const MOST_STRETCHES: usize = 500;

/// More load generators in one file are none.
const MOST_GENERATORS: usize = 200;

/// Fewer samples are no test.
pub(crate) const LEAST_SAMPLES: u64 = 10;

/// What a file says before its times are counted.
pub(crate) struct Survey {
    pub(crate) tool: &'static Tool,
    /// In the order of the file.
    pub(crate) stretches: Vec<Stretch>,
    /// Labels of sums.
    pub(crate) sums: BTreeSet<String>,
    pub(crate) order: Option<DayOrder>,
    pub(crate) notes: Vec<String>,
}

/// What was written in one go.
pub(crate) struct Stretch {
    /// The first and the last.
    pub(crate) lines: (u64, u64),
    /// From the first start to the last end, ms since 1970.
    pub(crate) span: (i64, i64),
    /// Of the one that began last.
    pub(crate) last_start: i64,
    pub(crate) samples: u64,
    /// By the name of the load generator; one without a name where rows do not tell.
    pub(crate) generators: BTreeMap<String, Threads>,
    /// How many ran when, as far as requests themselves show it.
    pub(crate) running: Running,
    /// Of whatever label, without those that failed: the client may have given up while the node stood
    /// still.
    pub(crate) answers: Answers,
    pub(crate) times: Times,
    pub(crate) clock: Clock,
    /// Of all its rows: the same for the same rows.
    pub(crate) fingerprint: u64,
    /// It begins with a header.
    headed: bool,
    /// For how long nothing was asked since it began, ms.
    idle_ms: i64,
}

/// Looks over a file.
pub(crate) fn survey(
    samples: &mut dyn Samples,
    tool: &'static Tool,
    order: Option<DayOrder>,
) -> Result<Survey, Trouble> {
    let mut account = Account::default();
    let mut looking = Looking::default();
    while let Some((line, item)) = samples.advance()? {
        let outcome = match item {
            Item::Sample(sample) => {
                looking.take(&sample, line).map_err(|problem| problem.at(line))?;
                Ok(())
            }
            Item::Unreadable(reason) => Err(reason),
            Item::Other => Ok(()),
            Item::Header => {
                looking.header = true;
                continue;
            }
        };
        account.count(line, outcome);
    }
    let notes = account.notes(Format::Requests(tool.name), samples.ended())?;
    if let Some(labels) = looking.transactions.hiding() {
        return Err(Problem::HidingTransactions { labels }.into());
    }
    let sums = looking.transactions.sums();
    Ok(Survey { tool, stretches: looking.stretches, sums, order, notes })
}

/// A result as far as it was looked over.
#[derive(Default)]
struct Looking {
    stretches: Vec<Stretch>,
    transactions: Transactions,
    /// A header came, and no sample since.
    header: bool,
}

impl Looking {
    fn take(&mut self, sample: &Sample, line: u64) -> Result<(), Problem> {
        if !self.transactions.has(sample.label) {
            tally::may_be_one_more(sample.label, self.transactions.labels())?;
        }
        self.transactions.record(sample);
        let headed = std::mem::take(&mut self.header);
        let breaks = self.stretches.last().is_none_or(|last| headed || last.ends_before(sample));
        if breaks {
            if self.stretches.len() == MOST_STRETCHES {
                let remedy = "a file has one test, or a few one after the other";
                return Err(Problem::TooMany { most: MOST_STRETCHES, what: "tests", remedy });
            }
            self.stretches.push(Stretch::begun(sample, line, headed));
        } else {
            self.join_across(sample);
        }
        match self.stretches.last_mut() {
            Some(last) => last.take(sample, line),
            None => Ok(()),
        }
    }

    /// Puts stretches together between which something was asked after all: rows are written when
    /// samples end, and a long one may have begun before many that were written earlier.
    fn join_across(&mut self, sample: &Sample) {
        let Some(last) = self.stretches.last() else { return };
        if self.stretches.len() < 2 || sample.start >= last.span.0 && sample.end <= last.span.1 {
            return;
        }
        let bridged = |pair: &[Stretch]| {
            let (before, after) = (pair[0].span, pair[1].span);
            let gap = if before.1 <= after.0 { (before.1, after.0) } else { (after.1, before.0) };
            !pair[1].headed && sample.start < gap.1 && sample.end > gap.0
        };
        let mut place = self.stretches.len() - 1;
        while place > 0 {
            if bridged(&self.stretches[place - 1..=place]) {
                let later = self.stretches.remove(place);
                self.stretches[place - 1].merge(&later);
            }
            place -= 1;
        }
    }
}

impl Stretch {
    fn begun(sample: &Sample, line: u64, headed: bool) -> Self {
        Self {
            lines: (line, line),
            span: (sample.start, sample.end),
            last_start: sample.start,
            samples: 0,
            generators: BTreeMap::new(),
            running: Running::default(),
            answers: Answers::default(),
            times: Times::default(),
            clock: Clock::default(),
            fingerprint: 0,
            headed,
            idle_ms: 0,
        }
    }

    /// Whether a sample belongs to another test: it begins long after everything ended, or it ended long
    /// before anything began.
    fn ends_before(&self, sample: &Sample) -> bool {
        let pause = (sample.start - self.span.1).max(self.span.0 - sample.end);
        let unusual = pause > UNUSUAL * self.idle_ms / (self.samples as i64).max(1);
        let most = self.generators.values().map(Threads::most).max().unwrap_or(0);
        let restarted = most > 1 && sample.threads.is_some_and(|threads| threads <= most / 2);
        // The first few may be those of users who think long.
        let enough = self.samples >= LEAST_SAMPLES;
        enough && unusual && (pause >= LONG_PAUSE_MS || pause >= PAUSE_MS && restarted)
    }

    fn take(&mut self, sample: &Sample, line: u64) -> Result<(), Problem> {
        self.idle_ms += (sample.start - self.span.1).max(0);
        self.lines.1 = line;
        self.span = (self.span.0.min(sample.start), self.span.1.max(sample.end));
        self.last_start = self.last_start.max(sample.start);
        self.samples += 1;
        // Fowler, Noll and Vo, FNV-1a, over the figures instead of bytes.
        for figure in
            [sample.start as u64, sample.elapsed_us, super::transactions::hash(sample.label)]
        {
            self.fingerprint = (self.fingerprint ^ figure).wrapping_mul(0x0100_0000_01b3);
        }
        if !self.generators.contains_key(sample.generator) {
            if self.generators.len() == MOST_GENERATORS {
                let remedy = "`Hostname` or the beginning of `threadName` should name few";
                let what = "load generators";
                return Err(Problem::TooMany { most: MOST_GENERATORS, what, remedy });
            }
            self.generators.insert(sample.generator.to_owned(), Threads::default());
        }
        if let Some(threads) = self.generators.get_mut(sample.generator) {
            sample.threads.map_or(Ok(()), |count| threads.record(count, sample.end))?;
        }
        if sample.is_transaction {
            return Ok(());
        }
        self.running.record(sample);
        self.clock.record(sample.start, sample.step_ms);
        if sample.success {
            self.answers.record(sample.end);
            self.times.record(sample.elapsed_us);
        }
        Ok(())
    }

    fn merge(&mut self, later: &Self) {
        self.lines.1 = later.lines.1;
        let gap = (later.span.0 - self.span.1).max(0);
        self.span = (self.span.0.min(later.span.0), self.span.1.max(later.span.1));
        self.last_start = self.last_start.max(later.last_start);
        self.samples += later.samples;
        self.idle_ms += later.idle_ms + gap;
        self.fingerprint = self.fingerprint.rotate_left(1) ^ later.fingerprint;
        self.answers.merge(&later.answers);
        self.times.merge(&later.times);
        self.clock.merge(&later.clock);
        self.running.merge(&later.running);
        for (name, threads) in &later.generators {
            self.generators.entry(name.clone()).or_default().merge(threads);
        }
    }

    /// As one generator, where not every row names its own.
    pub(crate) fn threads(&self) -> Vec<(&str, Threads)> {
        if self.generators.len() > 1 && self.generators.contains_key("") {
            let mut all = Threads::default();
            self.generators.values().for_each(|threads| all.merge(threads));
            return vec![("", all)];
        }
        let each = self.generators.iter();
        each.map(|(name, threads)| (name.as_str(), threads.clone())).collect()
    }
}
