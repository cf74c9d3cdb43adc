//! What befalls a deployment: its drills and restarts, as outages and in words.

use sim::deployment::{Cluster, Deployment};
use sim::results::Results;
use sim::scenario::{Drill, Failure, Number, Target};

use super::outage::{Cold, Outage, What, seconds};
use super::restarts;
use crate::number;
use crate::phrases;

/// What the drills do to the deployment at `index`, one per drill and cluster that it strikes, and what its
/// restarts do.
pub(super) fn outages(results: &Results, index: usize) -> Vec<Outage> {
    let drills = results.scenario.drills.iter();
    let of_drills = drills.flat_map(|drill| of_drill(results, index, drill));
    of_drills.chain(restarts::outages(results, index)).collect()
}

fn of_drill(results: &Results, index: usize, drill: &Drill) -> Vec<Outage> {
    let crash = drill.at.as_seconds();
    let start = crash + drill.lasts.as_seconds();
    let what = What::Fails(drill.kind);
    let Some(deployment) = results.scenario.deployments.get(index) else {
        return vec![Outage { what, crash, start, answer: start, cold: None }];
    };
    let one = |cluster: &Cluster| {
        if !drill.kind.ends_process() {
            return Outage { what, crash, start, answer: start, cold: None };
        }
        let answer = start + cluster.profile.start_up.mean.as_seconds();
        let cold = Cold::after_start(cluster);
        Outage { what, crash, start, answer, cold }
    };
    struck(deployment, drill).map(one).collect()
}

/// The clusters whose nodes fail in a drill.
fn struck<'a>(
    deployment: &'a Deployment,
    drill: &'a Drill,
) -> impl Iterator<Item = &'a Cluster> + 'a {
    let target = Target::read(&drill.what);
    let is_struck = move |cluster: &&Cluster| {
        target.is_some_and(|target| !target.nodes_of(cluster, drill.nodes).is_empty())
    };
    deployment.clusters.iter().filter(is_struck)
}

/// The drills in words: what fails when, when it answers again, and how cold; and the restarts.
pub(super) fn story(results: &Results) -> String {
    let drills = results.scenario.drills.iter().map(|drill| one_story(results, drill));
    let drills = some("Drill: ", drills.collect(), "drill");
    let restarts = some("Restart: ", restarts::stories(results), "restart");
    [drills, restarts].into_iter().flatten().collect::<Vec<_>>().join(". ")
}

/// The first of some stories, and how many more there are.
fn some(begin: &str, mut stories: Vec<String>, noun: &str) -> Option<String> {
    const FEW: usize = 2;
    let more = stories.len().saturating_sub(FEW);
    stories.truncate(FEW);
    if more > 0 {
        stories.push(format!("and {} more", phrases::count(more as u32, noun)));
    }
    (!stories.is_empty()).then(|| format!("{begin}{}", stories.join("; ")))
}

/// What a drill strikes, in words, and whether that is more than one thing.
fn subject(drill: &Drill) -> (String, bool) {
    match Target::read(&drill.what) {
        Some(Target::Everything) => ("every node".to_owned(), false),
        Some(Target::Zone(_)) => (format!("every node in `{}`", drill.what), false),
        Some(Target::Database) => ("the database".to_owned(), false),
        Some(Target::Redis) => ("Redis".to_owned(), false),
        Some(Target::Backend(flow)) => (format!("the backend of `{flow}`"), false),
        Some(Target::Nodes(_)) | None => {
            let nodes = phrases::count(drill.nodes, "node");
            (format!("{nodes} of `{}`", drill.what), drill.nodes > 1)
        }
    }
}

