//! Limits of rate: how many requests of a flow nodes admit.

use crate::time::SimDuration;

/// How many requests of a flow are admitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Throttle {
    /// As the nodes of a cluster count them; none: any number.
    pub limit: Option<Limit>,
    /// In each second; none: any number.
    pub burst: Option<BurstLimit>,
}

/// How many requests are admitted in each second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BurstLimit {
    /// So many, at least 1: on each node, unless all count together.
    pub number: u32,
    /// Where all nodes count together: how many each admits in a second by itself. Once one of them has, they ask
    /// elsewhere for each request. None: each counts by itself.
    pub quota: Option<u32>,
}

/// How many requests are admitted in a window of time, by those who count. They are told of each admitted request
/// afterwards, and those who admit hear of their decision later still: until then all are admitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// So many in a window, at least 1.
    pub number: u32,
    /// How long a window is, above 0. Windows follow one another by the clock: they do not slide.
    pub window: SimDuration,
    /// The cluster whose nodes count: each all requests by itself, unless `sync` is stated.
    pub counted_by: usize,
    /// From the decision of one of them until those who admit know it.
    pub delay: SimDuration,
    /// How often those who count put together what each has counted, above 0: each request is then counted by one of
    /// them. None: each counts all of them by itself.
    pub sync: Option<SimDuration>,
    /// A node that counts is told of nothing more while so many requests wait to be counted there.
    pub buffer: u32,
}
