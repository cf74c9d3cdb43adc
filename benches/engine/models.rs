//! What is timed: networks made by hand, and a shipped scenario.

use scenarios::load;
use sim::deployment::routes::compile;
use sim::deployment::{
    Arrivals, Balancing, Cluster, Demand, Deployment, Discipline, Flow, HealthCheck, Policy,
    Profile, Role, Runtime, SharedFailures,
};
use sim::network::Network;
use sim::random::{Law, Shape};
use sim::time::SimDuration;

/// Something to time.
pub(crate) struct Model {
    /// What it is.
    pub(crate) name: String,
    pub(crate) network: Network,
    /// Simulated time of a round.
    pub(crate) window_seconds: f64,
}

/// Everything that is timed.
pub(crate) fn all() -> Vec<Model> {
    let mut models = launch_peak();
    models.push(w3("least outstanding", Policy::LeastOutstanding));
    models.push(w3("random", Policy::Random));
    models.push(w3_of_round_robin());
    for policy in [Policy::RoundRobin, Policy::LeastOutstanding, Policy::PowerOfTwo, Policy::Random]
    {
        models.extend([4, 60, 500].map(|nodes| shared(policy, nodes, 1, 5.0)));
    }
    models.extend([150, 1000].map(|flows| shared(Policy::LeastOutstanding, 4, flows, 5.0)));
    models.extend([500.0, 50_000.0].map(|ms| shared(Policy::LeastOutstanding, 4, 1, ms)));
    models
}

fn launch_peak() -> Vec<Model> {
    let peak = load("launch-peak".as_ref(), &[]).expect("a shipped scenario").scenario;
    let model = |deployment: &Deployment| Model {
        name: format!("launch-peak, {}", deployment.name),
        network: compile(deployment, &peak.flows).expect("checked when it was loaded"),
        window_seconds: 10.0,
    };
    peak.deployments.iter().map(model).collect()
}

/// W3 of comparisons of engines:
///
/// ```text
/// Poisson 1200 /s ─► 4 nodes of 4 cores, FCFS, lognormal 10 ms cv 1 ─► 3 of 4, lognormal 8 ms cv 1.5
/// ```
fn w3(routing: &str, policy: Policy) -> Model {
    let law = |mean_ms: f64, cv| Law {
        mean: SimDuration::from_ms(mean_ms),
        shape: Shape::Lognormal { cv },
    };
    let network = tandem(1200.0, [(4, law(10.0, 1.0)), (3, law(8.0, 1.5))], policy);
    Model { name: format!("W3, {routing}"), network, window_seconds: 500.0 }
}

/// The same with more and shorter work:
///
/// ```text
/// Poisson 9000 /s ─► 4 nodes of 4 cores, FCFS, exponential 1 ms ─► 3 of 4, exponential 1 ms
/// ```
fn w3_of_round_robin() -> Model {
    let law = Law { mean: SimDuration::from_ms(1.0), shape: Shape::Exponential };
    let network = tandem(9000.0, [(4, law.clone()), (3, law)], Policy::RoundRobin);
    Model { name: "W3 of short work, round robin".to_owned(), network, window_seconds: 100.0 }
}

fn tandem(rate: f64, [first, second]: [(u32, Law); 2], policy: Policy) -> Network {
    let fcfs = |role, (nodes, law): (u32, Law)| {
        let profile = Profile {
            discipline: Discipline::FirstComeFirstServed,
            ..worker(4.0, Demand::plain(law.mean, law.shape))
        };
        cluster(role, nodes, profile, policy)
    };
    let flow = flow(0, rate, Some(Runtime::MicroIntegrator), None);
    compiled(vec![fcfs(Role::Gateway, first), fcfs(Role::MicroIntegrator, second)], &[flow])
}

/// Growth: so many nodes at each of two tiers, so many flows, a backend of so many milliseconds.
///
/// ```text
/// flows ─► nodes of 4 cores, PS, 4 bursts of 0.25 ms ─► nodes of 4 cores, PS ─► backend ─┐
///   ◄──────────────────────────────────────────────────────────────────────────────────┘
/// ```
fn shared(policy: Policy, nodes: u32, flows: usize, backend_ms: f64) -> Model {
    let demand = || Demand::plain(SimDuration::from_ms(1.0), Shape::Lognormal { cv: 1.0 });
    let tier = |role| cluster(role, nodes, worker(4.0, demand()), policy);
    let rate = 0.75 * 4000.0 * f64::from(nodes);
    let backend = Law { mean: SimDuration::from_ms(backend_ms), shape: Shape::Exponential };
    let one = |index| {
        let backend = Some(backend.clone());
        flow(index, rate / flows as f64, Some(Runtime::MicroIntegrator), backend)
    };
    let network = compiled(
        vec![tier(Role::Gateway), tier(Role::MicroIntegrator)],
        &(0..flows).map(one).collect::<Vec<_>>(),
    );
    Model {
        name: format!(
            "{nodes} + {nodes} nodes, {}, {flows} flows, {backend_ms} ms behind",
            policy.name()
        ),
        network,
        window_seconds: 300_000.0 / rate + 2.0 * backend_ms / 1000.0,
    }
}

fn compiled(clusters: Vec<Cluster>, flows: &[Flow]) -> Network {
    let deployment = Deployment {
        name: "bench".to_owned(),
        pattern: "custom".to_owned(),
        clusters,
        failures: SharedFailures::default(),
    };
    compile(&deployment, flows).expect("the roles and demands are there")
}

fn worker(cores: f64, demand: Demand) -> Profile {
    let mut profile = Profile::plain("worker", cores);
    profile.demands.insert("work".to_owned(), demand);
    profile
}

fn cluster(role: Role, nodes: u32, profile: Profile, policy: Policy) -> Cluster {
    Cluster {
        nodes,
        balancing: Balancing::plain(policy, HealthCheck::Perfect),
        ..Cluster::plain(role.name(), &[role], profile)
    }
}

fn flow(index: usize, rate: f64, integration: Option<Runtime>, backend: Option<Law>) -> Flow {
    let arrivals = Arrivals::Poisson { rate };
    Flow { integration, backend, ..Flow::plain(&format!("flow {index}"), "work", arrivals) }
}
