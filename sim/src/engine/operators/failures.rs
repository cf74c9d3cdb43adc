//! Failures at random, one kind at a time: exponential times between them and exponential lengths.

use rand_distr::{Distribution, Exp1};

use super::super::Run;
use super::super::parts::{Change, Condition};
use super::Operator;
use crate::network::{Failure, Network};
use crate::random::{Purpose, Sequence};

/// The failures of one kind of each node.
#[derive(Debug)]
pub(super) struct Failures {
    nodes: Vec<Clock>,
}

/// When a node fails or is repaired next.
#[derive(Debug)]
struct Clock {
    draws: Sequence,
    kind: Failure,
    /// Mean time between failures, nanoseconds; none: there are none.
    mtbf: Option<f64>,
    /// Mean length of a failure, nanoseconds.
    mttr: f64,
    next: u64,
    /// It has failed and is not repaired.
    has_failed: bool,
    condition: Condition,
}

impl Failures {
    /// Those of the kind that stands at this place among the names.
    pub(super) fn new(network: &Network, run: &Run<'_>, place: usize) -> Self {
        let nodes = network.members().map(|(cluster, member, station)| {
            // Each kind draws for itself, so that one more changes nothing of the others.
            let draws = run.stream_of(Purpose::Failures, cluster, member | place << 16).sequence();
            let random = station.failures.iter().find(|random| random.kind.place() == place);
            let mut clock = Clock {
                draws,
                kind: random.map_or(Failure::Crash, |random| random.kind),
                mtbf: random.map(|random| random.mtbf.as_nanos()),
                mttr: random.map_or(0.0, |random| random.mttr.as_nanos()),
                next: u64::MAX,
                has_failed: false,
                condition: Condition::Up,
            };
            clock.begin_time_between(0);
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

    fn begin_time_between(&mut self, now: u64) {
        self.next = self.mtbf.map_or(u64::MAX, |mtbf| self.after(now, mtbf));
    }

    /// Whether a process that has started anew is free of it.
    fn ends_with_process(&self) -> bool {
        !matches!(self.kind, Failure::Slow { .. } | Failure::CutOff)
    }

    /// What ends a failure, where the node still is as it has made it.
    fn ends(&self) -> Option<Change> {
        match self.kind {
            Failure::Crash | Failure::Vanish => Some(Change::Start),
            Failure::Hang => (self.condition == Condition::Hung).then_some(Change::Resume),
            Failure::FailFast { .. } => {
                (self.condition == Condition::FailsFast).then_some(Change::Resume)
            }
            Failure::Slow { .. } => Some(Change::Slow { factor: 1.0 }),
            Failure::CutOff => Some(Change::Reconnect),
        }
    }
}

impl Operator for Failures {
    fn next(&self, node: usize) -> u64 {
        self.nodes[node].next
    }

    fn act(&mut self, node: usize, now: u64) -> Option<Change> {
        let clock = &mut self.nodes[node];
        clock.has_failed = !clock.has_failed;
        if clock.has_failed {
            clock.next = clock.after(now, clock.mttr);
            return Some(Change::of(clock.kind));
        }
        clock.next = u64::MAX;
        // A process that has not ended goes on, and so does the time to its next failure; of one that is
        // started, its condition tells.
        if !clock.ends_with_process() || clock.condition == Condition::Up {
            clock.begin_time_between(now);
        }
        clock.ends()
    }

    fn acts(&self) -> bool {
        self.nodes.iter().any(|clock| clock.mtbf.is_some())
    }

    fn learn(&mut self, node: usize, now: u64, condition: Condition) {
        let clock = &mut self.nodes[node];
        clock.condition = condition;
        if !clock.ends_with_process() {
            return;
        }
        match condition {
            Condition::Up => {
                clock.has_failed = false;
                clock.begin_time_between(now);
            }
            // What does not run cannot fail; a node that has failed is still to be repaired.
            Condition::Absent | Condition::Starting | Condition::Vanished | Condition::Down
                if !clock.has_failed =>
            {
                clock.next = u64::MAX;
            }
            _ => {}
        }
    }
}
