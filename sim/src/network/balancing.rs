//! How a balancer chooses a node, how it learns which are up, and what it does when an attempt fails.

use crate::cause::Cause;
use crate::time::SimDuration;

/// How requests reach the nodes of a cluster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Balancing {
    /// How a node is chosen.
    pub policy: Policy,
    /// How it is learnt that a node is down.
    pub check: HealthCheck,
    /// Balancers side by side, at least 1: each gets a part of the requests, chooses for itself, and learns
    /// from its own failed attempts alone.
    pub workers: u32,
    /// The share of the requests that the first of them gets, while the others have equal parts of the rest;
    /// none: all have equal parts.
    pub busiest: Option<f64>,
    /// How long an attempt waits for its connection, beside what TCP does by itself.
    pub connect_timeout: Option<SimDuration>,
    /// How long an attempt waits for the answer of a node.
    pub read_timeout: Option<SimDuration>,
    /// What happens to a request whose attempt has failed.
    pub retry: Retry,
    /// Requests that each balancer can have under way at once; the next is turned away.
    pub connections: Option<u32>,
    /// How many requests each node has at once.
    pub limit: Option<NodeLimit>,
    /// So many networks of clients share the requests where a node is chosen by the client's network.
    pub networks: Option<u32>,
}

impl Balancing {
    /// A balancer that chooses like this and learns like this, and knows no timeouts. With a passive
    /// check it passes failed attempts on as nginx does.
    pub fn plain(policy: Policy, check: HealthCheck) -> Self {
        let retry = match check {
            HealthCheck::Passive { .. } => Retry::Next(PassOn::default()),
            HealthCheck::Perfect | HealthCheck::Active { .. } => Retry::Never,
        };
        Self {
            policy,
            check,
            workers: 1,
            busiest: None,
            connect_timeout: None,
            read_timeout: None,
            retry,
            connections: None,
            limit: None,
            networks: None,
        }
    }

    /// Whether it is one balancer that only chooses, as long as its nodes accept and answer: it limits nothing,
    /// waits for nothing, and an answer is an answer whatever it says.
    pub(crate) fn only_chooses(&self) -> bool {
        let Self {
            policy,
            workers,
            read_timeout,
            retry,
            connections,
            limit,
            // These make a difference where attempts fail, with several balancers, or for the same users.
            check: _,
            connect_timeout: _,
            busiest: _,
            networks: _,
        } = *self;
        let looks_at_answers = match retry {
            Retry::Next(pass_on) => pass_on.server_error || pass_on.unavailable,
            Retry::Never | Retry::Again { .. } => false,
        };
        let waits = read_timeout.is_some() || connections.is_some() || limit.is_some();
        workers == 1 && policy != Policy::Sticky && !waits && !looks_at_answers
    }

    /// Which of the balancers side by side a request with this draw, uniform in 0..1, goes through.
    #[inline]
    pub(crate) fn worker_of(&self, draw: f64) -> usize {
        match self.busiest {
            None => (draw * f64::from(self.workers)) as usize,
            Some(share) if draw < share => 0,
            Some(share) => {
                let others = f64::from(self.workers - 1);
                (1 + ((draw - share) / (1.0 - share) * others) as usize)
                    .min(self.workers as usize - 1)
            }
        }
    }
}

/// What happens to a request whose attempt at a node has failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Retry {
    /// The client gets the error.
    Never,
    /// It is passed on to a node that it has not tried, as nginx does.
    Next(PassOn),
    /// It is tried again where no connection came about, as `HAProxy` does.
    Again {
        /// Attempts after the first.
        attempts: u32,
        /// How long it waits before it tries the same node again.
        wait: SimDuration,
        /// Whether it goes to another node instead, at once, where there is one.
        redispatch: bool,
    },
}

/// After which failed attempts a request is passed on to the next node.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a failure of its own, passed on or not")]
pub struct PassOn {
    /// After a connection that was refused or reset.
    pub error: bool,
    /// After a timeout.
    pub timeout: bool,
    /// After an answer that is an error of the server.
    pub server_error: bool,
    /// After an answer that there is no such thing.
    pub not_found: bool,
    /// After an answer that there is no room.
    pub unavailable: bool,
    /// Also where it was sent already and must not be done twice.
    pub not_idempotent: bool,
    /// Attempts in all; none: as many as there are nodes.
    pub tries: Option<u32>,
    /// No attempt begins so long after the first; none: any.
    pub within: Option<SimDuration>,
}

impl PassOn {
    /// Whether a failure for this cause is one of those after which it passes on.
    pub(crate) fn covers(&self, cause: Cause) -> bool {
        match cause {
            Cause::ReadTimeout | Cause::ConnectTimeout => self.timeout,
            Cause::ServerError => self.server_error,
            Cause::NotDeployed => self.not_found,
            Cause::Throttled | Cause::BackendTimeout => false,
            Cause::Rejected | Cause::Suspended => self.unavailable,
            Cause::Refused
            | Cause::Reset
            | Cause::OutOfMemory
            | Cause::NoNode
            | Cause::TimedOut => self.error,
        }
    }
}

