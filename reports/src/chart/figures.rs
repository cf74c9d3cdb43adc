//! What one row of the comparison shows: a flow on a deployment, or the worst of several flows.

use sim::quantity::Quantity;
use sim::results::{DeploymentResult, FlowResult, GoalCheck, Reason};
use sim::scenario::LatencyMetric;
use sim::stats::Estimate;

use super::flows::{self, LatencyGoals};
use super::interval::Interval;
use super::palette::Sign;
use super::rows::NUMBER;
use super::signs;
use crate::number::{self, Unit};
use crate::phrases;

/// What one row shows.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    /// Answered correctly, per second.
    pub(super) carried: Estimate,
    /// Offered, per second.
    pub(super) offered: Estimate,
    /// The figure of the sojourn time, ms; none where no request was answered.
    pub(super) latency: Option<Reading>,
    /// The share of errors, %; none where no request ended.
    pub(super) errors: Option<Reading>,
    /// The worst verdict over all goals and situations.
    pub(super) sign: Sign,
    /// The same in words; empty without goals.
    pub(super) standing: String,
}

/// An estimate beside its limit.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// As written, without its unit.
    pub(super) text: String,
    /// As drawn, in the unit of the axis.
    pub(super) interval: Interval,
    /// How it stands to its goal.
    pub(super) sign: Sign,
    /// The limit, in the unit of the axis.
    pub(super) limit: Option<f64>,
}

impl Reading {
    /// The values that the axis should hold.
    pub(super) fn values(&self) -> Vec<f64> {
        let mut values = self.interval.values();
        values.extend(self.limit);
        values
    }

    fn new(found: &Estimate, unit: Unit, check: Option<&GoalCheck>) -> Self {
        let factor = if unit == Unit::Percent { 100.0 } else { 1.0 };
        Self {
            text: number::digits(found, unit),
            interval: Interval::of(found, factor),
            sign: Sign::of(check.map(|check| check.verdict)),
            limit: check.map(|check| check.limit * factor),
        }
    }

    /// Whether it is worse than `other`: by its sign, then by how far it is from its limit.
    fn is_worse_than(&self, other: &Self) -> bool {
        let size = |reading: &Self| reading.interval.mean / reading.limit.unwrap_or(1.0);
        self.sign.cmp(&other.sign).then(size(self).total_cmp(&size(other))).is_gt()
    }
}

impl Figures {
    /// Of one flow on a deployment.
    pub(super) fn of(deployment: &DeploymentResult, index: usize, goals: &LatencyGoals) -> Self {
        let flow = &deployment.flows[index];
        let metric = goals.metrics[index];
        let named = goals.common_metric().is_none();
        let mut latency = latency(deployment, flow, index, metric);
        if let Some(reading) = latency.as_mut().filter(|_| named) {
            reading.text = format!("{} {}", phrases::metric(metric), reading.text);
        }
        let (sign, standing) = standing(deployment, index);
        Self {
            carried: flow.found[Quantity::Throughput],
            offered: flow.found[Quantity::Offered],
            latency,
            errors: errors(deployment, flow, index),
            sign,
            standing,
        }
    }

    /// Of several flows on a deployment: what they carry together, and the worst of their latencies
    /// and errors, with its name.
    pub(super) fn of_rest(
        deployment: &DeploymentResult,
        rest: &[usize],
        goals: &LatencyGoals,
    ) -> Self {
        let together = |rate: fn(&FlowResult) -> f64| {
            let rates = rest.iter().filter_map(|&flow| deployment.flows.get(flow)).map(rate);
            Estimate::unknown(rates.sum())
        };
        let each = rest.iter().filter(|&&flow| flow < deployment.flows.len());
        let each: Vec<(usize, Self)> =
            each.map(|&flow| (flow, Self::of(deployment, flow, goals))).collect();
        let worst = |reading: fn(&Self) -> Option<&Reading>| {
            let mut worst: Option<Reading> = None;
            for (flow, figures) in &each {
                let Some(reading) = reading(figures) else { continue };
                if worst.as_ref().is_none_or(|known| reading.is_worse_than(known)) {
                    let name = NUMBER.shortened(&deployment.flows[*flow].name, 90.0);
                    let text = format!("{} ({name})", reading.text);
                    worst = Some(Reading { text, ..reading.clone() });
                }
            }
            worst
        };
        let sign = each.iter().map(|(_, figures)| figures.sign).max().unwrap_or(Sign::Plain);
        let alike = each.iter().filter(|(_, figures)| figures.sign == sign).count();
        let word =
            Sign::OF_VERDICTS.iter().find(|(of, _)| *of == sign).map_or("", |(_, word)| word);
        let standing = match sign {
            Sign::Plain => String::new(),
            Sign::Met => "all met".to_owned(),
            Sign::Undecided | Sign::Missed => format!("{word}: {alike} of {}", each.len()),
        };
        Self {
            carried: together(|flow| flow.found[Quantity::Throughput].mean),
            offered: together(|flow| flow.found[Quantity::Offered].mean),
            latency: worst(|figures| figures.latency.as_ref()),
            errors: worst(|figures| figures.errors.as_ref()),
            sign,
            standing,
        }
    }

