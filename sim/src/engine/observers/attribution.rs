//! Where the time of each answered request went. Every span from one thing that happens to a request to
//! the next is booked under one place, so that the places add up to its sojourn time, to the nanosecond.

use std::collections::BTreeMap;

use super::super::observations::{Attributed, Part, Place};
use super::super::parts::Passed;
use super::super::request::Request;
use crate::network::Need;

/// Cells of sojourn time for each doubling.
const CELL_BITS: u32 = 5;

/// The requests that are in the system, and what is known of those that were answered.
#[derive(Debug)]
pub(in crate::engine) struct Attribution {
    on_the_way: BTreeMap<(u16, u32), Trace>,
    answered: Attributed,
}

/// What has been booked for a request, and until when.
#[derive(Debug, Default)]
struct Trace {
    until: u64,
    spans: Vec<(Place, u64)>,
}

impl Attribution {
    pub(super) fn new(flows: usize) -> Self {
        Self { on_the_way: BTreeMap::new(), answered: vec![BTreeMap::new(); flows] }
    }

    /// An attempt begins at `now`.
    pub(super) fn begins(&mut self, now: u64, request: &Request) {
        let trace = self.on_the_way.entry((request.flow, request.number)).or_default();
        trace.spans.clear();
        trace.until = request.arrived;
        let before = Place { part: Part::EarlierAttempts, need: None, cluster: None };
        trace.book(now, before);
    }

    /// All time since the last booking has gone there.
    pub(in crate::engine) fn spent(&mut self, now: u64, request: &Request, place: Place) {
        if let Some(trace) = self.on_the_way.get_mut(&(request.flow, request.number)) {
            trace.book(now, place);
        }
    }

    /// A burst is complete on a node of a cluster.
    pub(in crate::engine) fn passed(
        &mut self,
        now: u64,
        request: &Request,
        (need, cluster): (Need, usize),
        passed: Passed,
    ) {
        let Some(trace) = self.on_the_way.get_mut(&(request.flow, request.number)) else { return };
        let place = |part| Place { part, need: Some(need), cluster: Some(cluster) };
        trace.book(passed.began, place(Part::Worker));
        // Times are rounded to nanoseconds one by one; what the roundings leave is shared time.
        for (part, nanos) in [
            (Part::Collection, passed.collection),
            (Part::Stall, passed.stall),
            (Part::Work, passed.work),
        ] {
            trace.book((trace.until + nanos.round() as u64).min(now), place(part));
        }
        trace.book(now, place(Part::Sharing));
    }

    /// A request has its answer.
    pub(super) fn answered(&mut self, now: u64, request: &Request, observing: bool) {
        let Some(trace) = self.on_the_way.remove(&(request.flow, request.number)) else { return };
        let sojourn = now - request.arrived;
        let booked: u64 = trace.spans.iter().map(|(_, nanos)| nanos).sum();
        assert_eq!(booked, sojourn, "all time of a request is booked");
        if observing {
            let flow = &mut self.answered[usize::from(request.flow)];
            let alike = flow.entry(cell_of(sojourn)).or_default();
            alike.requests += 1;
            for (place, nanos) in trace.spans {
                *alike.nanos.entry(place).or_default() += nanos;
            }
        }
    }

    /// A request has ended without its answer.
    pub(super) fn failed(&mut self, request: &Request) {
        self.on_the_way.remove(&(request.flow, request.number));
    }

    pub(super) fn into_inner(self) -> Attributed {
        self.answered
    }
}

impl Trace {
    fn book(&mut self, until: u64, place: Place) {
        let nanos = until - self.until;
        self.until = until;
        if nanos > 0 {
            self.spans.push((place, nanos));
        }
    }
}

/// The cell of a sojourn time: the doubling, and the first bits within it.
fn cell_of(nanos: u64) -> u32 {
    let nanos = nanos.max(1 << CELL_BITS);
    let doubling = nanos.ilog2();
    (doubling << CELL_BITS) | ((nanos >> (doubling - CELL_BITS)) as u32 & ((1 << CELL_BITS) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_in_order_and_no_wider_than_a_32nd() {
        let mut last = 0;
        for nanos in (1..100_000).map(|step: u64| step * step) {
            let cell = cell_of(nanos);
            assert!(cell >= last);
            assert!(nanos < 64 || cell_of(nanos + nanos / 31 + 1) > cell, "{nanos}");
            last = cell;
        }
    }
}
