//! Ways of requests through the plain engine.

use super::Plain;
use super::customer::Customer;
use crate::cause::Cause;
use crate::engine::SESSIONS;
use crate::network::{Memory, Need, Pool, Step, Variate};

impl Plain<'_> {
    /// Takes a request through its steps until one takes time.
    pub(super) fn proceed(&mut self, handle: usize) {
        while !self.customers[handle].ended {
            let step = self.customers[handle].step;
            match self.network.steps[step] {
                Step::Attempt => self.begin_attempt(handle),
                Step::Enter { cluster, depth, sticky } => {
                    match self.enter(handle, usize::from(cluster), depth, sticky) {
                        Ok(node) => self.customers[handle].nodes[depth] = Some(node),
                        Err(cause) => return self.fail(handle, cause),
                    }
                    self.customers[handle].step += 1;
                }
                Step::Work { depth, burst, first, need, admission, .. } => {
                    let Some(node) = self.customers[handle].nodes[depth] else { return };
                    return self.work(handle, node, burst, first, need, admission);
                }
                Step::Delay { delay, need } => {
                    self.customers[handle].step += 1;
                    let part = self.customers[handle].copy.unwrap_or(0);
                    let nanos = (self.draw(handle, need, part, delay) + self.rounding) as u64;
                    if nanos > 0 {
                        let lane = self.lanes.of_step(step as u16).map(|(lane, _)| lane);
                        return self.set_out(handle, self.now + nanos, lane);
                    }
                }
                Step::SkipUnless { share, to } => {
                    let customer = &mut self.customers[handle];
                    let draws = self.draws[customer.flow()];
                    let taken = draws.uniform(&customer.request, Need::CacheMiss) < share;
                    customer.step = if taken { step + 1 } else { usize::from(to) };
                }
                step @ (Step::FreeWorker { .. }
                | Step::Connect { .. }
                | Step::Disconnect { .. }
                | Step::Call { .. }
                | Step::Return { .. }) => {
                    self.customers[handle].step += 1;
                    if !self.hold(handle, step) {
                        return;
                    }
                }
                Step::Publish { cluster, first_step } => {
                    self.customers[handle].step += 1;
                    self.publish(handle, usize::from(cluster), usize::from(first_step));
                }
                Step::Leave { depth } => {
                    self.customers[handle].step += 1;
                    if let Some(cluster) = self.leave(handle, depth) {
                        self.clusters[cluster].completed += u64::from(self.observing);
                    }
                }
                Step::Answer => self.answer(handle),
                Step::Discard => self.customers[handle].ended = true,
            }
        }
    }

    pub(super) fn draw(&self, handle: usize, need: Need, part: u8, law: Variate) -> f64 {
        let customer = &self.customers[handle];
        self.draws[customer.flow()].nanos(self.network, &customer.request, need, part, law)
    }

    /// The balancer chooses, as often as the cluster has nodes, until a node takes the request.
    pub(super) fn enter(
        &mut self,
        handle: usize,
        cluster: usize,
        depth: usize,
        sticky: bool,
    ) -> Result<usize, Cause> {
        let station = &self.network.clusters[cluster];
        let by_session = sticky || self.balancers[cluster].is_sticky();
        let session = by_session.then(|| self.session(handle));
        let mut outcome = Err(Cause::NoNode);
        while let Some(chosen) = self.balancers[cluster].choose(session) {
            let node = station.first_node + chosen;
            if self.machines[node].condition().accepts() {
                self.balancers[cluster].sent(chosen);
                self.servers[node].in_flight.change(self.now, 1);
                let memory = self.memory(handle, depth);
                self.servers[node].heap.take_on(memory);
                self.clusters[cluster].entered += u64::from(self.observing);
                outcome = Ok(node);
                break;
            }
            outcome = Err(Cause::Refused);
            self.failed_at(node);
            self.balancers[cluster].refused(chosen);
            if !station.health.passes_on() {
                break;
            }
        }
        self.balancers[cluster].forget_refusals();
        outcome
    }

    pub(super) fn memory(&self, handle: usize, depth: usize) -> Memory {
        self.network.flows[self.customers[handle].flow()].memory[depth]
    }

    pub(super) fn session(&self, handle: usize) -> u64 {
        let customer = &self.customers[handle];
        match self.network.flows[customer.flow()].crowd {
            Some(crowd) => u64::from(customer.request.number % self.network.crowds[crowd].users),
            None => self.draws[customer.flow()].session(&customer.request) % SESSIONS,
        }
    }

    /// Takes a request off the node where it is, gives back what it holds and leaves its nodes.
    pub(super) fn vacate(&mut self, handle: usize) {
        if let Some(node) = self.customers[handle].at.take() {
            let station = &self.network.clusters[self.servers[node].cluster];
            self.servers[node].remove(self.now, station, handle);
            self.calling.iter_mut().for_each(|line| line.retain(|waits| waits.0 != handle));
            self.plan(node);
        }
        for depth in 0..2 {
            self.end_call(handle, depth);
            self.disconnect(handle, depth, Pool::Database);
        }
        self.disconnect(handle, 0, Pool::KeyManager);
        for depth in 0..2 {
            self.free_worker(handle, depth);
        }
        for depth in 0..2 {
            if let Some(cluster) = self.leave(handle, depth) {
                self.clusters[cluster].failed += u64::from(self.observing);
            }
        }
    }

    /// A request leaves the node that it occupies at `depth`, if it does. Returns the cluster.
    pub(super) fn leave(&mut self, handle: usize, depth: usize) -> Option<usize> {
        let node = self.customers[handle].nodes[depth].take()?;
        if self.customers[handle].copy.is_some() {
            return None;
        }
        let cluster = self.servers[node].cluster;
        self.servers[node].in_flight.change(self.now, -1);
        let memory = self.memory(handle, depth);
        self.servers[node].free(handle);
        self.servers[node].heap.let_go(memory);
        if depth > 0 || !self.customers[handle].orphan {
            self.balancers[cluster].answered(node - self.network.clusters[cluster].first_node);
        }
        Some(cluster)
    }

    pub(super) fn publish(&mut self, handle: usize, cluster: usize, first_step: usize) {
        let station = &self.network.clusters[cluster];
        for member in 0..station.nodes {
            let node = station.first_node + member;
            if !self.machines[node].condition().accepts()
                || self.customers[handle].nodes[0] == Some(node)
            {
                continue;
            }
            self.customers.push(Customer {
                step: first_step,
                burst: 0,
                copy: Some(member as u8),
                orphan: false,
                nodes: [Some(node), None],
                keeps: [false; 2],
                connected: [[false; 2]; 2],
                served: [false; 2],
                ..self.customers[handle].clone()
            });
            self.ready.push(self.customers.len() - 1);
        }
    }
}
