//! Plans, against closed forms.

use std::sync::atomic::AtomicBool;

use sim::deployment::{Arrivals, Balancing, HealthCheck, Policy};
use sim::experiment::Unwatched;
use sim::planning::{Answer, Ended, Plan, Planning, plan};
use sim::scenario::{Goals, LatencyMetric, Scenario};
use sim::theory;
use sim::time::SimDuration;
use sim::verification;

/// Services a second of one core.
const RATE: f64 = 1000.0;

/// Requests that come at this rate, each to any of the nodes with equal chances, so that every node is an M/M/1 queue of
/// its own part.
fn nodes(rate: f64, goals: Goals) -> Scenario {
    let mut scenario = verification::cases().swap_remove(0).scenario;
    scenario.flows[0].arrivals = Arrivals::Poisson { rate };
    scenario.deployments[0].clusters[0].nodes = 1;
    scenario.deployments[0].clusters[0].balancing =
        Balancing::plain(Policy::Random, HealthCheck::Perfect);
    scenario.goals = goals;
    scenario.run.window = SimDuration::from_seconds(40.0);
    scenario.run.warm_up = Some(SimDuration::from_seconds(2.0));
    scenario
}

fn planned(scenario: &Scenario, planning: &Planning) -> Plan {
    plan(scenario, planning, &Unwatched, &AtomicBool::new(false)).expect("it can be simulated")
}

/// The chosen number of nodes of the only cluster.
fn chosen(plan: &Plan) -> Option<u32> {
    plan.chosen().map(|(_, candidate)| candidate.nodes[0])
}

#[test]
fn the_fewest_nodes_that_keep_a_quantile_are_those_of_the_closed_form() {
    let quantile = |rate: f64, count: u32| {
        let load = rate / f64::from(count);
        (load < RATE).then(|| 1e3 * theory::mm1::sojourn_quantile(load, RATE, 0.99))
    };
    let mut asked = 0;
    for (rate, limit_ms) in
        [(700.0, 20.0), (1500.0, 12.0), (2500.0, 15.0), (4200.0, 34.0), (900.0, 7.4)]
    {
        let exact = (1..=12).find(|count| quantile(rate, *count).is_some_and(|ms| ms <= limit_ms));
        let exact = exact.expect("enough nodes keep it");
        // Within the zone either number would be right.
        let is_apart =
            |count: u32| quantile(rate, count).is_none_or(|ms| (ms / limit_ms - 1.0).abs() > 0.07);
        assert!(is_apart(exact) && (exact == 1 || is_apart(exact - 1)), "{rate} {limit_ms}");
        let p99 = (LatencyMetric::Quantile(0.99), SimDuration::from_ms(limit_ms));
        let plan = planned(
            &nodes(rate, Goals { latency: vec![p99], ..Goals::default() }),
            &Planning::default(),
        );
        assert_eq!(chosen(&plan), Some(exact), "{rate} {limit_ms}: {plan:#?}");
        assert_eq!(plan.deployments[0].ended, Ended::Cheapest);
        let left = plan.chosen().and_then(|(_, one)| one.binding.as_ref()?.margin).expect("found");
        let exact_left = 1.0 - quantile(rate, exact).expect("it carries that") / limit_ms;
        assert!((left - exact_left).abs() < 0.1, "{rate} {limit_ms}: {left} against {exact_left}");
        asked += 1;
    }
    assert_eq!(asked, 5);
}

#[test]
fn what_cannot_carry_its_load_is_rejected_without_simulation() {
    let p99 = (LatencyMetric::Quantile(0.99), SimDuration::from_ms(100.0));
    let scenario = nodes(3500.0, Goals { latency: vec![p99], ..Goals::default() });
    let plan = planned(&scenario, &Planning { most: 3, ..Planning::default() });
    let found = &plan.deployments[0];
    assert_eq!((chosen(&plan), &found.ended, plan.events), (None, &Ended::NoneWithin, 0));
    assert!(found.candidates.iter().all(|one| one.answer == Answer::Overloaded), "{found:?}");
}

#[test]
fn the_fewest_nodes_that_are_available_enough_are_those_of_the_closed_form() {
    let (up, down) = (86_400.0, 600.0);
    let p: f64 = down / (up + down);
    for (limit, exact) in [(0.99, 1), (0.999_8, 2)] {
        assert!(1.0 - p.powi(exact) > limit && 1.0 - p.powi(exact - 1) < limit);
        let goals = Goals { availability: Some(limit), ..Goals::default() };
        let mut scenario = nodes(50.0, goals);
        scenario.flows[0].timeout = Some(SimDuration::from_seconds(2.0));
        scenario.run.window = SimDuration::from_seconds(5.0);
        let profile = &mut scenario.deployments[0].clusters[0].profile;
        profile.mtbf = Some(SimDuration::from_seconds(up));
        profile.mttr = SimDuration::from_seconds(down);
        let plan = planned(&scenario, &Planning::default());
        assert_eq!(chosen(&plan), Some(exact as u32), "{limit}: {plan:#?}");
    }
}

#[test]
fn of_two_deployments_the_cheaper_is_chosen() {
    let p99 = (LatencyMetric::Quantile(0.99), SimDuration::from_ms(14.0));
    let mut scenario = nodes(1100.0, Goals { latency: vec![p99], ..Goals::default() });
    let mut dear = scenario.deployments[0].clone();
    dear.name = "dear".to_owned();
    dear.clusters[0].profile.price_per_hour = 0.2;
    scenario.deployments[0].clusters[0].profile.price_per_hour = 0.1;
    scenario.deployments.insert(0, dear);
    let plan = planned(&scenario, &Planning::default());
    let (best, candidate) = plan.chosen().expect("one is enough");
    assert_eq!((best.name.as_str(), candidate.nodes[0]), (&*scenario.deployments[1].name, 2));
    assert_eq!(candidate.price_per_month, 146.0);
    let dear = plan.deployments[0].chosen().expect("it has as many");
    assert_eq!((dear.nodes[0], dear.price_per_month), (2, 292.0));
}

#[test]
fn the_same_seed_makes_the_same_plan() {
    let p99 = (LatencyMetric::Quantile(0.99), SimDuration::from_ms(12.0));
    let scenario = nodes(1500.0, Goals { latency: vec![p99], ..Goals::default() });
    assert_eq!(planned(&scenario, &Planning::default()), planned(&scenario, &Planning::default()));
}
