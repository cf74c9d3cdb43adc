//! What comes of runs that end in any order, put together to replications.

use std::collections::BTreeMap;

use crate::engine::{Observations, RequestRecord};
use crate::study::{Design, Study};

/// Runs that are complete, of replications some of whose runs are not, and the study to which
/// replications are added when they are complete, so that all that a study holds can be paired.
pub(super) struct Gathering<'a> {
    study: &'a mut Study,
    design: &'a Design,
    /// By replication and run.
    waiting: BTreeMap<u32, Vec<Option<Observations>>>,
    records: Option<Vec<RequestRecord>>,
}

impl<'a> Gathering<'a> {
    pub(super) fn new(study: &'a mut Study, design: &'a Design) -> Self {
        Self { study, design, waiting: BTreeMap::new(), records: None }
    }

    /// Takes what a run saw.
    pub(super) fn add(&mut self, replication: u32, run: usize, seen: Observations) {
        let all = self.design.runs_of(replication);
        let runs = self.waiting.entry(replication).or_insert_with(|| vec![None; all]);
        runs[run] = Some(seen);
        if runs.iter().all(Option::is_some) {
            let runs = self.waiting.remove(&replication).unwrap_or_default();
            self.study.add(replication, runs.into_iter().flatten().collect());
        }
    }

    /// As [`Self::add`], of the run of which every request was recorded.
    pub(super) fn add_recorded(&mut self, replication: u32, run: usize, mut seen: Observations) {
        self.records = Some(std::mem::take(&mut seen.records));
        self.add(replication, run, seen);
    }

    /// The requests of the run that recorded them, if it was completed; and how many runs of the first
    /// incomplete replication are complete.
    pub(super) fn rest(self) -> (Option<Vec<RequestRecord>>, usize) {
        let first = self.waiting.values().next();
        (self.records, first.map_or(0, |runs| runs.iter().flatten().count()))
    }
}
