//! A visit of a request to a node: its bursts, one after the other.

use super::Engine;
use super::marks::{Mark, reached};
use super::parts::Work;
use super::request::Request;
use crate::cause::Cause;
use crate::network::{Depth, Need, Step, Variate};

/// A visit's bursts, as the step states them.
#[derive(Clone, Copy)]
pub(super) struct Visit {
    pub(super) depth: Depth,
    pub(super) burst: Variate,
    pub(super) first: u8,
    pub(super) need: Need,
    pub(super) on_worker: bool,
    /// Whether the request keeps its worker after the first burst.
    pub(super) keeps: bool,
    /// Whether the request is admitted here, or rejected.
    pub(super) admission: bool,
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
    /// The next event of a node: a burst is complete, a stall begins, or a request expires.
    pub(super) fn on_node(&mut self, index: usize) {
        let node = &mut self.nodes[index];
        if let Some(slot) = node.complete(self.now) {
            if node.is_watched() {
                self.book_burst(index, slot);
            }
            let step = self.nodes[index].request(slot).step;
            if let Step::Work { allocates, need, share, .. } = self.network.steps[usize::from(step)]
            {
                self.allocate(index, allocates);
                self.worked(index, need, share);
            }
            let node = &mut self.nodes[index];
            let request = node.request(slot);
            if let Some(next) = next_burst(&self.network.steps, request) {
                let draws = self.draws[usize::from(request.flow)];
                let nanos = draws.nanos(self.network, request, next.need, next.part, next.burst);
                (request.step, request.burst) = (next.step, next.part);
                let request = *request;
                let nanos = nanos * self.slowness(index, next.need);
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
        if let Some(slot) = node.expire(self.now) {
            reached(Mark::TimesOutOnNode);
            self.give_up_on_node(index, slot);
        }
        self.refresh(index);
    }

    /// The client of a request on a node gives up.
    #[cold]
    fn give_up_on_node(&mut self, index: usize, slot: u32) {
        let mut request = *self.nodes[index].request(slot);
        if self.cancels(&request) {
            request = self.nodes[index].abandon(self.now, slot);
            self.refresh(index);
            self.expire(&mut request);
            return;
        }
        self.expire(&mut request);
        self.nodes[index].leave_alone(slot, request);
    }

    /// Books how a burst has passed.
    #[cold]
    fn book_burst(&mut self, index: usize, slot: u32) {
        let (request, passed) = self.nodes[index].passed(self.now, slot);
        if let Step::Work { need, .. } = self.network.steps[usize::from(request.step)]
            && !request.is(Request::ALONE)
            && let Some(attribution) = self.observers.attribution()
        {
            let cluster = self.machines[index].cluster();
            attribution.passed(self.now, &request, (need, cluster), passed);
        }
    }

    /// Tells the tournament the next event of a node.
    #[inline]
    pub(super) fn refresh(&mut self, node: usize) {
        self.tournament.set(node, self.nodes[node].next_event());
    }

    #[inline]
    pub(super) fn work(&mut self, request: &mut Request, visit: Visit) {
        let node = usize::from(request.nodes[visit.depth]);
        if visit.admission && self.nodes[node].is_full() {
            let cluster = self.machines[node].cluster();
            self.observers.rejected(cluster);
            reached(Mark::Rejected);
            return self.attempt_failed(*request, visit.depth, Cause::Rejected);
        }
        let draws = self.draws[usize::from(request.flow)];
        // The copies of an event to several nodes have the number of their node already.
        let part = visit.first.max(request.burst);
        request.burst = visit.first;
        let nanos = draws.nanos(self.network, request, visit.need, part, visit.burst)
            * self.slowness(node, visit.need);
        if self.join_line(request, node, nanos) {
            return;
        }
        let burst = self.burst(request, nanos, visit.depth, visit.on_worker, visit.keeps);
        self.nodes[node].add(self.now, request, burst);
        self.refresh(node);
    }

    /// A burst joins the line of a node; false where the node has none.
    #[inline]
    fn join_line(&mut self, request: &mut Request, node: usize, nanos: f64) -> bool {
        let flow = &self.network.flows[usize::from(request.flow)];
        let Some(line) = self.nodes[node].line() else { return false };
        let leaves = if flow.timeout_cancels { request.deadline } else { u64::MAX };
        let end = line.join(self.now, nanos, leaves);
        request.flags |= Request::IN_LINE;
        self.wait_until(request, end);
        true
    }

    /// A request leaves the line of its node.
    pub(super) fn leave_line(&mut self, request: &mut Request) {
        request.flags &= !Request::IN_LINE;
        if let Step::Work { depth, .. } = self.network.steps[usize::from(request.step)]
            && let Some(line) = self.nodes[usize::from(request.nodes[depth])].line()
        {
            line.leave();
        }
    }

    /// The burst of a request in a line is complete: the next follows, or the next step.
    pub(super) fn on_line(&mut self, request: &mut Request) {
        self.leave_line(request);
        if let Step::Work { depth, need, share, .. } = self.network.steps[usize::from(request.step)]
        {
            self.worked(usize::from(request.nodes[depth]), need, share);
        }
        let Some(next) = next_burst(&self.network.steps, request) else {
            request.step += 1;
            request.burst = 0;
            return self.proceed(request);
        };
        (request.step, request.burst) = (next.step, next.part);
        let draws = self.draws[usize::from(request.flow)];
        let node = usize::from(request.nodes[next.depth]);
        let nanos = draws.nanos(self.network, request, next.need, next.part, next.burst)
            * self.slowness(node, next.need);
        self.join_line(request, node, nanos);
    }

    /// A node has done this share of the work of a kind for a request.
    #[inline]
    fn worked(&mut self, node: usize, need: Need, share: f32) {
        if self.machines[node].worked(need, share) {
            reached(Mark::WorksCold);
        }
    }

    /// By what a demand of that kind on a node is multiplied now.
    #[inline]
    fn slowness(&mut self, node: usize, need: Need) -> f64 {
        self.nodes[node].heap().crowding() * self.machines[node].slowness(self.now, need)
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
