//! `[[deployment]]` and `[[drill]]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Duration;

/// A pattern with node counts, or a placement of one's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// Unique name.
    #[schemars(length(min = 1, max = 64))]
    pub name: String,
    /// `standard-ha`, `standard-ha-multitenant` or `simple-scalable`; left out: `clusters` is the
    /// placement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["standard-ha", "standard-ha-multitenant", "simple-scalable"]))]
    pub pattern: Option<String>,
    /// Number of nodes of each cluster of the pattern.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub nodes: BTreeMap<String, u32>,
    /// Number of nodes of each tenant's own clusters, where the pattern has such.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tenants: BTreeMap<String, BTreeMap<String, u32>>,
    /// The clusters of a placement of one's own, or what is changed of the pattern's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clusters: BTreeMap<String, Cluster>,
}

/// Like nodes behind one balancer; of a pattern's cluster only `profile`, `balancer` and `health`
/// can be changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// What its nodes do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<Role>>,
    /// Number of nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub nodes: Option<u32>,
    /// Name of the profile of its nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// How its balancer chooses a node; `round-robin` where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balancer: Option<Balancer>,
    /// How its balancer learns that a node is down; a passive check where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    /// The only tenant that it serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// A function of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Answers API calls.
    Gateway,
    /// Issues and validates tokens.
    KeyManager,
    /// Counts requests against rate limits.
    TrafficManager,
    /// The portal of those who publish APIs.
    Publisher,
    /// The portal of those who subscribe to APIs.
    Devportal,
    /// Runs mediations.
    MicroIntegrator,
    /// Runs stream queries.
    StreamingIntegrator,
}

/// How a balancer chooses among the nodes that it believes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Balancer {
    /// Each in its turn.
    RoundRobin,
    /// The node with the fewest requests outstanding.
    LeastOutstanding,
    /// The better of two drawn at random.
    PowerOfTwo,
    /// Any, with equal chances.
    Random,
    /// Always the same for the same user.
    Sticky,
    /// One node; the next when that is believed down.
    ActivePassive,
}

/// How a balancer learns that a node is down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "check", rename_all = "lowercase", deny_unknown_fields)]
pub enum Health {
    /// It is told at once.
    Perfect,
    /// As nginx: failed attempts take a node out for a while.
    Passive {
        /// Failed attempts that take it out.
        #[serde(default = "one")]
        #[schemars(range(min = 1, max = 1000))]
        max_fails: u32,
        /// Both the period in which they count and the time out.
        #[serde(default = "ten_seconds")]
        fail_timeout: Duration,
    },
    /// A probe per node and interval.
    Active {
        /// Time between two probes.
        #[serde(default = "ten_seconds")]
        interval: Duration,
        /// Failed probes in a row that take a node out.
        #[serde(default = "three")]
        #[schemars(range(min = 1, max = 1000))]
        unhealthy: u32,
        /// Good probes in a row that bring it back.
        #[serde(default = "one")]
        #[schemars(range(min = 1, max = 1000))]
        healthy: u32,
    },
}

/// A scripted failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drill {
    /// When, from the start of the window.
    pub at: Duration,
    /// A role, or the name of a cluster.
    pub what: String,
    /// How its nodes fail; `crash` where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<FailureKind>,
    /// Time until the nodes are started again, or go on as before.
    #[serde(rename = "for")]
    pub lasts: Duration,
    /// With `slow`: by what demands are multiplied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000))]
    pub factor: Option<f64>,
    /// How many of its nodes.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 100))]
    pub nodes: u32,
}

/// How a node fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// Its process dies: connections are refused, and what it has is lost.
    Crash,
    /// It accepts requests and never answers; what it has stays, and goes on when the node does.
    Hang,
    /// Bursts that begin in that time have `factor` times their demand.
    Slow,
}

fn one() -> u32 {
    1
}

fn three() -> u32 {
    3
}

fn ten_seconds() -> Duration {
    Duration("10 s".to_owned())
}
