//! A visit of a request to a node: its bursts, one after the other.

use super::Engine;
use super::marks::{Mark, reached};
use super::parts::{Regime, Work};
use super::request::Request;
use crate::cause::Cause;
use crate::network::{Burst, Need, Stint};

impl Engine<'_> {
    /// The next event of a node: a burst is complete, a stall begins, or a request expires.
    pub(super) fn on_node(&mut self, index: usize) {
        let node = &mut self.nodes[index];
        if let Some(complete) = node.complete(self.now) {
            if node.is_watched() {
                self.book_burst(index, complete.slot);
            }
            return self.on_burst(index, complete.slot, complete.is_stint);
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

    /// A burst is complete, or a stint: the next follows, or the next step.
    #[inline]
    fn on_burst(&mut self, index: usize, slot: u32, is_stint: bool) {
        let Request { step, burst, .. } = *self.nodes[index].request(slot);
        if let Some(next) = self.book_work(index, slot, (step, burst), is_stint) {
            let request = self.nodes[index].request(slot);
            (request.step, request.burst) = (next.step, next.part);
            let request = *request;
            let regime = self.regime(index);
            let burst = self.compose(&request, index, next, next.part, regime);
            self.nodes[index].again(slot, burst);
            return self.refresh(index);
        }
        let node = &mut self.nodes[index];
        let mut request = node.take(slot);
        self.tournament.set(index, node.next_event());
        request.step += 1;
        request.burst = 0;
        self.proceed(&mut request);
    }

    /// Books the work of a burst that is complete, or of a stint. Returns the burst that follows at once.
    #[inline]
    fn book_work(
        &mut self,
        index: usize,
        slot: u32,
        (step, part): (u16, u8),
        is_stint: bool,
    ) -> Option<Burst> {
        if is_stint && let Some(known) = self.stints.from(step, part) {
            let (Stint { allocates, share, last, .. }, follower) = (known.stint, known.follower);
            self.allocate(index, allocates);
            self.worked(index, last.need, share);
            self.nodes[index].request(slot).step = last.step;
            return follower;
        }
        let burst = self.network.burst(step, part)?;
        let stint = if is_stint { self.network.stint(burst) } else { Stint::of(burst) };
        self.allocate(index, stint.allocates);
        self.worked(index, burst.need, stint.share);
        self.nodes[index].request(slot).step = stint.last.step;
        self.network.follower(stint.last)
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
        if let Some(burst) = self.network.burst(request.step, request.burst)
            && !request.is(Request::ALONE)
            && let Some(attribution) = self.observers.attribution()
        {
            let cluster = self.machines[index].cluster();
            attribution.passed(self.now, &request, (burst.need, cluster), passed);
        }
    }

    /// Tells the tournament the next event of a node.
    #[inline]
    pub(super) fn refresh(&mut self, node: usize) {
        self.tournament.set(node, self.nodes[node].next_event());
    }

    /// A request brings its first burst of a step, and may be rejected where it is admitted.
    #[inline]
    pub(super) fn work(&mut self, request: &mut Request, burst: Burst, admission: bool) {
        let node = usize::from(request.nodes[burst.depth]);
        let regime = self.regime(node);
        if admission && self.nodes[node].is_full() {
            let cluster = self.machines[node].cluster();
            self.observers.rejected(cluster);
            reached(Mark::Rejected);
            return self.attempt_failed(*request, burst.depth, Cause::Rejected);
        }
        // The copies of an event to several nodes have the number of their node already.
        let part = burst.part.max(request.burst);
        request.burst = burst.part;
        if self.nodes[node].line().is_some() {
            return self.join_line(request, node, burst, part);
        }
        let work = self.compose(request, node, burst, part, regime);
        self.nodes[node].add(self.now, request, work);
        self.refresh(node);
    }

    /// A burst joins the line of a node, which nothing slows.
    #[inline]
    pub(super) fn join_line(&mut self, request: &mut Request, node: usize, burst: Burst, part: u8) {
        let nanos = self.nanos(request, burst, part);
        let flow = &self.network.flows[usize::from(request.flow)];
        let Some(line) = self.nodes[node].line() else { return };
        let leaves = if flow.timeout_cancels { request.deadline } else { u64::MAX };
        let end = line.join(self.now, nanos, leaves);
        request.flags |= Request::IN_LINE;
        self.wait_until(request, end);
    }

    /// A request leaves the line of its node. Returns the burst for which it was there.
    #[inline]
    pub(super) fn leave_line(&mut self, request: &mut Request) -> Option<Burst> {
        request.flags &= !Request::IN_LINE;
        let burst = self.network.burst(request.step, request.burst)?;
        self.nodes[usize::from(request.nodes[burst.depth])].line()?.leave();
        Some(burst)
    }

    /// The burst of a request in a line is complete: the next follows, or the next step.
    pub(super) fn on_line(&mut self, request: &mut Request) {
        if self.gets_off(request) {
            return self.proceed(request);
        }
        let Some(burst) = self.leave_line(request) else { return };
        let Some(next) = self.network.follower(burst) else {
            request.step += 1;
            request.burst = 0;
            return self.proceed(request);
        };
        (request.step, request.burst) = (next.step, next.part);
        let node = usize::from(request.nodes[next.depth]);
        self.join_line(request, node, next, next.part);
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

    /// How a burst that begins now on a node is in service.
    #[inline]
    fn regime(&mut self, node: usize) -> Regime {
        let regime = self.nodes[node].regime();
        if regime == Regime::Splits {
            self.split_stints(node);
        }
        regime
    }

    /// A burst of a request that begins now, alone or with those that follow it at once.
    #[inline]
    fn compose(
        &mut self,
        request: &Request,
        node: usize,
        burst: Burst,
        part: u8,
        regime: Regime,
    ) -> Work {
        let slowness = self.slowness(node, burst.need);
        if regime == Regime::Stints && !request.is(Request::EVENT) {
            return self.compose_stint(request, burst, slowness);
        }
        let nanos = self.nanos(request, burst, part);
        self.brings(request, &Stint::of(burst), nanos * slowness)
    }

    /// A burst of a request with those that follow it at once.
    #[inline]
    fn compose_stint(&self, request: &Request, burst: Burst, slowness: f64) -> Work {
        let Some(known) = self.stints.from(burst.step, burst.part) else {
            let bursts = self.network.bursts(burst);
            let nanos: f64 = bursts.map(|burst| self.nanos(request, burst, burst.part)).sum();
            let stint = self.network.stint(burst);
            return Work { is_stint: true, ..self.brings(request, &stint, nanos * slowness) };
        };
        let draws = self.draws[usize::from(request.flow)];
        let parts = self.stints.parts(known).iter();
        let nanos =
            parts.map(|(part, law)| draws.nanos(&self.tables, request, burst.need, *part, *law));
        let nanos = nanos.sum::<f64>() * slowness;
        Work { is_stint: true, ..self.brings(request, &known.stint, nanos) }
    }

    /// The work of a burst, nanoseconds of one core of a node that nothing slows.
    #[inline]
    fn nanos(&self, request: &Request, burst: Burst, part: u8) -> f64 {
        let draws = self.draws[usize::from(request.flow)];
        draws.nanos(&self.tables, request, burst.need, part, burst.law)
    }

    /// Work with what a request begins to keep alive with it, and whether it has kept a worker for it and
    /// keeps one after it.
    #[inline]
    fn brings(&self, request: &Request, stint: &Stint, nanos: f64) -> Work {
        let (depth, on_worker) = (stint.last.depth, stint.on_workers > 0);
        let bytes = self.network.flows[usize::from(request.flow)].memory[depth].retains;
        let has_begun = request.is(Request::retains(depth) | Request::EVENT);
        let retaining = on_worker && bytes > 0 && !has_begun;
        Work {
            nanos,
            on_workers: stint.on_workers,
            retains: if retaining { bytes as f32 } else { 0.0 },
            depth: depth as u8,
            retaining,
            keeps: stint.last.keeps,
            kept: on_worker && request.is(Request::keeps(depth)),
            is_stint: false,
        }
    }

    /// More are on a node than it has workers: of each stint there, the burst that it is in is in service
    /// alone from now on, and what it has behind it is booked.
    #[cold]
    fn split_stints(&mut self, node: usize) {
        reached(Mark::SplitsStints);
        let (mut present, mut allocated) = (Vec::new(), 0.0);
        for stint in self.nodes[node].under_way(self.now) {
            let mut request = stint.request;
            let Some(first) = self.network.burst(request.step, request.burst) else { continue };
            let nanos = |burst: Burst| self.nanos(&stint.request, burst, burst.part);
            let whole: f64 = self.network.bursts(first).map(nanos).sum();
            let slowness = if whole > 0.0 { stint.nanos / whole } else { 1.0 };
            let (mut until, mut share, mut burst) = (nanos(first) * slowness, 0.0, first);
            while until <= stint.done
                && let Some(next) = self.network.next_in_stint(burst)
            {
                allocated += burst.allocates;
                share += burst.share;
                until += nanos(next) * slowness;
                burst = next;
            }
            (request.step, request.burst) = (burst.step, burst.part);
            let is_last = self.network.next_in_stint(burst).is_none();
            let nanos = if is_last { stint.nanos } else { until };
            let mut work = self.brings(&request, &Stint::of(burst), nanos);
            // It has its worker already, and what it keeps alive is counted.
            (work.kept, work.retains, work.retaining) = (false, 0.0, false);
            present.push((stint.slot, request, work));
            self.worked(node, first.need, share);
        }
        self.nodes[node].split(&present);
        self.allocate(node, allocated);
        self.refresh(node);
    }
}
