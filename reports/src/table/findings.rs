//! What stands out, as sentences: overload, missed and undecided goals, notes, real differences.

use sim::results::{DeploymentResult, Difference, Distinction, GoalCheck, Results, Verdict};

use crate::number::{self, Unit};
use crate::phrases;

/// So many lines of a kind and deployment are shown, fewer where there are many deployments; the
/// rest is counted, and stands in the files.
const MOST: usize = 6;
const FEW: usize = 2;
/// From so many deployments on, each has few lines.
const MANY_DEPLOYMENTS: usize = 5;

/// The findings on one deployment: its name, then one line each.
pub(super) struct Findings<'a> {
    /// Name of the deployment.
    pub(super) deployment: &'a str,
    /// At least one sentence.
    pub(super) lines: Vec<String>,
}

/// The deployments on which there is something to say, in their order.
pub(super) fn of(results: &Results) -> Vec<Findings<'_>> {
    let most = if results.deployments.len() < MANY_DEPLOYMENTS { MOST } else { FEW };
    let found = results.deployments.iter().enumerate().map(|(index, deployment)| {
        let mut lines: Vec<_> = overload(deployment).into_iter().collect();
        lines.extend(goals(deployment, Verdict::Missed, most));
        lines.extend(goals(deployment, Verdict::Undecided, most));
        lines.extend(deployment.notes.iter().map(|note| format!("note: {note}")));
        if index > 0 {
            lines.extend(differences(deployment, &results.differences, most));
        }
        Findings { deployment: &deployment.name, lines }
    });
    found.filter(|findings| !findings.lines.is_empty()).collect()
}

fn overload(deployment: &DeploymentResult) -> Option<String> {
    let overload = deployment.overload.as_ref()?;
    let carried: f64 = deployment.flows.iter().map(|flow| flow.throughput_rps.mean).sum();
    Some(format!(
        "overloaded: `{}` is offered {} of {} cores, stops included; it can carry at most about {} of the {} \
         offered, and carried {} under this load",
        overload.cluster,
        number::plain(overload.offered_load_with_stops_cores, Unit::One),
        number::plain(overload.cores, Unit::One),
        number::plain(overload.carried_rps, Unit::PerSecond),
        number::plain(overload.offered_rps, Unit::PerSecond),
        number::plain(carried, Unit::PerSecond),
    ))
}

fn goals(deployment: &DeploymentResult, verdict: Verdict, most: usize) -> Vec<String> {
    let checks = deployment.goal_checks.iter().filter(|check| check.verdict == verdict);
    let word = phrases::verdict(verdict);
    let ending = match verdict {
        Verdict::Undecided => "; more replications would decide",
        Verdict::Met | Verdict::Missed => "",
    };
    let line = |check: &GoalCheck| format!("{word}: {}{ending}", phrases::check(check));
    shortened(checks.map(line).collect(), most, |more| format!("{word}: {more} more in goals.csv"))
}

fn differences(deployment: &DeploymentResult, all: &[Difference], most: usize) -> Vec<String> {
    let ours: Vec<_> = all.iter().filter(|d| d.deployment == deployment.name).collect();
    let Some(first) = ours.first() else { return Vec::new() };
    let against = format!("against `{}`", first.baseline);
    let with = |distinction| ours.iter().copied().filter(move |d| d.distinction == distinction);
    let real = with(Distinction::Real).map(sentence).collect();
    let mut lines = shortened(real, most, |more| {
        format!("{against}: {more} more real differences in differences.csv")
    });
    let same: Vec<_> = with(Distinction::Negligible).collect();
    let unknown: Vec<_> = with(Distinction::Unknown).collect();
    if same.len() == ours.len() {
        lines.push(format!("{against}: the same in throughput, p99 and error share of every flow"));
    } else if !same.is_empty() {
        lines.push(format!("{against}: the same in {}", listed(&same, most)));
    }
    if !unknown.is_empty() {
        lines.push(format!("{against}: cannot be told apart in {}", listed(&unknown, most)));
    }
    lines
}

fn sentence(difference: &Difference) -> String {
    let unit = match difference.quantity {
        "error_fraction" => Unit::PercentagePoints,
        "p99_ms" => Unit::Milliseconds,
        _ => Unit::PerSecond,
    };
    let direction = if difference.difference.mean < 0.0 { "lower" } else { "higher" };
    let size = difference.difference.magnitude();
    format!(
        "against `{}`: {} is {direction} by {} (real)",
        difference.baseline,
        quantity(difference),
        number::estimate(&size, unit),
    )
}

fn listed(differences: &[&Difference], most: usize) -> String {
    let (shown, rest) = differences.split_at(differences.len().min(most));
    let shown: Vec<_> = shown.iter().map(|d| quantity(d)).collect();
    let rest = match rest.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{rest}", shown.join(", "))
}

fn quantity(difference: &Difference) -> String {
    let name = match difference.quantity {
        "throughput_rps" => "throughput",
        "p99_ms" => "p99",
        "error_fraction" => "error share",
        other => other,
    };
    format!("{name} of `{}`", difference.flow)
}

fn shortened(
    mut lines: Vec<String>,
    most: usize,
    counted: impl Fn(usize) -> String,
) -> Vec<String> {
    if lines.len() > most {
        let more = lines.len() - most + 1;
        lines.truncate(most - 1);
        lines.push(counted(more));
    }
    lines
}
