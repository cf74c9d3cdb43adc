//! Failures at random: alternating renewal processes by any law, of nodes, beside closed forms.

mod gateways;

use std::sync::atomic::AtomicBool;

use gateways::{calls, gateways};
use sim::cause::Cause;
use sim::deployment::routes::compile;
use sim::deployment::{
    Balancing, Cluster, Database, Demand, Deployment, Failures, Flow, FlowKind, HealthCheck,
    Method, Policy, Role, SharedFailures, Times,
};
use sim::engine::{Asked, Observations, Run, simulate};
use sim::random::Shape;
use sim::time::SimDuration;

fn seconds(seconds: f64) -> SimDuration {
    SimDuration::from_seconds(seconds)
}

/// So many nodes behind a balancer that is told of every failure.
fn nodes(count: u32, failures: Failures) -> Cluster {
    let mut cluster = gateways(count, Balancing::plain(Policy::RoundRobin, HealthCheck::Perfect));
    cluster.profile.failures = Some(failures);
    cluster
}

/// Hardly any calls, for so long.
fn run(cluster: Cluster, rate: f64, seed: u64, window: f64) -> Observations {
    run_with(vec![cluster], SharedFailures::default(), &calls(rate), seed, window)
}

/// The same of any clusters and flow, where something fails beside nodes.
fn run_with(
    clusters: Vec<Cluster>,
    failures: SharedFailures,
    flow: &Flow,
    seed: u64,
    window: f64,
) -> Observations {
    let (name, pattern) = (String::new(), String::new());
    let deployment = Deployment { name, pattern, clusters, failures };
    let network = compile(&deployment, std::slice::from_ref(flow)).expect("it fits");
    let run = Run {
        seed,
        replication: 0,
        warm_up: SimDuration::ZERO,
        window: seconds(window),
        outages: &[],
        suppliers: &[],
        asked: Asked::default(),
    };
    simulate(&network, &run, &AtomicBool::new(false)).expect("nobody stops it")
}

/// Times between of so many seconds and lengths of so many, with these laws.
fn times(mtbf: f64, mttr: f64, law: Shape, mttr_law: Shape) -> Times {
    Times { law, mttr_law, ..Times::exponential(seconds(mtbf), seconds(mttr)) }
}

/// In the long run a node is up for MTBF / (MTBF + MTTR) of the time, whatever the laws.
#[test]
fn only_the_means_of_the_laws_matter_for_the_share_of_time_up() {
    let laws = [
        Shape::Constant,
        Shape::Exponential,
        Shape::Weibull { cv: 2.0 },
        Shape::Lognormal { cv: 1.5 },
        Shape::Erlang { stages: 4 },
    ];
    for law in &laws {
        for mttr_law in &laws {
            let (up, down, window, count) = (20.0, 5.0, 20_000.0, 10);
            let hang = Some(times(up, down, law.clone(), mttr_law.clone()));
            let cluster = nodes(count, Failures { hang, ..Failures::default() });
            let found = run(cluster, 0.1, 7, window).clusters[0].up_share;
            // Variance ((cv of up)² + (cv of down)²) (up down)² / (up + down)³ per unit of time (Cox, Renewal
            // Theory, 1962, 9.4); a cycle more or less at the edges.
            let varies = law.cv().powi(2) + mttr_law.cv().powi(2);
            let variance = varies * (up * down).powi(2) / (up + down).powi(3);
            let spread = (variance / (window * f64::from(count))).sqrt();
            let tolerance = 4.0 * spread + 0.0005;
            assert!((found - 0.8).abs() < tolerance, "{law:?}, {mttr_law:?}: {found}");
        }
    }
}

