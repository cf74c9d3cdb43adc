//! Many replications of every deployment of a scenario, in parallel, under common random numbers.

mod differences;
mod goals;
mod overload;
mod sample;
mod summary;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use thiserror::Error;

use crate::deployment::routes::{RouteProblem, compile};
use crate::deployment::{Arrivals, Deployment, Flow, Role};
use crate::engine::{LONGEST, MOST_STATIONS, Observations, Outage, RequestRecord, Run, simulate};
use crate::network::Network;
use crate::results::Results;
use crate::scenario::{Drill, Replications, Scenario};
use crate::stats::warmup::mser5;
use crate::time::SimDuration;

use sample::Sample;

/// Replications of a precision run come in batches of so many.
const BATCH: u32 = 4;
/// Replications and parts of the series from which the warm-up is found.
const PILOTS: u32 = 5;
const SERIES: u32 = 500;

/// Told of the progress of an experiment, from many threads.
pub trait Progress: Sync {
    /// How many runs are planned in all; may grow while more precision is needed.
    fn planned(&self, runs: u64);
    /// A run is complete.
    fn completed(&self, events: u64);
}

/// Progress that nobody follows.
#[derive(Debug)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn planned(&self, _runs: u64) {}
    fn completed(&self, _events: u64) {}
}

/// Why a scenario cannot be simulated.
#[derive(Debug, Error)]
pub enum ExperimentError {
    /// A deployment does not carry the flows.
    #[error("deployment `{deployment}` and the flows do not fit: {}", problems.join("; "))]
    DoesNotFit {
        /// Its name.
        deployment: String,
        /// Why not, a sentence each.
        problems: Vec<String>,
    },
    /// Warm-up and window are longer than the engine can tell apart.
    #[error("warm-up and window together are longer than {} days", LONGEST.as_seconds() / 86_400.0)]
    TooLong,
    /// The deployment has too many nodes and flows.
    #[error("deployment `{0}`: nodes and flows together are more than {MOST_STATIONS}")]
    TooLarge(String),
    /// It was stopped before one replication of every deployment was complete.
    #[error("stopped before the first replication of every deployment was complete")]
    Stopped,
}

/// A deployment in one situation: as it is, or with a node less.
struct Situation {
    /// Index of the deployment.
    deployment: usize,
    /// As goal checks name it.
    name: String,
    network: Network,
    outages: Vec<Outage>,
}

/// The name of the situation in which nothing is taken away.
const ALL_UP: &str = "all nodes up";

