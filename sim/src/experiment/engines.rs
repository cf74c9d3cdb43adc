//! The deployments of a scenario by both engines.

use super::ExperimentError;
use crate::engine::{Asked, Observations, Run};
use crate::oracle::{self, Agreement};
use crate::scenario::Scenario;
use crate::study::Design;
use crate::time::SimDuration;

/// Simulates one replication of every deployment of a scenario by both engines and compares what they
/// observe. A warm-up that would be found is left out.
///
/// # Errors
///
/// If the scenario cannot be simulated.
///
/// # Panics
///
/// As [`simulate`](crate::engine::simulate).
pub fn compare_engines(
    scenario: &Scenario,
    replication: u32,
) -> Result<Vec<(Observations, Agreement)>, ExperimentError> {
    let design = Design::new(scenario)?;
    let whole = design.whole().map(|index| {
        let situation = &design.situations[index];
        let run = Run {
            seed: scenario.run.seed,
            replication,
            warm_up: scenario.run.warm_up.unwrap_or(SimDuration::ZERO),
            window: scenario.run.window,
            outages: &situation.outages,
            suppliers: &situation.suppliers,
            asked: Asked::default(),
        };
        oracle::compare(&situation.network, &run)
    });
    Ok(whole.collect())
}
