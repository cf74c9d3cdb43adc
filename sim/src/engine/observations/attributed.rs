//! Where the time of answered requests went.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::network::Need;

/// What a request does while time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    /// It is elsewhere: on the network, at a backend, at a database.
    Delay,
    /// It waits for a worker of a node, or for a core where each burst has one to itself.
    Worker,
    /// It waits for a connection, or until the database serves it.
    Connection,
    /// A core works for it.
    Work,
    /// Cores work for others in its place.
    Sharing,
    /// Its node collects garbage.
    Collection,
    /// Its node stalls.
    Stall,
    /// Attempts before the last one, and the waits after them.
    EarlierAttempts,
}

/// Under what a span of time is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// What the request does.
    pub part: Part,
    /// What for.
    pub need: Option<Need>,
    /// Index of the cluster of its node.
    pub cluster: Option<usize>,
}

/// Answered requests of like sojourn time, and where their time went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alike {
    /// Their number.
    pub requests: u64,
    /// The sum of their times by place, nanoseconds.
    #[serde(with = "pairs")]
    pub nanos: BTreeMap<Place, u64>,
}

/// Requests of each flow, those together whose sojourn times differ by less than 3 %.
pub type Attributed = Vec<BTreeMap<u32, Alike>>;

/// A map by places is stored as a list of pairs: not every format has keys that are no texts.
mod pairs {
    use super::{BTreeMap, Deserialize, Place, Serialize};

    pub(super) fn serialize<S: serde::Serializer>(
        nanos: &BTreeMap<Place, u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        nanos.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Place, u64>, D::Error> {
        Ok(Vec::<(Place, u64)>::deserialize(deserializer)?.into_iter().collect())
    }
}
