//! How much is discarded, and how many replications are made.

use std::sync::atomic::AtomicBool;

use sim::deployment::{Arrivals, Goals, LatencyMetric, Role, Runtime};
use sim::experiment::{Unwatched, compare};
use sim::quantity::Quantity;
use sim::random::Law;
use sim::results::{Results, Verdict};
use sim::scenario::{Drill, Failure, Replications, Scenario};
use sim::time::{SimDuration, SimTime};
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
    assert_eq!(found.deployments[0].notes, []);
}

#[test]
fn where_no_steady_state_is_found_half_of_the_pilots_is_discarded_and_that_is_said() {
    // With a backend that takes a minute, the number of requests grows all through pilots of 20 s.
    let mut scenario = queue(40.0, Replications::Fixed(2));
    scenario.flows[0].backend = Some(Law::constant(SimDuration::from_seconds(60.0)));
    scenario.run.warm_up = None;
    let found = results(&scenario);
    assert_eq!(found.warm_up, SimDuration::from_seconds(10.0));
    let notes = &found.deployments[0].notes;
    assert!(
        notes[0].text.starts_with("no steady state was found") && notes[0].text.contains("10 s"),
        "{notes:?}"
    );
}

#[test]
fn a_trace_needs_no_warm_up() {
    let mut scenario = queue(20.0, Replications::Fixed(2));
    let times = (1..100).map(|tenth| SimTime(tenth * 100_000_000)).collect();
    scenario.flows[0].arrivals = Arrivals::Trace { times };
    scenario.run.warm_up = None;
    assert_eq!(results(&scenario).warm_up, SimDuration::ZERO);
}

#[test]
fn a_goal_that_is_decided_must_be_known_precisely_too() {
    assert_eq!(precision(0.000_1, Some(4.0)).replications, 24);
}

#[test]
fn every_deployment_must_be_known_precisely() {
    // The second is nearly as busy as it can be, so that its tail is hardly known.
    let mut scenario = queue(20.0, Replications::Precision { relative: 0.2, max: 24 });
    let mut busy = scenario.deployments[0].clone();
    busy.name = "busy".to_owned();
    scenario.deployments[0].clusters[0].nodes = 8;
    assert_eq!(results(&scenario).replications, 8);
    scenario.flows[0].arrivals = Arrivals::Poisson { rate: 990.0 };
    assert_eq!(results(&scenario).replications, 8);
    scenario.deployments.push(busy);
    assert_eq!(results(&scenario).replications, 24);
}

#[test]
fn a_goal_that_is_looked_at_often_has_to_be_clearer() {
    let mut scenario = queue(20.0, Replications::Fixed(8));
    let found = results(&scenario).deployments[0].flows[0].found[Quantity::MEAN];
    let half_width = found.half_width.expect("eight replications");
    scenario.run.replications = Replications::Precision { relative: 0.5, max: 24 };
    // Six looks share 5 %: the half-width is 1.52 times as long at 1 - 0.05 / 6, as t(7) is 3.60 and
    // 2.36.
    let mut replications = |half_widths: f64| {
        let limit = SimDuration::from_ms(found.mean + half_widths * half_width);
        scenario.goals = Goals { latency: vec![(LatencyMetric::Mean, limit)], ..Goals::default() };
        results(&scenario).replications
    };
    assert!(replications(1.3) > 8);
    assert_eq!(replications(1.7), 8);
}

#[test]
fn what_more_replications_do_not_decide_does_not_keep_them_going() {
    let mut scenario = queue(20.0, Replications::Precision { relative: 0.5, max: 24 });
    let limit = SimDuration::from_ms(4.0);
    scenario.goals = Goals { latency: vec![(LatencyMetric::Mean, limit)], ..Goals::default() };
    let mut silent = scenario.flows[0].clone();
    silent.name = "silent".to_owned();
    silent.arrivals = Arrivals::Poisson { rate: 1e-9 };
    scenario.flows.push(silent);
    let found = results(&scenario);
    assert_eq!(found.replications, 8);
    assert_eq!(found.deployments[0].verdict, Some(Verdict::Undecided));
}

#[test]
fn a_run_that_nobody_stops_is_no_part_of_one() {
    assert!(!precision(0.5, None).partial);
    assert!(!results(&queue(1.0, Replications::Fixed(2))).partial);
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

#[test]
fn a_month_has_730_hours_of_all_nodes() {
    let mut scenario = queue(1.0, Replications::Fixed(1));
    let mut other = scenario.deployments[0].clusters[0].clone();
    (other.name, other.roles) = ("micro-integrator".to_owned(), vec![Role::MicroIntegrator]);
    (other.nodes, other.profile.price_per_hour) = (2, 0.095);
    scenario.flows[0].integration = Some(Runtime::MicroIntegrator);
    let cluster = &mut scenario.deployments[0].clusters[0];
    (cluster.nodes, cluster.profile.price_per_hour) = (3, 0.17);
    scenario.deployments[0].clusters.push(other);
    assert_eq!(results(&scenario).deployments[0].price_per_month, 511.0);
}

#[test]
fn a_timeline_has_the_rates_of_each_whole_second_and_a_cluster_those_of_the_window() {
    // 400 /s to one node, which is away for the second half of the second second.
    let mut scenario = queue(4.5, Replications::Fixed(3));
    scenario.flows[0].arrivals = Arrivals::Deterministic { rate: 400.0 };
    let (at, lasts) = (SimDuration::from_seconds(1.5), SimDuration::from_seconds(0.5));
    scenario.drills =
        vec![Drill { at, kind: Failure::Crash, what: "gateway".to_owned(), nodes: 1, lasts }];
    let found = results(&scenario);
    let deployment = &found.deployments[0];
    let timeline = &deployment.flows[0].timeline;
    assert_eq!(timeline.iter().map(|point| point.second).collect::<Vec<_>>(), [0, 1, 2, 3]);
    let near = |found: f64, expected: f64| (found - expected).abs() < 6.0;
    for (point, lost) in timeline.iter().zip([0.0, 200.0, 0.0, 0.0]) {
        assert!(near(point.errors_rps, lost), "{point:?}");
        assert!(near(point.throughput_rps, 400.0 - lost), "{point:?}");
        assert!(point.p99_ms.is_some_and(|ms| (3.0..20.0).contains(&ms)), "{point:?}");
    }
    assert!(near(deployment.clusters[0].found[Quantity::Throughput].mean, 400.0 - 200.0 / 4.5));
    scenario.drills.clear();
    assert!(results(&scenario).deployments[0].flows[0].timeline.is_empty());
}
