//! What stands out, as sentences: overload, missed and undecided goals, notes, real differences.

use sim::results::{DeploymentResult, Difference, GoalCheck, Results, Verdict};
use sim::stats::Estimate;

use crate::number::{self, Unit};
use crate::phrases;

/// So many lines of a kind and deployment are shown; the rest is counted.
const MOST: usize = 6;

/// One entry per finding; the files hold all that is only counted here.
pub(super) fn lines(results: &Results) -> Vec<String> {
    let mut lines: Vec<_> = results.deployments.iter().filter_map(overload).collect();
    for verdict in [Verdict::Missed, Verdict::Undecided] {
        for deployment in &results.deployments {
            lines.extend(goals(deployment, verdict));
        }
    }
    for deployment in &results.deployments {
        lines
            .extend(deployment.notes.iter().map(|n| format!("note on `{}`: {n}", deployment.name)));
    }
    for deployment in results.deployments.iter().skip(1) {
        lines.extend(differences(deployment, &results.differences));
    }
    lines
}

fn overload(deployment: &DeploymentResult) -> Option<String> {
    let overload = deployment.overload.as_ref()?;
    Some(format!(
        "overloaded: in `{}`, `{}` is offered {} of {} cores; it can carry about {} of the {} \
         offered",
        deployment.name,
        overload.cluster,
        number::plain(overload.offered_load_cores, Unit::One),
        number::plain(overload.cores, Unit::One),
        number::plain(overload.carried_rps, Unit::PerSecond),
        number::plain(overload.offered_rps, Unit::PerSecond),
    ))
}

fn goals(deployment: &DeploymentResult, verdict: Verdict) -> Vec<String> {
    let checks = deployment.goal_checks.iter().filter(|check| check.verdict == verdict);
    let ending =
        if verdict == Verdict::Undecided { "; more replications would decide" } else { "" };
    let line = |check: &GoalCheck| {
        let verdict = phrases::verdict(verdict);
        format!("{verdict}: in `{}`, {}{ending}", deployment.name, phrases::check(check))
    };
    shortened(checks.map(line).collect(), |more| {
        let verdict = phrases::verdict(verdict);
        format!("{verdict}: in `{}`, {more} more in goals.csv", deployment.name)
    })
}

fn differences(deployment: &DeploymentResult, all: &[Difference]) -> Vec<String> {
    let ours: Vec<_> = all.iter().filter(|d| d.deployment == deployment.name).collect();
    let Some(first) = ours.first() else { return Vec::new() };
    let (name, baseline) = (&deployment.name, &first.baseline);
    let real = ours.iter().filter(|difference| difference.is_real());
    let mut lines = shortened(real.map(|d| sentence(d)).collect(), |more| {
        format!("real: `{name}` and `{baseline}` differ in {more} more, see differences.csv")
    });
    let not: Vec<_> = ours.iter().filter(|d| !d.is_real()).map(|d| quantity(d)).collect();
    if !not.is_empty() {
        let (shown, rest) = not.split_at(not.len().min(MOST));
        let rest =
            if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        let shown = shown.join(", ");
        lines.push(format!(
            "not real: `{name}` and `{baseline}` differ within chance in {shown}{rest}"
        ));
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
    let size = Estimate { mean: difference.difference.mean.abs(), ..difference.difference };
    format!(
        "real: in `{}`, {} is {direction} than in `{}` by {}",
        difference.deployment,
        quantity(difference),
        difference.baseline,
        number::estimate(&size, unit),
    )
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

fn shortened(mut lines: Vec<String>, counted: impl Fn(usize) -> String) -> Vec<String> {
    if lines.len() > MOST {
        let more = lines.len() - MOST + 1;
        lines.truncate(MOST - 1);
        lines.push(counted(more));
    }
    lines
}
