//! The heap of a node: what is allocated and what is alive on it, and so when it is collected, for how
//! long, and how much slower a crowded node works.

mod fixed;
mod forecast;
mod generational;
mod parallel;
mod survivors;
#[cfg(test)]
mod tests;

use super::super::Collections;
use super::super::marks::{Mark, reached};
use crate::network::{
    AllocationBudget, Container, GarbageCollection, Generations, MIB, Memory, Network, Station,
};
use crate::random::Stream;
use crate::time::SimDuration;
use generational::{Alive, Generational};

/// What a node allocates without requests, it allocates in steps of so much time.
pub(crate) const BACKGROUND_STEP: SimDuration = SimDuration(100_000_000);

/// The heap of a node.
#[derive(Clone, Debug)]
pub(crate) struct Heap {
    gc: Option<GarbageCollection>,
    /// Requests or MiB since the last collection, and how many of them there may be.
    allocated: f64,
    budget: f64,
    /// Numbers of what is drawn.
    draws: u64,
    collections: Collections,
    stream: Stream,
    /// What the requests in flight keep alive, bytes.
    live: u64,
    /// Bytes of the messages in flight.
    messages: u64,
    /// Bytes at which demands have doubled.
    crowding: Option<f64>,
    /// Where it is known how the heap is divided.
    generational: Option<Box<Generational>>,
    /// What has begun to be kept alive since the last pause, and what of that and of those before it
    /// still is, bytes.
    kept: u64,
    fresh: u64,
    aged: u64,
    /// When the last pause began, and when the oldest came that may be in the survivor space.
    since: u64,
    aged_since: u64,
    /// The memory that the heap shares with all else, what of it the heap has used at most, MiB, and since when.
    container: Option<Container>,
    used: f64,
    began: Option<u64>,
    /// For how long the first process had run when the replication began, seconds.
    age: f64,
    /// When the marking that runs is over, and the cores that it takes.
    marks_until: Option<u64>,
    marking_cores: f64,
}

/// What a node stops for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Collection {
    /// For how long, nanoseconds.
    pub(crate) nanos: f64,
    /// What is alive does not fit: the process ends then.
    pub(crate) is_fatal: bool,
    /// A marking has begun, or come to nothing.
    pub(crate) changes_cores: bool,
}

impl Heap {
    /// Nodes have not all been started at the same instant: a part of the first budget is used up.
    pub(crate) fn new(station: &Station, stream: Stream) -> Self {
        let heap = station.gc.and_then(|gc| gc.heap().copied());
        let used = stream.uniform(0);
        let container = station.container;
        let served = |heap| Box::new(Generational::new(heap, station.cores, Some(used)));
        let budget = station.gc.map_or(f64::INFINITY, |gc| gc.budget.calm(station.cores));
        Self {
            gc: station.gc,
            allocated: if station.gc.is_some() { budget * used } else { 0.0 },
            budget,
            draws: 0,
            collections: Collections::default(),
            stream,
            live: 0,
            messages: 0,
            crowding: station.crowding,
            generational: heap.map(served),
            kept: 0,
            fresh: 0,
            aged: 0,
            since: 0,
            aged_since: 0,
            container,
            used: 0.0,
            began: None,
            age: container.zip(heap).map_or(0.0, |(container, heap)| {
                // Anywhere in the life of a process that fills its heap.
                let lasts = container.lasts(heap.committed_mib());
                if lasts.is_finite() { used * lasts } else { lasts }
            }),
            marks_until: None,
            marking_cores: Generations::marking_cores(station.cores),
        }
    }

    /// A new process has taken the place of the one whose heap this was. What was in flight stays until it is let
    /// go.
    pub(crate) fn renew(&mut self, cores: f64) {
        self.marks_until = None;
        if let Some(heap) = self.gc.as_ref().and_then(GarbageCollection::heap) {
            let generational = Generational::new(*heap, cores, None);
            (self.allocated, self.budget) = (0.0, generational.eden);
            self.generational = Some(Box::new(generational));
            (self.used, self.began, self.age) = (0.0, None, 0.0);
            (self.kept, self.fresh, self.aged) = (0, 0, 0);
        }
    }

