//! Alternating renewal processes: times between failures and their lengths, each by its law.

use std::collections::BTreeMap;

use rand_distr::{Distribution, Exp1};

use crate::network::{Network, RandomFailure, Variate};
use crate::random::{QuantileTable, Sequence, Stream};

/// So many mean times before its beginning, and up to one more, a replication draws where it comes into
/// the lives of what fails.
const LIVES_BEFORE: f64 = 16.0;

/// The laws in use.
#[derive(Clone, Debug)]
pub(crate) struct Laws {
    exponential: u16,
    /// Of all others, by index in the network.
    tables: BTreeMap<u16, QuantileTable>,
}

impl Laws {
    /// The laws of these failures.
    pub(crate) fn of<'a>(
        network: &Network,
        failures: impl Iterator<Item = &'a RandomFailure>,
    ) -> Self {
        let exponential = network.exponential;
        let all = failures.flat_map(|random| [random.between.table, random.lasts.table]);
        let others = all.filter(|table| *table != exponential);
        let tables = others.map(|table| (table, network.tables[usize::from(table)].clone()));
        Self { exponential, tables: tables.collect() }
    }

    pub(crate) fn draw(&self, variate: Variate, draws: &mut Sequence) -> f64 {
        let draw = match self.tables.get(&variate.table) {
            Some(table) => table.sample(draws.draw()),
            None => Exp1.sample(draws),
        };
        draw * variate.mean_nanos
    }
}

/// Failures of one kind of one thing, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Renewal {
    pub(crate) random: RandomFailure,
    draws: Sequence,
    /// When it would fail, and for how long, in order, where that is not drawn: whatever would happen while it cannot
    /// fail does not.
    given: Option<Vec<(u64, u64)>>,
}

impl Renewal {
    pub(crate) fn new(random: RandomFailure, stream: Stream) -> Self {
        Self { random, draws: stream.sequence(), given: None }
    }

    /// It fails at these instants, for so long each, and not at random; returns the first of them.
    pub(crate) fn follow(&mut self, given: Vec<(u64, u64)>) -> u64 {
        let first = given.first().map_or(u64::MAX, |(at, _)| *at);
        self.given = Some(given);
        first
    }

    /// The first instant at which it fails. A replication begins somewhere in a life; of an exponential one
    /// nothing tells where.
    pub(crate) fn first(&mut self, laws: &Laws) -> u64 {
        let between = self.random.between;
        if between.table == laws.exponential {
            return self.fails(laws, 0);
        }
        let somewhere = self.draws.stream().uniform(u64::MAX);
        let mut left = (LIVES_BEFORE + somewhere) * between.mean_nanos;
        while left >= 0.0 {
            left -= laws.draw(between, &mut self.draws);
        }
        after(0, -left)
    }

    /// When it fails next, which lives from `now` on.
    pub(crate) fn fails(&mut self, laws: &Laws, now: u64) -> u64 {
        if let Some(given) = &self.given {
            return given.iter().find(|(at, _)| *at >= now).map_or(u64::MAX, |(at, _)| *at);
        }
        after(now, laws.draw(self.random.between, &mut self.draws))
    }

    /// When the failure that begins `now` is over.
    pub(crate) fn recovers(&mut self, laws: &Laws, now: u64) -> u64 {
        if let Some(given) = &self.given {
            let lasts = given.iter().find(|(at, _)| *at == now).map_or(0, |(_, lasts)| *lasts);
            return now.saturating_add(lasts);
        }
        after(now, laws.draw(self.random.lasts, &mut self.draws))
    }
}

/// The instant that lies so many nanoseconds after `now`.
fn after(now: u64, nanos: f64) -> u64 {
    now.saturating_add(nanos.round() as u64)
}
