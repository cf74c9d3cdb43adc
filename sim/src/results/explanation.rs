//! Where the time of requests goes.

use crate::engine::{Part, Place};
use crate::network::Need;
use crate::stats::Estimate;

/// Where the time of the requests of every flow through every deployment goes.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Replications in which requests were followed.
    pub replications: u32,
    /// Every flow through every deployment, in the order of the scenario.
    pub flows: Vec<ExplainedFlow>,
}

/// A flow through a deployment.
#[derive(Clone, Debug)]
pub struct ExplainedFlow {
    /// The deployment.
    pub deployment: String,
    /// The flow.
    pub flow: String,
    /// Its tenant.
    pub tenant: String,
    /// Those quantiles for which enough requests stand.
    pub quantiles: Vec<ExplainedQuantile>,
}

/// What the answered requests around a quantile have spent their time on.
#[derive(Clone, Debug)]
pub struct ExplainedQuantile {
    /// Like `p99.9`.
    pub name: &'static str,
    /// So many requests stand for it, in all replications.
    pub requests: u64,
    /// Their mean sojourn time, milliseconds.
    pub sojourn_ms: Estimate,
    /// The parts of it, which add up to it.
    pub parts: Vec<ExplainedPart>,
}

/// A part of a sojourn time.
#[derive(Clone, Debug)]
pub struct ExplainedPart {
    /// What the requests did.
    pub activity: Activity,
    /// What for, where a node was busy with it: a role like `gateway`.
    pub role: Option<&'static str>,
    /// The cluster of the node.
    pub cluster: Option<String>,
    /// Mean time of a request, milliseconds.
    pub ms: Estimate,
}

/// What a request does while time passes, in words of the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Activity {
    /// On the way between machines.
    Network,
    /// Waiting for a worker of a node.
    WaitingForWorker,
    /// Waiting for a connection to the key manager or the database, or for the database to serve.
    WaitingForConnection,
    /// A core works for it.
    Work,
    /// Cores work for others.
    SharingCores,
    /// Its node collects garbage.
    Collection,
    /// Its node stalls.
    Stall,
    /// The database answers.
    Database,
    /// Redis counts.
    Counting,
    /// The backend answers.
    Backend,
    /// Attempts before the last one, and the waits after them.
    Retries,
}

impl Activity {
    /// Every activity with its name, in the order in which they are shown.
    pub const ALL: [(Self, &'static str); 11] = [
        (Self::Backend, "backend"),
        (Self::Database, "database"),
        (Self::Counting, "Redis"),
        (Self::Network, "network"),
        (Self::Work, "work"),
        (Self::SharingCores, "sharing the cores"),
        (Self::WaitingForWorker, "waiting for a worker"),
        (Self::WaitingForConnection, "waiting for a connection"),
        (Self::Collection, "collection"),
        (Self::Stall, "stalls"),
        (Self::Retries, "retries"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(activity, _)| *activity == self).map_or("", |(_, name)| name)
    }

    /// What a request does at a place.
    pub(crate) fn at(place: Place) -> Self {
        match (place.part, place.need) {
            (Part::Delay, Some(Need::BACKEND)) => Self::Backend,
            (Part::Delay, Some(Need::DATABASE)) => Self::Database,
            (Part::Delay, Some(Need::COUNTER)) => Self::Counting,
            (Part::Delay, _) => Self::Network,
            (Part::Worker, _) => Self::WaitingForWorker,
            (Part::Connection, _) => Self::WaitingForConnection,
            (Part::Work, _) => Self::Work,
            (Part::Sharing, _) => Self::SharingCores,
            (Part::Collection, _) => Self::Collection,
            (Part::Stall, _) => Self::Stall,
            (Part::EarlierAttempts, _) => Self::Retries,
        }
    }
}
