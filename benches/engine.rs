//! How fast the engine is, with a checksum of what was simulated, so that speed never comes from
//! doing less. Run it with `cargo bench`.
//!
//! Times are CPU time of the simulating thread, median of the rounds; the two-thread figure is wall
//! time, rounds of one and two threads taking turns.

#![expect(clippy::print_stdout, reason = "a bench reports to its reader")]

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use rayon::prelude::*;
use sim::deployment::routes::compile;
use sim::deployment::{
    Arrivals, Cluster, Demand, Deployment, Discipline, Flow, FlowKind, Goals, HealthCheck, Policy,
    Profile, Retries, Role, Runtime, Token,
};
use sim::engine::{Observations, Run, simulate};
use sim::network::Network;
use sim::random::Shape;
use sim::time::SimDuration;

const ROUNDS: usize = 9;

fn main() {
    let peak = scenarios::load("launch-peak".as_ref(), &[]).expect("a shipped scenario").scenario;
    for deployment in &peak.deployments {
        let network = compile(deployment, &peak.flows).expect("checked when it was loaded");
        report(&format!("launch-peak, {}", deployment.name), &network, 10.0);
    }
    report("W3: 4 nodes of 4 cores, then 3 of 4 cores, FCFS", &tandem(), 100.0);
    let network = compile(&peak.deployments[1], &peak.flows).expect("checked");
    report_threads(&network);
}

fn report(name: &str, network: &Network, window_seconds: f64) {
    let mut nanos = Vec::new();
    let mut seen = None;
    for _ in 0..ROUNDS {
        let started = ThreadTime::now();
        seen = replication(network, 0, window_seconds);
        nanos.push(started.elapsed().as_nanos() as f64);
    }
    let seen = seen.expect("nothing stops it");
    let requests: u64 = seen.flows.iter().map(|flow| flow.whole.arrived).sum();
    let (events, requests) = (seen.events as f64, requests as f64);
    println!(
        "{name}: {:.1} M events/s, {:.1} ns/event, {:.0} ns/request, {:.1} events/request \
         (fastest round {:.1} M events/s; checksum {:016x})",
        events / median(&mut nanos) * 1e3,
        median(&mut nanos) / events,
        median(&mut nanos) / requests,
        events / requests,
        events / nanos[0] * 1e3,
        checksum(&seen),
    );
}

fn report_threads(network: &Network) {
    let pool = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start")
    };
    let pools = [pool(1), pool(2)];
    let mut seconds = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (pool, seconds) in pools.iter().zip(&mut seconds) {
            seconds.push(wall(|| {
                pool.install(|| {
                    (0..8).into_par_iter().for_each(|replication| {
                        self::replication(network, replication, 2.0);
                    });
                });
            }));
        }
    }
    let [one, two] = &mut seconds;
    println!("two threads against one: {:.2} times as fast", median(one) / median(two));
}

fn replication(network: &Network, replication: u32, window_seconds: f64) -> Option<Observations> {
    let run = Run {
        seed: 1,
        replication,
        warm_up: SimDuration::from_seconds(1.0),
        window: SimDuration::from_seconds(window_seconds),
        outages: &[],
        series: 0,
        timeline: false,
        records: false,
        silences: false,
    };
    simulate(network, &run, &AtomicBool::new(false))
}

/// W3 of the comparison of engines: requests at 9000 /s through 4 nodes of 4 cores, then 3 nodes of 4
/// cores, first come first served, exponential services of 1 ms, round robin.
fn tandem() -> Network {
    let flow = Flow {
        name: "requests".to_owned(),
        kind: FlowKind::Api,
        tenant: "default".to_owned(),
        arrivals: Arrivals::Poisson { rate: 9000.0 },
        operation: "work".to_owned(),
        size_kib: 0.0,
        token: Token::Jwt,
        integration: Some(Runtime::MicroIntegrator),
        mediation: "work".to_owned(),
        backend: None,
        timeout: None,
        retries: Retries::NONE,
        goals: Goals::default(),
    };
    let clusters = vec![fcfs(Role::Gateway, 4), fcfs(Role::MicroIntegrator, 3)];
    let deployment =
        Deployment { name: "tandem".to_owned(), pattern: "custom".to_owned(), clusters };
    compile(&deployment, &[flow]).expect("the roles and demands are there")
}

fn fcfs(role: Role, nodes: u32) -> Cluster {
    let discipline = Discipline::FirstComeFirstServed;
    let mut profile = Profile { discipline, ..Profile::plain("station", 4.0) };
    let mean = SimDuration::from_ms(1.0);
    let demand = Demand::plain(mean, Shape::Exponential);
    profile.demands.insert("work".to_owned(), demand);
    Cluster {
        name: role.name().to_owned(),
        roles: vec![role],
        tenant: None,
        nodes,
        profile,
        policy: Policy::RoundRobin,
        health: HealthCheck::Perfect,
    }
}

fn wall(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().max(Duration::from_nanos(1)).as_secs_f64()
}

/// Sorts the values and returns the middle one.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A number that changes with whatever was simulated.
fn checksum(seen: &Observations) -> u64 {
    let parts = seen.flows.iter().flat_map(|flow| {
        [flow.answered, flow.failures(), flow.retries, flow.sojourn_sum.to_bits()]
    });
    parts.fold(seen.events, |sum, part| {
        sum.rotate_left(7) ^ part.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    })
}
