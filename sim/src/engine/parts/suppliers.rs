//! What nodes call and do not own: backends and the database, while these are out or slow.

use crate::network::{Need, Supplier, SupplierFailure, SupplierOutage};
use crate::time::SimDuration;

/// The scripted outages of everything that nodes call.
#[derive(Clone, Debug)]
pub(crate) struct Suppliers {
    outages: Vec<SupplierOutage>,
    warm_up: u64,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Called {
    /// It takes so many times as long.
    Longer(f64),
    /// Its time begins then.
    From(u64),
    /// It fails after so many nanoseconds.
    Fails(u64),
}

impl Suppliers {
    pub(crate) fn new(outages: &[SupplierOutage], warm_up: SimDuration) -> Self {
        Self { outages: outages.to_vec(), warm_up: warm_up.0 }
    }

    /// Whether none of them is ever out.
    #[inline]
    pub(crate) fn are_always_there(&self) -> bool {
        self.outages.is_empty()
    }

    /// What becomes of a call for this need of a flow that begins at `now`, where that is not the usual.
    pub(crate) fn called(&self, now: u64, flow: usize, need: Need) -> Option<Called> {
        let of = match need {
            Need::Backend => Supplier::Backend(flow),
            Need::Database => Supplier::Database,
            _ => return None,
        };
        let ends = |outage: &SupplierOutage| self.warm_up + (outage.at + outage.lasts).0;
        let is_out = |outage: &&SupplierOutage| {
            let begins = self.warm_up + outage.at.0;
            outage.of == of && (begins..ends(outage)).contains(&now)
        };
        self.outages.iter().find(is_out).map(|outage| match outage.kind {
            SupplierFailure::Slow { factor } => Called::Longer(factor),
            SupplierFailure::Hang => Called::From(ends(outage)),
            SupplierFailure::FailFast { delay } => Called::Fails(delay.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_meets_an_outage_that_has_begun_and_is_not_over() {
        let outage = SupplierOutage {
            of: Supplier::Backend(1),
            kind: SupplierFailure::Hang,
            at: SimDuration(100),
            lasts: SimDuration(50),
        };
        let suppliers = Suppliers::new(&[outage], SimDuration(1000));
        let called = |now| suppliers.called(now, 1, Need::Backend);
        assert_eq!((called(1099), called(1150)), (None, None));
        assert_eq!([called(1100), called(1149)], [Some(Called::From(1150)); 2]);
        assert_eq!(suppliers.called(1100, 0, Need::Backend), None);
        assert_eq!(suppliers.called(1100, 1, Need::Database), None);
    }
}
