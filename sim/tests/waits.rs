//! Waits that hold: what a request keeps while it waits for a key manager or for the database.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use sim::deployment::routes::{INTROSPECTION, compile};
use sim::deployment::{
    Arrivals, Bursts, Cluster, Database, Demand, Deployment, Flow, FlowKind, Profile, Role, Token,
    TokenStore, Tokens,
};
use sim::engine::{Asked, Observations, Run, simulate};
use sim::random::{Law, Shape};
use sim::theory::mmc;
use sim::time::SimDuration;

/// A node of two cores on which everything costs 10 µs.
fn node() -> Profile {
    let demand = || Demand::plain(SimDuration::from_ms(0.01), Shape::Constant);
    let names = ["work", INTROSPECTION];
    let demands: BTreeMap<String, Demand> = names.map(|name| (name.to_owned(), demand())).into();
    Profile { demands, ..Profile::plain("node", 2.0) }
}

fn constant(ms: f64) -> Law {
    Law::constant(SimDuration::from_ms(ms))
}

fn cluster(role: Role, nodes: u32, profile: Profile) -> Cluster {
    Cluster { nodes, ..Cluster::plain(role.name(), &[role], profile) }
}

fn flow(kind: FlowKind, arrivals: Arrivals) -> Flow {
    Flow { kind, ..Flow::plain("flow", "work", arrivals) }
}

/// Users who do not think.
fn users(users: u32) -> Arrivals {
    Arrivals::Closed { users, think: constant(0.0) }
}

fn looked_up(flow: Flow) -> Flow {
    Flow { token: Token::Opaque, tokens: Tokens::Alike { cache_miss: 1.0 }, ..flow }
}

fn run(flows: &[Flow], clusters: Vec<Cluster>, seconds: f64) -> Observations {
    let deployment = Deployment { clusters, ..Deployment::default() };
    let network = compile(&deployment, flows).expect("it fits");
    let run = Run {
        seed: 1,
        replication: 0,
        warm_up: SimDuration::from_seconds(5.0),
        window: SimDuration::from_seconds(seconds),
        outages: &[],
        suppliers: &[],
        asked: Asked::default(),
    };
    simulate(&network, &run, &AtomicBool::new(false)).expect("nobody stops it")
}

#[track_caller]
fn assert_about(found: f64, expected: f64, tolerance: f64) {
    assert!((found / expected - 1.0).abs() < tolerance, "{found} against {expected}");
}

/// Tokens a second that key managers with this database make for 200 users.
fn tokens(nodes: u32, key_manager: Profile) -> f64 {
    let clusters = vec![cluster(Role::KeyManager, nodes, key_manager)];
    let seen = run(&[flow(FlowKind::Token, users(200))], clusters, 20.0);
    seen.flows[0].answered as f64 / 20.0
}

#[test]
fn connections_bound_what_the_nodes_ask_of_a_database() {
    for (nodes, pool) in [(1, 5), (2, 5), (2, 10)] {
        let database = Database { pool, ..Database::answering_after(constant(20.0)) };
        let key_manager = Profile { database: Some(database), ..node() };
        let bound = f64::from(nodes * pool) / 0.020;
        assert_about(tokens(nodes, key_manager), bound, 0.005);
    }
}

#[test]
fn tokens_that_are_kept_nowhere_do_not_wait_for_the_database_and_portal_pages_do() {
    let database = Some(Database::answering_after(constant(20.0)));
    let key_manager = Profile { database, token_store: TokenStore::Nowhere, ..node() };
    let mean = |kind, profile: &Profile| {
        let roles = [Role::KeyManager, Role::Publisher];
        let clusters = vec![Cluster::plain("server", &roles, profile.clone())];
        let seldom = Arrivals::Deterministic { rate: 10.0 };
        let seen = run(&[flow(kind, seldom)], clusters, 20.0);
        seen.flows[0].sojourn_sum / seen.flows[0].answered as f64
    };
    assert_about(mean(FlowKind::Token, &key_manager), 1e-5, 0.001);
    assert_about(mean(FlowKind::Portal, &key_manager), 0.020_01, 0.001);
    let keeps = Profile { token_store: TokenStore::Database, ..key_manager };
    assert_about(mean(FlowKind::Token, &keeps), 0.020_01, 0.001);
}

