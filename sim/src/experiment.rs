//! Many replications of every deployment of a scenario, in parallel, under common random numbers.

mod database;
mod differences;
mod goals;
mod judgement;
mod long_run;
mod memory;
mod out_of_reach;
mod overload;
mod sample;
mod share;
mod slower;
mod summary;
mod together;
mod workload;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use thiserror::Error;

use crate::deployment::routes::{RouteProblem, compile};
use crate::deployment::{Arrivals, Deployment, Flow, Role};
use crate::engine::{
    Change, LONGEST, MOST_STATIONS, Observations, Outage, RequestRecord, Run, simulate_watched,
};
use crate::network::Network;
use crate::results::Results;
use crate::scenario::{Drill, Replications, Scenario};
use crate::stats::warmup::mser5;
use crate::time::{SimDuration, SimTime};

use sample::Sample;
use workload::Workload;

/// Replications of a precision run come in batches of so many.
const BATCH: u32 = 4;
/// Replications and parts of the series from which the warm-up is found.
const PILOTS: u32 = 5;
const SERIES: u32 = 500;

/// Told of the progress of an experiment, from many threads.
pub trait Progress: Sync {
    /// How many runs are planned in all; may grow while more precision is needed.
    fn planned(&self, runs: u64);
    /// How many events that will be, about; where nobody says, all runs weigh the same.
    fn expected(&self, _events: f64) {}
    /// So many of the expected events are done; the sum over a complete run is what was expected of it.
    fn advanced(&self, _events: f64) {}
    /// A run is complete, which took so many events.
    fn completed(&self, events: u64);
}

/// Progress that nobody follows.
#[derive(Debug)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn planned(&self, _runs: u64) {}
    fn completed(&self, _events: u64) {}
}

/// How much work an experiment is, pilots included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    /// Runs: pilots, and replications of every situation.
    pub runs: u64,
    /// Events, from rates and routes; where the warm-up is found, with the least that it can be.
    pub events: f64,
    /// The same with as many replications as a precision may take; as `events` where their number is
    /// fixed.
    pub most_events: f64,
}

/// Estimates how much work an experiment is, without simulating.
///
/// # Errors
///
/// If the scenario cannot be simulated.
pub fn effort(scenario: &Scenario) -> Result<Effort, ExperimentError> {
    let situations = situations(scenario)?;
    let plan = Plan::new(scenario, &situations);
    let (first, most) = match scenario.run.replications {
        Replications::Fixed(count) => (count, count),
        // Precision is asked for after two batches.
        Replications::Precision { max, .. } => ((2 * BATCH).min(max), max),
    };
    let warm_up = plan.warm_up;
    Ok(Effort {
        runs: plan.runs(first),
        events: plan.events(first, warm_up),
        most_events: plan.events(most, warm_up),
    })
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
    #[error(
        "stopped before one replication of every deployment was complete ({complete} of {needed} runs \
         were); nothing is kept"
    )]
    Stopped {
        /// Runs of the first replication that were complete.
        complete: usize,
        /// Runs that a replication needs: one of each deployment in each situation.
        needed: usize,
    },
}

/// A deployment in one situation: as it is, or with a node less.
struct Situation {
    /// Index of the deployment.
    deployment: usize,
    /// As goal checks name it.
    name: String,
    /// Whether it is the deployment as it is.
    is_whole: bool,
    network: Network,
    outages: Vec<Outage>,
}

