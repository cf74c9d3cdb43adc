//! Overload: what clients that give up leave behind, beside a real pool of threads and closed forms.
//!
//! Measured on 28 November 2026: `OpenJDK` 17, the JDK's HTTP server with a fixed pool of threads on one core,
//! demand exponential with 5 ms of CPU and about 0.5 ms of HTTP a request, so that 182 /s are its capacity;
//! Poisson arrivals: 5 s at 160 /s, 20 s in overload, 25 s at 100 /s. Goodput is what is answered within 2 s
//! of its arrival. One run a row, on a core of which it had 83 to 100 %, so that the pattern counts.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use sim::deployment::routes::compile;
use sim::deployment::{
    Arrivals, Balancing, Cluster, Demand, Deployment, Discipline, Flow, HealthCheck, Policy,
    Probing, Profile, Retries, Role,
};
use sim::engine::{Asked, Observations, Run, simulate};
use sim::random::Shape;
use sim::time::{SimDuration, SimTime};

/// Mean demand of a request, ms.
const DEMAND_MS: f64 = 5.5;
/// What an answer is worth nothing after, ms.
const WORTH_MS: f64 = 2000.0;
const CLIENT: Option<SimDuration> = Some(SimDuration(2_000_000_000));
/// At once and three times.
const RETRIES: Retries = Retries { max: 3, back_off: SimDuration::ZERO, factor: 1.0, jitter: 0.0 };

/// A pool of threads before which so many may wait, and what its clients do.
#[derive(Clone, Copy)]
struct Pool {
    workers: u32,
    queue: Option<u32>,
    timeout: Option<SimDuration>,
    retries: Retries,
}

/// The rate by time: 5 s, 20 s of overload, 25 s.
fn overload(rate: f64) -> Arrivals {
    let seconds = |seconds: f64| SimTime(SimDuration::from_seconds(seconds).0);
    let points = vec![
        (seconds(5.0), 160.0),
        (seconds(5.001), rate),
        (seconds(25.0), rate),
        (seconds(25.001), 100.0),
    ];
    Arrivals::Schedule { points }
}

fn node(workers: u32, queue: Option<u32>, discipline: Discipline) -> Profile {
    let demand = Demand::plain(SimDuration::from_ms(DEMAND_MS), Shape::Exponential);
    let demands = BTreeMap::from([("work".to_owned(), demand)]);
    Profile { workers, queue, discipline, demands, ..Profile::plain("node", 1.0) }
}

/// One replication of so many seconds on one node.
fn simulated(
    profile: Profile,
    arrivals: Arrivals,
    timeout: Option<SimDuration>,
    timeout_cancels: bool,
    retries: Retries,
    (replication, seconds): (u32, f64),
) -> Observations {
    let cluster = Cluster {
        name: "gateway".to_owned(),
        roles: vec![Role::Gateway],
        tenant: None,
        nodes: 1,
        zones: 1,
        restart: None,
        probing: Probing::default(),
        profile,
        balancing: Balancing::plain(Policy::RoundRobin, HealthCheck::Perfect),
    };
    let flow = Flow { timeout, timeout_cancels, retries, ..Flow::plain("flow", "work", arrivals) };
    let deployment = Deployment { clusters: vec![cluster], ..Deployment::default() };
    let network = compile(&deployment, &[flow]).expect("it fits");
    let run = Run {
        seed: 1,
        replication,
        warm_up: SimDuration::ZERO,
        window: SimDuration::from_seconds(seconds),
        outages: &[],
        suppliers: &[],
        asked: Asked { records: true, ..Asked::default() },
    };
    simulate(&network, &run, &AtomicBool::new(false)).expect("nobody stops it")
}

const REPLICATIONS: u32 = 16;

/// Answers in time a second between these seconds, in the mean of the replications.
fn goodput(pool: Pool, rate: f64, spans: &[(f64, f64)]) -> Vec<f64> {
    let mut counts = vec![0.0; spans.len()];
    for replication in 0..REPLICATIONS {
        let node = node(pool.workers, pool.queue, Discipline::ProcessorSharing);
        let of = (replication, 50.0);
        let seen = simulated(node, overload(rate), pool.timeout, false, pool.retries, of);
        let answers = seen.records.iter().filter(|record| record.failed.is_none());
        let in_time = answers.filter(|record| (record.ended - record.began).as_ms() <= WORTH_MS);
        for ended in in_time.map(|record| record.ended.as_seconds()) {
            for (count, (from, to)) in counts.iter_mut().zip(spans) {
                *count += f64::from(u8::from((*from..*to).contains(&ended)));
            }
        }
    }
    let each = counts.into_iter().zip(spans);
    each.map(|(count, (from, to))| count / (to - from) / f64::from(REPLICATIONS)).collect()
}

#[track_caller]
fn assert_about(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} against {expected}");
}

