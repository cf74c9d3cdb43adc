//! Small systems whose exact answer is known, simulated by the same code as every scenario.

use std::sync::atomic::AtomicBool;

use crate::deployment::{
    Arrivals, Cluster, Demand, Deployment, Discipline, Flow, FlowKind, HealthCheck, Policy,
    Profile, Retries, Role, Runtime, Token,
};
use crate::experiment::{ExperimentError, Progress, compare};
use crate::random::{Law, Shape};
use crate::results::Results;
use crate::scenario::{Goals, Replications, RunSettings, Scenario};
use crate::stats::Estimate;
use crate::theory;
use crate::time::SimDuration;

/// A system, a quantity of it, and its exact value.
#[derive(Clone, Debug)]
pub struct Case {
    /// The system, in Kendall's notation where it has one.
    pub name: String,
    /// The quantity, with its unit.
    pub quantity: Quantity,
    /// Where the exact value comes from.
    pub source: &'static str,
    /// The exact value.
    pub exact: f64,
    /// The system as a scenario.
    pub scenario: Scenario,
}

/// A quantity that the simulation estimates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// Mean sojourn time of the first flow, ms.
    MeanSojourn,
    /// A quantile of the sojourn time of the first flow, ms.
    Quantile(f64),
    /// Requests of the first flow answered per second.
    Throughput,
    /// Share of requests of the first flow that end in an error.
    ErrorFraction,
    /// Mean number of requests in flight in the first cluster.
    InFlight,
    /// Share of time in which a node of the first cluster is up.
    NodeAvailability,
}

impl Quantity {
    /// What it is called, with its unit.
    pub fn name(self) -> String {
        match self {
            Self::MeanSojourn => "mean sojourn, ms".to_owned(),
            Self::Quantile(probability) => {
                format!("p{} sojourn, ms", (probability * 1e4).round() / 100.0)
            }
            Self::Throughput => "throughput, /s".to_owned(),
            Self::ErrorFraction => "error share".to_owned(),
            Self::InFlight => "mean in flight".to_owned(),
            Self::NodeAvailability => "node availability".to_owned(),
        }
    }

    fn of(self, results: &Results) -> Option<Estimate> {
        let deployment = results.deployments.first()?;
        let (flow, cluster) = (deployment.flows.first()?, deployment.clusters.first()?);
        match self {
            Self::MeanSojourn => flow.mean_ms,
            Self::Quantile(probability) => flow.quantile_ms(probability).copied(),
            Self::Throughput => Some(flow.throughput_rps),
            Self::ErrorFraction => Some(flow.error_fraction),
            Self::InFlight => Some(cluster.in_flight),
            Self::NodeAvailability => Some(cluster.node_availability),
        }
    }
}

impl Case {
    /// Simulates the system.
    ///
    /// # Errors
    ///
    /// If it was stopped.
    pub fn estimate(
        &self,
        seed: u64,
        progress: &dyn Progress,
    ) -> Result<Option<Estimate>, ExperimentError> {
        let mut scenario = self.scenario.clone();
        scenario.run.seed = seed;
        let results = compare(&scenario, progress, &AtomicBool::new(false))?;
        Ok(self.quantity.of(&results))
    }
}

/// Mean service time of every station, seconds.
const SERVICE: f64 = 0.001;
/// Services per second of one core.
const RATE: f64 = 1.0 / SERVICE;

/// Every system that `apimsim verify` checks.
pub fn cases() -> Vec<Case> {
    [
        single_stations(),
        general_services(),
        losses(),
        networks(),
        balancers(),
        breakdowns(),
    ]
    .concat()
}

