//! The event list of what is rare: conditions of nodes, health checks, observers.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A rare event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) enum Control {
    /// Observation begins.
    WindowStart,
    /// A part of the series of requests in the system ends.
    SeriesPart,
    /// An operator acts on a node, unless it has changed its mind since.
    Act {
        /// Index of the operator.
        operator: usize,
        /// The node.
        node: usize,
    },
    /// A node has started up, unless that start has come to nothing.
    Started {
        /// The node.
        node: usize,
        /// Which of its starts.
        start: u64,
    },
    /// Probes have found out whether a node answers, unless it has changed again since.
    Probed {
        /// The node.
        node: usize,
        /// What they found.
        is_good: bool,
        /// How often what they would find had changed when they began.
        changes: u64,
    },
    /// A marking beside the requests is over, unless stops have delayed it or it came to nothing.
    Marked {
        /// The node.
        node: usize,
    },
    /// A process that has run out of memory ends, unless another has taken its place.
    OutOfMemory {
        /// The node.
        node: usize,
        /// Which of its processes.
        process: u64,
    },
    /// A node that had run out of memory is started again.
    StartAgain {
        /// The node.
        node: usize,
    },
    /// A passive check may give a node another chance.
    AnotherChance {
        /// Whose check.
        balancer: usize,
        /// The place of the node in its cluster.
        member: usize,
    },
    /// The deadline of a request that waits in a balancer has come, if it still waits.
    LeavesQueue {
        /// The balancer.
        balancer: usize,
        /// Its number among those who have waited.
        number: u64,
    },
    /// A node allocates for itself.
    Background {
        /// The node.
        node: usize,
    },
}

/// Rare events by time; simultaneous ones as they were scheduled.
#[derive(Debug, Default)]
pub(in crate::engine) struct ControlList {
    events: BinaryHeap<Reverse<(u64, u64, Control)>>,
    scheduled: u64,
}

impl ControlList {
    pub(in crate::engine) fn schedule(&mut self, time: u64, event: Control) {
        self.events.push(Reverse((time, self.scheduled, event)));
        self.scheduled += 1;
    }

    /// When the next event happens; never without one.
    #[inline]
    pub(in crate::engine) fn time(&self) -> u64 {
        self.events.peek().map_or(u64::MAX, |Reverse((time, ..))| *time)
    }

    pub(in crate::engine) fn pop(&mut self) -> Option<Control> {
        self.events.pop().map(|Reverse((.., event))| event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simultaneous_events_happen_as_they_were_scheduled() {
        let mut list = ControlList::default();
        list.schedule(7, Control::Background { node: 1 });
        list.schedule(7, Control::WindowStart);
        list.schedule(5, Control::SeriesPart);
        assert_eq!(list.time(), 5);
        let order: Vec<Control> = std::iter::from_fn(|| list.pop()).collect();
        let expected = [Control::SeriesPart, Control::Background { node: 1 }, Control::WindowStart];
        assert_eq!(order, expected);
    }
}
