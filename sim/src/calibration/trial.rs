//! A load test, simulated as it was measured: the same nodes, the same users or rates, the same messages,
//! the same backends; its operations together, as one loop of users asked for them.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use crate::deployment::routes::{RouteProblem, compile};
use crate::deployment::{
    AllocationBudget, Arrivals, Cluster, Deployment, Flow, FlowKind, Profile, Role, SharedFailures,
};
use crate::engine::{Asked, Run, simulate};
use crate::measurement::{BackendTimes, Load, LoadTest, Measurement, Observed, ThinkTimes};
use crate::random::{Law, Shape};
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

/// What a simulated load test shows of one operation, in the terms of a measurement.
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
    /// The silences of the node, where the measurement states them.
    pub silences: Option<Silences>,
}

/// A simulated load test.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// One for each of its operations.
    pub outcomes: Vec<Outcome>,
    /// Events simulated.
    pub events: u64,
}

/// Simulates a load test on nodes of this profile. None if `stop` was set.
///
/// # Errors
///
/// If the profile does not know an operation, in sentences.
pub fn trial(
    profile: &Profile,
    kind: FlowKind,
    test: &LoadTest,
    effort: Effort,
    stop: &AtomicBool,
) -> Result<Option<Trial>, Vec<String>> {
    let (deployment, flows) = (nodes(profile, kind, test), flows(kind, test));
    let network = compile(&deployment, &flows).map_err(|problems| {
        let sentence = |problem: &RouteProblem| problem.sentence(&deployment, &flows);
        problems.iter().map(sentence).collect::<Vec<_>>()
    })?;
    let (rate, cycle) = expected(test);
    let window = (effort.requests / rate).clamp(SHORTEST, LONGEST);
    let run = Run {
        seed: effort.seed,
        replication: effort.replication,
        warm_up: SimDuration::from_seconds((10.0 * cycle).clamp(1.0, LONGEST)),
        window: SimDuration::from_seconds(window.max(20.0 * cycle).min(2.0 * LONGEST)),
        outages: &[],
        suppliers: &[],
        asked: Asked {
            silences: test.operations.iter().any(|each| each.silences.is_some()),
            ..Asked::default()
        },
    };
    let Some(seen) = simulate(&network, &run, stop) else { return Ok(None) };
    let outcomes = test.operations.iter().zip(&seen.flows).map(|(measured, flow)| {
        let outside = outside(measured);
        let answered = (flow.answered as f64).max(1.0);
        let quantile = |(probability, _): &(f64, f64)| {
            flow.sojourn.quantile(*probability).unwrap_or(0.0) * 1e-9 - outside
        };
        Outcome {
            throughput: flow.answered as f64 / run.window.as_seconds(),
            mean: flow.sojourn_sum / answered - outside,
            quantiles: measured.quantiles.iter().map(quantile).collect(),
            gc_share: seen.clusters[0].gc_share,
            silences: measured.silences.as_ref().and(seen.silences.clone()),
        }
    });
    Ok(Some(Trial { outcomes: outcomes.collect(), events: seen.events }))
}

/// What the gateway logs of itself is the round trip without the backend, seconds.
fn outside(measured: &Measurement) -> f64 {
    match measured.observed {
        Observed::RoundTrip => 0.0,
        Observed::GatewayTime => measured.backend_seconds(),
    }
}

/// Requests per second, and mean time from one request of a user to the next in seconds, think time
/// included; without users the mean round trip. As measured or by Little's law.
pub(super) fn expected(test: &LoadTest) -> (f64, f64) {
    let first = &test.operations[0];
    let round_trip = first.mean.unwrap_or(1.0) + outside(first);
    match test.users() {
        Some(users) => {
            let users = f64::from(users);
            let stated: Option<f64> = test.operations.iter().map(|each| each.throughput).sum();
            let rate = stated.unwrap_or(users / round_trip);
            (rate, users / rate)
        }
        None => (test.operations.iter().map(offered).sum(), round_trip),
    }
}