fn single_stations() -> Vec<Case> {
    let mut cases = Vec::new();
    for (discipline, short) in
        [(Discipline::FirstComeFirstServed, "FCFS"), (Discipline::ProcessorSharing, "PS")]
    {
        for (cores, load) in [(1, 0.7), (4, 0.7), (4, 0.9), (8, 0.8)] {
            let rate = load * f64::from(cores) * RATE;
            let profile = Profile { discipline, ..exponential(f64::from(cores)) };
            cases.push(Case {
                name: format!("M/M/{cores} {short}, load {load}"),
                quantity: Quantity::MeanSojourn,
                source: "Erlang C (Erlang 1917)",
                exact: 1e3 * theory::mmc::mean_sojourn(rate, RATE, cores),
                scenario: station(poisson(rate), profile, 1, Policy::RoundRobin),
            });
        }
    }
    let fcfs = Profile { discipline: Discipline::FirstComeFirstServed, ..exponential(1.0) };
    for probability in [0.5, 0.95, 0.99, 0.999] {
        cases.push(Case {
            name: "M/M/1 FCFS, load 0.7".to_owned(),
            quantity: Quantity::Quantile(probability),
            source: "the sojourn time is exponential",
            exact: 1e3 * theory::mm1::sojourn_quantile(0.7 * RATE, RATE, probability),
            scenario: station(poisson(0.7 * RATE), fcfs.clone(), 1, Policy::RoundRobin),
        });
    }
    cases.push(Case {
        name: "M/M/2 PS, load 0.7".to_owned(),
        quantity: Quantity::Quantile(0.99),
        source: "birth-death chain of a tagged request",
        exact: 1e3 * theory::processor_sharing::SojournLaw::new(1.4 * RATE, RATE, 2).quantile(0.99),
        scenario: station(poisson(1.4 * RATE), exponential(2.0), 1, Policy::RoundRobin),
    });
    cases
}

fn general_services() -> Vec<Case> {
    let shapes = [
        ("D", Shape::Constant),
        ("E4", Shape::Erlang { stages: 4 }),
        ("lognormal cv 1", Shape::Lognormal { cv: 1.0 }),
        ("gamma cv 2", Shape::Gamma { cv: 2.0 }),
        ("H2 cv 2", Shape::Hyperexponential { cv: 2.0 }),
        ("Weibull cv 2", Shape::Weibull { cv: 2.0 }),
    ];
    let rate = 0.7 * RATE;
    let mut cases = Vec::new();
    for (name, shape) in shapes {
        let cv = shape.cv();
        let profile = service(1.0, shape);
        let fcfs =
            Profile { discipline: Discipline::FirstComeFirstServed, ..profile.clone() };
        cases.push(Case {
            name: format!("M/G/1 FCFS, {name}, load 0.7"),
            quantity: Quantity::MeanSojourn,
            source: "Pollaczek–Khinchine",
            exact: 1e3 * theory::mg1::mean_sojourn(rate, SERVICE, cv),
            scenario: station(poisson(rate), fcfs, 1, Policy::RoundRobin),
        });
        cases.push(Case {
            name: format!("M/G/1 PS, {name}, load 0.7"),
            quantity: Quantity::MeanSojourn,
            source: "insensitivity (Kelly 1979)",
            exact: 1e3 * theory::processor_sharing::mean_sojourn(rate, SERVICE, 1),
            scenario: station(poisson(rate), profile, 1, Policy::RoundRobin),
        });
    }
    cases
}

fn losses() -> Vec<Case> {
    let erlang = |shape: Shape, name: &str| {
        let profile = Profile { workers: 4, queue: Some(0), ..service(4.0, shape) };
        Case {
            name: format!("M/{name}/4/4, offered load 3"),
            quantity: Quantity::ErrorFraction,
            source: "Erlang B (Erlang 1917)",
            exact: theory::erlang::erlang_b(4, 3.0),
            scenario: station(poisson(3.0 * RATE), profile, 1, Policy::RoundRobin),
        }
    };
    let bounded = |discipline: Discipline, short: &str| {
        let (workers, queue) = (2, 8);
        let profile = Profile { workers, queue: Some(queue), discipline, ..exponential(2.0) };
        let exact = theory::mmck::bounded(1.9 * RATE, RATE, 2, workers + queue);
        let case = |quantity, exact| Case {
            name: format!("M/M/2/10 {short}, load 0.95"),
            quantity,
            source: "birth-death chain",
            exact,
            scenario: station(poisson(1.9 * RATE), profile.clone(), 1, Policy::RoundRobin),
        };
        [
            case(Quantity::ErrorFraction, exact.blocking),
            case(Quantity::MeanSojourn, 1e3 * exact.mean_sojourn),
        ]
    };
    let mut cases =
        vec![erlang(Shape::Exponential, "M"), erlang(Shape::Lognormal { cv: 2.0 }, "LN")];
    cases.extend(bounded(Discipline::FirstComeFirstServed, "FCFS"));
    cases.extend(bounded(Discipline::ProcessorSharing, "PS"));
    cases
}

