//! What was measured: one load test, or one operation of a log, as plain figures; and which of them to
//! believe. Where they were written, and in which form, is not known here.

mod collections;
mod load_test;
mod repeats;
mod sift;

pub use collections::{Collections, Known};
pub use load_test::{LEAST_THINKING, LoadTest, MOST_OFF_LITTLE, load_tests};
pub use repeats::{Configuration, repeats};
pub use sift::{
    LEAST_ABOVE_QUANTILE, LEAST_OF_TEST, LEAST_REPEATS, MANY_INSIDE, MOST_ERRORS, MOST_IDLE,
    MOST_NOISE, Reason, Sifted, sift,
};

use crate::deployment::Message;
use crate::stats::Silences;
use crate::time::SimDuration;

/// Times are measured in whole milliseconds: what that leaves open, seconds.
pub(crate) const RESOLUTION: f64 = 0.000_3;

/// One operation under one load. What nobody stated is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// The file and the line or lines, for messages.
    pub origin: String,
    /// Where the file has it from: a repository or page, and the place in it.
    pub source: Option<String>,
    /// The product measured.
    pub product: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// What was asked of it: a scenario of the load test, a label, an API.
    pub operation: String,
    /// Which times `mean`, `sd`, `quantiles` and `max` are.
    pub observed: Observed,
    /// How requests came.
    pub load: Load,
    /// Size of a message, in KiB.
    pub size_kib: Option<f64>,
    /// Size of the answer, in KiB, where that of the request is another.
    pub answer_kib: Option<f64>,
    /// How long the backend took.
    pub backend: Option<BackendTimes>,
    /// Cores of the node.
    pub cores: Option<f64>,
    /// Heap of the node in GiB; its memory where only that is stated.
    pub heap_gib: Option<f64>,
    /// Nodes behind one balancer that took the load together, each with these cores and this heap; one
    /// where nobody stated it.
    pub nodes: Option<u32>,
    /// How many requests the quantiles are of.
    pub requests: Option<u64>,
    /// Requests per second of those that the times are of: all, or those answered where the others are
    /// told in `failures`. Of all nodes together.
    pub throughput: Option<f64>,
    /// Mean time, in seconds.
    pub mean: Option<f64>,
    /// Standard deviation of the times, in seconds.
    pub sd: Option<f64>,
    /// Probabilities between 0 and 1 with the times that so large a share stays below, in seconds;
    /// by ascending probability.
    pub quantiles: Vec<(f64, f64)>,
    /// The longest time, in seconds.
    pub max: Option<f64>,
    /// Of figures that their tool rounds, or mixes with requests that failed: between which two values each
    /// lies. What is not among them is as it is stated.
    pub bounds: Vec<Bounds>,
    /// Share of the time spent in pauses of garbage collection, 0 to 1.
    pub gc_share: Option<f64>,
    /// Share of the processors' time that nothing used, 0 to 1.
    pub cpu_idle: Option<f64>,
    /// The silences between answers of the node, to whatever operation, where requests were logged one by
    /// one and everything that the node answered is in `operation` (but for a small share) or in the other
    /// operations of its `test`, of which one alone states them.
    pub silences: Option<Silences>,
    /// Share of the requests in `throughput` and times that failed, 0 to 1; 0 where they are left out.
    pub error_fraction: Option<f64>,
    /// Failed requests that are left out of all other figures, where they are known one by one.
    pub failures: Option<Failures>,
    /// How long users wait between an answer and their next request, where the file shows it: the gaps
    /// of each thread. None where it does not; Little's law then tells what is missing.
    pub think: Option<ThinkTimes>,
    /// The load test that it is one operation of. Measurements of the same name were taken at once: the
    /// users of each are the users of all, who go from one operation to another (see [`LoadTest`]).
    /// None where nobody asked for anything else, or nobody knows what else.
    pub test: Option<String>,
    /// Other operations that the node served at the same time, or the first hundred of them by name.
    pub shares_node_with: Vec<String>,
    /// What its own file, or its reader, finds wrong with it.
    pub flag: Option<String>,
}

impl Measurement {
    /// An operation under a load, of which nothing else is stated yet.
    pub fn of(origin: &str, operation: &str, load: Load) -> Self {
        Self {
            origin: origin.to_owned(),
            source: None,
            product: None,
            version: None,
            operation: operation.to_owned(),
            observed: Observed::RoundTrip,
            load,
            size_kib: None,
            answer_kib: None,
            backend: None,
            cores: None,
            heap_gib: None,
            nodes: None,
            requests: None,
            throughput: None,
            mean: None,
            sd: None,
            quantiles: Vec::new(),
            max: None,
            bounds: Vec::new(),
            gc_share: None,
            cpu_idle: None,
            silences: None,
            error_fraction: None,
            failures: None,
            think: None,
            test: None,
            shares_node_with: Vec::new(),
            flag: None,
        }
    }
}

