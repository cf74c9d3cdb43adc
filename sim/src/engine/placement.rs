//! Which nodes a request occupies: the balancer chooses one, the request leaves it.

use super::Engine;
use super::marks::{Mark, reached};
use super::request::{NOWHERE, Request};
use crate::cause::Cause;
use crate::network::Depth;

/// Open requests belong to one of so many sessions, where a balancer must know.
pub(crate) const SESSIONS: u64 = 1 << 16;

impl Engine<'_> {
    /// The balancer chooses until a node takes the request.
    #[inline]
    pub(super) fn enter(
        &mut self,
        request: &mut Request,
        cluster: u16,
        depth: Depth,
        sticky: bool,
    ) -> Result<(), Cause> {
        let index = usize::from(cluster);
        let session = (sticky || self.balancers[index].is_sticky()).then(|| self.session(request));
        let first_node = self.network.clusters[index].first_node;
        let mut refused = false;
        let placed = loop {
            let balancer = &mut self.balancers[index];
            let Some(member) = balancer.choose(session) else {
                reached(Mark::NobodyUp);
                break Err(if refused { Cause::Refused } else { Cause::NoNode });
            };
            let node = first_node + member;
            let machine = &mut self.machines[node];
            if machine.condition().accepts() {
                balancer.sent(member);
                machine.take_on(self.now);
                let flow = usize::from(request.flow);
                self.nodes[node].heap().take_on(self.network.flows[flow].memory[depth]);
                self.observers.entered(index);
                request.nodes[depth] = node as u16;
                request.step += 1;
                break Ok(());
            }
            refused = true;
            reached(Mark::Refused);
            self.failed_at(node);
            self.balancers[index].refused(member);
            if !self.network.clusters[index].health.passes_on() {
                break Err(Cause::Refused);
            }
            reached(Mark::PassedOn);
        };
        if refused {
            self.balancers[index].forget_refusals();
        }
        placed
    }

    fn session(&self, request: &Request) -> u64 {
        let flow = usize::from(request.flow);
        match self.network.flows[flow].crowd {
            Some(crowd) => u64::from(request.number % self.network.crowds[crowd].users),
            None => self.draws[flow].session(request) % SESSIONS,
        }
    }

    /// Sends an asynchronous event to each other node of a cluster.
    pub(super) fn publish(&mut self, request: &Request, cluster: u16, first_step: u16) {
        let station = &self.network.clusters[usize::from(cluster)];
        for member in 0..station.nodes {
            let node = station.first_node + member;
            if !self.machines[node].condition().accepts() || usize::from(request.nodes[0]) == node {
                continue;
            }
            let event = Request {
                deadline: u64::MAX,
                step: first_step,
                nodes: [node as u16, NOWHERE],
                burst: member as u8,
                flags: Request::EVENT,
                ..*request
            };
            self.ready.push(event);
        }
    }

    /// A request gives back everything that it occupies.
    pub(super) fn vacate(&mut self, request: &mut Request) {
        if request.is(Request::IN_LINE) {
            self.leave_line(request);
        }
        if request.is(Request::HOLDS) {
            self.let_others_on(request);
        }
        if !request.is(Request::EVENT) {
            for depth in 0..request.nodes.len() {
                if let Some(cluster) = self.leave(request, depth) {
                    self.observers.lost(cluster);
                }
            }
        }
    }

    /// A request leaves the node that it occupies at `depth`, if it does. Returns the cluster.
    #[inline]
    pub(super) fn leave(&mut self, request: &mut Request, depth: Depth) -> Option<usize> {
        let node = std::mem::replace(&mut request.nodes[depth], NOWHERE);
        if node == NOWHERE {
            return None;
        }
        let memory = self.network.flows[usize::from(request.flow)].memory[depth];
        let flag = Request::RETAINS[depth];
        if request.is(flag) {
            request.flags &= !flag;
            self.nodes[usize::from(node)].heap().free(memory.retains);
        }
        self.nodes[usize::from(node)].heap().let_go(memory);
        let machine = &mut self.machines[usize::from(node)];
        machine.let_go(self.now);
        let (cluster, member) = machine.place();
        if depth > 0 || !request.is(Request::ORPHAN) {
            self.balancers[cluster].answered(member);
        }
        Some(cluster)
    }
}
