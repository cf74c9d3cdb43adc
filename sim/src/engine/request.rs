//! A request on its way: a small record that moves by value, and is its own event.

use crate::network::{Crowd, DEPTHS, Depth, Need, Pool, Retries, Variate};
use crate::random::{Quantiles, Stream};

/// No node.
pub(crate) const NOWHERE: u16 = u16::MAX;

/// A request on its way. Times are nanoseconds since the start of the replication.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    /// When its next event happens, while it is in the queue.
    pub(crate) time: u64,
    /// When the client gives the attempt up; when its delay ends, where that is clipped.
    pub(crate) deadline: u64,
    /// When the first attempt began.
    pub(crate) arrived: u64,
    /// Number within its flow; under closed arrivals, modulo the number of users, the user.
    pub(crate) number: u32,
    /// The step it is in or, between steps, the next.
    pub(crate) step: u16,
    /// Its flow.
    pub(crate) flow: u16,
    /// The nodes that it occupies, by depth.
    pub(crate) nodes: [u16; DEPTHS],
    /// Attempts before this one.
    pub(crate) attempt: u8,
    /// The burst in service.
    pub(crate) burst: u8,
    /// Of one that goes on alone: which of those it is. Above 0.
    pub(crate) orphan: u16,
    /// See the constants.
    pub(crate) flags: u32,
}

/// The flags of what it has and holds at each depth begin at this bit, and so many are for each.
const OF_DEPTHS: u32 = 8;
const BITS: u32 = 5;
const _: () =
    assert!(OF_DEPTHS + BITS * DEPTHS as u32 <= u32::BITS, "flags have room for all depths");

/// What a request is called by.
pub(crate) type Name = (u64, u16, u32, u8);

impl Request {
    /// Its event is not the end of its delay but its deadline.
    pub(crate) const CLIPPED: u32 = 1;
    /// It is an asynchronous event: nobody waits for it.
    pub(crate) const EVENT: u32 = 2;
    /// It waits or is in service on a node that knows when it will be complete.
    pub(crate) const IN_LINE: u32 = 4;
    /// Its client has given up: what has begun is done to its end, and nobody reads the answer.
    pub(crate) const ORPHAN: u32 = 8;
    /// It waits for a connection of the deepest node that it occupies, which has not taken it.
    pub(crate) const CONNECTING: u32 = 16;
    /// It waits for the error with which that node will answer.
    pub(crate) const FAILS: u32 = 32;
    /// That node waits for the answer of a backend, and learns from it.
    pub(crate) const CALLS: u32 = 64;
    /// That node will have no answer in time.
    pub(crate) const LATE: u32 = 128;
    /// What becomes of a call.
    pub(crate) const ENDS: u32 = Self::FAILS | Self::CALLS | Self::LATE;
    /// Nobody waits for it.
    pub(crate) const ALONE: u32 = Self::EVENT | Self::ORPHAN;
    /// It holds anything that others may wait for.
    pub(crate) const HOLDS: u32 = !0 << OF_DEPTHS & !Self::RETAINS_ANY;
    const RETAINS_ANY: u32 = {
        let (mut all, mut depth) = (0, 0);
        while depth < DEPTHS {
            all |= Self::retains(depth);
            depth += 1;
        }
        all
    };

    /// It keeps something alive on its node at a depth.
    #[inline]
    pub(crate) const fn retains(depth: Depth) -> u32 {
        1 << (OF_DEPTHS + depth as u32 * BITS)
    }

    /// It keeps a worker of that node while it waits.
    #[inline]
    pub(crate) const fn keeps(depth: Depth) -> u32 {
        Self::retains(depth) << 1
    }

    /// It holds a connection of that node.
    #[inline]
    pub(crate) const fn connected(pool: Pool, depth: Depth) -> u32 {
        Self::retains(depth) << (2 + pool as u32)
    }

    /// The database of the cluster of that node serves it.
    #[inline]
    pub(crate) const fn served(depth: Depth) -> u32 {
        Self::retains(depth) << 4
    }

    /// What it has and holds there.
    #[inline]
    pub(crate) const fn of_depth(depth: Depth) -> u32 {
        ((1 << BITS) - 1) << (OF_DEPTHS + depth as u32 * BITS)
    }

