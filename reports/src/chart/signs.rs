//! What a key says about signs, intervals and limits, and how goals are named on a chart.

use sim::quantity::Quantity;
use sim::results::Results;

use super::canvas::Canvas;
use super::flows;
use super::interval::Interval;
use super::palette::{ALARM, INK, Sign};
use super::scale::Scale;
use super::sheet::Entry;
use crate::number::{self, Unit};
use crate::phrases;

/// Lengths on and off of the line of a limit.
pub(super) const LIMIT: [f64; 2] = [7.0, 4.0];

/// Entries for the signs that occur; none where there is nothing to tell apart.
pub(super) fn of_signs(signs: impl Iterator<Item = Sign>) -> Vec<Entry<'static>> {
    let signs: Vec<Sign> = signs.collect();
    if signs.iter().all(|sign| *sign == Sign::Plain) {
        return Vec::new();
    }
    let known = Sign::OF_VERDICTS.into_iter().chain([(Sign::Plain, "without a goal")]);
    let occurs = known.filter(|(sign, _)| signs.contains(sign));
    occurs.map(|(sign, meaning)| sign_entry(sign, meaning)).collect()
}

/// Entries for the bars of intervals, as they are drawn on their axes.
pub(super) fn of_intervals(
    intervals: impl Iterator<Item = (Interval, Scale)>,
) -> Vec<Entry<'static>> {
    let mut entries = Vec::new();
    let intervals: Vec<(Interval, Scale)> = intervals.collect();
    if intervals.iter().any(|(interval, _)| interval.ends.is_some()) {
        entries.push(Entry::new("confidence interval (±)", |canvas: &mut Canvas, (x, y)| {
            canvas.line(&[(x - 13.0, y), (x + 13.0, y)], 1.5, INK);
            for end in [x - 13.0, x + 13.0] {
                canvas.line(&[(end, y - 4.0), (end, y + 4.0)], 1.5, INK);
            }
        }));
    }
    if intervals.iter().any(|(interval, scale)| interval.goes_beyond(*scale)) {
        let meaning = "no bound, or beyond the axis";
        entries.push(Entry::new(meaning, |canvas: &mut Canvas, (x, y)| {
            canvas.line(&[(x - 13.0, y), (x + 10.0, y)], 1.5, INK);
            canvas.polygon(&[(x + 13.0, y), (x + 6.0, y - 4.0), (x + 6.0, y + 4.0)], INK);
        }));
    }
    entries
}

/// An entry for the limits that are drawn.
pub(super) fn of_limits() -> Entry<'static> {
    Entry::new("limit of the goal", |canvas: &mut Canvas, (x, y)| {
        canvas.dashed(&[(x - 14.0, y), (x + 14.0, y)], 2.0, ALARM, &LIMIT);
    })
}

fn sign_entry(sign: Sign, meaning: &str) -> Entry<'static> {
    Entry::new(meaning, move |canvas: &mut Canvas, at| sign.draw(canvas, at, 5.5))
}

/// Whether any goal was judged.
pub(super) fn has_goals(results: &Results) -> bool {
    results.deployments.iter().any(|deployment| !deployment.goal_checks.is_empty())
}

/// Whether the flows belong to several tenants.
pub(super) fn has_tenants(results: &Results) -> bool {
    let mut tenants = flows::all(results).iter().map(|flow| &flow.tenant);
    let first = tenants.next();
    tenants.any(|tenant| Some(tenant) != first)
}

/// A goal in a word: `errors`.
pub(super) fn goal_name(goal: Quantity) -> String {
    match goal {
        Quantity::ErrorRate => "errors".to_owned(),
        other => phrases::goal(other),
    }
}

/// `goal: 0.1 %`, where the flows have one.
pub(super) fn error_goal(results: &Results) -> String {
    let checks = results.deployments.iter().flat_map(|deployment| &deployment.goal_checks);
    let mut limits: Vec<f64> =
        checks.filter(|check| check.goal == Quantity::ErrorRate).map(|check| check.limit).collect();
    limits.sort_by(f64::total_cmp);
    limits.dedup();
    match limits.as_slice() {
        [] => String::new(),
        [only] => format!("goal: {}", number::limit(*only, Unit::Percent)),
        _ => "each flow has a goal of its own".to_owned(),
    }
}
