//! The calibrated behaviour of a kind of node.

use std::collections::BTreeMap;

use crate::network::{ColdStart, GarbageCollection, Stalls};
use crate::random::{Law, Shape};
use crate::time::SimDuration;

/// The behaviour of a kind of node: one JVM on one machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Name of the profile.
    pub name: String,
    /// CPU cores, above 0; a container may have a fraction.
    pub cores: f64,
    /// Worker threads, at least 1; one is held while a burst runs and while the request waits for a
    /// key manager or the database, and not while a backend answers.
    pub workers: u32,
    /// How many new requests may wait for a worker; none: any number. What does not fit is rejected.
    pub queue: Option<u32>,
    /// How the demand of a request is cut into bursts.
    pub bursts: Bursts,
    /// How bursts share the cores.
    pub discipline: Discipline,
    /// Network delay to a node of this profile, each way.
    pub hop: Law,
    /// CPU demand of each operation, by name.
    pub demands: BTreeMap<String, Demand>,
    /// Stop-the-world garbage collection; none: no pauses.
    pub gc: Option<GarbageCollection>,
    /// Stops that come with work and that no garbage collector reports; none: there are none.
    pub stalls: Option<Stalls>,
    /// Memory of messages in flight on a node, and of what is retained for those that a worker has
    /// begun with, at which its demands have doubled, MiB: caches and buffers hold less and less of
    /// it. None: demands do not grow.
    pub crowding_mib: Option<f64>,
    /// The database behind requests for tokens and portal pages; none: none is called.
    pub database: Option<Database>,
    /// Work that a request that makes a token brings to each other node of its cluster, as a share of
    /// its own demand: what it changes is made known there. 0: nodes know nothing of one another.
    pub replication: f64,
    /// Mean up time of a node between crashes (exponential); none: nodes do not crash.
    pub mtbf: Option<SimDuration>,
    /// Mean time from a crash until the node is started again (exponential), start-up not included.
    pub mttr: SimDuration,
    /// Time from the start of the process until it answers.
    pub start_up: Law,
    /// What a freshly started JVM costs more; none: nothing.
    pub cold_start: Option<ColdStart>,
    /// Standard error of its demands as a share of them, all in the same direction, where they were fitted
    /// to measurements; none where nobody stated it. Nothing is simulated with it.
    pub demand_error: Option<f64>,
    /// Price of a node per hour, in the user's currency.
    pub price_per_hour: f64,
}

/// A database that the nodes of a cluster share.
#[derive(Clone, Debug, PartialEq)]
pub struct Database {
    /// How long it takes to answer all calls of a request, once it serves them.
    pub delay: Law,
    /// Connections of a node: so many of its calls are under way at once, at least 1; the others wait
    /// for one, first come, first served.
    pub pool: u32,
    /// How many calls of all nodes it serves at once, at least 1, first come, first served; none: all.
    pub at_once: Option<u32>,
}

/// Connections to the database where nothing is stated: `maxActive` of `apim_db` (WSO2 carbon-apimgt,
/// `org.wso2.carbon.apimgt.core.default.json`).
pub const DATABASE_POOL: u32 = 50;

impl Database {
    /// A database that answers after this delay, however many ask, over the usual connections.
    pub fn answering_after(delay: Law) -> Self {
        Self { delay, pool: DATABASE_POOL, at_once: None }
    }
}

/// How the demand of a request is cut into bursts, each drawn on its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bursts {
    /// So many bursts of equal mean, 1..=64, each of which needs a worker. On a node that calls on,
    /// the first half of them (rounded up) comes before the call.
    Equal(u8),
    /// A dispatcher reads, a worker mediates and a dispatcher writes, on the way to the call and again
    /// on the way back: the threads of WSO2's pass-through transport (wso2-synapse
    /// `transports/core/nhttp`, package `passthru`). Only the workers' bursts need a worker.
    Reactor {
        /// Size of an I/O buffer, KiB: a larger message is handled in so many pieces, whose demands
        /// are independent (`io_buffer_size` of the product: 16 KiB).
        buffer_kib: f64,
    },
}

/// CPU demand of one operation, in core-time: the law of a whole request has mean
/// `mean + per_kib × size`. Each of its bursts is drawn on its own with the shape's cv, so that the
/// cv of a whole in `n` equal bursts is cv / √n.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    /// Mean for an empty message.
    pub mean: SimDuration,
    /// Added per KiB of message.
    pub per_kib: SimDuration,
    /// Shape of the law of one burst.
    pub shape: Shape,
    /// Share of `mean` that runs on workers where dispatchers do the rest, 0..=1.
    pub on_workers: f64,
    /// Share of `per_kib` that runs on workers, 0..=1.
    pub per_kib_on_workers: f64,
    /// What a request allocates on the heap until it is answered, KiB.
    pub allocates: PerSize,
    /// What of it is alive as long as the request is in flight, KiB.
    pub retains: PerSize,
}

/// A quantity that grows with the size of the message.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PerSize {
    /// For an empty message.
    pub base: f64,
    /// Added per KiB of message.
    pub per_kib: f64,
}

impl PerSize {
    /// For a message of `size_kib`.
    pub fn at(self, size_kib: f64) -> f64 {
        self.base + self.per_kib * size_kib
    }
}

impl Demand {
    /// A demand of one mean and shape, whatever the size, all on workers, that allocates nothing.
    pub fn plain(mean: SimDuration, shape: Shape) -> Self {
        Self {
            mean,
            per_kib: SimDuration::ZERO,
            shape,
            on_workers: 1.0,
            per_kib_on_workers: 1.0,
            allocates: PerSize::default(),
            retains: PerSize::default(),
        }
    }

    /// Mean demand of a request of `size_kib`, in seconds of one core.
    pub fn mean_seconds(&self, size_kib: f64) -> f64 {
        self.mean.as_seconds() + self.per_kib.as_seconds() * size_kib
    }

    /// The part of the mean demand of a request of `size_kib` that runs on workers, in seconds.
    pub fn worker_seconds(&self, size_kib: f64) -> f64 {
        self.mean.as_seconds() * self.on_workers
            + self.per_kib.as_seconds() * self.per_kib_on_workers * size_kib
    }
}

/// How bursts share the cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discipline {
    /// `n` bursts in service progress at rate min(1, cores / n) each.
    ProcessorSharing,
    /// Each burst has a core to itself, in order of arrival.
    FirstComeFirstServed,
}

impl Profile {
    /// The same node with so many cores.
    #[must_use]
    pub fn with_cores(self, cores: f64) -> Self {
        Self { cores, gc: self.gc.map(|gc| gc.with_cores(cores)), ..self }
    }

    /// A node that only works: processor sharing, one burst, 400 workers with an unbounded queue; no
    /// network, no garbage collection, no crashes, no price. Its demands are still to be given.
    pub fn plain(name: &str, cores: f64) -> Self {
        Self {
            name: name.to_owned(),
            cores,
            workers: 400,
            queue: None,
            bursts: Bursts::Equal(1),
            discipline: Discipline::ProcessorSharing,
            hop: Law::constant(SimDuration::ZERO),
            demands: BTreeMap::new(),
            gc: None,
            stalls: None,
            crowding_mib: None,
            database: None,
            replication: 0.0,
            mtbf: None,
            mttr: SimDuration::from_seconds(120.0),
            start_up: Law::constant(SimDuration::ZERO),
            cold_start: None,
            demand_error: None,
            price_per_hour: 0.0,
        }
    }
}
