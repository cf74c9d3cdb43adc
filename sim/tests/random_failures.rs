//! Failures at random: alternating renewal processes by any law, of nodes, beside closed forms.

mod gateways;

use std::sync::atomic::AtomicBool;

use gateways::{calls, gateways};
use sim::deployment::routes::compile;
use sim::deployment::{Balancing, Cluster, Deployment, Failures, HealthCheck, Policy, Times};
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
    let deployment =
        Deployment { name: String::new(), pattern: String::new(), clusters: vec![cluster] };
    let network = compile(&deployment, &[calls(rate)]).expect("it fits");
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
