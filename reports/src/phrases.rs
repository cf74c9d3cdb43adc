//! Phrases that the table and the charts share.

use sim::quantity::Quantity;
use sim::results::{
    Among, DeploymentResult, Distinction, Effort, GoalCheck, OutOfReach, Reason, Results, Verdict,
};
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

/// The same of things in memory: `1 test`, `12 tests`.
pub(crate) fn count_all(number: usize, noun: &str) -> String {
    count(u32::try_from(number).unwrap_or(u32::MAX), noun)
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
    let begins = begins.unwrap_or_default();
    match run.whole {
        None => format!("window {}{begins}", span(run.window)),
        Some(whole) => {
            let hour = 3600.0 * run.window.as_seconds() / whole.as_seconds();
            format!(
                "window {}{begins}, of which {} are simulated, {} of each hour",
                span(whole),
                span(run.window),
                span(SimDuration::from_seconds(hour))
            )
        }
    }
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

/// `p99 of `orders` is 412 ± 6 ms against 300 ms (all nodes up)`, and why, where the number does not
/// tell.
pub(crate) fn check(check: &GoalCheck) -> String {
    let unit = check.goal.unit().into();
    let found = found(check).map_or(String::new(), |found| format!(" is {found}"));
    let subject = format!("{} of `{}`{found}", goal(check.goal), check.flow);
    let against = format!("against {} ({})", number::limit(check.limit, unit), check.situation);
    let reason = reason(check).map_or(String::new(), |reason| format!("; {reason}"));
    format!("{subject} {against}{reason}")
}

/// `the backend of `orders` alone has a p99 of 481 ms, against 400 ms`.
pub(crate) fn out_of_reach(found: &OutOfReach) -> String {
    let alone = alone(found.goal, found.alone);
    let against = number::limit(found.limit, found.goal.unit().into());
    let verb = match found.goal {
        Quantity::ErrorRate => "makes an",
        Quantity::Availability => "leaves an",
        _ => "has a",
    };
    let goal = goal(found.goal);
    format!("the backend of `{}` alone {verb} {goal} of {alone}, against {against}", found.flow)
}

/// What a backend alone brings.
fn alone(goal: Quantity, value: f64) -> String {
    match goal {
        // Rounded towards the limit it would be no reason.
        Quantity::Availability => number::exact(value * 100.0, 4) + " %",
        _ => number::plain(value, goal.unit().into()),
    }
}

/// The goal in words: `error rate`.
pub(crate) fn goal(goal: Quantity) -> String {
    goal.name().replace('_', " ")
}

/// Whether a goal was judged by what was found of it.
pub(crate) fn is_by_number(check: &GoalCheck) -> bool {
    match check.reason {
        Reason::Found
        | Reason::MoreReplications(_)
        | Reason::Calibration
        | Reason::AmongMany(_)
        | Reason::MoreHorizons(_)
        | Reason::Backend { .. } => true,
        Reason::Backlog(_)
        | Reason::NoRequest
        | Reason::NoneEnded
        | Reason::NoneAnswered
        | Reason::NoHorizons
        | Reason::OnlyNode(_) => false,
    }
}

/// What was found, where the goal was judged by it; the bound, where nothing of the kind was seen.
fn found(check: &GoalCheck) -> Option<String> {
    let found = check.found.as_ref().filter(|_| is_by_number(check))?;
    let unseen = match check.goal {
        Quantity::ErrorRate if found.mean == 0.0 => found
            .upper
            .map(|upper| format!("at most {}", number::upper_bound(upper, Unit::Percent))),
        Quantity::Availability if (found.mean - 1.0).abs() <= 0.0 => {
            found.lower.map(|lower| format!("at least {}", number::lower_bound_of_share(lower)))
        }
        _ => None,
    };
    Some(unseen.unwrap_or_else(|| number::estimate(found, check.goal.unit().into())))
}

/// What the judgement rests on, where the number found does not tell.
pub(crate) fn reason(check: &GoalCheck) -> Option<String> {
    Some(match &check.reason {
        Reason::Found => return None,
        Reason::MoreReplications(effort) => self::effort(*effort),
        Reason::Calibration => {
            "what the calibration leaves open is more than that, whatever the number \
                                of replications; longer load tests would decide"
                .to_owned()
        }
        Reason::AmongMany(among) => {
            let among = match among {
                Among::Goals(goals) => format!("{goals} goals"),
                Among::Deployments(deployments) => format!("{deployments} deployments"),
            };
            format!(
                "clear by itself, but not among {among} judged at once; more replications would decide"
            )
        }
        Reason::Backlog(clusters) => format!("the backlog at {} grows", names(clusters)),
        Reason::Backend { alone } => {
            format!("its backend alone brings {}", self::alone(check.goal, *alone))
        }
        Reason::NoRequest => "no request in the window".to_owned(),
        Reason::NoneEnded => "no request ended in the window".to_owned(),
        Reason::NoneAnswered => "no request was answered".to_owned(),
        Reason::OnlyNode(cluster) => format!("`{cluster}` is a single node"),
        Reason::MoreHorizons(horizons) => format!(
            "so close to the limit that {} of failures do not tell; `--years {}` may",
            number::exact(f64::from(*horizons), 0),
            10 * horizons
        ),
        Reason::NoHorizons => "years of failures have not been simulated".to_owned(),
    })
}

/// How many replications would decide.
fn effort(effort: Effort) -> String {
    match effort {
        Effort::About(replications) => {
            let replications = number::exact(f64::from(replications), 0);
            format!("about {replications} replications would decide")
        }
        Effort::MoreThan(replications) => {
            let replications = number::exact(f64::from(replications), 0);
            format!("so close to the limit that {replications} replications would not decide")
        }
        Effort::AtLeast(replications) => {
            let replications = number::exact(f64::from(replications), 0);
            format!("so few requests are slower that it takes at least {replications} replications")
        }
        Effort::Unknown => "one replication has no interval; more would decide".to_owned(),
    }
}

/// What would decide the goals of undecided deployments, as the end of a sentence.
pub(crate) fn remedy(deployments: &[&DeploymentResult]) -> String {
    let checks = deployments.iter().flat_map(|deployment| &deployment.goal_checks);
    let undecided = checks.filter(|check| check.verdict == Verdict::Undecided);
    let (mut most, mut is_about) = (0, true);
    for check in undecided {
        match check.reason {
            Reason::MoreReplications(Effort::About(replications)) => most = most.max(replications),
            Reason::MoreReplications(Effort::AtLeast(replications)) => {
                (most, is_about) = (most.max(replications), false);
            }
            Reason::MoreReplications(Effort::Unknown) | Reason::AmongMany(_) => {
                return "more replications would decide".to_owned();
            }
            _ => return "more replications would not decide".to_owned(),
        }
    }
    let replications = number::exact(f64::from(most), 0);
    match (most, is_about) {
        (0, _) => "more replications would decide".to_owned(),
        (_, true) => format!("about {replications} replications would decide"),
        (_, false) => format!("at least {replications} replications are needed"),
    }
}

/// `a`, `b` and `c`; of many the first few and how many more there are.
pub(crate) fn names<T: AsRef<str>>(names: &[T]) -> String {
    const MOST: usize = 4;
    let shown = if names.len() > MOST + 1 { MOST } else { names.len() };
    let mut parts: Vec<_> = names[..shown].iter().map(|n| format!("`{}`", n.as_ref())).collect();
    if shown < names.len() {
        parts.push(format!("{} more", names.len() - shown));
    }
    list(&parts)
}

/// Parts of a sentence: the last after `and`.
pub(crate) fn list(parts: &[String]) -> String {
    match parts {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => parts.concat(),
    }
}

/// Name of a latency goal.
pub(crate) fn metric(metric: LatencyMetric) -> String {
    Quantity::Latency(metric).name()
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
