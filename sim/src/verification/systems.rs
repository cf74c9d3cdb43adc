//! The systems of which the exact answer is known.

use super::{Case, Known, Truth};
use crate::deployment::{
    Arrivals, Balancing, Cluster, Demand, Deployment, Discipline, Flow, HealthCheck, Policy,
    Profile, Role, Runtime, SharedFailures,
};
use crate::quantity::Quantity;
use crate::random::{Law, Shape};
use crate::scenario::{Goals, Replications, RunSettings, Scenario};
use crate::theory;
use crate::time::SimDuration;

/// Mean service time of every station, seconds.
const SERVICE: f64 = 0.001;
/// Services per second of one core.
const RATE: f64 = 1.0 / SERVICE;

const DISCIPLINES: [(Discipline, &str); 2] =
    [(Discipline::FirstComeFirstServed, "FCFS"), (Discipline::ProcessorSharing, "PS")];
/// Requests that a case simulates: enough for half-widths under 1 % at the loads chosen.
const REQUESTS: f64 = 15e6;
const REPLICATIONS: u32 = 32;
/// With some fifty intervals at this level, one of them misses its truth in one of 20 verifications.
const CONFIDENCE: f64 = 0.999;

/// Systems of queues, some of which crash.
pub(super) fn cases() -> Vec<Case> {
    [single_stations(), general_services(), losses(), networks(), balancers(), breakdowns()]
        .concat()
}

fn single_stations() -> Vec<Case> {
    let mut cases = Vec::new();
    for (discipline, short) in DISCIPLINES {
        for (cores, load) in [(1, 0.7), (4, 0.7), (8, 0.8)] {
            let rate = load * f64::from(cores) * RATE;
            let profile = Profile { discipline, ..exponential(f64::from(cores)) };
            let mean = theory::mmc::mean_sojourn(rate, RATE, cores);
            cases.push(Case {
                name: format!("M/M/{cores} {short}, load {load}"),
                scenario: station(poisson(rate), profile, 1, Policy::RoundRobin),
                truths: vec![mean_sojourn(mean, "Erlang C (Erlang 1917)")],
            });
        }
    }
    let quantile = |probability| Truth {
        of: Known::Quantity(Quantity::quantile(probability)),
        exact: 1e3 * theory::mm1::sojourn_quantile(0.7 * RATE, RATE, probability),
        source: "the sojourn time is exponential",
    };
    cases[0].truths.extend([0.5, 0.95, 0.99].map(quantile));
    // A tail needs more requests than a mean.
    cases[0].scenario.run.window = SimDuration(2 * cases[0].scenario.run.window.0);
    let law = theory::processor_sharing::SojournLaw::new(1.4 * RATE, RATE, 2);
    cases.push(Case {
        name: "M/M/2 PS, load 0.7".to_owned(),
        scenario: station(poisson(1.4 * RATE), exponential(2.0), 1, Policy::RoundRobin),
        truths: vec![Truth {
            of: Known::Quantity(Quantity::quantile(0.99)),
            exact: 1e3 * law.quantile(0.99),
            source: "birth-death chain of a tagged request",
        }],
    });
    cases
}

fn general_services() -> Vec<Case> {
    let shapes = [
        ("D", Shape::Constant),
        ("E4", Shape::Erlang { stages: 4 }),
        ("LN (cv 1)", Shape::Lognormal { cv: 1.0 }),
        ("Gamma (cv 2)", Shape::Gamma { cv: 2.0 }),
        ("H2 (cv 2)", Shape::Hyperexponential { cv: 2.0 }),
        ("Weibull (cv 2)", Shape::Weibull { cv: 2.0 }),
    ];
    let rate = 0.6 * RATE;
    let mut cases = Vec::new();
    for (name, shape) in shapes {
        for (discipline, short) in DISCIPLINES {
            let truth = match discipline {
                Discipline::FirstComeFirstServed => mean_sojourn(
                    theory::mg1::mean_sojourn(rate, SERVICE, shape.cv()),
                    "Pollaczek–Khinchine",
                ),
                Discipline::ProcessorSharing => mean_sojourn(
                    theory::processor_sharing::mean_sojourn(rate, SERVICE, 1),
                    "insensitivity (Kelly 1979)",
                ),
            };
            let profile = Profile { discipline, ..service(1.0, shape.clone()) };
            cases.push(Case {
                name: format!("M/{name}/1 {short}, load 0.6"),
                scenario: station(poisson(rate), profile, 1, Policy::RoundRobin),
                truths: vec![truth],
            });
        }
    }
    cases
}

