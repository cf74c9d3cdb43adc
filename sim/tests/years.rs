//! What years of failures cost, against closed forms.

use std::sync::atomic::AtomicBool;

use sim::deployment::{Arrivals, Balancing, Failures, HealthCheck, Policy, SharedFailures, Times};
use sim::experiment::{Unwatched, compare};
use sim::scenario::{Goals, Replications, Scenario};
use sim::stats::Estimate;
use sim::theory::{availability, erlang};
use sim::time::SimDuration;
use sim::verification;
use sim::years::{Culprit, FlowYears, Years};

const DAY: f64 = 86_400.0;
/// So many times the same is asked for.
const SEEDS: u64 = 24;

/// Requests to nodes that crash so often and are down for so long, seconds, whose balancer knows it at once.
fn nodes(count: u32, up: f64, down: f64) -> Scenario {
    let mut scenario = verification::cases().swap_remove(0).scenario;
    scenario.flows[0].arrivals = Arrivals::Poisson { rate: 50.0 };
    scenario.flows[0].timeout = Some(SimDuration::from_seconds(2.0));
    let cluster = &mut scenario.deployments[0].clusters[0];
    cluster.nodes = count;
    cluster.profile.mtbf = Some(SimDuration::from_seconds(up));
    cluster.profile.mttr = SimDuration::from_seconds(down);
    scenario.goals = Goals { availability: Some(0.999), ..Goals::default() };
    scenario.run.window = SimDuration::from_seconds(5.0);
    scenario.run.replications = Replications::Fixed(1);
    scenario.run.confidence = 0.95;
    scenario
}

fn years(scenario: &Scenario) -> Years {
    let results = compare(scenario, &Unwatched, &AtomicBool::new(false)).expect("it runs");
    results.deployments.into_iter().next().and_then(|deployment| deployment.years).expect("asked")
}

fn flow(scenario: &Scenario) -> FlowYears {
    years(scenario).flows.remove(0)
}

/// Three half-widths at 95 % are one in 2·10⁸ by chance; what is known is to be known as well as `width`.
fn agrees(name: &str, found: Estimate, exact: f64, width: f64) {
    let half_width = found.half_width.expect("several horizons");
    assert!(half_width <= width * exact, "{name}: {} ± {half_width} against {exact}", found.mean);
    let off = (found.mean - exact).abs();
    assert!(off <= 3.0 * half_width, "{name}: {} ± {half_width} against {exact}", found.mean);
}

#[test]
fn k_of_n_nodes_that_are_repaired_each_by_itself() {
    // What is lost in the instant of a crash is not in the closed form: 50 requests/s of 1 ms on two nodes lose one in
    // forty crashes.
    let all = [(1, 30.0 * DAY, 600.0), (2, DAY, 600.0), (2, 30.0 * DAY, 600.0), (3, DAY, 1900.0)];
    for (count, up, down) in all {
        let found = flow(&nodes(count, up, down));
        let exact = (down / (up + down)).powi(count as i32);
        agrees(&format!("{count} nodes"), found.availability.complement(), exact, 0.06);
        agrees(&format!("{count} nodes, time"), found.time_available.complement(), exact, 0.06);
        let crashes = found.minutes[Culprit::Crash as usize] / found.downtime_minutes().mean;
        assert!(crashes > 0.97, "{count}: {:?}", found.minutes);
    }
}

#[test]
fn a_balancer_that_asks_again_after_a_while_loses_no_more_than_that_while_at_each_return() {
    // Both of two nodes are down together for p², in 2p(1 - p) ÷ up of such times a second; the first that is back is
    // asked within 10 s, on a clock of whole seconds. What is seen in those must not stand for the whole of what comes
    // after: then more than a fifth too much is read.
    let (up, down) = (DAY, 1800.0);
    let mut scenario = nodes(2, up, down);
    scenario.deployments[0].clusters[0].balancing = Balancing::plain(
        Policy::RoundRobin,
        HealthCheck::Passive { max_fails: 1, fail_timeout: SimDuration::from_seconds(10.0) },
    );
    let lost = flow(&scenario).availability.complement();
    let p = down / (up + down);
    let (least, returns) = (p * p, 2.0 * p * (1.0 - p) / up);
    let half_width = lost.half_width.expect("several chains");
    assert!(half_width <= 0.06 * least, "{lost:?} against {least}");
    let between = least - 2.0 * half_width..=least + 11.0 * returns + 2.0 * half_width;
    assert!(between.contains(&lost.mean), "{lost:?} is not within {between:?}");
}

