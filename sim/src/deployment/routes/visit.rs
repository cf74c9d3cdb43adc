//! Work of one kind on a cluster, as steps: bursts on workers and on dispatchers, before and after the
//! call that comes between them.

use std::ops::Range;

use super::{Compiler, INTROSPECTION};
use crate::deployment::{AllocationBudget, Bursts, Demand, Message};
use crate::network::{Depth, MIB, Memory, Need, Step};
use crate::random::Shape;

/// Bytes of a KiB.
const KIB: f64 = MIB / 1024.0;

/// Work of one kind on a cluster.
pub(super) struct Visit<'a> {
    pub(super) flow: usize,
    pub(super) cluster: usize,
    pub(super) depth: Depth,
    pub(super) demand: &'a str,
    pub(super) need: Need,
    pub(super) size: Message,
    pub(super) calls: Calls,
    /// Whether the request keeps its worker after the work before the call.
    pub(super) keeps: bool,
    /// Whether it runs on a worker that the request keeps from another visit to the same node.
    pub(super) inside: bool,
    /// Whether it is counted for what it allocates.
    pub(super) allocates: bool,
}

/// Whom a visit calls between its two halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Calls {
    /// Nobody: there is one half.
    Nobody,
    /// A backend or a runtime, which a non-blocking sender calls: dispatchers write the call and read
    /// the answer, and the worker is free meanwhile.
    Sending,
    /// The database, for which the worker waits.
    Waiting,
}

