//! How a balancer chooses a node, and how it learns which are up.

use crate::time::SimDuration;

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

impl HealthCheck {
    /// Whether a refused attempt is passed on to the next node.
    pub fn passes_on(self) -> bool {
        matches!(self, Self::Passive { .. })
    }
}
