//! The observations of a study as its results read them: by situation, then by replication.

use crate::quantity::{ClusterSample, FlowSample};
use crate::scenario::Scenario;
use crate::study::{Replication, Study, Timeline};

/// What replications saw.
pub(crate) struct Sample<'a> {
    study: &'a Study,
    /// By replication and situation.
    seen: Vec<&'a [Replication]>,
    window_seconds: f64,
    confidence: f64,
}

impl<'a> Sample<'a> {
    /// The replications of a study whose index is below `end`.
    pub(crate) fn new(scenario: &Scenario, study: &'a Study, end: u32) -> Self {
        Self {
            study,
            seen: study.replications(end).collect(),
            window_seconds: scenario.run.window.as_seconds(),
            confidence: scenario.run.confidence,
        }
    }

    pub(crate) fn window_seconds(&self) -> f64 {
        self.window_seconds
    }

    /// From now on, intervals have this confidence.
    pub(crate) fn set_confidence(&mut self, confidence: f64) {
        self.confidence = confidence;
    }

    /// Number of situations.
    pub(crate) fn situations(&self) -> usize {
        self.study.situations()
    }

    /// Replications of every situation.
    pub(crate) fn replications(&self) -> u32 {
        self.seen.len() as u32
    }

    /// The seconds of a situation, over all replications of the study.
    pub(crate) fn timeline(&self, situation: usize) -> &Timeline {
        self.study.timeline(situation)
    }

    pub(crate) fn events(&self) -> u64 {
        self.seen.iter().copied().flatten().map(|seen| seen.events).sum()
    }

    /// The observations of one flow, by replication.
    pub(super) fn flow(&self, situation: usize, flow: usize) -> FlowSample<'a> {
        let seen = self.seen.iter().map(|seen| &seen[situation].flows[flow]).collect();
        FlowSample::new(seen, self.window_seconds, self.confidence)
    }

    /// The observations of one cluster, by replication.
    pub(super) fn cluster(&self, situation: usize, cluster: usize) -> ClusterSample<'a> {
        let seen = self.seen.iter().map(|seen| &seen[situation].clusters[cluster]).collect();
        ClusterSample { seen, window_seconds: self.window_seconds, confidence: self.confidence }
    }
}
