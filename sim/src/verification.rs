//! Small systems whose exact answer is known, simulated by the same code as every scenario.

pub mod coverage;
mod systems;

use std::sync::atomic::AtomicBool;

use crate::experiment::{ExperimentError, Progress, compare};
use crate::results::Results;
use crate::scenario::Scenario;
use crate::stats::Estimate;

pub use systems::cases;

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

/// A quantity with its exact value.
#[derive(Clone, Copy, Debug)]
pub struct Truth {
    /// The quantity.
    pub quantity: Quantity,
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

/// A quantity that the simulation estimates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// Mean sojourn time of the first flow, ms.
    MeanSojourn,
    /// A quantile of the sojourn time of the first flow, ms.
    Quantile(f64),
    /// Requests of the first flow answered per second.
    Throughput,
    /// Share of requests of the first flow that end in an error.
    ErrorFraction,
    /// Mean number of requests in flight in the first cluster.
    InFlight,
    /// Share of time in which a node of the first cluster is up.
    NodeAvailability,
}

impl Quantity {
    /// What it is called, with its unit.
    pub fn name(self) -> String {
        match self {
            Self::MeanSojourn => "mean sojourn, ms".to_owned(),
            Self::Quantile(probability) => {
                format!("p{} sojourn, ms", (probability * 1e4).round() / 100.0)
            }
            Self::Throughput => "throughput, /s".to_owned(),
            Self::ErrorFraction => "error share".to_owned(),
            Self::InFlight => "mean in flight".to_owned(),
            Self::NodeAvailability => "node availability".to_owned(),
        }
    }

    fn of(self, results: &Results) -> Option<Estimate> {
        let deployment = results.deployments.first()?;
        let (flow, cluster) = (deployment.flows.first()?, deployment.clusters.first()?);
        match self {
            Self::MeanSojourn => flow.mean_ms,
            Self::Quantile(probability) => flow.quantile_ms(probability).copied(),
            Self::Throughput => Some(flow.throughput_rps),
            Self::ErrorFraction => flow.error_fraction,
            Self::InFlight => Some(cluster.in_flight_per_cluster),
            Self::NodeAvailability => Some(cluster.node_availability),
        }
    }
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
            let estimate = truth.quantity.of(&results).unwrap_or(unknown);
            Finding { truth: *truth, estimate }
        };
        Ok(self.truths.iter().map(finding).collect())
    }
}
