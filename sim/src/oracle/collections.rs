//! What stops a node of the plain engine from within.

use super::Plain;
use super::event::Event;
use crate::cause::Cause;
use crate::engine::parts::{BACKGROUND_STEP, Change};

impl Plain<'_> {
    /// A burst has allocated; when the budget is used up, the node stops for a collection.
    pub(super) fn allocate(&mut self, node: usize, amount: f64) {
        let server = &mut self.servers[node];
        if !server.heap.allocate(amount) {
            return;
        }
        let station = &self.network.clusters[server.cluster];
        let in_flight = server.in_flight.count as u32;
        let collection = server.heap.collect(self.now, self.network, station, in_flight);
        server.stop(self.now, collection.nanos as u64, true);
        if collection.changes_cores {
            server.has_cores(self.now, server.heap.cores_beside_marking(station.cores));
            if let Some(until) = server.heap.marks_until() {
                self.schedule(until, Event::Marked { node });
            }
        }
        if collection.is_fatal {
            let process = self.machines[node].start();
            let at = self.now + collection.nanos as u64;
            self.schedule(at, Event::OutOfMemory { node, process });
        }
    }

    pub(super) fn marked(&mut self, node: usize) {
        let Some(until) = self.servers[node].heap.marks_until() else { return };
        if until > self.now {
            return self.schedule(until, Event::Marked { node });
        }
        let server = &mut self.servers[node];
        let station = &self.network.clusters[server.cluster];
        let nanos = server.heap.end_marking(self.network, station);
        server.has_cores(self.now, station.cores);
        server.stop(self.now, nanos as u64, true);
        self.plan(node);
    }

    pub(super) fn runs_out_of_memory(&mut self, node: usize, process: u64) {
        if self.machines[node].start() != process {
            return;
        }
        let gc = self.network.clusters[self.servers[node].cluster].gc;
        let restart = gc.and_then(|gc| gc.heap().map(|heap| heap.restart.0)).unwrap_or(0);
        self.change_by(node, Change::Crash, Cause::OutOfMemory);
        self.schedule(self.now + restart, Event::StartAgain { node });
    }

    /// A step of what the node allocates without requests.
    pub(super) fn background(&mut self, node: usize) {
        let amount = self.servers[node].heap.background();
        if amount > 0.0 {
            if self.machines[node].condition().answers() {
                self.allocate(node, amount);
                self.plan(node);
            }
            self.schedule(self.now + BACKGROUND_STEP.0, Event::Background { node });
        }
    }

    /// So much work has been done since the last stall that the node stalls.
    pub(super) fn stall(&mut self, node: usize) {
        let server = &mut self.servers[node];
        let station = &self.network.clusters[server.cluster];
        let nanos = server.stalls.stall(self.network, station);
        server.heap.delay_marking(nanos);
        server.stop(self.now, nanos as u64, false);
        self.plan(node);
    }
}
