//! Ways of requests through the plain engine.

use super::Plain;
use super::attempts::Entry;
use super::customer::{Customer, HasAnswer};
use crate::cause::Cause;
use crate::engine::SESSIONS;
use crate::engine::parts::{Called, Greeting};
use crate::network::{DEPTHS, Memory, Need, Pool, Step, Variate};

impl Plain<'_> {
    /// Takes a request through its steps until one takes time.
    pub(super) fn proceed(&mut self, handle: usize) {
        while !self.customers[handle].ended {
            let step = self.customers[handle].step;
            match self.network.steps[step] {
                Step::Attempt => self.begin_attempt(handle),
                Step::Enter { cluster, depth, sticky, .. } => {
                    match self.enter(handle, usize::from(cluster), depth, sticky) {
                        Entry::Placed => {}
                        Entry::Waits => return,
                        Entry::Failed(cause) => return self.fail(handle, cause),
                    }
                }
                Step::Work { depth, burst, first, need, admission, .. } => {
                    let Some(node) = self.customers[handle].nodes[depth] else { return };
                    let part = self.customers[handle].copy.unwrap_or(first);
                    self.customers[handle].burst = first;
                    return self.work(handle, node, (burst, need, part), admission);
                }
                Step::Delay { delay, need } => {
                    if self.delay(handle, step, delay, need) {
                        return;
                    }
                }
                check @ (Step::LookUp { .. }
                | Step::Store { .. }
                | Step::Renew { .. }
                | Step::Renewed
                | Step::Find { .. }
                | Step::Ask { .. }
                | Step::Admit { .. }
                | Step::Count) => {
                    if !self.check(handle, check) {
                        return;
                    }
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
                Step::Publish { cluster, first_step, counts } => {
                    self.customers[handle].step += 1;
                    self.publish(handle, usize::from(cluster), usize::from(first_step), counts);
                }
                Step::Leave { depth } => self.step_out(handle, depth),
                Step::Answer => self.answer(handle),
                Step::Discard => self.customers[handle].ended = true,
            }
        }
    }

    /// A delay begins; false where it is over at once.
    fn delay(&mut self, handle: usize, step: usize, delay: Variate, need: Need) -> bool {
        self.customers[handle].step += 1;
        let part = self.customers[handle].copy.unwrap_or(0);
        let nanos = self.draw(handle, need, part, delay);
        let flow = self.customers[handle].flow();
        let called = self.suppliers.called(self.now, flow, need);
        let is_watched = need == Need::BACKEND && self.endpoints.watch(flow);
        if called.is_some() || is_watched {
            self.call_out(handle, called, nanos, is_watched);
            return true;
        }
        let nanos = (nanos + self.rounding) as u64;
        if nanos > 0 {
            let lane = self.lanes.of_step(step as u16).map(|(lane, _)| lane);
            self.set_out(handle, self.now + nanos, lane);
        }
        nanos > 0
    }

    /// A call begins that may not be answered in time.
    fn call_out(&mut self, handle: usize, called: Option<Called>, nanos: f64, is_watched: bool) {
        let flow = self.customers[handle].flow();
        let depth = self.customers[handle].deepest();
        let caller = self.customers[handle].nodes[depth].filter(|_| is_watched);
        if caller.is_some_and(|node| !self.endpoints.calls(flow, node, self.now)) {
            return self.attempt_failed(handle, depth, Cause::Suspended);
        }
        let mut until = match called {
            None => self.now + (nanos + self.rounding) as u64,
            Some(Called::Longer(factor)) => self.now + (nanos * factor + self.rounding) as u64,
            Some(Called::From(start)) => start + (nanos + self.rounding) as u64,
            Some(Called::Refused) => self.now,
            Some(Called::Fails(after)) => self.now + after,
        };
        let is_refused = called == Some(Called::Refused);
        self.customers[handle].fails = is_refused || matches!(called, Some(Called::Fails(_)));
        if let Some(node) = caller {
            let patience = self.endpoints.gives_up(flow, node, self.now);
            if is_refused {
                self.endpoints.failed(flow, node, self.now);
            } else {
                let has = if patience < until { HasAnswer::TooLate } else { HasAnswer::InTime };
                self.customers[handle].calls = Some(has);
                until = until.min(patience);
            }
        }
        self.set_out(handle, until, None);
    }

    /// A node has answered.
    fn step_out(&mut self, handle: usize, depth: usize) {
        self.customers[handle].step += 1;
        if let Some(node) = self.customers[handle].nodes[depth]
            && self.customers[handle].is_awaited(depth)
        {
            self.succeeded(handle, node);
        }
        if let Some(cluster) = self.leave(handle, depth) {
            self.clusters[cluster].completed += u64::from(self.observing);
        }
        let customer = &mut self.customers[handle];
        // The node that called this one may have given it up.
        let is_called = customer.nodes[..depth].iter().any(Option::is_some);
        customer.ended |= customer.orphan && depth > 0 && !is_called;
    }

    pub(super) fn draw(&self, handle: usize, need: Need, part: u8, law: Variate) -> f64 {
        let customer = &self.customers[handle];
        self.draws[customer.flow()].nanos(&self.tables, &customer.request, need, part, law)
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

    /// Takes a request off the node where it is, gives back what it holds and leaves its nodes, from a depth
    /// on.
    pub(super) fn vacate(&mut self, handle: usize, from: usize) {
        if let Some(node) = self.customers[handle].at.take() {
            self.customers[handle].stint = None;
            let station = &self.network.clusters[self.servers[node].cluster];
            self.servers[node].remove(self.now, station, handle);
            self.calling.iter_mut().for_each(|line| line.retain(|waits| waits.0 != handle));
            self.plan(node);
        }
        for depth in from..DEPTHS {
            self.end_call(handle, depth);
            self.disconnect(handle, depth, Pool::Database);
        }
        (from..DEPTHS).for_each(|depth| self.disconnect(handle, depth, Pool::Nodes));
        (from..DEPTHS).for_each(|depth| self.free_worker(handle, depth));
        for depth in (from..DEPTHS).rev() {
            if let Some(cluster) = self.leave(handle, depth) {
                self.clusters[cluster].failed += u64::from(self.observing);
            }
        }
    }

    /// A request leaves the node that it occupies at `depth`, if it does. Returns the cluster.
    pub(super) fn leave(&mut self, handle: usize, depth: usize) -> Option<usize> {
        let node = self.customers[handle].nodes[depth]?;
        let customer = &mut self.customers[handle];
        (customer.limits[depth], customer.tried[depth]) = (u64::MAX, Vec::new());
        let is_awaited = customer.is_awaited(depth);
        if customer.copy.is_none() && is_awaited {
            self.answered(handle, node);
        }
        let customer = &mut self.customers[handle];
        customer.nodes[depth] = None;
        if customer.copy.is_some() || std::mem::take(&mut customer.connecting) {
            return None;
        }
        let cluster = self.servers[node].cluster;
        self.servers[node].in_flight.change(self.now, -1);
        let memory = self.memory(handle, depth);
        let arrived = self.customers[handle].request.arrived;
        self.servers[node].free((handle, depth), arrived);
        self.servers[node].heap.let_go(memory);
        Some(cluster)
    }

    pub(super) fn publish(
        &mut self,
        handle: usize,
        cluster: usize,
        first_step: usize,
        counts: bool,
    ) {
        let flow = self.customers[handle].flow();
        let station = &self.network.clusters[cluster];
        let mut told: Vec<usize> = (0..station.nodes).map(|at| station.first_node + at).collect();
        if counts {
            let own = self.customers[handle].nodes[0].unwrap_or(usize::MAX);
            let accepts = |node: usize| self.machines[node].greets(1) == Greeting::Accepts;
            let nodes = station.first_node..station.first_node + station.nodes;
            told = self.meters[flow].tells(nodes, own, accepts).collect();
        }
        for node in told {
            let member = node - station.first_node;
            if self.machines[node].greets(1) != Greeting::Accepts
                || self.customers[handle].nodes[0] == Some(node)
            {
                continue;
            }
            if counts && !self.meters[flow].tell(node) {
                continue;
            }
            let mut nodes = [None; DEPTHS];
            nodes[0] = Some(node);
            self.customers.push(Customer {
                step: first_step,
                burst: 0,
                copy: Some(member as u8),
                orphan: false,
                nodes,
                keeps: [false; DEPTHS],
                connected: [[false; DEPTHS]; 2],
                served: [false; DEPTHS],
                ..self.customers[handle].clone()
            });
            self.ready.push(self.customers.len() - 1);
        }
    }
}
