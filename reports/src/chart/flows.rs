//! Which flows a chart shows where it has no room for all, and where the others stand.

use std::cmp::Ordering;

use sim::quantity::Quantity;
use sim::results::{DeploymentResult, FlowResult, GoalCheck, Results};
use sim::scenario::LatencyMetric;

use super::palette::Sign;
use crate::number::{self, Unit};
use crate::phrases;

/// Flows in the order of the scenario: those with a drawing of their own, and the others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Picked {
    /// Drawn.
    pub(super) shown: Vec<usize>,
    /// Left out.
    pub(super) rest: Vec<usize>,
}

impl Picked {
    /// At most `most` flows (and at least one): the most urgent, the quietest and the busiest, then
    /// the others by their urgency.
    pub(super) fn new(results: &Results, most: usize, urgency: impl Fn(usize) -> Urgency) -> Self {
        let count = all(results).len();
        let urgencies: Vec<Urgency> = (0..count).map(urgency).collect();
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|&a, &b| urgencies[b].compared(&urgencies[a]));
        let rate = |flow: &usize| all(results)[*flow].found[Quantity::Offered].mean;
        let quietest = (0..count).min_by(|a, b| rate(a).total_cmp(&rate(b)));
        let busiest = (0..count).max_by(|a, b| rate(a).total_cmp(&rate(b)));
        let first = order.first().copied();
        let seats = [first, quietest, busiest].into_iter().flatten().chain(order.iter().copied());
        let mut shown = Vec::new();
        for flow in seats {
            if shown.len() < most.max(1) && !shown.contains(&flow) {
                shown.push(flow);
            }
        }
        shown.sort_unstable();
        let rest = (0..count).filter(|flow| !shown.contains(flow)).collect();
        Self { shown, rest }
    }

    /// Says how many flows are left out and where they stand; empty where none is.
    pub(super) fn left_out(&self, results: &Results) -> String {
        if self.rest.is_empty() {
            return String::new();
        }
        let flows = phrases::count(self.rest.len() as u32, "flow");
        let standings: Vec<(usize, Sign)> =
            self.rest.iter().map(|&flow| (flow, worst_sign(results, flow))).collect();
        let named = |sign: Sign| {
            let names: Vec<String> = standings
                .iter()
                .filter(|(_, of)| *of == sign)
                .map(|(flow, _)| format!("`{}`", all(results)[*flow].name))
                .collect();
            listed(&names)
        };
        let mut parts = Vec::new();
        for (sign, says) in
            [(Sign::Missed, "miss a goal somewhere"), (Sign::Undecided, "are undecided somewhere")]
        {
            let count = standings.iter().filter(|(_, of)| *of == sign).count();
            if count > 0 {
                parts.push(format!("{count} {says} ({})", named(sign)));
            }
        }
        let met = standings.iter().filter(|(_, of)| *of == Sign::Met).count();
        if met == self.rest.len() {
            parts.push("all meet their goals in every deployment".to_owned());
        } else if met > 0 {
            parts.push(format!("{met} meet their goals in every deployment"));
        }
        parts.extend(self.slowest(results));
        let standing =
            if parts.is_empty() { "nothing was answered".to_owned() } else { parts.join("; ") };
        format!("Not drawn: {flows} of {}: {standing}.", all(results).len())
    }

    fn slowest(&self, results: &Results) -> Option<String> {
        let p99 = LatencyMetric::Quantile(0.99);
        let found = results.deployments.iter().flat_map(|deployment| {
            let flows = self.rest.iter().filter_map(|&flow| deployment.flows.get(flow));
            flows.filter_map(move |flow| {
                let found = flow.latency_ms(p99).filter(|found| found.mean.is_finite())?;
                Some((flow, deployment, *found))
            })
        });
        let (flow, deployment, found) = found.max_by(|a, b| a.2.mean.total_cmp(&b.2.mean))?;
        let p99 = number::estimate(&found, Unit::Milliseconds);
        Some(format!("the slowest is `{}` on `{}`, p99 {p99}", flow.name, deployment.name))
    }
}

/// How much a flow has to be shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Urgency {
    /// The worst verdict in any deployment.
    pub(super) sign: Sign,
    /// What decides among flows of the same sign.
    pub(super) size: f64,
}

impl Urgency {
    /// By goals: the verdict, then how many times a limit the worst figure is; without goals by p99.
    pub(super) fn by_goals(results: &Results, flow: usize) -> Self {
        let sign = worst_sign(results, flow);
        let excesses = results.deployments.iter().flat_map(|deployment| {
            checks(deployment, flow)
                .filter(|check| Sign::of(Some(check.verdict)) == sign)
                .map(excess)
        });
        let size = match sign {
            Sign::Plain => slowest_p99(results, flow),
            _ => excesses.fold(0.0, f64::max),
        };
        Self { sign, size }
    }

    fn compared(&self, other: &Self) -> Ordering {
        self.sign.cmp(&other.sign).then(self.size.total_cmp(&other.size))
    }
}

