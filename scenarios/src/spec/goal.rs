//! `[goal]`, and the `goal` of a flow.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, Share};

/// A table of limits, all optional, and what else it may say: serde does not flatten one table into
/// another that denies unknown keys.
macro_rules! limits {
    ($(#[$about:meta])* $name:ident { $($(#[$of_key:meta])* $key:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// Highest mean latency.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub mean: Option<Duration>,
            /// Highest latency of 50 % of the requests.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub p50: Option<Duration>,
            /// Highest latency of 75 % of the requests.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub p75: Option<Duration>,
            /// Highest latency of 90 % of the requests.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub p90: Option<Duration>,
            /// Highest latency of 95 % of the requests.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub p95: Option<Duration>,
            /// Highest latency of 98 % of the requests.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub p98: Option<Duration>,
            /// Highest latency of 99 % of the requests.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub p99: Option<Duration>,
            /// Highest latency of 99.9 % of the requests.
            #[serde(default, rename = "p99.9", skip_serializing_if = "Option::is_none")]
            pub p99_9: Option<Duration>,
            /// Highest latency of 99.99 % of the requests.
            #[serde(default, rename = "p99.99", skip_serializing_if = "Option::is_none")]
            pub p99_99: Option<Duration>,
            /// Highest share of requests that end in an error.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub error_rate: Option<Share>,
            /// Lowest share of requests answered correctly and in time, over the horizon; in the window
            /// where drills are scripted.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub availability: Option<Share>,
            /// Lowest share of horizons that reach this availability, between 0 % and 100 %.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub probability: Option<Share>,
            $($(#[$of_key])* pub $key: $type,)*
        }
    };
}

limits! {
    /// What every flow must reach that states nothing else; all optional.
    Goal {
        /// The time over which availability is asked for, from an hour to ten years; 365 d where nothing is stated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        horizon: Option<Duration>,
        /// 1: the goals on latency and errors also hold with any one node down.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(max = 1))]
        survive: Option<u32>,
    }
}

limits! {
    /// What a flow must reach, where that is not what every flow must; all optional.
    FlowGoal {}
}
