//! Planned restarts of a deployment, in the mean: which node is restarted when.

use sim::deployment::{Cluster, Restart, RestartKind};
use sim::results::Results;

use super::outage::{Cold, Outage, What, seconds};
use crate::phrases;

/// More restarts of a node are not drawn.
const MOST: usize = 1000;

/// One node's restart, in seconds from the beginning of that of its cluster.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Turn {
    begins: f64,
    ends: f64,
    /// Whether a new process starts before the old one ends.
    starts_first: bool,
}

/// The restarts of the deployment at `index`: one outage per node and restart.
pub(super) fn outages(results: &Results, index: usize) -> Vec<Outage> {
    let window = results.scenario.run.window.as_seconds();
    let clusters = results.scenario.deployments.get(index).map_or(&[][..], |d| &d.clusters);
    let planned = clusters.iter().filter_map(|cluster| Some((cluster, cluster.restart?)));
    let of_cluster = planned.flat_map(|(cluster, restart)| {
        let turns = turns(&restart, cluster);
        let begins = instants(&restart, window).take(MOST);
        begins.flat_map(move |at| {
            let one = |turn: &Turn| outage(cluster, &restart, turn, at);
            turns.iter().map(one).collect::<Vec<_>>()
        })
    });
    of_cluster.collect()
}

/// When restarts begin within the window, in seconds.
fn instants(restart: &Restart, window: f64) -> impl Iterator<Item = f64> + use<> {
    let first = restart.at.as_seconds();
    let every = restart.every.map(sim::time::SimDuration::as_seconds);
    let next = move |at: &f64| every.map(|every| at + every);
    std::iter::successors(Some(first), next).take_while(move |at| *at < window)
}

fn outage(cluster: &Cluster, restart: &Restart, turn: &Turn, at: f64) -> Outage {
    let answer = at + turn.ends;
    let starts = turn.begins + restart.drain.as_seconds();
    Outage {
        what: What::Restarts,
        crash: at + turn.begins,
        // The old process answers until the new one does.
        start: if turn.starts_first { answer } else { at + starts },
        answer,
        cold: Cold::after_start(cluster),
    }
}

/// The turns of all nodes, where each starts up within the mean time: the next begins as soon as one answers.
fn turns(restart: &Restart, cluster: &Cluster) -> Vec<Turn> {
    let start_up = cluster.profile.start_up.mean.as_seconds();
    let (surge, unavailable) = match restart.kind {
        RestartKind::Recreate => (0, cluster.nodes),
        RestartKind::Rolling { surge, unavailable } => (surge, unavailable),
    };
    let mut turns: Vec<Turn> = Vec::new();
    let mut now = 0.0;
    while turns.len() < cluster.nodes as usize {
        let under_way = turns.iter().filter(|turn| turn.ends > now);
        let new = under_way.clone().filter(|turn| turn.starts_first).count();
        let old = under_way.clone().count() - new;
        let starts_first = new < surge as usize;
        if !starts_first && old >= unavailable as usize {
            now = under_way.map(|turn| turn.ends).fold(f64::INFINITY, f64::min);
            continue;
        }
        let drain = if starts_first { 0.0 } else { restart.drain.as_seconds() };
        turns.push(Turn { begins: now, ends: now + drain + start_up, starts_first });
    }
    turns
}

/// The restarts of every deployment in words, one sentence each.
pub(super) fn stories(results: &Results) -> Vec<String> {
    let window = results.scenario.run.window.as_seconds();
    let deployments = results.scenario.deployments.iter();
    let clusters = deployments.flat_map(|deployment| {
        deployment.clusters.iter().map(|cluster| (deployment.name.as_str(), cluster))
    });
    let story = |(deployment, cluster): (&str, &Cluster)| {
        let restart = cluster.restart.filter(|restart| restart.at.as_seconds() < window)?;
        let nodes = phrases::count(cluster.nodes, "node");
        let how = match restart.kind {
            RestartKind::Recreate => "all at once".to_owned(),
            RestartKind::Rolling { surge, unavailable: 0 } => {
                format!("{surge} at a time, a new process first")
            }
            RestartKind::Rolling { surge: 0, unavailable } => format!("{unavailable} at a time"),
            RestartKind::Rolling { surge, unavailable } => {
                format!("{} at a time, of {surge} a new process first", surge + unavailable)
            }
        };
        let every = restart
            .every
            .map_or_else(String::new, |every| format!(" and every {}", phrases::span(every)));
        let at = seconds(restart.at.as_seconds());
        let name = &cluster.name;
        Some(format!("{nodes} of `{name}` of `{deployment}` from {at} on{every}, {how}"))
    };
    clusters.filter_map(story).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fabricated;

    /// Two gateways that start up within 80 s: drained for 30 s each, one after the other; or replaced.
    #[test]
    fn nodes_take_their_turns() {
        let spans = |kind| {
            let results = fabricated::restarted(kind);
            let all = outages(&results, 2);
            all.iter().map(|one| (one.crash, one.start, one.answer)).collect::<Vec<_>>()
        };
        let in_place = spans(RestartKind::Rolling { surge: 0, unavailable: 1 });
        assert_eq!(in_place, [(120.0, 150.0, 230.0), (230.0, 260.0, 340.0)]);
        let surge = spans(RestartKind::Rolling { surge: 1, unavailable: 0 });
        assert_eq!(surge, [(120.0, 200.0, 200.0), (200.0, 280.0, 280.0)]);
        let at_once = spans(RestartKind::Recreate);
        assert_eq!(at_once, [(120.0, 150.0, 230.0); 2]);
        let both = spans(RestartKind::Rolling { surge: 1, unavailable: 1 });
        assert_eq!(both, [(120.0, 200.0, 200.0), (120.0, 150.0, 230.0)]);
    }

    #[test]
    fn a_restart_is_told_with_its_cluster_and_its_deployment() {
        let results = fabricated::restarted(RestartKind::Recreate);
        let story = &stories(&results)[2];
        assert_eq!(story, "2 nodes of `gateway` of `scalable` from 120 s on, all at once");
    }
}