/// Requests per second of a stream that does not come from users.
fn offered(measured: &Measurement) -> f64 {
    match measured.load {
        Load::Open { rate } => rate,
        Load::Closed { .. } => 0.0,
    }
}

/// The nodes with what the flows need.
fn nodes(profile: &Profile, kind: FlowKind, test: &LoadTest) -> Deployment {
    let role = match kind {
        FlowKind::Token => Role::KeyManager,
        FlowKind::Stream => Role::StreamingIntegrator,
        FlowKind::Api | FlowKind::Portal => Role::Gateway,
    };
    let first = &test.operations[0];
    let mut profile = profile.clone();
    if let Some(cores) = first.cores {
        profile = profile.with_cores(cores);
    }
    if let (Some(gc), Some(gib)) = (&mut profile.gc, first.heap_gib)
        && let AllocationBudget::Young(heap) = &mut gc.budget
    {
        heap.heap_mib = gib * 1024.0;
    }
    let cluster =
        Cluster { nodes: first.nodes.unwrap_or(1), ..Cluster::plain("node", &[role], profile) };
    let name = "load test".to_owned();
    Deployment {
        name: name.clone(),
        pattern: name,
        clusters: vec![cluster],
        failures: SharedFailures::default(),
    }
}

/// A flow for each operation, with the users of all in the first.
fn flows(kind: FlowKind, test: &LoadTest) -> Vec<Flow> {
    let (rate, _) = expected(test);
    let flows = test.operations.iter().enumerate().map(|(index, measured)| {
        let arrivals = match measured.load {
            Load::Closed { users } if index == 0 => Arrivals::Closed { users, think: think(test) },
            Load::Closed { .. } => {
                let share = measured.throughput.unwrap_or(0.0) / rate;
                Arrivals::OfUsers { flow: 0, share }
            }
            // A rate without times is what the node can do at most.
            Load::Open { .. } if measured.mean.is_none() => {
                Arrivals::Closed { users: MANY, think: Law::constant(SimDuration::ZERO) }
            }
            Load::Open { rate } => Arrivals::Poisson { rate },
        };
        flow(kind, measured, arrivals)
    });
    flows.collect()
}

fn flow(kind: FlowKind, measured: &Measurement, arrivals: Arrivals) -> Flow {
    let calls = matches!(kind, FlowKind::Api | FlowKind::Stream);
    Flow {
        kind,
        size: measured.message(),
        backend: calls.then_some(backend(measured)),
        ..Flow::plain(&measured.operation, &measured.operation, arrivals)
    }
}

/// How long a user waits before each request: what the file shows, else what Little's law leaves; and
/// with it the time that failed requests took. Of a law of which nobody knows how unequal it is, the
/// exponential one: only the mean matters in a product-form network.
fn think(test: &LoadTest) -> Law {
    let none = Law::constant(SimDuration::ZERO);
    if !test.thinks() {
        return none;
    }
    let shown = test.operations.iter().find_map(|each| each.think);
    let shape = match shown {
        Some(ThinkTimes { cv, .. }) if cv > 0.0 => Shape::Gamma { cv },
        Some(_) => Shape::Constant,
        None => Shape::Exponential,
    };
    test.pause_seconds().map_or(none, |mean| Law { mean: SimDuration::from_seconds(mean), shape })
}

/// Lognormal where it varies. What varies outside of the times that are compared is left out.
fn backend(measured: &Measurement) -> Law {
    let Some(BackendTimes { mean, cv }) = measured.backend else {
        return Law::constant(SimDuration::ZERO);
    };
    match measured.observed {
        Observed::RoundTrip if cv > 0.0 => Law { mean, shape: Shape::Lognormal { cv } },
        _ => Law::constant(mean),
    }
}

/// The operations of some measurements, in alphabetical order.
pub(super) fn operations<'a>(rows: impl IntoIterator<Item = &'a Measurement>) -> Vec<String> {
    let names: BTreeSet<&String> = rows.into_iter().map(|row| &row.operation).collect();
    names.into_iter().cloned().collect()
}
