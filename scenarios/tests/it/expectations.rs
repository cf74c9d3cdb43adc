//! What the shipped scenarios say is to be expected is what the simulator finds.

use std::ops::Range;
use std::sync::atomic::AtomicBool;

use scenarios::load;
use sim::cause::Cause;
use sim::experiment::{Unwatched, compare, effort};
use sim::quantity::Quantity;
use sim::results::{Company, DeploymentResult, Results, TimelinePoint};
use sim::theory::token_cache::Swept;

/// The goal of every shipped scenario here, ms.
const GOAL_MS: f64 = 300.0;

/// Simulates a shipped scenario with a few replications; the events are about those that were
/// expected.
fn found(name: &str) -> Results {
    let (results, ratio) = simulated(name);
    assert!((1.0 / 1.5..1.5).contains(&ratio), "{name}: {ratio} of what was expected");
    results
}

/// Simulates a shipped scenario with a few replications. Returns also how many times the events that are expected
/// where all is well it had.
fn simulated(name: &str) -> (Results, f64) {
    let few = "run.replications=3".parse().expect("an override");
    let scenario = load(name.as_ref(), &[few]).unwrap_or_else(|p| panic!("{p}")).scenario;
    assert!(scenario.run.warm_up.is_some(), "{name}: there are no pilots");
    let results =
        compare(&scenario, &Unwatched, &AtomicBool::new(false)).expect("can be simulated");
    let expected = effort(&scenario).expect("can be simulated").events;
    let ratio = results.events as f64 / expected;
    (results, ratio)
}

/// The p99 of a flow in a deployment.
fn p99_ms(results: &Results, deployment: &str, flow: &str) -> f64 {
    let deployment = results.deployments.iter().find(|d| d.name == deployment).expect("its name");
    let flow = deployment.flows.iter().find(|f| f.name == flow).expect("its name");
    flow.quantile_ms(0.99).expect("enough requests").mean
}

/// The highest p99 and the highest share of errors of any flow in a deployment.
fn worst(results: &Results, deployment: &str) -> (f64, f64) {
    let deployment = results.deployments.iter().find(|d| d.name == deployment).expect("its name");
    let p99s = deployment.flows.iter().filter_map(|flow| flow.quantile_ms(0.99));
    let errors = deployment.flows.iter().filter_map(|flow| flow.found.get(Quantity::ErrorRate));
    (
        p99s.map(|p99| p99.mean).fold(0.0, f64::max),
        errors.map(|share| share.mean).fold(0.0, f64::max),
    )
}

#[test]
fn low_traffic_is_carried_by_standard_ha() {
    let (p99_ms, errors) = worst(&found("low-traffic"), "ha");
    assert!(p99_ms < GOAL_MS && errors < 1e-3, "{p99_ms} ms, {errors}");
}

#[test]
fn the_launch_peak_needs_the_scalable_pattern() {
    let results = found("launch-peak");
    for flow in ["catalogue", "orders", "tokens", "partners"] {
        let ha_ms = p99_ms(&results, "ha", flow);
        assert!(ha_ms > 1000.0, "{flow}: {ha_ms} ms");
    }
    let (p99_ms, errors) = worst(&results, "scalable");
    assert!(p99_ms < GOAL_MS && errors < 1e-3, "{p99_ms} ms, {errors}");
}

#[test]
fn nodes_of_its_own_protect_a_quiet_tenant_and_pooling_serves_both() {
    let results = found("noisy-tenant");
    assert!(p99_ms(&results, "shared", "quiet-calls") > 2.0 * GOAL_MS);
    assert!(p99_ms(&results, "per-tenant", "quiet-calls") < GOAL_MS);
    assert!(p99_ms(&results, "per-tenant", "noisy-documents") > 2.0 * GOAL_MS);
    assert!(worst(&results, "pooled").0 < GOAL_MS);
}

#[test]
fn gateways_of_its_own_keep_a_noisy_tenant_from_the_others_and_integrators_of_their_own_do_not() {
    let results = found("tenant-tenfold");
    let all = results.isolation.expect("it is asked");
    let flow = |deployment: &str, name: &str| {
        let mut flows = all.flows.iter();
        flows.find(|f| f.deployment == deployment && f.flow == name).expect("its name")
    };
    let found = |deployment: &str, name: &str, company, quantity| {
        flow(deployment, name).of(company).get(quantity).expect("enough requests").mean
    };
    for name in ["records", "orders"] {
        for deployment in ["shared", "pairs", "own-gateways", "pooled"] {
            let p99_ms = |company| found(deployment, name, company, Quantity::P99);
            let (alone, together) = (p99_ms(Company::Alone), p99_ms(Company::Together));
            assert!((0.9..1.1).contains(&(together / alone)), "{deployment} {name}: {together}");
            let errors = found(deployment, name, Company::Noisy, Quantity::ErrorRate);
            let (often, noise) = (errors > 0.3, p99_ms(Company::Noisy) / together);
            match deployment {
                "own-gateways" => assert!(!often && noise < 1.06, "{name}: {noise}"),
                "pooled" => assert!(!often && (1.1..3.0).contains(&noise), "{name}: {noise}"),
                _ => assert!(often && noise > 20.0, "{deployment} {name}: {errors}, {noise}"),
            }
        }
    }
}

