//! Deployments in the situations in which they are observed: as they are, with a node less, and with other
//! requests than those of all tenants.

use std::borrow::Cow;

use thiserror::Error;

use crate::deployment::routes::{RouteProblem, compile};
use crate::deployment::{Arrivals, Deployment, Flow};
use crate::engine::{Change, MOST_COMPETITORS, Outage};
use crate::network::{Network, Supplier, SupplierOutage};
use crate::random::QuantileTable;
use crate::scenario::{Drill, Isolation, Scenario, Target};

/// Why a deployment cannot be simulated.
#[derive(Debug, Error)]
pub enum Unfit {
    /// It does not carry the flows.
    #[error("deployment `{deployment}` and the flows do not fit: {}", problems.join("; "))]
    DoesNotFit {
        /// Its name.
        deployment: String,
        /// Why not, a sentence each.
        problems: Vec<String>,
    },
    /// It has too many nodes and flows.
    #[error("deployment `{0}`: nodes and flows together are more than {MOST_COMPETITORS}")]
    TooLarge(String),
}

/// What is other in a situation than the scenario says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing.
    Whole,
    /// A cluster has a node less.
    NodeLess,
    /// There is but one tenant: its place among [`Scenario::tenants`].
    Alone(usize),
    /// One tenant is noisy.
    Noisy,
}

impl Kind {
    /// Whether goals are judged in it: all requests come, and as often as the scenario says.
    pub(crate) fn is_judged(self) -> bool {
        matches!(self, Self::Whole | Self::NodeLess)
    }
}

/// A deployment in one situation.
pub(crate) struct Situation {
    /// Index of the deployment.
    pub(crate) deployment: usize,
    /// As goal checks name it.
    pub(crate) name: String,
    /// What is other in it.
    pub(crate) kind: Kind,
    /// The deployment in it.
    pub(crate) placed: Deployment,
    /// The same, compiled.
    pub(crate) network: Network,
    /// Its scripted crashes.
    pub(crate) outages: Vec<Outage>,
    /// Those of what they call.
    pub(crate) suppliers: Vec<SupplierOutage>,
}

impl Situation {
    /// Whether it is the deployment as it is.
    pub(crate) fn is_whole(&self) -> bool {
        self.kind == Kind::Whole
    }
}

/// The name of the situation in which nothing is taken away but by drills and by planned restarts.
fn as_it_is(has_drill: bool, deployment: &Deployment) -> &'static str {
    let restarts = deployment.clusters.iter().any(|cluster| cluster.restart.is_some());
    match (has_drill, restarts) {
        (false, false) => "all nodes up",
        (true, false) => "with the drill",
        (false, true) => "with the restarts",
        (true, true) => "with the drill and the restarts",
    }
}

/// Every deployment as it is; where goals must survive the loss of a node, with one node less in each of its
/// clusters; and where isolation is asked for, with each tenant alone and with the noisy one. They share the
/// tables of their laws.
pub(super) fn situations(
    scenario: &Scenario,
    tables: &mut Vec<QuantileTable>,
) -> Result<Vec<Situation>, Unfit> {
    let mut situations = Vec::new();
    for (index, deployment) in scenario.deployments.iter().enumerate() {
        let drills = Drills::of(scenario, deployment);
        let name = as_it_is(!drills.is_empty(), deployment).to_owned();
        let made = Made { kind: Kind::Whole, name, placed: deployment, drills };
        situations.push(made.situation(scenario, index, tables)?);
    }
    for (index, deployment) in scenario.deployments.iter().enumerate() {
        let clusters = if scenario.survive > 0 { deployment.clusters.len() } else { 0 };
        for cluster in 0..clusters {
            let mut reduced = deployment.clone();
            // The loss of an only node is known to fail every goal; nothing is there to simulate.
            if reduced.clusters[cluster].nodes > 1 {
                reduced.clusters[cluster].nodes -= 1;
                let name = lost_node(&deployment.clusters[cluster].name);
                let (kind, drills) = (Kind::NodeLess, Drills::default());
                let made = Made { kind, name, placed: &reduced, drills };
                situations.push(made.situation(scenario, index, tables)?);
            }
        }
    }
    for (index, deployment) in scenario.deployments.iter().enumerate() {
        for (kind, name) in apart(scenario) {
            let drills = Drills::of(scenario, deployment);
            let made = Made { kind, name, placed: deployment, drills };
            situations.push(made.situation(scenario, index, tables)?);
        }
    }
    Ok(situations)
}

