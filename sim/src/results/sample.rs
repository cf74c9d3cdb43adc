//! The observations of a study as its results read them: by situation, then by replication.

use crate::engine::{ClusterObservations, FlowObservations};
use crate::quantity::{ClusterSample, Displaced, FlowSample, Spread};
use crate::scenario::Scenario;
use crate::study::{Design, Moved, Replication, Study, Timeline, is_down};

/// What replications saw.
pub(crate) struct Sample<'a> {
    study: &'a Study,
    /// By replication and run: of each situation, then with parameters moved.
    seen: Vec<(u32, &'a [Replication])>,
    /// By situation, its runs in which parameters were moved.
    moved: Vec<Vec<Moved>>,
    window_seconds: f64,
    confidence: f64,
}

impl<'a> Sample<'a> {
    /// The replications of a study whose index is below `end`.
    pub(crate) fn new(scenario: &Scenario, design: &Design, study: &'a Study, end: u32) -> Self {
        Self {
            study,
            seen: study.replications(end).collect(),
            moved: (0..design.situations.len()).map(|situation| design.moved(situation)).collect(),
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
        self.seen.iter().flat_map(|(_, seen)| *seen).map(|seen| seen.events).sum()
    }

    /// The observations of one flow, by replication.
    pub(super) fn flow(&self, situation: usize, flow: usize) -> FlowSample<'a> {
        let of = |seen: &'a Replication| &seen.flows[flow];
        let sample = |seen: Vec<&'a FlowObservations>| {
            FlowSample::new(seen, self.window_seconds, self.confidence)
        };
        let all = self.seen.iter().map(|(_, seen)| of(&seen[situation])).collect();
        sample(all).beside(self.spread(situation, &of, &sample))
    }

    /// The observations of one cluster, by replication.
    pub(super) fn cluster(&self, situation: usize, cluster: usize) -> ClusterSample<'a> {
        let of = |seen: &'a Replication| &seen.clusters[cluster];
        let (window_seconds, confidence) = (self.window_seconds, self.confidence);
        let sample = |seen: Vec<&'a ClusterObservations>| ClusterSample {
            seen,
            window_seconds,
            confidence,
            spread: None,
        };
        let all = self.seen.iter().map(|(_, seen)| of(&seen[situation])).collect();
        let spread = self.spread(situation, &of, &sample).map(Box::new);
        ClusterSample { spread, ..sample(all) }
    }

    /// What was seen of something in the replications in which parameters were moved, with and without.
    fn spread<T, S>(
        &self,
        situation: usize,
        of: &dyn Fn(&'a Replication) -> &'a T,
        sample: &dyn Fn(Vec<&'a T>) -> S,
    ) -> Option<Spread<S>> {
        let moved = &self.moved[situation];
        if moved.is_empty() {
            return None;
        }
        let of_side = |run: usize, down: bool| {
            let replications = self.seen.iter().filter(|(index, _)| is_down(*index) == down);
            let carried = replications.filter(|(_, seen)| seen.len() > self.situations());
            jackknifed(&carried.map(|(_, seen)| of(&seen[run])).collect::<Vec<_>>(), sample)
        };
        let sides = |run: usize| [of_side(run, false), of_side(run, true)];
        let displaced =
            |moved: &Moved| Displaced { direction: moved.direction, sides: sides(moved.run) };
        Some(Spread { stated: sides(situation), moved: moved.iter().map(displaced).collect() })
    }
}

/// A sample of all, and of all but each; none where there is nothing.
fn jackknifed<'a, T, S>(all: &[&'a T], sample: &dyn Fn(Vec<&'a T>) -> S) -> Vec<S> {
    let others = if all.len() > 1 { all.len() } else { 0 };
    let without = |skipped: usize| {
        let kept = all.iter().enumerate().filter(|(index, _)| *index != skipped);
        sample(kept.map(|(_, seen)| *seen).collect())
    };
    let mut samples: Vec<S> = (0..others).map(without).collect();
    if !all.is_empty() {
        samples.insert(0, sample(all.to_vec()));
    }
    samples
}
