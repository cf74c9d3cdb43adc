//! A database that the nodes of a cluster share: it serves so many calls at once, in the order in which
//! they come. Those that wait do so on the nodes that call.

use std::collections::VecDeque;

use super::Engine;
use super::request::Request;
use crate::network::Depth;

/// The database of a cluster.
#[derive(Debug)]
pub(super) struct Database {
    /// How many more calls it can serve now.
    free: u32,
    waiting: VecDeque<Ticket>,
}

/// Where a call waits.
#[derive(Clone, Copy, Debug)]
struct Ticket {
    node: usize,
    depth: Depth,
    slot: u32,
    usage: u32,
}

impl Database {
    pub(super) fn new(limit: Option<u32>) -> Self {
        Self { free: limit.unwrap_or(u32::MAX), waiting: VecDeque::new() }
    }
}

impl Engine<'_> {
    /// The node at `depth` of a request calls its database; false where the request waits there until
    /// it is served.
    pub(super) fn call(&mut self, request: &mut Request, depth: Depth) -> bool {
        let node = usize::from(request.nodes[depth]);
        let database = self.machines[node].cluster();
        if self.databases[database].free > 0 {
            self.databases[database].free -= 1;
            request.flags |= Request::SERVED[depth];
            return true;
        }
        let expires = self.expires(request, request.nodes[depth]);
        let (slot, usage) = self.nodes[node].park(request, expires);
        self.databases[database].waiting.push_back(Ticket { node, depth, slot, usage });
        self.refresh(node);
        false
    }

    /// The database has served a request, or no longer does: it turns to the next.
    pub(super) fn end_call(&mut self, request: &mut Request, depth: Depth) {
        if !request.is(Request::SERVED[depth]) {
            return;
        }
        request.flags &= !Request::SERVED[depth];
        let database = self.machines[usize::from(request.nodes[depth])].cluster();
        while let Some(ticket) = self.databases[database].waiting.pop_front() {
            if let Some(mut next) = self.nodes[ticket.node].unpark(ticket.slot, ticket.usage) {
                next.flags |= Request::SERVED[ticket.depth];
                self.refresh(ticket.node);
                self.ready.push(next);
                return;
            }
        }
        self.databases[database].free += 1;
    }
}
