//! What happens in the plain engine, and in which order.

use crate::engine::request::Name;

/// Something that happens at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    WindowStart,
    Act {
        operator: usize,
        node: usize,
    },
    Started {
        node: usize,
        start: u64,
    },
    Probed {
        node: usize,
        is_good: bool,
        changes: u64,
    },
    AnotherChance {
        balancer: usize,
        member: usize,
    },
    /// The deadline of a request that waits in a balancer.
    LeavesQueue {
        balancer: usize,
        number: u64,
    },
    /// A node allocates for itself.
    Background {
        node: usize,
    },
    /// A marking beside the requests is over, unless it was delayed or came to nothing.
    Marked {
        node: usize,
    },
    /// A process that has run out of memory ends, unless another has taken its place.
    OutOfMemory {
        node: usize,
        process: u64,
    },
    StartAgain {
        node: usize,
    },
    /// A burst is complete, unless the node has planned anew since.
    Completion {
        node: usize,
        plan: u64,
        /// When its burst came, counted in events, where that decides among simultaneous ones.
        joined: Option<u64>,
    },
    /// So much work is done that the node stalls, unless it has planned anew since.
    Stall {
        node: usize,
        plan: u64,
    },
    Arrival {
        flow: usize,
    },
    /// The delay of an attempt is over, or the wait before it.
    GoesOn {
        handle: usize,
        /// How many events had been scheduled when it set out.
        since: u64,
        /// Of what constant length the delay is, and how many have been scheduled before.
        lane: Option<(usize, u64)>,
    },
    /// The patience of a client or a balancer may be at its end.
    TimeOut {
        handle: usize,
    },
    /// It gives up where the request is found then.
    GivesUp {
        /// Who leaves the same node at the same instant, does so in this order.
        name: Name,
        handle: usize,
        whereabouts: Whereabouts,
    },
}

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whereabouts {
    OnNode(usize),
    /// Elsewhere, or on a node whose completions come among those elsewhere, since that many events had
    /// been scheduled.
    OnTheWay(u64),
}

/// Where an event stands among simultaneous ones.
pub(super) fn rank(event: Event) -> u8 {
    match event {
        Event::TimeOut { .. } => 1,
        Event::Completion { joined: None, .. }
        | Event::Stall { .. }
        | Event::GivesUp { whereabouts: Whereabouts::OnNode(_), .. } => 2,
        Event::Arrival { .. } => 3,
        Event::GoesOn { lane: Some(_), .. } => 4,
        Event::GoesOn { .. } | Event::Completion { .. } | Event::GivesUp { .. } => 5,
        _ => 0,
    }
}
