//! `[[deployment]]`: a pattern with node counts, or a placement of one's own.

use std::collections::BTreeMap;

use sim::deployment::Deployment;

use crate::catalogue;
use crate::document::{Item, Place};
use crate::quantity::shown;
use crate::read::apis;
use crate::read::cluster::Placed;
use crate::read::custom;
use crate::read::failures;
use crate::read::names::suggestion;
use crate::read::pattern::Pattern;
use crate::read::placement;
use crate::read::section::{Context, Section};
use crate::read::surroundings::Surroundings;

/// The keys of `[[deployment]]`.
pub(crate) const KEYS: &[&str] = &["name", "pattern", "nodes", "tenants", "clusters", "failures"];

/// Most nodes of one deployment.
const MOST_NODES_IN_ALL: u32 = 1000;

/// A deployment with the places that its problems point at.
pub(crate) struct PlacedDeployment {
    /// The deployment.
    pub(crate) deployment: Deployment,
    /// Where it begins.
    pub(crate) place: Place,
    /// Where each cluster's nodes are stated.
    pub(crate) clusters: Vec<Place>,
}

/// One deployment; none where something is wrong.
pub(crate) fn read(
    context: Context<'_>,
    item: &Item,
    around: &Surroundings<'_>,
    apis: &BTreeMap<String, u32>,
) -> Option<PlacedDeployment> {
    let section = Section::open(context, item, KEYS)?;
    let name = section.need("name", "\"ha\"").and_then(|item| context.name(item));
    let (pattern, placed) = match section.get("pattern") {
        Some(item) => {
            let pattern = pattern(context, item)?;
            (pattern.name, placement::of_pattern(section, &pattern, around)?)
        }
        None => ("custom", own(section, around)?),
    };
    let total: u32 = placed.iter().map(|placed| placed.cluster.nodes).sum();
    if total > MOST_NODES_IN_ALL {
        let help = format!("a deployment has at most {MOST_NODES_IN_ALL}");
        section.problem(format!("{total} nodes are too many"), help);
        return None;
    }
    let places = placed.iter().map(|placed| placed.place).collect();
    let mut clusters: Vec<_> = placed.into_iter().map(|placed| placed.cluster).collect();
    apis::share(apis, &mut clusters);
    let failures = section.get("failures");
    let failures = failures.map(|item| failures::of_deployment(context, item, &clusters));
    let deployment = Deployment {
        name: name?,
        pattern: pattern.to_owned(),
        clusters,
        failures: failures.unwrap_or_default(),
    };
    Some(PlacedDeployment { deployment, place: section.place, clusters: places })
}

fn pattern(context: Context<'_>, item: &Item) -> Option<Pattern> {
    let name = context.text(item)?;
    let known = catalogue::patterns();
    let Some(entry) = known.iter().find(|entry| entry.name == name) else {
        let names: Vec<_> = known.iter().map(|entry| entry.name).collect();
        let what = format!("there is no pattern `{}`", shown(name));
        context.log.problem(item.place, what, suggestion(name, &names));
        return None;
    };
    Pattern::shipped(context, entry.name)
}

fn own(section: Section<'_>, around: &Surroundings<'_>) -> Option<Vec<Placed>> {
    let help = "state `nodes` of each cluster in [deployment.clusters.NAME], or add a `pattern`";
    section.refuse(&["nodes", "tenants"], "without a `pattern`", help);
    let Some(clusters) = section.get("clusters") else {
        let help = "add pattern = \"standard-ha\", or [deployment.clusters.NAME]";
        section.problem("there is neither a `pattern` nor `clusters`", help);
        return None;
    };
    custom::read(section.context, clusters, around)
}
