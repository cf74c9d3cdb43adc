//! A flat queueing network: clusters, nodes and routes as arrays. All that the engine knows.

use crate::deployment::{Arrivals, Cluster, ColdStart, GarbageCollection, HealthCheck, Policy};
use crate::deployment::{Retries, Runtime, Stalls};
use crate::random::{Law, QuantileTable, Shape};
use crate::time::SimDuration;

/// Routes of flows through clusters of nodes.
#[derive(Clone, Debug)]
pub struct Network {
    /// The clusters, in the order of the deployment.
    pub clusters: Vec<Station>,
    /// The flows, in the order of the scenario.
    pub flows: Vec<Source>,
    /// The users of flows with closed arrivals, in the order of these flows.
    pub crowds: Vec<Crowd>,
    /// The routes of all flows, one after the other.
    pub steps: Vec<Step>,
    /// One table per shape in use.
    pub tables: Vec<QuantileTable>,
    /// Index of the table of the exponential law, of which arrivals are made.
    pub exponential: u16,
    /// Which shape each table holds.
    shapes: Vec<Shape>,
}

/// A cluster as the engine sees it: like nodes behind one balancer.
#[derive(Clone, Debug)]
pub struct Station {
    /// Index of its first node; the nodes of a cluster are neighbours.
    pub first_node: usize,
    /// Number of nodes.
    pub nodes: usize,
    /// Cores of a node.
    pub cores: f64,
    /// How many bursts that need a worker may be in service on a node at once.
    pub in_service_limit: u32,
    /// Workers of a node. Those that wait with a request are not in service.
    pub workers: u32,
    /// A new request is turned away by a node on which so many hold a worker or wait for one.
    pub places: u32,
    /// Connections of a node, by [`Pool`].
    pub connections: [u32; 2],
    /// How many calls the database that the nodes share serves at once; none: any number.
    pub database_limit: Option<u32>,
    /// How the balancer chooses.
    pub policy: Policy,
    /// How the balancer learns of failures.
    pub health: HealthCheck,
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
    /// Mean up time.
    pub mtbf: Option<SimDuration>,
    /// Mean time until a crashed node is started again.
    pub mttr: SimDuration,
    /// Start-up time.
    pub start_up: Variate,
    /// Extra demand after a start.
    pub cold_start: Option<ColdStart>,
}

/// A flow as the engine sees it: where its requests come from and where they start.
#[derive(Clone, Debug)]
pub struct Source {
    /// How they arrive.
    pub arrivals: Arrivals,
    /// Index of the users who send its requests; none for open arrivals.
    pub crowd: Option<usize>,
    /// Think time of these users.
    pub think: Variate,
    /// First step of the route.
    pub first_step: u16,
    /// How long the client waits for one attempt.
    pub timeout: Option<SimDuration>,
    /// What the client does after a failed attempt.
    pub retries: Retries,
    /// What a request keeps alive on the nodes that it occupies, by depth.
    pub memory: [Memory; 2],
}

/// Users who each think, send a request, wait for its end, and think again.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// Their number.
    pub users: u32,
    /// The flows of their requests, each with the sum of its share and of those before; the last sum is 1.
    /// By chance, whatever came before: visit ratios alone decide in a product-form network (Baskett,
    /// Chandy, Muntz and Palacios, Journal of the ACM 22, 1975).
    pub flows: Vec<(usize, f64)>,
}

impl Crowd {
    /// The flow of a request, by a draw uniform in 0..1.
    pub fn flow_at(&self, uniform: f64) -> usize {
        let place = self.flows.partition_point(|(_, share)| *share <= uniform);
        self.flows[place.min(self.flows.len() - 1)].0
    }
}

/// What a request keeps alive on a node that it occupies.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// On the heap, once a worker has begun with it, bytes.
    pub retains: u64,
    /// Its message, wherever it waits, bytes.
    pub message: u64,
}

/// A law as the engine draws it: `mean_nanos` times a draw of the table.
#[derive(Clone, Copy, Debug)]
pub struct Variate {
    /// Index of the table of the shape.
    pub table: u16,
    /// The mean, in nanoseconds.
    pub mean_nanos: f64,
}

