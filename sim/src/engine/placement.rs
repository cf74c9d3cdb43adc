//! Which nodes a request occupies: a balancer chooses one, the request leaves it.

use super::marks::{Mark, reached};
use super::parts::{Condition, Greeting};
use super::request::{NOWHERE, Request};
use super::{Control, Engine, Entrance};
use crate::cause::Cause;
use crate::network::{DEPTHS, Depth, Need, Retry};

/// Open requests belong to one of so many sessions, where a balancer must know.
pub(crate) const SESSIONS: u64 = 1 << 16;

/// What becomes of a request that is to enter a cluster.
pub(super) enum Entry {
    /// It occupies a node.
    Placed,
    /// It waits, and will be heard of.
    Waits,
    /// No node takes it.
    Failed(Cause),
}

impl Engine<'_> {
    /// The balancer chooses until a node takes the request.
    #[inline]
    pub(super) fn enter(
        &mut self,
        request: &mut Request,
        cluster: u16,
        depth: Depth,
        sticky: bool,
    ) -> Entry {
        let index = usize::from(cluster);
        if self.is_calm(index) && !sticky {
            return self.enter_calm(request, index, depth);
        }
        let which = self.balancer_of(request, index);
        if self.balancers[which].is_full() {
            reached(Mark::OutOfConnections);
            return Entry::Failed(Cause::Rejected);
        }
        let session = (sticky || self.balancers[which].is_sticky()).then(|| self.session(request));
        let mut skips = self.skip_tried(request, which, depth);
        let first_node = self.network.clusters[index].first_node;
        let entry = loop {
            let Some(member) = self.balancers[which].choose(session) else {
                break self.find_nobody(request, which, index, depth);
            };
            if self.balancers[which].watches(member) {
                let until = self.balancers[which].tries(member, self.now);
                self.look_again(which, member, until);
            }
            let node = first_node + member;
            match self.machines[node].greets(depth) {
                Greeting::Accepts => {
                    self.occupy(request, which, node, depth);
                    request.step += 1;
                    break self.begin_visit(request, node, depth);
                }
                Greeting::Silent => {
                    self.occupy(request, which, node, depth);
                    request.step += 1;
                    self.ask_for_connection(request, depth);
                    break Entry::Waits;
                }
                Greeting::Refuses => {
                    reached(Mark::Refused);
                    skips = true;
                    if let Some(entry) = self.refused(request, which, node, depth) {
                        break entry;
                    }
                    reached(Mark::PassedOn);
                }
            }
        };
        if skips {
            self.balancers[which].forget_refusals();
        }
        entry
    }

    /// Whether the balancer of a cluster has nothing to do but to choose, and no other remembers any request.
    #[inline]
    fn is_calm(&self, cluster: usize) -> bool {
        self.entrances[cluster].is_calm && self.waits.is_empty()
    }

    /// As [`Self::enter`], where it is calm.
    #[inline]
    fn enter_calm(&mut self, request: &mut Request, cluster: usize, depth: Depth) -> Entry {
        let Entrance { first_node, first_balancer, .. } = self.entrances[cluster];
        let balancer = &mut self.balancers[first_balancer];
        let Some(member) = balancer.choose(None) else { return Entry::Failed(Cause::NoNode) };
        balancer.sent(member);
        let node = first_node + member;
        request.nodes[depth] = node as u16;
        request.step += 1;
        self.take_on(request, node, cluster, depth);
        Entry::Placed
    }

    /// A node takes a request on.
    #[inline]
    fn take_on(&mut self, request: &Request, node: usize, cluster: usize, depth: Depth) {
        self.machines[node].take_on(self.now);
        if self.nodes[node].line().is_none() {
            let memory = self.network.flows[usize::from(request.flow)].memory[depth];
            self.nodes[node].heap().take_on(memory);
        }
        self.observers.entered(cluster);
    }

    /// The balancer of a cluster through which a request goes.
    #[inline]
    pub(super) fn balancer_of(&self, request: &Request, cluster: usize) -> usize {
        let first = self.entrances[cluster].first_balancer;
        let balancing = &self.network.clusters[cluster].balancing;
        if balancing.workers == 1 {
            return first;
        }
        let draws = self.draws[usize::from(request.flow)];
        first + balancing.worker_of(draws.uniform(request, Need::WORKER))
    }

    /// A request counts at its balancer as being at a node.
    #[inline]
    fn occupy(&mut self, request: &mut Request, which: usize, node: usize, depth: Depth) {
        let (_, member) = self.machines[node].place();
        self.balancers[which].sent(member);
        request.nodes[depth] = node as u16;
    }

    /// A node has taken the request.
    #[inline]
    pub(super) fn begin_visit(
        &mut self,
        request: &mut Request,
        node: usize,
        depth: Depth,
    ) -> Entry {
        let machine = &self.machines[node];
        let (cluster, fails_after) = (machine.cluster(), machine.fails_after());
        let has_nothing = machine.condition() == Condition::Fetching;
        self.take_on(request, node, cluster, depth);
        if self.network.clusters[cluster].standby.is_some() {
            self.tell_who_stands_by(request, node);
        }
        if let Some(timeout) = self.network.clusters[cluster].balancing.read_timeout {
            self.limit(request, depth, self.now.saturating_add(timeout.0));
        }
        if has_nothing {
            reached(Mark::HasNothing);
            self.attempt_failed(*request, depth, Cause::NotDeployed);
            return Entry::Waits;
        }
        let Some(delay) = fails_after else { return Entry::Placed };
        reached(Mark::FailsFast);
        request.flags |= Request::FAILS;
        self.wait_until(request, self.now.saturating_add(delay));
        Entry::Waits
    }

    /// Those that stand by hear of a request that is taken.
    #[cold]
    fn tell_who_stands_by(&mut self, request: &Request, node: usize) {
        for operator in &mut self.operators {
            operator.takes(node, self.now, usize::from(request.flow));
        }
    }

    /// The nodes at which the request has failed already are not to be chosen. Returns whether there are
    /// any.
    #[inline]
    fn skip_tried(&mut self, request: &Request, which: usize, depth: Depth) -> bool {
        let Some(wait) = self.waits.get(request) else { return false };
        wait.tried[depth].iter().for_each(|member| self.balancers[which].refused(*member));
        !wait.tried[depth].is_empty()
    }

    /// The balancer finds no node for a request.
    #[cold]
    fn find_nobody(
        &mut self,
        request: &mut Request,
        which: usize,
        cluster: usize,
        depth: Depth,
    ) -> Entry {
        let limit = self.network.clusters[cluster].balancing.limit;
        if let Some(limit) = limit.filter(|_| self.balancers[which].has_full()) {
            return self.join_queue(request, which, &limit, depth);
        }
        reached(Mark::NobodyUp);
        let tried = self.waits.get(request).filter(|wait| !wait.tried[depth].is_empty());
        Entry::Failed(tried.map_or(Cause::NoNode, |wait| wait.cause))
    }

    /// A node has refused the connection. Returns what becomes of the request, unless another node is to be
    /// tried.
    #[cold]
    fn refused(
        &mut self,
        request: &mut Request,
        which: usize,
        node: usize,
        depth: Depth,
    ) -> Option<Entry> {
        let ((cluster, member), now) = (self.machines[node].place(), self.now);
        let station = &self.network.clusters[cluster];
        match station.balancing.retry {
            Retry::Never => {
                self.failed_at(which, member);
                Some(Entry::Failed(Cause::Refused))
            }
            Retry::Again { .. } => {
                self.occupy(request, which, node, depth);
                request.step += 1;
                request.flags |= Request::CONNECTING;
                self.attempt_failed(*request, depth, Cause::Refused);
                Some(Entry::Waits)
            }
            Retry::Next(pass_on) => {
                self.failed_at(which, member);
                self.balancers[which].refused(member);
                self.waits.change(request, |wait| wait.failed(depth, member, now, Cause::Refused));
                let goes_on = self.passes_on(&pass_on, request, cluster, depth, Cause::Refused);
                if !goes_on {
                    return Some(Entry::Failed(Cause::Refused));
                }
                None
            }
        }
    }

    fn session(&self, request: &Request) -> u64 {
        let flow = usize::from(request.flow);
        match self.network.flows[flow].crowd {
            Some(crowd) => u64::from(request.number % self.network.crowds[crowd].users),
            None => self.draws[flow].session(request) % SESSIONS,
        }
    }

    /// Sends an asynchronous event to each other node of a cluster, or to the one whose turn it is to count.
    pub(super) fn publish(
        &mut self,
        request: &Request,
        cluster: u16,
        first_step: u16,
        counts: bool,
    ) {
        let station = &self.network.clusters[usize::from(cluster)];
        let nodes = station.first_node..station.first_node + station.nodes;
        let machines = &self.machines;
        let accepts = |node: usize| machines[node].greets(1) == Greeting::Accepts;
        let told = if counts {
            let meter = &mut self.meters[usize::from(request.flow)];
            meter.tells(nodes, usize::from(request.nodes[0]), accepts)
        } else {
            nodes
        };
        for node in told {
            let member = node - station.first_node;
            let greeting = self.machines[node].greets(1);
            if greeting != Greeting::Accepts || usize::from(request.nodes[0]) == node {
                continue;
            }
            if counts && !self.meters[usize::from(request.flow)].tell(node) {
                reached(Mark::TellsNobody);
                continue;
            }
            let mut nodes = [NOWHERE; DEPTHS];
            nodes[0] = node as u16;
            let event = Request {
                deadline: u64::MAX,
                step: first_step,
                nodes,
                burst: member as u8,
                orphan: 0,
                flags: Request::EVENT,
                ..*request
            };
            self.ready.push(event);
        }
    }

    /// A request gives back everything that it occupies from a depth on.
    pub(super) fn vacate(&mut self, request: &mut Request, from: Depth) {
        if request.is(Request::IN_LINE) {
            self.leave_line(request);
        }
        if request.is(Request::HOLDS) {
            self.let_others_on(request, from);
        }
        if !request.is(Request::EVENT) {
            for depth in (from..request.nodes.len()).rev() {
                if let Some(cluster) = self.leave(request, depth, false) {
                    self.observers.lost(cluster);
                }
            }
        }
    }

    /// A request leaves the node that it occupies at `depth`, if it does, and may be answered. Returns the
    /// cluster, where the node had taken it.
    #[inline]
    pub(super) fn leave(
        &mut self,
        request: &mut Request,
        depth: Depth,
        is_answered: bool,
    ) -> Option<usize> {
        let node = request.nodes[depth];
        if node == NOWHERE {
            return None;
        }
        let node = usize::from(node);
        let (cluster, member) = self.machines[node].place();
        if self.is_calm(cluster) && !request.is(Request::ALONE) {
            self.balancers[self.entrances[cluster].first_balancer].answered(member);
            request.nodes[depth] = NOWHERE;
            self.let_go(request, node, depth);
            return Some(cluster);
        }
        if !self.waits.is_empty() {
            self.waits.leaves(request, depth, is_answered);
        }
        // Where it goes on alone, the balancer has been told already.
        if request.is_awaited(depth) {
            self.answered(request, cluster, member, is_answered);
        }
        request.nodes[depth] = NOWHERE;
        if request.is(Request::CONNECTING) {
            request.flags &= !Request::CONNECTING;
            return None;
        }
        self.let_go(request, node, depth);
        Some(cluster)
    }

    /// A node that had taken a request on lets it go.
    #[inline]
    fn let_go(&mut self, request: &mut Request, node: usize, depth: Depth) {
        self.machines[node].let_go(self.now);
        if self.nodes[node].line().is_some() {
            return;
        }
        let memory = self.network.flows[usize::from(request.flow)].memory[depth];
        let flag = Request::retains(depth);
        let heap = self.nodes[node].heap();
        if request.is(flag) {
            request.flags &= !flag;
            heap.free(memory.retains, request.arrived);
        }
        heap.let_go(memory);
    }

    /// A balancer no longer waits for a node.
    #[inline]
    pub(super) fn answered(
        &mut self,
        request: &Request,
        cluster: usize,
        member: usize,
        is_answered: bool,
    ) {
        let which = self.balancer_of(request, cluster);
        self.balancers[which].answered(member);
        if is_answered && self.balancers[which].watches(member) {
            self.balancers[which].succeeded(member, self.now);
        }
        if !self.queues[which].is_empty() {
            self.call_next(which);
        }
    }

    /// An attempt has failed at a node.
    #[cold]
    pub(super) fn failed_at(&mut self, which: usize, member: usize) {
        let until = self.balancers[which].failed(member, self.now);
        if until.is_some() {
            reached(Mark::TakenOut);
        }
        self.look_again(which, member, until);
    }

    /// A passive check looks at a node again when its time out is over.
    fn look_again(&mut self, balancer: usize, member: usize, until: Option<u64>) {
        if let Some(until) = until {
            self.control.schedule(until, Control::AnotherChance { balancer, member });
        }
    }
}
