//! A scenario: everything that one comparison of deployments needs to know.

use crate::deployment::{Cluster, Deployment, Flow};
pub use crate::deployment::{Goals, LatencyMetric};
pub use crate::network::{Failure, Number, Told};
use crate::time::SimDuration;

/// Flows, the deployments that shall carry them, goals, and how to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// What the reports are headed with.
    pub title: String,
    /// The question that the comparison answers; may be empty.
    pub question: String,
    /// At least one flow.
    pub flows: Vec<Flow>,
    /// At least one deployment.
    pub deployments: Vec<Deployment>,
    /// Scripted failures, in the order of the file.
    pub drills: Vec<Drill>,
    /// What every flow must reach that states nothing else.
    pub goals: Goals,
    /// Goals on latency and errors also hold with any so many nodes of one cluster down.
    pub survive: u32,
    /// The time over which availability is asked for, above 0.
    pub horizon: SimDuration,
    /// Whether it is asked how well tenants are kept apart.
    pub isolation: Option<Isolation>,
    /// How to run.
    pub run: RunSettings,
}

/// The horizon where nothing is stated: a year of 365 days.
pub const YEAR: SimDuration = SimDuration(365 * 86_400 * 1_000_000_000);

impl Scenario {
    /// Whether an availability is asked for.
    pub fn limits_availability(&self) -> bool {
        (0..self.flows.len()).any(|flow| self.goals_of(flow).availability.is_some())
    }

    /// Whether something is planned to happen in the window, so that it is worth a look second by second.
    pub fn is_eventful(&self) -> bool {
        let clusters = self.deployments.iter().flat_map(|deployment| &deployment.clusters);
        let mut restarts = clusters.filter_map(|cluster| cluster.restart);
        !self.drills.is_empty() || restarts.any(|restart| restart.at < self.run.window)
    }

    /// The tenants, in the order of their first flows.
    pub fn tenants(&self) -> Vec<&str> {
        let mut tenants: Vec<&str> = Vec::new();
        for flow in &self.flows {
            if !tenants.contains(&flow.tenant.as_str()) {
                tenants.push(&flow.tenant);
            }
        }
        tenants
    }

    /// What a flow must reach: its own goals, and those of every flow where it states none.
    pub fn goals_of(&self, flow: usize) -> Goals {
        self.flows.get(flow).map_or_else(|| self.goals.clone(), |flow| flow.goals.or(&self.goals))
    }
}

/// Every deployment is also simulated with the flows of each tenant alone, and with those of one tenant
/// coming more often.
#[derive(Clone, Debug, PartialEq)]
pub struct Isolation {
    /// The tenant that is noisy.
    pub noisy: String,
    /// How many times as often its requests come, at least 1.
    pub factor: f64,
}

impl Isolation {
    /// How many times as often they come where nothing is stated: a client that loops, or a campaign.
    pub const FACTOR: f64 = 10.0;
}

/// How to run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSettings {
    /// Observed time per replication, above 0.
    pub window: SimDuration,
    /// What the window stands for where it is a sample: its schedules then change faster, so that every
    /// rate is held for as large a share of the window as of the whole.
    pub whole: Option<SimDuration>,
    /// Time of day at which it begins, where that is stated; only reports need to know.
    pub begins: Option<SimDuration>,
    /// Discarded time before the window; none: found by MSER-5.
    pub warm_up: Option<SimDuration>,
    /// How many replications.
    pub replications: Replications,
    /// Seed of every random stream.
    pub seed: u64,
    /// Confidence level of every half-width, 0.5..1.
    pub confidence: f64,
    /// The least difference between deployments that matters, relative to the first: of throughput and
    /// p99; 0..1.
    pub least_difference: f64,
}

/// No more replications than this may be asked for.
pub const MOST_REPLICATIONS: u32 = 100_000;

/// How many independent replications are run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Replications {
    /// So many, at least 1.
    Fixed(u32),
    /// Until the half-width of every goal's quantity is at most this fraction of it (throughput and
    /// p99 where no goal is stated).
    Precision {
        /// Relative half-width, 0..1.
        relative: f64,
        /// No more than this many.
        max: u32,
    },
}

/// What a drill strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// Every node.
    Everything,
    /// Every node in the zone of this place.
    Zone(u32),
    /// Every database.
    Database,
    /// Where gateways count together.
    Redis,
    /// The backend of the flow of this name.
    Backend(&'a str),
    /// The first nodes of the cluster of this name, and of those with the role of this name.
    Nodes(&'a str),
}

impl<'a> Target<'a> {
    /// What the text names; none where it begins like a zone and is none.
    pub fn read(what: &'a str) -> Option<Self> {
        if let Some(zone) = what.strip_prefix("zone:") {
            let place = ZONES.find(zone).filter(|_| zone.len() == 1)?;
            return Some(Self::Zone(place as u32));
        }
        Some(match (what, what.strip_prefix("backend:")) {
            ("everything", _) => Self::Everything,
            ("database", _) => Self::Database,
            ("redis", _) => Self::Redis,
            (_, Some(flow)) => Self::Backend(flow),
            (nodes, None) => Self::Nodes(nodes),
        })
    }

    /// The places of the nodes of a cluster that it strikes, of which `nodes` where it names them by number.
    pub fn nodes_of(self, cluster: &Cluster, nodes: u32) -> Vec<u32> {
        let all = 0..cluster.nodes;
        match self {
            Self::Everything => all.collect(),
            Self::Zone(zone) => all.filter(|node| node % cluster.zones == zone).collect(),
            Self::Database | Self::Redis | Self::Backend(_) => Vec::new(),
            Self::Nodes(name) => {
                let is_meant =
                    cluster.name == name || cluster.roles.iter().any(|role| role.name() == name);
                all.filter(|node| is_meant && *node < nodes).collect()
            }
        }
    }
}

/// The names of zones, in order.
pub const ZONES: &str = "abcdefghijklmnopqrstuvwxyz";

/// A scripted failure: the same in every replication.
#[derive(Clone, Debug, PartialEq)]
pub struct Drill {
    /// When, from the start of the window.
    pub at: SimDuration,
    /// How its nodes fail.
    pub kind: Failure,
    /// What fails, as [`Target`] reads it.
    pub what: String,
    /// How many nodes of each cluster that is named by itself or its role, at least 1.
    pub nodes: u32,
    /// Time until the nodes are started again, after which their start-up comes on top, or until they go on
    /// as before.
    pub lasts: SimDuration,
}