fn networks() -> Vec<Case> {
    let rate = 1.4 * RATE;
    let tandem = theory::open_network::tandem_mean_sojourn(rate, &[(RATE, 2), (RATE, 3)]);
    let mut cases = vec![Case {
        name: "M/M/2 then M/M/3, 1400 /s".to_owned(),
        quantity: Quantity::MeanSojourn,
        source: "Burke 1956",
        exact: 1e3 * tandem,
        scenario: two_stations(poisson(rate), exponential(2.0), exponential(3.0), None),
    }];
    let split = theory::open_network::random_split_mean_sojourn(2.1 * RATE, 3, RATE, 1);
    cases.push(Case {
        name: "random split onto 3 × M/M/1, load 0.7".to_owned(),
        quantity: Quantity::MeanSojourn,
        source: "thinning of a Poisson process",
        exact: 1e3 * split,
        scenario: station(poisson(2.1 * RATE), exponential(1.0), 3, Policy::Random),
    });
    let (users, think, backend) = (40, 0.02, 0.01);
    let closed = theory::closed_network::closed(
        &[
            theory::closed_network::Station::Delay { seconds: think + backend },
            theory::closed_network::Station::Queue { demand: SERVICE, servers: 1 },
            theory::closed_network::Station::Queue { demand: SERVICE, servers: 2 },
        ],
        users,
    );
    let arrivals = Arrivals::Closed { users, think: exponential_law(think) };
    let scenario = two_stations(
        arrivals,
        exponential(1.0),
        exponential(2.0),
        Some(exponential_law(backend)),
    );
    let name = "closed, 40 users: think, 1 core, 2 cores, backend";
    cases.push(Case {
        name: name.to_owned(),
        quantity: Quantity::Throughput,
        source: "exact mean value analysis (Reiser and Lavenberg 1980)",
        exact: closed.throughput,
        scenario: scenario.clone(),
    });
    cases.push(Case {
        name: name.to_owned(),
        quantity: Quantity::MeanSojourn,
        source: "exact mean value analysis (Reiser and Lavenberg 1980)",
        exact: 1e3 * (f64::from(users) / closed.throughput - think),
        scenario,
    });
    cases
}

fn balancers() -> Vec<Case> {
    let mut cases = Vec::new();
    for cores in [1, 2] {
        let rate = 2.0 * 0.8 * f64::from(cores) * RATE;
        for (policy, name) in
            [(Policy::LeastOutstanding, "least outstanding"), (Policy::PowerOfTwo, "power of two")]
        {
            cases.push(Case {
                name: format!("{name} onto 2 × M/M/{cores}, load 0.8"),
                quantity: Quantity::MeanSojourn,
                source: "join the shortest queue, chain solved numerically",
                exact: 1e3
                    * theory::least_outstanding::two_node_mean_sojourn(rate, RATE, cores),
                scenario: station(poisson(rate), exponential(f64::from(cores)), 2, policy),
            });
        }
    }
    let rate = 3.0 * 0.8 * RATE;
    cases.push(Case {
        name: "round robin onto 3 × M/M/1, load 0.8".to_owned(),
        quantity: Quantity::MeanSojourn,
        source: "E3/M/1 (Takács 1962)",
        exact: 1e3 * theory::round_robin::mean_sojourn(rate, 3, RATE, 1),
        scenario: station(poisson(rate), exponential(1.0), 3, Policy::RoundRobin),
    });
    cases
}