impl Compiler<'_> {
    /// The bursts of a visit before it calls on, or all of them where it does not; what a dispatcher
    /// writes thereafter is left to [`Self::write`].
    pub(super) fn work_before_call(&mut self, visit: &Visit<'_>, admission: bool) {
        let Some(demand) = self.demand(visit.flow, visit.cluster, visit.demand) else { return };
        let first_step = self.network.steps.len();
        match self.profile(visit.cluster).bursts {
            Bursts::Equal(bursts) => {
                let alone = visit.calls == Calls::Nobody;
                let before = if alone { bursts } else { bursts.div_ceil(2) };
                self.equal_bursts(visit, demand, bursts, 0..before, visit.keeps);
            }
            Bursts::Reactor { buffer_kib } => {
                let reactor = reactor_bursts(visit, demand, buffer_kib);
                self.dispatch(visit, &reactor, 0..1);
                let runs = if visit.keeps { Runs::Keeps } else { Runs::OnWorker };
                self.work(visit, &reactor.worker, 1..2, runs);
            }
        }
        if !admission {
            return;
        }
        let first = self.network.steps[first_step..].first_mut();
        if let Some(Step::Work { admission, .. }) = first {
            *admission = true;
        }
        self.remember(visit, demand);
    }

    /// A dispatcher writes the call or, where none is sent, the answer.
    pub(super) fn write(&mut self, visit: &Visit<'_>) {
        let Bursts::Reactor { buffer_kib } = self.profile(visit.cluster).bursts else { return };
        let Some(demand) = self.demand(visit.flow, visit.cluster, visit.demand) else { return };
        let reactor = reactor_bursts(visit, demand, buffer_kib);
        self.dispatch(visit, &reactor, 2..3);
    }

    pub(super) fn work_after_call(&mut self, visit: &Visit<'_>) {
        let Some(demand) = self.demand(visit.flow, visit.cluster, visit.demand) else { return };
        let runs = if visit.inside { Runs::Keeps } else { Runs::OnWorker };
        match (self.profile(visit.cluster).bursts, visit.calls) {
            (_, Calls::Nobody) | (Bursts::Equal(1), _) => {}
            (Bursts::Equal(bursts), _) => {
                let after = bursts.div_ceil(2)..bursts;
                self.equal_bursts(visit, demand, bursts, after, visit.inside);
            }
            (Bursts::Reactor { buffer_kib }, Calls::Waiting) => {
                let reactor = reactor_bursts(visit, demand, buffer_kib);
                self.work(visit, &reactor.worker, 4..5, runs);
            }
            (Bursts::Reactor { buffer_kib }, Calls::Sending) => {
                let reactor = reactor_bursts(visit, demand, buffer_kib);
                self.dispatch(visit, &reactor, 3..4);
                self.work(visit, &reactor.worker, 4..5, Runs::OnWorker);
                self.dispatch(visit, &reactor, 5..6);
            }
        }
    }

    /// A burst on a dispatcher, where there is work for one.
    fn dispatch(&mut self, visit: &Visit<'_>, reactor: &Reactor, part: Range<u8>) {
        if reactor.dispatcher.mean > 0.0 {
            self.work(visit, &reactor.dispatcher, part, Runs::Free);
        }
    }

    /// Some of a demand's equal bursts, all on workers.
    fn equal_bursts(
        &mut self,
        visit: &Visit<'_>,
        demand: &Demand,
        bursts: u8,
        part: Range<u8>,
        keeps: bool,
    ) {
        let whole = demand.mean_seconds(demand.size_kib(visit.size)) * 1e9;
        let of_mean = demand.mean.as_seconds() * 1e9;
        let burst = Burst::new(demand, 1.0, of_mean, whole).part(f64::from(bursts));
        let runs = if keeps { Runs::Keeps } else { Runs::OnWorker };
        self.work(visit, &burst, part, runs);
    }

    fn work(&mut self, visit: &Visit<'_>, burst: &Burst, part: Range<u8>, runs: Runs) {
        let mean_nanos = burst.mean;
        let burst = self.network.scaled(&burst.shape, mean_nanos);
        self.step(Step::Work {
            depth: visit.depth,
            burst,
            first: part.start,
            end: part.end,
            need: visit.need,
            on_worker: runs != Runs::Free,
            admission: false,
            allocates: self.allocates(visit, mean_nanos),
            share: self.share(visit, mean_nanos) as f32,
            keeps: runs == Runs::Keeps,
        });
    }

    /// What a burst of this mean allocates: as much of what the whole visit allocates as it is of its
    /// demand, so that collections come with work that is done. A token check inside the gateway's
    /// JVM allocates too little to count.
    fn allocates(&self, visit: &Visit<'_>, mean_nanos: f64) -> f64 {
        let profile = self.profile(visit.cluster);
        let Some(demand) = profile.demands.get(visit.demand).filter(|_| visit.allocates) else {
            return 0.0;
        };
        let whole = match profile.gc.map(|gc| gc.budget) {
            Some(AllocationBudget::Young(_)) => {
                demand.allocates.at(demand.size_kib(visit.size)) * KIB / MIB
            }
            Some(AllocationBudget::Requests(_)) => 1.0,
            None => 0.0,
        };
        whole * self.share(visit, mean_nanos)
    }

    /// What a burst of this mean is of its visit.
    fn share(&self, visit: &Visit<'_>, mean_nanos: f64) -> f64 {
        let profile = self.profile(visit.cluster);
        let demand = profile.demands.get(visit.demand);
        let demand_nanos =
            demand.map_or(0.0, |demand| demand.mean_seconds(demand.size_kib(visit.size)) * 1e9);
        match profile.bursts {
            Bursts::Equal(bursts) => 1.0 / f64::from(bursts),
            // Without demand there are only the workers' bursts, one each way.
            Bursts::Reactor { .. } if demand_nanos > 0.0 => mean_nanos / demand_nanos,
            Bursts::Reactor { .. } if visit.calls == Calls::Nobody => 1.0,
            Bursts::Reactor { .. } => 0.5,
        }
    }

    /// What a visit keeps alive; a token check leaves too little behind to count.
    fn remember(&mut self, visit: &Visit<'_>, demand: &Demand) {
        if visit.demand != INTROSPECTION {
            let size_kib = demand.size_kib(visit.size);
            self.memory[visit.depth] = Memory {
                retains: (demand.retains.at(size_kib) * KIB) as f32 as u64,
                message: (size_kib * KIB) as u64,
            };
        }
    }
}

/// What bursts run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runs {
    /// A dispatcher.
    Free,
    /// A worker.
    OnWorker,
    /// A worker, which the request keeps after the last of them.
    Keeps,
}

/// One of the bursts that a demand is cut into.
struct Burst {
    shape: Shape,
    /// Nanoseconds.
    mean: f64,
}

impl Burst {
    /// Work of `whole` nanoseconds on average, `of_mean` of them whatever the size. A message that does
    /// not fit into a buffer is handled in several pieces.
    fn new(demand: &Demand, pieces: f64, of_mean: f64, whole: f64) -> Self {
        let more = if whole > 0.0 { demand.mean_cv * of_mean / whole } else { 0.0 };
        Self { shape: demand.shape.sum_of(pieces).varied_by(more), mean: whole }
    }

