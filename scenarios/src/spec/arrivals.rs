//! How requests arrive.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, Law, Rate, Share};

/// An arrival process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "process", rename_all = "lowercase", deny_unknown_fields)]
pub enum Arrivals {
    /// Exponential times between arrivals.
    Poisson {
        /// Mean rate.
        rate: Rate,
        /// So many times as often as stated, above 0 and at most 1000; 1 where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0, max = 1000))]
        scale: Option<f64>,
    },
    /// Equal times between arrivals.
    Deterministic {
        /// Rate.
        rate: Rate,
        /// So many times as often as stated, above 0 and at most 1000; 1 where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0, max = 1000))]
        scale: Option<f64>,
    },
    /// Bursts: the rate goes round the states and stays in each for an exponential time.
    Mmpp {
        /// Rate of each state.
        #[schemars(length(min = 1))]
        rates: Vec<Rate>,
        /// Mean stay in each state.
        #[schemars(length(min = 1))]
        stays: Vec<Duration>,
        /// So many times as often as stated, above 0 and at most 1000; 1 where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0, max = 1000))]
        scale: Option<f64>,
    },
    /// A Poisson process whose rate is linear between the points of a CSV file.
    Schedule {
        /// CSV file with the columns `time_s` (seconds; or `time`, as hh:mm or as seconds since 1970) and
        /// `rate_per_s`, relative to this file. The rate before its first time and after its last one is
        /// the one there.
        file: String,
        /// So many times as often as stated, above 0 and at most 1000; 1 where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0, max = 1000))]
        scale: Option<f64>,
    },
    /// Arrivals at the instants of a CSV file.
    Trace {
        /// CSV file with the column `time_s` (or `time`, as in a schedule), ascending, relative to this
        /// file.
        file: String,
        /// So many times as often as stated, above 0 and at most 1000; 1 where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0, max = 1000))]
        scale: Option<f64>,
    },
    /// Users who each think, send a request and wait for its end.
    Closed {
        /// Number of users.
        #[schemars(range(min = 1, max = 1_000_000))]
        users: u32,
        /// Think time.
        #[serde(default = "no_thought")]
        think: Law,
        /// So many times as many users, rounded to whole ones, above 0 and at most 1000; 1 where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0, max = 1000))]
        scale: Option<f64>,
    },
    /// The users of another flow: before each request, a user chooses by chance which flow it is of.
    #[serde(rename = "users-of")]
    UsersOf {
        /// Name of that flow, whose process is `closed`.
        flow: String,
        /// Share of all requests of these users; what the flows that share users leave is that flow's own.
        share: Share,
    },
}

fn no_thought() -> Law {
    Law::Constant(Duration("0 ms".to_owned()))
}