fn losses() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, shape) in [("M", Shape::Exponential), ("LN (cv 2)", Shape::Lognormal { cv: 2.0 })] {
        let profile = Profile { workers: 4, queue: Some(0), ..service(4.0, shape) };
        cases.push(Case {
            name: format!("M/{name}/4/4, offered load 3"),
            scenario: station(poisson(3.0 * RATE), profile, 1, Policy::RoundRobin),
            truths: vec![Truth {
                of: Known::Quantity(Quantity::ErrorRate),
                exact: theory::erlang::erlang_b(4, 3.0),
                source: "Erlang B (Erlang 1917)",
            }],
        });
    }
    let (workers, queue, source) = (2, 8, "birth-death chain");
    let exact = theory::mmck::bounded(1.9 * RATE, RATE, 2, workers + queue);
    for (discipline, short) in DISCIPLINES {
        let profile = Profile { workers, queue: Some(queue), discipline, ..exponential(2.0) };
        let blocking =
            Truth { of: Known::Quantity(Quantity::ErrorRate), exact: exact.blocking, source };
        cases.push(Case {
            name: format!("M/M/2/10 {short}, load 0.95"),
            scenario: station(poisson(1.9 * RATE), profile, 1, Policy::RoundRobin),
            truths: vec![blocking, mean_sojourn(exact.mean_sojourn, source)],
        });
    }
    cases
}

fn networks() -> Vec<Case> {
    let rate = 1.4 * RATE;
    let tandem = theory::open_network::tandem_mean_sojourn(rate, &[(RATE, 2), (RATE, 3)]);
    let split = theory::open_network::random_split_mean_sojourn(2.1 * RATE, 3, RATE, 1);
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
    let backend = Some(exponential_law(backend));
    let source = "exact mean value analysis (Reiser and Lavenberg 1980)";
    vec![
        Case {
            name: "M/M/2 then M/M/3, 1400 /s".to_owned(),
            scenario: two_stations(poisson(rate), exponential(2.0), exponential(3.0), None),
            truths: vec![mean_sojourn(tandem, "Burke 1956")],
        },
        Case {
            name: "random split onto 3 × M/M/1, load 0.7".to_owned(),
            scenario: station(poisson(2.1 * RATE), exponential(1.0), 3, Policy::Random),
            truths: vec![mean_sojourn(split, "thinning of a Poisson process")],
        },
        Case {
            name: "closed, 40 users: think, 1 core, 2 cores, backend".to_owned(),
            scenario: two_stations(arrivals, exponential(1.0), exponential(2.0), backend),
            truths: vec![
                Truth {
                    of: Known::Quantity(Quantity::Throughput),
                    exact: closed.throughput,
                    source,
                },
                mean_sojourn(f64::from(users) / closed.throughput - think, source),
            ],
        },
    ]
}

fn balancers() -> Vec<Case> {
    let mut cases = Vec::new();
    for cores in [1, 2] {
        let rate = 2.0 * 0.7 * f64::from(cores) * RATE;
        let exact = theory::least_outstanding::two_node_mean_sojourn(rate, RATE, cores);
        for policy in [Policy::LeastOutstanding, Policy::PowerOfTwo] {
            cases.push(Case {
                name: format!("{} onto 2 × M/M/{cores}, load 0.7", policy.name()),
                scenario: station(poisson(rate), exponential(f64::from(cores)), 2, policy),
                truths: vec![mean_sojourn(exact, "join the shortest queue, solved numerically")],
            });
        }
    }
    let rate = 3.0 * 0.7 * RATE;
    let exact = theory::round_robin::mean_sojourn(rate, 3, RATE, 1);
    cases.push(Case {
        name: "round-robin onto 3 × M/M/1, load 0.7".to_owned(),
        scenario: station(poisson(rate), exponential(1.0), 3, Policy::RoundRobin),
        truths: vec![mean_sojourn(exact, "E3/M/1 (Takács 1962)")],
    });
    cases
}

