//! A candidate, and whether it meets all goals.

use std::sync::atomic::{AtomicBool, Ordering};

use super::standing::{Standing, margin};
use super::{Answer, Binding, Candidate, Planning};
use crate::deployment::Deployment;
use crate::experiment::{Experiment, ExperimentError, Progress, Task};
use crate::network::Station;
use crate::quantity::Quantity;
use crate::results::{DeploymentResult, Effort, GoalCheck, Reason, Results, Verdict};
use crate::scenario::{Replications, Scenario};
use crate::study::Study;

/// As many replications there are at each look, where those before do not tell.
const LOOKS: [u32; 8] = [4, 8, 16, 32, 64, 128, 256, 512];
/// No more replications are begun of a candidate after so many events.
const MOST_EVENTS: u64 = 150_000_000;
/// No more candidates of a deployment are looked at than this.
pub(super) const MOST_CANDIDATES: usize = 40;
/// So many times the horizons are asked for where the first do not tell.
const MORE_HORIZONS: u32 = 4;
/// Hours in a month.
const HOURS_PER_MONTH: f64 = 730.0;

/// Tells whether candidates meet all goals.
pub(super) struct Judge<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) planning: &'a Planning,
    pub(super) progress: &'a dyn Progress,
    pub(super) stop: &'a AtomicBool,
}

/// What was found of a candidate, and with how many events.
pub(super) struct Judged {
    pub(super) candidate: Candidate,
    pub(super) events: u64,
}

impl Judge<'_> {
    /// A deployment with these node counts, judged; none if it was stopped before that is known.
    pub(super) fn judge(
        &self,
        deployment: &Deployment,
        nodes: &[u32],
    ) -> Result<Option<Judged>, ExperimentError> {
        let mut scenario = self.alone(deployment, nodes);
        let candidate = |answer, binding, replications| Candidate {
            nodes: nodes.to_vec(),
            price_per_month: price_per_month(deployment, nodes),
            answer,
            binding,
            replications,
        };
        if let Some(missed) = Experiment::new(&scenario)?.overloaded() {
            let binding = Binding {
                goal: missed.goal,
                flow: scenario.flows[missed.flow].name.clone(),
                situation: missed.situation,
                cluster: Some(missed.cluster),
                margin: None,
            };
            let candidate = candidate(Answer::Overloaded, Some(binding), 0);
            return Ok(Some(Judged { candidate, events: 0 }));
        }
        let mut begun: Option<Study> = None;
        for (look, count) in LOOKS.into_iter().enumerate() {
            scenario.run.replications = Replications::Fixed(count);
            let experiment = Experiment::new(&scenario)?;
            let task = Task { begun, ..Task::default() };
            let mut study = experiment.observe(task, self.progress, self.stop)?.study;
            if self.stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            // Twice as many replications would take twice as many events.
            let events = experiment.results(&study).events;
            let is_last = look + 1 == LOOKS.len() || 2 * events > MOST_EVENTS;
            let results = self.seen(&experiment, &mut study, is_last);
            let answer = self.answer(&results.deployments[0].goal_checks);
            let is_known =
                !matches!(answer, Answer::Undecided(effort) if effort != Effort::Unknown);
            if self.stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            if is_known || is_last {
                let binding = binding(&scenario, &results, answer);
                let candidate = candidate(answer, binding, count);
                return Ok(Some(Judged { candidate, events: results.events }));
            }
            begun = Some(study);
        }
        Ok(None)
    }

    /// What a study shows, with years of failures where they are asked for and all else is kept.
    fn seen(&self, experiment: &Experiment<'_>, study: &mut Study, is_last: bool) -> Results {
        let in_windows = experiment.results(study);
        let checks = &in_windows.deployments[0].goal_checks;
        let is_of_horizons = |check: &&GoalCheck| check.reason == Reason::NoHorizons;
        let (of_horizons, others): (Vec<_>, Vec<_>) = checks.iter().partition(is_of_horizons);
        let all_others = self.answer_of(others.into_iter());
        let is_open = matches!(all_others, Answer::Undecided(_)) && !is_last;
        if of_horizons.is_empty() || all_others.is_rejected() || is_open {
            return in_windows;
        }
        for horizons in [1, MORE_HORIZONS * known_horizons(study)] {
            experiment.foresee(study, horizons.max(1), self.stop);
            let results = experiment.results(study);
            let checks = &results.deployments[0].goal_checks;
            let is_open = checks.iter().any(|check| {
                let open = matches!(check.reason, Reason::MoreHorizons(_));
                open && Standing::of(check, self.planning.indifference) == Standing::Unknowable
            });
            if !is_open || self.stop.load(Ordering::Relaxed) {
                return results;
            }
        }
        experiment.results(study)
    }

    /// The scenario with this deployment alone, judged as one of many comparisons.
    fn alone(&self, deployment: &Deployment, nodes: &[u32]) -> Scenario {
        let mut scenario = self.scenario.clone();
        let mut deployment = deployment.clone();
        for (cluster, nodes) in deployment.clusters.iter_mut().zip(nodes) {
            cluster.nodes = *nodes;
        }
        scenario.isolation = None;
        let looks = self.scenario.deployments.len() * MOST_CANDIDATES * LOOKS.len();
        scenario.run.confidence = 1.0 - (1.0 - self.planning.confidence) / looks as f64;
        scenario.deployments = vec![deployment];
        scenario
    }

    fn answer(&self, checks: &[GoalCheck]) -> Answer {
        self.answer_of(checks.iter())
    }

    /// Accepted where every goal is kept; rejected where one is missed.
    fn answer_of<'b>(&self, checks: impl Iterator<Item = &'b GoalCheck>) -> Answer {
        let standings: Vec<Standing> =
            checks.map(|check| Standing::of(check, self.planning.indifference)).collect();
        let any = |wanted: Standing| standings.contains(&wanted);
        let effort = standings.iter().find_map(|standing| match standing {
            Standing::Open(effort) => Some(*effort),
            _ => None,
        });
        match effort {
            _ if any(Standing::Missed { within: false }) => Answer::Misses,
            // Whatever would come of the others.
            _ if any(Standing::Missed { within: true }) => Answer::MissesWithinIndifference,
            Some(Effort::Unknown) => Answer::Undecided(Effort::AtLeast(LOOKS[0] + 1)),
            Some(effort) => Answer::Undecided(effort),
            None if any(Standing::Unknowable) => Answer::Undecided(Effort::Unknown),
            None if any(Standing::Kept { within: true }) => Answer::MeetsWithinIndifference,
            None => Answer::Meets,
        }
    }
}

