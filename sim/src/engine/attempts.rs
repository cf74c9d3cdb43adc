//! A balancer's attempts at a node: they wait for a connection or an answer, fail, and are made elsewhere or
//! again.

use super::marks::{Mark, reached};
use super::parts::{Greeting, Whose};
use super::placement::Entry;
use super::request::{NOWHERE, Request};
use super::{Control, Engine};
use crate::cause::Cause;
use crate::network::{Depth, NodeLimit, PassOn, Retry, Step};

/// Linux sends a SYN that nobody acknowledges again after 1 s, and after twice as long each time
/// (RFC 6298); 127 s after the first it gives up (`tcp_syn_retries` is 6).
const FIRST_RETRANSMISSION: u64 = 1_000_000_000;
pub(crate) const SYN_TIMEOUT: u64 = 127_000_000_000;

/// When a connection that has been asked for since then is asked for next, after `now`.
pub(crate) fn next_syn(since: u64, now: u64) -> u64 {
    let mut next = FIRST_RETRANSMISSION;
    while since + next <= now {
        next = 2 * next + FIRST_RETRANSMISSION;
    }
    since + next
}

impl Engine<'_> {
    /// A balancer waits for the node at `depth` until then, unless the client gives up before.
    #[inline]
    pub(super) fn limit(&mut self, request: &mut Request, depth: Depth, until: u64) {
        if depth > 0 || until < request.deadline || self.waits.get(request).is_some() {
            self.waits.change(request, |wait| wait.balancers[depth] = until);
        }
    }

    /// The balancer asks a node for a connection that does not react.
    #[cold]
    pub(super) fn ask_for_connection(&mut self, request: &mut Request, depth: Depth) {
        reached(Mark::Connects);
        let node = usize::from(request.nodes[depth]);
        let balancing = &self.network.clusters[self.machines[node].cluster()].balancing;
        let timeout = balancing.connect_timeout.map_or(SYN_TIMEOUT, |timeout| timeout.0);
        let until = self.now.saturating_add(timeout.min(SYN_TIMEOUT));
        let now = self.now;
        self.waits.change(request, |wait| {
            wait.balancers[depth] = until;
            wait.asks_since = Some(now);
        });
        request.flags |= Request::CONNECTING;
        self.wait_until(request, next_syn(now, now));
    }

    /// A request asks for a connection once more.
    pub(super) fn knock(&mut self, request: &mut Request) {
        let depth = request.deepest();
        let node = usize::from(request.nodes[depth]);
        match self.machines[node].greets(depth) {
            Greeting::Accepts => {
                reached(Mark::ConnectsLate);
                request.flags &= !Request::CONNECTING;
                self.waits.change(request, |wait| wait.balancers[depth] = u64::MAX);
                if let Entry::Placed = self.begin_visit(request, node, depth) {
                    self.goes_on(request);
                }
            }
            Greeting::Refuses => self.attempt_failed(*request, depth, Cause::Refused),
            Greeting::Silent => match self.waits.get(request).and_then(|wait| wait.asks_since) {
                Some(since) => self.wait_until(request, next_syn(since, self.now)),
                None => self.ask_for_connection(request, depth),
            },
        }
    }

    /// The deadline of a request has come: whoever has waited for so long gives it up. Where that ends no
    /// work, the request goes on alone. Returns whether it does.
    #[cold]
    pub(super) fn expire(&mut self, request: &mut Request) -> bool {
        match self.waits.get(request).map(|wait| wait.whose(self.now)) {
            None | Some(Whose::Client) => self.give_up(request),
            Some(Whose::Balancer(depth)) => self.balancer_gives_up(request, depth),
        }
    }

    /// The balancer before the node at `depth` has waited for long enough.
    fn balancer_gives_up(&mut self, request: &mut Request, depth: Depth) -> bool {
        if request.is_connecting(depth) {
            reached(Mark::ConnectTimeout);
            self.attempt_failed(*request, depth, Cause::ConnectTimeout);
            return false;
        }
        reached(Mark::ReadTimeout);
        if self.cancels(request) {
            self.attempt_failed(*request, depth, Cause::ReadTimeout);
            return false;
        }
        let mut client = *request;
        let node = usize::from(request.nodes[depth]);
        for deeper in depth..request.nodes.len() {
            client.nodes[deeper] = NOWHERE;
            client.flags &= !Request::of_depth(deeper);
        }
        client.flags &= !(Request::IN_LINE | Request::CONNECTING | Request::ENDS);
        let (cluster, member) = self.machines[node].place();
        if request.is_awaited(depth) {
            self.answered(request, cluster, member, false);
        }
        let before = self.waits.get(request).cloned();
        self.orphan(request);
        for outer in 0..depth {
            request.nodes[outer] = NOWHERE;
            request.flags &= !Request::of_depth(outer);
        }
        self.waits.leave_alone(request, before);
        self.failed_attempt(client, depth, node, Cause::ReadTimeout);
        true
    }

    /// An attempt has failed at the node that the request occupies at `depth`.
    #[cold]
    pub(super) fn attempt_failed(&mut self, mut request: Request, depth: Depth, cause: Cause) {
        let node = usize::from(request.nodes[depth]);
        let retry = self.network.clusters[self.machines[node].cluster()].balancing.retry;
        if let Retry::Again { attempts, wait, redispatch } = retry
            && request.is_connecting(depth)
        {
            let made = self.waits.get(&request).map_or(0, |wait| wait.tried[depth].len());
            if made < attempts as usize {
                let again = Again { made, wait: wait.0, redispatch };
                return self.try_node_again(&mut request, depth, cause, again);
            }
        }
        self.failed_attempt(request, depth, node, cause);
    }

    /// As `HAProxy`: the same node is asked again after a while, or another at once.
    fn try_node_again(&mut self, request: &mut Request, depth: Depth, cause: Cause, again: Again) {
        let (cluster, member) = self.machines[usize::from(request.nodes[depth])].place();
        let (which, now) = (self.balancer_of(request, cluster), self.now);
        if again.redispatch && self.balancers[which].has_other(member) {
            reached(Mark::Redispatched);
            self.leave(request, depth, false);
            // Only the node that has just failed is avoided, but all attempts count.
            let tried = vec![member; again.made + 1];
            self.waits.change(request, |wait| {
                wait.tried[depth] = tried;
                wait.cause = cause;
            });
            return self.enter_again(*request, depth);
        }
        reached(Mark::TriesAgain);
        self.waits.change(request, |wait| {
            wait.failed(depth, member, now, cause);
            wait.balancers[depth] = u64::MAX;
            wait.asks_since = None;
        });
        self.wait_until(request, now.saturating_add(again.wait));
    }

    /// An attempt has failed at a node: the request is passed on, or the client gets the error.
    fn failed_attempt(&mut self, mut request: Request, depth: Depth, node: usize, cause: Cause) {
        let (cluster, member) = self.machines[node].place();
        let (which, now) = (self.balancer_of(&request, cluster), self.now);
        let retry = self.network.clusters[cluster].balancing.retry;
        let pass_on = if let Retry::Next(pass_on) = retry { Some(pass_on) } else { None };
        request.flags &= !Request::ENDS;
        if !request.is_awaited(depth) {
            return self.fail(request, cause);
        }
        if is_failure(cause, pass_on) {
            self.failed_at(which, member);
        } else if self.balancers[which].watches(member) {
            self.balancers[which].succeeded(member, now);
        }
        if let Some(pass_on) = pass_on {
            self.vacate(&mut request, depth);
            self.waits.change(&mut request, |wait| {
                wait.balancers[depth..].fill(u64::MAX);
                wait.tried[depth + 1..].iter_mut().for_each(Vec::clear);
                wait.failed(depth, member, now, cause);
            });
            if self.passes_on(&pass_on, &request, cluster, depth, cause) {
                reached(Mark::PassedOn);
                return self.enter_again(request, depth);
            }
        }
        self.fail(request, cause);
    }

    /// The request goes back to where a balancer chooses the node at `depth`.
    fn enter_again(&mut self, mut request: Request, depth: Depth) {
        request.step = self.entry_step(&request, depth);
        request.burst = 0;
        self.proceed(&mut request);
    }

    /// The last step before the present one at which the request entered the cluster at `depth`.
    fn entry_step(&self, request: &Request, depth: Depth) -> u16 {
        let is_entry = |step: &u16| match self.network.steps[usize::from(*step)] {
            Step::Enter { depth: at, .. } => at == depth,
            _ => false,
        };
        (0..=request.step).rev().find(is_entry).unwrap_or(request.step)
    }

    /// Whether a request whose attempt at a node of a cluster has failed, and is noted, goes to the next.
    pub(super) fn passes_on(
        &self,
        pass_on: &PassOn,
        request: &Request,
        cluster: usize,
        depth: Depth,
        cause: Cause,
    ) -> bool {
        let was_sent = !matches!(cause, Cause::Refused | Cause::ConnectTimeout);
        let can_be_repeated = match self.network.steps[usize::from(self.entry_step(request, depth))]
        {
            Step::Enter { idempotent, .. } => idempotent || pass_on.not_idempotent,
            _ => false,
        };
        let nodes = self.network.clusters[cluster].nodes;
        let tries = pass_on.tries.map_or(nodes, |tries| nodes.min(tries as usize));
        self.waits.get(request).is_some_and(|wait| {
            let spent = self.now - wait.begun[depth];
            let is_in_time = pass_on.within.is_none_or(|within| spent < within.0);
            is_in_time && wait.tried[depth].len() < tries
        }) && pass_on.covers(cause)
            && (can_be_repeated || !was_sent)
    }

    /// A request waits in the balancer until a node has room for it.
    #[cold]
    pub(super) fn join_queue(
        &mut self,
        request: &mut Request,
        which: usize,
        limit: &NodeLimit,
        depth: Depth,
    ) -> Entry {
        let queue = &self.queues[which];
        if limit.queue.is_some_and(|queued| queue.len() >= queued as usize) {
            reached(Mark::QueueOfBalancerFull);
            return Entry::Failed(Cause::Rejected);
        }
        reached(Mark::WaitsForRoom);
        let until = self.now.saturating_add(limit.wait.0);
        self.waits.change(request, |wait| wait.balancers[depth] = until);
        let number = self.queued;
        self.queued += 1;
        self.wait_in_queue(*request, which, number);
        Entry::Waits
    }

    /// A request waits in a balancer until its deadline, behind those that came before it.
    fn wait_in_queue(&mut self, request: Request, balancer: usize, number: u64) {
        let queue = &mut self.queues[balancer];
        let place = queue.partition_point(|(other, _)| *other < number);
        queue.insert(place, (number, request));
        self.control.schedule(request.deadline, Control::LeavesQueue { balancer, number });
    }

    /// The deadline of a request that waits in a balancer has come, if it still waits.
    pub(super) fn leave_queue(&mut self, which: usize, number: u64) {
        let place = self.queues[which].iter().position(|(queued, _)| *queued == number);
        let waits = place.and_then(|place| self.queues[which].remove(place));
        let Some((_, mut request)) = waits else { return };
        let whose = self.waits.get(&request).map(|wait| wait.whose(self.now));
        if let Some(Whose::Balancer(depth)) = whose
            && request.nodes[depth] == NOWHERE
        {
            reached(Mark::LeavesQueue);
            return self.fail(request, Cause::Rejected);
        }
        if self.expire(&mut request) {
            self.wait_in_queue(request, which, number);
        }
    }

    /// A node has room for one more request: the first that waits in the balancer goes on.
    #[cold]
    pub(super) fn call_next(&mut self, which: usize) {
        if !self.balancers[which].has_room() {
            return;
        }
        let Some((_, mut request)) = self.queues[which].pop_front() else { return };
        let depth = self.network.steps[usize::from(request.step)].depth().unwrap_or(0);
        self.waits.change(&mut request, |wait| wait.balancers[depth] = u64::MAX);
        self.ready.push(request);
    }
}

/// Whether a passive check counts an attempt among the failures of the node. An answer, of whatever kind, is none
/// unless it is passed on, and that there is no such thing is none even then (nginx documentation,
/// `proxy_next_upstream`; `ngx_http_upstream_next`): the node has answered.
fn is_failure(cause: Cause, pass_on: Option<PassOn>) -> bool {
    match cause {
        Cause::NotDeployed | Cause::Throttled | Cause::BackendTimeout => false,
        Cause::ServerError | Cause::Rejected | Cause::Suspended => {
            pass_on.is_some_and(|it| it.covers(cause))
        }
        _ => true,
    }
}

/// How an attempt is made again.
#[derive(Clone, Copy)]
struct Again {
    /// So many have been made again already.
    made: usize,
    wait: u64,
    redispatch: bool,
}
