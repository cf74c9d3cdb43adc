//! A request's way through its route: from node to node, waiting, working, calling on.

use super::Engine;
use super::node::Work;
use super::observations::Cause;
use super::request::{NOWHERE, Request};
use crate::network::{Depth, Need, Pool, Step, Variate};

/// Open requests belong to one of so many sessions, where a balancer must know.
const SESSIONS: u64 = 1 << 16;

/// A visit's bursts, as the step states them.
#[derive(Clone, Copy)]
struct Visit {
    depth: Depth,
    burst: Variate,
    first: u8,
    need: Need,
    on_worker: bool,
    /// Whether the request keeps its worker after the first burst.
    keeps: bool,
    /// Whether the request is admitted here, or rejected.
    admission: bool,
}

/// A burst that follows another at once on the same node.
struct Next {
    depth: Depth,
    step: u16,
    part: u8,
    burst: Variate,
    need: Need,
    on_worker: bool,
    keeps: bool,
}

impl Engine<'_> {
    /// Takes a request through its steps until one takes time.
    pub(super) fn proceed(&mut self, request: &mut Request) {
        loop {
            match self.network.steps[usize::from(request.step)] {
                Step::Attempt => self.begin_attempt(request),
                Step::Enter { cluster, depth, sticky } => {
                    if let Err(cause) = self.enter(request, cluster, depth, sticky) {
                        return self.fail(*request, cause);
                    }
                }
                Step::Work {
                    depth, burst, first, end, need, on_worker, admission, keeps, ..
                } => {
                    let keeps = keeps && first + 1 == end;
                    let visit = Visit { depth, burst, first, need, on_worker, keeps, admission };
                    return self.work(request, visit);
                }
                Step::Delay { delay, need } => {
                    // Parts tell the copies of an event to several nodes apart.
                    let part = request.burst;
                    let draws = self.draws[usize::from(request.flow)];
                    let nanos = draws.nanos(self.network, request, need, part, delay) + 0.5;
                    request.step += 1;
                    if nanos >= 1.0 {
                        return self.wait(request, nanos as i64 as u64);
                    }
                }
                Step::SkipUnless { share, to } => {
                    let draws = self.draws[usize::from(request.flow)];
                    let taken = draws.uniform(request, Need::CacheMiss) < share;
                    request.step = if taken { request.step + 1 } else { to };
                }
                Step::FreeWorker { depth } => {
                    request.step += 1;
                    self.free_worker(request, depth);
                }
                Step::Connect { depth, pool } => {
                    request.step += 1;
                    if !self.connect(request, depth, pool) {
                        return;
                    }
                }
                Step::Disconnect { depth, pool } => {
                    request.step += 1;
                    self.disconnect(request, depth, pool);
                }
                Step::Call { depth } => {
                    request.step += 1;
                    if !self.call(request, depth) {
                        return;
                    }
                }
                Step::Return { depth } => {
                    request.step += 1;
                    self.end_call(request, depth);
                }
                Step::Publish { cluster, first_step } => {
                    request.step += 1;
                    self.publish(request, cluster, first_step);
                }
                Step::Leave { depth } => {
                    request.step += 1;
                    if let Some(cluster) = self.leave(request, depth) {
                        self.counts[cluster].completed += u64::from(self.observing);
                    }
                }
                Step::Answer => return self.answer(request),
                Step::Discard => return,
            }
        }
    }

    /// The delay of a request is over, or what it was clipped to has come.
    pub(super) fn on_request(&mut self, mut request: Request) {
        if request.is(Request::CLIPPED) {
            request.flags &= !Request::CLIPPED;
            let cause = self.cause_of_expiry(&request);
            return self.fail(request, cause);
        }
        self.proceed(&mut request);
    }

    /// The next event of a node: a burst is complete, a stall begins, or a request expires.
    pub(super) fn on_node(&mut self, index: usize) {
        let node = &mut self.nodes[index];
        if let Some(slot) = node.complete(self.now) {
            let step = node.request(slot).step;
            if let Step::Work { allocates, .. } = self.network.steps[usize::from(step)] {
                self.allocate(index, allocates);
            }
            let node = &mut self.nodes[index];
            let request = node.request(slot);
            if let Some(next) = next_burst(&self.network.steps, request) {
                let draws = self.draws[usize::from(request.flow)];
                let nanos = draws.nanos(self.network, request, next.need, next.part, next.burst);
                (request.step, request.burst) = (next.step, next.part);
                let request = *request;
                let nanos = nanos * self.machines[index].slowness(self.now, node.live());
                let burst = self.burst(&request, nanos, next.depth, next.on_worker, next.keeps);
                let node = &mut self.nodes[index];
                node.again(slot, burst);
                return self.tournament.set(index, node.next_event());
            }
            let mut request = node.take(slot);
            self.tournament.set(index, node.next_event());
            request.step += 1;
            request.burst = 0;
            return self.proceed(&mut request);
        }
        if node.begins_stall(self.now) {
            self.stall(index);
            return self.refresh(index);
        }
        let expired = node.expire(self.now);
        self.refresh(index);
        if let Some(request) = expired {
            let cause = self.cause_of_expiry(&request);
            self.fail(request, cause);
        }
    }

    /// A request gives back everything that it occupies.
    pub(super) fn vacate(&mut self, request: &mut Request) {
        if request.is(Request::HOLDS) {
            self.let_others_on(request);
        }
        if !request.is(Request::EVENT) {
            for depth in 0..request.nodes.len() {
                if let Some(cluster) = self.leave(request, depth) {
                    self.counts[cluster].failed += u64::from(self.observing);
                }
            }
        }
    }

    /// Tells the tournament the next event of a node.
    #[inline]
    pub(super) fn refresh(&mut self, node: usize) {
        self.tournament.set(node, self.nodes[node].next_event());
    }

    /// The balancer chooses until a node takes the request.
    #[inline]
    fn enter(
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
                break Err(if refused { Cause::Refused } else { Cause::Unavailable });
            };
            let node = first_node + member;
            let machine = &mut self.machines[node];
            if machine.is_up() {
                balancer.sent(member);
                let flow = usize::from(request.flow);
                machine.take_on(self.now, self.network.flows[flow].memory[depth]);
                self.counts[index].entered += u64::from(self.observing);
                request.nodes[depth] = node as u16;
                request.step += 1;
                break Ok(());
            }
            refused = true;
            self.failed_at(node);
            let balancer = &mut self.balancers[index];
            if !balancer.passes_on() {
                break Err(Cause::Refused);
            }
            balancer.refused(member);
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

    #[inline]
    fn work(&mut self, request: &mut Request, visit: Visit) {
        let node = usize::from(request.nodes[visit.depth]);
        // It comes back at the very instant of the crash.
        if !self.machines[node].is_up() {
            return self.fail(*request, Cause::Lost);
        }
        if visit.admission && self.nodes[node].is_full() {
            let cluster = self.machines[node].cluster();
            self.counts[cluster].rejected += u64::from(self.observing);
            return self.fail(*request, Cause::Rejected);
        }
        let draws = self.draws[usize::from(request.flow)];
        // The copies of an event to several nodes have the number of their node already.
        let part = visit.first.max(request.burst);
        request.burst = visit.first;
        let nanos = draws.nanos(self.network, request, visit.need, part, visit.burst)
            * self.machines[node].slowness(self.now, self.nodes[node].live());
        let burst = self.burst(request, nanos, visit.depth, visit.on_worker, visit.keeps);
        let expires = self.expires(request, node as u16);
        let station = &mut self.nodes[node];
        station.add(self.now, request, burst, expires);
        self.tournament.set(node, station.next_event());
    }

    /// A burst of a request, with what the request begins to keep alive with it, and whether it has
    /// kept a worker for it and keeps one after it.
    #[inline]
    fn burst(
        &self,
        request: &Request,
        nanos: f64,
        depth: Depth,
        on_worker: bool,
        keeps: bool,
    ) -> Work {
        let flag = Request::RETAINS[depth];
        let bytes = self.network.flows[usize::from(request.flow)].memory[depth].retains;
        let begins = on_worker && bytes > 0 && request.flags & (flag | Request::EVENT) == 0;
        let (retains, retaining) = if begins { (bytes as f32, flag as u8) } else { (0.0, 0) };
        let kept = if on_worker { request.flags & Request::KEEPS[depth] } else { 0 };
        let keeps = if keeps { Request::KEEPS[depth] } else { 0 };
        Work { nanos, on_worker, retains, retaining, keeps: keeps as u8, kept: kept as u8 }
    }

    /// A delay ends after `nanos`, or earlier with the deadline or a crash of an occupied node.
    #[inline]
    fn wait(&mut self, request: &mut Request, nanos: u64) {
        let end = self.now.saturating_add(nanos);
        let expires = self.expires(request, NOWHERE);
        request.time = end.min(expires);
        // A crash at the very end comes first; a deadline does not.
        if expires < end || (expires == end && request.deadline > end) {
            request.flags |= Request::CLIPPED;
        }
        self.queue.push(*request);
    }

    /// When the request ends unfinished wherever it is: its deadline, or the next crash of a node
    /// that it occupies, other than `own`, whose crash takes what is on it anyway.
    #[inline]
    pub(super) fn expires(&self, request: &Request, own: u16) -> u64 {
        let occupied = request.nodes.iter().filter(|node| **node != NOWHERE && **node != own);
        let crash = occupied.map(|node| self.machines[usize::from(*node)].next_crash()).min();
        crash.map_or(request.deadline, |crash| crash.min(request.deadline))
    }

    /// The deadline has come, or a node that the request occupies has just crashed.
    fn cause_of_expiry(&mut self, request: &Request) -> Cause {
        if request.deadline <= self.now {
            return Cause::TimedOut;
        }
        let crashed = request.nodes.iter().copied().filter(|node| *node != NOWHERE);
        for node in crashed.map(usize::from).collect::<Vec<_>>() {
            if !self.machines[node].is_up() && !request.is(Request::EVENT) {
                self.failed_at(node);
            }
        }
        Cause::Lost
    }

    fn publish(&mut self, request: &Request, cluster: u16, first_step: u16) {
        let station = &self.network.clusters[usize::from(cluster)];
        for member in 0..station.nodes {
            let node = station.first_node + member;
            if !self.machines[node].is_up() || usize::from(request.nodes[0]) == node {
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

    /// A request leaves the node that it occupies at `depth`, if it does. Returns the cluster.
    #[inline]
    fn leave(&mut self, request: &mut Request, depth: Depth) -> Option<usize> {
        let node = std::mem::replace(&mut request.nodes[depth], NOWHERE);
        if node == NOWHERE {
            return None;
        }
        let memory = self.network.flows[usize::from(request.flow)].memory[depth];
        let flag = Request::RETAINS[depth];
        if request.is(flag) {
            request.flags &= !flag;
            self.nodes[usize::from(node)].free(memory.retains);
        }
        let (cluster, member) = self.machines[usize::from(node)].let_go(self.now, memory);
        self.balancers[cluster].answered(member);
        Some(cluster)
    }

    /// A request that ends gives back all that others may wait for.
    #[cold]
    fn let_others_on(&mut self, request: &mut Request) {
        for depth in 0..request.nodes.len() {
            self.end_call(request, depth);
            self.disconnect(request, depth, Pool::Database);
        }
        self.disconnect(request, 0, Pool::KeyManager);
        (0..request.nodes.len()).for_each(|depth| self.free_worker(request, depth));
    }

    /// A request takes a connection of its node; false where it waits there for one.
    fn connect(&mut self, request: &mut Request, depth: Depth, pool: Pool) -> bool {
        let node = request.nodes[depth];
        let expires = self.expires(request, node);
        let connected = self.nodes[usize::from(node)].connect(pool, request, expires);
        if connected {
            request.flags |= Request::CONNECTED[pool as usize][depth];
        } else {
            self.refresh(usize::from(node));
        }
        connected
    }

    fn disconnect(&mut self, request: &mut Request, depth: Depth, pool: Pool) {
        let flag = Request::CONNECTED[pool as usize][depth];
        if !request.is(flag) {
            return;
        }
        request.flags &= !flag;
        let node = request.nodes[depth];
        if let Some(mut next) = self.nodes[usize::from(node)].disconnect(pool) {
            // The same node may be another request's at another depth.
            let depth = usize::from(next.nodes[0] != node);
            next.flags |= Request::CONNECTED[pool as usize][depth];
            self.refresh(usize::from(node));
            self.ready.push(next);
        }
    }

    fn free_worker(&mut self, request: &mut Request, depth: Depth) {
        let flag = Request::KEEPS[depth];
        if request.is(flag) {
            request.flags &= !flag;
            let node = usize::from(request.nodes[depth]);
            self.nodes[node].free_worker(self.now);
            self.refresh(node);
        }
    }
}

/// The burst that follows at once on the same node when the present one of a request is complete.
#[inline]
fn next_burst(steps: &[Step], request: &Request) -> Option<Next> {
    let step = request.step;
    let Step::Work { depth, burst, end, need, on_worker, keeps, .. } = steps[usize::from(step)]
    else {
        return None;
    };
    let part = request.burst + 1;
    if part < end {
        let keeps = keeps && part + 1 == end;
        return Some(Next { depth, step, part, burst, need, on_worker, keeps });
    }
    match steps[usize::from(step) + 1] {
        Step::Work { depth: same, burst, first, end, need, on_worker, keeps, .. }
            if same == depth =>
        {
            let keeps = keeps && first + 1 == end;
            Some(Next { depth, step: step + 1, part: first, burst, need, on_worker, keeps })
        }
        _ => None,
    }
}