/// The situations that tell how well tenants are kept apart, with their names; none where that is not asked.
fn apart(scenario: &Scenario) -> Vec<(Kind, String)> {
    let Some(Isolation { noisy, factor }) = &scenario.isolation else { return Vec::new() };
    let alone = |(place, name): (usize, &&str)| (Kind::Alone(place), format!("{name} alone"));
    let mut all: Vec<_> = scenario.tenants().iter().enumerate().map(alone).collect();
    all.push((Kind::Noisy, format!("{noisy} {factor} times as often")));
    all
}

/// The flows as they come in a situation. Each keeps its place, and with it its draws: what it meets differs
/// by the others alone.
pub(super) fn offered(scenario: &Scenario, kind: Kind) -> Cow<'_, [Flow]> {
    let mut flows = scenario.flows.clone();
    match (kind, &scenario.isolation) {
        (Kind::Alone(place), _) => {
            let tenant = scenario.tenants()[place];
            let others = flows.iter_mut().filter(|flow| flow.tenant != tenant);
            others.for_each(|flow| flow.arrivals = Arrivals::silent());
        }
        (Kind::Noisy, Some(Isolation { noisy, factor })) => {
            let its = flows.iter_mut().filter(|flow| flow.tenant == *noisy);
            its.for_each(|flow| flow.arrivals = flow.arrivals.times(*factor));
        }
        (Kind::Whole | Kind::NodeLess | Kind::Noisy, _) => return (&scenario.flows[..]).into(),
    }
    flows.into()
}

/// The name of the situation in which a cluster has lost a node.
pub(crate) fn lost_node(cluster: &str) -> String {
    format!("one node of {cluster} down")
}

/// The scripted failures of a deployment.
#[derive(Default)]
struct Drills {
    outages: Vec<Outage>,
    suppliers: Vec<SupplierOutage>,
}

impl Drills {
    fn of(scenario: &Scenario, deployment: &Deployment) -> Self {
        Self {
            outages: outages(deployment, &scenario.drills),
            suppliers: suppliers(&scenario.flows, &scenario.drills),
        }
    }

    fn is_empty(&self) -> bool {
        self.outages.is_empty() && self.suppliers.is_empty()
    }
}

/// What a situation is made of.
struct Made<'a> {
    kind: Kind,
    name: String,
    placed: &'a Deployment,
    drills: Drills,
}

impl Made<'_> {
    fn situation(
        self,
        scenario: &Scenario,
        index: usize,
        tables: &mut Vec<QuantileTable>,
    ) -> Result<Situation, Unfit> {
        let Drills { outages, suppliers } = self.drills;
        Ok(Situation {
            deployment: index,
            name: self.name,
            kind: self.kind,
            placed: self.placed.clone(),
            network: compiled(self.placed, &offered(scenario, self.kind), tables)?,
            outages,
            suppliers,
        })
    }
}

/// A deployment as a network that can be simulated, and shares these tables.
pub(super) fn compiled(
    deployment: &Deployment,
    flows: &[Flow],
    tables: &mut Vec<QuantileTable>,
) -> Result<Network, Unfit> {
    let mut network = compile(deployment, flows).map_err(|problems| {
        let sentence = |problem: &RouteProblem| problem.sentence(deployment, flows);
        let problems = problems.iter().map(sentence).collect();
        Unfit::DoesNotFit { deployment: deployment.name.clone(), problems }
    })?;
    if network.nodes() + network.flows.len() > MOST_COMPETITORS {
        return Err(Unfit::TooLarge(deployment.name.clone()));
    }
    network.share_tables(tables);
    Ok(network)
}