#[test]
fn those_that_are_left_turn_away_what_does_not_fit() {
    // Four nodes of 50 places each for 75 on average: of those that are up each loses as Erlang's formula says, and a
    // crash what is in service, as much as comes to it in a service time. Next to nothing is lost while three are up, so
    // that two which are down at once must not be taken for one.
    let (served, up, down) = (0.1, 0.5 * DAY, 600.0);
    let mut scenario = nodes(4, up, down);
    scenario.flows[0].arrivals = Arrivals::Poisson { rate: 75.0 / served };
    let cluster = &mut scenario.deployments[0].clusters[0];
    let profile = &mut cluster.profile;
    (profile.workers, profile.queue, profile.cores) = (50, Some(0), 50.0);
    for demand in profile.demands.values_mut() {
        demand.mean = SimDuration::from_seconds(served);
    }
    cluster.balancing.policy = Policy::Random;
    let lost = |up: u32| if up == 0 { 1.0 } else { erlang::erlang_b(50, 75.0 / f64::from(up)) };
    let node = availability::availability(up, down);
    let crashes = availability::mean_lost(4, node, |nodes| served / up * (1.0 - lost(nodes)));
    let exact = availability::mean_lost(4, node, lost) + crashes;
    agrees("four nodes", flow(&scenario).availability.complement(), exact, 0.25);
}

#[test]
fn minutes_of_all_culprits_are_all_minutes() {
    let found = flow(&nodes(2, DAY, 600.0));
    let sum: f64 = found.minutes.iter().sum();
    assert!((sum / found.downtime_minutes().mean - 1.0).abs() < 1e-9, "{sum}");
}

#[test]
fn zones_fail_as_one_and_nodes_in_others_carry_on() {
    // Two nodes in two zones; each zone is out for a share z, each node for a share p: out together in (p + z - pz)².
    let mut scenario = nodes(2, 5.0 * DAY, 1800.0);
    scenario.deployments[0].clusters[0].zones = 2;
    let times =
        Times::exponential(SimDuration::from_seconds(4.0 * DAY), SimDuration::from_seconds(1200.0));
    let zone = Some(Failures { crash: Some(times), ..Failures::default() });
    scenario.deployments[0].failures = SharedFailures { zone, ..SharedFailures::default() };
    let found = flow(&scenario);
    let (p, z) = (1800.0 / (5.0 * DAY + 1800.0), 1200.0 / (4.0 * DAY + 1200.0));
    agrees("two zones", found.availability.complement(), (p + z - p * z).powi(2), 0.06);
}

#[test]
fn a_share_of_years_without_an_outage_is_that_of_a_poisson_process() {
    // One node that crashes every 200 d on average: a year without any crash has a probability of exp(-365 / 200.01).
    let mut scenario = nodes(1, 200.0 * DAY, 600.0);
    scenario.goals.availability = Some(0.999_999_9);
    let meets = flow(&scenario).meets_goal.expect("a goal");
    let exact = (-365.0_f64 / (200.0 + 600.0 / DAY)).exp();
    let half_width = meets.half_width.expect("a share");
    assert!(
        half_width < 0.04 && (meets.mean - exact).abs() < 2.0 * half_width,
        "{meets:?} against {exact}"
    );
}

#[test]
fn nothing_is_lost_where_nothing_fails_and_two_runs_see_the_same() {
    let scenario = nodes(2, DAY, 600.0);
    assert_eq!(years(&scenario), years(&scenario));
}

#[test]
fn intervals_cover_the_truth_as_often_as_they_say() {
    let all = verification::failing();
    let mut case = all.into_iter().find(|case| case.name.contains("stands by")).expect("a case");
    case.scenario.run.confidence = 0.95;
    let exact = case.truths[0].exact;
    let found: Vec<Estimate> = (1..=SEEDS)
        .map(|seed| {
            let findings = case.findings(seed, &Unwatched, &AtomicBool::new(false));
            findings.expect("it runs")[0].estimate
        })
        .collect();
    // Of 24 intervals that cover with a chance of 0.95 each, fewer than 19 do so once in 1000 times.
    let covering = found.iter().filter(|found| found.covers(exact)).count();
    assert!(covering >= 19, "{covering} of {SEEDS}");
    // What they have in common is no bias: half-widths are 1.96 standard errors, of which the mean of all has √24 times
    // less.
    let mean = |of: fn(&Estimate) -> f64| found.iter().map(of).sum::<f64>() / SEEDS as f64;
    let half_width = mean(|found| found.half_width.expect("an interval"));
    assert!(half_width < 0.05 * exact, "{half_width} of {exact}");
    let bias = (mean(|found| found.mean) - exact).abs();
    assert!(bias < 3.5 * half_width / 1.96 / (SEEDS as f64).sqrt(), "{bias} of {exact}");
}
