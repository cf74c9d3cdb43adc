//! A route is a list of steps.

use super::{Need, Variate};

/// The place of a node in the chain of calls: 0 for the node that the client called, 1 for a node
/// that this one called, and so on.
pub type Depth = usize;

/// Calls nest so deep. It is what requests have room for: each level takes 4 bytes of every request.
pub const DEPTHS: usize = 4;

/// One step of a route. A request goes through its steps in order; a step that takes time ends with
/// an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// A new attempt begins: the client's timeout starts.
    Attempt,
    /// The balancer of a cluster chooses a node.
    Enter {
        /// The cluster.
        cluster: u16,
        /// The place in the chain of calls that the node takes.
        depth: Depth,
        /// Whether the same user always gets the same node.
        sticky: bool,
        /// Whether it does no harm if a node gets the request that another has begun.
        idempotent: bool,
    },
    /// Bursts on the node at `depth`, one after the other.
    Work {
        /// The node.
        depth: Depth,
        /// Law of one burst.
        burst: Variate,
        /// Number of the first burst.
        first: u8,
        /// Number of the last burst plus one.
        end: u8,
        /// What the demand is drawn for.
        need: Need,
        /// Whether each burst needs a worker.
        on_worker: bool,
        /// Whether this is the first work of a request on the node, so that it can be rejected.
        admission: bool,
        /// What each burst has allocated when it is complete, in what the node's budget counts: MiB
        /// or, with its part of the demand, requests.
        allocates: f64,
        /// What each burst is of the whole work of its kind for a request, 0..=1: so much warmer is a cold
        /// node by it.
        share: f32,
        /// Whether the request keeps its worker after the last burst: while it waits, and until its
        /// next burst on a worker there or [`Step::FreeWorker`].
        keeps: bool,
    },
    /// Time passes elsewhere: network, backend, database.
    Delay {
        /// Law of the delay.
        delay: Variate,
        /// What it is drawn for.
        need: Need,
    },
    /// Looks for the token in the cache of the node at `depth`: goes on at `to` if it is there.
    LookUp {
        /// The node.
        depth: Depth,
        /// When it is not.
        miss: Miss,
        /// The step to go on with if it is.
        to: u16,
    },
    /// Puts the token into the cache of the node at `depth`.
    Store {
        /// The node.
        depth: Depth,
    },
    /// Goes on at `to` while the token holds; else its owner has to get another first.
    Renew {
        /// Share of requests whose owner has to, as it is expected.
        share: f64,
        /// The step to go on with if it holds.
        to: u16,
    },
    /// The owner has another token.
    Renewed,
    /// Gives the worker back that the request keeps on the node at `depth`, if it does.
    FreeWorker {
        /// The node.
        depth: Depth,
    },
    /// Waits for one of the connections of the node at `depth`, first come, first served.
    Connect {
        /// The node.
        depth: Depth,
        /// Which of its connections.
        pool: Pool,
    },
    /// Gives it back.
    Disconnect {
        /// The node.
        depth: Depth,
        /// Which of its connections.
        pool: Pool,
    },
    /// Waits until the database that the nodes of a cluster share serves the call of the node at
    /// `depth`, first come, first served.
    Call {
        /// The node.
        depth: Depth,
    },
    /// The database has served it.
    Return {
        /// The node.
        depth: Depth,
    },
    /// The node at `depth` has fetched the lot that the request is for; else it answers that it has not, and fetches
    /// it.
    Find {
        /// The node.
        depth: Depth,
        /// Which of its lots.
        lot: u16,
    },
    /// The node at `depth` admits the request, or answers that there are too many.
    Admit {
        /// The node.
        depth: Depth,
    },
    /// Goes on at `to` where the node at `depth` can tell by itself whether it admits the request; else it has to ask
    /// first.
    Ask {
        /// The node.
        depth: Depth,
        /// Share of requests for which it asks, as it is expected.
        share: f64,
        /// The step to go on with if it need not.
        to: u16,
    },
    /// The node of an event counts the request that it tells of.
    Count,
    /// Sends one asynchronous event to each other node of a cluster; a node's own event is part of the
    /// demand that was measured of it.
    Publish {
        /// The cluster.
        cluster: u16,
        /// First step of the event.
        first_step: u16,
        /// Whether it is sent to be counted there.
        counts: bool,
    },
    /// The node at `depth` has answered.
    Leave {
        /// The node.
        depth: Depth,
    },
    /// The client has its answer.
    Answer,
    /// An asynchronous event has been dealt with.
    Discard,
}

impl Step {
    /// Where a request goes on that skips what follows, and the share of those that do not, as it is expected.
    pub fn skips(self) -> Option<(f64, u16)> {
        match self {
            Self::LookUp { miss, to, .. } => Some((miss.share(), to)),
            Self::Renew { share, to } | Self::Ask { share, to, .. } => Some((share, to)),
            _ => None,
        }
    }

    /// The same step of a route that stands so many steps earlier.
    pub(crate) fn earlier_by(self, steps: u16) -> Self {
        match self {
            Self::LookUp { depth, miss, to } => Self::LookUp { depth, miss, to: to - steps },
            Self::Renew { share, to } => Self::Renew { share, to: to - steps },
            Self::Ask { depth, share, to } => Self::Ask { depth, share, to: to - steps },
            Self::Publish { cluster, first_step, counts } => {
                Self::Publish { cluster, first_step: first_step - steps, counts }
            }
            other => other,
        }
    }

    /// The depth of the node that the step concerns, if it concerns one.
    pub(crate) fn depth(self) -> Option<Depth> {
        match self {
            Self::Enter { depth, .. }
            | Self::Work { depth, .. }
            | Self::FreeWorker { depth }
            | Self::Connect { depth, .. }
            | Self::Disconnect { depth, .. }
            | Self::Call { depth }
            | Self::Return { depth }
            | Self::LookUp { depth, .. }
            | Self::Store { depth }
            | Self::Find { depth, .. }
            | Self::Ask { depth, .. }
            | Self::Admit { depth }
            | Self::Leave { depth } => Some(depth),
            Self::Attempt
            | Self::Delay { .. }
            | Self::Renew { .. }
            | Self::Renewed
            | Self::Count
            | Self::Publish { .. }
            | Self::Answer
            | Self::Discard => None,
        }
    }
}

/// When a cache does not hold the token of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Miss {
    /// By chance: with this probability.
    Share(f64),
    /// As it has been used.
    Unknown {
        /// Share of requests, as it is expected.
        share: f64,
    },
}

impl Miss {
    /// The share of requests that miss, at least as it is expected.
    pub fn share(self) -> f64 {
        match self {
            Self::Share(share) | Self::Unknown { share } => share,
        }
    }
}

/// Connections of a node, of which so many calls may be under way at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Pool {
    /// To the nodes of another cluster.
    Nodes = 0,
    /// To the database.
    Database,
}