/// The scripted failures of the nodes of a deployment.
fn outages(deployment: &Deployment, drills: &[Drill]) -> Vec<Outage> {
    let mut outages = Vec::new();
    for drill in drills {
        let Some(target) = Target::read(&drill.what) else { continue };
        let mut first_node = 0;
        for cluster in &deployment.clusters {
            let nodes = target.nodes_of(cluster, drill.nodes).into_iter();
            outages.extend(nodes.map(|node| Outage {
                node: first_node + node as usize,
                begins: Change::of(drill.kind),
                at: drill.at,
                lasts: drill.lasts,
            }));
            first_node += cluster.nodes as usize;
        }
    }
    outages
}

/// The scripted failures of what nodes call.
fn suppliers(flows: &[Flow], drills: &[Drill]) -> Vec<SupplierOutage> {
    let one = |drill: &Drill| {
        let of = match Target::read(&drill.what)? {
            Target::Database => Supplier::Database,
            Target::Redis => Supplier::Counter,
            Target::Backend(name) => {
                Supplier::Backend(flows.iter().position(|flow| flow.name == name)?)
            }
            Target::Everything | Target::Zone(_) | Target::Nodes(_) => return None,
        };
        Some(SupplierOutage { of, kind: drill.kind.into(), at: drill.at, lasts: drill.lasts })
    };
    drills.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Cluster, Profile, Role, SharedFailures};
    use crate::network::{Restart, RestartKind};
    use crate::scenario::Failure;
    use crate::time::SimDuration;

    fn cluster(name: &str, roles: &[Role], nodes: u32) -> Cluster {
        Cluster { nodes, ..Cluster::plain(name, roles, Profile::plain("plain", 1.0)) }
    }

    #[test]
    fn a_drill_strikes_the_first_nodes_of_each_cluster_that_it_names() {
        let clusters = vec![
            cluster("gateway", &[Role::Gateway], 3),
            cluster("control-plane", &[Role::KeyManager, Role::Publisher], 2),
            cluster("edge", &[Role::Gateway], 2),
        ];
        let (name, pattern) = ("three".to_owned(), "custom".to_owned());
        let deployment =
            Deployment { name, pattern, clusters, failures: SharedFailures::default() };
        let struck = |what: &str, nodes| {
            let (at, lasts) = (SimDuration(1), SimDuration(2));
            let drill = Drill { at, kind: Failure::Crash, what: what.to_owned(), nodes, lasts };
            let outages = outages(&deployment, &[drill]);
            assert!(outages.iter().all(|outage| (outage.at, outage.lasts) == (at, lasts)));
            outages.iter().map(|outage| outage.node).collect::<Vec<_>>()
        };
        assert_eq!(struck("gateway", 2), [0, 1, 5, 6]);
        assert_eq!(struck("edge", 5), [5, 6]);
        assert_eq!(struck("publisher", 1), [3]);
        assert_eq!(struck("devportal", 1), [0; 0]);
    }

    #[test]
    fn nodes_that_are_restarted_are_not_said_to_be_up() {
        let (name, pattern) = ("two".to_owned(), "custom".to_owned());
        let clusters = vec![cluster("gateway", &[Role::Gateway], 2)];
        let failures = SharedFailures::default();
        let mut deployment = Deployment { name, pattern, clusters, failures };
        let names = |deployment: &Deployment| [false, true].map(|one| as_it_is(one, deployment));
        assert_eq!(names(&deployment), ["all nodes up", "with the drill"]);
        deployment.clusters[0].restart = Some(Restart {
            at: SimDuration(1),
            every: None,
            kind: RestartKind::Recreate,
            drain: SimDuration(1),
        });
        assert_eq!(names(&deployment), ["with the restarts", "with the drill and the restarts"]);
    }
}