#[test]
fn sign_ins_slow_two_all_in_one_nodes_down_and_not_three() {
    let results = found("mobile-tokens");
    assert!(p99_ms(&results, "ha-2", "calls") > GOAL_MS);
    for deployment in ["ha-3", "scalable"] {
        let (p99_ms, errors) = worst(&results, deployment);
        assert!(p99_ms < GOAL_MS && errors < 1e-3, "{deployment}: {p99_ms} ms, {errors}");
    }
}

#[test]
fn a_separate_gateway_checks_opaque_tokens_thirty_times_as_often_unless_told_to_keep_them() {
    let results = found("opaque-tokens");
    let quantity = |deployment: usize, quantity| {
        results.deployments[deployment].flows[0].found.get(quantity).expect("found").mean
    };
    // By the closed form: 12 000 pairs of token and node, each seen 0.15 times a second.
    for (deployment, timeout) in [(0, 900.0), (1, 15.0), (2, 900.0)] {
        let swept = 12_000.0 * Swept { period: 30.0, timeout }.misses_per_second(0.15);
        let found = quantity(deployment, Quantity::TokenMisses);
        // Of tokens that are renewed, some would not have been missed at that time: of each pair, at most
        // one more in an hour.
        let most = swept + 12_000.0 / 3600.0;
        // Three replications of 90 s: of the fewest, 3500, a standard error is below 2 per cent.
        assert!((0.93 * swept..1.07 * most).contains(&found), "{deployment}: {found}, {swept}");
        let renewed = quantity(deployment, Quantity::TokenRenewals);
        assert!((renewed / (6000.0 / 3600.0) - 1.0).abs() < 0.2, "{deployment}: {renewed}");
    }
    let p95_ms = |deployment: usize| {
        results.deployments[deployment].flows[0].quantile_ms(0.95).expect("enough").mean
    };
    assert!(p95_ms(0) < 43.0 && p95_ms(1) > 48.0 && p95_ms(2) < 43.0);
    // In the second after a sweep of one node 6000 (1 - e^-0.15) are missed, and 17 % more where that of the
    // other node falls into it.
    assert!(quantity(1, Quantity::TokenHerd) > 0.9 * 6000.0 * (1.0 - f64::exp(-0.15)));
    assert!(quantity(0, Quantity::TokenHerd) < 100.0);
}

#[test]
fn without_a_control_plane_opaque_tokens_last_a_minute_jwt_an_hour_and_a_restarted_gateway_is_a_hole()
 {
    let (results, _) = simulated("control-plane-away");
    // Shares answered and answered 404, of a flow in some seconds.
    let shares = |deployment: usize, flow: usize, seconds: Range<usize>| {
        let timeline = &results.deployments[deployment].flows[flow].timeline[seconds];
        let answered: f64 = timeline.iter().map(|second| second.throughput_rps).sum();
        let failed: f64 = timeline.iter().map(|second| second.errors_rps).sum();
        let missing = timeline.iter().map(|second| second.errors_by_cause_rps[Cause::NotDeployed]);
        let all = answered + failed;
        (answered / all, missing.sum::<f64>() / all)
    };
    let near = |found: f64, expected: f64| (found - expected).abs() < 0.05;
    for deployment in 0..2 {
        // Calm; then the tokens of an hour end one by one. Standard errors of shares are below 1 %.
        assert!(shares(deployment, 0, 0..600).0 > 0.999);
        assert!(near(shares(deployment, 0, 1380..1420).0, 1.0 - 800.0 / 3600.0));
        assert!(shares(deployment, 0, 4210..7800).0 < 0.005);
        // Opaque ones are forgotten in the next or the next but one sweep.
        assert!(shares(deployment, 1, 0..600).0 > 0.999);
        assert!(shares(deployment, 1, 645..7800).0 < 0.005);
    }
    // The gateway is up from 1940 s on and has its APIs from 9467 s on: its tries are at 2000, 2030, 2090, 2210,
    // 2450, 2930, 3890, 5810 and 9410 s.
    assert!(near(shares(0, 0, 2000..2500).1, 0.5 * (1.0 - 1650.0 / 3600.0)));
    assert!(near(shares(0, 0, 8000..9460).1, 0.5));
    assert!(shares(0, 0, 9480..10_800).0 > 0.999);
    // With a probe that asks for them, calls go to the other.
    assert!(shares(1, 0, 2000..9460).1 < 1e-4 && shares(1, 0, 8000..10_800).0 > 0.999);
}

