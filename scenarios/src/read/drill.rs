//! `[[drill]]`: a scripted failure.

use sim::scenario::{Drill, Failure};
use sim::time::SimDuration;

use crate::document::Item;
use crate::quantity::shown;
use crate::read::cluster::MOST_NODES;
use crate::read::deployment::PlacedDeployment;
use crate::read::names::suggestion;
use crate::read::section::{Context, Section};

/// The keys of `[[drill]]`.
pub(crate) const KEYS: &[&str] = &["at", "what", "kind", "for", "nodes", "factor"];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Crash,
    Hang,
    Slow,
}

const KINDS: [(Kind, &str); 3] = [
    (Kind::Crash, Failure::NAMES[0]),
    (Kind::Hang, Failure::NAMES[1]),
    (Kind::Slow, Failure::NAMES[2]),
];

/// One drill; none where something is wrong.
pub(crate) fn read(
    context: Context<'_>,
    item: &Item,
    window: SimDuration,
    deployments: &[PlacedDeployment],
) -> Option<Drill> {
    let section = Section::open(context, item, KEYS)?;
    let at_item = section.need("at", "\"30 s\"");
    let at = at_item.and_then(|item| context.duration(item));
    let lasts = section.need("for", "\"60 s\"").and_then(|item| context.positive_duration(item));
    let nodes = section.get("nodes").map(|item| context.integer(item, 1, MOST_NODES));
    let nodes = nodes.unwrap_or(Some(1));
    let what_item = section.need("what", "\"gateway\"");
    let what = what_item.and_then(|item| context.text(item));
    if let (Some(item), Some(at)) = (at_item, at)
        && at >= window
    {
        let what = format!("`{}` is after the window of {window}", shown(&item.written()));
        context.log.problem(item.place, what, "times of drills count from its start");
    }
    if let (Some(item), Some(what), Some(nodes)) = (what_item, what, nodes) {
        for placed in deployments {
            hits(context, item, what, nodes as u32, placed);
        }
    }
    let kind = kind(section);
    let drill =
        Drill { at: at?, kind: kind?, what: what?.to_owned(), nodes: nodes? as u32, lasts: lasts? };
    if drill.at + drill.lasts > window {
        let what = format!("the end of a drill beyond the window of {window} is not simulated");
        context.log.warn(what, format!("the one at {}, which lasts {}", drill.at, drill.lasts));
    }
    Some(drill)
}

/// How nodes fail.
fn kind(section: Section<'_>) -> Option<Failure> {
    let context = section.context;
    let kind = section.get("kind").map(|item| context.choice(item, "a kind of failure", &KINDS));
    let kind = kind.unwrap_or(Some(Kind::Crash))?;
    if kind != Kind::Slow {
        section.refuse(&["factor"], "where nodes are not slow", "write kind = \"slow\" with it");
    }
    match kind {
        Kind::Crash => Some(Failure::Crash),
        Kind::Hang => Some(Failure::Hang),
        Kind::Slow => {
            let item = section.need("factor", "5")?;
            Some(Failure::Slow { factor: context.number(item, 1.0, 1e4)? })
        }
    }
}

/// Notes where a drill hits nothing in a deployment, or fewer nodes than it asks for.
fn hits(context: Context<'_>, item: &Item, what: &str, nodes: u32, placed: &PlacedDeployment) {
    let deployment = &placed.deployment;
    let mut names = Vec::new();
    let mut hit = false;
    for cluster in &deployment.clusters {
        let roles: Vec<_> = cluster.roles.iter().map(|role| role.name()).collect();
        let matches = cluster.name == what || roles.contains(&what);
        hit |= matches;
        if matches && cluster.nodes < nodes {
            let (name, has) = (&cluster.name, cluster.nodes);
            let fewer = format!("`{name}` of `{}` has {has} nodes, not {nodes}", deployment.name);
            context.log.problem(item.place, fewer, format!("write nodes = {has} or fewer"));
        }
        names.push(cluster.name.as_str());
        names.extend(roles);
    }
    if !hit {
        names.sort_unstable();
        names.dedup();
        let what = format!("`{}` is nothing in deployment `{}`", shown(what), deployment.name);
        context.log.problem(item.place, what, suggestion(item.text().unwrap_or(""), &names));
    }
}
