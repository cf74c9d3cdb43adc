//! A load test simulated from a known profile gives its parameters back, and what it cannot show is
//! said not to be determined.

use std::sync::atomic::AtomicBool;

use sim::calibration::{Effort, Wanted, calibrate, calibrate_some, trial};
use sim::deployment::{
    AllocationBudget, Bursts, Demand, FlowKind, GarbageCollection, Profile, Stalls,
};
use sim::experiment::Unwatched;
use sim::measurement::{BackendTimes, Collections, Known, Load, LoadTest, Measurement, ThinkTimes};
use sim::network::{Collector, Generations};
use sim::random::{Law, Shape};
use sim::stats::Silences;
use sim::time::SimDuration;

const QUANTILES: [f64; 8] = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

fn profile(demand_ms: f64, cv: f64, requests_per_pause: f64, pause_ms: f64) -> Profile {
    let mut demand = Demand::plain(SimDuration::from_ms(demand_ms), Shape::Gamma { cv });
    demand.per_kib = SimDuration::from_ms(0.02);
    let mut profile = Profile {
        bursts: Bursts::Equal(4),
        hop: Law::constant(SimDuration::from_ms(0.5)),
        gc: Some(GarbageCollection {
            budget: AllocationBudget::Requests(requests_per_pause),
            pause: SimDuration::from_ms(pause_ms),
            cv: 0.4,
            per_in_flight: SimDuration::ZERO,
            full: None,
            threads: None,
        }),
        ..Profile::plain("node", 2.0)
    };
    profile.demands.insert("call".to_owned(), demand);
    profile
}

/// What a load test of the profile would have measured: about a quarter of an hour of it.
fn measured(profile: &Profile, users: u32) -> Measurement {
    logged(profile, users, 3e6, None)
}

/// The same of about so many requests, with the silences where some are given.
fn logged(profile: &Profile, users: u32, requests: f64, silences: Option<Silences>) -> Measurement {
    simulated(profile, Measurement { silences, ..unmeasured(users) }, requests)
}

fn unmeasured(users: u32) -> Measurement {
    Measurement {
        size_kib: Some(1.0),
        backend: Some(BackendTimes { mean: SimDuration::ZERO, cv: 0.0 }),
        cores: Some(2.0),
        throughput: Some(3000.0),
        quantiles: QUANTILES.map(|probability| (probability, 0.0)).to_vec(),
        ..Measurement::of("simulated", "call", Load::Closed { users })
    }
}

/// A test with what it would have measured, of about so many requests.
fn simulated(profile: &Profile, mut test: Measurement, requests: f64) -> Measurement {
    let Load::Closed { users } = test.load else { unreachable!("tests here have users") };
    let effort = Effort { requests, seed: 77, replication: users };
    let never = AtomicBool::new(false);
    let loop_of_users = LoadTest { operations: vec![test.clone()] };
    let seen = trial(profile, FlowKind::Api, &loop_of_users, effort, &never);
    let mut seen = seen.expect("the operation is known").expect("nobody stops it");
    let seen = seen.outcomes.remove(0);
    test.throughput = Some(seen.throughput);
    test.mean = Some(seen.mean);
    test.quantiles = QUANTILES.into_iter().zip(seen.quantiles).collect();
    test.silences = seen.silences;
    test
}

#[test]
fn a_simulated_load_test_gives_its_parameters_back() {
    let truth = profile(0.6, 0.9, 4000.0, 45.0);
    let tests = [measured(&truth, 30), measured(&truth, 200)];
    let start = profile(1.5, 1.3, 9000.0, 25.0);
    let never = AtomicBool::new(false);
    let found = calibrate(&start, FlowKind::Api, &tests, 1, &Unwatched, &never).expect("fits");
    let value = |name: &str| {
        let all = &found.parameters;
        let fitted = all.iter().find(|parameter| parameter.name == name).expect("fitted");
        (fitted.value, fitted.uncertainty)
    };
    // Whatever the size costs is part of the demand where there is only one size.
    let demand = found.profile.demands["call"].mean_seconds(1.0) * 1e3;
    assert!((demand / 0.62 - 1.0).abs() < 0.02, "{demand} ms");
    for (name, truth) in [
        ("demand.call.cv", 0.9),
        ("gc.pause", 45.0),
        ("gc.requests_per_pause", 4000.0),
        ("hop", 0.5),
    ] {
        let (value, uncertainty) = value(name);
        assert!(uncertainty < 0.3, "{name}: {uncertainty}");
        assert!((value / truth - 1.0).abs() < 0.1, "{name}: {value}, not {truth}");
    }
}