/// The name of the situation in which nothing is taken away.
const ALL_UP: &str = "all nodes up";
/// The same where nodes crash as a drill says.
const DRILL: &str = "with the drill";

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
    let plan = Plan::new(scenario, &situations);
    plan.tell(progress, fixed, plan.warm_up);
    let watched = Watched { progress, stop };
    let warm_up = match scenario.run.warm_up {
        Some(warm_up) => WarmUp { span: warm_up, settled: true },
        None if plan.pilot_length.is_some() => find_warm_up(scenario, &situations, &plan, &watched),
        None => WarmUp { span: SimDuration::ZERO, settled: true },
    };
    if warm_up.span + scenario.run.window > LONGEST {
        return Err(ExperimentError::TooLong);
    }
    let mut sample = Sample::new(scenario, &situations, warm_up.span);
    let mut planned = fixed;
    plan.tell(progress, planned, warm_up.span);
    let mut looks = Looks::default();
    loop {
        let from = sample.replications();
        replicate(scenario, record, &plan, &mut sample, from..planned, &watched);
        let Replications::Precision { relative, max } = scenario.run.replications else { break };
        if stop.load(Ordering::Relaxed)
            || planned >= max
            || looks.suffice(scenario, &situations, &mut sample, relative, max)
        {
            break;
        }
        planned = (planned + BATCH).min(max);
        plan.tell(progress, planned, warm_up.span);
    }
    let records = sample.take_records();
    let complete = sample.complete_in(0);
    sample.keep_complete();
    if sample.replications() == 0 {
        return Err(ExperimentError::Stopped { complete, needed: situations.len() });
    }
    let is_fixed = matches!(scenario.run.replications, Replications::Fixed(_));
    let partial = stop.load(Ordering::Relaxed) && !(is_fixed && sample.replications() == planned);
    Ok((summary::results(scenario, &situations, &sample, &warm_up, partial), records))
}

/// Who follows an experiment, and who may end it.
struct Watched<'a> {
    progress: &'a dyn Progress,
    stop: &'a AtomicBool,
}

impl Watched<'_> {
    /// Simulates one run, and tells how far it has come of what is expected of it. None if it was
    /// stopped.
    fn simulate(
        &self,
        network: &Network,
        run: &Run<'_>,
        expected: &dyn Fn(SimTime) -> f64,
    ) -> Option<Observations> {
        let mut told = 0.0;
        let mut tell = |now| {
            let events = expected(now);
            self.progress.advanced(events - told);
            told = events;
        };
        let seen = simulate_watched(network, run, self.stop, &mut tell)?;
        tell(SimTime::ZERO + run.warm_up + run.window);
        self.progress.completed(seen.events);
        Some(seen)
    }
}

/// The runs of an experiment and how much work each of them is.
struct Plan<'a> {
    situations: &'a [Situation],
    workloads: Vec<Workload>,
    /// The situations from which the warm-up is found, and how long a pilot is; none where it is set or
    /// nothing happens before the window.
    pilots: Vec<usize>,
    pilot_length: Option<SimDuration>,
    /// The warm-up, or the least that can be found.
    warm_up: SimDuration,
}

impl<'a> Plan<'a> {
    fn new(scenario: &Scenario, situations: &'a [Situation]) -> Self {
        let finds = scenario.run.warm_up.is_none() && settles(scenario);
        let least = if finds { least_warm_up(scenario) } else { SimDuration::ZERO };
        let is_candidate = |index: &usize| {
            let situation: &Situation = &situations[*index];
            situation.is_whole && overload::of(scenario, situation).is_empty()
        };
        Self {
            situations,
            workloads: situations.iter().map(|each| Workload::of(scenario, each)).collect(),
            pilots: (0..situations.len()).filter(is_candidate).filter(|_| finds).collect(),
            pilot_length: finds.then(|| pilot_length(scenario)),
            warm_up: scenario.run.warm_up.unwrap_or(least),
        }
    }

    fn runs(&self, replications: u32) -> u64 {
        let pilots = u64::from(PILOTS) * self.pilots.len() as u64;
        pilots + u64::from(replications) * self.situations.len() as u64
    }

    fn events(&self, replications: u32, warm_up: SimDuration) -> f64 {
        let length = self.pilot_length.unwrap_or(SimDuration::ZERO);
        let pilot = |index: &usize| self.workloads[*index].of_pilot(length);
        let pilots: f64 = self.pilots.iter().map(pilot).sum();
        let once: f64 = self.workloads.iter().map(|workload| workload.of_run(warm_up)).sum();
        f64::from(PILOTS) * pilots + f64::from(replications) * once
    }

    fn tell(&self, progress: &dyn Progress, replications: u32, warm_up: SimDuration) {
        progress.planned(self.runs(replications));
        progress.expected(self.events(replications, warm_up));
    }
}

