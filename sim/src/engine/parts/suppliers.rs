//! What nodes call and do not own: backends and the database, while these are out or slow.

use super::super::Run;
use super::{Laws, Renewal};
use crate::network::{Need, Network, Supplier, SupplierFailure, SupplierOutage};
use crate::random::Purpose;
use crate::time::SimDuration;

/// From here on the streams of failures are those of backends, and of the database.
const BACKENDS: u64 = 1 << 62;
const DATABASE: u64 = BACKENDS | 1 << 61;

/// The outages of everything that nodes call, scripted ones and random ones.
#[derive(Clone, Debug)]
pub(crate) struct Suppliers {
    scripted: Vec<Outage>,
    random: Vec<RandomOutages>,
    laws: Laws,
}

/// An outage from one instant on until another.
#[derive(Clone, Copy, Debug)]
struct Outage {
    of: Supplier,
    kind: SupplierFailure,
    begins: u64,
    ends: u64,
}

/// The outages of one kind of one supplier: the present one, or the next.
#[derive(Clone, Debug)]
struct RandomOutages {
    renewal: Renewal,
    outage: Outage,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Called {
    /// It takes so many times as long.
    Longer(f64),
    /// Its time begins then.
    From(u64),
    /// It cannot be made.
    Refused,
    /// It is answered with an error after so many nanoseconds.
    Fails(u64),
}

impl Suppliers {
    pub(crate) fn new(network: &Network, run: &Run<'_>) -> Self {
        let backends = network.flows.iter().enumerate().flat_map(|(flow, source)| {
            let entity = BACKENDS | (flow as u64) << 8;
            source.backend_failures.iter().map(move |all| (Supplier::Backend(flow), entity, all))
        });
        let of_database = network.database_failures.iter();
        let all = of_database.map(|random| (Supplier::Database, DATABASE, random)).chain(backends);
        let laws = Laws::of(network, all.clone().map(|(.., random)| random));
        let random = all.map(|(of, entity, random)| {
            let entity = entity | random.kind.place() as u64;
            let stream = run.stream(Purpose::Failures, entity);
            RandomOutages::new(of, Renewal::new(*random, stream), &laws)
        });
        let scripted = run.suppliers.iter().map(|outage| Outage::of(outage, run.warm_up.0));
        Self { scripted: scripted.collect(), random: random.collect(), laws }
    }

    /// Whether none of them is ever out.
    pub(crate) fn are_always_there(&self) -> bool {
        self.scripted.is_empty() && self.random.is_empty()
    }

    /// Whether the backend of a flow may be out.
    pub(crate) fn may_miss(&self, flow: usize) -> bool {
        let random = self.random.iter().map(|outages| &outages.outage);
        self.scripted.iter().chain(random).any(|outage| outage.of == Supplier::Backend(flow))
    }

    /// What becomes of a call for this need of a flow that begins at `now`, which is no earlier than any
    /// before; none where that is the usual.
    pub(crate) fn called(&mut self, now: u64, flow: usize, need: Need) -> Option<Called> {
        let of = match need {
            Need::BACKEND => Supplier::Backend(flow),
            Need::DATABASE => Supplier::Database,
            Need::COUNTER => Supplier::Counter,
            _ => return None,
        };
        self.outage(now, of).map(|outage| match outage.kind {
            SupplierFailure::Slow { factor } => Called::Longer(factor),
            SupplierFailure::Hang => Called::From(outage.ends),
            SupplierFailure::Refuse => Called::Refused,
            SupplierFailure::FailFast { delay } => Called::Fails(delay.0),
        })
    }

    /// Whether the database does not do what it is asked for at `now`, which is no earlier than any before.
    pub(crate) fn is_database_out(&mut self, now: u64) -> bool {
        let outage = self.outage(now, Supplier::Database);
        outage.is_some_and(|outage| !matches!(outage.kind, SupplierFailure::Slow { .. }))
    }

    /// The random outages that begin before `end`, counted from the start of the replication.
    pub(crate) fn until(mut self, end: SimDuration) -> Vec<SupplierOutage> {
        let mut all = Vec::new();
        for outages in &mut self.random {
            while outages.outage.begins < end.0 {
                let Outage { of, kind, begins, ends } = outages.outage;
                let (at, lasts) = (SimDuration(begins), SimDuration(ends - begins));
                all.push(SupplierOutage { of, kind, at, lasts });
                outages.go_on(&self.laws, ends);
            }
        }
        all
    }

    fn outage(&mut self, now: u64, of: Supplier) -> Option<Outage> {
        let random = self.random.iter_mut().filter(|outages| outages.outage.of == of);
        random.for_each(|outages| outages.go_on(&self.laws, now));
        let all = self.scripted.iter().chain(self.random.iter().map(|outages| &outages.outage));
        let is_out =
            |outage: &&Outage| outage.of == of && (outage.begins..outage.ends).contains(&now);
        all.into_iter().find(is_out).copied()
    }
}

impl Outage {
    fn of(scripted: &SupplierOutage, warm_up: u64) -> Self {
        let SupplierOutage { of, kind, at, lasts } = *scripted;
        Self { of, kind, begins: warm_up + at.0, ends: warm_up + (at + lasts).0 }
    }
}

impl RandomOutages {
    fn new(of: Supplier, mut renewal: Renewal, laws: &Laws) -> Self {
        let begins = renewal.first(laws);
        let (kind, ends) = (renewal.random.kind.into(), renewal.recovers(laws, begins));
        Self { renewal, outage: Outage { of, kind, begins, ends } }
    }

    /// Outages that are over by `now` are forgotten.
    fn go_on(&mut self, laws: &Laws, now: u64) {
        while self.outage.ends <= now {
            self.outage.begins = self.renewal.fails(laws, self.outage.ends);
            self.outage.ends = self.renewal.recovers(laws, self.outage.begins);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    #[test]
    fn a_call_meets_an_outage_that_has_begun_and_is_not_over() {
        let outage = SupplierOutage {
            of: Supplier::Backend(1),
            kind: SupplierFailure::Hang,
            at: SimDuration(100),
            lasts: SimDuration(50),
        };
        let laws = Laws::of(&Network::empty(), std::iter::empty());
        let scripted = vec![Outage::of(&outage, 1000)];
        let mut suppliers = Suppliers { scripted, random: Vec::new(), laws };
        let mut called = |now| suppliers.called(now, 1, Need::BACKEND);
        assert_eq!((called(1099), called(1150)), (None, None));
        assert_eq!([called(1100), called(1149)], [Some(Called::From(1150)); 2]);
        assert_eq!(suppliers.called(1100, 0, Need::BACKEND), None);
        assert_eq!(suppliers.called(1100, 1, Need::DATABASE), None);
        assert!(!suppliers.is_database_out(1100));
    }
}
