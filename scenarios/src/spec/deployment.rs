//! `[[deployment]]` and `[[drill]]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Balancer, Check, Duration, FailureKind, SharedFailures, StandbyChoice};

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
    /// How zones and the database fail at random. Unless it is stated, they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<SharedFailures>,
}

/// Like nodes behind one balancer; of a pattern's cluster only `profile`, `zones`, `balancer` and
/// `health` can be changed.
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
    /// Zones over which its nodes are spread, in order: a, b, and so on; 1 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 26))]
    pub zones: Option<u32>,
    /// Planned restarts of its nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart: Option<Restart>,
    /// How all its nodes but one stand by until they take over, or `none` for that all serve. Unless it or
    /// `balancer` is stated, streaming integrators of a pattern stand by as documented, and no others do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standby: Option<StandbyChoice>,
    /// The start-up probe of its processes: until it has succeeded once, a process that has begun is asked
    /// by no other probe of Kubernetes. Unless it is stated, there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub startup: Option<Watch>,
    /// The liveness probe of its processes. Unless it is stated, there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub liveness: Option<Watch>,
    /// Name of the profile of its nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// How requests reach its nodes: a policy's name, or a table that names a product; `round-robin` where
    /// nothing is stated.
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

/// Planned restarts of all nodes of a cluster; `at` or `every` is needed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Restart {
    /// Whether one node follows the other.
    pub kind: RestartKind,
    /// When for the first time, from the start of the window. Unless it is stated, after `every`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Duration>,
    /// Time from the beginning of one to that of the next. Unless it is stated, there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Duration>,
    /// Of a rolling restart: nodes at once of which a new process starts before the old one ends; 1 where
    /// nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub surge: Option<u32>,
    /// Of a rolling restart: nodes at once that end before they start; 0 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub unavailable: Option<u32>,
    /// How long a node that is to end may finish what it has, while the balancer sends it nothing more; 30 s
    /// where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drain: Option<Duration>,
}

/// A probe by which processes live or die, with the defaults of Kubernetes. As many failures in a row as it
/// takes end the process, which is started anew: at once the first time, and after 10 s, 20 s and so on up to
/// 5 min where that goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// What it asks for; `http` where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// How long after its beginning a process is asked first; 0 s where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<Duration>,
    /// Time between two probes; 10 s where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Duration>,
    /// Failures in a row that end the process; 3 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub failures: Option<u32>,
    /// How long it waits for its answer; 1 s where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_timeout: Option<Duration>,
    /// How long a process that hangs, and so does not end when it is told to, is waited for before it is
    /// killed; 30 s where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<Duration>,
    /// CPU demand of an answer, which takes longer on a node that is slow, in collection or shared by many; 0 s
    /// where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand: Option<Duration>,
}

/// Whether nodes are restarted one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RestartKind {
    /// Some at once, the next as soon as one answers.
    Rolling,
    /// All at once.
    Recreate,
}

/// A scripted failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drill {
    /// When, from the start of the window.
    pub at: Duration,
    /// A role, the name of a cluster, `zone:a`, `everything`, `database`, `redis`, or `backend:` and the name of a flow.
    pub what: String,
    /// How its nodes fail; `crash` where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<FailureKind>,
    /// Time until the nodes are started again, or go on as before. Unless it is stated, 90 s of a database;
    /// of all else it must be.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Duration>,
    /// With `slow`: by what demands are multiplied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000))]
    pub factor: Option<f64>,
    /// With `fail-fast`: after how long an error is the answer; 1 ms where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<Duration>,
    /// How many of its nodes.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 100))]
    pub nodes: u32,
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
