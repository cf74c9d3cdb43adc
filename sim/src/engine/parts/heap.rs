//! The heap of a node: what is allocated and what is alive on it, and so when it is collected, for how
//! long, and how much slower a crowded node works.

use super::super::marks::{Mark, reached};
use crate::network::{GarbageCollection, MIB, Memory, Network, Station};
use crate::random::Stream;
use crate::time::SimDuration;

/// What a node allocates without requests, it allocates in steps of so much time.
pub(crate) const BACKGROUND_STEP: SimDuration = SimDuration(100_000_000);

/// The heap of a node.
#[derive(Clone, Debug)]
pub(crate) struct Heap {
    gc: Option<GarbageCollection>,
    /// Requests or MiB since the last collection.
    allocated: f64,
    collections: u64,
    stream: Stream,
    /// What the requests in flight keep alive, bytes.
    live: u64,
    /// Bytes of the messages in flight.
    messages: u64,
    /// Bytes at which demands have doubled.
    crowding: Option<f64>,
}

impl Heap {
    /// Nodes have not all been started at the same instant: a part of the first budget is used up.
    pub(crate) fn new(station: &Station, stream: Stream) -> Self {
        let budget = station.gc.map_or(0.0, |gc| gc.budget.amount(0.0));
        Self {
            gc: station.gc,
            allocated: budget * stream.uniform(0),
            collections: 0,
            stream,
            live: 0,
            messages: 0,
            crowding: station.crowding,
        }
    }

    /// So many requests or MiB are allocated. Returns whether the budget is used up, so that the node
    /// stops for [`Self::collect`].
    #[inline]
    pub(crate) fn allocate(&mut self, amount: f64) -> bool {
        let Some(gc) = self.gc else { return false };
        self.allocated += amount;
        let budget = gc.budget.amount(self.live as f64 / MIB);
        let is_full = self.allocated >= budget;
        if is_full {
            self.allocated = (self.allocated - budget).min(budget);
        }
        is_full
    }

    /// Collects with so many requests in flight. Returns for how long, nanoseconds.
    pub(crate) fn collect(&mut self, network: &Network, station: &Station, in_flight: u32) -> f64 {
        let Some(gc) = self.gc else { return 0.0 };
        self.collections += 1;
        let bits = self.stream.draw(self.collections);
        let draw = |table: u16| network.tables[usize::from(table)].sample(bits);
        let is_full = gc.full.is_some_and(|full| {
            let so_far = |collections: u64| (collections as f64 / full.every).floor();
            so_far(self.collections) > so_far(self.collections - 1)
        });
        if is_full {
            reached(Mark::CollectsAll);
            return draw(station.full_pause.table) * station.full_pause.mean_nanos;
        }
        let mean = gc.pause.as_nanos()
            + gc.per_in_flight.as_nanos() * f64::from(in_flight)
            + gc.per_live_mib.as_nanos() * (self.live as f64 / MIB);
        draw(station.pause.table) * mean
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
    }

    /// It no longer does.
    #[inline]
    pub(crate) fn free(&mut self, bytes: u64) {
        self.live -= bytes;
    }

    /// By what demands are multiplied where requests crowd.
    #[inline]
    pub(crate) fn crowding(&self) -> f64 {
        // By way of a signed number the conversion is one instruction.
        let held = || (self.messages + self.live) as i64 as f64;
        self.crowding.map_or(1.0, |doubled| 1.0 + held() / doubled)
    }
}