#[test]
fn the_silences_of_one_load_test_give_its_pauses_back() {
    // Five minutes in which the node stands still for 30 ms about every four seconds.
    let truth = profile(0.6, 0.5, 12_000.0, 30.0);
    let tests = [logged(&truth, 100, 900_000.0, Some(Silences::default()))];
    let start = profile(1.2, 0.9, 6_000.0, 50.0);
    let never = AtomicBool::new(false);
    let found = calibrate(&start, FlowKind::Api, &tests, 1, &Unwatched, &never).expect("fits");
    let demand = found.profile.demands["call"].mean_seconds(1.0) * 1e3;
    assert!((demand / 0.62 - 1.0).abs() < 0.02, "{demand} ms");
    for (name, truth) in [("gc.pause", 30.0), ("gc.requests_per_pause", 12_000.0)] {
        let fitted = found.parameters.iter().find(|parameter| parameter.name == name);
        let value = fitted.expect("fitted").value;
        assert!((value / truth - 1.0).abs() < 0.1, "{name}: {value}, not {truth}");
    }
}

/// A node of 512 MiB whose calls allocate 200 KiB each, so that it pauses for 12 ms about twice a second.
#[test]
fn a_log_of_collections_determines_what_the_load_test_leaves_open() {
    let mut truth = profile(0.6, 0.5, 12_000.0, 12.0);
    let gc = truth.gc.as_mut().expect("it collects");
    gc.budget = AllocationBudget::Young(Generations::of(512.0));
    truth.demands.get_mut("call").expect("known").allocates.base = 200.0;
    let tests = [measured(&truth, 100)];
    let known = |value, error| Known { value, error };
    let log = Collections {
        collector: Some(Collector::G1),
        threads: Some(2.0),
        heap_mib: Some(512.0),
        initial_mib: None,
        committed_mib: 512.0,
        resident_mib: Some(0.0),
        pauses: 2000,
        allocated_mib_per_s: tests[0].throughput.map(|rate| known(rate * 200.0 / 1024.0, 0.01)),
        eden_mib: 300.0,
        young: Some(known(0.6, 0.02)),
        pause_ms: known(12.0, 0.01),
        pause_cv: 0.4,
        copied_mib: None,
        ms_per_copied_mib: None,
        full_pauses: 0,
        full_ms_per_live_mib: None,
        marking_ms_per_live_mib: None,
        exhausted: 0,
    };
    let start = profile(1.2, 0.9, 6000.0, 50.0);
    let never = AtomicBool::new(false);
    let wanted = Wanted { collections: Some(&log), ..Wanted::default() };
    let fit = |tests: &[Measurement]| {
        calibrate_some(&start, FlowKind::Api, tests, wanted, 1, &Unwatched, &never)
    };
    let found = fit(&tests).expect("fits");
    let demand = found.profile.demands["call"].mean_seconds(1.0) * 1e3;
    assert!((demand / 0.62 - 1.0).abs() < 0.03, "{demand} ms");
    for (name, truth) in
        [("demand.call.allocates", 200.0), ("gc.pause", 12.0), ("gc.young", 0.6), ("gc.cv", 0.4)]
    {
        let one = found.parameters.iter().find(|parameter| parameter.name == name);
        let one = one.unwrap_or_else(|| panic!("{name} is not known"));
        assert!((one.value / truth - 1.0).abs() < 0.1, "{name}: {}, not {truth}", one.value);
        assert!(one.uncertainty < 0.1, "{name}: {}", one.uncertainty);
    }
    let several =
        fit(&[tests[0].clone(), measured(&truth, 200)]).expect_err("of which is the log?");
    assert!(several.to_string().contains("goes with one load test, and there are 2"), "{several}");
}

