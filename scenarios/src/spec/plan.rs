//! `[plan]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Share;

/// Which node counts `apimsim plan` searches for; all optional.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Names of patterns, and of deployments of this file. Left out: all three patterns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub patterns: Option<Vec<String>>,
    /// Most nodes of a cluster; 12 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub most: Option<u32>,
    /// Confidence in all that is said of candidates together, from 50 % to 99.99 %; 95 % where nothing is
    /// stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Share>,
    /// What is closer to a limit than this share of it, at most 50 %, may be taken for either side of it; 5 %
    /// where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indifference: Option<Share>,
}
