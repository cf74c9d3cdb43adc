//! The fast engine against the plain one: networks made by hand, one feature each, and random ones.

use std::cell::Cell;
use std::sync::atomic::AtomicBool;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::{Agreement, compare};
use crate as sim;
use crate::cause::Cause;
use crate::deployment::routes::{INTROSPECTION, compile};
use crate::deployment::{
    AllocationBudget, Arrivals, Balancing, Bursts, Cluster, ColdStart, Database, Demand,
    Deployment, Discipline, Flow, FlowKind, GarbageCollection, HealthCheck, Policy, Profile,
    Retries, Role, Runtime, SharedFailures, Stalls, Token, Tokens,
};
use crate::engine::{Asked, Change, Observations, Outage, Part, Run};
use crate::network::{DEPTHS, Need, Station, Step};
use crate::random::{Law, Shape};
use crate::scenario::{Drill, Failure, Goals, Replications, RunSettings, Scenario};
use crate::time::{SimDuration, SimTime};
use random_scenario::{Feature, Features, OUTAGES, outages, prepared, scenario, suppliers};

#[path = "../../tests/random_scenario/mod.rs"]
mod random_scenario;

/// Runs both engines, the drills being outages of these kinds in turn.
fn run_with(scenario: &Scenario, kinds: &[Change]) -> (Observations, Agreement) {
    let (network, outages) = prepared(scenario, kinds);
    let suppliers = if kinds.len() > 1 { suppliers(scenario) } else { Vec::new() };
    let run = Run {
        seed: scenario.run.seed,
        replication: 0,
        warm_up: scenario.run.warm_up.unwrap_or(SimDuration::ZERO),
        window: scenario.run.window,
        outages: &outages,
        suppliers: &suppliers,
        asked: Asked::default(),
    };
    compare(&network, &run)
}

const FEATURES: [Feature; 32] = [
    Feature::Tokens,
    Feature::Restarts,
    Feature::Balancers,
    Feature::Failures,
    Feature::Closed,
    Feature::Arrivals,
    Feature::Bursts,
    Feature::Fcfs,
    Feature::Workers,
    Feature::Queues,
    Feature::Pauses,
    Feature::Hops,
    Feature::Crashes,
    Feature::ColdStart,
    Feature::Drills,
    Feature::Timeouts,
    Feature::Retries,
    Feature::Opaque,
    Feature::Events,
    Feature::Tenants,
    Feature::Policies,
    Feature::Health,
    Feature::Laws,
    Feature::Integration,
    Feature::Backends,
    Feature::Databases,
    Feature::Kinds,
    Feature::Spread,
    Feature::Reactor,
    Feature::Heap,
    Feature::Stalls,
    Feature::Overload,
];