fn one_story(results: &Results, drill: &Drill) -> String {
    let deployments = 0..results.deployments.len();
    let outages: Vec<Outage> = deployments.flat_map(|at| of_drill(results, at, drill)).collect();
    let (of, are_many) = subject(drill);
    let (are, they) = if are_many { ("are", "they answer") } else { ("is", "it answers") };
    let at = seconds(drill.at.as_seconds());
    let lasts = phrases::span(drill.lasts);
    let again = format!("at {at} and {are} started again {lasts} later");
    let while_it_lasts = format!("from {at} on for {lasts}");
    let crash = match (drill.kind.ends_process(), outages.is_empty()) {
        (true, true) => format!("{of} {are} out {while_it_lasts}"),
        (true, false) => format!("{of} {} {again}", happens(drill.kind, are_many)),
        (false, _) => format!("{of} {} {while_it_lasts}", happens(drill.kind, are_many)),
    };
    let window = results.scenario.run.window.as_seconds();
    let range = |value: fn(&Outage) -> f64| {
        let values = outages.iter().map(value);
        (values.clone().fold(f64::INFINITY, f64::min), values.fold(f64::NEG_INFINITY, f64::max))
    };
    let (first, last) = range(|outage| outage.answer);
    if outages.is_empty() && matches!(Target::read(&drill.what), Some(Target::Nodes(_))) {
        return format!("{crash} (no deployment has such a node)");
    }
    if outages.is_empty() || !drill.kind.ends_process() {
        return crash;
    }
    let until = if first < last {
        format!("{} to {}", seconds(first), seconds(last))
    } else {
        seconds(first)
    };
    let after = if first > window { " (after the window)" } else { "" };
    let loads = loads(results, drill);
    format!("{crash}; {they} from {until} on{after}{loads}{}", how_cold(&outages))
}

/// That nodes that were struck load their APIs before they serve, and for how long at least.
fn loads(results: &Results, drill: &Drill) -> String {
    let deployments = results.scenario.deployments.iter();
    let loads = deployments.flat_map(|deployment| struck(deployment, drill));
    let longest = loads.filter_map(Cluster::loads_for).max();
    longest.map_or_else(String::new, |span| {
        format!(", and 404 until APIs are loaded, for {} at least", phrases::span(span))
    })
}

/// What one node does that fails so, or several.
fn happens(failure: Failure, are_many: bool) -> String {
    let told = failure.told();
    let number = match told.number {
        Some(Number::Duration(delay)) => phrases::span(delay),
        Some(Number::Times(factor)) => number::exact(factor, 1),
        None => String::new(),
    };
    (if are_many { told.many } else { told.one }).replace("{}", &number)
}

/// What the coldest restart of some costs, and how long.
fn how_cold(outages: &[Outage]) -> String {
    let colds = outages.iter().filter_map(|outage| outage.cold);
    let Some(coldest) = colds.max_by(|a, b| a.factor.total_cmp(&b.factor)) else {
        return String::new();
    };
    let factor = number::exact(coldest.factor, 1);
    let until = coldest.requests.map_or_else(String::new, |requests| {
        format!(", until {} of a kind are served", number::exact(requests, 1))
    });
    format!("; the restart is cold: first demands are {factor} times as large{until}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fabricated;

    #[test]
    fn a_node_is_away_until_its_start_up_is_over_and_cold_after_that() {
        let results = fabricated::drill();
        let [gateway] = &outages(&results, 2)[..] else { panic!("one cluster is struck") };
        assert_eq!((gateway.crash, gateway.start, gateway.answer), (120.0, 180.0, 260.0));
        assert_eq!(gateway.cold, Some(Cold { factor: 3.0, lasts: Some(180.0), requests: None }));
        let story = story(&results);
        assert!(story.contains("it answers from 260 s to 265 s on"), "{story}");
        assert!(story.contains("restart is cold: first demands are 3 times"), "{story}");
    }

    #[test]
    fn a_node_that_hangs_or_is_slow_needs_no_start_up() {
        for (kind, words) in [
            (Failure::Hang, "1 node of `gateway` hangs from 120 s on for 60 s"),
            (Failure::Slow { factor: 5.0 }, "is 5 times slower from 120 s on for 60 s"),
        ] {
            let mut results = fabricated::drill();
            results.scenario.drills[0].kind = kind;
            let [gateway] = &outages(&results, 2)[..] else { panic!("one cluster is struck") };
            assert_eq!((gateway.start, gateway.answer), (180.0, 180.0));
            assert_eq!(gateway.cold, None);
            let story = story(&results);
            assert!(story.contains(words), "{story}");
        }
    }
}
