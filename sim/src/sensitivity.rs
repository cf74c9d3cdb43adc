//! What changes of a deployment would make of its years of failures: one thing at a time, so that a team sees what
//! the next euro buys.
//!
//! `lever` is what can be changed, `variant` a deployment in which one thing is.

mod lever;
mod variant;

use serde::{Deserialize, Serialize};

use crate::stats::Estimate;

pub use lever::{Lever, Setting, What};
pub(crate) use variant::{Variant, variants};

/// What changes of a deployment would make of its years, one at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sensitivity {
    /// So many horizons at least were asked for.
    pub horizons: u32,
    /// One per change.
    pub changes: Vec<Changed>,
}

/// What a change would make of the years of a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// What is changed.
    pub lever: Lever,
    /// Minutes a year in which each flow would be down then; none where the deployment would not carry what comes, or
    /// its years cannot be foreseen.
    pub minutes: Option<Vec<Estimate>>,
}

impl Sensitivity {
    /// Whether it tells of so many flows.
    pub(crate) fn is_of(&self, flows: usize) -> bool {
        self.known().all(|minutes| minutes.len() == flows)
    }

    /// Whether its numbers can be what a simulation saw.
    pub(crate) fn is_sound(&self) -> bool {
        self.known().flatten().all(|one| one.mean.is_finite() && one.mean >= 0.0)
    }

    fn known(&self) -> impl Iterator<Item = &Vec<Estimate>> {
        self.changes.iter().filter_map(|changed| changed.minutes.as_ref())
    }
}