/// The goal that a candidate misses by most, or keeps by least.
fn binding(scenario: &Scenario, results: &Results, answer: Answer) -> Option<Binding> {
    let deployment = &results.deployments[0];
    let counts = |check: &&GoalCheck| match answer {
        Answer::Misses => check.verdict == Verdict::Missed,
        _ => check.reason != Reason::NoHorizons,
    };
    let checks = deployment.goal_checks.iter().filter(counts);
    let least = |check: &&GoalCheck| margin(check).unwrap_or(f64::NEG_INFINITY);
    let check = checks.min_by(|a, b| least(a).total_cmp(&least(b)))?;
    Some(Binding {
        goal: check.goal,
        flow: check.flow.clone(),
        situation: check.situation.clone(),
        cluster: binding_cluster(scenario, deployment, check),
        margin: margin(check),
    })
}

/// Of those that the flow needs: over horizons the one that is out most, else the one that has most to do.
fn binding_cluster(
    scenario: &Scenario,
    found: &DeploymentResult,
    check: &GoalCheck,
) -> Option<usize> {
    let experiment = Experiment::new(scenario).ok()?;
    let network = experiment.network(0);
    let flow = scenario.flows.iter().position(|flow| flow.name == check.flow)?;
    let is_of_horizons = check.goal == Quantity::Availability || check.goal.is_of_horizons();
    let weighs = |cluster: usize| {
        let share = network.share_through(flow, cluster).min(1.0);
        let found = found.clusters[cluster].found.get(Quantity::Utilisation);
        let busy = found.map_or(0.0, |found| found.mean);
        match is_of_horizons {
            true => share * out(&network.clusters[cluster]),
            false if share > 0.0 => busy,
            false => 0.0,
        }
    };
    let all = (0..network.clusters.len()).map(|cluster| (cluster, weighs(cluster)));
    let most = all.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, weight)| *weight > 0.0);
    most.map(|(cluster, _)| cluster)
}

/// So many horizons a study has.
fn known_horizons(study: &Study) -> u32 {
    study.years().iter().flatten().map(|years| years.horizons).max().unwrap_or(1)
}

/// The share of time in which all nodes of a station are down, each by its own failures.
fn out(station: &Station) -> f64 {
    let down = station.failures.iter().map(|random| {
        let (up, down) = (random.between.mean_nanos, random.lasts.mean_nanos);
        down / (up + down)
    });
    down.sum::<f64>().min(1.0).powi(station.nodes as i32)
}

/// Price of all nodes for a month.
pub(super) fn price_per_month(deployment: &Deployment, nodes: &[u32]) -> f64 {
    let clusters = deployment.clusters.iter().zip(nodes);
    let per_hour: f64 =
        clusters.map(|(cluster, nodes)| f64::from(*nodes) * cluster.profile.price_per_hour).sum();
    // Sums of prices have no more decimals than prices.
    (per_hour * HOURS_PER_MONTH * 1e4).round() / 1e4
}
