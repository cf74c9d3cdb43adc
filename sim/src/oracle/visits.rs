//! Visits of requests to nodes of the plain engine, with the stops that come of them.

use super::Plain;
use super::event::Event;
use super::server::Job;
use crate::cause::Cause;
use crate::engine::parts::BACKGROUND_STEP;
use crate::network::{Need, Step, Variate};

impl Plain<'_> {
    pub(super) fn work(
        &mut self,
        handle: usize,
        node: usize,
        burst: Variate,
        first: u8,
        need: Need,
        admission: bool,
    ) {
        let station = &self.network.clusters[self.servers[node].cluster];
        if admission && self.servers[node].is_full(station) {
            self.clusters[self.servers[node].cluster].rejected += u64::from(self.observing);
            let depth = usize::from(self.customers[handle].nodes[0] != Some(node));
            return self.attempt_failed(handle, depth, Cause::Rejected);
        }
        self.customers[handle].burst = first;
        let part = self.customers[handle].copy.unwrap_or(first);
        let left = self.draw(handle, need, part, burst) * self.slowness(node, need);
        self.begin_burst(node, handle, left);
        self.plan(node);
    }

    pub(super) fn begin_burst(&mut self, node: usize, handle: usize, left: f64) {
        self.customers[handle].at = Some(node);
        let step = self.network.steps[self.customers[handle].step];
        let Step::Work { on_worker, depth, keeps, end, .. } = step else { return };
        let customer = &mut self.customers[handle];
        let is_event = customer.copy.is_some();
        let kept = on_worker && std::mem::take(&mut customer.keeps[depth]);
        let keeps = keeps && customer.burst + 1 == end;
        let retains = if is_event { 0 } else { self.memory(handle, depth).retains };
        let joined = self.scheduled;
        self.customers[handle].on_the_way = joined;
        self.scheduled += 1;
        let job = Job { handle, left, on_worker, retains, kept, keeps, joined };
        let station = &self.network.clusters[self.servers[node].cluster];
        self.servers[node].add(self.now, station, job);
    }

    /// Schedules the next completion on a node, if nothing changes before.
    pub(super) fn plan(&mut self, node: usize) {
        let server = &mut self.servers[node];
        server.plan += 1;
        let plan = server.plan;
        let (completion, stall) =
            (server.next_completion(self.rounding), server.next_stall(self.rounding));
        if let Some(time) = completion {
            let joined = self.has_line[node].then(|| self.servers[node].first().joined);
            self.schedule(time, Event::Completion { node, plan, joined });
        }
        if let Some(time) = stall {
            self.schedule(time, Event::Stall { node, plan });
        }
    }

    pub(super) fn complete(&mut self, node: usize) {
        let station = &self.network.clusters[self.servers[node].cluster];
        let Job { handle, keeps, .. } = self.servers[node].complete(self.now, station);
        if let Step::Work { allocates, need, share, .. } =
            self.network.steps[self.customers[handle].step]
        {
            self.allocate(node, allocates);
            self.machines[node].worked(need, share);
        }
        let customer = &mut self.customers[handle];
        let depth = usize::from(customer.nodes[0] != Some(node));
        customer.keeps[depth] |= keeps;
        customer.burst += 1;
        let part = customer.burst;
        if let Step::Work { burst, end, need, .. } = self.network.steps[customer.step]
            && part < end
        {
            let left = self.draw(handle, need, part, burst) * self.slowness(node, need);
            self.begin_burst(node, handle, left);
            return self.plan(node);
        }
        customer.at = None;
        customer.burst = 0;
        customer.step += 1;
        self.plan(node);
        self.proceed(handle);
    }

    /// A burst has allocated; when the budget is used up, the node stops for a collection.
    pub(super) fn allocate(&mut self, node: usize, amount: f64) {
        let server = &mut self.servers[node];
        if server.heap.allocate(amount) {
            let station = &self.network.clusters[server.cluster];
            let in_flight = server.in_flight.count as u32;
            let nanos = server.heap.collect(self.network, station, in_flight);
            server.stop(self.now, nanos as u64, true);
        }
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
        server.stop(self.now, nanos as u64, false);
        self.plan(node);
    }

    pub(super) fn slowness(&self, node: usize, need: Need) -> f64 {
        self.servers[node].heap.crowding() * self.machines[node].slowness(self.now, need)
    }
}
