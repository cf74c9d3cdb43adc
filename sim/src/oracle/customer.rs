//! Who goes through the plain engine.

use crate::cause::Cause;
use crate::engine::parts::Whose;
use crate::engine::request::Request;
use crate::network::DEPTHS;

/// A stint that has begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    /// By what its bursts are multiplied.
    pub(super) slowness: f64,
    /// What is left of the last burst at the whole nanosecond in which it was complete.
    pub(super) left: f64,
    /// How much of it needs a worker, in parts of [`Stint::ALL`](crate::network::Stint::ALL).
    pub(super) on_workers: u16,
    /// What the bursts that are complete have allocated, and are of the work of their kind.
    pub(super) allocates: f64,
    pub(super) share: f32,
}

/// Whether a node has an answer of the backend that it has called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum HasAnswer {
    InTime,
    TooLate,
}

/// A request or an asynchronous event, until it has ended and thereafter.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, true or not")]
#[derive(Clone, Debug)]
pub(super) struct Customer {
    /// Its name: flow, number, attempt, and when it arrived.
    pub(super) request: Request,
    pub(super) step: usize,
    pub(super) burst: u8,
    /// Which copy of an asynchronous event; none for requests.
    pub(super) copy: Option<u8>,
    /// The nodes that it occupies, by depth.
    pub(super) nodes: [Option<usize>; DEPTHS],
    /// The node on which it is in service or waits.
    pub(super) at: Option<usize>,
    /// The stint that it is in on that node, if bursts there are in service as one.
    pub(super) stint: Option<Begun>,
    /// By depth: whether it keeps a worker, and whether the database serves it.
    pub(super) keeps: [bool; DEPTHS],
    pub(super) served: [bool; DEPTHS],
    /// By pool and depth.
    pub(super) connected: [[bool; DEPTHS]; 2],
    /// How many events had been scheduled when it set out.
    pub(super) on_the_way: u64,
    /// When its delay ends, while it is in one.
    pub(super) until: u64,
    pub(super) arrived: bool,
    /// When its client gives up, and when the balancer before each node that it occupies does.
    pub(super) patience: u64,
    pub(super) limits: [u64; DEPTHS],
    /// By depth, the places of the nodes at which attempts have failed, and when the first did; why the last
    /// did.
    pub(super) tried: [Vec<usize>; DEPTHS],
    pub(super) begun: [u64; DEPTHS],
    pub(super) cause: Cause,
    /// The deepest node that it occupies has not taken it; since when it has asked for a connection.
    pub(super) connecting: bool,
    pub(super) asks_since: Option<u64>,
    /// It waits for the error of a node.
    pub(super) fails: bool,
    /// A node waits for the answer of its backend, and has it at the end of the delay or not.
    pub(super) calls: Option<HasAnswer>,
    /// It waits in a balancer.
    pub(super) queued: bool,
    /// Its client has given up, and it goes on alone.
    pub(super) orphan: bool,
    pub(super) ended: bool,
}

impl Customer {
    pub(super) fn new(flow: usize, number: u32, first_step: u16, now: u64) -> Self {
        Self {
            request: Request::new(flow, number, first_step, now),
            step: usize::from(first_step),
            burst: 0,
            copy: None,
            nodes: [None; DEPTHS],
            at: None,
            stint: None,
            keeps: [false; DEPTHS],
            served: [false; DEPTHS],
            connected: [[false; DEPTHS]; 2],
            on_the_way: 0,
            until: now,
            arrived: false,
            patience: u64::MAX,
            limits: [u64::MAX; DEPTHS],
            tried: [const { Vec::new() }; DEPTHS],
            begun: [0; DEPTHS],
            cause: Cause::NoNode,
            connecting: false,
            asks_since: None,
            fails: false,
            calls: None,
            queued: false,
            orphan: false,
            ended: false,
        }
    }

    pub(super) fn flow(&self) -> usize {
        usize::from(self.request.flow)
    }

    /// Whether nobody waits for it.
    pub(super) fn is_alone(&self) -> bool {
        self.orphan || self.copy.is_some()
    }

    /// The depth at which it occupies a node that has taken it.
    pub(super) fn occupies(&self, node: usize) -> Option<usize> {
        (0..DEPTHS).find(|depth| self.nodes[*depth] == Some(node) && !self.is_connecting(*depth))
    }

    /// Whether a balancer before the node at `depth` waits for it.
    pub(super) fn is_awaited(&self, depth: usize) -> bool {
        !self.orphan || self.nodes[..depth].iter().any(Option::is_some)
    }

    pub(super) fn deepest(&self) -> usize {
        self.nodes.iter().rposition(Option::is_some).unwrap_or(0)
    }

    pub(super) fn is_connecting(&self, depth: usize) -> bool {
        self.connecting && depth == self.deepest()
    }

    /// When the first of those who wait for it gives up.
    pub(super) fn deadline(&self) -> u64 {
        self.limits.iter().fold(self.patience, |first, until| first.min(*until))
    }

    /// Who gives it up at `now`: the client first, then the balancer that it came to last.
    pub(super) fn whose(&self, now: u64) -> Whose {
        if self.patience <= now {
            return Whose::Client;
        }
        let last = self.limits.iter().rposition(|until| *until <= now);
        Whose::Balancer(last.unwrap_or(0))
    }

    /// Its client, or the balancer before the node at `depth`, has given it up.
    pub(super) fn goes_on_alone(&mut self, depth: usize) {
        self.orphan = true;
        self.patience = u64::MAX;
        self.limits[..=depth].fill(u64::MAX);
        self.tried[..=depth].iter_mut().for_each(Vec::clear);
    }

    /// It has nothing at `depth` any more, which others take over.
    pub(super) fn let_go(&mut self, depth: usize) {
        self.nodes[depth] = None;
        (self.keeps[depth], self.served[depth]) = (false, false);
        self.connected.iter_mut().for_each(|pool| pool[depth] = false);
    }
}
