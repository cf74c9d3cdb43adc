//! Limits that traffic managers count together: beside what has been measured, and a closed form.

mod gateways;

use std::sync::atomic::AtomicBool;

use gateways::{calls, gateways};
use sim::deployment::routes::{THROTTLE_EVENT, compile};
use sim::deployment::{
    Balancing, Cluster, Demand, Deployment, Flow, HealthCheck, Policy, Profile, RateLimit, Role,
    Throttle,
};
use sim::engine::{Asked, Observations, Run, simulate};
use sim::network::Network;
use sim::random::Shape;
use sim::time::SimDuration;

/// So many in a minute.
const LIMIT: f64 = 2500.0;
/// As the product has it, seconds.
const SYNC: f64 = 1.0;

/// Calls in each of the five minutes that are published of that limit, which traffic managers count together through
/// Redis, and how many of them were admitted (wso2/api-manager issue 3961, comment of 11 August 2025).
const MEASURED: [(f64, f64); 5] =
    [(3077.0, 2490.0), (2913.0, 2486.0), (2902.0, 2490.0), (2997.0, 2537.0), (3057.0, 2529.0)];

fn seconds(seconds: f64) -> SimDuration {
    SimDuration::from_seconds(seconds)
}

/// Two gateways and two traffic managers, which take 1 ms for an event.
fn network(rate: f64, sync: Option<f64>) -> Network {
    let limit = RateLimit {
        number: LIMIT as u32,
        window: seconds(60.0),
        delay: RateLimit::DELAY_AFTER_SYNC,
        sync: sync.map(seconds),
    };
    let throttle = Throttle { limit: Some(limit), burst: None };
    let demand = Demand::plain(SimDuration::from_ms(1.0), Shape::Constant);
    let demands = [(THROTTLE_EVENT.to_owned(), demand)].into();
    let managers = Cluster {
        nodes: 2,
        ..Cluster::plain(
            "control-plane",
            &[Role::TrafficManager],
            Profile { demands, ..Profile::plain("control", 2.0) },
        )
    };
    let clusters =
        vec![gateways(2, Balancing::plain(Policy::Random, HealthCheck::Perfect)), managers];
    let deployment = Deployment { clusters, ..Deployment::default() };
    compile(&deployment, &[Flow { throttle, ..calls(rate) }]).expect("it fits")
}

/// What is seen in so many minutes after the first.
fn run(network: &Network, replication: u32, minutes: f64) -> Observations {
    let run = Run {
        seed: 1,
        replication,
        warm_up: seconds(60.0),
        window: seconds(60.0 * minutes),
        outages: &[],
        suppliers: &[],
        asked: Asked::default(),
    };
    simulate(network, &run, &AtomicBool::new(false)).expect("nobody stops it")
}

fn mean_and_variance(all: &[f64]) -> (f64, f64) {
    let count = all.len() as f64;
    let mean = all.iter().sum::<f64>() / count;
    (mean, all.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (count - 1.0))
}

/// What two admit beyond the limit in a minute in each of 100 replications, in which their clocks stand anywhere.
fn beyond_the_limit(rate: f64) -> Vec<f64> {
    let network = network(rate, Some(SYNC));
    (0..100).map(|index| run(&network, index, 1.0).flows[0].over_limit as f64).collect()
}

/// With their clocks apart by a part u of the period, the one of two that reaches the limit first knows what the other
/// has counted up to so long ago that (1/2 + u - u²) / 2 periods' calls are more than it knows: a third of a period's
/// on average of all u. To these come those of the delay.
#[test]
fn two_that_compare_their_counts_admit_what_comes_in_a_third_of_a_period_beyond_the_limit() {
    let rate = 50.0;
    let network = network(rate, Some(SYNC));
    let beyond = |index| run(&network, index, 10.0).flows[0].over_limit as f64 / 10.0;
    let all: Vec<f64> = (0..60).map(beyond).collect();
    let (mean, variance) = mean_and_variance(&all);
    let half_width = 2.6 * (variance / 60.0).sqrt();
    let expected = rate * (SYNC / 3.0 + RateLimit::DELAY_AFTER_SYNC.as_seconds());
    assert!((mean - expected).abs() < half_width, "{mean} ± {half_width}: {expected}");
    assert!(half_width < 0.06 * expected, "± {half_width}");
}

/// The five minutes are too few to tell the mean well, but they tell half a period from a whole one. That three of them
/// have up to 14 calls fewer than the limit no minute here has: what is counted here is never more than what came.
#[test]
fn what_is_admitted_beyond_a_limit_that_is_counted_together_is_as_measured() {
    let beyond = MEASURED.map(|(_, admitted)| admitted - LIMIT);
    let (mean, variance) = mean_and_variance(&beyond);
    // Student's t of four degrees of freedom at 95 %.
    let half_width = 2.776 * (variance / 5.0).sqrt();
    let rate = MEASURED.iter().map(|(calls, _)| calls).sum::<f64>() / 5.0 / 60.0;
    let all = beyond_the_limit(rate);
    let (found, _) = mean_and_variance(&all);
    assert!((found - mean).abs() < half_width, "{found}: {mean} ± {half_width}");
    let highest = beyond.iter().copied().fold(0.0, f64::max);
    let higher = all.iter().filter(|beyond| **beyond > highest).count();
    assert!(higher <= 5, "{higher} of 100 minutes have more than the highest of five");
}

#[test]
fn each_call_is_counted_by_one_of_two_or_by_both() {
    let rate = 40.0;
    for (sync, told) in [(Some(SYNC), 1.0), (None, 2.0)] {
        let network = network(rate, sync);
        let seen = run(&network, 0, 60.0);
        let cores = 4.0 * seen.clusters[1].utilisation;
        let offered = network.offered_load(1, &[rate]);
        assert!((offered - told * rate * 0.001).abs() < 1e-9, "{offered}");
        assert!((cores / offered - 1.0).abs() < 0.01, "{cores} cores, not {offered}");
    }
}
