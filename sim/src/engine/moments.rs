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
