//! A load test, simulated as it was measured: one node, the same users or rate, the same messages,
//! the same backend.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use crate::deployment::routes::{RouteProblem, compile};
use crate::deployment::{
    AllocationBudget, Arrivals, Cluster, Deployment, Flow, FlowKind, Goals, HealthCheck, Policy,
    Profile, Retries, Role, Token,
};
use crate::engine::{Run, simulate};
use crate::measurement::{Load, Measurement, Observed};
use crate::random::Law;
use crate::stats::Silences;
use crate::time::SimDuration;

/// A simulated load test lasts at least so long: pauses come once in a while.
const SHORTEST: f64 = 20.0;
/// And at most so long.
const LONGEST: f64 = 4000.0;

/// So many users keep every core busy.
const MANY: u32 = 1000;

/// How a load test is simulated.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// About so many requests in the window.
    pub requests: f64,
    /// Seed of every stream.
    pub seed: u64,
    /// Number of the replication, so that tests differ in their chance.
    pub replication: u32,
}

/// What a simulated load test shows, in the terms of a measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Requests answered per second.
    pub throughput: f64,
    /// Mean time, seconds.
    pub mean: f64,
    /// The times at the probabilities that the measurement states, seconds.
    pub quantiles: Vec<f64>,
    /// Share of time in garbage collection.
    pub gc_share: f64,
    /// The silences, where the measurement states them.
    pub silences: Option<Silences>,
    /// Events simulated.
    pub events: u64,
}

/// Simulates the load test of a measurement on a node of this profile. None if `stop` was set.
///
/// # Errors
///
/// If the profile does not know the operation, in sentences.
pub fn trial(
    profile: &Profile,
    kind: FlowKind,
    test: &Measurement,
    effort: Effort,
    stop: &AtomicBool,
) -> Result<Option<Outcome>, Vec<String>> {
    let (deployment, flows) = (node(profile, kind, test), [flow(kind, test)]);
    let network = compile(&deployment, &flows).map_err(|problems| {
        let sentence = |problem: &RouteProblem| problem.sentence(&deployment, &flows);
        problems.iter().map(sentence).collect::<Vec<_>>()
    })?;
    let backend = test.backend_seconds();
    let (rate, mean) = expected(test);
    let window = (effort.requests / rate).clamp(SHORTEST, LONGEST);
    let run = Run {
        seed: effort.seed,
        replication: effort.replication,
        warm_up: SimDuration::from_seconds((10.0 * mean).clamp(1.0, LONGEST)),
        window: SimDuration::from_seconds(window.max(20.0 * mean).min(2.0 * LONGEST)),
        outages: &[],
        series: 0,
        timeline: false,
        records: false,
        silences: test.silences.is_some(),
    };
    let Some(seen) = simulate(&network, &run, stop) else { return Ok(None) };
    let flow = &seen.flows[0];
    // What the gateway logs of itself is the round trip without the backend.
    let outside = match test.observed {
        Observed::RoundTrip => 0.0,
        Observed::GatewayTime => backend,
    };
    let answered = (flow.answered as f64).max(1.0);
    let quantile = |(probability, _): &(f64, f64)| {
        flow.sojourn.quantile(*probability).unwrap_or(0.0) * 1e-9 - outside
    };
    Ok(Some(Outcome {
        throughput: flow.answered as f64 / run.window.as_seconds(),
        mean: flow.sojourn_sum / answered - outside,
        quantiles: test.quantiles.iter().map(quantile).collect(),
        gc_share: seen.clusters[0].gc_share,
        silences: seen.silences,
        events: seen.events,
    }))
}

/// Requests per second and mean round trip in seconds, as measured or by Little's law.
pub(super) fn expected(test: &Measurement) -> (f64, f64) {
    let backend = test.backend_seconds();
    let outside = match test.observed {
        Observed::RoundTrip => 0.0,
        Observed::GatewayTime => backend,
    };
    let rate = match test.load {
        Load::Open { rate } => rate,
        Load::Closed { users } => {
            test.throughput.unwrap_or(f64::from(users) / (test.mean.unwrap_or(1.0) + outside))
        }
    };
    let mean = match test.load {
        Load::Closed { users } => f64::from(users) / rate,
        Load::Open { .. } => test.mean.unwrap_or(1.0) + outside,
    };
    (rate, mean)
}

/// One node with what the flow needs.
fn node(profile: &Profile, kind: FlowKind, test: &Measurement) -> Deployment {
    let role = match kind {
        FlowKind::Token => Role::KeyManager,
        FlowKind::Stream => Role::StreamingIntegrator,
        FlowKind::Api | FlowKind::Portal => Role::Gateway,
    };
    let mut profile = profile.clone();
    if let Some(cores) = test.cores {
        profile = profile.with_cores(cores);
    }
    if let (Some(gc), Some(gib)) = (&mut profile.gc, test.heap_gib)
        && let AllocationBudget::Young { heap_mib, .. } = &mut gc.budget
    {
        *heap_mib = gib * 1024.0;
    }
    let cluster = Cluster {
        name: "node".to_owned(),
        roles: vec![role],
        tenant: None,
        nodes: 1,
        profile,
        policy: Policy::RoundRobin,
        health: HealthCheck::Perfect,
    };
    let name = "load test".to_owned();
    Deployment { name: name.clone(), pattern: name, clusters: vec![cluster] }
}

fn flow(kind: FlowKind, test: &Measurement) -> Flow {
    let none = Law::constant(SimDuration::ZERO);
    let delay = test.backend.map_or(SimDuration::ZERO, |backend| backend.mean);
    let arrivals = match test.load {
        Load::Closed { users } => Arrivals::Closed { users, think: none },
        // A rate without times is what the node can do at most.
        Load::Open { .. } if test.mean.is_none() => Arrivals::Closed { users: MANY, think: none },
        Load::Open { rate } => Arrivals::Poisson { rate },
    };
    let calls = matches!(kind, FlowKind::Api | FlowKind::Stream);
    Flow {
        name: test.operation.clone(),
        kind,
        tenant: "default".to_owned(),
        arrivals,
        operation: test.operation.clone(),
        size_kib: test.size_kib.unwrap_or(0.0),
        token: Token::Jwt,
        integration: None,
        mediation: test.operation.clone(),
        backend: calls.then_some(Law::constant(delay)),
        timeout: None,
        retries: Retries::NONE,
        goals: Goals::default(),
    }
}

/// The operations of some tests, in alphabetical order.
pub(super) fn operations<'a>(tests: impl IntoIterator<Item = &'a Measurement>) -> Vec<String> {
    let names: BTreeSet<&String> = tests.into_iter().map(|test| &test.operation).collect();
    names.into_iter().cloned().collect()
}
