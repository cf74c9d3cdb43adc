//! Changes of nodes in the plain engine.

use super::Plain;
use super::event::Event;
use crate::cause::Cause;
use crate::engine::parts::{Change, Condition, Finding};
use crate::network::{DEPTHS, Station};

impl Plain<'_> {
    pub(super) fn schedule_operator(&mut self, operator: usize, node: usize) {
        let next = self.operators[operator].next(node);
        if next < self.end {
            self.schedule(next, Event::Act { operator, node });
        }
    }

    /// An operator has changed its mind about other nodes.
    pub(super) fn wake(&mut self, operator: usize) {
        for node in self.operators[operator].woken() {
            self.schedule_operator(operator, node);
        }
    }

    pub(super) fn act(&mut self, operator: usize, node: usize) {
        if self.operators[operator].next(node) == self.now {
            if let Some(work) = self.operators[operator].asks_for(node) {
                let (stopped, sharing) = self.servers[node].stopped_and_shared(self.now);
                let crowding = self.servers[node].heap.crowding();
                let takes = self.machines[node].answers_probe_after(work, crowding, sharing);
                self.operators[operator].hears(node, stopped + takes);
            }
            let change = self.operators[operator].act(node, self.now);
            for again in self.operators[operator].done_again() {
                let seen = &mut self.flows[again.flow];
                let count =
                    if again.are_forgotten { &mut seen.forgotten } else { &mut seen.replayed };
                *count += if self.observing { again.requests } else { 0 };
            }
            self.schedule_operator(operator, node);
            self.wake(operator);
            if let Some(change) = change {
                self.change(node, change);
            }
        }
    }

    pub(super) fn change(&mut self, node: usize, change: Change) {
        self.change_by(node, change, Cause::Reset);
    }

    /// The same; what is lost is lost for this cause.
    pub(super) fn change_by(&mut self, node: usize, change: Change, cause: Cause) {
        let before = self.machines[node].condition();
        if change == Change::Admit {
            let finding = self.health[node].admits(self.now, before);
            return self.find(node, finding);
        }
        let is_new = change == Change::Replace && before.answers();
        if is_new {
            let cores = self.network.clusters[self.servers[node].cluster].cores;
            self.servers[node].heap.renew(cores);
            self.servers[node].has_cores(self.now, cores);
            self.plan(node);
            for operator in 0..self.operators.len() {
                self.operators[operator].is_replaced(node, self.now);
                self.wake(operator);
            }
        }
        let condition = self.machines[node].change(self.now, change);
        if is_new || condition == Some(Condition::Starting) {
            self.token_caches[node].begin_anew(self.now);
            self.endpoints.begin_anew(node);
        }
        if is_new || condition.is_some_and(|condition| !condition.is_of_a_process()) {
            self.meters.iter_mut().for_each(|meter| meter.begin_anew(node, self.now));
        }
        let Some(condition) = condition else { return };
        self.tell(node, condition);
        match condition {
            Condition::Starting => {
                if before == Condition::Vanished {
                    self.lose(node, Cause::Reset);
                }
                let machine = &self.machines[node];
                let station = &self.network.clusters[machine.cluster()];
                let ready = self.now + machine.start_up(self.network, station);
                self.schedule(ready, Event::Started { node, start: machine.start() });
            }
            Condition::Draining => self.believe(node, false),
            Condition::Up if before == Condition::Draining => self.believe(node, true),
            Condition::FailsFast | Condition::Fetching => {}
            Condition::Up | Condition::Hung | Condition::Vanished => {
                self.servers[node].hang(self.now, condition != Condition::Up);
                self.plan(node);
            }
            Condition::Absent | Condition::Standby | Condition::Down => self.lose(node, cause),
        }
    }

    /// A process needs the database, which is out: it ends, and begins again later.
    pub(super) fn ends_as_it_starts(&mut self, node: usize, start: u64) -> bool {
        let station = &self.network.clusters[self.servers[node].cluster];
        if !(station.starts_with_database && self.machines[node].is_starting(start)) {
            return false;
        }
        let is_out = self.suppliers.is_database_out(self.now);
        if is_out {
            let takes = self.machines[node].start_up(self.network, station);
            let ready = self.now + Station::STARTS_AGAIN_AFTER.0 + takes;
            self.schedule(ready, Event::Started { node, start });
        }
        is_out
    }

    pub(super) fn tell(&mut self, node: usize, condition: Condition) {
        for operator in 0..self.operators.len() {
            let before = self.operators[operator].next(node);
            self.operators[operator].learn(node, self.now, condition);
            if self.operators[operator].next(node) != before {
                self.schedule_operator(operator, node);
            }
            self.wake(operator);
        }
        let finding = self.health[node].sees(self.now, condition);
        self.find(node, finding);
    }

    /// Probes find out about a node.
    fn find(&mut self, node: usize, finding: Finding) {
        let (is_good, changes) = (self.health[node].is_good(), self.health[node].changes());
        match finding {
            Finding::AtOnce => self.believe(node, is_good),
            Finding::At(known) => self.schedule(known, Event::Probed { node, is_good, changes }),
            Finding::Never => {}
        }
    }

    pub(super) fn lose(&mut self, node: usize, cause: Cause) {
        let station = &self.network.clusters[self.servers[node].cluster];
        self.servers[node].crash(self.now, station);
        self.plan(node);
        let everyone = 0..self.customers.len();
        let mut lost: Vec<usize> = everyone
            .filter(|h| !self.customers[*h].ended && self.customers[*h].occupies(node).is_some())
            .collect();
        lost.sort_by_key(|handle| {
            let customer = &self.customers[*handle];
            (customer.request.name(), customer.nodes.map(|node| node.unwrap_or(usize::MAX)))
        });
        // First they are nowhere any more, so that none of them gets what another gives back.
        for handle in &lost {
            self.take_off(*handle, node);
        }
        for handle in lost {
            let customer = &self.customers[handle];
            match customer.occupies(node) {
                Some(depth) if customer.copy.is_none() => {
                    self.attempt_failed(handle, depth, cause);
                }
                _ => self.fail(handle, cause),
            }
        }
    }

    /// A request is no longer where it is, and holds nothing that the process on `ended` took with it.
    pub(super) fn take_off(&mut self, handle: usize, ended: usize) {
        let customer = &mut self.customers[handle];
        for depth in (0..DEPTHS).filter(|depth| customer.nodes[*depth] == Some(ended)) {
            customer.keeps[depth] = false;
            customer.connected.iter_mut().for_each(|pool| pool[depth] = false);
        }
        self.queues.iter_mut().for_each(|queue| queue.retain(|waits| waits.1 != handle));
        self.customers[handle].queued = false;
        self.customers[handle].stint = None;
        if let Some(node) = self.customers[handle].at.take() {
            let station = &self.network.clusters[self.servers[node].cluster];
            self.servers[node].remove(self.now, station, handle);
            self.calling.iter_mut().for_each(|line| line.retain(|waits| waits.0 != handle));
            self.plan(node);
        }
    }
}