/// A test compares so many random networks.
const CASES: u32 = 250;
#[test]
fn random_networks_with_any_features_agree() {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let generator = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, generator);
    let strategy = (proptest::bits::u64::masked(Features::ALL), proptest::num::u64::ANY);
    // Those in which the plain engine differs from itself when it rounds otherwise say nothing.
    let open = Cell::new(0);
    let result = runner.run(&strategy, |(features, seed)| {
        match agreement(Features(features), seed) {
            Agreement::HangsOnRounding(_) => open.set(open.get() + 1),
            agreement => proptest::prop_assert_eq!(agreement, Agreement::Agree),
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(open.get() <= CASES / 20, "{} of {CASES} hang on a nanosecond", open.get());
}

#[test]
fn every_feature_alone_agrees() {
    for feature in FEATURES {
        for seed in 0..4 {
            let agreement = agreement(Features(1 << feature as u64), seed);
            assert_eq!(agreement, Agreement::Agree, "{feature:?}, seed {seed}");
        }
    }
}

/// Whether the two engines agree. Outages are crashes where the seed is even, of every kind otherwise.
fn agreement(features: Features, seed: u64) -> Agreement {
    let kinds: &[Change] = if seed.is_multiple_of(2) { &[Change::Crash] } else { &OUTAGES };
    run_with(&scenario(features, seed, 3000.0), kinds).1
}

/// A node that works for 1 ms on average.
fn profile(cores: f64) -> Profile {
    let demand = |ms| Demand::plain(SimDuration::from_ms(ms), Shape::Exponential);
    let mut profile = Profile::plain("node", cores);
    profile.demands.insert("work".to_owned(), demand(1.0));
    profile.demands.insert(INTROSPECTION.to_owned(), demand(0.5));
    profile.start_up = exponential(5.0);
    profile
}

fn exponential(mean_ms: f64) -> Law {
    Law { mean: SimDuration::from_ms(mean_ms), shape: Shape::Exponential }
}

fn cluster(role: Role, nodes: u32, profile: Profile) -> Cluster {
    Cluster {
        nodes,
        balancing: Balancing::plain(Policy::LeastOutstanding, HealthCheck::Perfect),
        ..Cluster::plain(role.name(), &[role], profile)
    }
}

fn poisson(rate: f64) -> Flow {
    Flow::plain("flow", "work", Arrivals::Poisson { rate })
}

fn made(flow: Flow, clusters: Vec<Cluster>, drills: Vec<Drill>) -> Scenario {
    Scenario {
        title: String::new(),
        question: String::new(),
        flows: vec![flow],
        deployments: vec![Deployment {
            name: "made".to_owned(),
            pattern: "custom".to_owned(),
            clusters,
            failures: SharedFailures::default(),
        }],
        drills,
        goals: Goals::default(),
        survive: 0,
        horizon: crate::scenario::YEAR,
        isolation: None,
        run: RunSettings {
            whole: None,
            begins: None,
            window: SimDuration::from_seconds(2.0),
            warm_up: Some(SimDuration::from_seconds(0.2)),
            replications: Replications::Fixed(1),
            seed: 3,
            confidence: 0.95,
            least_difference: 0.01,
        },
    }
}

fn drill(role: Role, at_ms: f64, lasts_ms: f64) -> Drill {
    let (at, lasts) = (SimDuration::from_ms(at_ms), SimDuration::from_ms(lasts_ms));
    Drill { at, kind: Failure::Crash, what: role.name().to_owned(), nodes: 1, lasts }
}

const RETRY: Retries =
    Retries { max: 3, back_off: SimDuration(2_000_000), factor: 2.0, jitter: 0.5 };

/// Asserts that both observe the same, and returns it.
#[track_caller]
fn assert_agree(scenario: &Scenario) -> Observations {
    let (seen, agreement) = run_with(scenario, &[Change::Crash]);
    assert_eq!(agreement, Agreement::Agree);
    seen
}

/// Requests of the only flow that failed for a cause.
fn failed(seen: &Observations, cause: Cause) -> u64 {
    seen.flows[0].failed[cause]
}

#[test]
fn an_overloaded_node_agrees() {
    let seen = assert_agree(&made(poisson(2500.0), gateways(1), Vec::new()));
    assert!(seen.clusters[0].peak_in_flight > 900, "{:?}", seen.clusters[0]);
}

fn gateways(nodes: u32) -> Vec<Cluster> {
    vec![cluster(Role::Gateway, nodes, profile(2.0))]
}

#[test]
fn users_of_three_flows_agree_and_share_their_requests_as_stated() {
    let flow = |arrivals| Flow { arrivals, ..poisson(1.0) };
    let think = exponential(20.0);
    let of_users = |share| flow(Arrivals::OfUsers { flow: 1, share });
    let users = flow(Arrivals::Closed { users: 60, think });
    let mut scenario = made(poisson(300.0), gateways(1), Vec::new());
    scenario.flows.extend([users, of_users(0.3), of_users(0.1)]);
    let seen = assert_agree(&scenario);
    let arrived = |flow: usize| seen.flows[flow].arrivals as f64;
    let all = arrived(1) + arrived(2) + arrived(3);
    assert!(all > 1000.0, "{all}");
    for (flow, share) in [(1, 0.6), (2, 0.3), (3, 0.1)] {
        let deviation = (share * (1.0 - share) / all).sqrt();
        let found: f64 = arrived(flow) / all;
        assert!((found - share).abs() < 3.5 * deviation, "{flow}: {found}, not {share}");
    }
}

#[test]
fn a_collapse_by_retries_agrees() {
    let timeout = Some(SimDuration::from_ms(20.0));
    let flow = Flow { timeout, retries: RETRY, ..poisson(5000.0) };
    let drills = vec![drill(Role::Gateway, 500.0, 100.0)];
    let seen = assert_agree(&made(flow, gateways(2), drills));
    // Far from the outage that set it off, hardly anyone is answered.
    assert!(failed(&seen, Cause::TimedOut) > 1000, "{:?}", seen.flows[0].failed);
}

#[test]
fn a_gateway_that_crashes_while_its_requests_are_at_the_integration_agrees() {
    let flow = Flow {
        integration: Some(Runtime::MicroIntegrator),
        backend: Some(exponential(30.0)),
        retries: Retries { max: 1, ..RETRY },
        ..poisson(1500.0)
    };
    let mut clusters = gateways(2);
    clusters.push(cluster(Role::MicroIntegrator, 2, profile(2.0)));
    let lost_once = made(flow.clone(), clusters.clone(), Vec::new());
    assert_eq!(failed(&assert_agree(&lost_once), Cause::Reset), 0);
    let drills = vec![
        drill(Role::Gateway, 400.0, 100.0),
        drill(Role::MicroIntegrator, 900.0, 100.0),
        drill(Role::Gateway, 1000.0, 1.0),
    ];
    let seen = assert_agree(&made(flow, clusters, drills));
    assert!(seen.flows[0].retries > 50, "{:?}", seen.flows[0].retries);
}

#[test]
fn a_key_manager_that_crashes_while_all_connections_are_in_use_agrees() {
    let (token, tokens) = (Token::Opaque, Tokens::Alike { cache_miss: 1.0 });
    let flow =
        Flow { token, tokens, timeout: Some(SimDuration::from_ms(200.0)), ..poisson(1800.0) };
    let slow =
        Profile { database: Some(Database::answering_after(exponential(35.0))), ..profile(4.0) };
    let key_managers = cluster(Role::KeyManager, 2, slow);
    let clusters = vec![cluster(Role::Gateway, 1, profile(4.0)), key_managers];
    let drills = vec![drill(Role::KeyManager, 500.0, 300.0), drill(Role::Gateway, 1200.0, 50.0)];
    let seen = assert_agree(&made(flow, clusters, drills));
    // More than fifty are at the gateway, no more than fifty at the key managers.
    assert!(seen.clusters[0].peak_in_flight > 100 && seen.clusters[1].peak_in_flight <= 50);
    assert!(failed(&seen, Cause::Reset) > 10 && failed(&seen, Cause::TimedOut) > 10);
}

#[test]
fn workers_that_wait_with_their_requests_agree() {
    for discipline in [Discipline::ProcessorSharing, Discipline::FirstComeFirstServed] {
        for (workers, queue) in [(5, None), (5, Some(10)), (2, Some(0)), (1, None)] {
            let gateway =
                Profile { workers, queue, discipline, bursts: Bursts::Equal(3), ..profile(2.0) };
            let database = Database { pool: 3, ..Database::answering_after(exponential(8.0)) };
            let key_manager =
                Profile { workers: 4, database: Some(database), discipline, ..profile(2.0) };
            let flow = Flow {
                token: Token::Opaque,
                tokens: Tokens::Alike { cache_miss: 0.3 },
                backend: Some(exponential(20.0)),
                timeout: Some(SimDuration::from_ms(150.0)),
                retries: Retries { max: 1, ..RETRY },
                ..poisson(700.0)
            };
            let clusters =
                vec![cluster(Role::Gateway, 2, gateway), cluster(Role::KeyManager, 2, key_manager)];
            let drills =
                vec![drill(Role::Gateway, 900.0, 100.0), drill(Role::KeyManager, 1400.0, 50.0)];
            let seen = assert_agree(&made(flow, clusters, drills));
            let flow = &seen.flows[0];
            assert!(flow.answered + flow.wasted > 100, "{:?}", flow.whole);
        }
    }
}

#[test]
fn a_database_that_key_managers_share_agrees() {
    let database = Database { delay: exponential(4.0), pool: 6, at_once: Some(5) };
    let node = Profile {
        database: Some(database),
        replication: 0.5,
        bursts: Bursts::Equal(2),
        ..profile(4.0)
    };
    let flow = Flow {
        kind: FlowKind::Token,
        timeout: Some(SimDuration::from_ms(100.0)),
        retries: RETRY,
        ..poisson(1500.0)
    };
    let clusters = vec![cluster(Role::KeyManager, 3, node)];
    let calm = made(flow.clone(), clusters.clone(), Vec::new());
    let seen = assert_agree(&calm);
    // Five at once, 4 ms each, of which most are for clients that have given up.
    let carried = (seen.flows[0].answered + seen.flows[0].wasted) as f64 / 2.0;
    assert!((800.0..=1250.0).contains(&carried), "{carried}");
    let drills = vec![drill(Role::KeyManager, 700.0, 200.0)];
    assert_agree(&made(flow, clusters, drills));
}

#[test]
fn finite_queues_agree() {
    for discipline in [Discipline::ProcessorSharing, Discipline::FirstComeFirstServed] {
        let node = Profile {
            workers: 3,
            queue: Some(4),
            discipline,
            bursts: Bursts::Equal(2),
            ..profile(2.0)
        };
        let flow = Flow { backend: Some(exponential(2.0)), ..poisson(4500.0) };
        let clusters = vec![cluster(Role::Gateway, 2, node)];
        let seen = assert_agree(&made(flow, clusters, Vec::new()));
        assert!(failed(&seen, Cause::Rejected) > 500, "{:?}", seen.flows[0].failed);
    }
}

#[test]
fn random_crashes_with_cold_starts_agree() {
    let by_time = ColdStart::ByTime { factor: 5.0, decay: SimDuration::from_ms(50.0) };
    let by_requests = ColdStart::ByRequests { first: 20.0, requests: 200.0 };
    for policy in Policy::ALL.map(|(policy, _)| policy) {
        let interval = SimDuration::from_ms(10.0);
        for (health, cold) in [
            (HealthCheck::Perfect, by_requests),
            (HealthCheck::Passive { max_fails: 1, fail_timeout: interval }, by_time),
            (HealthCheck::probes(interval, 2, 2), by_requests),
        ] {
            let node = Profile {
                mtbf: Some(SimDuration::from_ms(150.0)),
                mttr: SimDuration::from_ms(20.0),
                cold_start: Some(cold),
                ..profile(2.0)
            };
            let balancing = Balancing::plain(policy, health);
            let clusters = vec![Cluster { balancing, ..cluster(Role::Gateway, 3, node) }];
            let seen = assert_agree(&made(poisson(2500.0), clusters, Vec::new()));
            assert!(seen.clusters[0].crashes > 20 && failed(&seen, Cause::Reset) > 0);
        }
    }
}

#[test]
fn a_retry_begins_with_its_first_burst() {
    let node = Profile { bursts: Bursts::Equal(4), ..profile(2.0) };
    let timeout = Some(SimDuration::from_ms(2.0));
    let flow = Flow { timeout, retries: RETRY, ..poisson(1000.0) };
    assert_agree(&made(flow, vec![cluster(Role::Gateway, 1, node)], Vec::new()));
}

#[test]
fn an_outage_during_a_start_up_keeps_the_node_down() {
    let node = Profile { start_up: Law::constant(SimDuration::from_ms(200.0)), ..profile(2.0) };
    let drills = vec![drill(Role::Gateway, 500.0, 100.0), drill(Role::Gateway, 700.0, 600.0)];
    let seen = assert_agree(&made(poisson(100.0), vec![cluster(Role::Gateway, 1, node)], drills));
    // Down from 0.5 s to 0.7 + 0.6 + 0.2 s of 2 s.
    assert!((seen.clusters[0].up_share - 0.5).abs() < 1e-9, "{}", seen.clusters[0].up_share);
}

#[test]
fn workers_are_counted_through_pauses() {
    let node = Profile { gc: Some(COLLECTIONS), ..profile(2.0) };
    let scenario = made(poisson(1200.0), vec![cluster(Role::Gateway, 1, node)], Vec::new());
    let seen = assert_agree(&scenario);
    // A request holds one for 1 ms of work and for the pauses, 6 a second of 20 ms with those who wait.
    assert!(seen.clusters[0].workers_busy > 1.2 + 6.0 * 0.02 * 2.0, "{:?}", seen.clusters[0]);
}

#[test]
fn a_request_that_reaches_its_node_when_it_crashes_is_lost() {
    let hop = Law::constant(SimDuration::from_ms(1.0));
    let node = Profile { hop, ..profile(1.0) };
    // Log files give whole milliseconds, drills whole seconds.
    let arrivals = Arrivals::Trace { times: vec![SimTime(999_000_000)] };
    let flow = Flow { arrivals, ..poisson(1.0) };
    let drills = vec![drill(Role::Gateway, 1000.0, 100.0)];
    let seen = assert_agree(&made(flow, vec![cluster(Role::Gateway, 1, node)], drills));
    assert_eq!(failed(&seen, Cause::Reset), 1);
}

#[test]
fn a_refused_attempt_is_passed_on_to_another_node() {
    for policy in Policy::ALL.map(|(policy, _)| policy) {
        let health =
            HealthCheck::Passive { max_fails: 3, fail_timeout: SimDuration::from_ms(10.0) };
        let node = cluster(Role::Gateway, 2, profile(2.0));
        let drills = vec![drill(Role::Gateway, 500.0, 1000.0)];
        let clusters = vec![Cluster { balancing: Balancing::plain(policy, health), ..node }];
        let seen = assert_agree(&made(poisson(500.0), clusters, drills));
        assert_eq!(failed(&seen, Cause::Refused), 0, "{policy:?}");
    }
}

/// A collection of 20 ms after each 200 requests.
const COLLECTIONS: GarbageCollection = GarbageCollection {
    budget: AllocationBudget::Requests(200.0),
    pause: SimDuration(20_000_000),
    cv: 0.0,
    per_in_flight: SimDuration::ZERO,
    full: None,
    threads: None,
};

/// A stall of 50 ms after each 200 ms of work.
const STALLS: Stalls =
    Stalls { every: SimDuration(200_000_000), pause: SimDuration(50_000_000), cv: 0.0 };

#[test]
fn a_node_stalls_after_work_that_is_done_however_long_a_burst_is() {
    let stalls = Some(STALLS);
    for (cores, users) in [(1.0, 1), (2.0, 1), (2.0, 5)] {
        let mut node = Profile { stalls, ..profile(cores) };
        let hour = Demand::plain(SimDuration::from_seconds(3600.0), Shape::Constant);
        node.demands.insert("work".to_owned(), hour);
        let think = Law::constant(SimDuration::ZERO);
        let flow = Flow { arrivals: Arrivals::Closed { users, think }, ..poisson(1.0) };
        let clusters = vec![cluster(Role::Gateway, 1, node)];
        let seen = &assert_agree(&made(flow, clusters, Vec::new())).clusters[0];
        // Work of so many cores leads to the next stall, in which all stop.
        let working = f64::from(users).min(cores);
        let cycle = 0.2 / working + 0.05;
        // In 2 s the share of a cycle that is stalled is off by at most one stall.
        assert!((seen.stall_share - 0.05 / cycle).abs() <= 0.05 / 2.0, "{seen:?}");
        let busy = working / cores * (1.0 - seen.stall_share);
        assert!((seen.utilisation - busy).abs() < 1e-6, "{seen:?}");
    }
}

/// More than twice as much is offered as the cores can do. What stops them goes with what they do, not
/// with what is offered, so that work, collections and stalls fill them.
#[test]
fn work_collections_and_stalls_add_up_on_an_overloaded_node() {
    for (discipline, bursts) in [
        (Discipline::ProcessorSharing, Bursts::Equal(4)),
        (Discipline::ProcessorSharing, Bursts::Reactor { buffer_kib: 16.0 }),
        (Discipline::FirstComeFirstServed, Bursts::Equal(4)),
    ] {
        let (gc, stalls) = (Some(COLLECTIONS), Some(STALLS));
        let mut node = Profile { bursts, discipline, gc, stalls, ..profile(2.0) };
        let demand = node.demands.get_mut("work").expect("it works");
        demand.on_workers = 0.4;
        let clusters = vec![cluster(Role::Gateway, 1, node)];
        let seen = &assert_agree(&made(poisson(3000.0), clusters, Vec::new())).clusters[0];
        assert!((seen.occupied_share() - 1.0).abs() < 1e-6, "{seen:?}");
        // Cores work for utilisation × 2 of each second; a request is 1 ms of work.
        let stalls = seen.utilisation * 2.0 / 0.2 * 0.05;
        assert!((seen.stall_share - stalls).abs() < 0.05 / 2.0, "{seen:?}");
        let collections = seen.utilisation * 2.0 / 0.001 / 200.0 * 0.02;
        // Over 2 s a collection more or less is 1 %; demands differ from their mean, too.
        assert!((seen.gc_share - collections).abs() < 0.02, "{seen:?}");
    }
}

/// Runs both with one outage of the first node in the middle of the window of 2 s, for half a second.
#[track_caller]
fn assert_agree_on(begins: Change, flow: Flow, health: HealthCheck) -> Observations {
    let balancing = Balancing::plain(Policy::LeastOutstanding, health);
    let clusters = vec![Cluster { balancing, ..cluster(Role::Gateway, 2, profile(2.0)) }];
    let drills = vec![drill(Role::Gateway, 800.0, 500.0)];
    let (seen, agreement) = run_with(&made(flow, clusters, drills), &[begins]);
    assert_eq!(agreement, Agreement::Agree);
    seen
}

#[test]
fn a_node_that_hangs_takes_requests_that_it_answers_when_it_goes_on() {
    let flow = poisson(1000.0);
    let seen = assert_agree_on(
        Change::Hang,
        flow,
        HealthCheck::Passive { max_fails: 1, fail_timeout: SimDuration::from_ms(10.0) },
    );
    assert_eq!((seen.flows[0].failures(), seen.clusters[0].crashes), (0, 0));
    // By least outstanding requests, the node that hangs gets as many as wait at the other.
    let late = seen.flows[0].sojourn.quantile(1.0).expect("some are answered");
    assert!((0.45e9..0.6e9).contains(&late), "{late}");
    assert!((seen.clusters[0].up_share - 0.875).abs() < 1e-9, "{}", seen.clusters[0].up_share);
}

/// Requests that come to a node that hangs split the bursts that are in service there as one, and book what
/// these have allocated: enough for a collection, which must not keep the node from going on.
#[test]
fn a_collection_that_is_due_while_a_node_hangs_does_not_hold_it_up() {
    let budget = AllocationBudget::Requests(1.0);
    let gc = Some(GarbageCollection { budget, pause: SimDuration(1_000_000), ..COLLECTIONS });
    let node = Profile { gc, workers: 4, bursts: Bursts::Equal(8), ..profile(2.0) };
    let check = HealthCheck::Passive { max_fails: 1, fail_timeout: SimDuration::from_ms(10.0) };
    let balancing = Balancing::plain(Policy::RoundRobin, check);
    for seed in 0..20 {
        let clusters = vec![Cluster { balancing, ..cluster(Role::Gateway, 1, node.clone()) }];
        let drills = vec![drill(Role::Gateway, 800.0, 100.0)];
        let mut scenario = made(poisson(400.0), clusters, drills);
        scenario.run.seed = seed;
        let (seen, agreement) = run_with(&scenario, &[Change::Hang]);
        assert_eq!(agreement, Agreement::Agree);
        // 400 /s over 2 s, but for what still waits in the end.
        assert!(seen.flows[0].answered > 600, "{:?}", seen.flows[0].whole);
    }
}

#[test]
fn a_node_that_drains_loses_nothing_and_gets_nothing() {
    let seen = assert_agree_on(Change::Drain, poisson(1000.0), HealthCheck::Perfect);
    assert_eq!((seen.flows[0].failures(), seen.clusters[0].crashes), (0, 0));
    let late = seen.flows[0].sojourn.quantile(1.0).expect("some are answered");
    assert!(late < 0.1e9, "{late}");
}

#[test]
fn a_node_that_is_stopped_loses_what_it_has_and_has_not_crashed() {
    let seen = assert_agree_on(Change::Stop, poisson(3000.0), HealthCheck::Perfect);
    assert!(failed(&seen, Cause::Reset) > 0);
    assert_eq!(seen.clusters[0].crashes, 0);
}

#[test]
fn lines_whose_clients_give_up_agree() {
    for (queue, bursts) in [(None, 1), (None, 3), (Some(20), 2)] {
        let discipline = Discipline::FirstComeFirstServed;
        let bursts = Bursts::Equal(bursts);
        let node = Profile { queue, workers: 3, discipline, bursts, ..profile(3.0) };
        let timeout = Some(SimDuration::from_ms(30.0));
        let integration = Some(Runtime::MicroIntegrator);
        let flow = Flow { timeout, integration, retries: RETRY, ..poisson(3300.0) };
        let clusters = vec![
            cluster(Role::Gateway, 2, node.clone()),
            Cluster {
                balancing: Balancing::plain(Policy::Random, HealthCheck::Perfect),
                ..cluster(Role::MicroIntegrator, 1, node)
            },
        ];
        let seen = assert_agree(&made(flow, clusters, Vec::new()));
        let failed = failed(&seen, if queue.is_some() { Cause::Rejected } else { Cause::TimedOut });
        assert!(failed > 50, "{:?}", seen.flows[0].failed);
    }
}

/// Following requests changes nothing, and finds where all their time went: the observer asserts that the
/// parts of each request add up.
#[test]
fn what_is_followed_happens_as_it_would_otherwise() {
    for seed in 0..40 {
        let scenario = scenario(Features(Features::ALL >> (seed % 3)), seed, 2000.0);
        let network = compile(&scenario.deployments[0], &scenario.flows).expect("it fits");
        let outages = outages(&scenario, &network, &OUTAGES);
        let run = Run {
            seed,
            replication: 0,
            warm_up: SimDuration::from_ms(100.0),
            window: scenario.run.window,
            outages: &outages,
            suppliers: &[],
            asked: Asked::default(),
        };
        let asked = Asked { attribution: true, ..run.asked };
        let never = AtomicBool::new(false);
        let simulated = |run: &Run<'_>| crate::engine::simulate(&network, run, &never);
        let plain = simulated(&run).expect("nobody stops it");
        let followed = simulated(&Run { asked, ..run }).expect("nobody stops it");
        let attributed = followed.attributed.as_ref().expect("asked for");
        for (flow, alike) in plain.flows.iter().zip(attributed) {
            let followed: u64 = alike.values().map(|alike| alike.requests).sum();
            assert_eq!(followed, flow.answered, "seed {seed}");
            let nanos: u64 = alike.values().flat_map(|alike| alike.nanos.values()).sum();
            assert!(
                (nanos as f64 * 1e-9 - flow.sojourn_sum).abs() < 1e-9 * flow.sojourn_sum + 1e-9
            );
        }
    }
}

/// In an M/M/1 queue shared by all, a request of 1 ms at a load of 0.7 takes 1 / 0.3 ms, of which 1 ms is
/// its own work.
#[test]
fn work_and_sharing_are_told_apart() {
    let scenario = made(poisson(700.0), vec![cluster(Role::Gateway, 1, profile(1.0))], Vec::new());
    let network = compile(&scenario.deployments[0], &scenario.flows).expect("it fits");
    let run = Run {
        seed: 1,
        replication: 0,
        warm_up: SimDuration::from_seconds(5.0),
        window: SimDuration::from_seconds(1000.0),
        outages: &[],
        suppliers: &[],
        asked: Asked { attribution: true, ..Asked::default() },
    };
    let seen = crate::engine::simulate(&network, &run, &AtomicBool::new(false)).expect("runs");
    let mut ms = [(Part::Work, 0.0), (Part::Sharing, 0.0)];
    for (place, nanos) in seen.attributed.expect("asked for")[0].values().flat_map(|a| &a.nanos) {
        let (_, sum) = ms.iter_mut().find(|(part, _)| *part == place.part).expect("nothing else");
        *sum += *nanos as f64 / 1e6 / seen.flows[0].answered as f64;
    }
    // Standard errors: 0.0012 of the work of 700 000, about 0.03 of the rest (Whitt 1989).
    assert!((ms[0].1 - 1.0).abs() < 0.004, "{ms:?}");
    assert!((ms[1].1 - 0.7 / 0.3).abs() < 0.09, "{ms:?}");
}

/// An only node at a load of 1.5, which a second joins after a third of the window: what has piled up is
/// gone in the time that the three cores too many by then take for it.
#[test]
fn a_node_that_comes_late_takes_its_part_from_then_on() {
    let checks = [
        HealthCheck::Perfect,
        HealthCheck::Passive { max_fails: 1, fail_timeout: SimDuration::from_ms(100.0) },
    ];
    for check in checks {
        let late = Cluster {
            balancing: Balancing::plain(Policy::LeastOutstanding, check),
            ..cluster(Role::Gateway, 2, profile(4.0))
        };
        let scenario = made(poisson(6000.0), vec![late], Vec::new());
        let mut network = compile(&scenario.deployments[0], &scenario.flows).expect("it fits");
        network.clusters[0].absent = 1;
        let (at, lasts) = (SimDuration::from_ms(600.0), SimDuration::from_seconds(9.0));
        let joins = Outage { node: 1, begins: Change::Start, at, lasts };
        let run = Run {
            seed: 3,
            replication: 0,
            warm_up: SimDuration::ZERO,
            window: SimDuration::from_seconds(1.8),
            outages: &[joins],
            suppliers: &[],
            asked: Asked::default(),
        };
        let (seen, agreement) = compare(&network, &run);
        assert_eq!(agreement, Agreement::Agree);
        // 2000 more than it can come each second for 0.6 s, give or take four standard errors of the 3600
        // that arrive and of the 2400 that are served; the other is started in 5 ms on average.
        let peak = f64::from(seen.clusters[0].peak_in_flight);
        let spread = 4.0 * (3600.0_f64 + 2400.0).sqrt();
        assert!((peak - 1200.0).abs() < spread, "{peak}");
        // That is worked off at 2000 a second in 0.6 s, and in the last of them they share 3 of 4 cores.
        let seconds = 1.8 * seen.clusters[0].utilisation * 2.0;
        assert!((seconds - (0.6 + 1.2 + 0.9)).abs() < 0.1, "{seconds}");
        assert_eq!(failed(&seen, Cause::Refused) + failed(&seen, Cause::NoNode), 0);
    }
}

/// Calls from node to node, as deep as they nest, are a tandem: at each of the single servers a request takes
/// 1 / (service rate − rate) on average (Jackson 1957), and what waits for its answer holds nothing.
#[test]
fn calls_within_calls_are_a_tandem() {
    let flow = Flow { integration: Some(Runtime::MicroIntegrator), ..poisson(600.0) };
    let clusters = vec![
        cluster(Role::Gateway, 1, profile(1.0)),
        cluster(Role::MicroIntegrator, 1, profile(1.0)),
    ];
    let scenario = made(flow, clusters, Vec::new());
    let mut network = compile(&scenario.deployments[0], &scenario.flows).expect("it fits");
    let mut steps = vec![Step::Attempt];
    let law = network.scaled(&Shape::Exponential, 1e6);
    for depth in 0..DEPTHS {
        if depth > 1 {
            let first_node = network.nodes();
            network.clusters.push(Station { first_node, ..network.clusters[1].clone() });
        }
        let cluster = depth as u16;
        steps.push(Step::Enter { cluster, depth, sticky: false, idempotent: false });
        steps.push(Step::Work {
            depth,
            burst: law,
            first: 0,
            end: 1,
            need: Need::work(depth),
            on_worker: true,
            admission: true,
            allocates: 0.0,
            share: 1.0,
            keeps: false,
        });
    }
    steps.extend((0..DEPTHS).rev().map(|depth| Step::Leave { depth }));
    steps.push(Step::Answer);
    (network.steps, network.flows[0].first_step) = (steps, 0);
    let run = Run {
        seed: 1,
        replication: 0,
        warm_up: SimDuration::from_seconds(5.0),
        window: SimDuration::from_seconds(2000.0),
        outages: &[],
        suppliers: &[],
        asked: Asked::default(),
    };
    let seen = crate::engine::simulate(&network, &run, &AtomicBool::new(false)).expect("runs");
    let mean_ms = seen.flows[0].sojourn_sum / seen.flows[0].answered as f64 * 1e3;
    // 2.5 ms each. The standard error of one is about 2.5 √(4 · 0.6 / (0.4² · 1.2 million)) = 0.009 ms (Whitt
    // 1989), of all together half as much again as of four that know nothing of one another at most.
    assert!((mean_ms - 2.5 * DEPTHS as f64).abs() < 0.08, "{mean_ms}");
    let short = Run { window: SimDuration::from_seconds(3.0), ..run };
    assert_eq!(compare(&network, &short).1, Agreement::Agree);
}
