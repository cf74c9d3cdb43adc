//! Phrases that the table and the charts share.

use sim::results::{DeploymentResult, Distinction, GoalCheck, Results, Verdict};
use sim::scenario::{LatencyMetric, Replications, RunSettings};
use sim::stats::Estimate;
use sim::time::SimDuration;

use crate::number::{self, Unit};

/// The nodes of a deployment: `2 all-in-one + 2 micro-integrator`.
pub(crate) fn nodes(deployment: &DeploymentResult) -> String {
    let clusters = deployment.clusters.iter();
    clusters.map(|c| format!("{} {}", c.nodes, c.name)).collect::<Vec<_>>().join(" + ")
}

/// `1 node` or `3 nodes`.
pub(crate) fn count(number: u32, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A price as people write it.
pub(crate) fn price(per_month: f64) -> String {
    number::exact(per_month, if per_month.abs() < 100.0 { 2 } else { 0 })
}

/// The judgement in one word.
pub(crate) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Undecided => "undecided",
        Verdict::Missed => "missed",
    }
}

/// What a difference allows to say, in a word or three.
pub(crate) fn distinction(distinction: Distinction) -> &'static str {
    match distinction {
        Distinction::Real => "real",
        Distinction::Negligible => "the same",
        Distinction::Unknown => "cannot be told",
    }
}

/// The unit in which the limit of a goal or a difference is written to files; a share is 0..=1.
pub(crate) fn file_unit(quantity: &str) -> &'static str {
    match quantity {
        "throughput_rps" => "1/s",
        "error_rate" | "error_fraction" | "availability" => "share",
        _ => "ms",
    }
}

/// How the run was made: window, warm-up, replications, confidence and seed.
pub(crate) fn run(results: &Results) -> Vec<String> {
    let run = &results.scenario.run;
    let how = if results.warm_up_found { "found" } else { "set" };
    vec![
        window(run),
        format!("warm-up {} ({how})", span(results.warm_up)),
        count(results.replications, "replication"),
        match results.replications {
            0 | 1 => "no half-widths".to_owned(),
            _ => format!("± at {} confidence", number::plain(run.confidence, Unit::Percent)),
        },
        format!("seed {}", run.seed),
    ]
}

/// How long the window is, and at which time of day it begins, where that is stated.
fn window(run: &RunSettings) -> String {
    let begins = run.begins.map(|begins| {
        let minutes = (begins.as_seconds() / 60.0) as u64;
        format!(" from {:02}:{:02}", minutes / 60, minutes % 60)
    });
    format!("window {}{}", span(run.window), begins.unwrap_or_default())
}

/// What was stopped early, where it was.
pub(crate) fn partial(results: &Results) -> Option<String> {
    let (word, planned) = match results.scenario.run.replications {
        Replications::Fixed(planned) => ("", planned),
        Replications::Precision { max, .. } => ("at most ", max),
    };
    let done = results.replications;
    results
        .partial
        .then(|| format!("PARTIAL: stopped after {done} of {word}{planned} replications"))
}

/// The unit of a goal's limit.
pub(crate) fn goal_unit(goal: &str) -> Unit {
    match goal {
        "error_rate" | "availability" => Unit::Percent,
        _ => Unit::Milliseconds,
    }
}

/// `p99 of `orders` is 412 ± 6 ms against 300 ms (all nodes up)`.
pub(crate) fn check(check: &GoalCheck) -> String {
    let unit = goal_unit(&check.goal);
    let found = check.found.as_ref().map_or_else(
        || "unknown, since no request was answered,".to_owned(),
        |found| number::estimate(found, unit),
    );
    let limit = number::plain(check.limit, unit);
    let name = check.goal.replace('_', " ");
    format!("{name} of `{}` is {found} against {limit} ({})", check.flow, check.situation)
}

/// Name of a quantile: `p99.9`.
pub(crate) fn quantile(probability: f64) -> String {
    format!("p{}", number::exact(probability * 100.0, 4))
}

/// Name of a latency goal.
pub(crate) fn metric(metric: LatencyMetric) -> String {
    match metric {
        LatencyMetric::Mean => "mean".to_owned(),
        LatencyMetric::Quantile(probability) => quantile(probability),
    }
}

/// A span of time with at most two decimals.
pub(crate) fn span(span: SimDuration) -> String {
    let seconds = span.as_seconds();
    let (number, unit) = match seconds {
        s if s < 1.0 => (s * 1e3, "ms"),
        s if s < 120.0 => (s, "s"),
        s if s < 7200.0 => (s / 60.0, "min"),
        s if s < 172_800.0 => (s / 3600.0, "h"),
        s => (s / 86_400.0, "d"),
    };
    format!("{} {unit}", number::exact(number, 2))
}

/// An estimate known to be a number.
pub(crate) fn is_number(estimate: &Estimate) -> bool {
    estimate.mean.is_finite()
}