    /// So many requests or MiB are allocated. Returns whether the budget is used up, so that the node
    /// stops for [`Self::collect`].
    #[inline]
    pub(crate) fn allocate(&mut self, amount: f64) -> bool {
        self.allocated += amount;
        self.allocated >= self.budget
    }

    /// Collects at `now` with so many requests in flight.
    pub(crate) fn collect(
        &mut self,
        now: u64,
        network: &Network,
        station: &Station,
        in_flight: u32,
    ) -> Collection {
        let nothing = Collection { nanos: 0.0, is_fatal: false, changes_cores: false };
        let Some(gc) = self.gc else { return nothing };
        self.draws += 1;
        self.collections.pauses += 1;
        self.collections.young += 1;
        self.collections.eden += self.allocated;
        let bits = self.stream.draw(self.draws);
        let draw = |table: u16| network.tables[usize::from(table)].sample(bits);
        let fixed = gc.pause.as_nanos() + gc.per_in_flight.as_nanos() * f64::from(in_flight);
        match gc.budget {
            AllocationBudget::Requests(requests) => {
                self.allocated = (self.allocated - requests).min(requests);
                let is_full = gc.full.is_some_and(|full| {
                    let so_far = |collections: u64| (collections as f64 / full.every).floor();
                    so_far(self.draws) > so_far(self.draws - 1)
                });
                if !is_full {
                    return Collection { nanos: draw(station.pause.table) * fixed, ..nothing };
                }
                reached(Mark::CollectsAll);
                self.collections.whole += 1;
                let nanos = draw(station.full_pause.table) * station.full_pause.mean_nanos;
                Collection { nanos, ..nothing }
            }
            AllocationBudget::Young(heap) => {
                self.collect_young(now, &heap, fixed, draw(station.pause.table))
            }
        }
    }

    /// Collects a heap in generations; the pause varies by a factor.
    fn collect_young(
        &mut self,
        now: u64,
        heap: &Generations,
        fixed: f64,
        factor: f64,
    ) -> Collection {
        let alive = self.alive(heap);
        let allocated = self.allocated;
        let Some(generational) = &mut self.generational else { unreachable!("it is made with it") };
        self.used =
            self.used.max(generational.old + generational.survivors + allocated).min(heap.heap_mib);
        let mut pause = generational.collect(now, allocated, alive);
        let age = self.age + (now - *self.began.get_or_insert(now)) as f64 * 1e-9;
        if self.container.is_some_and(|container| self.used > container.room_mib(age)) {
            reached(Mark::OutgrowsContainer);
            pause.is_fatal = true;
        }
        let copying = heap.per_copied_mib.as_nanos() * pause.copied;
        let full = pause.compacted.map(|live| heap.full_per_live_mib.as_nanos() * live);
        let nanos = (fixed + copying + full.unwrap_or(0.0)) * factor;
        let (whole, ms) = (nanos * 1e-6, factor * 1e-6);
        let compacting = full.map(|full| if pause.is_whole { whole } else { full * ms });
        generational.took(now, whole, (copying * ms, compacting), pause.copied);
        self.allocated = (allocated - self.budget).max(0.0).min(generational.eden.max(0.0));
        self.budget = generational.eden;
        self.age(now, &pause);
        let had = self.marks_until;
        self.marks_until = match (pause.marking, had) {
            (Some(work), _) => Some(now + (nanos + work / self.marking_cores) as u64),
            (None, Some(until)) if full.is_none() => Some(until + nanos as u64),
            _ => None,
        };
        if full.is_some() {
            reached(Mark::CollectsAll);
            self.collections.pauses += u64::from(!pause.is_whole);
            self.collections.whole += 1;
        }
        self.collections.out_of_memory += u64::from(pause.is_fatal);
        let changes_cores = self.marks_until.is_some() != had.is_some();
        Collection { nanos, is_fatal: pause.is_fatal, changes_cores }
    }

