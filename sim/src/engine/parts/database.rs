//! A database that the nodes of a cluster share: it serves so many calls at once, in the order in which
//! they come. Those that wait do so on the nodes that call.

use std::collections::VecDeque;

use crate::network::Depth;

/// The database of a cluster.
#[derive(Debug)]
pub(in crate::engine) struct Database {
    /// How many more calls it can serve now.
    free: u32,
    waiting: VecDeque<Ticket>,
}

/// Where a call waits: on which node, for the node at which depth, in which use of which slot.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Ticket {
    pub(in crate::engine) node: usize,
    pub(in crate::engine) depth: Depth,
    pub(in crate::engine) slot: u32,
    pub(in crate::engine) usage: u32,
}

impl Database {
    pub(in crate::engine) fn new(limit: Option<u32>) -> Self {
        Self { free: limit.unwrap_or(u32::MAX), waiting: VecDeque::new() }
    }

    /// Serves a call, if it can.
    pub(in crate::engine) fn serve(&mut self) -> bool {
        let can = self.free > 0;
        self.free -= u32::from(can);
        can
    }

    /// A call waits behind all others.
    pub(in crate::engine) fn wait(&mut self, ticket: Ticket) {
        self.waiting.push_back(ticket);
    }

    /// The call that has waited longest; it may have been given up since.
    pub(in crate::engine) fn next_in_line(&mut self) -> Option<Ticket> {
        self.waiting.pop_front()
    }

    /// A call is over, and nobody has waited.
    pub(in crate::engine) fn end(&mut self) {
        self.free += 1;
    }
}
