//! What makes a node stop or slow down: garbage collection, stalls, a cold start.

use crate::time::SimDuration;

/// Stop-the-world garbage collection: all cores of the node stop for the pause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GarbageCollection {
    /// What may be allocated until the next pause.
    pub budget: AllocationBudget,
    /// Mean pause of an idle node.
    pub pause: SimDuration,
    /// Coefficient of variation of a pause (lognormal).
    pub cv: f64,
    /// Added to the mean pause for each request in flight on the node.
    pub per_in_flight: SimDuration,
    /// Added to the mean pause for each MiB that the requests in flight retain.
    pub per_live_mib: SimDuration,
    /// Collections of the whole heap; none: there are none.
    pub full: Option<FullCollection>,
    /// Threads that share the work of a pause; none: pauses do not depend on the cores.
    pub threads: Option<f64>,
}

/// Threads of the JVM's parallel collector: one per core up to 8, then 5 for each 8 more
/// (`ParallelGCThreads`; Oracle, Java Virtual Machine Garbage Collection Tuning Guide).
pub fn collector_threads(cores: f64) -> f64 {
    let cores = cores.max(1.0);
    cores.min(8.0) + (cores - 8.0).max(0.0) * 5.0 / 8.0
}

impl GarbageCollection {
    /// The same work of the collector on so many cores: with twice the threads, pauses are half as
    /// long.
    #[must_use]
    pub fn with_cores(self, cores: f64) -> Self {
        let Some(before) = self.threads else { return self };
        let threads = collector_threads(cores);
        let scaled = |time: SimDuration| SimDuration((time.as_nanos() * before / threads) as u64);
        Self {
            pause: scaled(self.pause),
            per_in_flight: scaled(self.per_in_flight),
            per_live_mib: scaled(self.per_live_mib),
            full: self.full.map(|full| FullCollection { pause: scaled(full.pause), ..full }),
            threads: Some(threads),
            ..self
        }
    }
}

/// What a node may allocate from one pause to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AllocationBudget {
    /// So many requests, at least 1.
    Requests(f64),
    /// The young generation: a share of the heap that is not alive, and at least [`LEAST_YOUNG`] of
    /// the heap. G1 sizes it so, within `G1NewSizePercent` and `G1MaxNewSizePercent`.
    Young {
        /// The heap, MiB.
        heap_mib: f64,
        /// What of it is always alive, MiB.
        resident_mib: f64,
        /// The share of the rest that the young generation takes, above 0 and at most 1.
        share: f64,
        /// What the node allocates each second without any request, MiB.
        background_mib: f64,
    },
}

/// The smallest young generation, as a share of the heap: `G1NewSizePercent` is 5 by default (Oracle,
/// Garbage-First Garbage Collector Tuning).
pub const LEAST_YOUNG: f64 = 0.05;

impl AllocationBudget {
    /// What is allocated each second without any request, MiB.
    pub fn background_mib(self) -> f64 {
        match self {
            Self::Requests(_) => 0.0,
            Self::Young { background_mib, .. } => background_mib,
        }
    }

    /// What may be allocated while requests retain `live_mib`: requests, or MiB.
    pub fn amount(self, live_mib: f64) -> f64 {
        match self {
            Self::Requests(requests) => requests,
            Self::Young { heap_mib, resident_mib, share, .. } => {
                (share * (heap_mib - resident_mib - live_mib)).max(LEAST_YOUNG * heap_mib)
            }
        }
    }
}

/// A collection of the whole heap, in place of an ordinary pause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FullCollection {
    /// One of so many pauses is one, at least 1.
    pub every: f64,
    /// Its mean.
    pub pause: SimDuration,
    /// Its coefficient of variation (lognormal).
    pub cv: f64,
}

/// All cores stop for a while after so much work, which no garbage collection log shows: safepoints,
/// time stolen by the hypervisor or withheld by a CPU quota and, in a load test, pauses of the load
/// generator and of the backend, which the clients see as well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stalls {
    /// One stall after so much work, core-time above 0.
    pub every: SimDuration,
    /// Its mean.
    pub pause: SimDuration,
    /// Its coefficient of variation (lognormal).
    pub cv: f64,
}

/// Demands of a freshly started JVM are multiplied by `1 + (factor - 1) exp(-age / decay)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColdStart {
    /// Multiplier of the first demand, 1 or above.
    pub factor: f64,
    /// Time in which the excess falls to 1/e.
    pub decay: SimDuration,
}
