//! Goals against what was found, with respect for its interval.

use super::sample::{FlowSample, Sample};
use super::{ALL_UP, Situation, lost_node, overload};
use crate::engine::FlowObservations;
use crate::results::{GoalCheck, Verdict};
use crate::scenario::{Goals, LatencyMetric, Scenario};
use crate::stats::Estimate;

/// A goal on one quantity.
#[derive(Clone, Copy)]
enum Goal {
    Latency { metric: LatencyMetric, limit_ms: f64 },
    ErrorRate { limit: f64 },
    Availability { limit: f64 },
}

impl Goal {
    fn all(goals: &Goals) -> Vec<Self> {
        let latency = goals
            .latency
            .iter()
            .map(|(metric, limit)| Self::Latency { metric: *metric, limit_ms: limit.as_ms() });
        let error_rate = goals.error_rate.map(|limit| Self::ErrorRate { limit });
        let availability = goals.availability.map(|limit| Self::Availability { limit });
        latency.chain(error_rate).chain(availability).collect()
    }

    /// As the scenario file names it.
    fn name(self) -> String {
        match self {
            Self::Latency { metric: LatencyMetric::Mean, .. } => "mean".to_owned(),
            Self::Latency { metric: LatencyMetric::Quantile(probability), .. } => {
                // Two decimals are enough for 99.99, and 99.9 has no noise in them.
                format!("p{}", (probability * 1e4).round() / 100.0)
            }
            Self::ErrorRate { .. } => "error_rate".to_owned(),
            Self::Availability { .. } => "availability".to_owned(),
        }
    }

    fn limit(self) -> f64 {
        match self {
            Self::Latency { limit_ms, .. } => limit_ms,
            Self::ErrorRate { limit } | Self::Availability { limit } => limit,
        }
    }

    fn found(self, flow: &FlowSample<'_>) -> Option<Estimate> {
        match self {
            Self::Latency { metric: LatencyMetric::Mean, .. } => flow.mean_ms(),
            Self::Latency { metric: LatencyMetric::Quantile(probability), .. } => {
                flow.quantile_ms(&flow.pooled(), probability)
            }
            Self::ErrorRate { .. } => Some(flow.share(FlowObservations::failures)),
            Self::Availability { .. } => Some(flow.availability()),
        }
    }

    fn judge(self, found: Option<Estimate>) -> Verdict {
        let Some(found) = found else { return Verdict::Missed };
        let (is_met, is_missed) = match self {
            Self::Availability { limit } => (found.is_at_least(limit), found.is_below(limit)),
            _ => (found.is_at_most(self.limit()), found.is_above(self.limit())),
        };
        match (is_met, is_missed) {
            (true, _) => Verdict::Met,
            (_, true) => Verdict::Missed,
            _ => Verdict::Undecided,
        }
    }

    /// Whether so many requests were seen that a share of errors as large as the goal allows would
    /// have shown: without a single error among n, the share is below -ln(1 - confidence) / n
    /// (Hanley and Lippman-Hand, If nothing goes wrong, is everything all right?, JAMA 249, 1983).
    fn is_supported(self, flow: &FlowSample<'_>) -> bool {
        let allowed = match self {
            Self::Latency { .. } => return true,
            Self::ErrorRate { limit } => limit,
            Self::Availability { limit } => 1.0 - limit,
        };
        // Where no error at all is allowed, none must have been seen; no number of requests proves more.
        allowed == 0.0 || flow.unseen_share() <= allowed
    }

    /// Whether the half-width is small enough: relative to the value for latencies, to the errors
    /// that the goal allows for shares.
    fn is_precise(self, found: Option<Estimate>, relative: f64) -> bool {
        let Some(found) = found else { return true };
        let scale = match self {
            Self::Latency { .. } => found.mean,
            Self::ErrorRate { limit } => limit.max(found.mean),
            Self::Availability { limit } => (1.0 - limit).max(1.0 - found.mean),
        };
        found.half_width.is_some_and(|half_width| half_width <= relative * scale)
    }
}

/// Every goal for every flow in every situation of a deployment. Availability is that of the
/// deployment as it is; the others also hold in its reduced situations.
pub(super) fn checks(
    scenario: &Scenario,
    situations: &[Situation],
    sample: &Sample,
    deployment: usize,
) -> Vec<GoalCheck> {
    let own = situations.iter().enumerate().filter(|(_, s)| s.deployment == deployment);
    let mut checks = Vec::new();
    for goal in Goal::all(&scenario.goals) {
        for (index, situation) in own.clone() {
            if matches!(goal, Goal::Availability { .. }) && situation.name != ALL_UP {
                continue;
            }
            for (flow, named) in scenario.flows.iter().enumerate() {
                let flow_sample = sample.flow(index, flow);
                let found = goal.found(&flow_sample);
                let verdict = match goal.judge(found) {
                    // A backlog that grows passes any limit in time.
                    _ if overload::of(scenario, situation).is_some() => Verdict::Missed,
                    Verdict::Met if !goal.is_supported(&flow_sample) => Verdict::Undecided,
                    verdict => verdict,
                };
                checks.push(GoalCheck {
                    goal: goal.name(),
                    flow: named.name.clone(),
                    tenant: named.tenant.clone(),
                    situation: situation.name.clone(),
                    limit: goal.limit(),
                    found,
                    verdict,
                });
            }
        }
        checks.extend(lost_for_good(scenario, goal, deployment));
    }
    checks
}

/// A cluster of one node cannot lose it.
fn lost_for_good(scenario: &Scenario, goal: Goal, deployment: usize) -> Vec<GoalCheck> {
    let clusters = &scenario.deployments[deployment].clusters;
    let survives = scenario.goals.survive > 0 && !matches!(goal, Goal::Availability { .. });
    let single = clusters.iter().filter(|cluster| survives && cluster.nodes == 1);
    single
        .map(|cluster| GoalCheck {
            goal: goal.name(),
            flow: "every flow that needs it".to_owned(),
            tenant: String::new(),
            situation: lost_node(&cluster.name),
            limit: goal.limit(),
            found: None,
            verdict: Verdict::Missed,
        })
        .collect()
}

/// The judgement over all goals: none where there are none.
pub(super) fn verdict(checks: &[GoalCheck], overloaded: bool) -> Option<Verdict> {
    let any = |verdict: Verdict| checks.iter().any(|check| check.verdict == verdict);
    if checks.is_empty() {
        return None;
    }
    Some(match () {
        () if overloaded || any(Verdict::Missed) => Verdict::Missed,
        () if any(Verdict::Undecided) => Verdict::Undecided,
        () => Verdict::Met,
    })
}

/// Whether every goal's quantity is known well enough; throughput and p99 where no goal is stated.
pub(super) fn are_precise(scenario: &Scenario, sample: &Sample, relative: f64) -> bool {
    let goals = Goal::all(&scenario.goals);
    let small = |found: &Estimate| {
        found.mean == 0.0 || found.relative_half_width().is_some_and(|width| width <= relative)
    };
    let is_precise = |flow: FlowSample<'_>| {
        if goals.is_empty() {
            let p99 = flow.quantile_ms(&flow.pooled(), 0.99);
            let throughput = Some(flow.rate(|seen| seen.answered));
            return [p99, throughput].iter().flatten().all(small);
        }
        goals.iter().all(|goal| goal.is_precise(goal.found(&flow), relative))
    };
    (0..sample.situations()).all(|situation| {
        (0..scenario.flows.len()).all(|flow| is_precise(sample.flow(situation, flow)))
    })
}
