//! What a verdict may say, and what it may not.

use std::sync::atomic::AtomicBool;

use sim::deployment::Arrivals;
use sim::experiment::{Unwatched, compare};
use sim::results::Verdict;
use sim::scenario::{Goals, LatencyMetric, Replications, Scenario};
use sim::time::SimDuration;
use sim::verification;

/// A queue of 1000 services/s per node, asked for `rate`, in 4 windows of one second.
fn queue(rate: f64, nodes: u32, goals: Goals) -> Scenario {
    let mut scenario = verification::cases().swap_remove(0).scenario;
    scenario.flows[0].arrivals = Arrivals::Poisson { rate };
    scenario.deployments[0].clusters[0].nodes = nodes;
    scenario.goals = goals;
    scenario.run.window = SimDuration::from_seconds(1.0);
    scenario.run.replications = Replications::Fixed(4);
    scenario.run.confidence = 0.95;
    scenario
}

fn verdict(scenario: &Scenario) -> Option<Verdict> {
    let results = compare(scenario, &Unwatched, &AtomicBool::new(false)).expect("it runs");
    results.deployments[0].verdict
}

#[test]
fn no_error_among_few_requests_is_no_proof_that_errors_are_rare() {
    let goals = |error_rate| Goals { error_rate: Some(error_rate), ..Goals::default() };
    // Of about 2000 requests none fails: the share is below ln 20 / 2000 = 0.15 %.
    assert_eq!(verdict(&queue(500.0, 1, goals(1e-3))), Some(Verdict::Undecided));
    assert_eq!(verdict(&queue(500.0, 1, goals(2e-3))), Some(Verdict::Met));
    let availability = Goals { availability: Some(0.999), ..Goals::default() };
    assert_eq!(verdict(&queue(500.0, 1, availability)), Some(Verdict::Undecided));
}

#[test]
fn a_cluster_that_is_overloaded_without_a_node_does_not_survive_its_loss() {
    let limit = SimDuration::from_seconds(100.0);
    let latency = vec![(LatencyMetric::Quantile(0.99), limit)];
    let goals = Goals { latency, ..Goals::default() };
    let mut scenario = queue(1050.0, 2, goals);
    assert_eq!(verdict(&scenario), Some(Verdict::Met));
    scenario.survive = 1;
    assert_eq!(verdict(&scenario), Some(Verdict::Missed));
}
