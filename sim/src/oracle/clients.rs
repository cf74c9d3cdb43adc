//! Clients of the plain engine.

use super::Plain;
use super::customer::{Customer, HasAnswer};
use super::event::{Event, Whereabouts};
use crate::cause::Cause;
use crate::engine::LOOK_AT_ERROR;
use crate::network::{DEPTHS, Need};

impl Plain<'_> {
    pub(super) fn schedule_arrival(&mut self, flow: usize) {
        let next = self.arrivals[flow].next(self.now);
        self.schedule(next, Event::Arrival { flow });
    }

    pub(super) fn arrive(&mut self, flow: usize) {
        let number = self.arrivals[flow].number();
        self.schedule_arrival(flow);
        let first_step = self.network.flows[flow].first_step;
        self.customers.push(Customer::new(flow, number, first_step, self.now));
        self.proceed(self.customers.len() - 1);
    }

    pub(super) fn think(&mut self, crowd: usize, number: u32, pause: u64) {
        let crowd = &self.network.crowds[crowd];
        let flow = self.draws[crowd.flows[0].0].flow_of(number, crowd);
        let source = &self.network.flows[flow];
        let customer = Customer::new(flow, number, source.first_step, self.now);
        let think =
            self.draws[flow].nanos(&self.tables, &customer.request, Need::THINK, 0, source.think);
        self.customers.push(customer);
        let handle = self.customers.len() - 1;
        self.set_out(handle, self.now + pause + think.round() as u64, None);
    }

    /// A delay of a request begins that ends then.
    pub(super) fn set_out(&mut self, handle: usize, until: u64, lane: Option<usize>) {
        let since = self.scheduled;
        let customer = &mut self.customers[handle];
        (customer.until, customer.on_the_way) = (until, since);
        let lane = lane.map(|lane| (lane, since));
        self.schedule(until, Event::GoesOn { handle, since, lane });
    }

    /// A delay is over.
    pub(super) fn arrive_somewhere(&mut self, handle: usize) {
        let customer = &mut self.customers[handle];
        if customer.connecting {
            self.knock(handle);
            return;
        }
        let (fails, calls) = (std::mem::take(&mut customer.fails), customer.calls.take());
        let (flow, depth) = (customer.flow(), customer.deepest());
        let node = customer.nodes[depth];
        match (calls, node) {
            (Some(HasAnswer::TooLate), Some(node)) => {
                self.endpoints.failed(flow, node, self.now);
                return self.attempt_failed(handle, depth, Cause::BackendTimeout);
            }
            (Some(HasAnswer::InTime), Some(node)) => self.endpoints.answered(flow, node),
            _ => {}
        }
        if fails {
            return self.attempt_failed(handle, depth, Cause::ServerError);
        }
        self.proceed(handle);
    }

    /// Whether somebody gives a request up at this instant.
    pub(super) fn is_due(&self, handle: usize) -> bool {
        let customer = &self.customers[handle];
        !customer.ended && !customer.queued && customer.deadline() <= self.now
    }

    pub(super) fn whereabouts(&self, handle: usize) -> Whereabouts {
        let customer = &self.customers[handle];
        match customer.at {
            Some(node) if !self.has_line[node] => Whereabouts::OnNode(node),
            _ => Whereabouts::OnTheWay(customer.on_the_way),
        }
    }

    /// A request is given up at this instant, in the turn of where it is.
    pub(super) fn give_up(&mut self, handle: usize) {
        if self.is_due(handle) {
            let whereabouts = self.whereabouts(handle);
            let name = self.customers[handle].request.name();
            self.schedule(self.now, Event::GivesUp { name, handle, whereabouts });
        }
    }

    /// The client of a request leaves. What has been sent goes on without it.
    pub(super) fn leave_alone(&mut self, handle: usize) {
        let customer = &self.customers[handle];
        let flow = &self.network.flows[customer.flow()];
        let is_sent = customer.nodes != [None; DEPTHS] && !customer.is_connecting(0);
        if flow.timeout_cancels || !is_sent {
            return self.fail(handle, Cause::TimedOut);
        }
        let request = customer.request;
        let client = Customer {
            arrived: true,
            request,
            ..Customer::new(customer.flow(), customer.request.number, flow.first_step, self.now)
        };
        if let Some(node) = self.customers[handle].nodes[0] {
            self.answered(handle, node);
        }
        self.customers[handle].goes_on_alone(0);
        self.resume_alone(handle);
        self.customers.push(client);
        self.fail(self.customers.len() - 1, Cause::TimedOut);
    }

    /// A request that has been given up goes on where it is.
    pub(super) fn resume_alone(&mut self, handle: usize) {
        match self.customers[handle].at {
            Some(node) if self.has_line[node] => {
                // From here on it counts as having come now.
                self.customers[handle].on_the_way = self.scheduled;
                self.servers[node].joins_again(handle, self.scheduled);
                self.scheduled += 1;
                self.plan(node);
            }
            Some(_) => {}
            None if self.customers[handle].queued => {}
            None => self.set_out(handle, self.customers[handle].until, None),
        }
    }

    pub(super) fn begin_attempt(&mut self, handle: usize) {
        let customer = &mut self.customers[handle];
        let (flow, attempt) = (customer.flow(), customer.request.attempt);
        customer.step += 1;
        let seen = &mut self.flows[flow];
        if attempt == 0 {
            customer.arrived = true;
            customer.request.arrived = self.now;
            seen.whole.arrived += 1;
            seen.arrivals += u64::from(self.observing);
            self.in_system[flow].change(self.now, 1);
        } else {
            seen.retries += u64::from(self.observing);
        }
        if let Some(timeout) = self.network.flows[flow].timeout {
            self.customers[handle].patience = self.now + timeout.0;
            self.schedule(self.now + timeout.0, Event::TimeOut { handle });
        }
    }

    pub(super) fn answer(&mut self, handle: usize) {
        let customer = &mut self.customers[handle];
        let seen = &mut self.flows[customer.flow()];
        if customer.orphan {
            customer.ended = true;
            seen.wasted += u64::from(self.observing);
            return;
        }
        seen.whole.answered += 1;
        if self.observing {
            let sojourn = self.now - customer.request.arrived;
            seen.answered += 1;
            seen.late += u64::from(customer.request.attempt > 0);
            seen.sojourn.record(sojourn);
            seen.batches.record(sojourn);
            seen.sojourn_sum += sojourn as f64 * 1e-9;
            seen.sojourn_squares += (sojourn as f64 * 1e-9).powi(2);
        }
        self.end_request(handle, 0);
    }

    pub(super) fn fail(&mut self, handle: usize, cause: Cause) {
        self.vacate(handle, 0);
        let customer = &mut self.customers[handle];
        customer.patience = u64::MAX;
        customer.limits = [u64::MAX; DEPTHS];
        customer.tried.iter_mut().for_each(Vec::clear);
        (customer.fails, customer.calls) = (false, None);
        if customer.is_alone() {
            customer.ended = true;
            return;
        }
        let source = &self.network.flows[customer.flow()];
        if customer.request.attempt < source.retries.max {
            let draws = self.draws[customer.flow()];
            let wait = draws.back_off(&customer.request, &source.retries);
            customer.request.attempt += 1;
            customer.step = usize::from(source.first_step);
            customer.burst = 0;
            return self.set_out(handle, self.now + wait, None);
        }
        let seen = &mut self.flows[customer.flow()];
        seen.whole.failed += 1;
        seen.failed[cause] += u64::from(self.observing);
        self.end_request(handle, LOOK_AT_ERROR);
    }

    pub(super) fn end_request(&mut self, handle: usize, pause: u64) {
        let customer = &mut self.customers[handle];
        customer.ended = true;
        let (flow, number) = (customer.flow(), customer.request.number);
        self.in_system[flow].change(self.now, -1);
        if let Some(crowd) = self.network.flows[flow].crowd {
            self.think(crowd, number + self.network.crowds[crowd].users, pause);
        }
    }
}