/// A crash every 9 s of life, repaired within 1 s: of each node 100 in 1000 s, or one more or less.
#[test]
fn constant_times_are_kept_to_the_nanosecond() {
    for seed in 1..=8 {
        let crash = Some(times(9.0, 1.0, Shape::Constant, Shape::Constant));
        let count = 10;
        let cluster = nodes(count, Failures { crash, ..Failures::default() });
        let seen = run(cluster, 0.1, seed, 1000.0);
        assert_eq!(seen.clusters[0].crashes, 1000, "whole cycles fit the window");
        let up = seen.clusters[0].up_share;
        assert!((up - 0.9).abs() < 1e-9, "{up}");
    }
}

/// A replication begins somewhere in the lives of nodes: of 100 nodes that live for 100 s each, 40 fail in
/// 40 s, with a standard deviation of 4.9, and not all at once.
#[test]
fn nodes_of_constant_lives_do_not_fail_together() {
    let crash = Some(times(100.0, 1000.0, Shape::Constant, Shape::Constant));
    let cluster = nodes(100, Failures { crash, ..Failures::default() });
    let crashes = run(cluster, 0.1, 3, 40.0).clusters[0].crashes;
    assert!(crashes.abs_diff(40) < 20, "{crashes}");
}

/// Weibull lives of mean 20 s and cv 2, repaired after 5 s: a renewal process of 25 s a cycle, whose count has
/// the variance t σ² / μ³ (Cox, Renewal Theory, 1962, 4.2).
#[test]
fn weibull_lives_have_the_mean_that_is_stated() {
    let (count, window) = (50, 20_000.0);
    let crash = Some(times(20.0, 5.0, Shape::Weibull { cv: 2.0 }, Shape::Constant));
    let cluster = nodes(count, Failures { crash, ..Failures::default() });
    let crashes = run(cluster, 0.1, 11, window).clusters[0].crashes as f64;
    let lives = f64::from(count) * window;
    let spread = (lives * 1600.0 / 25.0_f64.powi(3)).sqrt();
    assert!((crashes - lives / 25.0).abs() < 4.0 * spread, "{crashes} against {}", lives / 25.0);
    assert!(4.0 * spread < 0.04 * lives / 25.0, "the interval is narrow enough");
}

/// The share of requests that find no node.
fn without_node(seen: &Observations) -> f64 {
    seen.flows[0].failed[Cause::NoNode] as f64 / seen.flows[0].arrivals as f64
}

/// Exponential times between failures and lengths, of so many seconds.
fn exponential(mtbf: f64, mttr: f64) -> Times {
    Times::exponential(seconds(mtbf), seconds(mttr))
}

/// Nodes of two zones, each of which is out for 0.2 of the time: both are for 0.04 of it, as of two units with
/// a repairman each. Nodes that die by themselves, and are out for 0.1 of the time, multiply: a zone of two is
/// out with 0.2 + 0.8 · 0.1². The share of a system of two such units alternates within about 2.5 s, so that its
/// standard deviation over 60 000 s is below 0.0025.
#[test]
fn zones_are_out_as_one_and_independently_of_one_another_and_of_their_nodes() {
    let zone = || Some(Failures { crash: Some(exponential(20.0, 5.0)), ..Failures::default() });
    let shared = || SharedFailures { zone: zone(), ..SharedFailures::default() };
    let own = Failures { crash: Some(exponential(18.0, 2.0)), ..Failures::default() };
    let found = |count, zones, failures: Failures, seed| {
        let cluster = Cluster { zones, ..nodes(count, failures) };
        without_node(&run_with(vec![cluster], shared(), &calls(20.0), seed, 60_000.0))
    };
    for (count, zones, failures, expected) in [
        (4, 1, Failures::default(), 0.2),
        (4, 2, Failures::default(), 0.04),
        (4, 2, own.clone(), (0.2_f64 + 0.8 * 0.01).powi(2)),
        (3, 3, own, (0.2_f64 + 0.8 * 0.1).powi(3)),
    ] {
        let found = found(count, zones, failures, 5);
        let tolerance = if expected > 0.1 { 0.012 } else { 0.006 };
        assert!(
            (found - expected).abs() < tolerance,
            "{count} in {zones}: {found}, not {expected}"
        );
    }
}

