//! Whether flows and deployments fit, told at the lines that say otherwise.

use sim::deployment::routes::{RouteProblem, compile};
use sim::deployment::{Deployment, Flow, Profile, Role};
use sim::network::Network;

use crate::document::{Item, Place, toml_key};
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

/// The flows' way through a deployment; none where they do not fit, and every reason why is noted.
pub(crate) fn check(
    context: Context<'_>,
    placed: &PlacedDeployment,
    flows: &[PlacedFlow<'_>],
) -> Option<Network> {
    let plain: Vec<_> = flows.iter().map(|placed| placed.flow.clone()).collect();
    let deployment = &placed.deployment;
    let problems = match compile(deployment, &plain) {
        Ok(network) => return Some(network),
        Err(problems) => problems,
    };
    for problem in problems {
        let (place, help) = match &problem {
            RouteProblem::MissingRole { flow, role } => {
                let flow = &flows[*flow];
                let keys = ["integration", "token", "kind"];
                (pointed(flow, &keys), help_for_role(deployment, &flow.flow.tenant, *role))
            }
            RouteProblem::MissingDemand { cluster, .. }
                if is_stand_in(&deployment.clusters[*cluster].profile) =>
            {
                continue;
            }
            RouteProblem::MissingDemand { flow, cluster, demand } => {
                missing_demand(&deployment.clusters[*cluster].profile, &flows[*flow], demand)
            }
            RouteProblem::UnreachableCluster { cluster } => (
                placed.clusters.get(*cluster).copied().unwrap_or(placed.place),
                help_for_unreachable(&deployment.clusters[*cluster].roles).to_owned(),
            ),
            RouteProblem::TakesNoTime { flow } => {
                let place = pointed(&flows[*flow], &["arrivals"]);
                (place, "add think = \"1 ms\", or a demand".to_owned())
            }
        };
        context.log.problem(place, problem.sentence(deployment, &plain), help);
    }
    None
}

fn help_for_role(deployment: &Deployment, tenant: &str, role: Role) -> String {
    let name = role.name();
    let runtime = matches!(role, Role::MicroIntegrator | Role::StreamingIntegrator);
    match deployment.pattern.as_str() {
        "custom" => format!("give a cluster roles = [\"{name}\"]"),
        "standard-ha-multitenant" if runtime => {
            format!("add tenants.{} = {{ {name} = 2 }}", toml_key(tenant))
        }
        _ => format!("add nodes.{name} = 2"),
    }
}

fn missing_demand(profile: &Profile, flow: &PlacedFlow<'_>, demand: &str) -> (Place, String) {
    let known: Vec<_> = profile.demands.keys().map(|name| format!("`{name}`")).collect();
    let or = if known.is_empty() { "" } else { ", or use one of " };
    let (owner, key) = (toml_key(&profile.name), toml_key(demand));
    let help = format!("add profile.{owner}.demand.{key}{or}{}", known.join(", "));
    let keys: &[&str] = match demand {
        _ if demand == flow.flow.operation => &["operation", "kind"],
        _ if demand == flow.flow.mediation => &["mediation", "integration", "kind"],
        _ => &["token", "kind"],
    };
    (pointed(flow, keys), help)
}

fn help_for_unreachable(roles: &[Role]) -> &'static str {
    match roles {
        [Role::MicroIntegrator] => "remove it, or give a flow integration = \"micro-integrator\"",
        [Role::StreamingIntegrator] => {
            "remove it, or give a flow integration = \"streaming-integrator\" or kind = \"stream\""
        }
        _ => "remove it, or add a flow that needs one of its roles",
    }
}

/// Where the first of these keys stands that the flow has, or else the flow begins.
pub(crate) fn pointed(flow: &PlacedFlow<'_>, keys: &[&str]) -> Place {
    let table = flow.item.table();
    let found = keys.iter().find_map(|key| table?.get(key));
    found.map_or(flow.item.place, |item| item.place)
}
