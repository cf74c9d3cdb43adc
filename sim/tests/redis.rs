//! Bursts that gateways count together in Redis: a call that a worker waits for, beside closed forms.

mod gateways;

use std::sync::atomic::AtomicBool;

use gateways::{calls, gateways};
use sim::deployment::routes::compile;
use sim::deployment::{Balancing, Deployment, Flow, HealthCheck, Policy, Redis, Throttle};
use sim::engine::{Asked, Observations, Run, simulate};
use sim::network::{Network, Supplier, SupplierFailure, SupplierOutage};
use sim::random::{Law, Shape};
use sim::theory::mmc;
use sim::time::SimDuration;

fn seconds(seconds: f64) -> SimDuration {
    SimDuration::from_seconds(seconds)
}

/// Calls of which so many a second are admitted.
fn with_burst(rate: f64, burst: u32) -> Flow {
    Flow { throttle: Throttle { limit: None, burst: Some(burst) }, ..calls(rate) }
}

/// Two gateways with so many workers each.
fn network(workers: u32, redis: Redis, flows: &[Flow]) -> Network {
    let balancing = Balancing::plain(Policy::Random, HealthCheck::Perfect);
    let mut cluster = gateways(2, balancing);
    (cluster.profile.workers, cluster.profile.redis) = (workers, Some(redis));
    let deployment = Deployment { clusters: vec![cluster], ..Deployment::default() };
    compile(&deployment, flows).expect("it fits")
}

fn run(network: &Network, suppliers: &[SupplierOutage], window: f64) -> Observations {
    let run = Run {
        seed: 1,
        replication: 0,
        warm_up: seconds(60.0),
        window: seconds(window),
        outages: &[],
        suppliers,
        asked: Asked::default(),
    };
    simulate(network, &run, &AtomicBool::new(false)).expect("nobody stops it")
}

/// Each gateway is a queue of its calls of Redis with its workers as servers (Erlang 1917): a call waits for one, and
/// then for Redis.
#[test]
fn a_worker_waits_for_redis() {
    let (workers, mean) = (5, 0.05);
    let delay = Law { mean: seconds(mean), shape: Shape::Exponential };
    let redis = Redis { delay, quota_buffer: 1.0 };
    for rate in [60.0, 160.0] {
        let network = network(workers, redis.clone(), &[with_burst(rate, 1_000_000)]);
        let seen = run(&network, &[], 4000.0);
        let flow = &seen.flows[0];
        let found = flow.sojourn_sum / flow.answered as f64;
        let exact = mmc::mean_sojourn(0.5 * rate, 1.0 / mean, workers) + 0.02;
        assert!((found / exact - 1.0).abs() < 0.03, "{rate} /s: {found} s, not {exact} s");
        assert_eq!(flow.failures(), 0);
    }
}

/// Of the calls in a second those of the quotas are admitted without a call, and those beyond the limit are told without one
/// as soon as it has been reached.
#[test]
fn redis_is_called_for_what_lies_between_the_quotas_and_the_limit() {
    let call = 0.03;
    let redis = Redis { delay: Law::constant(seconds(call)), quota_buffer: 0.2 };
    let of_calls = |rate: f64| {
        let network = network(400, redis.clone(), &[with_burst(rate, 1000)]);
        let seen = run(&network, &[], 200.0);
        let flow = &seen.flows[0];
        let extra = flow.sojourn_sum - 0.020_001 * flow.answered as f64;
        (flow.answered as f64 / 200.0, extra / call / 200.0)
    };
    // Half the quotas: never.
    let (answered, called) = of_calls(400.0);
    assert!((answered / 400.0 - 1.0).abs() < 0.02 && called < 1e-3 * answered, "{called} /s");
    // Twice the limit: 1000 are admitted, of which the two quotas are not asked for. One gateway is a bit ahead of the other.
    let (answered, called) = of_calls(2000.0);
    assert!((answered / 1000.0 - 1.0).abs() < 0.01, "{answered} /s");
    assert!((called - 200.0).abs() < 40.0, "{called} /s");
}

/// While Redis hangs for 20 s each of the calls that need it takes one of 40 workers, and all APIs stop; unless bursts stay
/// below the quotas.
#[test]
fn redis_that_hangs_stops_the_other_apis_of_the_gateway() {
    let hangs = SupplierOutage {
        of: Supplier::Counter,
        kind: SupplierFailure::Hang,
        at: seconds(20.0),
        lasts: seconds(20.0),
    };
    let redis = Redis { delay: Law::constant(seconds(0.001)), quota_buffer: 0.2 };
    let late = |rate: f64| {
        let other = Flow { timeout: Some(seconds(1.0)), ..calls(50.0) };
        let network = network(40, redis.clone(), &[with_burst(rate, 100), other]);
        let seen = run(&network, &[hangs], 60.0);
        seen.flows[1].failures() as f64
    };
    assert!(late(10.0) == 0.0);
    // Of 95 calls a second 80 are in the quotas, or some less as one gateway is ahead of the other: two times 40 workers are
    // gone after 5 s. From then on all 50 a second are late but for the last second's, for whom Redis is back in time: 700.
    let found = late(95.0);
    assert!((600.0..800.0).contains(&found), "{found}");
}
