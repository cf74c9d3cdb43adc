//! `balancer`: a policy's name, or a product with its keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, Policy, Share};

/// How requests reach the nodes of a cluster: how a node is chosen, or which product does it, with the
/// defaults of that product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Balancer {
    /// How it chooses, and nothing else to be said of it.
    Policy(Policy),
    /// A product.
    Product(Box<Product>),
}

/// A balancer as a product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "product", rename_all = "lowercase", deny_unknown_fields)]
pub enum Product {
    /// As nginx 1.22: workers that know nothing of one another, a passive check, failed attempts passed on.
    Nginx {
        /// `least_conn`, `random`, or `ip_hash` by the client's /24; unless it is stated, `round-robin`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("enum" = ["round-robin", "least_conn", "least-outstanding", "random", "ip_hash"]))]
        policy: Option<String>,
        /// Worker processes, 2 where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1, max = 64))]
        workers: Option<u32>,
        /// The share of the requests that one of them gets, of which real ones had 50 to 99 %; the others have
        /// equal parts of the rest. Unless it is stated, all have equal parts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        busiest_worker: Option<Share>,
        /// Whether they share what they know, as with the directive `zone`; false where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<bool>,
        /// Failed attempts that take a node out, 1 where nothing is stated; 0: never.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0, max = 1000))]
        max_fails: Option<u32>,
        /// After this time, and the second that is begun, a node that is out is tried again; whole seconds,
        /// 10 s where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fail_timeout: Option<Duration>,
        /// How long it waits for a connection to a node; 60 s where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connect_timeout: Option<Duration>,
        /// How long it waits for the answer of a node; 60 s where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        read_timeout: Option<Duration>,
        /// After which failures a request is passed on to the next node. Unless it is stated, `error` and
        /// `timeout`; `http_404`, `http_500`, `http_503`, and `non_idempotent` for a POST that was sent; `off`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_upstream: Option<Vec<Next>>,
        /// Attempts in all; 0, where nothing is stated: as many as there are nodes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0, max = 1000))]
        next_upstream_tries: Option<u32>,
        /// No attempt begins so long after the first; 0, where nothing is stated: any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_upstream_timeout: Option<Duration>,
        /// Connections of a worker, 512 where nothing is stated; a request takes two of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 4, max = 1_000_000))]
        connections: Option<u32>,
        /// With `ip_hash`: in how many /24 networks the clients are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1, max = 1_000_000))]
        networks: Option<u32>,
    },
    /// As `HAProxy` 2.6: checks, attempts that are made again, a queue where nodes are full.
    #[serde(rename = "haproxy")]
    HaProxy {
        /// `round-robin` where nothing is stated; `leastconn`, or `random`, the better of two draws.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("enum" = ["round-robin", "roundrobin", "leastconn", "least-outstanding", "random"]))]
        policy: Option<String>,
        /// Attempts after the first where no connection comes about, 3 where nothing is stated; a second
        /// apart, or `connect_timeout` if that is less.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0, max = 100))]
        retries: Option<u32>,
        /// Whether they go to another node, at once; false where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        redispatch: Option<bool>,
        /// What its probes ask for; `port` where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        check: Option<Check>,
        /// Time between two probes, 2 s where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        inter: Option<Duration>,
        /// Failed probes in a row that take a node out, 3 where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1, max = 1000))]
        fall: Option<u32>,
        /// Good probes in a row that bring it back, 2 where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1, max = 1000))]
        rise: Option<u32>,
        /// How long a probe waits for its answer. Unless it is stated, as long as `inter`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        check_timeout: Option<Duration>,
        /// How long it waits for a connection to a node; 5 s where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connect_timeout: Option<Duration>,
        /// How long it waits for the answer of a node; 50 s where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        server_timeout: Option<Duration>,
        /// Requests that a node has at once. Unless it is stated, any number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1, max = 1_000_000))]
        limit: Option<u32>,
        /// With `limit`: requests that wait for a node with room. Unless it is stated, any number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0, max = 1_000_000))]
        queue: Option<u32>,
        /// With `limit`: how long they wait. Unless it is stated, as long as `connect_timeout`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        queue_timeout: Option<Duration>,
    },
    /// As a Service of Kubernetes: pods whose readiness probes are good, by chance.
    Kubernetes {
        /// `random` where nothing is stated, as by iptables; `round-robin` and `least-outstanding` as by
        /// IPVS.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(extend("enum" = ["random", "round-robin", "least-outstanding"]))]
        policy: Option<String>,
        /// What readiness probes ask for; `http` where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        check: Option<Check>,
        /// How long after its process has begun a pod is probed first; 0 s where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delay: Option<Duration>,
        /// Time between two probes, 10 s where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        period: Option<Duration>,
        /// Failed probes in a row that take a pod out, 3 where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1, max = 1000))]
        failures: Option<u32>,
        /// Good probes in a row that bring it back, 1 where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1, max = 1000))]
        successes: Option<u32>,
        /// How long a probe waits for its answer; 1 s where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        check_timeout: Option<Duration>,
        /// After this time, and up to 5 s more, pods of a machine that is gone are taken out; 40 s where
        /// nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node_lost_after: Option<Duration>,
    },
    /// One that is told at once of every failure and every return. For theory.
    Ideal {
        /// How it chooses; `round-robin` where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        policy: Option<Policy>,
    },
}

/// A failure after which a request is passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Next {
    /// A connection was refused or reset.
    #[serde(rename = "error")]
    Error,
    /// Neither connection nor answer came in time.
    #[serde(rename = "timeout")]
    Timeout,
    /// The node has not loaded its APIs yet.
    #[serde(rename = "http_404")]
    Http404,
    /// The node answered with an error.
    #[serde(rename = "http_500")]
    Http500,
    /// The node was full.
    #[serde(rename = "http_503")]
    Http503,
    /// Also requests that must not be done twice, and were sent.
    #[serde(rename = "non_idempotent")]
    NonIdempotent,
    /// Never.
    #[serde(rename = "off")]
    Off,
}

/// What probes ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Check {
    /// A connection.
    Port,
    /// An answer.
    Http,
}
