//! Stops of all cores of a node: how long they last, and when a node stalls.

use std::collections::VecDeque;

use crate::network::{Network, Station};
use crate::random::Stream;

/// Why all cores stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Garbage collection.
    Collection,
    /// Anything else.
    Stall,
}

/// The stops of a node that are not over.
#[derive(Clone, Debug, Default)]
pub(super) struct Stops {
    /// Ends, in order.
    ends: VecDeque<(u64, Stop)>,
}

impl Stops {
    /// A stop lasts until `end`, after those that are under way at `now`.
    pub(super) fn add(&mut self, now: u64, end: u64, stop: Stop) {
        while self.ends.front().is_some_and(|(end, _)| *end <= now) {
            self.ends.pop_front();
        }
        self.ends.push_back((end, stop));
    }

    /// What is left of each stop at `now`, nanoseconds.
    pub(super) fn left(&self, now: u64) -> impl Iterator<Item = (Stop, f64)> {
        let mut from = now;
        self.ends.iter().map(move |(end, stop)| {
            let left = end.saturating_sub(from) as f64;
            from = from.max(*end);
            (*stop, left)
        })
    }
}

/// When a node stalls: after so much work has been done, whoever brought it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StallClock {
    /// Work from one stall to the next, core-nanoseconds; infinite where there are none.
    every: f64,
    /// The next stall begins when the node has done so much since the start of the replication.
    next: f64,
    stalls: u64,
    stream: Stream,
}

impl StallClock {
    /// The first stall of a node comes somewhere within the work from one to the next.
    pub(crate) fn new(station: &Station, stream: Stream) -> Self {
        let every = station.stalls.map_or(f64::INFINITY, |stalls| stalls.every.as_nanos());
        let next = if every.is_finite() { every - every * stream.uniform(0) } else { every };
        Self { every, next, stalls: 0, stream }
    }

    /// The work since the start of the replication at which the next stall begins.
    #[inline]
    pub(crate) fn next(&self) -> f64 {
        self.next
    }

    /// The node stalls. Returns for how long, nanoseconds.
    pub(crate) fn stall(&mut self, network: &Network, station: &Station) -> f64 {
        self.next += self.every;
        self.stalls += 1;
        let table = &network.tables[usize::from(station.stall.table)];
        table.sample(self.stream.draw(self.stalls)) * station.stall.mean_nanos
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_stops_that_follow_one_another_adds_up() {
        let mut stops = Stops::default();
        stops.add(0, 10, Stop::Collection);
        stops.add(4, 30, Stop::Stall);
        let left = |now| stops.left(now).map(|(_, left)| left).collect::<Vec<_>>();
        assert_eq!(left(4), [6.0, 20.0]);
        assert_eq!(left(12), [0.0, 18.0]);
        assert_eq!(left(40), [0.0, 0.0]);
    }
}
