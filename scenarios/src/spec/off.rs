//! What is turned off.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The text `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Off {
    /// Turned off.
    None,
}