    pub(crate) fn new(flow: usize, number: u32, first_step: u16, now: u64) -> Self {
        Self {
            time: now,
            deadline: u64::MAX,
            arrived: now,
            number,
            step: first_step,
            flow: flow as u16,
            nodes: [NOWHERE; DEPTHS],
            attempt: 0,
            burst: 0,
            orphan: 0,
            flags: 0,
        }
    }

    /// When it arrived, its flow, its number there and the attempt: in this order go those whose turn is the
    /// same.
    pub(crate) fn name(&self) -> Name {
        (self.arrived, self.flow, self.number, self.attempt)
    }

    pub(crate) fn is(self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// The depth of the node that was called last.
    pub(crate) fn deepest(&self) -> Depth {
        self.nodes.iter().rposition(|node| *node != NOWHERE).unwrap_or(0)
    }

    /// The depth of the first node that it occupies.
    pub(crate) fn outermost(&self) -> Depth {
        self.nodes.iter().position(|node| *node != NOWHERE).unwrap_or(0)
    }

    /// Whether it occupies a node from which that at `depth` was called.
    #[inline]
    pub(crate) fn is_called(&self, depth: Depth) -> bool {
        self.nodes[..depth].iter().any(|node| *node != NOWHERE)
    }

    /// Whether the node at `depth` has not taken it yet.
    pub(crate) fn is_connecting(&self, depth: Depth) -> bool {
        self.is(Self::CONNECTING) && depth == self.deepest()
    }

    /// Whether the balancer before the node at `depth` waits for it: nobody waits for an event, and whoever
    /// has given a request up has left all that goes on alone.
    pub(crate) fn is_awaited(&self, depth: Depth) -> bool {
        match (self.is(Self::EVENT), self.is(Self::ORPHAN)) {
            (true, _) => false,
            (false, is_orphan) => !is_orphan || self.is_called(depth),
        }
    }

    /// The depth at which it occupies a node that has taken it.
    pub(crate) fn occupies(&self, node: u16) -> Option<Depth> {
        (0..self.nodes.len())
            .find(|depth| self.nodes[*depth] == node && !self.is_connecting(*depth))
    }
}

/// The numbers that the requests of a flow draw: each a pure function of request, attempt and need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draws {
    pub(crate) stream: Stream,
}

impl Draws {
    #[inline]
    fn index(request: &Request, need: Need, part: u8) -> u64 {
        (u64::from(request.number) << 20)
            | (u64::from(request.attempt) << 16)
            | (u64::from(need.number()) << 8)
            | u64::from(part)
    }

    /// A draw of a law, in nanoseconds.
    #[inline]
    pub(crate) fn nanos(
        self,
        tables: &[Quantiles<'_>],
        request: &Request,
        need: Need,
        part: u8,
        law: Variate,
    ) -> f64 {
        let bits = self.stream.draw(Self::index(request, need, part));
        tables[usize::from(law.table)].sample(bits) * law.mean_nanos
    }

    /// The flow of the request of this number, where these are the draws of the users' own flow.
    #[inline]
    pub(crate) fn flow_of(self, number: u32, crowd: &Crowd) -> usize {
        let own = crowd.flows[0].0;
        if crowd.flows.len() == 1 {
            return own;
        }
        crowd.flow_at(self.uniform(&Request::new(own, number, 0, 0), Need::FLOW))
    }

    /// Uniform in 0..1.
    #[inline]
    pub(crate) fn uniform(self, request: &Request, need: Need) -> f64 {
        self.stream.uniform(Self::index(request, need, 0))
    }

    /// 64 uniform bits that do not depend on the attempt.
    pub(crate) fn session(self, request: &Request) -> u64 {
        self.stream
            .draw((u64::from(request.number) << 20) | (u64::from(Need::SESSION.number()) << 8))
    }

    /// One of so many tokens, whatever the attempt.
    pub(crate) fn token(self, request: &Request, number: u32) -> u32 {
        let index = (u64::from(request.number) << 20) | (u64::from(Need::TOKEN.number()) << 8);
        (((self.stream.draw(index) >> 32) * u64::from(number)) >> 32) as u32
    }

    /// The wait before the next attempt, in nanoseconds.
    pub(crate) fn back_off(self, request: &Request, retries: &Retries) -> u64 {
        let grown = retries.back_off.as_nanos() * retries.factor.powi(i32::from(request.attempt));
        let jitter = 1.0 + retries.jitter * (2.0 * self.uniform(request, Need::BACK_OFF) - 1.0);
        (grown * jitter).round() as u64
    }
}
