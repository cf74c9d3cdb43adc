//! Where the time of each answered request went. Every span from one thing that happens to a request to
//! the next is booked under one place, so that the places add up to its sojourn time, to the nanosecond.

use std::collections::{BTreeMap, HashMap};

use super::super::request::Request;
use crate::network::Need;

/// What a request does while time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// It is elsewhere: on the network, at a backend, at a database.
    Delay,
    /// It waits for a worker of a node, or for a core where each burst has one to itself.
    Worker,
    /// It waits for a connection, or until the database serves it.
    Connection,
    /// A core works for it.
    Work,
    /// Cores work for others in its place.
    Sharing,
    /// Its node collects garbage.
    Collection,
    /// Its node stalls.
    Stall,
    /// Attempts before the last one, and the waits after them.
    EarlierAttempts,
}

/// Under what a span of time is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// What the request does.
    pub part: Part,
    /// What for.
    pub need: Option<Need>,
    /// Index of the cluster of its node.
    pub cluster: Option<usize>,
}

/// Answered requests of like sojourn time, and where their time went.
#[derive(Clone, Debug, Default)]
pub struct Alike {
    /// Their number.
    pub requests: u64,
    /// The sum of their times by place, nanoseconds.
    pub nanos: BTreeMap<Place, u64>,
}

/// Requests of each flow, those together whose sojourn times differ by less than 3 %.
pub type Attributed = Vec<BTreeMap<u32, Alike>>;

/// Cells of sojourn time for each doubling.
const CELL_BITS: u32 = 5;

/// The requests that are in the system, and what is known of those that were answered.
#[derive(Debug)]
pub(in crate::engine) struct Attribution {
    on_the_way: HashMap<(u16, u32), Trace>,
    answered: Attributed,
}

/// What has been booked for a request, and until when.
#[derive(Debug, Default)]
struct Trace {
    until: u64,
    spans: Vec<(Place, u64)>,
}

/// How a burst has passed on its node.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Passed {
    /// When it began.
    pub(in crate::engine) began: u64,
    /// Its own work, nanoseconds of one core.
    pub(in crate::engine) work: f64,
    /// How long its node has collected and stalled since it began, nanoseconds.
    pub(in crate::engine) collection: f64,
    pub(in crate::engine) stall: f64,
}

impl Attribution {
    pub(super) fn new(flows: usize) -> Self {
        Self { on_the_way: HashMap::new(), answered: vec![BTreeMap::new(); flows] }
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
