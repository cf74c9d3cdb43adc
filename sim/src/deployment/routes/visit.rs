//! Work of one kind on a cluster, as steps: bursts on workers and on dispatchers, before and after the
//! call that comes between them.

use std::ops::Range;

use super::{Compiler, INTROSPECTION};
use crate::deployment::{AllocationBudget, Bursts, Demand};
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
    pub(super) size_kib: f64,
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
                if reactor.dispatcher > 0.0 {
                    self.work(visit, &reactor.shape, reactor.dispatcher, 0..1, Runs::Free);
                }
                let runs = if visit.keeps { Runs::Keeps } else { Runs::OnWorker };
                self.work(visit, &reactor.shape, reactor.worker, 1..2, runs);
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
        if reactor.dispatcher > 0.0 {
            self.work(visit, &reactor.shape, reactor.dispatcher, 2..3, Runs::Free);
        }
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
                self.work(visit, &reactor.shape, reactor.worker, 4..5, runs);
            }
            (Bursts::Reactor { buffer_kib }, Calls::Sending) => {
                let reactor = reactor_bursts(visit, demand, buffer_kib);
                if reactor.dispatcher > 0.0 {
                    self.work(visit, &reactor.shape, reactor.dispatcher, 3..4, Runs::Free);
                }
                self.work(visit, &reactor.shape, reactor.worker, 4..5, Runs::OnWorker);
                if reactor.dispatcher > 0.0 {
                    self.work(visit, &reactor.shape, reactor.dispatcher, 5..6, Runs::Free);
                }
            }
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
        let mean = demand.mean_seconds(visit.size_kib) * 1e9 / f64::from(bursts);
        let runs = if keeps { Runs::Keeps } else { Runs::OnWorker };
        self.work(visit, &demand.shape, mean, part, runs);
    }

    fn work(
        &mut self,
        visit: &Visit<'_>,
        shape: &Shape,
        mean_nanos: f64,
        part: Range<u8>,
        runs: Runs,
    ) {
        let burst = self.network.scaled(shape, mean_nanos);
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
            Some(AllocationBudget::Young { .. }) => demand.allocates.at(visit.size_kib) * KIB / MIB,
            Some(AllocationBudget::Requests(_)) => 1.0,
            None => 0.0,
        };
        whole * self.share(visit, mean_nanos)
    }

    /// What a burst of this mean is of its visit.
    fn share(&self, visit: &Visit<'_>, mean_nanos: f64) -> f64 {
        let profile = self.profile(visit.cluster);
        let demand = profile.demands.get(visit.demand);
        let demand_nanos = demand.map_or(0.0, |demand| demand.mean_seconds(visit.size_kib) * 1e9);
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
            self.memory[visit.depth] = Memory {
                retains: (demand.retains.at(visit.size_kib) * KIB) as f32 as u64,
                message: (visit.size_kib * KIB) as u64,
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

/// A demand where dispatchers and workers share it.
struct Reactor {
    /// Of one burst; a message that does not fit into a buffer is handled in several pieces.
    shape: Shape,
    /// Mean of a burst on a dispatcher, nanoseconds.
    dispatcher: f64,
    /// Mean of a burst on a worker, nanoseconds.
    worker: f64,
}

/// A dispatcher reads, a worker mediates, a dispatcher writes. Half of the demand is for a call that
/// is sent, and half for its answer; for a call that is waited for, the worker's part alone is halved.
/// What runs inside another visit needs no dispatcher.
fn reactor_bursts(visit: &Visit<'_>, demand: &Demand, buffer_kib: f64) -> Reactor {
    let whole = demand.mean_seconds(visit.size_kib) * 1e9;
    let on_worker = if visit.inside { whole } else { demand.worker_seconds(visit.size_kib) * 1e9 };
    let on_dispatcher = whole - on_worker;
    let (dispatcher, worker) = match visit.calls {
        Calls::Nobody => (on_dispatcher / 2.0, on_worker),
        Calls::Sending => (on_dispatcher / 4.0, on_worker / 2.0),
        Calls::Waiting => (on_dispatcher / 2.0, on_worker / 2.0),
    };
    let pieces = (visit.size_kib / buffer_kib).ceil().max(1.0);
    Reactor { shape: demand.shape.sum_of(pieces), dispatcher, worker }
}
