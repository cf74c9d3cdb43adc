//! What happens to nodes, and who wants it.

use super::parts::{Change, Condition};
use crate::time::SimTime;

/// Something that happens to a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    /// When, from the start of the replication.
    pub(crate) at: SimTime,
    /// Index of the node in the network.
    pub(crate) node: usize,
    /// What.
    pub(crate) event: Event,
}

/// What happens to a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Event {
    /// An operator wants it changed.
    Change(Change, Origin),
    /// It is in this condition from now on.
    Enters(Condition),
    /// Health checks find it up, or down.
    Believed(bool),
}

/// Who wants a node changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// A failure of the node, of the kind at this place among the names.
    Node(usize),
    /// A failure of its zone.
    Zone(usize),
    /// A planned restart.
    Restart,
    /// Probes of its process.
    Probes,
    /// It has fetched what it serves.
    Fetches,
    /// Nodes that stand by.
    TakeOvers,
    /// A script.
    Drill,
}

/// What acts on nodes by itself: neither as the consequence of anything, nor by a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Failures of a node, of the kind at this place among the names.
    Node {
        /// Index of the node in the network.
        node: usize,
        /// The place of the kind.
        place: usize,
    },
    /// Failures of a zone.
    Zone {
        /// Its number.
        zone: usize,
        /// The place of the kind.
        place: usize,
    },
    /// Planned restarts of a cluster.
    Restart {
        /// Its index.
        cluster: usize,
    },
}

/// What happens by itself at an instant, unless it cannot just then: what does not run does not fail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    /// Whose it is.
    pub(crate) of: Source,
    /// When, nanoseconds from the start of the replication.
    pub(crate) at: u64,
    /// How long it lasts, nanoseconds; restarts take the time that they do.
    pub(crate) lasts: u64,
}
