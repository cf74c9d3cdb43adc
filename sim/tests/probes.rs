//! Probes of Kubernetes by which processes live or die: when they notice what, and what comes of it.

mod gateways;

use std::sync::atomic::AtomicBool;

use gateways::{calls, gateways};
use sim::cause::Cause;
use sim::deployment::routes::compile;
use sim::deployment::{Balancing, Cluster, Deployment, HealthCheck, Policy, Probe, Probing, Watch};
use sim::engine::{Asked, Change, Observations, Outage, Run, simulate};
use sim::random::Law;
use sim::time::SimDuration;

/// When the node fails.
const FAULT: f64 = 5.0;
/// So many replications, whose probes are made at different instants of their period.
const RUNS: u32 = 200;

fn seconds(seconds: f64) -> SimDuration {
    SimDuration::from_seconds(seconds)
}

/// A probe of the charts of the product, which asks by HTTP, with the grace of a pod.
fn watch() -> Watch {
    Watch {
        probe: Probe::Http,
        delay: seconds(60.0),
        period: seconds(10.0),
        timeout: seconds(1.0),
        failures: 3,
        grace: seconds(30.0),
        demand: SimDuration::ZERO,
    }
}

/// One node that starts within so many seconds, which its balancer never takes out.
fn node(start_up: f64, probing: Probing) -> Cluster {
    let check = HealthCheck::Passive { max_fails: 1, fail_timeout: seconds(10.0) };
    let mut cluster = gateways(1, Balancing::plain(Policy::RoundRobin, check));
    cluster.profile.start_up = Law::constant(seconds(start_up));
    Cluster { probing, ..cluster }
}

/// A window of so many seconds in which the node fails for so long.
fn run(
    cluster: &Cluster,
    rate: f64,
    (begins, lasts): (Change, f64),
    window: f64,
    replication: u32,
) -> Observations {
    let deployment = Deployment { clusters: vec![cluster.clone()], ..Deployment::default() };
    let network = compile(&deployment, &[calls(rate)]).expect("it fits");
    let outage = Outage { node: 0, begins, at: seconds(FAULT), lasts: seconds(lasts) };
    let run = Run {
        seed: 1,
        replication,
        warm_up: seconds(1.0),
        window: seconds(window),
        outages: &[outage],
        suppliers: &[],
        asked: Asked { records: true, ..Asked::default() },
    };
    simulate(&network, &run, &AtomicBool::new(false)).expect("nobody stops it")
}

/// When requests were lost first, from the fault on.
fn lost_at(seen: &Observations) -> Option<f64> {
    let lost = seen.records.iter().filter(|record| record.failed == Some(Cause::Reset));
    lost.map(|record| record.ended.as_seconds() - FAULT).reduce(f64::min)
}

/// Asserts that values are uniform between two bounds: none is outside, and the largest distance of their
/// distribution from the line is what fewer than one of a hundred samples exceed (Kolmogorov, 1.63 / √n). A
/// rhythm that were off by an eighth of the period would be seen.
#[track_caller]
fn assert_uniform(mut values: Vec<f64>, from: f64, to: f64) {
    values.sort_by(f64::total_cmp);
    let count = values.len() as f64;
    for (place, value) in values.iter().enumerate() {
        assert!((from - 1e-6..=to + 1e-6).contains(value), "{value} is not in {from}..{to}");
        let share = (value - from) / (to - from);
        let off = (share - (place as f64 + 0.5) / count).abs();
        assert!(off < 1.63 / count.sqrt() + 0.5 / count, "{share} at {place} of {count}");
    }
}

/// The third probe after the fault fails when it has waited out its second: (2 + U) periods, a second, and the
/// grace, after which the process dies with what it has.
#[test]
fn a_process_that_hangs_is_killed_after_a_time_that_is_uniform() {
    let liveness = Some(watch());
    let cluster = node(2.0, Probing { startup: None, liveness });
    let killed = (0..RUNS).map(|replication| {
        let seen = run(&cluster, 5.0, (Change::Hang, 1e4), 90.0, replication);
        assert_eq!(seen.clusters[0].crashes, 1);
        lost_at(&seen).expect("what was in flight is lost")
    });
    assert_uniform(killed.collect(), 20.0 + 1.0 + 30.0, 30.0 + 1.0 + 30.0);
}

/// Without probes it hangs for as long as the fault lasts, and a check of the port sees nothing.
#[test]
fn a_process_that_hangs_is_not_killed_for_its_port() {
    for liveness in [None, Some(Watch { probe: Probe::Port, ..watch() })] {
        let cluster = node(2.0, Probing { startup: None, liveness });
        let seen = run(&cluster, 5.0, (Change::Hang, 1e4), 200.0, 0);
        assert_eq!((seen.clusters[0].crashes, lost_at(&seen)), (0, None));
    }
}

