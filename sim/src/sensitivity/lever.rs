//! Something that can be changed of a deployment.

use serde::{Deserialize, Serialize};

use crate::time::SimDuration;

/// Something that is changed of a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lever {
    /// What.
    pub what: What,
    /// Of which failure, where it is one of those: `crash`, `zone vanish`, `database crash`, `backend:orders hang`.
    pub failure: Option<String>,
    /// Of which cluster; none: of all.
    pub cluster: Option<String>,
    /// As it is.
    pub from: Setting,
    /// As it would be.
    pub to: Setting,
}

/// Where a lever stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Setting {
    /// At a time.
    Time(SimDuration),
    /// At so many nodes.
    Nodes(u32),
    /// At the policy of this name.
    Policy(String),
}

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum What {
    /// A failure comes half as often.
    Mtbf,
    /// It lasts half as long.
    Mttr,
    /// It is found out in half the time.
    Detection,
    /// A process takes half as long to start.
    StartUp,
    /// It has its APIs in half the time.
    Loading,
    /// There is one node more.
    Nodes,
    /// The balancer chooses otherwise.
    Balancer,
}

impl What {
    /// Each, in the order of files.
    pub const ALL: [Self; 7] = [
        Self::Mtbf,
        Self::Mttr,
        Self::Detection,
        Self::StartUp,
        Self::Loading,
        Self::Nodes,
        Self::Balancer,
    ];

    /// As files name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mtbf => "mtbf",
            Self::Mttr => "mttr",
            Self::Detection => "detection",
            Self::StartUp => "start_up",
            Self::Loading => "loading",
            Self::Nodes => "nodes",
            Self::Balancer => "balancer",
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Mtbf => "half as often",
            Self::Mttr => "half as long",
            Self::Detection => "detection in half the time",
            Self::StartUp => "start-up in half the time",
            Self::Loading => "APIs loaded in half the time",
            Self::Nodes => "one node more",
            Self::Balancer => "another balancer",
        }
    }
}