    /// What is alive of what came when.
    fn alive(&mut self, heap: &Generations) -> Alive {
        let mib = |bytes: u64| bytes as f64 / MIB;
        self.fresh = self.fresh.min(self.live);
        self.aged = self.aged.min(self.live - self.fresh);
        Alive {
            all: heap.resident_mib + mib(self.live),
            fresh: mib(self.fresh),
            aged: mib(self.aged),
            kept: mib(self.kept),
        }
    }

    /// What came before the pause that begins at `now` is older after it.
    fn age(&mut self, now: u64, pause: &generational::Pause) {
        if pause.compacted.is_some() {
            (self.aged, self.aged_since) = (0, now);
        } else if pause.has_tenured {
            (self.aged, self.aged_since) = (self.fresh, self.since);
        } else {
            self.aged += self.fresh;
        }
        (self.fresh, self.kept, self.since) = (0, 0, now);
    }

    /// What has been collected since the start of the replication.
    pub(crate) fn collections(&self) -> &Collections {
        &self.collections
    }

    /// When the marking that runs is over, if none stops it before.
    pub(crate) fn marks_until(&self) -> Option<u64> {
        self.marks_until
    }

    /// Cores that are left of so many beside a marking.
    pub(crate) fn cores_beside_marking(&self, cores: f64) -> f64 {
        if self.marks_until.is_some() { cores - self.marking_cores } else { cores }
    }

    /// The node stops for something else, and the marking with it.
    pub(crate) fn delay_marking(&mut self, nanos: f64) {
        if let Some(until) = &mut self.marks_until {
            *until += nanos as u64;
        }
    }

    /// The marking is over, after a last look at what has changed (`Pause Remark`, `Pause Cleanup`). Returns for how
    /// long the node stops, nanoseconds.
    pub(crate) fn end_marking(&mut self, network: &Network, station: &Station) -> f64 {
        self.marks_until = None;
        self.collections.pauses += 2;
        self.draws += 1;
        if let Some(generational) = &mut self.generational {
            generational.end_marking();
        }
        let bits = self.stream.draw(self.draws);
        let factor = network.tables[usize::from(station.pause.table)].sample(bits);
        factor * self.gc.map_or(0.0, |gc| gc.pause.as_nanos())
    }

    /// What the node allocates in [`BACKGROUND_STEP`] without any request, MiB.
    pub(crate) fn background(&self) -> f64 {
        let each_second = self.gc.map_or(0.0, |gc| gc.budget.background_mib());
        each_second * BACKGROUND_STEP.as_seconds()
    }

    /// A request is sent to the node.
    #[inline]
    pub(crate) fn take_on(&mut self, memory: Memory) {
        self.messages += memory.message;
    }

    /// It is answered, or will never be.
    #[inline]
    pub(crate) fn let_go(&mut self, memory: Memory) {
        self.messages -= memory.message;
    }

    /// A request begins to keep so many bytes alive.
    #[inline]
    pub(crate) fn retain(&mut self, bytes: u64) {
        self.live += bytes;
        self.kept += bytes;
        self.fresh += bytes;
    }

    /// A request that arrived then no longer does.
    #[inline]
    pub(crate) fn free(&mut self, bytes: u64, arrived: u64) {
        self.live -= bytes;
        // Who arrived before a pause and kept something alive only after it is taken for older than it is: what
        // is fresh is then too much, and bounded by what is alive at all.
        if arrived >= self.since {
            self.fresh = self.fresh.saturating_sub(bytes);
        } else if arrived >= self.aged_since {
            self.aged = self.aged.saturating_sub(bytes);
        }
    }

    /// By what demands are multiplied where requests crowd.
    #[inline]
    pub(crate) fn crowding(&self) -> f64 {
        // By way of a signed number the conversion is one instruction.
        let held = || (self.messages + self.live) as i64 as f64;
        self.crowding.map_or(1.0, |doubled| 1.0 + held() / doubled)
    }
}
