//! What is out at an instant, and what that must cost.

use super::settling::Pace;
use crate::engine::{Change, Condition, Event, Moment};
use crate::network::{HealthCheck, Network, Station, SupplierFailure, SupplierOutage};
use crate::time::SimTime;

/// The nodes of a network, and what they call.
#[derive(Clone, Debug)]
pub(super) struct State<'a> {
    network: &'a Network,
    /// By cluster, how many nodes what comes keeps busy.
    load: &'a [f64],
    nodes: Vec<Node>,
    /// Outages that are not over.
    suppliers: Vec<SupplierOutage>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    condition: Condition,
    /// What health checks have found.
    is_believed: bool,
    /// How many times as long it takes.
    factor: f64,
    is_cut_off: bool,
}

impl<'a> State<'a> {
    /// All nodes are there.
    pub(super) fn new(network: &'a Network, load: &'a [f64]) -> Self {
        let node = |(_, member, station): (usize, usize, &Station)| Node {
            condition: if station.is_absent(member) { Condition::Absent } else { Condition::Up },
            is_believed: !station.is_absent(member),
            factor: 1.0,
            is_cut_off: false,
        };
        Self { network, load, nodes: network.members().map(node).collect(), suppliers: Vec::new() }
    }

    /// Something happens to a node.
    pub(super) fn apply(&mut self, moment: &Moment) {
        let node = &mut self.nodes[moment.node];
        match moment.event {
            Event::Enters(condition) => node.condition = condition,
            Event::Believed(up) => node.is_believed = up,
            Event::Change(Change::Slow { factor }, _) => node.factor = factor,
            Event::Change(Change::CutOff, _) => node.is_cut_off = true,
            Event::Change(Change::Reconnect, _) => node.is_cut_off = false,
            Event::Change(..) => {}
        }
    }

    /// An outage of a supplier begins.
    pub(super) fn begin(&mut self, outage: &SupplierOutage) {
        self.suppliers.push(*outage);
    }

    /// Outages of suppliers that are over by then are forgotten.
    pub(super) fn forget(&mut self, now: SimTime) {
        self.suppliers.retain(|outage| SimTime((outage.at + outage.lasts).0) > now);
    }

    /// Whether all is as it should be, and known to be so.
    pub(super) fn is_calm(&self) -> bool {
        let serves = |node: &Node| node.condition == Condition::Up;
        let mut groups = self.network.clusters.iter().filter(|station| station.standby.is_some());
        self.suppliers.is_empty()
            && groups.all(|station| self.of(station).iter().any(serves))
            && self.network.members().zip(&self.nodes).all(|((_, member, station), node)| {
                let is_active = matches!(station.balancing.check, HealthCheck::Active { .. });
                let is_known = !is_active || node.is_believed == (node.condition == Condition::Up);
                let is_absent = station.is_absent(member) && node.condition == Condition::Absent;
                is_absent
                    || (node.condition.is_in_order()
                        && node.factor <= 1.0
                        && !node.is_cut_off
                        && is_known)
            })
    }

    /// Of each cluster whose nodes stand by, its first node and the one that serves.
    pub(super) fn leaders(&self) -> Vec<(usize, usize)> {
        let groups = self.network.clusters.iter().filter(|station| station.standby.is_some());
        let serves = |node: &Node| node.condition == Condition::Up;
        groups
            .filter_map(|station| {
                let leader = self.of(station).iter().position(serves)?;
                Some((station.first_node, station.first_node + leader))
            })
            .collect()
    }

    /// What comes as a share of what those that are left can do, where that is most: above 1 one of them has more to do
    /// than it can.
    pub(super) fn strain(&self) -> f64 {
        let serves = |node: &&Node| node.condition == Condition::Up;
        let of = |(station, load): (&Station, &f64)| {
            let nodes = self.of(station).iter().filter(serves);
            let left = nodes.clone().count() as f64;
            let slowest = nodes.map(|node| node.factor).fold(1.0, f64::max);
            if left > 0.0 { slowest * load / left } else { 0.0 }
        };
        self.network.clusters.iter().zip(self.load).map(of).fold(0.0, f64::max)
    }

    /// How what requests meet settles.
    pub(super) fn pace(&self) -> Pace {
        let clusters = || self.network.clusters.iter().map(|station| (station, self.of(station)));
        let serves = |node: &&Node| node.condition == Condition::Up;
        // A balancer has yet to find out, a node to fetch or to take over.
        let is_under_way = |(station, nodes): (&Station, &[Node])| {
            let finds_out = matches!(station.balancing.check, HealthCheck::Active { .. });
            let waits = |node: &Node| {
                node.condition == Condition::Fetching
                    || (finds_out && node.is_believed != (node.condition == Condition::Up))
            };
            nodes.iter().any(waits)
                || (station.standby.is_some() && !nodes.iter().any(|node| serves(&node)))
        };
        // What waits for those holds what others need, too, sooner or later.
        let keeps_waiting = |outage: &SupplierOutage| {
            matches!(outage.kind, SupplierFailure::Hang | SupplierFailure::Slow { .. })
        };
        let holds = |node: &Node| {
            let answers_late = matches!(node.condition, Condition::Hung | Condition::Vanished);
            answers_late || node.factor > 1.0 || node.is_cut_off
        };
        let are_waited_for = self.suppliers.iter().any(keeps_waiting);
        if are_waited_for || clusters().any(is_under_way) || self.strain() > 1.0 {
            Pace::ByItself
        } else if !self.suppliers.is_empty() || self.nodes.iter().any(holds) {
            Pace::Slowly
        } else {
            Pace::Quickly
        }
    }

    fn of(&self, station: &Station) -> &[Node] {
        &self.nodes[station.first_node..station.first_node + station.nodes]
    }

    /// By flow, the share of its requests that meet a cluster of which no node answers.
    pub(super) fn hits(&self) -> Vec<f64> {
        (0..self.network.flows.len()).map(|flow| self.hit(flow)).collect()
    }

    fn hit(&self, flow: usize) -> f64 {
        let clusters = self.network.clusters.iter().enumerate();
        let out = clusters.filter(|(_, station)| {
            self.of(station).iter().all(|node| node.condition != Condition::Up)
        });
        let reached =
            out.map(|(cluster, _)| 1.0 - self.network.share_through(flow, cluster).min(1.0));
        1.0 - reached.product::<f64>()
    }
}
