//! Visits of requests to nodes of the plain engine, with the bursts that they bring.

use super::Plain;
use super::customer::{Begun, Customer};
use super::event::Event;
use super::server::Job;
use crate::cause::Cause;
use crate::network::{Need, Step, Stint, Variate};

impl Plain<'_> {
    /// A request brings the burst that it is at: its law, what it is for, and the number to draw.
    pub(super) fn work(
        &mut self,
        handle: usize,
        node: usize,
        burst: (Variate, Need, u8),
        admission: bool,
    ) {
        let station = &self.network.clusters[self.servers[node].cluster];
        let begins = self.customers[handle].stint.is_none();
        let takes_stints = begins && self.takes_stints(node);
        if admission && self.servers[node].is_full(station) {
            self.clusters[self.servers[node].cluster].rejected += u64::from(self.observing);
            let depth = self.network.steps[self.customers[handle].step].depth().unwrap_or(0);
            return self.attempt_failed(handle, depth, Cause::Rejected);
        }
        self.customers[handle].at = Some(node);
        if takes_stints && self.customers[handle].copy.is_none() {
            self.begin_stint(node, handle, burst.1);
        }
        self.begin_burst(node, handle, burst);
        self.plan(node);
    }

    /// Whether a stint that begins now on a node is one burst there, after the others have been split where it
    /// is not.
    fn takes_stints(&mut self, node: usize) -> bool {
        let station = &self.network.clusters[self.servers[node].cluster];
        let mut whose = match self.servers[node].takes_stints(self.now, station) {
            Ok(takes) => return takes,
            Err(whose) => whose,
        };
        whose.sort_by_key(|handle| self.customers[*handle].request.name());
        let mut allocated = 0.0;
        for handle in whose {
            let customer = &mut self.customers[handle];
            let step = self.network.steps[customer.step];
            if let (Some(stint), Step::Work { need, .. }) = (customer.stint.take(), step) {
                allocated += stint.allocates;
                self.machines[node].worked(need, stint.share);
            }
        }
        self.allocate(node, allocated);
        self.plan(node);
        false
    }

    /// The burst that a request is at and those that follow it at once are one from now on.
    fn begin_stint(&mut self, node: usize, handle: usize, need: Need) {
        let Customer { step, burst, .. } = self.customers[handle];
        let Some(first) = self.network.burst(step as u16, burst) else { return };
        let on_workers = self.network.stint(first).on_workers;
        let slowness = self.slowness(node, need);
        self.customers[handle].stint =
            Some(Begun { slowness, left: 0.0, on_workers, allocates: 0.0, share: 0.0 });
        if on_workers > 0 {
            let retains = self.memory(handle, first.depth).retains;
            self.servers[node].retain((handle, first.depth), retains);
        }
    }

    fn begin_burst(&mut self, node: usize, handle: usize, burst: (Variate, Need, u8)) {
        let (law, need, part) = burst;
        let step = self.network.steps[self.customers[handle].step];
        let Step::Work { on_worker, depth, keeps, end, .. } = step else { return };
        let stint = self.customers[handle].stint;
        let slowness = stint.map_or_else(|| self.slowness(node, need), |stint| stint.slowness);
        let before = stint.map_or(0.0, |stint| stint.left);
        let left = before + self.draw(handle, need, part, law) * slowness;
        let alone = if on_worker { Stint::ALL } else { 0 };
        let on_workers = stint.map_or(alone, |stint| stint.on_workers);
        let customer = &mut self.customers[handle];
        let is_event = customer.copy.is_some();
        let kept = on_workers > 0 && std::mem::take(&mut customer.keeps[depth]);
        let keeps = keeps && customer.burst + 1 == end;
        let retains = if is_event { 0 } else { self.memory(handle, depth).retains };
        let joined = self.scheduled;
        self.customers[handle].on_the_way = joined;
        self.scheduled += 1;
        let job = Job { handle, depth, left, on_worker, on_workers, retains, kept, keeps, joined };
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
        let Job { handle, depth, keeps, left, .. } = self.servers[node].complete(self.now, station);
        self.book(node, handle, left);
        let customer = &mut self.customers[handle];
        customer.keeps[depth] |= keeps;
        customer.burst += 1;
        let part = customer.burst;
        if let Step::Work { burst, end, need, .. } = self.network.steps[customer.step]
            && part < end
        {
            return self.work(handle, node, (burst, need, part), false);
        }
        customer.at = None;
        customer.burst = 0;
        customer.step += 1;
        self.plan(node);
        self.proceed(handle);
    }

    /// A burst is complete, but for what rounding has left: what it has done is booked, for a stint when all
    /// of it is complete.
    fn book(&mut self, node: usize, handle: usize, left: f64) {
        let Customer { step, burst, stint, .. } = self.customers[handle];
        let Some(burst) = self.network.burst(step as u16, burst) else { return };
        let Some(begun) = stint else {
            self.allocate(node, burst.allocates);
            self.machines[node].worked(burst.need, burst.share);
            return;
        };
        let allocates = begun.allocates + burst.allocates;
        let share = begun.share + burst.share;
        let goes_on = self.network.next_in_stint(burst).is_some();
        self.customers[handle].stint = goes_on.then_some(Begun { left, allocates, share, ..begun });
        if !goes_on {
            self.allocate(node, allocates);
            self.machines[node].worked(burst.need, share);
        }
    }

    pub(super) fn slowness(&self, node: usize, need: Need) -> f64 {
        self.servers[node].heap.crowding() * self.machines[node].slowness(self.now, need)
    }
}
