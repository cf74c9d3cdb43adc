//! The client's side: a request arrives, is answered, fails, is tried again; a user thinks.

use super::observations::{
    Cause, Conservation, FlowObservations, RequestRecord, SecondObservations,
};
use super::request::{NOWHERE, Request};
use super::{Control, Engine};
use crate::network::Need;
use crate::stats::{Batches, Histogram, TimeAverage};
use crate::time::SimDuration;

/// A closed user who is turned away at once looks at the error for so long, nanoseconds; without it
/// a user without think time would fail again at the same instant, for ever.
const LOOK_AT_ERROR: u64 = 1_000_000;

/// What is counted of a flow.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) in_system: TimeAverage,
    whole: Conservation,
    arrivals: u64,
    failed: [u64; 5],
    retries: u64,
    sojourn: Histogram,
    batches: Batches,
    sojourn_sum: f64,
    sojourn_squares: f64,
    timeline: Vec<SecondObservations>,
}

impl Tally {
    pub(super) fn observations(self, now: u64, in_flight: u64) -> FlowObservations {
        FlowObservations {
            arrivals: self.arrivals,
            answered: self.sojourn.total(),
            failed: self.failed,
            retries: self.retries,
            sojourn: self.sojourn,
            batches: self.batches,
            sojourn_sum: self.sojourn_sum,
            sojourn_squares: self.sojourn_squares,
            in_system: self.in_system.average(now),
            whole: Conservation { in_flight, ..self.whole },
            timeline: self.timeline,
        }
    }

    #[cold]
    fn second(&mut self, nanos: u64) -> &mut SecondObservations {
        let second = (nanos / 1_000_000_000) as usize;
        if second >= self.timeline.len() {
            self.timeline.resize_with(second + 1, SecondObservations::default);
        }
        &mut self.timeline[second]
    }
}

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
        let tally = &mut self.tallies[flow];
        if request.attempt == 0 {
            request.arrived = self.now;
            tally.whole.arrived += 1;
            tally.in_system.up(self.now);
            tally.arrivals += u64::from(self.observing);
        } else {
            tally.retries += u64::from(self.observing);
        }
    }

    /// The client has its answer.
    pub(super) fn answer(&mut self, request: &Request) {
        let tally = &mut self.tallies[usize::from(request.flow)];
        tally.whole.answered += 1;
        if self.observing {
            let sojourn = self.now - request.arrived;
            let seconds = sojourn as f64 * 1e-9;
            tally.sojourn.record(sojourn);
            tally.batches.record(sojourn);
            tally.sojourn_sum += seconds;
            tally.sojourn_squares += seconds * seconds;
            if self.run.timeline {
                let second = tally.second(self.now - self.window_start);
                second.answered += 1;
                second.sojourn.record(sojourn);
            }
            if self.run.records {
                self.record(request, None);
            }
            if let Some(silences) = &mut self.silences {
                silences.answered((self.now - self.window_start) / 1_000_000);
            }
        }
        self.end_request(request, 0);
    }

    /// An attempt has failed: the request tries again or ends. Nodes that it occupied are free of it.
    #[cold]
    pub(super) fn fail(&mut self, mut request: Request, cause: Cause) {
        self.vacate(&mut request);
        if request.is(Request::EVENT) {
            return;
        }
        let flow = usize::from(request.flow);
        let source = &self.network.flows[flow];
        if request.attempt < source.retries.max {
            let wait = self.draws[flow].back_off(&request, &source.retries);
            request.attempt += 1;
            request.burst = 0;
            request.step = source.first_step;
            request.nodes = [NOWHERE; 2];
            request.deadline = u64::MAX;
            request.flags = 0;
            request.time = self.now.saturating_add(wait);
            self.queue.push(request);
            return;
        }
        let tally = &mut self.tallies[flow];
        tally.whole.failed += 1;
        if self.observing {
            tally.failed[cause as usize] += 1;
            if self.run.timeline {
                tally.second(self.now - self.window_start).failed += 1;
            }
            if self.run.records {
                self.record(&request, Some(cause));
            }
        }
        self.end_request(&request, LOOK_AT_ERROR);
    }

    /// Records a request that ends now, unless it began before the window.
    #[cold]
    fn record(&mut self, request: &Request, failed: Option<Cause>) {
        if let Some(began) = request.arrived.checked_sub(self.window_start) {
            self.records.push(RequestRecord {
                began: SimDuration(began),
                ended: SimDuration(self.now - self.window_start),
                number: request.number,
                flow: request.flow,
                failed,
            });
        }
    }

    /// One of these users thinks before the request of this number, after a pause.
    pub(super) fn think(&mut self, crowd: usize, number: u32, pause: u64) {
        let crowd = &self.network.crowds[crowd];
        let flow = self.draws[crowd.flows[0].0].flow_of(number, crowd);
        let source = &self.network.flows[flow];
        let mut request = Request::new(flow, number, source.first_step, self.now);
        let think = self.draws[flow].nanos(self.network, &request, Need::Think, 0, source.think);
        request.time = self.now.saturating_add(pause).saturating_add(think.round() as u64);
        self.queue.push(request);
    }

    fn end_request(&mut self, request: &Request, pause: u64) {
        let flow = usize::from(request.flow);
        self.tallies[flow].in_system.down(self.now);
        if let Some(crowd) = self.network.flows[flow].crowd {
            let users = self.network.crowds[crowd].users;
            // An answer that took less than a nanosecond must not stop the clock.
            let pause = pause.max(u64::from(request.arrived == self.now));
            self.think(crowd, request.number.wrapping_add(users), pause);
        }
    }

    /// Schedules a control event.
    pub(super) fn schedule(&mut self, time: u64, control: Control) {
        self.control.push(std::cmp::Reverse((time, self.control_count, control)));
        self.control_count += 1;
    }
}
