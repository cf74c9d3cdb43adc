//! Small systems whose exact answer is known, simulated by the same code as every scenario.

pub mod coverage;
mod failures;
mod systems;

use std::sync::atomic::AtomicBool;

use crate::experiment::{ExperimentError, Progress, compare};
use crate::quantity::Quantity;
use crate::results::Results;
use crate::scenario::Scenario;
use crate::stats::Estimate;
use crate::years::FlowYears;

pub use failures::cases as failing;

/// Every system that `apimsim verify` checks.
pub fn cases() -> Vec<Case> {
    [systems::cases(), failing()].concat()
}

/// A system of which something is known exactly.
#[derive(Clone, Debug)]
pub struct Case {
    /// The system, in Kendall's notation where it has one.
    pub name: String,
    /// The system as a scenario.
    pub scenario: Scenario,
    /// What is known of it.
    pub truths: Vec<Truth>,
}

/// What can be known of a system.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Known {
    /// A quantity of its first flow or cluster.
    Quantity(Quantity),
    /// Minutes of a year of 365 days, as many as all requests of its first flow that are lost take to come.
    Downtime,
}

/// What is known, with its exact value.
#[derive(Clone, Copy, Debug)]
pub struct Truth {
    /// What is known.
    pub of: Known,
    /// Its exact value.
    pub exact: f64,
    /// Where the exact value comes from.
    pub source: &'static str,
}

/// A truth beside its estimate.
#[derive(Clone, Copy, Debug)]
pub struct Finding {
    /// The truth.
    pub truth: Truth,
    /// What was simulated.
    pub estimate: Estimate,
}

impl Finding {
    /// Whether the interval of the estimate covers the truth.
    pub fn agrees(&self) -> bool {
        self.estimate.half_width.is_some() && self.estimate.covers(self.truth.exact)
    }
}

impl Known {
    fn found(self, results: &Results) -> Option<Estimate> {
        match self {
            Self::Quantity(quantity) => found(quantity, results),
            Self::Downtime => {
                let years = results.deployments.first()?.years.as_ref()?;
                years.flows.first().map(FlowYears::downtime_minutes)
            }
        }
    }
}

/// What was found of it in the only deployment, of its first flow or cluster.
fn found(quantity: Quantity, results: &Results) -> Option<Estimate> {
    let deployment = results.deployments.first()?;
    let (flow, cluster) = (deployment.flows.first()?, deployment.clusters.first()?);
    flow.found.get(quantity).or_else(|| cluster.found.get(quantity)).copied()
}

impl Case {
    /// Simulates the system with `seed` and sets what was found beside what is known.
    ///
    /// # Errors
    ///
    /// If it was stopped.
    pub fn findings(
        &self,
        seed: u64,
        progress: &dyn Progress,
        stop: &AtomicBool,
    ) -> Result<Vec<Finding>, ExperimentError> {
        let mut scenario = self.scenario.clone();
        scenario.run.seed = seed;
        let results = compare(&scenario, progress, stop)?;
        let unknown = Estimate::unknown(f64::NAN);
        let finding = |truth: &Truth| {
            let estimate = truth.of.found(&results).unwrap_or(unknown);
            Finding { truth: *truth, estimate }
        };
        Ok(self.truths.iter().map(finding).collect())
    }
}
