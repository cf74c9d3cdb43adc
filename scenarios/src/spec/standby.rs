//! Nodes that stand by.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, Off};

/// Whether nodes stand by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum StandbyChoice {
    /// All nodes serve.
    Off(Off),
    /// All but one do.
    Pair(Standby),
}

/// One node serves, another stands by and takes over, as two nodes of the streaming integrator do that know of each
/// other through a database. Where nothing is stated: as documented for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Standby {
    /// How often each node shows that it is alive, and looks whether the one that serves is; 5 s where nothing is
    /// stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<Duration>,
    /// Of so many intervals the last sign of life may be old; 5 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub missed: Option<u32>,
    /// How often a node asks whether it has become the one that serves; 5 s where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polling: Option<Duration>,
    /// How often the state is saved, as whoever takes over processes what came later again; 1 min where nothing is
    /// stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<Duration>,
    /// How long it takes to read the state; 2 s where nothing is stated, which is judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore: Option<Duration>,
    /// What becomes of the outputs of events that are processed again; `repeated` where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Outputs>,
}

/// What becomes of the outputs of events that are processed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outputs {
    /// New events are accepted first, and the outputs are published a second time: since May 2023, so in 4.3.0.
    Repeated,
    /// They are published by nobody, and new events are accepted afterwards: up to 4.2.0.
    Suppressed,
}
