//! A station: like nodes behind one balancer, as the engine sees a cluster.

use super::{
    Balancing, ColdStart, Container, Fetch, GarbageCollection, Lots, Probing, RandomFailure,
    Restart, Stalls, Standby, TokenCache, Variate,
};
use crate::time::SimDuration;

/// A cluster as the engine sees it: like nodes behind one balancer.
#[derive(Clone, Debug)]
pub struct Station {
    /// Index of its first node; the nodes of a cluster are neighbours.
    pub first_node: usize,
    /// Number of nodes, those included that are not there at the start.
    pub nodes: usize,
    /// So many of them, the last ones, are absent at the start: each comes when an operator starts it.
    pub absent: usize,
    /// Zones over which they are spread in order, at least 1.
    pub zones: usize,
    /// Cores of a node.
    pub cores: f64,
    /// How many bursts that need a worker may be in service on a node at once.
    pub in_service_limit: u32,
    /// Workers of a node. Those that wait with a request are not in service.
    pub workers: u32,
    /// A new request is turned away by a node on which so many hold a worker or wait for one.
    pub places: u32,
    /// Connections of a node, by [`Pool`](super::Pool).
    pub connections: [u32; 2],
    /// How many calls the database that the nodes share serves at once; none: any number.
    pub database_limit: Option<u32>,
    /// How requests reach its nodes.
    pub balancing: Balancing,
    /// The memory that a process has, where its heap is not all that counts.
    pub container: Option<Container>,
    /// Garbage collection.
    pub gc: Option<GarbageCollection>,
    /// Shape of a pause.
    pub pause: Variate,
    /// A collection of the whole heap.
    pub full_pause: Variate,
    /// Stops that are no garbage collection.
    pub stalls: Option<Stalls>,
    /// Such a stop.
    pub stall: Variate,
    /// Bytes of messages in flight and of what is retained for them at which demands have doubled.
    pub crowding: Option<f64>,
    /// How its nodes fail at random, each kind at most once.
    pub failures: Vec<RandomFailure>,
    /// When they are restarted.
    pub restart: Option<Restart>,
    /// How all nodes but one stand by; none: all serve.
    pub standby: Option<Standby>,
    /// The cache of tokens of each node; none: nothing is cached.
    pub token_cache: Option<TokenCache>,
    /// How many tokens there are for its nodes to know.
    pub tokens: u32,
    /// The probes by which its processes live or die.
    pub probing: Probing,
    /// Start-up time.
    pub start_up: Variate,
    /// Whether a process that starts ends while the database is out, and has to start again.
    pub starts_with_database: bool,
    /// What a process has to fetch after its start-up; none: nothing.
    pub fetch: Option<Fetch>,
    /// What it fetches when it is asked for; none: nothing.
    pub lots: Option<Lots>,
    /// Extra demand after a start.
    pub cold_start: Option<ColdStart>,
}

impl Station {
    /// After so long a process that ended as it started is started again: what Kubernetes waits first.
    pub(crate) const STARTS_AGAIN_AFTER: SimDuration = SimDuration(10_000_000_000);

    /// Whether its processes may run out of memory, so that they end by themselves.
    pub(crate) fn may_run_out_of_memory(&self) -> bool {
        self.gc.is_some_and(|gc| gc.heap().is_some())
    }

    /// From the start of a process until it serves, whatever it is asked for, seconds on average, while nobody else
    /// fetches.
    pub(crate) fn until_it_serves(&self) -> f64 {
        let fetches = self.fetch.map_or(0.0, |fetch| fetch.takes.as_seconds());
        let lots = self.lots.iter().flat_map(|lots| &lots.all);
        let when_asked: f64 = lots.map(|lot| lot.takes.as_seconds()).sum();
        self.start_up.mean_nanos * 1e-9 + fetches + when_asked
    }

    /// Whether the node at this place in the cluster is absent at the start.
    pub(crate) fn is_absent(&self, member: usize) -> bool {
        member + self.absent >= self.nodes
    }

    /// Whether its cores are shared by more bursts than there are.
    pub(crate) fn shares_cores(&self) -> bool {
        f64::from(self.in_service_limit) > self.cores
    }
}
