//! What the nodes of each cluster do in the window.

use super::super::observations::{ClusterObservations, Collections};
use super::super::parts::{Machine, Node, NodeUsage};
use crate::network::Network;

/// What is counted of each cluster.
#[derive(Debug)]
pub(super) struct Clusters {
    counts: Vec<ClusterObservations>,
    /// What each node had done when the window began.
    before: Vec<(NodeUsage, Collections)>,
}

impl Clusters {
    pub(super) fn new(network: &Network) -> Self {
        Self {
            counts: vec![ClusterObservations::default(); network.clusters.len()],
            before: vec![<(NodeUsage, Collections)>::default(); network.nodes()],
        }
    }

    #[inline]
    pub(super) fn counts(&mut self, cluster: usize) -> &mut ClusterObservations {
        &mut self.counts[cluster]
    }

    pub(super) fn start_window(&mut self, now: u64, nodes: &mut [Node], machines: &[Machine]) {
        for (node, before) in nodes.iter_mut().zip(&mut self.before) {
            *before = (node.usage(now), *node.heap().collections());
        }
        for machine in machines {
            self.counts[machine.cluster()].in_flight_at[0] +=
                u64::from(machine.in_flight().level());
        }
    }

    pub(super) fn observations(
        mut self,
        now: u64,
        window: u64,
        network: &Network,
        nodes: &mut [Node],
        machines: &[Machine],
    ) -> Vec<ClusterObservations> {
        for (node, (machine, before)) in nodes.iter_mut().zip(machines.iter().zip(&self.before)) {
            let (before, collections) = before;
            let station = &network.clusters[machine.cluster()];
            let node_time = window as f64 * station.nodes as f64;
            let after = node.usage(now);
            let seen = &mut self.counts[machine.cluster()];
            seen.utilisation += (after.busy - before.busy) / node_time / station.cores;
            seen.gc_share += (after.paused - before.paused) / node_time;
            seen.stall_share += (after.stalled - before.stalled) / node_time;
            seen.collections.add(&node.heap().collections().since(collections));
            seen.workers_busy += (after.workers - before.workers) / node_time;
            seen.in_flight += machine.in_flight().average(now);
            seen.in_flight_at[1] += u64::from(machine.in_flight().level());
            seen.peak_in_flight = seen.peak_in_flight.max(machine.in_flight().peak());
            seen.crashes += machine.crashes_in_window();
            seen.up_share += (1.0 - machine.down_share(now)) / station.nodes as f64;
        }
        self.counts
    }
}
