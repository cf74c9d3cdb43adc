//! Who follows an experiment, and who may end it.

use std::sync::atomic::AtomicBool;

use crate::engine::{Observations, Run, simulate_watched};
use crate::network::Network;
use crate::time::SimTime;

/// Told of the progress of an experiment, from many threads.
pub trait Progress: Sync {
    /// How many runs are planned in all; may grow while more precision is needed.
    fn planned(&self, runs: u64);
    /// How many events that will be, about; where nobody says, all runs weigh the same.
    fn expected(&self, _events: f64) {}
    /// So many of the expected events are done; the sum over a complete run is what was expected of it.
    fn advanced(&self, _events: f64) {}
    /// A run is complete, which took so many events.
    fn completed(&self, events: u64);
}

/// Progress that nobody follows.
#[derive(Debug)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn planned(&self, _runs: u64) {}
    fn completed(&self, _events: u64) {}
}

/// Who follows an experiment, and who may end it.
pub(super) struct Watched<'a> {
    pub(super) progress: &'a dyn Progress,
    pub(super) stop: &'a AtomicBool,
}

impl Watched<'_> {
    /// Simulates one run, and tells how far it has come of what is expected of it. None if it was
    /// stopped.
    pub(super) fn simulate(
        &self,
        network: &Network,
        run: &Run<'_>,
        expected: &dyn Fn(SimTime) -> f64,
    ) -> Option<Observations> {
        let mut told = 0.0;
        let mut tell = |now| {
            let events = expected(now);
            self.progress.advanced(events - told);
            told = events;
        };
        let seen = simulate_watched(network, run, self.stop, &mut tell)?;
        tell(SimTime::ZERO + run.warm_up + run.window);
        self.progress.completed(seen.events);
        Some(seen)
    }
}