impl Default for PassOn {
    /// `proxy_next_upstream error timeout`.
    fn default() -> Self {
        Self {
            error: true,
            timeout: true,
            server_error: false,
            not_found: false,
            unavailable: false,
            not_idempotent: false,
            tries: None,
            within: None,
        }
    }
}

/// How many requests a node has at once; others wait in the balancer, first come, first served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NodeLimit {
    /// Requests at a node, at least 1.
    pub requests: u32,
    /// Requests that can wait; the next is turned away. None: any number.
    pub queue: Option<u32>,
    /// How long they wait before they are turned away.
    pub wait: SimDuration,
}

/// How a balancer chooses among the nodes that it believes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Each in its turn.
    RoundRobin,
    /// The node with the fewest requests sent and not yet answered; ties to the least recently
    /// chosen.
    LeastOutstanding,
    /// The same, but ties take turns among themselves, whoever was chosen without a tie: `least_conn` of
    /// nginx. Nodes that answer quickly get more.
    LeastConn,
    /// The better, by outstanding requests, of two different nodes drawn at random.
    PowerOfTwo,
    /// The better of two draws, which may fall on the same node: `random` of `HAProxy`, whose draws are not
    /// even among few nodes.
    BetterOfTwoDraws,
    /// Any, with equal chances.
    Random,
    /// Always the same node for the same user (or session, where arrivals are open).
    Sticky,
    /// All requests to one node; to the next when that is believed down. A node that comes back
    /// becomes passive.
    ActivePassive,
}

impl Policy {
    /// Whether it depends on how many requests of a node are not yet answered.
    pub(crate) fn counts(self) -> bool {
        match self {
            Self::LeastOutstanding
            | Self::LeastConn
            | Self::PowerOfTwo
            | Self::BetterOfTwoDraws => true,
            Self::RoundRobin | Self::Random | Self::Sticky | Self::ActivePassive => false,
        }
    }

    /// Every policy with the name that files use.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::RoundRobin, "round-robin"),
        (Self::LeastOutstanding, "least-outstanding"),
        (Self::LeastConn, "least-conn"),
        (Self::PowerOfTwo, "power-of-two"),
        (Self::BetterOfTwoDraws, "better-of-two-draws"),
        (Self::Random, "random"),
        (Self::Sticky, "sticky"),
        (Self::ActivePassive, "active-passive"),
    ];

    /// What it does, in a sentence.
    pub fn about(self) -> &'static str {
        match self {
            Self::RoundRobin => "Each in its turn.",
            Self::LeastOutstanding => "The node with the fewest requests outstanding.",
            Self::LeastConn => {
                "The same, but ties take turns among themselves, as by `least_conn` of nginx."
            }
            Self::PowerOfTwo => "The better of two different nodes drawn at random.",
            Self::BetterOfTwoDraws => {
                "The better of two draws, which may fall on the same node, as by `random` of `HAProxy`."
            }
            Self::Random => "Any, with equal chances.",
            Self::Sticky => "Always the same for the same user.",
            Self::ActivePassive => "One node; the next when that is believed down.",
        }
    }

    /// The name that files use.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(policy, _)| *policy == self).map_or("", |(_, name)| name)
    }
}

/// How a balancer learns that a node is down. Until it does, requests go to the dead node and fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HealthCheck {
    /// The balancer is told at the instant of every failure and every return. For theory.
    Perfect,
    /// As nginx: failed attempts take a node out; then live traffic tries it again. The only node of a
    /// cluster is never taken out.
    Passive {
        /// Failed attempts that take the node out; 0: never.
        max_fails: u32,
        /// After so long a failed attempt is forgotten where others succeed, and a node that is out is
        /// tried again; on a clock of whole seconds.
        fail_timeout: SimDuration,
    },
    /// A probe per node and interval (load balancer target group, Kubernetes readiness).
    Active {
        /// Time between two probes of a node, above 0.
        interval: SimDuration,
        /// Failed probes in a row that take the node out, at least 1.
        unhealthy: u32,
        /// Good probes in a row that bring it back, at least 1.
        healthy: u32,
        /// What a probe asks for.
        probe: Probe,
        /// How long a probe waits for its answer.
        timeout: SimDuration,
        /// Whether the interval begins when a probe is over, not when it began.
        counts_from_end: bool,
        /// Where they are made on the machine of the node, as Kubernetes does: so long after its process has
        /// begun, and not before its start-up probe has succeeded. None: they are made all the time.
        after_start: Option<SimDuration>,
        /// After so long a machine that is gone is taken out, whatever the probes: the node on which they
        /// run is gone with it.
        lost_after: Option<SimDuration>,
    },
}

impl HealthCheck {
    /// Probes like those of Kubernetes, which ask for an answer within a second: each so long after the last,
    /// so many to take a node out and to bring it back.
    pub fn probes(interval: SimDuration, unhealthy: u32, healthy: u32) -> Self {
        Self::Active {
            interval,
            unhealthy,
            healthy,
            probe: Probe::Http,
            timeout: interval.min(SimDuration::from_seconds(1.0)),
            counts_from_end: false,
            after_start: None,
            lost_after: None,
        }
    }
}

/// What a probe asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// A connection.
    Port,
    /// An answer.
    Http,
}

impl Probe {
    /// Each with the name that files use.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Port, "port"), (Self::Http, "http")];

    /// The name that files use.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}
