//! What requests hold in the plain engine while they wait elsewhere.

use super::Plain;
use crate::network::{Depth, Pool, Step};

impl Plain<'_> {
    /// A request takes something that others may wait for, or gives it back; false where it waits for it.
    pub(super) fn hold(&mut self, handle: usize, step: Step) -> bool {
        match step {
            Step::Connect { depth, pool } => return self.connect(handle, depth, pool),
            Step::Call { depth } => return self.call(handle, depth),
            Step::Disconnect { depth, pool } => self.disconnect(handle, depth, pool),
            Step::Return { depth } => self.end_call(handle, depth),
            Step::FreeWorker { depth } => self.free_worker(handle, depth),
            _ => {}
        }
        true
    }

    pub(super) fn connect(&mut self, handle: usize, depth: Depth, pool: Pool) -> bool {
        let Some(node) = self.customers[handle].nodes[depth] else { return false };
        let connected = self.servers[node].connect(pool, handle);
        self.customers[handle].connected[pool as usize][depth] = connected;
        self.customers[handle].at = (!connected).then_some(node);
        connected
    }

    pub(super) fn disconnect(&mut self, handle: usize, depth: Depth, pool: Pool) {
        let held = std::mem::take(&mut self.customers[handle].connected[pool as usize][depth]);
        let Some(node) = self.customers[handle].nodes[depth].filter(|_| held) else { return };
        if let Some(next) = self.servers[node].disconnect(pool) {
            let customer = &mut self.customers[next];
            let depth = self.network.steps[customer.step - 1].depth().unwrap_or(depth);
            customer.connected[pool as usize][depth] = true;
            customer.at = None;
            self.ready.push(next);
        }
    }

    pub(super) fn call(&mut self, handle: usize, depth: Depth) -> bool {
        let Some(node) = self.customers[handle].nodes[depth] else { return false };
        let cluster = self.servers[node].cluster;
        let limit = self.network.clusters[cluster].database_limit.unwrap_or(u32::MAX);
        let served = self.serving[cluster] < limit;
        if served {
            self.serving[cluster] += 1;
        } else {
            self.calling[cluster].push_back((handle, depth));
        }
        self.customers[handle].served[depth] = served;
        self.customers[handle].at = (!served).then_some(node);
        served
    }

    pub(super) fn end_call(&mut self, handle: usize, depth: Depth) {
        let served = std::mem::take(&mut self.customers[handle].served[depth]);
        let Some(node) = self.customers[handle].nodes[depth].filter(|_| served) else { return };
        let cluster = self.servers[node].cluster;
        if let Some((next, depth)) = self.calling[cluster].pop_front() {
            self.customers[next].served[depth] = true;
            self.customers[next].at = None;
            self.ready.push(next);
        } else {
            self.serving[cluster] -= 1;
        }
    }

    pub(super) fn free_worker(&mut self, handle: usize, depth: Depth) {
        let kept = std::mem::take(&mut self.customers[handle].keeps[depth]);
        let Some(node) = self.customers[handle].nodes[depth].filter(|_| kept) else { return };
        let station = &self.network.clusters[self.servers[node].cluster];
        self.servers[node].free_worker(self.now, station);
        self.plan(node);
    }
}
