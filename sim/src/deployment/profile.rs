//! The calibrated behaviour of a kind of node.

use std::collections::BTreeMap;

use crate::random::{Law, Shape};
use crate::time::SimDuration;

/// The behaviour of a kind of node: one JVM on one machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Name of the profile.
    pub name: String,
    /// CPU cores, above 0; a container may have a fraction.
    pub cores: f64,
    /// Worker threads, at least 1; one is held while a burst runs and not while a backend answers.
    pub workers: u32,
    /// How many new requests may wait for a worker; none: any number. What does not fit is rejected.
    pub queue: Option<u32>,
    /// Number of independent bursts that the demand of a request is cut into, 1..=64.
    pub bursts: u8,
    /// How bursts share the cores.
    pub discipline: Discipline,
    /// Network delay to a node of this profile, each way.
    pub hop: Law,
    /// CPU demand of each operation, by name.
    pub demands: BTreeMap<String, Demand>,
    /// Stop-the-world garbage collection; none: no pauses.
    pub gc: Option<GarbageCollection>,
    /// Delay of the database behind a token request; none: none is called.
    pub database: Option<Law>,
    /// Mean up time of a node between crashes (exponential); none: nodes do not crash.
    pub mtbf: Option<SimDuration>,
    /// Mean time from a crash until the node is started again (exponential), start-up not included.
    pub mttr: SimDuration,
    /// Time from the start of the process until it answers.
    pub start_up: Law,
    /// What a freshly started JVM costs more; none: nothing.
    pub cold_start: Option<ColdStart>,
    /// Price of a node per hour, in the user's currency.
    pub price_per_hour: f64,
}

/// CPU demand of one operation, in core-time: the law of a whole request has mean
/// `mean + per_kib × size`. Each of its bursts is drawn on its own with an equal share of that
/// mean and the shape's cv, so that the cv of the whole is cv / √bursts.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    /// Mean for an empty message.
    pub mean: SimDuration,
    /// Added per KiB of message.
    pub per_kib: SimDuration,
    /// Shape of the law of one burst.
    pub shape: Shape,
}

impl Demand {
    /// Mean demand of a request of `size_kib`, in seconds of one core.
    pub fn mean_seconds(&self, size_kib: f64) -> f64 {
        self.mean.as_seconds() + self.per_kib.as_seconds() * size_kib
    }
}

/// How bursts share the cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discipline {
    /// `n` bursts in service progress at rate min(1, cores / n) each.
    ProcessorSharing,
    /// Each burst has a core to itself, in order of arrival.
    FirstComeFirstServed,
}

/// Stop-the-world garbage collection: all cores of the node stop for the pause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GarbageCollection {
    /// Allocation budget: a pause after so many requests, at least 1.
    pub requests_per_pause: f64,
    /// Mean pause of an idle node.
    pub pause: SimDuration,
    /// Coefficient of variation of a pause (lognormal).
    pub cv: f64,
    /// Added to the mean pause for each request in flight on the node.
    pub per_in_flight: SimDuration,
}

/// Demands of a freshly started JVM are multiplied by `1 + (factor - 1) exp(-age / decay)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColdStart {
    /// Multiplier of the first demand, 1 or above.
    pub factor: f64,
    /// Time in which the excess falls to 1/e.
    pub decay: SimDuration,
}

impl Profile {
    /// A node that only works: processor sharing, one burst, 400 workers with an unbounded queue; no
    /// network, no garbage collection, no crashes, no price. Its demands are still to be given.
    pub fn plain(name: &str, cores: f64) -> Self {
        Self {
            name: name.to_owned(),
            cores,
            workers: 400,
            queue: None,
            bursts: 1,
            discipline: Discipline::ProcessorSharing,
            hop: Law::constant(SimDuration::ZERO),
            demands: BTreeMap::new(),
            gc: None,
            database: None,
            mtbf: None,
            mttr: SimDuration::from_seconds(120.0),
            start_up: Law::constant(SimDuration::ZERO),
            cold_start: None,
            price_per_hour: 0.0,
        }
    }
}
