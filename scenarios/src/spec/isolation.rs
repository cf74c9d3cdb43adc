//! `[isolation]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How well tenants are kept apart: every deployment is also simulated with the flows of each tenant alone,
/// and with those of one tenant coming more often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Isolation {
    /// The tenant that comes more often.
    pub noisy: String,
    /// How many times as often its requests come, at most 1000; 10 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub factor: Option<f64>,
}
