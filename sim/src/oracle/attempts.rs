//! What the balancers of the plain engine do: their attempts at nodes, which wait, fail and are made again.

use super::Plain;
use super::event::Event;
use crate::cause::Cause;
use crate::engine::parts::{Condition, Greeting, Whose};
use crate::engine::{SYN_TIMEOUT, next_syn};
use crate::network::{Balancing, DEPTHS, Depth, Need, PassOn, Retry, Step};

/// What becomes of a request that is to enter a cluster.
pub(super) enum Entry {
    Placed,
    Waits,
    Failed(Cause),
}

impl Plain<'_> {
    fn balancing(&self, cluster: usize) -> &Balancing {
        &self.network.clusters[cluster].balancing
    }

    /// The balancer of a cluster through which a request goes.
    fn balancer_of(&self, handle: usize, cluster: usize) -> usize {
        let customer = &self.customers[handle];
        let draw = self.draws[customer.flow()].uniform(&customer.request, Need::WORKER);
        let worker = self.balancing(cluster).worker_of(draw);
        self.network.balancers_of(cluster).start + worker
    }

    /// The balancer chooses, as often as the cluster has nodes, until a node takes the request.
    pub(super) fn enter(
        &mut self,
        handle: usize,
        cluster: usize,
        depth: Depth,
        sticky: bool,
    ) -> Entry {
        let which = self.balancer_of(handle, cluster);
        if self.balancers[which].is_full() {
            return Entry::Failed(Cause::Rejected);
        }
        let by_session = sticky || self.balancers[which].is_sticky();
        let session = by_session.then(|| self.session(handle));
        for member in self.customers[handle].tried[depth].clone() {
            self.balancers[which].refused(member);
        }
        let entry = loop {
            let Some(member) = self.balancers[which].choose(session) else {
                break self.find_nobody(handle, which, cluster, depth);
            };
            let until = self.balancers[which]
                .watches(member)
                .then(|| self.balancers[which].tries(member, self.now));
            self.look_again(which, member, until.flatten());
            let node = self.network.clusters[cluster].first_node + member;
            let greeting = self.machines[node].greets(depth);
            let retry = self.balancing(cluster).retry;
            if greeting != Greeting::Refuses || matches!(retry, Retry::Again { .. }) {
                self.balancers[which].sent(member);
                self.customers[handle].nodes[depth] = Some(node);
                self.customers[handle].step += 1;
                self.customers[handle].connecting = greeting != Greeting::Accepts;
                match greeting {
                    Greeting::Accepts => break self.begin_visit(handle, node, depth),
                    Greeting::Silent => self.ask_for_connection(handle, depth),
                    Greeting::Refuses => self.attempt_failed(handle, depth, Cause::Refused),
                }
                break Entry::Waits;
            }
            self.failed_at(which, member);
            let Retry::Next(pass_on) = retry else { break Entry::Failed(Cause::Refused) };
            self.balancers[which].refused(member);
            self.note_failure(handle, depth, member, Cause::Refused);
            if !self.passes_on(pass_on, handle, cluster, depth, Cause::Refused) {
                break Entry::Failed(Cause::Refused);
            }
        };
        self.balancers[which].forget_refusals();
        entry
    }

    fn find_nobody(&mut self, handle: usize, which: usize, cluster: usize, depth: Depth) -> Entry {
        let Some(limit) =
            self.balancing(cluster).limit.filter(|_| self.balancers[which].has_full())
        else {
            let customer = &self.customers[handle];
            let tried = !customer.tried[depth].is_empty();
            return Entry::Failed(if tried { customer.cause } else { Cause::NoNode });
        };
        if limit.queue.is_some_and(|queue| self.queues[which].len() >= queue as usize) {
            return Entry::Failed(Cause::Rejected);
        }
        self.limit(handle, depth, self.now + limit.wait.0);
        self.queued += 1;
        self.wait_in_queue(handle, which, self.queued);
        Entry::Waits
    }

    /// A node has taken the request.
    fn begin_visit(&mut self, handle: usize, node: usize, depth: Depth) -> Entry {
        let cluster = self.servers[node].cluster;
        self.servers[node].in_flight.change(self.now, 1);
        let memory = self.memory(handle, depth);
        self.servers[node].heap.take_on(memory);
        self.clusters[cluster].entered += u64::from(self.observing);
        let flow = self.customers[handle].flow();
        self.operators.iter_mut().for_each(|operator| operator.takes(node, self.now, flow));
        if let Some(timeout) = self.balancing(cluster).read_timeout {
            self.limit(handle, depth, self.now + timeout.0);
        }
        if self.machines[node].condition() == Condition::Fetching {
            self.attempt_failed(handle, depth, Cause::NotDeployed);
            return Entry::Waits;
        }
        let Some(delay) = self.machines[node].fails_after() else { return Entry::Placed };
        self.customers[handle].fails = true;
        self.set_out(handle, self.now + delay, None);
        Entry::Waits
    }

    /// A balancer waits for a request no longer than until then.
    fn limit(&mut self, handle: usize, depth: Depth, until: u64) {
        self.customers[handle].limits[depth] = until;
        self.schedule(until, Event::TimeOut { handle });
    }

    fn ask_for_connection(&mut self, handle: usize, depth: Depth) {
        let Some(node) = self.customers[handle].nodes[depth] else { return };
        let timeout = self.balancing(self.servers[node].cluster).connect_timeout;
        let timeout = timeout.map_or(SYN_TIMEOUT, |timeout| timeout.0.min(SYN_TIMEOUT));
        self.limit(handle, depth, self.now + timeout);
        self.customers[handle].asks_since = Some(self.now);
        self.set_out(handle, next_syn(self.now, self.now), None);
    }

    /// A request asks for a connection once more.
    pub(super) fn knock(&mut self, handle: usize) {
        let depth = self.customers[handle].deepest();
        let Some(node) = self.customers[handle].nodes[depth] else { return };
        match self.machines[node].greets(depth) {
            Greeting::Accepts => {
                self.customers[handle].connecting = false;
                self.customers[handle].limits[depth] = u64::MAX;
                if let Entry::Placed = self.begin_visit(handle, node, depth) {
                    self.proceed(handle);
                }
            }
            Greeting::Refuses => self.attempt_failed(handle, depth, Cause::Refused),
            Greeting::Silent => match self.customers[handle].asks_since {
                Some(since) => self.set_out(handle, next_syn(since, self.now), None),
                None => self.ask_for_connection(handle, depth),
            },
        }
    }

    /// Whoever has waited for long enough gives a request up.
    pub(super) fn expire(&mut self, handle: usize) {
        match self.customers[handle].whose(self.now) {
            Whose::Client => self.leave_alone(handle),
            Whose::Balancer(depth) => self.balancer_gives_up(handle, depth),
        }
    }

    fn balancer_gives_up(&mut self, handle: usize, depth: Depth) {
        let customer = &self.customers[handle];
        if customer.is_connecting(depth) {
            return self.attempt_failed(handle, depth, Cause::ConnectTimeout);
        }
        let Some(node) = customer.nodes[depth] else { return };
        if self.network.flows[customer.flow()].timeout_cancels {
            return self.attempt_failed(handle, depth, Cause::ReadTimeout);
        }
        if !customer.orphan || depth > 0 {
            self.answered(handle, node);
        }
        let mut client = self.customers[handle].clone();
        (client.at, client.stint, client.connecting) = (None, None, false);
        (client.fails, client.calls, client.queued) = (false, None, false);
        (depth..DEPTHS).for_each(|deeper| client.let_go(deeper));
        // Whoever else waits for it waits on.
        let (patience, limits) = (client.patience, client.limits);
        self.customers.push(client);
        let client = self.customers.len() - 1;
        for until in limits[..depth].iter().copied().chain([patience]) {
            if until < u64::MAX {
                self.schedule(until, Event::TimeOut { handle: client });
            }
        }
        self.customers[handle].goes_on_alone(depth);
        for outer in 0..depth {
            if let Some(node) = self.customers[handle].nodes[outer] {
                self.servers[node].hand_over((handle, outer), (client, outer));
            }
            self.customers[handle].let_go(outer);
        }
        self.resume_alone(handle);
        self.failed_attempt(client, depth, node, Cause::ReadTimeout);
    }

    /// An attempt has failed at the node that the request occupies at `depth`.
    pub(super) fn attempt_failed(&mut self, handle: usize, depth: Depth, cause: Cause) {
        let customer = &self.customers[handle];
        let Some(node) = customer.nodes[depth] else { return };
        let made = customer.tried[depth].len();
        match self.balancing(self.servers[node].cluster).retry {
            Retry::Again { attempts, wait, redispatch }
                if customer.is_connecting(depth) && made < attempts as usize =>
            {
                let (cluster, member) = self.machines[node].place();
                let which = self.balancer_of(handle, cluster);
                if redispatch && self.balancers[which].has_other(member) {
                    self.leave(handle, depth);
                    self.customers[handle].tried[depth] = vec![member; made + 1];
                    self.customers[handle].cause = cause;
                    return self.enter_again(handle, depth);
                }
                self.note_failure(handle, depth, member, cause);
                self.customers[handle].limits[depth] = u64::MAX;
                self.customers[handle].asks_since = None;
                self.set_out(handle, self.now + wait.0, None);
            }
            _ => self.failed_attempt(handle, depth, node, cause),
        }
    }

    fn note_failure(&mut self, handle: usize, depth: Depth, member: usize, cause: Cause) {
        let customer = &mut self.customers[handle];
        if customer.tried[depth].is_empty() {
            customer.begun[depth] = self.now;
        }
        customer.tried[depth].push(member);
        customer.cause = cause;
    }

    /// The request is passed on, or the client gets the error.
    fn failed_attempt(&mut self, handle: usize, depth: Depth, node: usize, cause: Cause) {
        let (cluster, member) = self.machines[node].place();
        let customer = &mut self.customers[handle];
        (customer.fails, customer.calls) = (false, None);
        if self.customers[handle].is_awaited(depth) && self.customers[handle].copy.is_none() {
            let retry = self.balancing(cluster).retry;
            let counts = match (cause, retry) {
                (Cause::ServerError, Retry::Next(pass_on)) => pass_on.server_error,
                (Cause::Rejected | Cause::Suspended, Retry::Next(pass_on)) => pass_on.unavailable,
                (
                    Cause::ServerError
                    | Cause::NotDeployed
                    | Cause::Throttled
                    | Cause::BackendTimeout
                    | Cause::Rejected
                    | Cause::Suspended,
                    _,
                ) => false,
                _ => true,
            };
            if counts {
                self.failed_at(self.balancer_of(handle, cluster), member);
            } else {
                self.succeeded(handle, node);
            }
            if let Retry::Next(pass_on) = retry {
                let (tried, begun) = {
                    let customer = &self.customers[handle];
                    (customer.tried[depth].clone(), customer.begun[depth])
                };
                self.vacate(handle, depth);
                let customer = &mut self.customers[handle];
                customer.limits[depth..].fill(u64::MAX);
                // The next node calls anew.
                customer.tried[depth + 1..].iter_mut().for_each(Vec::clear);
                (customer.tried[depth], customer.begun[depth]) = (tried, begun);
                self.note_failure(handle, depth, member, cause);
                if self.passes_on(pass_on, handle, cluster, depth, cause) {
                    return self.enter_again(handle, depth);
                }
            }
        }
        self.fail(handle, cause);
    }

    fn enter_again(&mut self, handle: usize, depth: Depth) {
        self.customers[handle].step = self.entry(handle, depth).0;
        self.customers[handle].burst = 0;
        // The delay in which it was is none of its any more.
        self.customers[handle].on_the_way = u64::MAX;
        self.proceed(handle);
    }

    /// The step at which a request has entered at `depth` last, and whether it could do so again.
    fn entry(&self, handle: usize, depth: Depth) -> (usize, bool) {
        let step = self.customers[handle].step;
        let steps = self.network.steps[..=step].iter().enumerate().rev();
        let mut entries = steps.filter_map(|(place, step)| match *step {
            Step::Enter { depth: at, idempotent, .. } if at == depth => Some((place, idempotent)),
            _ => None,
        });
        entries.next().unwrap_or((step, false))
    }

    fn passes_on(
        &self,
        pass_on: PassOn,
        handle: usize,
        cluster: usize,
        depth: Depth,
        cause: Cause,
    ) -> bool {
        let (is_meant, was_sent) = match cause {
            Cause::Refused => (pass_on.error, false),
            Cause::ConnectTimeout => (pass_on.timeout, false),
            Cause::ReadTimeout => (pass_on.timeout, true),
            Cause::ServerError => (pass_on.server_error, true),
            Cause::NotDeployed => (pass_on.not_found, true),
            Cause::Throttled | Cause::BackendTimeout => (false, true),
            Cause::Rejected | Cause::Suspended => (pass_on.unavailable, true),
            _ => (pass_on.error, true),
        };
        let customer = &self.customers[handle];
        let nodes = self.network.clusters[cluster].nodes as u32;
        let tries = pass_on.tries.unwrap_or(nodes).min(nodes) as usize;
        let in_time = pass_on.within.is_none_or(|limit| self.now - customer.begun[depth] < limit.0);
        let may_repeat = pass_on.not_idempotent || self.entry(handle, depth).1;
        is_meant && in_time && customer.tried[depth].len() < tries && (may_repeat || !was_sent)
    }

    /// A balancer no longer waits for a node.
    pub(super) fn answered(&mut self, handle: usize, node: usize) {
        let (cluster, member) = self.machines[node].place();
        let which = self.balancer_of(handle, cluster);
        self.balancers[which].answered(member);
        self.call_next(which);
    }

    /// A node has answered as it should.
    pub(super) fn succeeded(&mut self, handle: usize, node: usize) {
        let (cluster, member) = self.machines[node].place();
        let which = self.balancer_of(handle, cluster);
        if self.balancers[which].watches(member) {
            self.balancers[which].succeeded(member, self.now);
        }
    }

    fn failed_at(&mut self, which: usize, member: usize) {
        let until = self.balancers[which].failed(member, self.now);
        self.look_again(which, member, until);
    }

    fn look_again(&mut self, balancer: usize, member: usize, until: Option<u64>) {
        if let Some(until) = until {
            self.schedule(until, Event::AnotherChance { balancer, member });
        }
    }

    /// A process has been started where one drained before.
    pub(super) fn look_anew(&mut self, node: usize) {
        let (cluster, member) = self.machines[node].place();
        for which in self.network.balancers_of(cluster) {
            self.balancers[which].started(member, self.now);
            self.call_all(which);
        }
    }

    pub(super) fn believe(&mut self, node: usize, up: bool) {
        let (cluster, member) = self.machines[node].place();
        for which in self.network.balancers_of(cluster) {
            self.balancers[which].believe(member, up);
            self.call_all(which);
        }
    }
}
