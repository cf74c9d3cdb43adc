//! Whether a deployment can carry what is offered, from rates and demands alone.

use super::Situation;
use crate::deployment::Policy;
use crate::results::Overload;
use crate::scenario::Scenario;

/// The cluster with the highest load, if it is offered more than it can do. Garbage collection counts
/// with the cores that its pauses stop; closed flows bring no fixed load and do not count.
pub(super) fn of(scenario: &Scenario, situation: &Situation) -> Option<Overload> {
    let rates = rates(scenario);
    let offered_rps: f64 = rates.iter().sum();
    let deployment = &scenario.deployments[situation.deployment];
    let loads = (0..situation.network.clusters.len()).map(|index| {
        let (offered, cores) = load(situation, index, &rates);
        (index, offered, cores)
    });
    let (index, with_stops, cores) = loads.max_by(|a, b| (a.1 / a.2).total_cmp(&(b.1 / b.2)))?;
    (with_stops > cores).then(|| Overload {
        cluster: deployment.clusters[index].name.clone(),
        offered_load_cores: situation.network.offered_load(index, &rates),
        offered_load_with_stops_cores: with_stops,
        cores,
        offered_rps,
        carried_rps: offered_rps * cores / with_stops,
    })
}

/// Mean rate of each flow over the window, 0 for closed ones.
pub(super) fn rates(scenario: &Scenario) -> Vec<f64> {
    let window = scenario.run.window;
    scenario.flows.iter().map(|flow| flow.arrivals.mean_rate(window).unwrap_or(0.0)).collect()
}

/// Demand brought to a cluster with what its stops take, in cores, and the cores that work.
fn load(situation: &Situation, index: usize, rates: &[f64]) -> (f64, f64) {
    let station = &situation.network.clusters[index];
    let active = match station.policy {
        Policy::ActivePassive => 1.0,
        _ => station.nodes as f64,
    };
    (with_stops(situation, index, rates), active * station.cores)
}

/// Demand brought to a cluster and what its collections and stalls stop, in cores.
pub(super) fn with_stops(situation: &Situation, index: usize, rates: &[f64]) -> f64 {
    let network = &situation.network;
    network.offered_load(index, rates) + network.stopped_load(index, rates)
}
