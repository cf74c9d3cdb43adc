//! What a process has to fetch before it serves.

use crate::time::SimDuration;

/// What a process that has started has to fetch before it serves: until then it answers that it has nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fetch {
    /// The cluster that has it, of which one node must be up; none: the process has it by itself.
    pub from: Option<usize>,
    /// How long that takes while no other node fetches from there; several share the time of the cluster.
    pub takes: SimDuration,
}
