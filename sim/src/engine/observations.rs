//! What one replication saw of flows, clusters and requests, as plain numbers.

mod attributed;

use serde::{Deserialize, Serialize};

pub use attributed::{Alike, Attributed, Part, Place};

use crate::cause::{Cause, PerCause};
use crate::stats::{Batches, Histogram};
use crate::time::SimDuration;

/// What happened to the requests of a flow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowObservations {
    /// Requests that arrived in the window.
    pub arrivals: u64,
    /// Requests answered correctly in the window.
    pub answered: u64,
    /// Requests that ended in an error in the window, by cause.
    pub failed: PerCause<u64>,
    /// Attempts after the first, in the window.
    pub retries: u64,
    /// Attempts answered in the window whose clients had given up.
    pub wasted: u64,
    /// Requests admitted in the window beyond the limit of their rate.
    pub over_limit: u64,
    /// Requests in the window whose token the cache of a node did not hold.
    pub token_misses: u64,
    /// The most of them in one second of the window.
    pub token_herd: u64,
    /// Tokens that their owners renewed in the window.
    pub token_renewals: u64,
    /// Requests answered in the window after an attempt of theirs had failed.
    pub late: u64,
    /// Requests that nodes which took over in the window did again.
    pub replayed: u64,
    /// Requests that they should have done again and had not heard of.
    pub forgotten: u64,
    /// Sojourn times of those answered.
    pub sojourn: Histogram,
    /// The same in the order of the answers, for how they come in clusters.
    pub batches: Batches,
    /// Sum of their sojourn times, seconds.
    pub sojourn_sum: f64,
    /// Sum of their squares, square seconds.
    pub sojourn_squares: f64,
    /// Mean number of requests in the system.
    pub in_system: f64,
    /// The same counts over the whole replication, for the conservation of requests.
    pub whole: Conservation,
    /// One per second of the window, where asked for; it is kept pooled over replications.
    pub timeline: Vec<SecondObservations>,
}

impl FlowObservations {
    /// Requests that ended in an error in the window.
    pub fn failures(&self) -> u64 {
        self.failed.total()
    }

    /// Requests that ended in the window.
    pub fn ended(&self) -> u64 {
        self.answered + self.failures()
    }
}

/// One request from the client's side, all its attempts together. Times count from the start of the
/// window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// When its first attempt began.
    pub began: SimDuration,
    /// When it was answered or given up.
    pub ended: SimDuration,
    /// Number within its flow; under closed arrivals, modulo the number of users, the user.
    pub number: u32,
    /// Index of its flow.
    pub flow: u16,
    /// Why it ended without its answer; none where it was answered.
    pub failed: Option<Cause>,
}

/// Where all requests of a flow are, counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conservation {
    /// Arrived since the start of the replication.
    pub arrived: u64,
    /// Answered.
    pub answered: u64,
    /// Ended in an error.
    pub failed: u64,
    /// Found in queues and on nodes at the end.
    pub in_flight: u64,
}

/// One second of a flow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondObservations {
    /// Requests answered correctly.
    pub answered: u64,
    /// Requests that ended in an error, by cause.
    pub failed: PerCause<u64>,
    /// Attempts answered whose clients had given up.
    pub wasted: u64,
    /// Sojourn times of those answered.
    pub sojourn: Histogram,
}

impl SecondObservations {
    /// Adds the same second of another replication.
    pub fn merge(&mut self, other: &Self) {
        self.answered += other.answered;
        self.failed.merge(&other.failed);
        self.wasted += other.wasted;
        self.sojourn.merge(&other.sojourn);
    }
}

/// Garbage collections, as a log of them counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collections {
    /// Pauses, those at the end of a marking included.
    pub pauses: u64,
    /// Those of them after which the young generation was empty.
    pub young: u64,
    /// What had been allocated before these since the pause before each, MiB; requests, where nothing is said of a
    /// heap.
    pub eden: f64,
    /// Collections of the whole heap.
    pub whole: u64,
    /// Processes that ended because what was alive did not fit.
    pub out_of_memory: u64,
}

impl Collections {
    /// What has come since there were so many.
    #[must_use]
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            pauses: self.pauses - before.pauses,
            young: self.young - before.young,
            eden: self.eden - before.eden,
            whole: self.whole - before.whole,
            out_of_memory: self.out_of_memory - before.out_of_memory,
        }
    }

    /// Adds those of others.
    pub(crate) fn add(&mut self, others: &Self) {
        self.pauses += others.pauses;
        self.young += others.young;
        self.eden += others.eden;
        self.whole += others.whole;
        self.out_of_memory += others.out_of_memory;
    }
}

/// What the nodes of a cluster did in the window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterObservations {
    /// Busy share of all cores.
    pub utilisation: f64,
    /// Share of node time in garbage-collection pauses.
    pub gc_share: f64,
    /// Share of node time in stalls.
    pub stall_share: f64,
    /// Garbage collections of its nodes.
    pub collections: Collections,
    /// Mean number of requests in flight in the cluster.
    pub in_flight: f64,
    /// Most requests in flight on one node.
    pub peak_in_flight: u32,
    /// Mean number of workers that hold a burst, per node.
    pub workers_busy: f64,
    /// Requests in flight in the cluster when the window began, and at its end.
    pub in_flight_at: [u64; 2],
    /// Requests that were sent to a node.
    pub entered: u64,
    /// Requests that left the cluster with its answer.
    pub completed: u64,
    /// Requests that left the cluster without its answer, those rejected included.
    pub failed: u64,
    /// Requests rejected by a full queue.
    pub rejected: u64,
    /// Crashes.
    pub crashes: u64,
    /// Share of node time in which a node was up.
    pub up_share: f64,
}

impl ClusterObservations {
    /// Share of core-time that is not idle: all cores of a node stop at once, so that work and stops
    /// add up.
    pub fn occupied_share(&self) -> f64 {
        self.utilisation + self.gc_share + self.stall_share
    }
}
