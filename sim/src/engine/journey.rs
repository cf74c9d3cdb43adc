//! A request's way through its route: the interpreter of steps.

use super::Engine;
use super::marks::{Mark, reached};
use super::observations::{Part, Place};
use super::placement::Entry;
use super::request::Request;
use crate::network::{Depth, Need, Step, Variate};

impl Engine<'_> {
    /// Takes a request through its steps until one takes time.
    pub(super) fn proceed(&mut self, request: &mut Request) {
        loop {
            match self.network.steps[usize::from(request.step)] {
                Step::Attempt => self.begin_attempt(request),
                Step::Enter { cluster, depth, sticky, .. } => {
                    if self.gets_in(request) || !self.step_in(request, cluster, depth, sticky) {
                        return;
                    }
                }
                Step::Work { first, admission, .. } => {
                    let Some(burst) = self.network.burst(request.step, first) else { return };
                    return self.work(request, burst, admission);
                }
                Step::Delay { delay, need } => {
                    if self.delay(request, delay, need) {
                        return;
                    }
                }
                step @ (Step::LookUp { .. }
                | Step::Store { .. }
                | Step::Renew { .. }
                | Step::Renewed
                | Step::Find { .. }
                | Step::Ask { .. }
                | Step::Admit { .. }
                | Step::Count) => {
                    if !self.check(request, step) {
                        return;
                    }
                }
                step @ (Step::FreeWorker { .. }
                | Step::Connect { .. }
                | Step::Disconnect { .. }
                | Step::Call { .. }
                | Step::Return { .. }) => {
                    request.step += 1;
                    if !self.hold(request, step) {
                        return;
                    }
                }
                Step::Publish { cluster, first_step, counts } => {
                    request.step += 1;
                    self.publish(request, cluster, first_step, counts);
                }
                Step::Leave { depth } => {
                    if !self.gets_out(request) && !self.step_out(request, depth) {
                        return;
                    }
                }
                Step::Answer => return self.answer(request),
                Step::Discard => return,
            }
        }
    }

    /// A request enters a cluster; false where it does not go on at once.
    #[inline]
    fn step_in(&mut self, request: &mut Request, cluster: u16, depth: Depth, sticky: bool) -> bool {
        match self.enter(request, cluster, depth, sticky) {
            Entry::Placed => return true,
            Entry::Waits => {}
            Entry::Failed(cause) => self.fail(*request, cause),
        }
        false
    }

    /// A node has answered a request; false where the node that called it has given it up.
    #[inline]
    fn step_out(&mut self, request: &mut Request, depth: Depth) -> bool {
        request.step += 1;
        if let Some(cluster) = self.leave(request, depth, true) {
            self.observers.completed(cluster);
        }
        !request.is(Request::ORPHAN) || depth == 0 || request.is_called(depth)
    }

    /// A delay begins; false if it is over at once.
    #[inline]
    fn delay(&mut self, request: &mut Request, delay: Variate, need: Need) -> bool {
        if !self.calls_are_delays && self.call_out(request, delay, need) {
            return true;
        }
        let lane = self.lanes.of_step(request.step);
        // Parts tell the copies of an event to several nodes apart.
        let part = request.burst;
        request.step += 1;
        if let Some((lane, nanos)) = lane {
            self.wait_in_lane(request, lane, nanos);
            return true;
        }
        let draws = self.draws[usize::from(request.flow)];
        let nanos = draws.nanos(&self.tables, request, need, part, delay) + 0.5;
        if nanos >= 1.0 {
            self.wait_until(request, self.now.saturating_add(nanos as i64 as u64));
        }
        nanos >= 1.0
    }

    /// The delay of a request is over, or what it was clipped to has come.
    pub(super) fn on_request(&mut self, mut request: Request) {
        if request.is(Request::CLIPPED) {
            reached(Mark::TimesOutOnTheWay);
            return self.give_up_on_the_way(request);
        }
        if request.is(Request::IN_LINE) {
            return self.on_line(&mut request);
        }
        if request.is(Request::CONNECTING) {
            return self.knock(&mut request);
        }
        if request.is(Request::ENDS) && !self.call_ends(&mut request) {
            return;
        }
        self.goes_on(&mut request);
    }

    /// A request has been somewhere else, or has waited for something, and goes on.
    #[inline]
    pub(super) fn goes_on(&mut self, request: &mut Request) {
        if self.observers.attribution().is_some() {
            self.book_wait(request);
        }
        self.proceed(request);
    }

    /// Books the time that a request has spent in its last step.
    #[cold]
    fn book_wait(&mut self, request: &Request) {
        let Some(last) = request.step.checked_sub(1) else { return };
        let (part, need, depth) = match self.network.steps[usize::from(last)] {
            Step::Delay { need, .. } => (Part::Delay, Some(need), None),
            Step::Connect { depth, .. } | Step::Call { depth } => {
                (Part::Connection, None, Some(depth))
            }
            _ => return,
        };
        let node = depth.map(|depth| usize::from(request.nodes[depth]));
        let cluster = node.map(|node| self.machines[node].cluster());
        if let Some(attribution) = self.observers.attribution()
            && !request.is(Request::ALONE)
        {
            attribution.spent(self.now, request, Place { part, need, cluster });
        }
    }

    /// A delay ends at `end`, or earlier with the deadline.
    #[inline]
    pub(super) fn wait_until(&mut self, request: &mut Request, end: u64) {
        request.time = end.min(request.deadline);
        if request.deadline < end {
            request.flags |= Request::CLIPPED;
            request.deadline = end;
        }
        self.queue.push(*request);
    }

    /// The client of a request on its way gives up.
    #[cold]
    fn give_up_on_the_way(&mut self, mut request: Request) {
        request.flags &= !Request::CLIPPED;
        let end = request.deadline;
        if self.expire(&mut request) {
            self.wait_until(&mut request, end);
        }
    }

    /// A delay of constant length begins, unless the client gives up before its end.
    #[inline]
    fn wait_in_lane(&mut self, request: &mut Request, lane: usize, nanos: u64) {
        let end = self.now + nanos;
        if request.deadline < end {
            reached(Mark::TimesOutInLane);
            return self.wait_until(request, end);
        }
        request.time = end;
        if self.lanes.enter(lane, *request) {
            self.tournament.set(self.first_lane + lane, end);
        }
    }

    /// The first request of a lane has come to its end.
    pub(super) fn on_lane(&mut self, lane: usize) {
        let Some(mut request) = self.lanes.leave(lane) else { return };
        self.tournament.set(self.first_lane + lane, self.lanes.next(lane));
        self.goes_on(&mut request);
    }
}