/// A call of 0.6 ms and 0.02 ms a KiB, of which seven tenths are of the answer: two cores without pauses carry
/// 2 / (0.6 + 0.006 x + 0.014 y) calls of x KiB a ms that are answered with y.
#[test]
fn requests_and_answers_of_several_sizes_give_back_what_either_costs_and_nothing_else_moves() {
    let mut truth = profile(0.6, 0.5, 4000.0, 30.0);
    truth.gc = None;
    truth.demands.get_mut("call").expect("known").of_answer = 0.7;
    let sizes = [(1.0, 10.0), (1.0, 100.0), (10.0, 10.0), (10.0, 100.0)];
    let tests = sizes.map(|(asked, answered)| {
        let sizes = (Some(asked), Some(answered));
        let test = Measurement { size_kib: sizes.0, answer_kib: sizes.1, ..unmeasured(50) };
        let test = simulated(&truth, test, 1e6);
        let carried = 2000.0 / (0.6 + 0.006 * asked + 0.014 * answered);
        let off = test.throughput.expect("simulated") / carried - 1.0;
        assert!(off.abs() < 0.005, "{asked} KiB, {answered} KiB: {off}");
        test
    });
    let mut start = truth.clone();
    start.demands.get_mut("call").expect("known").of_answer = 0.5;
    start.hop = Law::constant(SimDuration::from_ms(0.6));
    let (only, never) = (["demand.call.".to_owned()], AtomicBool::new(false));
    let wanted = Wanted { names: &only, ..Wanted::default() };
    let found = calibrate_some(&start, FlowKind::Api, &tests, wanted, 1, &Unwatched, &never);
    let found = found.expect("fits");
    assert_eq!(found.profile.hop, start.hop);
    assert!(found.parameters.iter().all(|one| one.name.starts_with("demand.call.")));
    for (name, truth) in
        [("demand.call.mean", 0.6), ("demand.call.per_kib", 0.02), ("demand.call.of_answer", 0.7)]
    {
        let fitted = found.parameters.iter().find(|one| one.name == name).expect("fitted");
        assert!(fitted.uncertainty < 0.3, "{name}: {}", fitted.uncertainty);
        assert!((fitted.value / truth - 1.0).abs() < 0.05, "{name}: {}", fitted.value);
    }
}

#[test]
fn what_a_load_test_does_not_show_is_said_not_to_be_determined() {
    // So many users queue for the cores that a hop of half a millisecond is nowhere to be seen.
    let truth = profile(0.6, 0.9, 4000.0, 45.0);
    let tests = [measured(&truth, 1000)];
    let never = AtomicBool::new(false);
    let found = calibrate(&truth, FlowKind::Api, &tests, 1, &Unwatched, &never).expect("fits");
    let hop = found.parameters.iter().find(|parameter| parameter.name == "hop").expect("fitted");
    assert!(hop.uncertainty > 0.3, "{}", hop.uncertainty);
}

#[test]
fn pauses_that_a_load_test_does_not_show_do_not_keep_it_from_telling_the_demand() {
    // A short test of few users, of a node that never pauses; the search begins at one that does.
    let truth = Profile { gc: None, ..profile(5.0, 1.0, 4000.0, 45.0) };
    let tests = [logged(&truth, 10, 5_000.0, Some(Silences::default()))];
    let mut start = profile(2.0, 1.3, 4000.0, 45.0);
    let every = SimDuration::from_ms(100.0);
    start.stalls = Some(Stalls { every, pause: SimDuration::from_ms(10.0), cv: 1.0 });
    let never = AtomicBool::new(false);
    let found = calibrate(&start, FlowKind::Api, &tests, 1, &Unwatched, &never).expect("fits");
    assert_eq!((found.objections(), found.pauses_left_out), (vec![], true));
    // 5000 requests with a cv of 1 tell their mean within 1.4 %, at two standard errors 2.8 %.
    let demand = found.profile.demands["call"].mean_seconds(1.0) * 1e3;
    assert!((demand / 5.02 - 1.0).abs() < 0.03, "{demand} ms");
}

#[test]
fn pauses_that_nobody_searched_are_not_believed_since_they_fit_by_chance() {
    // Users who think leave a node so idle that its pauses would show in silences alone, and none are given:
    // kept as they were at the start, they would take a tenth from the demand.
    let truth = Profile { gc: None, ..profile(50.0, 1.0, 4000.0, 45.0) };
    let mut start = profile(40.0, 1.3, 400.0, 45.0);
    let every = SimDuration::from_ms(500.0);
    start.stalls = Some(Stalls { every, pause: SimDuration::from_ms(30.0), cv: 0.6 });
    let never = AtomicBool::new(false);
    for users in [8, 10] {
        let think = Some(ThinkTimes { mean: SimDuration::from_seconds(1.0), cv: 0.0 });
        let test = simulated(&truth, Measurement { think, ..unmeasured(users) }, 5_000.0);
        let found = calibrate(&start, FlowKind::Api, &[test], 1, &Unwatched, &never).expect("fits");
        assert!(found.pauses_left_out, "{users} users: {:?}", found.parameters);
    }
}