fn breakdowns() -> Vec<Case> {
    let (mtbf, mttr) = (0.05, 0.01);
    let profile = Profile {
        mtbf: Some(SimDuration::from_seconds(mtbf)),
        mttr: SimDuration::from_seconds(mttr),
        discipline: Discipline::FirstComeFirstServed,
        ..exponential(1.0)
    };
    let exact = theory::breakdown::mm1_with_crashes(0.8 * RATE, RATE, 1.0 / mtbf, 1.0 / mttr);
    let source = "M/M/1 with catastrophes (Chao 1995)";
    let truth = |quantity, exact| Truth { of: Known::Quantity(quantity), exact, source };
    let up = Truth {
        of: Known::Quantity(Quantity::NodeAvailability),
        exact: theory::availability::availability(mtbf, mttr),
        source: "MTBF / (MTBF + MTTR)",
    };
    vec![Case {
        name: "M/M/1 with crashes, load 0.8, MTBF 50, MTTR 10 ms".to_owned(),
        scenario: station(poisson(0.8 * RATE), profile, 1, Policy::RoundRobin),
        truths: vec![
            up,
            truth(Quantity::Throughput, exact.throughput),
            truth(Quantity::ErrorRate, exact.refused_share + exact.destroyed_share),
            truth(Quantity::InFlight, exact.mean_number),
            mean_sojourn(exact.mean_sojourn, source),
        ],
    }]
}

fn mean_sojourn(seconds: f64, source: &'static str) -> Truth {
    Truth { of: Known::Quantity(Quantity::MEAN), exact: 1e3 * seconds, source }
}

pub(super) fn poisson(rate: f64) -> Arrivals {
    Arrivals::Poisson { rate }
}

fn exponential_law(mean_seconds: f64) -> Law {
    Law { mean: SimDuration::from_seconds(mean_seconds), shape: Shape::Exponential }
}

fn exponential(cores: f64) -> Profile {
    service(cores, Shape::Exponential)
}

pub(super) fn service(cores: f64, shape: Shape) -> Profile {
    let mean = SimDuration::from_seconds(SERVICE);
    let demand = Demand::plain(mean, shape);
    let mut profile = Profile { workers: 1_000_000, ..Profile::plain("station", cores) };
    profile.demands.insert("work".to_owned(), demand);
    profile
}

/// One flow through one cluster.
pub(super) fn station(
    arrivals: Arrivals,
    profile: Profile,
    nodes: u32,
    policy: Policy,
) -> Scenario {
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
        nodes,
        balancing: Balancing::plain(policy, HealthCheck::Perfect),
        ..Cluster::plain(role.name(), &[role], profile)
    }
}

fn flow(arrivals: Arrivals) -> Flow {
    Flow::plain("requests", "work", arrivals)
}

fn scenario(flow: Flow, clusters: Vec<Cluster>) -> Scenario {
    let window = SimDuration::from_seconds(1.0);
    // The closed network of the cases completes about one request per service time.
    let rate = flow.arrivals.mean_rate(window).unwrap_or(RATE);
    let seconds = REQUESTS / f64::from(REPLICATIONS) / rate;
    Scenario {
        title: "Verification".to_owned(),
        question: String::new(),
        flows: vec![flow],
        deployments: vec![Deployment {
            name: "system".to_owned(),
            pattern: "custom".to_owned(),
            clusters,
            failures: SharedFailures::default(),
        }],
        drills: Vec::new(),
        goals: Goals::default(),
        survive: 0,
        horizon: crate::scenario::YEAR,
        isolation: None,
        run: RunSettings {
            whole: None,
            begins: None,
            window: SimDuration::from_seconds(seconds),
            warm_up: Some(SimDuration::from_seconds(2.0)),
            replications: Replications::Fixed(REPLICATIONS),
            seed: 1,
            confidence: CONFIDENCE,
            least_difference: 0.01,
        },
    }
}
