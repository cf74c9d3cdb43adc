//! A scenario: everything that one comparison of deployments needs to know.

use crate::deployment::{Deployment, Flow};
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
    /// What a deployment must reach.
    pub goals: Goals,
    /// How to run.
    pub run: RunSettings,
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

/// What every flow of a deployment must reach; all optional.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Goals {
    /// Upper limits on the sojourn time.
    pub latency: Vec<(LatencyMetric, SimDuration)>,
    /// Upper limit on the share of requests that end in an error, 0..=1.
    pub error_rate: Option<f64>,
    /// Lower limit on the share of requests answered correctly and in time, in the window, 0..=1.
    pub availability: Option<f64>,
    /// Latency and error goals also hold with any so many nodes of one cluster down.
    pub survive: u32,
}

impl Goals {
    /// Whether no goal is stated.
    pub fn is_empty(&self) -> bool {
        self.latency.is_empty() && self.error_rate.is_none() && self.availability.is_none()
    }
}

/// A quantity of the sojourn time that a goal can limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LatencyMetric {
    /// The mean.
    Mean,
    /// A quantile, one of [`crate::stats::QUANTILES`].
    Quantile(f64),
}

/// A scripted failure: the same in every replication.
#[derive(Clone, Debug, PartialEq)]
pub struct Drill {
    /// When, from the start of the window.
    pub at: SimDuration,
    /// A role or the name of a cluster; the first nodes of each cluster that matches crash.
    pub what: String,
    /// How many of its nodes, at least 1.
    pub nodes: u32,
    /// Time from the crash until the nodes are started again; their start-up comes on top.
    pub lasts: SimDuration,
}