#[test]
fn after_the_loss_of_a_node_one_is_too_few_until_the_other_is_back_and_warm_and_two_are_enough() {
    let results = found("node-lost");
    assert!(p99_ms(&results, "two", "calls") > 1000.0);
    let (p99_of_three_ms, errors) = worst(&results, "three");
    assert!(p99_of_three_ms < GOAL_MS && errors < 1e-3, "{p99_of_three_ms} ms, {errors}");
    // Of `calls`; the node answers again at 135 s, and the balancer knows 10 s later.
    let seconds = |deployment: usize, from: usize, until: usize| {
        &results.deployments[deployment].flows[0].timeline[from..until]
    };
    let fails = |second: &TimelinePoint| second.errors_rps > 100.0;
    let is_slow = |second: &TimelinePoint| second.p99_ms.is_none_or(|ms| ms > GOAL_MS);
    assert!(!seconds(0, 0, 19).iter().any(fails));
    assert!(seconds(0, 30, 130).iter().all(|second| fails(second) && is_slow(second)));
    assert!(!seconds(0, 160, 180).iter().any(|second| second.errors_rps > 0.0 || is_slow(second)));
    // With three nobody feels it: the one call with which the balancer tries the node takes the worst of the cold.
    let slow = seconds(1, 0, 180).iter().filter(|second| is_slow(second)).count();
    assert_eq!(slow, 0);
}

#[test]
fn a_storm_of_retries_stays_after_its_cause_has_gone_where_lines_are_long_and_goes_where_they_are_short()
 {
    let results = found("retry-storm");
    let [long, short] = &results.deployments[..] else { panic!("two deployments") };
    // The nodes are slow from 20 s to 30 s.
    let answered = |deployment: &DeploymentResult, from: usize, until: usize| {
        let seconds = &deployment.flows[0].timeline[from..until];
        seconds.iter().map(|second| second.throughput_rps).sum::<f64>() / (until - from) as f64
    };
    for deployment in [long, short] {
        assert!((answered(deployment, 0, 20) / 3600.0 - 1.0).abs() < 0.02);
    }
    // From 10 s after the drill on nothing is answered in time until the end, or everything is.
    let (lost, kept) = (answered(long, 40, 90), answered(short, 40, 90));
    assert!(lost < 1.0 && (kept / 3600.0 - 1.0).abs() < 0.01, "{lost} and {kept} /s");
    let note = |deployment: &DeploymentResult| {
        deployment
            .notes
            .iter()
            .map(|note| note.text.clone())
            .find(|note| note.contains("two states"))
    };
    let found = note(long).expect("two states");
    assert!(
        found.contains("0.0 % errors in the 20 s before the drill, 100 % in the last"),
        "{found}"
    );
    assert_eq!(note(short), None);
    assert!(worst(&results, "short").1 < 0.05);
}

#[test]
fn a_hung_gateway_costs_what_its_balancer_takes_to_know() {
    let results = found("hung-gateway");
    let errors = |deployment| worst(&results, deployment).1;
    // All calls but those of twice 5 s are stuck or turned away for 60 s of 180; of the two times 5 s, half.
    assert!((0.26..0.32).contains(&errors("nginx")), "{}", errors("nginx"));
    // Half of all calls for 10 to 12 and 21 to 31 s.
    assert!((9.5..12.5).contains(&(360.0 * errors("haproxy"))), "{}", errors("haproxy"));
    assert!((20.5..31.5).contains(&(360.0 * errors("kubernetes"))), "{}", errors("kubernetes"));
}

#[test]
fn a_heap_too_small_for_what_waits_stops_those_who_do_not_wait() {
    let results = found("full-heap");
    let calls = |deployment: &str| {
        let deployment = results.deployments.iter().find(|d| d.name == deployment);
        let flow = deployment.and_then(|d| d.flows.iter().find(|f| f.name == "calls"));
        let errors = flow.expect("its name").found.get(Quantity::ErrorRate);
        errors.expect("there are calls").mean
    };
    // A minute of six in which nobody is answered in time, and a little before and after.
    assert!((0.12..0.25).contains(&calls("as-shipped")), "{}", calls("as-shipped"));
    assert!(calls("advised") < 1e-3, "{}", calls("advised"));
}

#[test]
fn behind_a_timeout_of_a_second_hardly_anybody_misses_a_zone() {
    let results = found("vanished-zone");
    let errors = |deployment| worst(&results, deployment).1;
    assert!((0.13..0.17).contains(&errors("as-it-comes")), "{}", errors("as-it-comes"));
    assert!(errors("configured") < 1e-3, "{}", errors("configured"));
}

#[test]
fn one_gateway_after_the_other_is_updated_without_an_error_and_all_at_once_are_not() {
    let results = found("rolling-update");
    for deployment in ["surge", "in-place"] {
        let errors = worst(&results, deployment).1;
        assert!(errors < 1e-4, "{deployment}: {errors}");
    }
    // 110 of 450 s.
    let errors = worst(&results, "at-once").1;
    assert!((errors - 110.0 / 450.0).abs() < 0.01, "{errors}");
}

#[test]
fn an_active_passive_pair_carries_no_more_than_one_node() {
    let results = found("streaming");
    assert!(p99_ms(&results, "active-passive", "sensors") > 1000.0);
    assert!(worst(&results, "active-active").0 < 200.0);
}
