//! Failures at random, one kind at a time: times between them and lengths, each by its law.

use std::collections::BTreeMap;

use rand_distr::{Distribution, Exp1};

use super::super::Run;
use super::super::parts::{Change, Condition};
use super::Operator;
use crate::network::{Failure, Network, RandomFailure, Variate};
use crate::random::{Purpose, QuantileTable, Sequence};

/// So many mean times before its beginning, and up to one more, a replication draws where it comes into
/// the lives of nodes.
const LIVES_BEFORE: f64 = 16.0;

/// The failures of one kind of each node.
#[derive(Debug)]
pub(super) struct Failures {
    laws: Laws,
    nodes: Vec<Clock>,
}

/// The laws of times between failures and of lengths.
#[derive(Debug)]
struct Laws {
    exponential: u16,
    /// Of all others in use, by index in the network.
    tables: BTreeMap<u16, QuantileTable>,
}

/// When a node fails or is repaired next.
#[derive(Debug)]
struct Clock {
    draws: Sequence,
    /// None: there are none.
    random: Option<RandomFailure>,
    next: u64,
    /// It has failed and is not repaired.
    has_failed: bool,
    condition: Condition,
}

impl Failures {
    /// Those of the kind that stands at this place among the names.
    pub(super) fn new(network: &Network, run: &Run<'_>, place: usize) -> Self {
        let mut laws = Laws { exponential: network.exponential, tables: BTreeMap::new() };
        let nodes = network.members().map(|(cluster, member, station)| {
            // Each kind draws for itself, so that one more changes nothing of the others.
            let draws = run.stream_of(Purpose::Failures, cluster, member | place << 16).sequence();
            let random = station.failures.iter().find(|random| random.kind.place() == place);
            let mut clock = Clock {
                draws,
                random: random.copied(),
                next: u64::MAX,
                has_failed: false,
                condition: Condition::Up,
            };
            clock.begin(&mut laws, network);
            clock
        });
        Self { nodes: nodes.collect(), laws }
    }
}

impl Laws {
    /// Makes laws known.
    fn add(&mut self, network: &Network, of: [Variate; 2]) {
        for table in of.map(|variate| variate.table).into_iter().filter(|t| *t != self.exponential)
        {
            self.tables.entry(table).or_insert_with(|| network.tables[usize::from(table)].clone());
        }
    }

    fn draw(&self, variate: Variate, draws: &mut Sequence) -> f64 {
        let draw = match self.tables.get(&variate.table) {
            Some(table) => table.sample(draws.draw()),
            None => Exp1.sample(draws),
        };
        draw * variate.mean_nanos
    }

    /// The first time between failures from the beginning of a replication on, which is somewhere in a life:
    /// of exponential ones nothing tells where.
    fn residual(&self, variate: Variate, draws: &mut Sequence) -> f64 {
        if variate.table == self.exponential {
            return self.draw(variate, draws);
        }
        let somewhere = draws.stream().uniform(u64::MAX);
        let mut left = (LIVES_BEFORE + somewhere) * variate.mean_nanos;
        while left >= 0.0 {
            left -= self.draw(variate, draws);
        }
        -left
    }
}

impl Clock {
    /// Draws the time to the first failure.
    fn begin(&mut self, laws: &mut Laws, network: &Network) {
        if let Some(RandomFailure { between, lasts, .. }) = self.random {
            laws.add(network, [between, lasts]);
            self.next = after(0, laws.residual(between, &mut self.draws));
        }
    }

    fn begin_time_between(&mut self, laws: &Laws, now: u64) {
        let time = self.random.map(|random| laws.draw(random.between, &mut self.draws));
        self.next = time.map_or(u64::MAX, |time| after(now, time));
    }

    fn kind(&self) -> Failure {
        self.random.map_or(Failure::Crash, |random| random.kind)
    }

    /// Whether a process that has started anew is free of it.
    fn ends_with_process(&self) -> bool {
        !matches!(self.kind(), Failure::Slow { .. } | Failure::CutOff)
    }

    /// What ends a failure, where the node still is as it has made it.
    fn ends(&self) -> Option<Change> {
        match self.kind() {
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

/// The instant that lies so many nanoseconds after `now`.
fn after(now: u64, nanos: f64) -> u64 {
    now.saturating_add(nanos.round() as u64)
}

impl Operator for Failures {
    fn next(&self, node: usize) -> u64 {
        self.nodes[node].next
    }

    fn act(&mut self, node: usize, now: u64) -> Option<Change> {
        let (laws, clock) = (&self.laws, &mut self.nodes[node]);
        let random = clock.random?;
        clock.has_failed = !clock.has_failed;
        if clock.has_failed {
            clock.next = after(now, laws.draw(random.lasts, &mut clock.draws));
            return Some(Change::of(random.kind));
        }
        clock.next = u64::MAX;
        // A process that has not ended goes on, and so does the time to its next failure; of one that is
        // started, its condition tells.
        if !clock.ends_with_process() || clock.condition == Condition::Up {
            clock.begin_time_between(&self.laws, now);
        }
        clock.ends()
    }

    fn acts(&self) -> bool {
        self.nodes.iter().any(|clock| clock.random.is_some())
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
                clock.begin_time_between(&self.laws, now);
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
