//! The load: where requests come from, and what their clients do.

use super::{Arrivals, DEPTHS, Endpoint, RandomFailure, Throttle, Tokens, Variate};
use crate::time::SimDuration;

/// A flow as the engine sees it: where its requests come from and where they start.
#[derive(Clone, Debug)]
pub struct Source {
    /// How they arrive.
    pub arrivals: Arrivals,
    /// Index of the users who send its requests; none for open arrivals.
    pub crowd: Option<usize>,
    /// Think time of these users.
    pub think: Variate,
    /// First step of the route.
    pub first_step: u16,
    /// The tokens that its requests carry; none where nobody tells them apart.
    pub tokens: Option<Tokens>,
    /// How many of its requests nodes admit; none: all.
    pub throttle: Option<Throttle>,
    /// How long the client waits for one attempt.
    pub timeout: Option<SimDuration>,
    /// Whether what an attempt has begun ends when its client gives up; else it is done to its end, for
    /// nobody.
    pub timeout_cancels: bool,
    /// What the client does after a failed attempt.
    pub retries: Retries,
    /// What nodes do by themselves about its backend; none: they wait for its answer for as long as it takes.
    pub endpoint: Option<Endpoint>,
    /// How its backend fails at random, each kind at most once.
    pub backend_failures: Vec<RandomFailure>,
    /// What a request keeps alive on the nodes that it occupies, by depth.
    pub memory: [Memory; DEPTHS],
}

/// Users who each think, send a request, wait for its end, and think again.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// Their number.
    pub users: u32,
    /// The flows of their requests, each with the sum of its share and of those before; the last sum is 1.
    /// By chance, whatever came before: visit ratios alone decide in a product-form network (Baskett,
    /// Chandy, Muntz and Palacios, Journal of the ACM 22, 1975).
    pub flows: Vec<(usize, f64)>,
}

impl Crowd {
    /// The flow of a request, by a draw uniform in 0..1.
    pub fn flow_at(&self, uniform: f64) -> usize {
        let place = self.flows.partition_point(|(_, share)| *share <= uniform);
        self.flows[place.min(self.flows.len() - 1)].0
    }
}

/// What a request keeps alive on a node that it occupies.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// On the heap, once a worker has begun with it, bytes.
    pub retains: u64,
    /// Its message, wherever it waits, bytes.
    pub message: u64,
}

/// What a client does after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retries {
    /// Further attempts after the first, 0..=15.
    pub max: u8,
    /// Wait before the second attempt.
    pub back_off: SimDuration,
    /// Each wait is this many times the one before, 1 or above.
    pub factor: f64,
    /// Each wait is multiplied by a uniform number in `1 - jitter ..= 1 + jitter`; 0..=1.
    pub jitter: f64,
}

impl Retries {
    /// One attempt only.
    pub const NONE: Self = Self { max: 0, back_off: SimDuration::ZERO, factor: 1.0, jitter: 0.0 };
}