/// Between which two values a figure lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Which figure.
    pub figure: Figure,
    /// At least, in seconds.
    pub low: f64,
    /// At most, in seconds.
    pub high: f64,
}

/// A figure of the times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Figure {
    /// The mean.
    Mean,
    /// The quantile of this probability.
    Quantile(f64),
}

/// Between which two instants a time lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Observed {
    /// From the request to the last byte of its answer, backend included.
    RoundTrip,
    /// The same without the backend: the gateway's own share.
    GatewayTime,
}

/// How requests came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    /// Each of so many users sends the next request as soon as the last is answered.
    Closed {
        /// Users at once.
        users: u32,
    },
    /// Requests come whether or not earlier ones are answered.
    Open {
        /// Requests per second.
        rate: f64,
    },
}

/// How long a backend took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackendTimes {
    /// The mean.
    pub mean: SimDuration,
    /// Standard deviation over mean; 0 for a fixed delay.
    pub cv: f64,
}

/// How long users wait before a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThinkTimes {
    /// The mean.
    pub mean: SimDuration,
    /// Standard deviation over mean; 0 for a fixed time.
    pub cv: f64,
}

/// Failed requests that are no part of the figures of those answered. Their users were busy with them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failures {
    /// How many there were.
    pub requests: u64,
    /// How many each second.
    pub rate: f64,
    /// How long they took, seconds.
    pub mean: f64,
}

/// What makes two measurements repeats of one another, in the order in which they are listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    product: Option<&'a str>,
    operation: &'a str,
    observed: Observed,
    // The bits of a float that is not negative order as the float does.
    load: (u8, u64),
    size: Option<u64>,
    answer: Option<u64>,
    backend: Option<(SimDuration, u64)>,
    cores: Option<u64>,
    heap: Option<u64>,
    nodes: Option<u32>,
    shares_node_with: &'a [String],
}

impl Measurement {
    /// Users at once, where requests come from users.
    pub fn users(&self) -> Option<u32> {
        match self.load {
            Load::Closed { users } => Some(users),
            Load::Open { .. } => None,
        }
    }

    /// Mean time of the backend, seconds; 0 where nobody stated it.
    pub fn backend_seconds(&self) -> f64 {
        self.backend.map_or(0.0, |backend| backend.mean.as_seconds())
    }

    /// Between which two values, in seconds, a figure lies that is stated with this one.
    pub fn bounds_of(&self, figure: Figure, stated: f64) -> (f64, f64) {
        let bounds = self.bounds.iter().find(|bounds| bounds.figure == figure);
        bounds.map_or((stated, stated), |bounds| (bounds.low.min(stated), bounds.high.max(stated)))
    }

    /// How large its messages are; empty where nobody stated it.
    pub fn message(&self) -> Message {
        let request_kib = self.size_kib.unwrap_or(0.0);
        Message { request_kib, answer_kib: self.answer_kib.unwrap_or(request_kib) }
    }

    fn key(&self) -> Key<'_> {
        Key {
            product: self.product.as_deref(),
            operation: &self.operation,
            observed: self.observed,
            load: match self.load {
                Load::Closed { users } => (0, users.into()),
                Load::Open { rate } => (1, rate.to_bits()),
            },
            size: self.size_kib.map(f64::to_bits),
            answer: self.answer_kib.map(f64::to_bits),
            backend: self.backend.map(|backend| (backend.mean, backend.cv.to_bits())),
            cores: self.cores.map(f64::to_bits),
            heap: self.heap_gib.map(f64::to_bits),
            nodes: self.nodes,
            shares_node_with: &self.shares_node_with,
        }
    }
}

/// The middle value, or the mean of the two in the middle; none of nothing.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = values[(values.len() - 1) / 2];
    Some(lower + (upper - lower) / 2.0)
}

#[cfg(test)]
pub(crate) mod fabricated {
    use super::*;

    /// 100 users, 2000 requests a second, 50 ms: nothing is wrong with it.
    pub(crate) fn measurement() -> Measurement {
        Measurement {
            product: Some("WSO2 API Manager".to_owned()),
            version: Some("4.5.0".to_owned()),
            size_kib: Some(1.0),
            backend: Some(BackendTimes { mean: SimDuration::ZERO, cv: 0.0 }),
            cores: Some(2.0),
            heap_gib: Some(2.0),
            requests: Some(1_200_000),
            throughput: Some(2000.0),
            mean: Some(0.05),
            sd: Some(0.02),
            quantiles: vec![(0.5, 0.045), (0.99, 0.12), (0.999, 0.2)],
            max: Some(1.1),
            gc_share: Some(0.014),
            cpu_idle: Some(0.02),
            error_fraction: Some(0.0),
            ..Measurement::of("test.csv:2", "passthrough", Load::Closed { users: 100 })
        }
    }
}
