//! Planned restarts of the nodes of a cluster.

use crate::time::SimDuration;

/// When all nodes of a cluster are restarted, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Restart {
    /// When for the first time, from the start of the window.
    pub at: SimDuration,
    /// Time from the beginning of one to that of the next; none: there is one.
    pub every: Option<SimDuration>,
    /// Whether one follows the other.
    pub kind: RestartKind,
    /// How long a node that is to end may finish what it has; the balancer sends it nothing more.
    pub drain: SimDuration,
}

/// Whether nodes are restarted one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestartKind {
    /// All at once.
    Recreate,
    /// So many at once, the next as soon as one answers; together at least one.
    Rolling {
        /// Of these a new process starts before the old one ends: nothing is lost, and the new one is cold.
        surge: u32,
        /// These end before they start.
        unavailable: u32,
    },
}
