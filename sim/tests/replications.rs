//! How much is discarded, and how many replications are made.

use std::sync::atomic::AtomicBool;

use sim::deployment::{Arrivals, Goals, LatencyMetric};
use sim::experiment::{Unwatched, compare};
use sim::random::Law;
use sim::results::{Results, Verdict};
use sim::scenario::{Replications, Scenario};
use sim::time::SimDuration;
use sim::verification;

/// A queue of 1000 services/s, half busy.
fn queue(window_seconds: f64, replications: Replications) -> Scenario {
    let mut scenario = verification::cases().swap_remove(0).scenario;
    scenario.flows[0].arrivals = Arrivals::Poisson { rate: 500.0 };
    scenario.run.window = SimDuration::from_seconds(window_seconds);
    scenario.run.replications = replications;
    scenario.run.confidence = 0.95;
    scenario
}

fn results(scenario: &Scenario) -> Results {
    compare(scenario, &Unwatched, &AtomicBool::new(false)).expect("it runs")
}

#[test]
fn the_warm_up_lasts_until_the_system_has_filled() {
    // A backend that takes 8 s: for so long the number of requests in the system grows.
    let mut scenario = queue(40.0, Replications::Fixed(2));
    scenario.flows[0].backend = Some(Law::constant(SimDuration::from_seconds(8.0)));
    scenario.run.warm_up = None;
    let found = results(&scenario);
    assert!(found.warm_up_found);
    let seconds = found.warm_up.as_seconds();
    assert!((7.5..=10.0).contains(&seconds), "{seconds} s");
    assert_eq!(found.deployments[0].notes, [""; 0]);
}

fn precision(relative: f64, goal_ms: Option<f64>) -> Results {
    let mut scenario = queue(20.0, Replications::Precision { relative, max: 24 });
    if let Some(ms) = goal_ms {
        let limit = SimDuration::from_ms(ms);
        scenario.goals = Goals { latency: vec![(LatencyMetric::Mean, limit)], ..Goals::default() };
    }
    results(&scenario)
}

#[test]
fn replications_go_on_until_they_are_precise() {
    assert_eq!(precision(0.5, None).replications, 8);
    let more = precision(0.035, None);
    assert!((12..=24).contains(&more.replications), "{}", more.replications);
    assert_eq!(precision(0.000_1, None).replications, 24);
}

#[test]
fn replications_go_on_while_a_goal_is_undecided() {
    // The mean is 2 ms.
    let decided = precision(0.5, Some(4.0));
    assert_eq!((decided.replications, decided.deployments[0].verdict), (8, Some(Verdict::Met)));
    assert_eq!(precision(0.5, Some(2.0)).replications, 24);
}
