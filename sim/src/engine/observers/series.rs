//! The mean number of requests in the system in each equal part of a replication.

use crate::stats::TimeAverage;

/// The parts that have ended, and the number of requests now.
#[derive(Debug, Default)]
pub(super) struct Series {
    parts: Vec<f64>,
    in_system: TimeAverage,
}

impl Series {
    pub(super) fn arrived(&mut self, now: u64) {
        self.in_system.up(now);
    }

    pub(super) fn ended(&mut self, now: u64) {
        self.in_system.down(now);
    }

    /// Returns how many parts have ended.
    pub(super) fn end_part(&mut self, now: u64) -> usize {
        self.parts.push(self.in_system.average(now));
        self.in_system.restart(now);
        self.parts.len()
    }

    pub(super) fn into_vec(self) -> Vec<f64> {
        self.parts
    }
}
