use sim::deployment::*;
use sim::random::*;
use sim::time::*;
use std::sync::atomic::AtomicBool;
fn main() {
    let which = std::env::args().nth(1).unwrap_or("w3".into());
    let prof = |cores: f64, bursts: u8, d: Discipline| {
        let mut p = Profile {
            workers: if d == Discipline::ProcessorSharing { 400 } else { 1000000 },
            bursts,
            discipline: d,
            ..Profile::plain("p", cores)
        };
        p.demands.insert(
            "work".into(),
            Demand {
                mean: SimDuration::from_ms(1.0),
                per_kib: SimDuration::ZERO,
                shape: if bursts == 1 { Shape::Exponential } else { Shape::Lognormal { cv: 1.0 } },
            },
        );
        p.demands.insert(
            "throttle-event".into(),
            Demand {
                mean: SimDuration::from_ms(0.05),
                per_kib: SimDuration::ZERO,
                shape: Shape::Exponential,
            },
        );
        p
    };
    let c = |role: Role, p: Profile, n: u32, pol| Cluster {
        name: role.name().into(),
        roles: vec![role],
        tenant: None,
        nodes: n,
        profile: p,
        policy: pol,
        health: HealthCheck::Passive {
            max_fails: 1,
            fail_timeout: SimDuration::from_seconds(10.0),
        },
    };
    let full = which != "w3";
    let (b, d) = if full {
        (8, Discipline::ProcessorSharing)
    } else {
        (1, Discipline::FirstComeFirstServed)
    };
    let mut flow = Flow {
        name: "requests".into(),
        kind: FlowKind::Api,
        tenant: "default".into(),
        arrivals: Arrivals::Poisson { rate: 1.0 },
        operation: "work".into(),
        size_kib: 0.0,
        token: Token::Jwt,
        integration: None,
        mediation: "work".into(),
        backend: None,
        timeout: None,
        retries: Retries::NONE,
    };
    flow.arrivals = Arrivals::Poisson { rate: 9000.0 };
    flow.integration = Some(Runtime::MicroIntegrator);
    let mut p1 = prof(4.0, b, d);
    let mut p2 = prof(4.0, b, d);
    if full {
        for p in [&mut p1, &mut p2] {
            p.hop = Law::constant(SimDuration::from_ms(0.7));
            p.gc = Some(GarbageCollection {
                requests_per_pause: 3500.0,
                pause: SimDuration::from_ms(55.0),
                cv: 0.55,
                per_in_flight: SimDuration::from_ms(0.03),
            });
            p.mtbf = Some(SimDuration::from_seconds(2592000.0));
        }
        flow.timeout = Some(SimDuration::from_seconds(30.0));
        flow.retries =
            Retries { max: 2, back_off: SimDuration::from_ms(100.0), factor: 2.0, jitter: 0.5 };
        flow.backend =
            Some(Law { mean: SimDuration::from_ms(40.0), shape: Shape::Lognormal { cv: 0.8 } });
    }
    let mut cl = vec![
        c(Role::Gateway, p1, 4, Policy::RoundRobin),
        c(Role::MicroIntegrator, p2, 3, Policy::RoundRobin),
    ];
    if full {
        let p = prof(4.0, 8, d);
        cl.push(c(Role::TrafficManager, p, 2, Policy::RoundRobin));
    }
    let dep = Deployment { name: "d".into(), pattern: "x".into(), clusters: cl };
    let net = routes::compile(&dep, &[flow]).unwrap();
    for rep in 0..3 {
        let run = sim::engine::Run {
            seed: 1,
            replication: rep,
            warm_up: SimDuration::from_seconds(1.0),
            window: SimDuration::from_seconds(
                std::env::args().nth(2).and_then(|s| s.parse().ok()).unwrap_or(100.0),
            ),
            outages: &[],
            series: 0,
            timeline: false,
        };
        let t = std::time::Instant::now();
        let o = sim::engine::simulate(&net, &run, &AtomicBool::new(false)).unwrap();
        let e = t.elapsed().as_secs_f64();
        let n = o.flows[0].whole.arrived as f64;
        println!(
            "{which}: {:.1} ns/request {:.1} M events/s, {:.1} events/request, answered {} p99 {:.2} util {:.3}",
            e * 1e9 / n,
            o.events as f64 / e / 1e6,
            o.events as f64 / n,
            o.flows[0].answered,
            o.flows[0].sojourn.quantile(0.99).unwrap() / 1e6,
            o.clusters[0].utilisation
        );
    }
}
