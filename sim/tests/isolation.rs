//! How well tenants are kept apart, against closed forms and against runs of their own.

use std::sync::atomic::AtomicBool;

use sim::deployment::Arrivals;
use sim::experiment::{Unwatched, compare, effort};
use sim::quantity::Quantity;
use sim::results::{Company, Distinction, Results};
use sim::scenario::{Isolation, Replications, Scenario};
use sim::time::SimDuration;
use sim::verification;

/// Services per second of a node.
const SERVICE_RATE: f64 = 1000.0;

/// Two tenants, `quiet` with 200 requests a second and `noisy` with 100: through one queue, and each through
/// a queue of its own.
fn scenario(factor: f64) -> Scenario {
    let mut scenario = verification::cases().swap_remove(0).scenario;
    let flow = scenario.flows.remove(0);
    let shared = scenario.deployments[0].clone();
    let mut apart = shared.clone();
    let cluster = apart.clusters.remove(0);
    for (name, rate) in [("quiet", 200.0), ("noisy", 100.0)] {
        let (mut flow, mut cluster) = (flow.clone(), cluster.clone());
        (flow.name, flow.tenant) = (format!("calls of {name}"), name.to_owned());
        flow.arrivals = Arrivals::Poisson { rate };
        (cluster.name, cluster.tenant) = (format!("gateway@{name}"), Some(name.to_owned()));
        scenario.flows.push(flow);
        apart.clusters.push(cluster);
    }
    "apart".clone_into(&mut apart.name);
    scenario.deployments = vec![shared, apart];
    scenario.isolation = Some(Isolation { noisy: "noisy".to_owned(), factor });
    scenario.run.window = SimDuration::from_seconds(100.0);
    scenario.run.replications = Replications::Fixed(8);
    scenario.run.confidence = 0.999;
    scenario
}

fn found(scenario: &Scenario) -> Results {
    compare(scenario, &Unwatched, &AtomicBool::new(false)).expect("it can be simulated")
}

/// The p99 of the sojourn time of M/M/1, ms: exponential with what the server has to spare.
fn p99_ms(load: f64) -> f64 {
    100_f64.ln() / (SERVICE_RATE - load) * 1e3
}

#[test]
fn a_tenant_alone_together_and_beside_noise_waits_as_long_as_the_formula_says() {
    let results = found(&scenario(5.0));
    let all = results.isolation.expect("asked for");
    assert_eq!((all.noisy.as_str(), all.factor, all.flows.len()), ("noisy", 5.0, 4));
    // Load of the queue of a flow in each company, by deployment and flow.
    let loads = [
        [200.0, 300.0, 700.0],
        [100.0, 300.0, 700.0],
        [200.0, 200.0, 200.0],
        [100.0, 100.0, 500.0],
    ];
    for (flow, loads) in all.flows.iter().zip(loads) {
        for ((company, name), load) in Company::ALL.into_iter().zip(loads) {
            let p99 = flow.of(company)[Quantity::P99];
            let (lower, upper) = (p99.lower.expect("bounded"), p99.upper.expect("bounded"));
            let exact = p99_ms(load);
            assert!((lower..=upper).contains(&exact), "{} {name}: {p99:?}, {exact}", flow.flow);
            // At the highest load, where waits of neighbours are alike, an eighth.
            assert!(upper - lower < 0.25 * exact, "{} {name}: {p99:?}, {exact}", flow.flow);
        }
    }
    let harm = |flow: usize| all.flows[flow].harm.iter().map(|one| one.distinction);
    assert_eq!(
        harm(0).collect::<Vec<_>>(),
        [Distinction::Real, Distinction::Negligible],
        "p99 and errors"
    );
    // Its draws are the same, and nobody else is at its queue: there is no difference at all.
    assert!(all.flows[2].harm.iter().all(|one| one.difference.mean == 0.0));
    assert_eq!(harm(2).collect::<Vec<_>>(), [Distinction::Negligible; 2]);
    assert!(all.flows[1].harm.is_empty() && all.flows[3].harm.is_empty());
}

#[test]
fn alone_is_as_if_there_were_no_other_tenant_and_together_is_what_the_rest_of_the_results_say() {
    let scenario = scenario(3.0);
    let results = found(&scenario);
    let all = results.isolation.as_ref().expect("asked for");
    let mut alone = scenario.clone();
    alone.isolation = None;
    alone.flows.truncate(1);
    // No flow is left for the queue of the other.
    alone.deployments.truncate(1);
    let alone = found(&alone);
    let mut noisy = scenario.clone();
    noisy.isolation = None;
    noisy.flows[1].arrivals = Arrivals::Poisson { rate: 300.0 };
    let noisy = found(&noisy);
    for (place, deployment) in results.deployments.iter().enumerate() {
        let flow = &all.flows[2 * place];
        let alone = alone.deployments.get(place).map(|alone| (Company::Alone, &alone.flows[0]));
        let others = [
            (Company::Together, &deployment.flows[0]),
            (Company::Noisy, &noisy.deployments[place].flows[0]),
        ];
        for (company, expected) in others.into_iter().chain(alone) {
            for (quantity, found) in flow.of(company).iter() {
                assert_eq!(found, expected.found.get(quantity), "{company:?}: {quantity:?}");
            }
        }
    }
}

#[test]
fn what_is_asked_of_isolation_changes_nothing_else() {
    let asked = scenario(3.0);
    let plain = Scenario { isolation: None, ..asked.clone() };
    let (with, without) = (found(&asked), found(&plain));
    assert_eq!(format!("{:?}", with.deployments), format!("{:?}", without.deployments));
    assert_eq!(format!("{:?}", with.differences), format!("{:?}", without.differences));
    assert!(without.isolation.is_none());
    // Alone each comes once more, then both, one of them three times as often: (2 × 300 + 500) / 300.
    let events = |scenario: &Scenario| effort(scenario).expect("it can be simulated").events;
    assert!((events(&asked) / events(&plain) - 11.0 / 3.0).abs() < 0.01);
    assert!((with.events as f64 / without.events as f64 - 11.0 / 3.0).abs() < 0.05);
}

#[test]
fn isolation_does_not_depend_on_the_number_of_threads() {
    let scenario = scenario(4.0);
    let results = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let results = pool.expect("threads can be started").install(|| found(&scenario));
        format!("{results:?}")
    };
    assert!(results(1) == results(3));
}
