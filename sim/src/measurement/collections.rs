//! What a log of garbage collection shows of a node.

use crate::network::Collector;

/// A figure and its standard error, as a share of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    /// The figure.
    pub value: f64,
    /// Its standard error, as a share of it.
    pub error: f64,
}

/// What a log of garbage collection shows of a node under one load. What it does not tell is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Collections {
    /// Who collects.
    pub collector: Option<Collector>,
    /// Threads that it has at most.
    pub threads: Option<f64>,
    /// The heap at most, MiB.
    pub heap_mib: Option<f64>,
    /// What of it was committed at first, MiB, where that was less.
    pub initial_mib: Option<f64>,
    /// What of it was committed in the end, MiB.
    pub committed_mib: f64,
    /// What is always alive, MiB.
    pub resident_mib: Option<f64>,
    /// Pauses of the young generation.
    pub pauses: usize,
    /// What is allocated each second while the load lasts, MiB; needs a clock.
    pub allocated_mib_per_s: Option<Known>,
    /// What eden holds when it is collected, MiB.
    pub eden_mib: f64,
    /// The most that the young generation takes of what is committed, 0 to 1; none where the heap was so full that
    /// it had to be smaller.
    pub young: Option<Known>,
    /// A pause that copies nothing, ms; the mean of all where what they copy is not told.
    pub pause_ms: Known,
    /// Its coefficient of variation.
    pub pause_cv: f64,
    /// What a pause copies on average, MiB.
    pub copied_mib: Option<f64>,
    /// What each MiB that is copied adds to a pause, ms.
    pub ms_per_copied_mib: Option<Known>,
    /// Collections of the whole heap.
    pub full_pauses: usize,
    /// How long they take for each MiB that is alive, ms.
    pub full_ms_per_live_mib: Option<f64>,
    /// How long marking takes for each MiB that is alive, ms.
    pub marking_ms_per_live_mib: Option<f64>,
    /// How often there was no room to copy to.
    pub exhausted: usize,
}
