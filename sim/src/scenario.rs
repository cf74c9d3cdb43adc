//! A scenario: everything that one comparison of deployments needs to know.

use crate::deployment::{Deployment, Flow};
pub use crate::deployment::{Goals, LatencyMetric};
pub use crate::network::Failure;
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
    /// How to run.
    pub run: RunSettings,
}

impl Scenario {
    /// What a flow must reach: its own goals, and those of every flow where it states none.
    pub fn goals_of(&self, flow: usize) -> Goals {
        self.flows.get(flow).map_or_else(|| self.goals.clone(), |flow| flow.goals.or(&self.goals))
    }
}

/// How to run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSettings {
    /// Observed time per replication, above 0.
    pub window: SimDuration,
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

/// A scripted failure: the same in every replication.
#[derive(Clone, Debug, PartialEq)]
pub struct Drill {
    /// When, from the start of the window.
    pub at: SimDuration,
    /// How its nodes fail.
    pub kind: Failure,
    /// A role or the name of a cluster; the first nodes of each cluster that matches fail.
    pub what: String,
    /// How many of its nodes, at least 1.
    pub nodes: u32,
    /// Time until the nodes are started again, after which their start-up comes on top, or until they go on
    /// as before.
    pub lasts: SimDuration,
}
