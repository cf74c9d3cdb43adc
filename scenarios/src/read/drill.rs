//! `[[drill]]`: a scripted failure.

use sim::deployment::{Cluster, FAIL_OVER, Flow};
use sim::scenario::{Drill, Failure, Target, ZONES};
use sim::time::SimDuration;

use crate::document::Item;
use crate::quantity::shown;
use crate::read::cluster::MOST_NODES;
use crate::read::deployment::PlacedDeployment;
use crate::read::names::suggestion;
use crate::read::section::{Context, Section};

/// The keys of `[[drill]]`.
pub(crate) const KEYS: &[&str] = &["at", "what", "kind", "for", "nodes", "factor", "delay"];

/// One drill; none where something is wrong.
pub(crate) fn read(
    context: Context<'_>,
    item: &Item,
    window: SimDuration,
    flows: &[Flow],
    deployments: &[PlacedDeployment],
) -> Option<Drill> {
    let section = Section::open(context, item, KEYS)?;
    let at_item = section.need("at", "\"30 s\"");
    let at = at_item.and_then(|item| context.duration(item));
    let nodes = section.get("nodes").map(|item| context.integer(item, 1, MOST_NODES));
    let nodes = nodes.unwrap_or(Some(1));
    let what_item = section.need("what", "\"gateway\"");
    let what = what_item.and_then(|item| context.text(item));
    let target = what_item.zip(what).and_then(|(item, what)| target(context, item, what));
    let lasts = match (section.get("for"), target) {
        (None, Some(Target::Database)) => Some(FAIL_OVER),
        _ => section.need("for", "\"60 s\"").and_then(|item| context.positive_duration(item)),
    };
    if !matches!(target, None | Some(Target::Nodes(_))) {
        let help = "remove it, or name a role or a cluster";
        section.refuse(&["nodes"], "where all of something fails", help);
    }
    if let (Some(item), Some(at)) = (at_item, at)
        && at >= window
    {
        let what = format!("`{}` is after the window of {window}", shown(&item.written()));
        context.log.problem(item.place, what, "times of drills count from its start");
    }
    if let (Some(item), Some(target), Some(nodes)) = (what_item, target, nodes) {
        for placed in deployments {
            hits(context, item, target, nodes as u32, placed);
        }
        if let Target::Backend(name) = target
            && !flows.iter().any(|flow| flow.name == name && flow.backend.is_some())
        {
            let called: Vec<_> = flows.iter().filter(|flow| flow.backend.is_some()).collect();
            let names: Vec<_> = called.iter().map(|flow| flow.name.as_str()).collect();
            let what = format!("no flow `{}` calls a backend", shown(name));
            context.log.problem(item.place, what, suggestion(name, &names));
        }
    }
    let kind = kind(section);
    let drill = Drill {
        at: at?,
        kind: kind?,
        what: target.and(what)?.to_owned(),
        nodes: nodes? as u32,
        lasts: lasts?,
    };
    if drill.at + drill.lasts > window {
        let what = format!("the end of a drill beyond the window of {window} is not simulated");
        context.log.warn(what, format!("the one at {}, which lasts {}", drill.at, drill.lasts));
    }
    Some(drill)
}

/// How nodes fail.
fn kind(section: Section<'_>) -> Option<Failure> {
    let context = section.context;
    let kinds = Failure::ALL.map(|kind| (kind, kind.name()));
    let kind = section.get("kind").map(|item| context.choice(item, "a kind of failure", &kinds));
    let kind = kind.unwrap_or(Some(Failure::Crash))?;
    if !matches!(kind, Failure::Slow { .. }) {
        section.refuse(&["factor"], "where nodes are not slow", "write kind = \"slow\" with it");
    }
    if !matches!(kind, Failure::FailFast { .. }) {
        let help = "write kind = \"fail-fast\" with it";
        section.refuse(&["delay"], "where nodes do not fail fast", help);
    }
    Some(match kind {
        Failure::FailFast { .. } if section.get("delay").is_some() => {
            Failure::FailFast { delay: context.duration(section.get("delay")?)? }
        }
        Failure::Slow { .. } => {
            let item = section.need("factor", "5")?;
            Failure::Slow { factor: context.number(item, 1.0, 1e4)? }
        }
        kind => kind,
    })
}

/// What a drill strikes.
fn target<'a>(context: Context<'_>, item: &Item, what: &'a str) -> Option<Target<'a>> {
    let target = Target::read(what);
    if target.is_none() {
        let what = format!("`{}` is no zone", shown(what));
        context.log.problem(item.place, what, "zones are zone:a, zone:b and so on");
    }
    target
}

/// Notes where a drill hits nothing in a deployment, or fewer nodes than it asks for.
fn hits(
    context: Context<'_>,
    item: &Item,
    target: Target<'_>,
    nodes: u32,
    placed: &PlacedDeployment,
) {
    let deployment = &placed.deployment;
    let problem = |what: String, help: String| context.log.problem(item.place, what, help);
    let is_hit = |cluster: &Cluster| !target.nodes_of(cluster, u32::MAX).is_empty();
    match target {
        Target::Everything | Target::Backend(_) => {}
        Target::Database => {
            if !deployment.clusters.iter().any(Cluster::uses_database) {
                let what = format!("no cluster of `{}` calls a database", deployment.name);
                problem(what, "give a profile a `database`, or remove the drill".to_owned());
            }
        }
        Target::Redis => {
            let counts = |cluster: &Cluster| cluster.profile.redis.is_some();
            if !deployment.clusters.iter().any(counts) {
                let what = format!("no cluster of `{}` counts in Redis", deployment.name);
                problem(what, "give a profile a `redis`, or remove the drill".to_owned());
            }
        }
        Target::Zone(zone) => {
            if !deployment.clusters.iter().any(is_hit) {
                let most = deployment.clusters.iter().map(|cluster| cluster.zones).max();
                let last = &ZONES[..most.unwrap_or(1) as usize];
                let what = format!("`{}` has no node in zone {}", deployment.name, letter(zone));
                problem(what, format!("its zones are {last}; write `zones` with its clusters"));
            }
        }
        Target::Nodes(name) => {
            for cluster in deployment.clusters.iter().filter(|cluster| is_hit(cluster)) {
                if cluster.nodes < nodes {
                    let (name, has) = (&cluster.name, cluster.nodes);
                    let of = &deployment.name;
                    let fewer = format!("`{name}` of `{of}` has {has} nodes, not {nodes}");
                    problem(fewer, format!("write nodes = {has} or fewer"));
                }
            }
            if !deployment.clusters.iter().any(is_hit) {
                let mut names: Vec<_> = deployment
                    .clusters
                    .iter()
                    .flat_map(|cluster| {
                        let roles = cluster.roles.iter().map(|role| role.name());
                        roles.chain([cluster.name.as_str()])
                    })
                    .chain(["everything", "database", "redis"])
                    .collect();
                names.sort_unstable();
                names.dedup();
                let what =
                    format!("`{}` is nothing in deployment `{}`", shown(name), deployment.name);
                problem(what, suggestion(name, &names));
            }
        }
    }
}

/// The name of a zone.
fn letter(zone: u32) -> &'static str {
    ZONES.get(zone as usize..=zone as usize).unwrap_or("?")
}
