//! Who else waits for a request beside its client: the balancers on its way, each with a limit of its own.
//!
//! Nearly no request has an entry: only one that a balancer would give up before its client does, or whose
//! attempt has failed at a node.

use std::collections::BTreeMap;

use super::super::request::Request;
use crate::cause::Cause;
use crate::network::{DEPTHS, Depth};

/// What balancers remember of a request.
#[derive(Clone, Debug)]
pub(crate) struct Wait {
    /// When its client gives up.
    pub(crate) client: u64,
    /// When the balancer before the node at each depth gives up.
    pub(crate) balancers: [u64; DEPTHS],
    /// The places of the nodes at which attempts have failed, by depth, and when the first of them did.
    pub(crate) tried: [Vec<usize>; DEPTHS],
    pub(crate) begun: [u64; DEPTHS],
    /// Why the last attempt failed.
    pub(crate) cause: Cause,
    /// When it began to ask for the connection for which it waits; none while it waits before it asks.
    pub(crate) asks_since: Option<u64>,
}

/// Who gives a request up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Client,
    /// The balancer before the node at this depth.
    Balancer(Depth),
}

impl Wait {
    pub(crate) fn of_client(deadline: u64) -> Self {
        Self {
            client: deadline,
            balancers: [u64::MAX; DEPTHS],
            tried: [const { Vec::new() }; DEPTHS],
            begun: [0; DEPTHS],
            cause: Cause::NoNode,
            asks_since: None,
        }
    }

    /// When the first of them gives up.
    pub(crate) fn deadline(&self) -> u64 {
        self.balancers.iter().fold(self.client, |first, until| first.min(*until))
    }

    /// Whose patience is at its end.
    pub(crate) fn whose(&self, now: u64) -> Whose {
        if self.client <= now {
            return Whose::Client;
        }
        let last = self.balancers.iter().rposition(|until| *until <= now);
        Whose::Balancer(last.unwrap_or(0))
    }

    /// An attempt has failed at a node.
    pub(crate) fn failed(&mut self, depth: Depth, member: usize, now: u64, cause: Cause) {
        if self.tried[depth].is_empty() {
            self.begun[depth] = now;
        }
        self.tried[depth].push(member);
        self.cause = cause;
    }

    /// Nobody but the client waits any more.
    fn is_over(&self) -> bool {
        self.balancers == [u64::MAX; DEPTHS] && self.tried.iter().all(Vec::is_empty)
    }
}

/// The name of a request: those that go on alone are told apart by their number.
type Key = (u16, u32, u8, u16);

fn key(request: &Request) -> Key {
    (request.flow, request.number, request.attempt, request.orphan)
}

/// What balancers remember, by request.
#[derive(Debug, Default)]
pub(crate) struct Waits(BTreeMap<Key, Wait>);

impl Waits {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn get(&self, request: &Request) -> Option<&Wait> {
        if self.is_empty() { None } else { self.0.get(&key(request)) }
    }

    /// Changes what is remembered of a request, which is to give up when the first of all does.
    pub(crate) fn change(&mut self, request: &mut Request, change: impl FnOnce(&mut Wait)) {
        let deadline = request.deadline;
        let wait = self.0.entry(key(request)).or_insert_with(|| Wait::of_client(deadline));
        change(wait);
        request.deadline = wait.deadline();
        if wait.is_over() {
            self.0.remove(&key(request));
        }
    }

    /// A request leaves the node at `depth`. Once that has answered, where else it was tried is no matter.
    #[cold]
    pub(crate) fn leaves(&mut self, request: &mut Request, depth: Depth, is_answered: bool) {
        if self.0.contains_key(&key(request)) {
            self.change(request, |wait| {
                wait.balancers[depth] = u64::MAX;
                if is_answered {
                    wait.tried[depth].clear();
                }
            });
        }
    }

    /// An attempt of a client has ended. An event has the name of the request that it comes from, for which
    /// somebody may still wait.
    pub(crate) fn take(&mut self, request: &Request) -> Option<Wait> {
        if self.is_empty() || request.is(Request::EVENT) {
            None
        } else {
            self.0.remove(&key(request))
        }
    }

    /// What is remembered of a request that goes on alone: whoever still waits behind its first node.
    pub(crate) fn leave_alone(&mut self, request: &mut Request, before: Option<Wait>) {
        request.deadline = u64::MAX;
        let Some(mut wait) = before else { return };
        wait.client = u64::MAX;
        let gone = ..=request.outermost();
        wait.balancers[gone].fill(u64::MAX);
        wait.tried[gone].iter_mut().for_each(Vec::clear);
        if !wait.is_over() {
            request.deadline = wait.deadline();
            self.0.insert(key(request), wait);
        }
    }
}