    /// What is carried as a share of what is offered; none where nothing is offered.
    pub(super) fn carried_share(&self) -> Option<f64> {
        let share = self.carried.mean / self.offered.mean;
        (self.offered.mean > 0.0 && share >= 0.0).then_some(share)
    }

    /// `2 520 ± 70 of 3 095`.
    pub(super) fn carried_text(&self) -> String {
        if self.offered.mean <= 0.0 {
            return "none offered".to_owned();
        }
        let carried = number::digits(&self.carried, Unit::One);
        format!("{carried} of {}", mean_alone(&self.offered, Unit::One))
    }

    /// The latency in digits.
    pub(super) fn latency_text(&self) -> String {
        self.latency.as_ref().map_or(number::ABSENT.to_owned(), |reading| reading.text.clone())
    }

    /// The share of errors in digits.
    pub(super) fn errors_text(&self) -> String {
        self.errors.as_ref().map_or(number::ABSENT.to_owned(), |reading| reading.text.clone())
    }
}

fn latency(
    deployment: &DeploymentResult,
    flow: &FlowResult,
    index: usize,
    metric: LatencyMetric,
) -> Option<Reading> {
    let found = flow.latency_ms(metric).filter(|found| !found.mean.is_nan())?;
    let check = first_check(deployment, index, Quantity::Latency(metric));
    Some(Reading::new(found, Unit::Milliseconds, check))
}

fn errors(deployment: &DeploymentResult, flow: &FlowResult, index: usize) -> Option<Reading> {
    let found = flow.found.get(Quantity::ErrorRate).filter(|found| !found.mean.is_nan())?;
    let check = first_check(deployment, index, Quantity::ErrorRate);
    // Where no error was seen, the goal is judged by how many there may be all the same.
    let bound = check.and_then(|check| check.found).filter(|_| found.mean == 0.0);
    let Some(upper) = bound.and_then(|bound| bound.upper).filter(|upper| *upper > 0.0) else {
        return Some(Reading::new(found, Unit::Percent, check));
    };
    let text = number::upper_bound(upper, Unit::Percent);
    let text = format!("≤ {}", text.trim_end_matches(Unit::Percent.suffix()));
    let found = Estimate::between(0.0, Some(0.0), Some(upper));
    Some(Reading { text, ..Reading::new(&found, Unit::Percent, check) })
}

/// The check of a goal with the nodes up that the scenario gives: the first of its situations.
fn first_check(deployment: &DeploymentResult, index: usize, goal: Quantity) -> Option<&GoalCheck> {
    flows::checks(deployment, index).find(|check| check.goal == goal)
}

/// The worst verdict of a flow on a deployment, and `missed: p99, node down`.
fn standing(deployment: &DeploymentResult, index: usize) -> (Sign, String) {
    let sign = flows::standing(deployment, index);
    let Some((_, word)) = Sign::OF_VERDICTS.iter().find(|(of, _)| *of == sign) else {
        return (sign, String::new());
    };
    if sign == Sign::Met {
        return (sign, (*word).to_owned());
    }
    let worst: Vec<&GoalCheck> = flows::checks(deployment, index)
        .filter(|check| Sign::of(Some(check.verdict)) == sign)
        .collect();
    let up = |check: &&GoalCheck| !check.situation.ends_with(" down");
    let always: Vec<&GoalCheck> = worst.iter().copied().filter(up).collect();
    let (checks, ending) = if always.is_empty() { (worst, ", node down") } else { (always, "") };
    if checks.iter().all(|check| matches!(check.reason, Reason::Backlog(_))) {
        let grows = if ending.is_empty() { " grows" } else { "" };
        return (sign, format!("{word}: backlog{grows}{ending}"));
    }
    let mut goals: Vec<String> = Vec::new();
    for check in checks {
        let goal = signs::goal_name(check.goal);
        if !goals.contains(&goal) {
            goals.push(goal);
        }
    }
    let more = match goals.len() {
        0 | 1 => String::new(),
        all => format!(" +{}", all - 1),
    };
    let first = goals.first().map_or("", String::as_str);
    (sign, format!("{word}: {first}{more}{ending}"))
}

/// The digits of a mean without its half-width.
pub(super) fn mean_alone(estimate: &sim::stats::Estimate, unit: Unit) -> String {
    let digits = number::digits(estimate, unit);
    digits.split(" ±").next().unwrap_or_default().to_owned()
}
