//! A placement of roles on clusters, with node counts.

use super::Profile;
use crate::time::SimDuration;

/// A pattern with node counts: what one would pay for.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// Unique name.
    pub name: String,
    /// Name of the pattern, or `custom` for a placement of the user's own.
    pub pattern: String,
    /// The clusters, in the order in which they are reported.
    pub clusters: Vec<Cluster>,
}

/// Like nodes behind one balancer.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Unique name within the deployment; `micro-integrator@acme` for a tenant's own.
    pub name: String,
    /// What its nodes do.
    pub roles: Vec<Role>,
    /// The only tenant that it serves, or none: all.
    pub tenant: Option<String>,
    /// Number of nodes, at least 1.
    pub nodes: u32,
    /// The behaviour of each node.
    pub profile: Profile,
    /// How its balancer chooses a node.
    pub policy: Policy,
    /// How its balancer learns that a node is down.
    pub health: HealthCheck,
}

/// A function of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

impl Role {
    /// Every role with the name that files use.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Gateway, "gateway"),
        (Self::KeyManager, "key-manager"),
        (Self::TrafficManager, "traffic-manager"),
        (Self::Publisher, "publisher"),
        (Self::Devportal, "devportal"),
        (Self::MicroIntegrator, "micro-integrator"),
        (Self::StreamingIntegrator, "streaming-integrator"),
    ];

    /// The name that files use.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(role, _)| *role == self).map_or("", |(_, name)| name)
    }
}

/// How a balancer chooses among the nodes that it believes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Each in its turn.
    RoundRobin,
    /// The node with the fewest requests sent and not yet answered; ties to the least recently
    /// chosen.
    LeastOutstanding,
    /// The better, by outstanding requests, of two different nodes drawn at random.
    PowerOfTwo,
    /// Any, with equal chances.
    Random,
    /// Always the same node for the same user (or session, where arrivals are open).
    Sticky,
    /// All requests to one node; to the next when that is believed down. A node that comes back
    /// becomes passive.
    ActivePassive,
}

impl Policy {
    /// Every policy with the name that files use.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::RoundRobin, "round-robin"),
        (Self::LeastOutstanding, "least-outstanding"),
        (Self::PowerOfTwo, "power-of-two"),
        (Self::Random, "random"),
        (Self::Sticky, "sticky"),
        (Self::ActivePassive, "active-passive"),
    ];

    /// The name that files use.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(policy, _)| *policy == self).map_or("", |(_, name)| name)
    }
}

/// How a balancer learns that a node is down. Until it does, requests go to the dead node, fail at
/// once (connection refused), and are passed on where `pass_on` says so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HealthCheck {
    /// The balancer is told at the instant of every crash and every return. For theory.
    Perfect,
    /// As nginx: `max_fails` failed attempts within `fail_timeout` take a node out for
    /// `fail_timeout`; then live traffic tries it again. The only node of a cluster is never taken
    /// out. A refused attempt is passed on to the next node.
    Passive {
        /// Failed attempts that take the node out, at least 1.
        max_fails: u32,
        /// Both the period in which they are counted and the time out.
        fail_timeout: SimDuration,
    },
    /// A probe per node and interval (load balancer target group, Kubernetes readiness). A refused
    /// attempt is an error of the request.
    Active {
        /// Time between two probes of a node, above 0.
        interval: SimDuration,
        /// Failed probes in a row that take the node out, at least 1.
        unhealthy: u32,
        /// Good probes in a row that bring it back, at least 1.
        healthy: u32,
    },
}
