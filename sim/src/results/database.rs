//! Whether the databases of a deployment can answer as often as they are asked: a bound that no count of
//! cores shows.

use super::overload;
use crate::scenario::Scenario;
use crate::study::Situation;

/// Each cluster whose calls need more connections to its database than there are, in words.
pub(super) fn shortages(scenario: &Scenario, situation: &Situation) -> Vec<String> {
    let clusters = 0..situation.network.clusters.len();
    clusters.filter_map(|cluster| shortage(scenario, situation, cluster)).collect()
}

fn shortage(scenario: &Scenario, situation: &Situation, cluster: usize) -> Option<String> {
    let network = &situation.network;
    let rates = overload::rates(scenario, situation);
    let needed = network.database_calls(cluster, &rates);
    let station = &network.clusters[cluster];
    let database = crate::network::Pool::Database as usize;
    let connections = station.nodes as f64 * f64::from(station.connections[database]);
    let at_once = station.database_limit.map_or(f64::INFINITY, f64::from);
    let places = connections.min(at_once);
    (needed > places).then(|| {
        let what = if at_once < connections {
            format!("the database serves {at_once}")
        } else {
            format!("its nodes have {connections} connections")
        };
        format!(
            "cluster `{}` would have {needed:.0} calls to its database under way at once, and {what}: \
             at most {:.0} % of what is offered can be carried",
            scenario.deployments[situation.deployment].clusters[cluster].name,
            100.0 * places / needed
        )
    })
}