#[test]
fn the_calls_under_way_at_a_database_are_rate_times_delay() {
    let database = Database::answering_after(constant(20.0));
    let key_manager = Profile { database: Some(database), ..node() };
    let clusters =
        vec![cluster(Role::Gateway, 2, node()), cluster(Role::KeyManager, 2, key_manager)];
    let tokens = Tokens::Alike { cache_miss: 0.25 };
    let api = Flow { token: Token::Opaque, tokens, ..flow(FlowKind::Api, users(1)) };
    let flows = [flow(FlowKind::Token, users(1)), api];
    let deployment = Deployment { clusters, ..Deployment::default() };
    let network = compile(&deployment, &flows).expect("it fits");
    // 300 tokens a second, and a quarter of 400 calls asks for one.
    assert_about(network.database_calls(1, &[300.0, 400.0]), (300.0 + 100.0) * 0.020, 1e-12);
    assert_eq!(network.database_calls(0, &[300.0, 400.0]), 0.0);
}

#[test]
fn a_database_serves_no_more_than_it_can_however_many_nodes_ask() {
    for nodes in [1, 2, 4] {
        let database = Database { at_once: Some(3), ..Database::answering_after(constant(20.0)) };
        let key_manager = Profile { database: Some(database), ..node() };
        assert_about(tokens(nodes, key_manager), 3.0 / 0.020, 0.005);
    }
}

#[test]
fn workers_bound_what_waits_for_the_database() {
    for bursts in [Bursts::Equal(1), Bursts::Equal(4), Bursts::Reactor { buffer_kib: 16.0 }] {
        let database = Some(Database::answering_after(constant(20.0)));
        let key_manager = Profile { workers: 4, database, bursts, ..node() };
        // Ten microseconds of work beside twenty milliseconds.
        assert_about(tokens(1, key_manager), 4.0 / 0.020_01, 0.005);
    }
}

/// M/M/3: Erlang's C formula.
#[test]
fn calls_of_several_nodes_wait_for_the_database_as_in_one_line() {
    let delay = Law { mean: SimDuration::from_ms(20.0), shape: Shape::Exponential };
    let database = Database { delay, pool: 1000, at_once: Some(3) };
    let key_manager = Profile { workers: 1000, database: Some(database), ..node() };
    let clusters = vec![cluster(Role::KeyManager, 4, key_manager)];
    let seen = run(&[flow(FlowKind::Token, Arrivals::Poisson { rate: 120.0 })], clusters, 4000.0);
    let mean = seen.flows[0].sojourn_sum / seen.flows[0].answered as f64;
    // 480 000 requests: the standard error of the mean is about 1 %.
    assert_about(mean, mmc::mean_sojourn(120.0, 50.0, 3) + 1e-5, 0.03);
}

/// Calls a second of 200 users that a gateway of four workers carries, and how many of its workers are
/// busy.
fn calls(flow: Flow, database: Option<Law>) -> (f64, f64) {
    let database = database.map(Database::answering_after);
    let clusters = vec![
        cluster(Role::Gateway, 1, Profile { workers: 4, ..node() }),
        cluster(Role::KeyManager, 1, Profile { database, ..node() }),
    ];
    // Somebody uses the key manager in any case.
    let seldom = self::flow(FlowKind::Token, Arrivals::Deterministic { rate: 1.0 });
    let seen = run(&[flow, seldom], clusters, 20.0);
    (seen.flows[0].answered as f64 / 20.0, seen.clusters[0].workers_busy)
}

#[test]
fn a_worker_waits_for_the_key_manager_and_not_for_a_backend() {
    let api = flow(FlowKind::Api, users(200));
    let (carried, busy) = calls(looked_up(api.clone()), Some(constant(20.0)));
    assert_about(carried, 4.0 / 0.020_02, 0.005);
    assert_about(busy, 4.0, 0.005);
    let (carried, busy) = calls(Flow { backend: Some(constant(20.0)), ..api }, None);
    assert_about(carried, 200.0 / 0.020, 0.05);
    assert!(busy < 1.0, "{busy}");
}

#[test]
fn a_slow_token_service_stalls_calls_that_need_no_token_check() {
    let patient = looked_up(flow(FlowKind::Api, users(500)));
    let other = flow(FlowKind::Api, Arrivals::Poisson { rate: 50.0 });
    let p50 = |workers| {
        let slow = Some(Database::answering_after(constant(1000.0)));
        let clusters = vec![
            cluster(Role::Gateway, 1, Profile { workers, ..node() }),
            cluster(Role::KeyManager, 1, Profile { database: slow, ..node() }),
        ];
        let seen = run(&[patient.clone(), other.clone()], clusters, 60.0);
        seen.flows[1].sojourn.quantile(0.5).expect("some are answered")
    };
    // Fifty connections of a second each: with 400 workers, those who come wait for a worker first.
    assert!(p50(400) > 1e9, "{} ns", p50(400));
    assert!(p50(600) < 1e6, "{} ns", p50(600));
}