fn breakdowns() -> Vec<Case> {
    let (mtbf, mttr) = (0.5, 0.1);
    let profile = Profile {
        mtbf: Some(SimDuration::from_seconds(mtbf)),
        mttr: SimDuration::from_seconds(mttr),
        discipline: Discipline::FirstComeFirstServed,
        ..exponential(1.0)
    };
    let exact = theory::breakdown::mm1_with_crashes(0.8 * RATE, RATE, 1.0 / mtbf, 1.0 / mttr);
    let case = |quantity, source, exact| Case {
        name: "M/M/1 with crashes, load 0.8, MTBF 500, MTTR 100 ms".to_owned(),
        quantity,
        source,
        exact,
        scenario: station(poisson(0.8 * RATE), profile.clone(), 1, Policy::RoundRobin),
    };
    let chain = "M/M/1 with catastrophes (Chao 1995)";
    vec![
        case(
            Quantity::NodeAvailability,
            "MTBF / (MTBF + MTTR)",
            theory::availability::availability(mtbf, mttr),
        ),
        case(Quantity::Throughput, chain, exact.throughput),
        case(Quantity::ErrorFraction, chain, exact.refused_share + exact.destroyed_share),
        case(Quantity::MeanSojourn, chain, 1e3 * exact.mean_sojourn),
        case(Quantity::InFlight, chain, exact.mean_number),
    ]
}

fn poisson(rate: f64) -> Arrivals {
    Arrivals::Poisson { rate }
}

fn exponential_law(mean_seconds: f64) -> Law {
    Law { mean: SimDuration::from_seconds(mean_seconds), shape: Shape::Exponential }
}

fn exponential(cores: f64) -> Profile {
    service(cores, Shape::Exponential)
}

fn service(cores: f64, shape: Shape) -> Profile {
    let mean = SimDuration::from_seconds(SERVICE);
    let demand = Demand { mean, per_kib: SimDuration::ZERO, shape };
    let mut profile = Profile { workers: 1_000_000, ..Profile::plain("station", cores) };
    profile.demands.insert("work".to_owned(), demand);
    profile
}

/// One flow through one cluster.
fn station(arrivals: Arrivals, profile: Profile, nodes: u32, policy: Policy) -> Scenario {
    scenario(flow(arrivals), vec![cluster(Role::Gateway, profile, nodes, policy)])
}

/// One flow through one station, another, and a backend.
fn two_stations(
    arrivals: Arrivals,
    first: Profile,
    second: Profile,
    backend: Option<Law>,
) -> Scenario {
    let integration = Some(Runtime::MicroIntegrator);
    let flow = Flow { integration, backend, ..flow(arrivals) };
    let clusters = vec![
        cluster(Role::Gateway, first, 1, Policy::RoundRobin),
        cluster(Role::MicroIntegrator, second, 1, Policy::RoundRobin),
    ];
    scenario(flow, clusters)
}

fn cluster(role: Role, profile: Profile, nodes: u32, policy: Policy) -> Cluster {
    Cluster {
        name: role.name().to_owned(),
        roles: vec![role],
        tenant: None,
        nodes,
        profile,
        policy,
        health: HealthCheck::Perfect,
    }
}

fn flow(arrivals: Arrivals) -> Flow {
    Flow {
        name: "requests".to_owned(),
        kind: FlowKind::Api,
        tenant: "default".to_owned(),
        arrivals,
        operation: "work".to_owned(),
        size_kib: 0.0,
        token: Token::Jwt,
        integration: None,
        mediation: "work".to_owned(),
        backend: None,
        timeout: None,
        retries: Retries::NONE,
    }
}

/// Long enough for half-widths under 1 % at the loads above.
fn scenario(flow: Flow, clusters: Vec<Cluster>) -> Scenario {
    Scenario {
        title: "Verification".to_owned(),
        question: String::new(),
        flows: vec![flow],
        deployments: vec![Deployment {
            name: "system".to_owned(),
            pattern: "custom".to_owned(),
            clusters,
        }],
        drills: Vec::new(),
        goals: Goals::default(),
        run: RunSettings {
            window: SimDuration::from_seconds(120.0),
            warm_up: Some(SimDuration::from_seconds(2.0)),
            replications: Replications::Fixed(16),
            seed: 1,
            confidence: 0.95,
        },
    }
}
