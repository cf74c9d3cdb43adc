//! What changes of a deployment buy of its years of failures, against closed forms.

use std::sync::atomic::AtomicBool;

use sim::deployment::Arrivals;
use sim::experiment::{Experiment, Task, Unwatched};
use sim::results::{Bought, Distinction, Results};
use sim::scenario::{Replications, Scenario};
use sim::sensitivity::{Setting, What};
use sim::time::SimDuration;
use sim::verification;
use sim::years::MINUTES_OF_A_YEAR;

const UP: f64 = 86_400.0;
const DOWN: f64 = 600.0;

/// Requests to one node that crashes once a day and is down for ten minutes, whose balancer knows it at once.
fn one_node() -> Scenario {
    let mut scenario = verification::cases().swap_remove(0).scenario;
    scenario.flows[0].arrivals = Arrivals::Poisson { rate: 50.0 };
    scenario.flows[0].timeout = Some(SimDuration::from_seconds(2.0));
    let cluster = &mut scenario.deployments[0].clusters[0];
    cluster.nodes = 1;
    cluster.profile.mtbf = Some(SimDuration::from_seconds(UP));
    cluster.profile.mttr = SimDuration::from_seconds(DOWN);
    scenario.run.window = SimDuration::from_seconds(5.0);
    scenario.run.replications = Replications::Fixed(1);
    scenario.run.confidence = 0.95;
    scenario
}

fn results(scenario: &Scenario) -> Results {
    let stop = AtomicBool::new(false);
    let experiment = Experiment::new(scenario).expect("it can be simulated");
    let observed = experiment.observe(Task::default(), &Unwatched, &stop);
    let mut study = observed.expect("it runs").study;
    experiment.foresee(&mut study, 1, &stop);
    experiment.vary(&mut study, 1, &Unwatched, &stop);
    experiment.results(&study)
}

fn bought(results: &Results, what: What) -> Vec<&Bought> {
    let all = results.deployments[0].sensitivity.as_ref().expect("asked for");
    all.iter().filter(|one| one.lever.what == what).collect()
}

#[test]
fn a_change_buys_what_closed_forms_say() {
    let results = results(&one_node());
    let unavailable = |up: f64, down: f64| down / (up + down);
    let now = unavailable(UP, DOWN);
    let time = |seconds: f64| Setting::Time(SimDuration::from_seconds(seconds));
    for (what, then, from, to) in [
        (What::Mtbf, unavailable(2.0 * UP, DOWN), time(UP), time(2.0 * UP)),
        (What::Mttr, unavailable(UP, DOWN / 2.0), time(DOWN), time(DOWN / 2.0)),
        (What::Nodes, now * now, Setting::Nodes(1), Setting::Nodes(2)),
    ] {
        let [one] = bought(&results, what)[..] else { panic!("one change of {what:?}") };
        assert_eq!((&one.lever.from, &one.lever.to), (&from, &to));
        let found = &one.flows.as_ref().expect("it carries what comes")[0];
        let exact = (now - then) * MINUTES_OF_A_YEAR;
        let half_width = found.bought.half_width.expect("several horizons");
        let off = (found.bought.mean - exact).abs();
        // Three half-widths at 95 % are one in 2·10⁸ by chance.
        assert!(off <= 3.0 * half_width, "{what:?}: {:?} against {exact}", found.bought);
        assert!(half_width <= 0.15 * exact, "{what:?}: {:?} against {exact}", found.bought);
        assert_eq!(found.distinction, Distinction::Real, "{what:?}: {:?}", found.bought);
    }
}

#[test]
fn nothing_is_offered_that_makes_no_sense() {
    let results = results(&one_node());
    // One node has nothing to choose, starts at once, and is known to be down at once.
    for what in [What::Balancer, What::StartUp, What::Detection, What::Loading] {
        assert!(bought(&results, what).is_empty(), "{what:?}");
    }
}

#[test]
fn what_a_change_does_not_touch_draws_the_same() {
    // Whoever balances, nothing is answered where both nodes are down: nothing is bought, and nothing is said.
    let mut scenario = one_node();
    let cluster = &mut scenario.deployments[0].clusters[0];
    (cluster.nodes, cluster.profile.mtbf) = (2, Some(SimDuration::from_seconds(UP / 8.0)));
    let results = results(&scenario);
    let balancers = bought(&results, What::Balancer);
    assert!(balancers.len() >= 3, "{balancers:?}");
    for one in balancers {
        let found = &one.flows.as_ref().expect("it carries what comes")[0];
        assert!(found.bought.covers(0.0), "{:?}: {:?}", one.lever.to, found.bought);
        assert_eq!(found.distinction, Distinction::Unknown, "{:?}: {found:?}", one.lever.to);
    }
}
