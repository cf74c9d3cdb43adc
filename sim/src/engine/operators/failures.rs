//! Crashes and repairs at random: exponential up times and exponential times to repair.

use rand_distr::{Distribution, Exp1};

use super::super::Run;
use super::super::parts::{Change, Condition};
use super::Operator;
use crate::network::Network;
use crate::random::{Purpose, Sequence};
use crate::time::SimDuration;

/// The failure process of each node.
#[derive(Debug)]
pub(super) struct Failures {
    nodes: Vec<Clock>,
}

/// When a node fails or is repaired next.
#[derive(Debug)]
struct Clock {
    draws: Sequence,
    /// Mean up time, nanoseconds; none: the node does not fail.
    mtbf: Option<f64>,
    /// Mean time to repair, nanoseconds.
    mttr: f64,
    next: u64,
    /// It has failed and is not repaired.
    has_failed: bool,
}

impl Failures {
    pub(super) fn new(network: &Network, run: &Run<'_>) -> Self {
        let nodes = network.members().map(|(cluster, member, station)| {
            let draws = run.stream_of(Purpose::Failures, cluster, member).sequence();
            let mtbf = station.mtbf.map(SimDuration::as_nanos);
            let mttr = station.mttr.as_nanos();
            let mut clock = Clock { draws, mtbf, mttr, next: u64::MAX, has_failed: false };
            clock.begin_up_time(0);
            clock
        });
        Self { nodes: nodes.collect() }
    }
}

impl Clock {
    /// The instant that lies an exponential time of this mean after `now`.
    fn after(&mut self, now: u64, mean_nanos: f64) -> u64 {
        let draw: f64 = Exp1.sample(&mut self.draws);
        now.saturating_add((draw * mean_nanos).round() as u64)
    }

    fn begin_up_time(&mut self, now: u64) {
        self.next = self.mtbf.map_or(u64::MAX, |mtbf| self.after(now, mtbf));
    }
}

impl Operator for Failures {
    fn next(&self, node: usize) -> u64 {
        self.nodes[node].next
    }

    fn act(&mut self, node: usize, now: u64) -> Change {
        let clock = &mut self.nodes[node];
        clock.has_failed = !clock.has_failed;
        if clock.has_failed {
            clock.next = clock.after(now, clock.mttr);
            Change::Crash
        } else {
            clock.next = u64::MAX;
            Change::Start
        }
    }

    fn acts(&self) -> bool {
        self.nodes.iter().any(|clock| clock.mtbf.is_some())
    }

    fn learn(&mut self, node: usize, now: u64, condition: Condition) {
        let clock = &mut self.nodes[node];
        match condition {
            Condition::Up => clock.begin_up_time(now),
            // What does not run cannot fail; a node that has failed is still to be repaired.
            Condition::Absent | Condition::Starting | Condition::Down if !clock.has_failed => {
                clock.next = u64::MAX;
            }
            _ => {}
        }
    }
}
