//! What a sweep holds: the scenario, its keys, and what was seen at each point.

use std::collections::BTreeMap;

use sim::results::Verdict;
use sim::stats::Estimate;

/// A scenario at many points: values of some of its keys.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// Stem of the scenario's file name.
    pub scenario_name: String,
    /// Its title.
    pub title: String,
    /// Version of the program.
    pub version: &'static str,
    /// Seed of every random number.
    pub seed: u64,
    /// The keys.
    pub axes: Vec<SweptAxis>,
    /// Whether the points are all combinations of the values.
    pub is_factorial: bool,
    /// What was seen at each.
    pub points: Vec<SweptPoint>,
}

/// A key and how its values are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweptAxis {
    /// Dotted keys.
    pub path: String,
    /// Of all its values, empty for plain numbers; none where they are no numbers of one unit.
    pub unit: Option<String>,
    /// Whether equal ratios are equal steps.
    pub is_log: bool,
}

/// A value of a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Coordinate {
    /// As it is written.
    pub text: String,
    /// Without its unit, where it is a number.
    pub number: Option<f64>,
}

/// What was seen at a point.
#[derive(Clone, Debug)]
pub struct SweptPoint {
    pub(crate) at: Vec<Coordinate>,
    pub(crate) seen: Seen,
    pub(crate) drawn: Vec<Drawn>,
    /// By deployment.
    pub(crate) verdicts: Vec<(String, Option<Verdict>)>,
}

/// The rows of one point in `sweep.csv`.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// One per deployment and flow, with the nodes of its clusters by name.
    pub(crate) rows: Vec<(Vec<String>, BTreeMap<String, u32>)>,
    pub(crate) is_partial: bool,
}

/// What is drawn of a flow on a deployment at a point.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    pub(crate) deployment: String,
    pub(crate) flow: String,
    /// The figure of the sojourn time: `p99`.
    pub(crate) metric: String,
    /// ms; none where nothing was answered.
    pub(crate) found: Option<Estimate>,
    /// ms.
    pub(crate) limit: Option<f64>,
    pub(crate) is_overloaded: bool,
}

impl SweptAxis {
    /// `traffic [/s]`.
    pub(crate) fn heading(&self) -> String {
        match self.unit.as_deref() {
            None | Some("") => self.path.clone(),
            Some(unit) => format!("{} [{unit}]", self.path),
        }
    }
}