/// All nodes of a zone are down at the same instants: what one of four does is what all do.
#[test]
fn a_zone_comes_back_as_one() {
    let zone = Some(Failures { crash: Some(exponential(20.0, 5.0)), ..Failures::default() });
    let up = |count| {
        let cluster = nodes(count, Failures::default());
        let shared = SharedFailures { zone: zone.clone(), ..SharedFailures::default() };
        let seen = run_with(vec![cluster], shared, &calls(1.0), 9, 2000.0);
        (seen.clusters[0].up_share, seen.clusters[0].crashes / u64::from(count))
    };
    let (one, four) = (up(1), up(4));
    assert!((one.0 - four.0).abs() < 1e-12 && one.1 == four.1, "{one:?} and {four:?}");
    assert!((60..=100).contains(&one.1), "2000 s of 25 s cycles: {}", one.1);
}

/// Calls of a backend that is out for a fifth of the time: those that fail at once are as many.
#[test]
fn a_backend_that_fails_at_random_is_out_for_its_share_of_the_time() {
    let out = |failures| {
        let flow = Flow { backend_failures: Some(failures), ..calls(20.0) };
        let cluster = nodes(2, Failures::default());
        run_with(vec![cluster], SharedFailures::default(), &flow, 3, 60_000.0)
    };
    for law in [Shape::Exponential, Shape::Lognormal { cv: 1.5 }] {
        let crash = Some(times(20.0, 5.0, law, Shape::Exponential));
        let seen = out(Failures { crash, ..Failures::default() });
        let failed =
            seen.flows[0].failed[Cause::ServerError] as f64 / seen.flows[0].arrivals as f64;
        // As above, with a standard deviation of 0.0042 at a cv of 1.5.
        assert!((failed - 0.2).abs() < 0.0165, "{failed}");
        assert_eq!(seen.flows[0].failures(), seen.flows[0].failed[Cause::ServerError]);
    }
    // Calls that begin in a hang of mean length h wait for what is left of it: h more, where it is exponential.
    let hang = Failures { hang: Some(exponential(20.0, 5.0)), ..Failures::default() };
    let seen = out(hang);
    let mean = seen.flows[0].sojourn_sum / seen.flows[0].answered as f64;
    assert!((mean - (0.02 + 0.2 * 5.0)).abs() < 0.13, "{mean}");
}

/// The database of a deployment is one: token requests of all clusters that call it wait for its fail-over.
#[test]
fn a_database_that_fails_over_holds_the_calls_that_need_it() {
    let demand = Demand::plain(SimDuration::from_ms(0.001), Shape::Constant);
    let mut cluster = nodes(2, Failures::default());
    cluster.roles = vec![Role::KeyManager];
    cluster.profile.demands.insert("token".to_owned(), demand);
    let delay = sim::random::Law::constant(SimDuration::from_ms(1.0));
    cluster.profile.database =
        Some(Database { pool: 1_000_000, ..Database::answering_after(delay) });
    let over = Some(times(600.0, 90.0, Shape::Constant, Shape::Constant));
    let database = Some(Failures { hang: over, ..Failures::default() });
    let flow = Flow {
        kind: FlowKind::Token,
        operation: "token".to_owned(),
        method: Method::Post,
        backend: None,
        ..calls(4.0)
    };
    cluster.profile.workers = 1_000_000;
    let shared = SharedFailures { database, ..SharedFailures::default() };
    let seen = run_with(vec![cluster], shared, &flow, 1, 69_000.0);
    let longest = seen.flows[0].sojourn.quantile(1.0).expect("answered") * 1e-9;
    assert!((88.0..90.6).contains(&longest), "{longest}");
    // 90 of each 690 s, in which a call waits for 45 s on average: 276 000 requests in 100 cycles.
    let mean = seen.flows[0].sojourn_sum / seen.flows[0].answered as f64;
    assert!((mean - 90.0 / 690.0 * 45.0).abs() < 0.15, "{mean}");
}
