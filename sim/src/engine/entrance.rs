//! Where requests enter clusters: at balancers, before nodes.

use super::Run;
use super::operators::{self, Operator};
use super::parts::Balancer;
use crate::network::{Network, Station};
use crate::random::Purpose;

/// Where requests enter a cluster.
#[derive(Debug)]
pub(super) struct Entrance {
    pub(super) first_node: usize,
    /// Its balancers are neighbours, and each has a queue.
    pub(super) first_balancer: usize,
    /// Whether each request gets to the node that is chosen for it, and out again, without anything to be
    /// heard of between: all nodes are there and nobody acts on them, and the balancer only chooses.
    pub(super) is_calm: bool,
}

impl Entrance {
    pub(super) fn all(network: &Network, operators: &[Box<dyn Operator>]) -> Vec<Self> {
        let acts = operators::anybody_acts(network, operators);
        let of = |(cluster, station): (usize, &Station)| Self {
            first_node: station.first_node,
            first_balancer: network.balancers_of(cluster).start,
            is_calm: !acts
                && station.absent == 0
                && station.standby.is_none()
                && station.balancing.only_chooses(),
        };
        network.clusters.iter().enumerate().map(of).collect()
    }
}

/// The balancers of every cluster.
pub(crate) fn balancers(network: &Network, run: &Run<'_>) -> Vec<Balancer> {
    let clusters = network.clusters.iter().enumerate();
    let all = clusters.flat_map(|(cluster, station)| {
        (0..station.balancing.workers).map(move |worker| {
            let entity = cluster as u64 | u64::from(worker) << 32;
            let choices = run.stream(Purpose::Balancing, entity);
            let homes = run.stream(Purpose::Balancing, cluster as u64);
            Balancer::new(&station.balancing, station.nodes, choices, homes)
        })
    });
    all.collect()
}