/// The flows as the first deployment has them.
pub(super) fn all(results: &Results) -> &[FlowResult] {
    results.deployments.first().map_or(&[], |deployment| &deployment.flows)
}

/// The checks of one flow of a deployment.
pub(super) fn checks(
    deployment: &DeploymentResult,
    flow: usize,
) -> impl Iterator<Item = &GoalCheck> {
    let name = deployment.flows.get(flow).map(|flow| flow.name.as_str());
    deployment.goal_checks.iter().filter(move |check| Some(check.flow.as_str()) == name)
}

/// The worst verdict over a flow's goals, deployments and situations.
pub(super) fn worst_sign(results: &Results, flow: usize) -> Sign {
    let deployments = results.deployments.iter();
    deployments.map(|deployment| standing(deployment, flow)).max().unwrap_or(Sign::Plain)
}

/// The worst verdict over a flow's goals and situations in a deployment.
pub(super) fn standing(deployment: &DeploymentResult, flow: usize) -> Sign {
    let signs = checks(deployment, flow).map(|check| Sign::of(Some(check.verdict)));
    signs.max().unwrap_or(Sign::Plain)
}

/// How many times the limit was found; for availability, of what may be missing.
pub(super) fn excess(check: &GoalCheck) -> f64 {
    let Some(found) = check.found.filter(phrases::is_number) else { return f64::INFINITY };
    check.goal.times(found.mean, check.limit)
}

/// What the goals say about the sojourn time, by flow.
#[derive(Clone, Debug)]
pub(super) struct LatencyGoals {
    /// The figure that is shown of each flow: the one whose goal stands worst in any deployment;
    /// without a goal p99.
    pub(super) metrics: Vec<LatencyMetric>,
    /// Its limit, ms.
    pub(super) limits: Vec<Option<f64>>,
}

impl LatencyGoals {
    /// The goals of every flow.
    pub(super) fn of(results: &Results) -> Self {
        let flows = 0..all(results).len();
        let (metrics, limits) = flows.map(|flow| shown_goal(results, flow)).unzip();
        Self { metrics, limits }
    }

    /// The metric that is shown of every flow; none where it is not the same of all.
    pub(super) fn common_metric(&self) -> Option<LatencyMetric> {
        let first = self.metrics.first().copied().unwrap_or(LatencyMetric::Quantile(0.99));
        self.metrics.iter().all(|metric| *metric == first).then_some(first)
    }

    /// `goal: p99 300 ms`, where all flows have the same; else that they differ.
    pub(super) fn common(&self) -> String {
        match self.limits.first() {
            Some(Some(first)) if self.limits.iter().all(|limit| *limit == Some(*first)) => {
                let limit = number::limit(*first, Unit::Milliseconds);
                let metric = self.common_metric().map(|of| phrases::metric(of) + " ");
                format!("goal: {}{limit}", metric.unwrap_or_default())
            }
            _ if self.limits.iter().all(Option::is_none) => String::new(),
            _ => "each flow has a goal of its own".to_owned(),
        }
    }

    /// The goal of one flow, where flows have different ones.
    pub(super) fn own(&self, flow: usize) -> Option<String> {
        let limit = self.limits[flow]?;
        let differs = self.limits.iter().any(|other| *other != Some(limit));
        let metric = phrases::metric(self.metrics[flow]);
        differs.then(|| format!("goal {metric} {}", number::limit(limit, Unit::Milliseconds)))
    }
}

/// The metric whose goal stands worst in any deployment, and its limit.
fn shown_goal(results: &Results, flow: usize) -> (LatencyMetric, Option<f64>) {
    let goals = results.deployments.iter().flat_map(|deployment| checks(deployment, flow));
    let stands = |check: &GoalCheck| {
        let urgency = Urgency { sign: Sign::of(Some(check.verdict)), size: excess(check) };
        match check.goal {
            Quantity::Latency(metric) => Some((metric, check.limit, urgency)),
            _ => None,
        }
    };
    let mut worst: Option<(LatencyMetric, f64, Urgency)> = None;
    for (metric, limit, urgency) in goals.filter_map(stands) {
        if worst.as_ref().is_none_or(|(_, _, known)| urgency.compared(known).is_gt()) {
            worst = Some((metric, limit, urgency));
        }
    }
    let stated = results.scenario.goals.latency.first().map(|(metric, _)| *metric);
    match worst {
        Some((metric, limit, _)) => (metric, Some(limit)),
        None => (stated.unwrap_or(LatencyMetric::Quantile(0.99)), None),
    }
}

fn slowest_p99(results: &Results, flow: usize) -> f64 {
    let p99 = results
        .deployments
        .iter()
        .filter_map(|deployment| deployment.flows.get(flow)?.quantile_ms(0.99))
        .map(|found| found.mean)
        .filter(|mean| mean.is_finite());
    p99.fold(0.0, f64::max)
}

/// A few names, and how many more there are.
fn listed(names: &[String]) -> String {
    const FEW: usize = 6;
    let shown = names.iter().take(FEW).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(FEW) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
