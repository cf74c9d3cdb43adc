//! Changes of nodes in the plain engine.

use super::Plain;
use super::event::Event;
use crate::cause::Cause;
use crate::engine::parts::{Change, Condition, Finding};
use crate::engine::request::Request;

impl Plain<'_> {
    pub(super) fn schedule_operator(&mut self, operator: usize, node: usize) {
        let next = self.operators[operator].next(node);
        if next < self.end {
            self.schedule(next, Event::Act { operator, node });
        }
    }

    pub(super) fn act(&mut self, operator: usize, node: usize) {
        if self.operators[operator].next(node) == self.now {
            let change = self.operators[operator].act(node, self.now);
            self.schedule_operator(operator, node);
            self.change(node, change);
        }
    }

    pub(super) fn change(&mut self, node: usize, change: Change) {
        let drained = self.machines[node].condition() == Condition::Draining;
        let Some(condition) = self.machines[node].change(self.now, change) else { return };
        self.tell(node, condition);
        match condition {
            Condition::Starting => {
                let machine = &self.machines[node];
                let station = &self.network.clusters[machine.cluster()];
                let ready = self.now + machine.start_up(self.network, station);
                self.schedule(ready, Event::Started { node, start: machine.start() });
            }
            Condition::Draining => self.believe(node, false),
            Condition::Up if drained => self.believe(node, true),
            Condition::Up | Condition::Hung => {
                self.servers[node].hang(self.now, condition == Condition::Hung);
                self.plan(node);
            }
            Condition::Absent | Condition::Down => self.lose(node),
        }
    }

    pub(super) fn tell(&mut self, node: usize, condition: Condition) {
        for operator in 0..self.operators.len() {
            let before = self.operators[operator].next(node);
            self.operators[operator].learn(node, self.now, condition);
            if self.operators[operator].next(node) != before {
                self.schedule_operator(operator, node);
            }
        }
        if !matches!(condition, Condition::Starting | Condition::Draining) {
            self.probe(node, condition.answers());
        }
    }

    pub(super) fn lose(&mut self, node: usize) {
        let station = &self.network.clusters[self.servers[node].cluster];
        self.servers[node].crash(self.now, station);
        self.plan(node);
        let everyone = 0..self.customers.len();
        let mut lost: Vec<usize> = everyone
            .filter(|h| !self.customers[*h].ended && self.customers[*h].occupies(node))
            .collect();
        lost.sort_by_key(|handle| {
            let customer = &self.customers[*handle];
            let Request { arrived, flow, number, attempt, .. } = customer.request;
            (arrived, flow, number, attempt, customer.copy)
        });
        // First they are nowhere any more, so that none of them gets what another gives back.
        for handle in &lost {
            self.take_off(*handle, node);
        }
        for handle in lost {
            if !self.customers[handle].is_alone() {
                self.failed_at(node);
            }
            self.fail(handle, Cause::Reset);
        }
    }

    /// A request is no longer where it is, and holds nothing that the process on `ended` took with it.
    pub(super) fn take_off(&mut self, handle: usize, ended: usize) {
        let customer = &mut self.customers[handle];
        for depth in (0..2).filter(|depth| customer.nodes[*depth] == Some(ended)) {
            customer.keeps[depth] = false;
            customer.connected.iter_mut().for_each(|pool| pool[depth] = false);
        }
        if let Some(node) = self.customers[handle].at.take() {
            let station = &self.network.clusters[self.servers[node].cluster];
            self.servers[node].remove(self.now, station, handle);
            self.calling.iter_mut().for_each(|line| line.retain(|waits| waits.0 != handle));
            self.plan(node);
        }
    }

    pub(super) fn probe(&mut self, node: usize, answers: bool) {
        match self.health[node].finds_out(self.now, answers) {
            Finding::AtOnce => self.believe(node, answers),
            Finding::At(known) => {
                let changes = self.machines[node].changes();
                self.schedule(known, Event::Probed { node, answers, changes });
            }
            Finding::Never => {}
        }
    }

    pub(super) fn believe(&mut self, node: usize, up: bool) {
        let (cluster, member) = self.machines[node].place();
        self.balancers[cluster].believe(member, up);
    }

    pub(super) fn failed_at(&mut self, node: usize) {
        let (cluster, member) = self.machines[node].place();
        if !self.balancers[cluster].can_lose(member) {
            return;
        }
        if let Some(until) = self.health[node].failed(self.now) {
            self.balancers[cluster].believe(member, false);
            self.schedule(until, Event::AnotherChance { node });
        }
    }
}
