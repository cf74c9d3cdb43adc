//! `[run]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim::scenario::MOST_REPLICATIONS;

use super::{Duration, Share, TimeOfDay};

/// How to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Observed time per replication, at most 30 days.
    #[serde(default = "window")]
    pub window: Duration,
    /// Time of day at which the window begins; the times of schedules and traces then count from
    /// midnight, and a schedule of one day begins again at its end. Left out: they count from the start
    /// of the window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<TimeOfDay>,
    /// Time of day at which the window ends, instead of `window`; before `from`: on the next day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<TimeOfDay>,
    /// Of every hour of the window so much is simulated, at every rate that the hour has: its schedules change
    /// faster by as much. Where every cluster is at any time near the steady state of the rate that it has, a
    /// day is known so from its hours; refused where it is not, and beside drills, restarts, traces and closed
    /// arrivals. Left out: all of it is simulated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Duration>,
    /// Discarded time before the window; left out: found from the output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<Duration>,
    /// How many independent replications; 10 where neither this nor `precision` is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MOST_REPLICATIONS))]
    pub replications: Option<u32>,
    /// Instead of `replications`: half-width of every goal's quantity, relative to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Share>,
    /// With `precision`: no more replications than this; 100 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = MOST_REPLICATIONS))]
    pub max_replications: Option<u32>,
    /// Seed of every random stream.
    #[serde(default = "seed")]
    pub seed: u64,
    /// Confidence level of every half-width.
    #[serde(default = "confidence")]
    pub confidence: Share,
    /// The least difference of throughput and p99 between deployments that matters, relative to the
    /// first deployment. Error shares matter from a tenth of what a goal allows.
    #[serde(default = "least_difference")]
    pub least_difference: Share,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            window: window(),
            from: None,
            to: None,
            sample: None,
            warm_up: None,
            replications: None,
            precision: None,
            max_replications: None,
            seed: seed(),
            confidence: confidence(),
            least_difference: least_difference(),
        }
    }
}

fn window() -> Duration {
    Duration("10 min".to_owned())
}

fn seed() -> u64 {
    1
}

fn confidence() -> Share {
    Share("95 %".to_owned())
}

fn least_difference() -> Share {
    Share("1 %".to_owned())
}
