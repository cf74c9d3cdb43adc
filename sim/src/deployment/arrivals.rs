//! How the requests of a flow arrive.

use crate::random::Law;
use crate::time::{SimDuration, SimTime};

/// An arrival process. Rates are in requests per second.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// Exponential times between arrivals.
    Poisson {
        /// Requests per second, above 0.
        rate: f64,
    },
    /// Equal times between arrivals.
    Deterministic {
        /// Requests per second, above 0.
        rate: f64,
    },
    /// A Markov-modulated Poisson process: the rate goes round the states in their order and stays
    /// in each for an exponential time.
    Mmpp {
        /// Rate of each state, requests per second, 0 or above, at least one above 0.
        rates: Vec<f64>,
        /// Mean stay in each state, above 0; as many as rates.
        stays: Vec<SimDuration>,
    },
    /// A Poisson process whose rate is piecewise linear between the points; before the first and
    /// after the last point the rate stays as it is there. Times count from the start of the window.
    Schedule {
        /// Points (time, rate) in increasing time; at least one.
        points: Vec<(SimTime, f64)>,
    },
    /// Arrivals at given instants, counted from the start of the window.
    Trace {
        /// Instants in increasing order; at least one.
        times: Vec<SimTime>,
    },
    /// A fixed number of users, each of whom thinks, sends a request, waits for its end, and thinks
    /// again.
    Closed {
        /// Number of users, at least 1.
        users: u32,
        /// The think time.
        think: Law,
    },
}