/// A process that answers with errors ends as soon as it is told to: no timeout, no grace.
#[test]
fn a_process_that_answers_with_errors_ends_at_the_third_probe() {
    let cluster = node(2.0, Probing { startup: None, liveness: Some(watch()) });
    let fails = Change::FailFast { delay: SimDuration::from_ms(1.0) };
    let last_error = |seen: &Observations| {
        let errors = seen.records.iter().filter(|r| r.failed == Some(Cause::ServerError));
        errors.map(|record| record.ended.as_seconds() - FAULT).reduce(f64::max)
    };
    let ended = (0..RUNS).map(|replication| {
        let seen = run(&cluster, 100.0, (fails, 1e4), 60.0, replication);
        last_error(&seen).expect("errors")
    });
    // Requests come about every 10 ms.
    let ended: Vec<f64> = ended.collect();
    assert!(ended.iter().all(|at| (19.9..=30.0).contains(at)), "{ended:?}");
    let mean = ended.iter().sum::<f64>() / f64::from(RUNS);
    // (2 + U) · 10 s: the mean of 200 has a standard error of 0.2 s.
    assert!((mean - 25.0).abs() < 0.6, "{mean}");
}

/// Tries at 60 s and every 10 s thereafter: the third fails after 80 to 90 s. What starts within 80 s always
/// comes up, what takes more than 90 s never does, and of what takes 85 s one half.
#[test]
fn a_process_that_starts_too_slowly_is_killed_by_its_start_up_probe() {
    let startup = Some(Watch { probe: Probe::Port, ..watch() });
    let comes_up = |start_up, runs: u32| {
        let cluster = node(start_up, Probing { startup, liveness: None });
        let up = (0..runs).filter(|replication| {
            let seen = run(&cluster, 1.0, (Change::Crash, 1.0), 400.0, *replication);
            seen.clusters[0].crashes == 1
        });
        f64::from(up.count() as u32) / f64::from(runs)
    };
    assert_eq!(comes_up(79.9, 20), 1.0);
    assert_eq!(comes_up(90.1, 20), 0.0);
    // The standard error of a half of 200 is 0.035.
    let half = comes_up(85.0, RUNS);
    assert!((half - 0.5).abs() < 0.11, "{half}");
}

/// A start that is too long never ends: killed 80 to 90 s after each beginning, and started again at once, then
/// 10 s, 20 s, 40 s later, and so on up to 5 min.
#[test]
fn starts_that_fail_wait_ever_longer() {
    let startup = Some(watch());
    let cluster = node(100.0, Probing { startup, liveness: None });
    // A crash at 5 s, and so many starts as fit into the time thereafter.
    let crashes = |window| run(&cluster, 1.0, (Change::Crash, 1.0), window, 0).clusters[0].crashes;
    let waits = [0.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0];
    let mut began = (FAULT + 1.0, FAULT + 1.0);
    for (place, wait) in waits.into_iter().enumerate() {
        let killed = (began.0 + 80.0, began.1 + 90.0);
        // The start of this place ends between these two instants.
        assert!(crashes(killed.0 - 1e-3) <= place as u64 + 1, "{place}");
        assert!(crashes(killed.1 + 1e-3) >= place as u64 + 2, "{place}");
        began = (killed.0 + wait, killed.1 + wait);
    }
}

/// The answer to a probe takes 20 ms of work, which a factor of 100 makes 2 s, and one of 20 only 0.4 s.
#[test]
fn a_process_that_is_too_slow_for_its_probe_is_killed_again_and_again() {
    let liveness = Some(Watch { delay: seconds(0.0), demand: seconds(0.02), ..watch() });
    let cluster = node(2.0, Probing { startup: None, liveness });
    let crashes =
        |factor| run(&cluster, 1.0, (Change::Slow { factor }, 1e4), 125.0, 3).clusters[0].crashes;
    assert_eq!(crashes(20.0), 0);
    // Killed (2 + U) · 10 + 1 s after the fault, and then at least every 2 · 10 + 1 s and at most every
    // 3 · 10 + 2 s, but for the waits before the second and third start.
    assert!((3..=4).contains(&crashes(100.0)), "{}", crashes(100.0));
}

/// A pod is ready when its start-up probe has succeeded, however early it could have answered: at the first try
/// after 60 s, and at the second good readiness probe where it takes two.
#[test]
fn a_pod_is_ready_no_earlier_than_its_start_up_probe_asks() {
    for (successes, from, to) in [(1, 60.0, 70.0), (2, 60.0, 75.0)] {
        let check = HealthCheck::Active {
            interval: seconds(5.0),
            unhealthy: 1,
            healthy: successes,
            probe: Probe::Http,
            timeout: seconds(1.0),
            counts_from_end: false,
            after_start: Some(SimDuration::ZERO),
            lost_after: None,
        };
        let mut cluster = node(20.0, Probing { startup: Some(watch()), liveness: None });
        cluster.balancing = Balancing::plain(Policy::RoundRobin, check);
        let ready = (0..RUNS).map(|replication| {
            // Down for long enough to be noticed.
            let seen = run(&cluster, 100.0, (Change::Crash, 10.0), 110.0, replication);
            let answers = seen.records.iter().filter(|record| record.failed.is_none());
            let began = answers.map(|record| record.began.as_seconds() - FAULT - 10.0);
            began.filter(|began| *began > 0.0).fold(f64::INFINITY, f64::min)
        });
        let ready: Vec<f64> = ready.collect();
        // Requests come about every 10 ms.
        assert!(ready.iter().all(|at| (from..to + 0.2).contains(at)), "{ready:?}");
        let mean = ready.iter().sum::<f64>() / f64::from(RUNS);
        // Uniform over 10 s, and over 5 s more from the first to the second.
        let expected = if successes == 1 { 65.0 } else { 67.5 };
        assert!((mean - expected).abs() < 0.7, "{mean}");
    }
}
