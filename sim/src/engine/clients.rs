//! The client's side: a request arrives, is answered, fails, is tried again; a user thinks.

use super::Engine;
use super::marks::{Mark, reached};
use super::request::{NOWHERE, Request};
use crate::cause::Cause;
use crate::network::{DEPTHS, Need};

/// A closed user who is turned away at once looks at the error for so long, nanoseconds; without it
/// a user without think time would fail again at the same instant, for ever.
pub(crate) const LOOK_AT_ERROR: u64 = 1_000_000;

impl Engine<'_> {
    /// A request of an open flow arrives.
    pub(super) fn on_arrival(&mut self, flow: usize) {
        let number = self.arrivals[flow].number();
        let next = self.arrivals[flow].next(self.now);
        self.tournament.set(self.nodes.len() + flow, next);
        let first_step = self.network.flows[flow].first_step;
        self.proceed(&mut Request::new(flow, number, first_step, self.now));
    }

    /// An attempt begins; the first one is the arrival of the request.
    #[inline]
    pub(super) fn begin_attempt(&mut self, request: &mut Request) {
        let flow = usize::from(request.flow);
        let timeout = self.network.flows[flow].timeout;
        request.deadline = timeout.map_or(u64::MAX, |timeout| self.now.saturating_add(timeout.0));
        request.step += 1;
        if request.attempt == 0 {
            request.arrived = self.now;
        }
        self.observers.attempted(self.now, request);
    }

    /// The client has its answer, unless it has left.
    pub(super) fn answer(&mut self, request: &Request) {
        if request.is(Request::ORPHAN) {
            reached(Mark::AnswersNobody);
            return self.observers.wasted(self.now, request);
        }
        self.observers.answered(self.now, request);
        self.end_request(request, 0);
    }

    /// An attempt has failed: the request tries again or ends. Nodes that it occupied are free of it.
    #[cold]
    pub(super) fn fail(&mut self, mut request: Request, cause: Cause) {
        self.waits.take(&request);
        self.vacate(&mut request, 0);
        if !request.is(Request::ALONE) {
            self.try_again(request, cause);
        }
    }

    /// The client of a request gives its attempt up. Where that ends no work, the request goes on alone.
    /// Returns whether it does.
    #[cold]
    pub(super) fn give_up(&mut self, request: &mut Request) -> bool {
        let is_sent = request.nodes != [NOWHERE; DEPTHS] && !request.is_connecting(0);
        if !is_sent || self.cancels(request) {
            self.fail(*request, Cause::TimedOut);
            return false;
        }
        let client = *request;
        let waits = self.waits.take(request);
        if let Some(machine) = self.machines.get(usize::from(request.nodes[0])) {
            // The balancer sees that the client has hung up.
            let (cluster, member) = machine.place();
            self.answered(request, cluster, member, false);
        }
        self.orphan(request);
        self.waits.leave_alone(request, waits);
        self.try_again(client, Cause::TimedOut);
        true
    }

    /// Nobody reads the answer of a request any more.
    pub(super) fn orphan(&mut self, request: &mut Request) {
        self.orphans = self.orphans.wrapping_add(1).max(1);
        request.orphan = self.orphans;
        request.flags |= Request::ORPHAN;
    }

    /// Whether the work of a request ends when its client gives up.
    pub(super) fn cancels(&self, request: &Request) -> bool {
        self.network.flows[usize::from(request.flow)].timeout_cancels
    }

    /// The client of a failed attempt begins another, or has failed with it.
    fn try_again(&mut self, mut request: Request, cause: Cause) {
        let flow = usize::from(request.flow);
        let source = &self.network.flows[flow];
        if request.attempt < source.retries.max {
            let wait = self.draws[flow].back_off(&request, &source.retries);
            request.attempt += 1;
            reached(Mark::Retries);
            request.burst = 0;
            request.step = source.first_step;
            request.nodes = [NOWHERE; DEPTHS];
            request.deadline = u64::MAX;
            (request.flags, request.orphan) = (0, 0);
            request.time = self.now.saturating_add(wait);
            self.queue.push(request);
            return;
        }
        self.observers.failed(self.now, &request, cause);
        self.end_request(&request, LOOK_AT_ERROR);
    }

    /// One of these users thinks before the request of this number, after a pause.
    pub(super) fn think(&mut self, crowd: usize, number: u32, pause: u64) {
        let crowd = &self.network.crowds[crowd];
        let flow = self.draws[crowd.flows[0].0].flow_of(number, crowd);
        let source = &self.network.flows[flow];
        let mut request = Request::new(flow, number, source.first_step, self.now);
        let think = self.draws[flow].nanos(&self.tables, &request, Need::THINK, 0, source.think);
        request.time = self.now.saturating_add(pause).saturating_add(think.round() as u64);
        self.queue.push(request);
    }

    fn end_request(&mut self, request: &Request, pause: u64) {
        let flow = usize::from(request.flow);
        if let Some(crowd) = self.network.flows[flow].crowd {
            let users = self.network.crowds[crowd].users;
            // An answer that took less than a nanosecond must not stop the clock.
            let pause = pause.max(u64::from(request.arrived == self.now));
            self.think(crowd, request.number.wrapping_add(users), pause);
        }
    }
}