/// The place of a node in the chain of calls: 0 for the node that the client called, 1 for a node
/// that this one called.
pub type Depth = usize;

/// One step of a route. A request goes through its steps in order; a step that takes time ends with
/// an event.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// A new attempt begins: the client's timeout starts.
    Attempt,
    /// The balancer of a cluster chooses a node.
    Enter {
        /// The cluster.
        cluster: u16,
        /// The place in the chain of calls that the node takes.
        depth: Depth,
        /// Whether the same user always gets the same node.
        sticky: bool,
    },
    /// Bursts on the node at `depth`, one after the other.
    Work {
        /// The node.
        depth: Depth,
        /// Law of one burst.
        burst: Variate,
        /// Number of the first burst.
        first: u8,
        /// Number of the last burst plus one.
        end: u8,
        /// What the demand is drawn for.
        need: Need,
        /// Whether each burst needs a worker.
        on_worker: bool,
        /// Whether this is the first work of a request on the node, so that it can be rejected.
        admission: bool,
        /// What each burst has allocated when it is complete, in what the node's budget counts: MiB
        /// or, with its part of the demand, requests.
        allocates: f64,
        /// Whether the request keeps its worker after the last burst: while it waits, and until its
        /// next burst on a worker there or [`Step::FreeWorker`].
        keeps: bool,
    },
    /// Time passes elsewhere: network, backend, database.
    Delay {
        /// Law of the delay.
        delay: Variate,
        /// What it is drawn for.
        need: Need,
    },
    /// Goes on at `to` unless a draw falls into `share`.
    SkipUnless {
        /// Probability that the next step is taken.
        share: f64,
        /// The step to go on with otherwise.
        to: u16,
    },
    /// Gives the worker back that the request keeps on the node at `depth`, if it does.
    FreeWorker {
        /// The node.
        depth: Depth,
    },
    /// Waits for one of the connections of the node at `depth`, first come, first served.
    Connect {
        /// The node.
        depth: Depth,
        /// Which of its connections.
        pool: Pool,
    },
    /// Gives it back.
    Disconnect {
        /// The node.
        depth: Depth,
        /// Which of its connections.
        pool: Pool,
    },
    /// Waits until the database that the nodes of a cluster share serves the call of the node at
    /// `depth`, first come, first served.
    Call {
        /// The node.
        depth: Depth,
    },
    /// The database has served it.
    Return {
        /// The node.
        depth: Depth,
    },
    /// Sends one asynchronous event to each other node of a cluster; a node's own event is part of the
    /// demand that was measured of it.
    Publish {
        /// The cluster.
        cluster: u16,
        /// First step of the event.
        first_step: u16,
    },
    /// The node at `depth` has answered.
    Leave {
        /// The node.
        depth: Depth,
    },
    /// The client has its answer.
    Answer,
    /// An asynchronous event has been dealt with.
    Discard,
}

/// Connections of a node, of which so many calls may be under way at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Pool {
    /// To the key managers.
    KeyManager = 0,
    /// To the database.
    Database,
}

/// How many key-manager connections a node has: `default_max_per_route` of its HTTP client pool
/// (WSO2 carbon-apimgt, `org.wso2.carbon.apimgt.core.default.json`).
const KEY_MANAGER_CONNECTIONS: u32 = 50;

/// What a request draws a number for. The same request draws the same numbers for the same needs in
/// every deployment, whatever its route there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Need {
    /// Demand at the gateway.
    Gateway = 0,
    /// Demand of a token check or a token request.
    KeyManager,
    /// Demand of an asynchronous event.
    TrafficManager,
    /// Demand of a portal page.
    Portal,
    /// Demand of a mediation.
    MicroIntegrator,
    /// Demand of a stream event.
    StreamingIntegrator,
    /// Delay of the backend.
    Backend,
    /// Delay of the database.
    Database,
    /// Network to the node at depth 0 and back, at depth 1 and back, of an event.
    HopIn,
    /// See [`Need::HopIn`].
    HopOut,
    /// See [`Need::HopIn`].
    InnerHopIn,
    /// See [`Need::HopIn`].
    InnerHopOut,
    /// See [`Need::HopIn`].
    EventHop,
    /// Whether the gateway's cache misses.
    CacheMiss,
    /// Jitter of the wait before a retry.
    BackOff,
    /// Which session an open request belongs to.
    Session,
    /// Think time.
    Think,
    /// Which flow of their users' it belongs to.
    Flow,
    /// Work that a request brings to the other nodes of its cluster.
    Replication,
}