/// The first 5 s and the last 10 s of overload, and 20 s after it.
const SPANS: [(f64, f64); 3] = [(5.0, 10.0), (15.0, 25.0), (25.0, 45.0)];

const fn pool(
    workers: u32,
    queue: Option<u32>,
    timeout: Option<SimDuration>,
    retries: Retries,
) -> Pool {
    Pool { workers, queue, timeout, retries }
}

/// The mean of 16 replications of 5 s at some 160 /s has a standard error of about 2 /s.
#[test]
fn a_pool_without_a_bound_carries_nothing_in_overload_and_long_after_it() {
    for (pool, rate, measured) in [
        (pool(400, None, None, Retries::NONE), 300.0, Some(161.0)),
        // Of the same load on the same server only 86 /s were measured here, which is not explained.
        (pool(400, None, CLIENT, Retries::NONE), 300.0, None),
        (pool(400, None, CLIENT, RETRIES), 300.0, Some(173.0)),
        (pool(400, None, CLIENT, Retries::NONE), 600.0, Some(107.0)),
    ] {
        let [first, last, after] = goodput(pool, rate, &SPANS)[..] else { panic!("three spans") };
        if let Some(measured) = measured {
            assert_about(first, measured, 0.15 * measured);
        }
        assert!(last < 0.5 && after < 0.5, "{last} and {after} /s where 0 were measured");
    }
}

#[test]
fn retries_that_keep_the_pool_busy_keep_it_so_at_a_third_of_the_load() {
    let spans = [(45.0, 50.0)];
    let after = goodput(pool(400, None, CLIENT, RETRIES), 300.0, &spans)[0];
    assert!(after < 0.5, "{after} /s where 0 were measured, 25 s after the trigger");
}

#[test]
fn a_small_pool_with_a_bounded_queue_carries_what_it_can_and_recovers_at_once() {
    let found = goodput(pool(50, Some(100), CLIENT, Retries::NONE), 300.0, &SPANS);
    for (found, measured) in found.into_iter().zip([186.0, 185.0, 107.0]) {
        assert_about(found, measured, 0.15 * measured);
    }
}

/// Where the queue is as long as the timeout, a competing dispatcher decides how much is carried (140 /s
/// were measured, 89 are simulated), but not that it recovers.
#[test]
fn a_large_pool_with_a_bounded_queue_recovers() {
    let found = goodput(pool(400, Some(100), CLIENT, Retries::NONE), 300.0, &SPANS);
    assert_about(found[0], 177.0, 0.15 * 177.0);
    assert_about(found[2], 106.0, 0.15 * 106.0);
}

/// One server, first come, first served, exponential: 100 /s, and clients who wait for 50 ms.
fn impatient(rate: f64, cancels: bool, seconds: f64) -> Vec<Observations> {
    let patience = Some(SimDuration::from_ms(50.0));
    let of = |replication| {
        let mut node = node(1, None, Discipline::FirstComeFirstServed);
        let demand = Demand::plain(SimDuration::from_ms(10.0), Shape::Exponential);
        node.demands.insert("work".to_owned(), demand);
        let arrivals = Arrivals::Poisson { rate };
        simulated(node, arrivals, patience, cancels, Retries::NONE, (replication, seconds))
    };
    (0..REPLICATIONS).map(of).collect()
}

/// The share of all requests of which this is true.
fn share(seen: &[Observations], of: impl Fn(&Observations) -> u64) -> f64 {
    let arrivals: u64 = seen.iter().map(|one| one.flows[0].arrivals).sum();
    seen.iter().map(of).sum::<u64>() as f64 / arrivals as f64
}

/// Whoever has left is served all the same, so that sojourn times are those of M/M/1, exponential with rate
/// μ − λ = 20 /s, and e^(−20 · 0.05) of them are longer than the patience. At a load of 0.8 requests are alike
/// for about a second, so that 32 000 s of 16 replications tell the share to ± 0.0036 (standard error).
#[test]
fn clients_that_give_up_leave_their_work_behind() {
    let seen = impatient(80.0, false, 2000.0);
    let late = (-1.0_f64).exp();
    assert_about(share(&seen, |one| one.flows[0].failures()), late, 0.0126);
    assert_about(share(&seen, |one| one.flows[0].wasted), late, 0.0126);
    let busy = seen.iter().map(|one| one.clusters[0].utilisation).sum::<f64>() / seen.len() as f64;
    assert_about(busy, 0.8, 0.01);
}

/// Those who take their work with them shorten the line for the others: 14.92 % of 95 /s give up, as the
/// authors of Ciw found (issue 197 there). The standard error of the share is below 0.0005.
#[test]
fn clients_that_cancel_shorten_the_line() {
    let seen = impatient(95.0, true, 600.0);
    assert_about(share(&seen, |one| one.flows[0].failures()), 0.1492, 0.002);
    assert_eq!(share(&seen, |one| one.flows[0].wasted), 0.0);
}
