//! Load tests of several operations: simulated as one loop of users they have the means that product-form
//! theory gives, and a fit gives the demand of each operation back.

use std::sync::atomic::AtomicBool;

use sim::calibration::{Effort, calibrate, trial};
use sim::deployment::{Demand, FlowKind, Profile};
use sim::experiment::Unwatched;
use sim::measurement::{BackendTimes, Load, LoadTest, Measurement, load_tests};
use sim::random::{Law, Shape};
use sim::theory::closed_network::{Station, closed};
use sim::time::SimDuration;

const USERS: u32 = 24;
/// Share of the requests, and demand in milliseconds.
const OPERATIONS: [(&str, f64, f64); 3] =
    [("read", 0.7, 4.0), ("write", 0.25, 12.0), ("health", 0.05, 1.0)];
/// Mean demand of a request.
const DEMAND: f64 = (0.7 * 4.0 + 0.25 * 12.0 + 0.05 * 1.0) * 1e-3;
const QUANTILES: [f64; 6] = [0.1, 0.25, 0.5, 0.75, 0.9, 0.99];

/// Two cores, shared; nothing but the demands takes time.
fn profile(demands: [f64; 3]) -> Profile {
    let mut profile =
        Profile { hop: Law::constant(SimDuration::ZERO), ..Profile::plain("node", 2.0) };
    for ((name, _, _), ms) in OPERATIONS.into_iter().zip(demands) {
        let demand = Demand::plain(SimDuration::from_ms(ms), Shape::Gamma { cv: 1.0 });
        profile.demands.insert(name.to_owned(), demand);
    }
    profile
}

/// A row of a test that had so many requests a second in all.
fn row(operation: &str, throughput: f64, mean: f64, backend: BackendTimes) -> Measurement {
    Measurement {
        backend: Some(backend),
        cores: Some(2.0),
        requests: Some((throughput * 600.0) as u64),
        throughput: Some(throughput),
        mean: Some(mean),
        quantiles: QUANTILES.map(|probability| (probability, 0.0)).to_vec(),
        error_fraction: Some(0.0),
        test: Some("one test".to_owned()),
        ..Measurement::of("simulated", operation, Load::Closed { users: USERS })
    }
}

/// What exact mean value analysis says of these operations with so much time elsewhere for each request;
/// under processor sharing each stays in proportion to its demand.
fn exact(think: f64, backend: f64) -> Vec<Measurement> {
    let elsewhere = Station::Delay { seconds: think + backend };
    let mut stations = vec![Station::Queue { demand: DEMAND, servers: 2 }];
    stations.extend(Some(elsewhere).filter(|_| think + backend > 0.0));
    let found = closed(&stations, USERS);
    let inside = f64::from(USERS) / found.throughput - think - backend;
    let times = BackendTimes { mean: SimDuration::from_seconds(backend), cv: 0.5 };
    let of = |(name, share, ms): (&str, f64, f64)| {
        let mean = backend + inside * ms * 1e-3 / DEMAND;
        row(name, share * found.throughput, mean, times)
    };
    OPERATIONS.map(of).to_vec()
}

fn simulated(profile: &Profile, test: &LoadTest, requests: f64) -> LoadTest {
    let effort = Effort { requests, seed: 5, replication: 3 };
    let seen = trial(profile, FlowKind::Api, test, effort, &AtomicBool::new(false));
    let seen = seen.expect("operations are known").expect("nobody stops it");
    let rows = test.operations.iter().zip(seen.outcomes).map(|(row, outcome)| Measurement {
        throughput: Some(outcome.throughput),
        mean: Some(outcome.mean),
        quantiles: QUANTILES.into_iter().zip(outcome.quantiles).collect(),
        ..row.clone()
    });
    LoadTest { operations: rows.collect() }
}

/// 300 000 requests of 24 users: throughputs and means of the two large operations are known to half a
/// percent.
#[test]
fn a_loop_of_users_has_the_throughput_and_means_of_product_form_theory() {
    for (think, backend) in [(0.0, 0.0), (0.05, 0.0), (0.0, 0.03), (0.02, 0.02)] {
        let tests = load_tests(&exact(think, backend));
        assert_eq!(tests.len(), 1);
        let left = tests[0].think_seconds().expect("figures are stated");
        assert!((left - think).abs() < 1e-9, "{left} s, not {think}");
        let seen = simulated(&profile([4.0, 12.0, 1.0]), &tests[0], 300_000.0);
        for (exact, seen) in tests[0].operations.iter().zip(&seen.operations) {
            let off = |of: fn(&Measurement) -> Option<f64>| {
                of(seen).expect("seen") / of(exact).expect("exact") - 1.0
            };
            let (throughput, mean) = (off(|row| row.throughput), off(|row| row.mean));
            let name = &exact.operation;
            // A twentieth of the requests is health: 15 000, of which 1/√15 000 is 0.8 %.
            assert!(throughput.abs() < 0.025, "{name}, {think} + {backend}: {throughput}");
            assert!(mean.abs() < 0.025, "{name}, {think} + {backend}: {mean}");
        }
    }
}

#[test]
fn the_demand_of_each_operation_comes_back() {
    let truth = profile([4.0, 12.0, 1.0]);
    let asked = load_tests(&exact(0.02, 0.02));
    let test = simulated(&truth, &asked[0], 200_000.0);
    let start = profile([8.0, 8.0, 8.0]);
    let never = AtomicBool::new(false);
    let rows = &test.operations;
    let found = calibrate(&start, FlowKind::Api, rows, 1, &Unwatched, &never).expect("fits");
    for (name, _, ms) in OPERATIONS {
        let demand = found.profile.demands[name].mean_seconds(0.0) * 1e3;
        assert!((demand / ms - 1.0).abs() < 0.05, "{name}: {demand} ms, not {ms}");
    }
    for test in &found.tests {
        let error = test.errors.throughput.expect("stated");
        assert!(error.abs() < 0.02, "{}: {error}", test.measured.operation);
    }
}