    /// One of so many equal ones.
    fn part(self, of: f64) -> Self {
        Self { mean: self.mean / of, ..self }
    }
}

/// A demand where dispatchers and workers share it.
struct Reactor {
    /// One on a dispatcher.
    dispatcher: Burst,
    /// One on a worker.
    worker: Burst,
}

/// A dispatcher reads, a worker mediates, a dispatcher writes. Half of the demand is for a call that
/// is sent, and half for its answer; for a call that is waited for, the worker's part alone is halved.
/// What runs inside another visit needs no dispatcher.
fn reactor_bursts(visit: &Visit<'_>, demand: &Demand, buffer_kib: f64) -> Reactor {
    let size_kib = demand.size_kib(visit.size);
    let whole = demand.mean_seconds(size_kib) * 1e9;
    let on_worker = if visit.inside { whole } else { demand.worker_seconds(size_kib) * 1e9 };
    let on_dispatcher = whole - on_worker;
    let (on_dispatchers, on_workers) = match visit.calls {
        Calls::Nobody => (2.0, 1.0),
        Calls::Sending => (4.0, 2.0),
        Calls::Waiting => (2.0, 2.0),
    };
    let pieces = (size_kib / buffer_kib).ceil().max(1.0);
    let of_mean = demand.mean.as_seconds() * 1e9;
    let of_worker = if visit.inside { of_mean } else { of_mean * demand.on_workers };
    let burst = |of_mean, whole| Burst::new(demand, pieces, of_mean, whole);
    Reactor {
        dispatcher: burst(of_mean - of_worker, on_dispatcher).part(on_dispatchers),
        worker: burst(of_worker, on_worker).part(on_workers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::work;
    use crate::time::SimDuration;

    /// Standard deviation over mean of a burst that is a whole demand of 1 ms and 0.1 ms a KiB.
    fn cv(cv: f64, mean_cv: f64, size_kib: f64) -> f64 {
        let plain = Demand::plain(SimDuration::from_ms(1.0), Shape::Gamma { cv });
        let demand = Demand { per_kib: SimDuration::from_ms(0.1), mean_cv, ..plain };
        Burst::new(&demand, 1.0, 1.0, demand.mean_seconds(size_kib) * 1e3).shape.cv()
    }

    #[test]
    fn what_a_call_varies_by_itself_is_lost_in_large_messages() {
        // Of 1 ms: variances of 0.5 ms and 1.2 ms.
        assert!((cv(0.5, 1.2, 0.0) - 1.3).abs() < 1e-12);
        // Of 11 ms: variances of 5.5 ms and 1.2 ms.
        assert!((cv(0.5, 1.2, 100.0) - (30.25_f64 + 1.44).sqrt() / 11.0).abs() < 1e-12);
        for size in [0.0, 1.0, 100.0] {
            assert_eq!(cv(0.5, 0.0, size), 0.5);
        }
    }

    #[test]
    fn a_part_of_a_reactor_varies_by_its_own_part_of_the_mean() {
        let plain = Demand::plain(SimDuration::from_ms(1.0), Shape::Gamma { cv: 0.3 });
        // Workers do half of the mean and nothing of the size, dispatchers the other half and 3 ms.
        let shares = Demand { on_workers: 0.5, per_kib_on_workers: 0.0, mean_cv: 0.4, ..plain };
        let demand = Demand { per_kib: SimDuration::from_ms(0.3), ..shares };
        let visit = Visit {
            flow: 0,
            cluster: 0,
            depth: 0,
            demand: "passthrough",
            need: work::GATEWAY,
            size: Message::alike(10.0),
            calls: Calls::Sending,
            keeps: false,
            inside: false,
            allocates: true,
        };
        let reactor = reactor_bursts(&visit, &demand, 16.0);
        assert!((reactor.worker.mean - 0.25e6).abs() < 1.0);
        assert!((reactor.worker.shape.cv() - 0.5).abs() < 1e-12);
        assert!((reactor.dispatcher.mean - 3.5e6 / 4.0).abs() < 1.0);
        let expected = 0.3_f64.hypot(0.4 * 0.5 / 3.5);
        assert!((reactor.dispatcher.shape.cv() - expected).abs() < 1e-12);
    }
}