impl Need {
    /// The need of a runtime's work.
    pub fn of(runtime: Runtime) -> Self {
        match runtime {
            Runtime::MicroIntegrator => Self::MicroIntegrator,
            Runtime::StreamingIntegrator => Self::StreamingIntegrator,
        }
    }
}

impl Network {
    /// A network of nothing.
    pub fn empty() -> Self {
        let mut network = Self {
            clusters: Vec::new(),
            flows: Vec::new(),
            crowds: Vec::new(),
            steps: Vec::new(),
            tables: Vec::new(),
            exponential: 0,
            shapes: Vec::new(),
        };
        network.exponential = network.scaled(&Shape::Exponential, 1.0).table;
        network
    }

    /// Number of nodes in all.
    pub fn nodes(&self) -> usize {
        self.clusters.last().map_or(0, |last| last.first_node + last.nodes)
    }

    /// Compiles a law, sharing the table of a shape that is there already.
    pub fn variate(&mut self, law: &Law) -> Variate {
        self.scaled(&law.shape, law.mean.as_nanos())
    }

    /// As [`Self::variate`], for a shape and a mean in nanoseconds.
    pub fn scaled(&mut self, shape: &Shape, mean_nanos: f64) -> Variate {
        let known = self.shapes.iter().position(|other| other == shape);
        let table = known.unwrap_or_else(|| {
            self.shapes.push(shape.clone());
            self.tables.push(QuantileTable::new(shape));
            self.shapes.len() - 1
        });
        Variate { table: table as u16, mean_nanos }
    }

    /// Adds a cluster.
    pub fn add_cluster(&mut self, cluster: &Cluster) {
        let profile = &cluster.profile;
        let in_service_limit = match profile.discipline {
            crate::deployment::Discipline::ProcessorSharing => profile.workers,
            crate::deployment::Discipline::FirstComeFirstServed => {
                profile.workers.min(profile.cores.ceil() as u32)
            }
        };
        let database = profile.database.as_ref();
        let database_connections = database.map_or(0, |database| database.pool);
        let full = profile.gc.and_then(|gc| gc.full);
        let full_nanos = full.map_or(0.0, |full| full.pause.as_nanos());
        let stall_nanos = profile.stalls.map_or(0.0, |stalls| stalls.pause.as_nanos());
        let station = Station {
            first_node: self.nodes(),
            nodes: cluster.nodes as usize,
            cores: profile.cores,
            in_service_limit,
            workers: profile.workers,
            places: profile.queue.map_or(u32::MAX, |queue| queue.saturating_add(profile.workers)),
            connections: [KEY_MANAGER_CONNECTIONS, database_connections],
            database_limit: database.and_then(|database| database.at_once),
            policy: cluster.policy,
            health: cluster.health,
            gc: profile.gc,
            pause: self.scaled(&varying(profile.gc.map(|gc| gc.cv)), 1.0),
            full_pause: self.scaled(&varying(full.map(|full| full.cv)), full_nanos),
            stalls: profile.stalls,
            stall: self.scaled(&varying(profile.stalls.map(|stalls| stalls.cv)), stall_nanos),
            crowding: profile.crowding_mib.map(|mib| mib * MIB),
            mtbf: profile.mtbf,
            mttr: profile.mttr,
            start_up: self.variate(&profile.start_up),
            cold_start: profile.cold_start,
        };
        self.clusters.push(station);
    }
}

/// Bytes of a MiB.
pub(crate) const MIB: f64 = 1_048_576.0;

/// Lognormal of this cv; constant without one.
fn varying(cv: Option<f64>) -> Shape {
    match cv {
        Some(cv) if cv > 0.0 => Shape::Lognormal { cv },
        _ => Shape::Constant,
    }
}
