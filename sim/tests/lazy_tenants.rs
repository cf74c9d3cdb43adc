//! Tenants that gateways load when they are called: beside closed forms, in whole replications.

mod gateways;

use std::sync::atomic::AtomicBool;

use gateways::{calls, gateways};
use sim::cause::Cause;
use sim::deployment::routes::compile;
use sim::deployment::{
    Balancing, Cluster, Deployment, Flow, Forgets, HealthCheck, Policy, Profile, Role,
};
use sim::engine::{Asked, Change, Observations, Outage, Run, simulate};
use sim::theory::idleness::Idleness;
use sim::time::SimDuration;

fn seconds(seconds: f64) -> SimDuration {
    SimDuration::from_seconds(seconds)
}

/// Gateways that load 10 APIs of `acme` a second, of which there are so many.
fn lazy(nodes: u32, apis: u32, forgets: Forgets) -> Cluster {
    let balancing = Balancing::plain(Policy::Random, HealthCheck::Perfect);
    let mut cluster = gateways(nodes, balancing);
    cluster.apis.insert("acme".to_owned(), apis);
    cluster.profile.apis_per_second = Some(10.0);
    cluster.profile.lazy_tenants = Some(forgets);
    cluster
}

fn of_acme(rate: f64) -> Flow {
    Flow { tenant: "acme".to_owned(), ..calls(rate) }
}

/// What flows see in a window of so many seconds.
fn run(
    clusters: Vec<Cluster>,
    flows: &[Flow],
    outages: &[Outage],
    (seed, window): (u64, f64),
) -> Observations {
    let deployment = Deployment { clusters, ..Deployment::default() };
    let network = compile(&deployment, flows).expect("it fits");
    let run = Run {
        seed,
        replication: 0,
        warm_up: SimDuration::ZERO,
        window: seconds(window),
        outages,
        suppliers: &[],
        asked: Asked::default(),
    };
    simulate(&network, &run, &AtomicBool::new(false)).expect("nobody stops it")
}

/// On two nodes that get half of the calls each by chance, in a tenth of a million calls of which some 1 to 25 in a
/// hundred come in vain: in some 500 loadings or more, so that a standard error is 4 per cent or less.
#[test]
fn calls_come_in_vain_as_often_as_the_closed_form_says() {
    for (rate, idle, sweep, apis) in [(0.8, 10.0, 2.0, 5), (4.0, 2.0, 1.0, 8), (0.4, 5.0, 5.0, 20)]
    {
        let forgets = Forgets { idle: seconds(idle), sweep: seconds(sweep) };
        let clusters = vec![lazy(2, apis, forgets)];
        let seen = run(clusters, &[of_acme(rate)], &[], (3, 100_000.0 / rate));
        let flow = &seen.flows[0];
        let failed = flow.failed[Cause::NotDeployed] as f64;
        assert_eq!(flow.failures(), flow.failed[Cause::NotDeployed]);
        let law = Idleness { period: sweep, timeout: idle, takes: f64::from(apis) / 10.0 };
        let (found, exact) = (failed / flow.arrivals as f64, law.in_vain_share(0.5 * rate));
        assert!((found / exact - 1.0).abs() < 0.12, "{rate} /s: {found}, not {exact}");
    }
}

/// A node that comes back after 1 s, in which 20 calls are lost of 20 /s on average, loads the tenant with the first call:
/// that one is lost, and all within the next 4 s, 80 on average. Of 40 replications the standard error is 1.6.
#[test]
fn a_restart_costs_each_tenant_the_calls_of_its_loading_and_one() {
    let forgets = Forgets { idle: seconds(1800.0), sweep: seconds(60.0) };
    let outage = Outage { node: 0, begins: Change::Crash, at: seconds(5.0), lasts: seconds(1.0) };
    let lost = |clusters: Vec<Cluster>, flow: Flow| {
        let lost = |seed| {
            let seen = run(clusters.clone(), std::slice::from_ref(&flow), &[outage], (seed, 30.0));
            seen.flows[0].failures() as f64
        };
        (1..=40).map(lost).sum::<f64>() / 40.0
    };
    let found = lost(vec![lazy(1, 40, forgets)], of_acme(20.0));
    assert!((found - 101.0).abs() < 5.5, "{found}");
    // Those of the tenant that is always there are loaded before anything is served.
    let mut eager = lazy(1, 40, forgets);
    eager.apis = [(Flow::DEFAULT_TENANT.to_owned(), 40)].into();
    let found = lost(vec![eager], calls(20.0));
    assert!((found - 100.0).abs() < 5.5, "{found}");
}

/// While the control plane is away a tenant that has been unloaded does not come back: it is asked for at 5 s and tried
/// every 5 s, with a control plane that is up again at 22 s, so that it is there at 25 + 2 s.
#[test]
fn a_tenant_waits_for_the_control_plane() {
    let forgets = Forgets { idle: seconds(1800.0), sweep: seconds(60.0) };
    let control = Cluster::plain(
        "control-plane",
        &[Role::Publisher, Role::KeyManager],
        Profile {
            demands: gateways(1, Balancing::plain(Policy::Random, HealthCheck::Perfect))
                .profile
                .demands,
            ..Profile::plain("control", 2.0)
        },
    );
    let pages = Flow { kind: sim::deployment::FlowKind::Portal, backend: None, ..calls(1.0) };
    let outage =
        |node, begins, at, lasts| Outage { node, begins, at: seconds(at), lasts: seconds(lasts) };
    let outages = [outage(0, Change::Crash, 5.0, 0.0), outage(1, Change::Crash, 2.0, 20.0)];
    let clusters = vec![lazy(1, 20, forgets), control];
    let lost = |seed| {
        let flows = [of_acme(50.0), pages.clone()];
        let seen = run(clusters.clone(), &flows, &outages, (seed, 60.0));
        seen.flows[0].failed[Cause::NotDeployed] as f64
    };
    // 50 /s for 22 s; of 10 replications a standard error of 10.5.
    let found = (1..=10).map(lost).sum::<f64>() / 10.0;
    assert!((found - 1100.0).abs() < 37.0, "{found}");
}
