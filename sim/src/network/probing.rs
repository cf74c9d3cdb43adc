//! Who watches over the processes of nodes on their own machines, and ends those that do not answer.

use super::Probe;
use crate::time::SimDuration;

/// The probes of a node by which its process lives or dies, as the kubelet of Kubernetes makes them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Probing {
    /// Until this has succeeded once, a new process is asked nothing else; none: it counts as started from
    /// the first.
    pub startup: Option<Watch>,
    /// Whether a process that has started still answers; none: nobody asks.
    pub liveness: Option<Watch>,
}

/// A probe of a process, again and again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watch {
    /// What it asks for.
    pub probe: Probe,
    /// A process that began less long ago is not asked.
    pub delay: SimDuration,
    /// Time between two probes, above 0.
    pub period: SimDuration,
    /// How long a probe waits for its answer.
    pub timeout: SimDuration,
    /// Failed probes in a row that end the process, at least 1.
    pub failures: u32,
    /// How long a process that hangs is waited for before it is killed; another ends at once.
    pub grace: SimDuration,
    /// Work of an answer: on a node that is slow, stopped or shared by many it takes longer.
    pub demand: SimDuration,
}

impl Watch {
    /// How long a process may take to answer: one that takes less is never ended, one that takes as long as
    /// the second or longer always is, since the first probe comes at any instant of a period.
    pub fn patience(&self) -> [SimDuration; 2] {
        let of = |periods: u32| SimDuration(self.delay.0 + self.period.0 * u64::from(periods));
        [of(self.failures - 1), of(self.failures)]
    }
}