/// Simulates every deployment of a scenario and compares them. If `stop` is set, what is complete is
/// returned, marked as partial.
///
/// # Errors
///
/// If the scenario cannot be simulated, or nothing is complete.
pub fn compare(
    scenario: &Scenario,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Results, ExperimentError> {
    experiment(scenario, false, progress, stop).map(|(results, _)| results)
}

/// As [`compare`], and hands back every request that began and ended in the window of the first
/// replication of the first deployment, by its end. They take 32 bytes each. There are none if that
/// replication was stopped.
///
/// # Errors
///
/// As [`compare`].
pub fn compare_and_record(
    scenario: &Scenario,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<(Results, Option<Vec<RequestRecord>>), ExperimentError> {
    experiment(scenario, true, progress, stop)
}

fn experiment(
    scenario: &Scenario,
    record: bool,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<(Results, Option<Vec<RequestRecord>>), ExperimentError> {
    let situations = situations(scenario)?;
    let fixed = match scenario.run.replications {
        Replications::Fixed(count) => count,
        Replications::Precision { max, .. } => BATCH.min(max),
    };
    let finds_warm_up = scenario.run.warm_up.is_none() && settles(scenario);
    let pilots =
        if finds_warm_up { u64::from(PILOTS) * scenario.deployments.len() as u64 } else { 0 };
    progress.planned(pilots + u64::from(fixed) * situations.len() as u64);
    let warm_up = match scenario.run.warm_up {
        Some(warm_up) => WarmUp { span: warm_up, settled: true },
        None if finds_warm_up => find_warm_up(scenario, &situations, progress, stop),
        None => WarmUp { span: SimDuration::ZERO, settled: true },
    };
    if warm_up.span + scenario.run.window > LONGEST {
        return Err(ExperimentError::TooLong);
    }
    let mut sample = Sample::new(scenario, &situations, warm_up.span);
    let mut planned = fixed;
    loop {
        let from = sample.replications();
        replicate(scenario, record, &situations, &mut sample, from..planned, progress, stop);
        let Replications::Precision { relative, max } = scenario.run.replications else { break };
        if stop.load(Ordering::Relaxed)
            || planned >= max
            || (planned >= 2 * BATCH && goals::are_precise(scenario, &sample, relative))
        {
            break;
        }
        planned = (planned + BATCH).min(max);
        progress.planned(pilots + u64::from(planned) * situations.len() as u64);
    }
    let records = sample.take_records();
    sample.keep_complete();
    if sample.replications() == 0 {
        return Err(ExperimentError::Stopped);
    }
    let is_fixed = matches!(scenario.run.replications, Replications::Fixed(_));
    let partial = stop.load(Ordering::Relaxed) && !(is_fixed && sample.replications() == planned);
    Ok((summary::results(scenario, &situations, &sample, &warm_up, partial), records))
}

/// The discarded time, and whether the system was found settled after it.
struct WarmUp {
    span: SimDuration,
    settled: bool,
}

/// Every deployment as it is, and where goals must survive the loss of a node, with one node less in
/// each of its clusters.
fn situations(scenario: &Scenario) -> Result<Vec<Situation>, ExperimentError> {
    let mut situations = Vec::new();
    for (index, deployment) in scenario.deployments.iter().enumerate() {
        let outages = outages(deployment, &scenario.drills);
        situations.push(situation(scenario, index, deployment, ALL_UP.to_owned(), outages)?);
    }
    for (index, deployment) in scenario.deployments.iter().enumerate() {
        let clusters = if scenario.goals.survive > 0 { deployment.clusters.len() } else { 0 };
        for cluster in 0..clusters {
            let mut reduced = deployment.clone();
            // The loss of an only node is known to fail every goal; nothing is there to simulate.
            if reduced.clusters[cluster].nodes > 1 {
                reduced.clusters[cluster].nodes -= 1;
                let name = lost_node(&deployment.clusters[cluster].name);
                situations.push(situation(scenario, index, &reduced, name, Vec::new())?);
            }
        }
    }
    Ok(situations)
}

/// The name of the situation in which a cluster has lost a node.
fn lost_node(cluster: &str) -> String {
    format!("one node of {cluster} down")
}

fn situation(
    scenario: &Scenario,
    index: usize,
    deployment: &Deployment,
    name: String,
    outages: Vec<Outage>,
) -> Result<Situation, ExperimentError> {
    let network = compile(deployment, &scenario.flows).map_err(|problems| {
        let sentence = |problem: &RouteProblem| problem.sentence(deployment, &scenario.flows);
        let problems = problems.iter().map(sentence).collect();
        ExperimentError::DoesNotFit { deployment: deployment.name.clone(), problems }
    })?;
    if network.nodes() + network.flows.len() > MOST_STATIONS {
        return Err(ExperimentError::TooLarge(deployment.name.clone()));
    }
    Ok(Situation { deployment: index, name, network, outages })
}

/// The scripted crashes of a deployment: of the first nodes of each cluster that a drill names.
fn outages(deployment: &Deployment, drills: &[Drill]) -> Vec<Outage> {
    let mut outages = Vec::new();
    for drill in drills {
        let role = Role::ALL.iter().find(|(_, name)| *name == drill.what).map(|(role, _)| *role);
        let mut first_node = 0;
        for cluster in &deployment.clusters {
            let named = cluster.name == drill.what;
            if named || role.is_some_and(|role| cluster.roles.contains(&role)) {
                let nodes = (0..drill.nodes.min(cluster.nodes) as usize).map(|n| first_node + n);
                outages.extend(nodes.map(|node| Outage { node, at: drill.at, lasts: drill.lasts }));
            }
            first_node += cluster.nodes as usize;
        }
    }
    outages
}

/// Whether anything happens before the window; traces begin with it, schedules stand still at their
/// first rate.
fn settles(scenario: &Scenario) -> bool {
    let is_trace = |flow: &Flow| matches!(flow.arrivals, Arrivals::Trace { .. });
    !scenario.flows.iter().all(is_trace)
}

/// Pilots are other replications than those observed, so that what they find does not depend on it.
const FIRST_PILOT: u32 = 1 << 31;
/// The least warm-up that is found, as a share of the window: where a transient is as small as the
/// noise, MSER tends to see none.
const LEAST_WARM_UP: f64 = 0.1;

/// Finds the warm-up that suits every deployment that is not overloaded, so that all observe the same
/// arrivals. Pilot replications as long as half the window (at least 20 s, at most 10 min) are pooled
/// per deployment; schedules stand still at their first rate.
fn find_warm_up(
    scenario: &Scenario,
    situations: &[Situation],
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> WarmUp {
    let second = |seconds: f64| SimDuration::from_seconds(seconds);
    let half = SimDuration(scenario.run.window.0 / 2);
    let length = half.clamp(second(20.0), second(600.0)).min(scenario.run.window);
    let candidates: Vec<&Situation> = situations
        .iter()
        .filter(|situation| situation.name == ALL_UP)
        .filter(|situation| overload::of(scenario, situation).is_none())
        .collect();
    let runs: Vec<(usize, u32)> = (0..candidates.len())
        .flat_map(|candidate| (0..PILOTS).map(move |pilot| (candidate, pilot)))
        .collect();
    let pilots: Vec<Option<Observations>> = runs
        .par_iter()
        .map(|(candidate, pilot)| {
            let run = Run {
                seed: scenario.run.seed,
                replication: FIRST_PILOT + *pilot,
                warm_up: length,
                window: SimDuration(1),
                outages: &[],
                series: SERIES,
                timeline: false,
                records: false,
                silences: false,
            };
            let seen = simulate(&candidates[*candidate].network, &run, stop)?;
            progress.completed(seen.events);
            Some(seen)
        })
        .collect();
    let part = length.as_nanos() / f64::from(SERIES);
    let cuts = pilots.chunks(PILOTS as usize).map(|pilots| {
        let series: Vec<&[f64]> =
            pilots.iter().flatten().map(|pilot| pilot.series.as_slice()).collect();
        let parts = series.iter().map(|each| each.len()).min().unwrap_or(0);
        let pooled: Vec<f64> =
            (0..parts).map(|part| series.iter().map(|each| each[part]).sum()).collect();
        mser5(&pooled)
    });
    let cuts: Vec<Option<usize>> = cuts.collect();
    let settled = cuts.iter().all(Option::is_some);
    let longest = cuts.iter().map(|cut| cut.unwrap_or(SERIES as usize / 2)).max().unwrap_or(0);
    let least = LEAST_WARM_UP * scenario.run.window.as_nanos();
    WarmUp { span: SimDuration((longest as f64 * part).max(least).round() as u64), settled }
}

/// Runs replications of every situation and adds them to the sample; records the first of all where
/// asked to.
fn replicate(
    scenario: &Scenario,
    record: bool,
    situations: &[Situation],
    sample: &mut Sample,
    replications: std::ops::Range<u32>,
    progress: &dyn Progress,
    stop: &AtomicBool,
) {
    // By replication, so that a stopped experiment has complete ones.
    let runs: Vec<(u32, usize)> = replications
        .flat_map(|replication| (0..situations.len()).map(move |index| (replication, index)))
        .collect();
    let warm_up = sample.warm_up();
    let timelines = Mutex::new(sample.take_timelines());
    let seen: Vec<Option<Observations>> = runs
        .par_iter()
        .with_max_len(1)
        .map(|(replication, index)| {
            let situation = &situations[*index];
            let run = Run {
                seed: scenario.run.seed,
                replication: *replication,
                warm_up,
                window: scenario.run.window,
                outages: &situation.outages,
                series: 0,
                timeline: !scenario.drills.is_empty() && situation.name == ALL_UP,
                records: record && (*replication, *index) == (0, 0),
                silences: false,
            };
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let mut seen = simulate(&situation.network, &run, stop)?;
            // Seconds are pooled at once, which keeps memory flat; sums of counts do not depend on
            // the order.
            if let Ok(mut timelines) = timelines.lock() {
                timelines[*index].add(&mut seen);
            }
            progress.completed(seen.events);
            Some(seen)
        })
        .collect();
    sample.put_timelines(timelines.into_inner().unwrap_or_default());
    for ((_, index), seen) in runs.iter().zip(seen) {
        sample.push(*index, seen);
    }
}
