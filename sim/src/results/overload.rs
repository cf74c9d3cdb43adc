//! Whether a deployment can carry what is offered, from rates and demands alone.

use crate::deployment::Policy;
use crate::network::Network;
use crate::results::Overload;
use crate::scenario::Scenario;
use crate::stats::standard_normal;
use crate::study::{Design, Situation};

/// A cluster that is offered more than it can do.
pub(crate) struct Overloaded {
    /// Its index.
    pub(crate) cluster: usize,
    /// Demand brought, in cores, with the cores that collections and stalls stop.
    load_with_stops: f64,
    /// The cores that work.
    cores: f64,
}

impl Overloaded {
    /// Share of its load that it cannot carry, 0..1.
    pub(crate) fn excess(&self) -> f64 {
        1.0 - self.cores / self.load_with_stops
    }

    /// The same for reports: rates are those of the flows that bring it work.
    pub(crate) fn result(&self, scenario: &Scenario, situation: &Situation) -> Overload {
        let rates = rates(scenario, situation);
        let brings_work = |flow: &usize| {
            let mut alone = vec![0.0; rates.len()];
            alone[*flow] = 1.0;
            situation.network.offered_load(self.cluster, &alone) > 0.0
        };
        let flows: Vec<usize> = (0..rates.len()).filter(brings_work).collect();
        let offered_rps: f64 = flows.iter().map(|flow| rates[*flow]).sum();
        let deployment = &scenario.deployments[situation.deployment];
        Overload {
            cluster: deployment.clusters[self.cluster].name.clone(),
            flows: flows.iter().map(|flow| scenario.flows[*flow].name.clone()).collect(),
            offered_load_cores: situation.network.offered_load(self.cluster, &rates),
            offered_load_with_stops_cores: self.load_with_stops,
            cores: self.cores,
            offered_rps,
            carried_rps: offered_rps * (1.0 - self.excess()),
        }
    }
}

/// The clusters that are offered more than they can do, the most loaded first. What counts is the
/// mean over the window: a peak that is made up for within it is no overload. Garbage collection
/// counts with the cores that its pauses stop; closed flows bring no fixed load and do not count.
pub(crate) fn of(scenario: &Scenario, situation: &Situation) -> Vec<Overloaded> {
    let rates = rates(scenario, situation);
    let clusters = 0..situation.network.clusters.len();
    let mut overloaded: Vec<Overloaded> = clusters
        .map(|cluster| {
            let (load_with_stops, cores) = load(&situation.network, cluster, &rates);
            Overloaded { cluster, load_with_stops, cores }
        })
        .filter(|cluster| cluster.load_with_stops > cluster.cores)
        .collect();
    overloaded.sort_by(|a, b| b.excess().total_cmp(&a.excess()));
    overloaded
}

/// Whether an overload is one whatever calibrations leave open of it, with this confidence: the squares of
/// what the load changes by along each of their directions add up, as those of anything that is found do.
pub(super) fn is_certain(
    scenario: &Scenario,
    design: &Design,
    situation: usize,
    overloaded: &Overloaded,
) -> bool {
    let rates = rates(scenario, &design.situations[situation]);
    let share = |network: &Network| {
        let (load_with_stops, cores) = load(network, overloaded.cluster, &rates);
        load_with_stops / cores
    };
    let here = share(&design.situations[situation].network);
    let square = |[up, down]: &[Network; 2]| {
        let less = |network| (here - share(network)).max(0.0);
        less(up).max(less(down)).powi(2)
    };
    let error = design.moved_networks(situation).map(square).sum::<f64>().sqrt();
    here - standard_normal(scenario.run.confidence) * error > 1.0
}

/// The most loaded cluster, where it is offered more than it can do at these rates of the flows.
pub(super) fn exceeded(situation: &Situation, rates: &[f64]) -> Option<usize> {
    let excess = |cluster: usize| {
        let (load_with_stops, cores) = load(&situation.network, cluster, rates);
        (load_with_stops / cores, cluster)
    };
    let all = (0..situation.network.clusters.len()).map(excess);
    let (share, cluster) = all.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (share > 1.0).then_some(cluster)
}

/// Mean rate of each flow over the window in a situation, 0 for closed ones.
pub(crate) fn rates(scenario: &Scenario, situation: &Situation) -> Vec<f64> {
    let window = scenario.run.window;
    let flows = situation.network.flows.iter();
    flows.map(|flow| flow.arrivals.mean_rate(window).unwrap_or(0.0)).collect()
}

/// Demand brought to a cluster with what its stops take, in cores, and the cores that work.
pub(crate) fn load(network: &Network, index: usize, rates: &[f64]) -> (f64, f64) {
    let station = &network.clusters[index];
    let is_one = station.standby.is_some() || station.balancing.policy == Policy::ActivePassive;
    let active = if is_one { 1.0 } else { station.nodes as f64 };
    (with_stops(network, index, rates), active * station.cores)
}

/// Demand brought to a cluster and what its collections and stalls stop, in cores.
pub(crate) fn with_stops(network: &Network, index: usize, rates: &[f64]) -> f64 {
    network.offered_load(index, rates) + network.stopped_load(index, rates)
}
