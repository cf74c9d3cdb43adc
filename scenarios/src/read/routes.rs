//! Whether flows and deployments fit, told at the lines that say otherwise.

use sim::deployment::routes::{self, RouteProblem};
use sim::deployment::{Flow, Role};

use crate::document::{Item, Place};
use crate::read::deployment::PlacedDeployment;
use crate::read::profiles::is_stand_in;
use crate::read::section::Context;

/// A flow with its table, so that a problem can point into it.
pub(crate) struct PlacedFlow<'a> {
    /// The flow.
    pub(crate) flow: Flow,
    /// Its table.
    pub(crate) item: &'a Item,
}

/// Notes every reason why the flows and a deployment do not fit.
pub(crate) fn check(context: Context<'_>, placed: &PlacedDeployment, flows: &[PlacedFlow<'_>]) {
    let plain: Vec<_> = flows.iter().map(|placed| placed.flow.clone()).collect();
    for problem in routes::problems(&placed.deployment, &plain) {
        match problem {
            RouteProblem::MissingRole { flow, role } => {
                missing_role(context, placed, &flows[flow], role);
            }
            RouteProblem::MissingDemand { cluster, .. }
                if is_stand_in(&placed.deployment.clusters[cluster].profile) => {}
            RouteProblem::MissingDemand { flow, cluster, demand } => {
                missing_demand(context, placed, &flows[flow], cluster, &demand);
            }
            RouteProblem::UnreachableCluster { cluster } => {
                unreachable_cluster(context, placed, cluster);
            }
            RouteProblem::TakesNoTime { flow } => takes_no_time(context, &flows[flow]),
        }
    }
}

fn takes_no_time(context: Context<'_>, flow: &PlacedFlow<'_>) {
    let name = &flow.flow.name;
    let what = format!(
        "a user of flow `{name}` who thinks for no time and is answered in no time would stop the \
         clock"
    );
    context.log.problem(pointed(flow, &["arrivals"]), what, "add think = \"1 ms\", or a demand");
}

fn missing_role(
    context: Context<'_>,
    placed: &PlacedDeployment,
    flow: &PlacedFlow<'_>,
    role: Role,
) {
    let (name, tenant) = (&flow.flow.name, &flow.flow.tenant);
    let (deployment, role_name) = (&placed.deployment.name, role.name());
    let what = format!(
        "flow `{name}` of tenant `{tenant}` needs a `{role_name}`, and deployment `{deployment}` \
         has none for it"
    );
    let runtime = matches!(role, Role::MicroIntegrator | Role::StreamingIntegrator);
    let help = match placed.deployment.pattern.as_str() {
        "custom" => format!("give a cluster roles = [\"{role_name}\"]"),
        "standard-ha-multitenant" if runtime => {
            format!("add tenants.{tenant} = {{ {role_name} = 2 }}")
        }
        _ => format!("add nodes.{role_name} = 2"),
    };
    context.log.problem(pointed(flow, &["integration", "token", "kind"]), what, help);
}

fn missing_demand(
    context: Context<'_>,
    placed: &PlacedDeployment,
    flow: &PlacedFlow<'_>,
    cluster: usize,
    demand: &str,
) {
    let cluster = &placed.deployment.clusters[cluster];
    let name = &flow.flow.name;
    let profile = &cluster.profile;
    let what = format!(
        "flow `{name}` brings `{demand}` to the cluster `{}`, whose profile `{}` does not know it",
        cluster.name, profile.name
    );
    let known: Vec<_> = profile.demands.keys().map(|name| format!("`{name}`")).collect();
    let or = if known.is_empty() { "" } else { ", or use one of " };
    let help = format!("add profile.{}.demand.{demand}{or}{}", profile.name, known.join(", "));
    let keys: &[&str] = match demand {
        _ if demand == flow.flow.operation => &["operation", "kind"],
        _ if demand == flow.flow.mediation => &["mediation", "integration", "kind"],
        _ => &["token", "kind"],
    };
    context.log.problem(pointed(flow, keys), what, help);
}

fn unreachable_cluster(context: Context<'_>, placed: &PlacedDeployment, index: usize) {
    let cluster = &placed.deployment.clusters[index];
    let what = format!("the cluster `{}` is reached by no flow", cluster.name);
    let help = match cluster.roles.as_slice() {
        [Role::MicroIntegrator] => {
            "remove it, or give a flow integration = \"micro-integrator\"".to_owned()
        }
        [Role::StreamingIntegrator] => {
            "remove it, or give a flow integration = \"streaming-integrator\" or kind = \"stream\""
                .to_owned()
        }
        _ => "remove it, or add a flow that needs one of its roles".to_owned(),
    };
    let place = placed.clusters.get(index).copied().unwrap_or(placed.place);
    context.log.problem(place, what, help);
}

/// Where the first of these keys stands that the flow has, or else the flow begins.
fn pointed(flow: &PlacedFlow<'_>, keys: &[&str]) -> Place {
    let table = flow.item.table();
    let found = keys.iter().find_map(|key| table?.get(key));
    found.map_or(flow.item.place, |item| item.place)
}
