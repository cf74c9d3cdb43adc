//! What a file does not say, or says of several things of which one is wanted.

use sim::measurement::BackendTimes;
use sim::time::SimDuration;

use crate::timestamp::DayOrder;

/// What a file does not say, or says of several things of which one is wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Cores of the node, where the file does not state them.
    pub cores: Option<f64>,
    /// Heap of the node in GiB, where the file does not state it.
    pub heap_gib: Option<f64>,
    /// Users at once; goes before the threads that a file tells, since several JMeter servers each
    /// count their own only.
    pub users: Option<u32>,
    /// Size of a message in KiB; goes before the bytes of a log, since those count headers too.
    pub size_kib: Option<f64>,
    /// How long backends take, where the file does not state it.
    pub backends: Vec<BackendOf>,
    /// Nodes that took the load together, where the file does not state it.
    pub nodes: Option<u32>,
    /// How much of the beginning of a log is left out as warm-up; of a load generator's, after its
    /// ramp-up. Tables have theirs left out already.
    pub discard: SimDuration,
    /// Only the operation (scenario, label, API) of this name is wanted.
    pub only: Option<String>,
    /// What the operation is to be called; only where there is but one.
    pub operation: Option<String>,
    /// What comes first in dates whose day and month could be either.
    pub dates: Option<DayOrder>,
    /// Up to this share, 0 to 1, failed requests of a load generator are left out; above, all are. Five
    /// per cent where it is not stated.
    pub most_failed: Option<f64>,
}

/// How long the backend of some operations takes.
#[derive(Clone, Debug, PartialEq)]
pub struct BackendOf {
    /// The operation; none for all that are not named.
    pub operation: Option<String>,
    /// How long it takes.
    pub times: BackendTimes,
}
