//! What requests hold while they wait elsewhere, and others may wait for: workers, connections, the
//! database.

use super::Engine;
use super::marks::{Mark, reached};
use super::parts::Ticket;
use super::request::Request;
use crate::network::{Depth, Pool, Step};

impl Engine<'_> {
    /// A request takes something that others may wait for, or gives it back; false where it waits for it.
    pub(super) fn hold(&mut self, request: &mut Request, step: Step) -> bool {
        match step {
            Step::Connect { depth, pool } => return self.connect(request, depth, pool),
            Step::Call { depth } => return self.call(request, depth),
            Step::Disconnect { depth, pool } => self.disconnect(request, depth, pool),
            Step::Return { depth } => self.end_call(request, depth),
            Step::FreeWorker { depth } => self.free_worker(request, depth),
            Step::Attempt
            | Step::Enter { .. }
            | Step::Work { .. }
            | Step::Delay { .. }
            | Step::LookUp { .. }
            | Step::Store { .. }
            | Step::Renew { .. }
            | Step::Renewed
            | Step::Find { .. }
            | Step::Ask { .. }
            | Step::Admit { .. }
            | Step::Count
            | Step::Publish { .. }
            | Step::Leave { .. }
            | Step::Answer
            | Step::Discard => {}
        }
        true
    }

    /// A request gives back all that others may wait for, from a depth on.
    #[cold]
    pub(super) fn let_others_on(&mut self, request: &mut Request, from: Depth) {
        for depth in from..request.nodes.len() {
            self.end_call(request, depth);
            self.disconnect(request, depth, Pool::Database);
        }
        (from..request.nodes.len()).for_each(|depth| self.disconnect(request, depth, Pool::Nodes));
        (from..request.nodes.len()).for_each(|depth| self.free_worker(request, depth));
    }

    /// A request takes a connection of its node; false where it waits there for one.
    fn connect(&mut self, request: &mut Request, depth: Depth, pool: Pool) -> bool {
        let node = request.nodes[depth];
        let connected = self.nodes[usize::from(node)].connect(pool, request);
        if connected {
            request.flags |= Request::connected(pool, depth);
        } else {
            reached(Mark::WaitsForConnection);
            self.refresh(usize::from(node));
        }
        connected
    }

    fn disconnect(&mut self, request: &mut Request, depth: Depth, pool: Pool) {
        let flag = Request::connected(pool, depth);
        if !request.is(flag) {
            return;
        }
        request.flags &= !flag;
        let node = request.nodes[depth];
        if let Some(mut next) = self.nodes[usize::from(node)].disconnect(pool) {
            // The same node may be another request's at another depth.
            let asked = self.network.steps[usize::from(next.step) - 1];
            let depth = asked.depth().unwrap_or(depth);
            next.flags |= Request::connected(pool, depth);
            self.refresh(usize::from(node));
            self.ready.push(next);
        }
    }

    fn free_worker(&mut self, request: &mut Request, depth: Depth) {
        let flag = Request::keeps(depth);
        if request.is(flag) {
            request.flags &= !flag;
            let node = usize::from(request.nodes[depth]);
            self.nodes[node].free_worker(self.now);
            self.refresh(node);
        }
    }

    /// The node at `depth` of a request calls its database; false where the request waits there until
    /// it is served.
    fn call(&mut self, request: &mut Request, depth: Depth) -> bool {
        let node = usize::from(request.nodes[depth]);
        let database = &mut self.databases[self.machines[node].cluster()];
        let is_served = database.serve();
        if is_served {
            request.flags |= Request::served(depth);
        } else {
            reached(Mark::WaitsForDatabase);
            let (slot, usage) = self.nodes[node].park(request);
            database.wait(Ticket { node, depth, slot, usage });
            self.refresh(node);
        }
        is_served
    }

    /// The database has served a request, or no longer does: it turns to the next.
    fn end_call(&mut self, request: &mut Request, depth: Depth) {
        if !request.is(Request::served(depth)) {
            return;
        }
        request.flags &= !Request::served(depth);
        let database = self.machines[usize::from(request.nodes[depth])].cluster();
        while let Some(ticket) = self.databases[database].next_in_line() {
            if let Some(mut next) = self.nodes[ticket.node].unpark(ticket.slot, ticket.usage) {
                next.flags |= Request::served(ticket.depth);
                self.refresh(ticket.node);
                self.ready.push(next);
                return;
            }
        }
        self.databases[database].end();
    }
}
