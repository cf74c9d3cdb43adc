//! What a drill or a restart does to a deployment, and until when.

use sim::deployment::{Cluster, ColdStart};
use sim::scenario::Failure;
use sim::time::SimDuration;

use crate::number;
use crate::phrases;

/// What happens to nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    /// They fail like this.
    Fails(Failure),
    /// They are restarted as planned.
    Restarts,
}

impl What {
    /// The place of restarts, which is after those of failures.
    pub(super) const RESTARTS: usize = Failure::NAMES.len();

    pub(super) fn place(self) -> usize {
        match self {
            Self::Fails(failure) => failure.place(),
            Self::Restarts => Self::RESTARTS,
        }
    }
}

/// Nodes of one cluster that fail in a drill or are restarted; times in seconds from the start of the window.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outage {
    /// What happens to them.
    pub(super) what: What,
    /// When that begins.
    pub(super) crash: f64,
    /// When they are started again, or go on.
    pub(super) start: f64,
    /// When they answer again: after a crash the mean start-up later.
    pub(super) answer: f64,
    /// What the cold JVM costs then.
    pub(super) cold: Option<Cold>,
}

/// A freshly started JVM.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cold {
    /// Multiplier of the first demands.
    pub(super) factor: f64,
    /// Seconds until less than a twentieth of the excess is left, where that goes by time.
    pub(super) lasts: Option<f64>,
    /// Requests until then, where it goes by them.
    pub(super) requests: Option<f64>,
}

impl Cold {
    /// What a start costs the nodes of a cluster, if anything.
    pub(super) fn after_start(cluster: &Cluster) -> Option<Self> {
        cluster.profile.cold_start.map(Self::of).filter(|cold| cold.factor > 1.0)
    }

    fn of(start: ColdStart) -> Self {
        match start {
            // e^-3 is less than a twentieth.
            ColdStart::ByTime { factor, decay } => {
                Self { factor, lasts: Some(3.0 * decay.as_seconds()), requests: None }
            }
            ColdStart::ByRequests { first, requests } => {
                Self { factor: first, lasts: None, requests: Some(requests) }
            }
        }
    }
}

/// A time as the axis counts it where windows are short.
pub(super) fn seconds(seconds: f64) -> String {
    match seconds {
        short if short <= 600.0 => format!("{} s", number::exact(short, 1)),
        long => phrases::span(SimDuration::from_seconds(long.min(1e9))),
    }
}
