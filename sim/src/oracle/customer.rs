//! Who goes through the plain engine.

use crate::engine::request::Request;

/// A request or an asynchronous event, until it has ended and thereafter.
#[derive(Clone, Debug)]
pub(super) struct Customer {
    /// Its name: flow, number, attempt, and when it arrived.
    pub(super) request: Request,
    pub(super) step: usize,
    pub(super) burst: u8,
    /// Which copy of an asynchronous event; none for requests.
    pub(super) copy: Option<u8>,
    /// The nodes that it occupies, by depth.
    pub(super) nodes: [Option<usize>; 2],
    /// The node on which it is in service or waits.
    pub(super) at: Option<usize>,
    /// By depth: whether it keeps a worker, and whether the database serves it.
    pub(super) keeps: [bool; 2],
    pub(super) served: [bool; 2],
    /// By pool and depth.
    pub(super) connected: [[bool; 2]; 2],
    /// How many events had been scheduled when it set out.
    pub(super) on_the_way: u64,
    /// When its delay ends, while it is in one.
    pub(super) until: u64,
    pub(super) arrived: bool,
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
            nodes: [None; 2],
            at: None,
            keeps: [false; 2],
            served: [false; 2],
            connected: [[false; 2]; 2],
            on_the_way: 0,
            until: now,
            arrived: false,
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

    pub(super) fn occupies(&self, node: usize) -> bool {
        self.nodes.contains(&Some(node))
    }
}