/// What was seen of a precision run after each batch of replications.
#[derive(Default)]
struct Looks {
    precise_in_a_row: u32,
}

impl Looks {
    /// Whether all is known well enough to stop: every goal's quantity has been precise twice in a row,
    /// and no goal is undecided.
    ///
    /// Who stops as soon as a spread is small by chance has intervals that cover too rarely (Chow and
    /// Robbins, On the asymptotic theory of fixed-width sequential confidence intervals, Annals of
    /// Mathematical Statistics 36, 1965, is only asymptotic); a second batch that did not choose the
    /// moment mends most of that. A goal looked at ten times has ten chances to be decided wrongly, so
    /// that each look is held to a tenth of what may go wrong (Bonferroni).
    fn suffice(
        &mut self,
        scenario: &Scenario,
        situations: &[Situation],
        sample: &mut Sample,
        relative: f64,
        max: u32,
    ) -> bool {
        let is_precise = goals::are_precise(scenario, sample, relative);
        self.precise_in_a_row = if is_precise { self.precise_in_a_row + 1 } else { 0 };
        if self.precise_in_a_row < 2 {
            return false;
        }
        let looks = f64::from(max.div_ceil(BATCH));
        let confidence = 1.0 - (1.0 - scenario.run.confidence) / looks;
        sample.set_confidence(confidence);
        let are_decided = goals::are_decided(scenario, situations, sample, confidence);
        sample.set_confidence(scenario.run.confidence);
        are_decided
    }
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
        let name = if outages.is_empty() { ALL_UP } else { DRILL };
        let situation = situation(scenario, index, deployment, name.to_owned(), outages)?;
        situations.push(Situation { is_whole: true, ..situation });
    }
    for (index, deployment) in scenario.deployments.iter().enumerate() {
        let clusters = if scenario.survive > 0 { deployment.clusters.len() } else { 0 };
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
    Ok(Situation { deployment: index, name, is_whole: false, network, outages })
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
                outages.extend(nodes.map(|node| Outage {
                    node,
                    begins: Change::Crash,
                    at: drill.at,
                    lasts: drill.lasts,
                }));
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

/// The least warm-up that is found.
fn least_warm_up(scenario: &Scenario) -> SimDuration {
    SimDuration((LEAST_WARM_UP * scenario.run.window.as_nanos()).round() as u64)
}

/// Half of the window, at least 20 s and at most 10 min, but never more than the window.
fn pilot_length(scenario: &Scenario) -> SimDuration {
    let second = |seconds: f64| SimDuration::from_seconds(seconds);
    let half = SimDuration(scenario.run.window.0 / 2);
    half.clamp(second(20.0), second(600.0)).min(scenario.run.window)
}

/// Finds the warm-up that suits every deployment that is not overloaded, so that all observe the same
/// arrivals. Pilot replications (see [`pilot_length`]) are pooled per deployment; schedules stand
/// still at their first rate.
fn find_warm_up(
    scenario: &Scenario,
    situations: &[Situation],
    plan: &Plan<'_>,
    watched: &Watched<'_>,
) -> WarmUp {
    let length = pilot_length(scenario);
    let runs: Vec<(usize, u32)> = plan
        .pilots
        .iter()
        .flat_map(|candidate| (0..PILOTS).map(move |pilot| (*candidate, pilot)))
        .collect();
    let pilots = in_order(&runs, |(candidate, pilot)| {
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
        let expected =
            |now: SimTime| plan.workloads[*candidate].until(length, now.min(SimTime(length.0)));
        watched.simulate(&situations[*candidate].network, &run, &expected)
    });
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
    let found = SimDuration((longest as f64 * part).round() as u64);
    WarmUp { span: found.max(least_warm_up(scenario)), settled }
}

/// Runs replications of every situation and adds them to the sample; records the first of all where
/// asked to.
fn replicate(
    scenario: &Scenario,
    record: bool,
    plan: &Plan<'_>,
    sample: &mut Sample,
    replications: std::ops::Range<u32>,
    watched: &Watched<'_>,
) {
    // By replication, so that a stopped experiment has complete ones.
    let runs: Vec<(u32, usize)> = replications
        .flat_map(|replication| (0..plan.situations.len()).map(move |index| (replication, index)))
        .collect();
    let warm_up = sample.warm_up();
    let timelines = Mutex::new(sample.take_timelines());
    let seen = in_order(&runs, |(replication, index)| {
        let situation = &plan.situations[*index];
        let run = Run {
            seed: scenario.run.seed,
            replication: *replication,
            warm_up,
            window: scenario.run.window,
            outages: &situation.outages,
            series: 0,
            timeline: !scenario.drills.is_empty() && situation.is_whole,
            records: record && (*replication, *index) == (0, 0),
            silences: false,
        };
        if watched.stop.load(Ordering::Relaxed) {
            return None;
        }
        let expected = |now: SimTime| plan.workloads[*index].until(warm_up, now);
        let mut seen = watched.simulate(&situation.network, &run, &expected)?;
        // Seconds are pooled at once, which keeps memory flat; sums of counts do not depend on
        // the order.
        if let Ok(mut timelines) = timelines.lock() {
            timelines[*index].add(&mut seen);
        }
        Some(seen)
    });
    sample.put_timelines(timelines.into_inner().unwrap_or_default());
    for ((_, index), seen) in runs.iter().zip(seen) {
        sample.push(*index, seen);
    }
}

/// Does a list of runs in parallel and hands back what came of each, in their order. Unlike a split of
/// the list among the threads, a run begins only when all those before it have begun.
fn in_order<T: Sync, R: Send>(runs: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let mut done: Vec<(usize, R)> =
        runs.iter().enumerate().par_bridge().map(|(index, run)| (index, work(run))).collect();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Cluster, HealthCheck, Policy, Profile};
    use crate::verification;

    fn cluster(name: &str, roles: &[Role], nodes: u32) -> Cluster {
        Cluster {
            name: name.to_owned(),
            roles: roles.to_vec(),
            tenant: None,
            nodes,
            profile: Profile::plain("plain", 1.0),
            policy: Policy::RoundRobin,
            health: HealthCheck::Perfect,
        }
    }

    #[test]
    fn a_drill_strikes_the_first_nodes_of_each_cluster_that_it_names() {
        let clusters = vec![
            cluster("gateway", &[Role::Gateway], 3),
            cluster("control-plane", &[Role::KeyManager, Role::Publisher], 2),
            cluster("edge", &[Role::Gateway], 2),
        ];
        let (name, pattern) = ("three".to_owned(), "custom".to_owned());
        let deployment = Deployment { name, pattern, clusters };
        let struck = |what: &str, nodes| {
            let (at, lasts) = (SimDuration(1), SimDuration(2));
            let drill = Drill { at, what: what.to_owned(), nodes, lasts };
            let outages = outages(&deployment, &[drill]);
            assert!(outages.iter().all(|outage| (outage.at, outage.lasts) == (at, lasts)));
            outages.iter().map(|outage| outage.node).collect::<Vec<_>>()
        };
        assert_eq!(struck("gateway", 2), [0, 1, 5, 6]);
        assert_eq!(struck("edge", 5), [5, 6]);
        assert_eq!(struck("publisher", 1), [3]);
        assert_eq!(struck("devportal", 1), [0; 0]);
    }

    #[test]
    fn a_pilot_is_half_of_the_window_from_20_s_to_10_min_and_no_longer_than_it() {
        let mut scenario = verification::cases().swap_remove(0).scenario;
        let mut pilot = |seconds: f64| {
            scenario.run.window = SimDuration::from_seconds(seconds);
            pilot_length(&scenario).as_seconds()
        };
        assert_eq!([10.0, 30.0, 60.0, 7200.0].map(&mut pilot), [10.0, 20.0, 30.0, 600.0]);
    }

    #[test]
    fn before_a_window_of_traces_alone_nothing_settles() {
        let mut scenario = verification::cases().swap_remove(0).scenario;
        assert!(settles(&scenario));
        let trace =
            Flow { arrivals: Arrivals::Trace { times: Vec::new() }, ..scenario.flows[0].clone() };
        scenario.flows.push(trace);
        assert!(settles(&scenario));
        scenario.flows.remove(0);
        assert!(!settles(&scenario));
    }
}
