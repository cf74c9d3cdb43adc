//! `latency.png`: the tail of the sojourn time of every flow. A line per deployment where there are
//! few; a row per deployment with marks at its quantiles where there are many.

use std::io::Write;

use sim::quantity::Quantity;
use sim::results::{FlowResult, Results};
use sim::scenario::LatencyMetric;

use super::canvas::Canvas;
use super::flows::{self, Picked, Urgency};
use super::interval::Interval;
use super::mark::Area;
use super::palette::{ALARM, Look};
use super::panel::{HEADING, Panel};
use super::rows;
use super::scale::{self, Scale};
use super::sheet::{Entry, MARGIN, ROOM, Sheet};
use super::{quantiles, signs};
use crate::number::{self, Unit};
use crate::{Context, Picture, Report, ReportError, phrases};

/// More flows have no panel.
const MOST: usize = 12;
/// Between two panels side by side.
const GAP: f64 = 34.0;
/// Below a panel: the labels and the title of its axis.
const BELOW: f64 = 66.0;
/// The axis of values is logarithmic where they span more.
const SPREAD: f64 = 10.0;
/// The ends of the axis of probabilities.
const AXIS: (f64, f64) = (0.5, 0.9999);
/// Probabilities with a label.
const TICKS: [f64; 5] = [0.5, 0.9, 0.99, 0.999, 0.9999];
/// Between the marks of two deployments at one quantile, so that neither hides the other.
const BESIDE: f64 = 4.0;
/// Half of the line of a limit.
const LIMIT: f64 = 34.0;

/// Writes `latency.png`.
pub(crate) struct Latency;

impl Report for Latency {
    fn file_name(&self) -> &'static str {
        "latency.png"
    }

    fn picture(&self) -> Option<Picture> {
        Some(Picture {
            title: "The tail of the latency",
            description: "A line for every deployment and a panel for every flow: the sojourn time from the \
                          median to the slowest 1 in 10 000 of the answered requests, with intervals and the \
                          limit of the goal. The figures are in latency.csv.",
        })
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        draw(context).write(out)
    }
}

/// The chart.
pub(super) fn draw(context: &Context<'_>) -> Canvas {
    if context.results.deployments.len() > Look::MOST {
        return quantiles::draw(context);
    }
    let results = context.results;
    let picked = Picked::new(results, MOST, |flow| Urgency::by_goals(results, flow));
    let subtitle = "Sojourn time of answered requests, from the median to the slowest 1 in 10 000";
    let mut sheet = Sheet::new(context, subtitle);
    sheet.key(&key(results, &picked.shown));
    if picked.shown.is_empty() {
        rows::empty(&mut sheet, "There is no flow.");
        return sheet.finished(context);
    }
    let (columns, plot) = match picked.shown.len() {
        1 => (1, 420.0),
        2..=6 => (2, 290.0),
        _ => (3, 230.0),
    };
    let height = HEADING + plot + BELOW;
    let width = (ROOM + GAP) / columns as f64 - GAP;
    for (place, &flow) in picked.shown.iter().enumerate() {
        let left = MARGIN + (width + GAP) * (place % columns) as f64;
        let top = sheet.top + height * (place / columns) as f64;
        let corners = ((left, top), (left + width, top + HEADING + plot));
        panel(&mut sheet.canvas, results, flow, corners);
    }
    sheet.top += height * picked.shown.len().div_ceil(columns) as f64;
    if !picked.rest.is_empty() {
        sheet.caption(&picked.left_out(results));
    }
    sheet.finished(context)
}

fn key(results: &Results, shown: &[usize]) -> Vec<Entry<'static>> {
    let mut entries: Vec<Entry<'static>> = Vec::new();
    let mut intervals: Vec<(Interval, Scale)> = Vec::new();
    for (index, deployment) in results.deployments.iter().enumerate() {
        entries.push(Entry::of_line(&deployment.name, Look::of(index)));
    }
    for &flow in shown {
        let scale = scale(results, flow);
        let flows = results.deployments.iter().filter_map(|d| d.flows.get(flow));
        intervals.extend(flows.flat_map(quantiles_of).map(|(_, interval)| (interval, scale)));
    }
    entries.extend(signs::of_intervals(intervals.into_iter()));
    if shown.iter().any(|&flow| !limits(results, flow).is_empty()) {
        entries.push(signs::of_limits());
    }
    entries
}

fn panel(canvas: &mut Canvas, results: &Results, index: usize, corners: Area) {
    let flows: Vec<_> = results.deployments.iter().map(|d| d.flows.get(index)).collect();
    let name = flows.iter().flatten().next().map_or("", |flow| flow.name.as_str());
    let limits = limits(results, index);
    let is_empty = flows.iter().flatten().all(|flow| values(flow).is_empty());
    let scale = scale(results, index);
    let logarithmic = matches!(scale, Scale::Logarithmic { .. });
    let unit = if logarithmic { ", ms (log scale)" } else { ", ms" };
    let panel = Panel::new(canvas, corners, (name, unit, &goals(&limits)), scale);
    let labels = TICKS.map(|tick| (panel.x(place(tick)), number::exact(tick * 100.0, 2) + " %"));
    panel.crossings(canvas, &labels);
    panel.axis_title(canvas, "share of answered requests that is at least as fast");
    if is_empty {
        panel.empty(canvas, "no request was answered");
        return;
    }
    canvas.within(panel.axes, |canvas| {
        for (probability, limit) in &limits {
            limit_line(canvas, &panel, *probability, *limit);
        }
        for (index, flow) in flows.iter().enumerate() {
            let Some(flow) = flow else { continue };
            line(canvas, &panel, flow, Look::of(index));
        }
        for (index, flow) in flows.iter().enumerate() {
            let Some(flow) = flow else { continue };
            let aside = (index as f64 - (flows.len() - 1) as f64 / 2.0) * BESIDE;
            marks(canvas, &panel, flow, Look::of(index), aside);
        }
    });
}

/// An axis that holds everything that is drawn of a flow, and the limits.
fn scale(results: &Results, flow: usize) -> Scale {
    let flows = results.deployments.iter().filter_map(|deployment| deployment.flows.get(flow));
    let limits = limits(results, flow).into_iter().map(|(_, limit)| limit);
    Scale::by_range(flows.flat_map(values).chain(limits), SPREAD)
}

/// Everything that is drawn of a flow, in ms.
fn values(flow: &FlowResult) -> Vec<f64> {
    let marks = quantiles_of(flow).flat_map(|(_, interval)| interval.values());
    let line = points(flow).into_iter().map(|(_, ms)| ms);
    line.chain(marks).filter(|value| scale::reachable(*value)).collect()
}

/// The reported quantiles that the axis has room for.
fn quantiles_of(flow: &FlowResult) -> impl Iterator<Item = (f64, Interval)> {
    let inside = |p: f64| (AXIS.0..=AXIS.1).contains(&p);
    let quantiles = flow.quantiles_ms().filter(move |(p, _)| inside(*p));
    quantiles.map(|(p, found)| (p, Interval::of(found, 1.0)))
}

/// The distribution as a line.
fn line(canvas: &mut Canvas, panel: &Panel, flow: &FlowResult, look: Look) {
    let points: Vec<_> = points(flow)
        .into_iter()
        .filter(|(_, ms)| panel.track.holds(*ms))
        .map(|(p, ms)| (panel.x(place(p)), panel.y(ms)))
        .collect();
    canvas.dashed(&points, 2.5, look.colour(), look.dash());
}

/// The reported quantiles as markers with the bars of their intervals.
fn marks(canvas: &mut Canvas, panel: &Panel, flow: &FlowResult, look: Look, aside: f64) {
    for (probability, interval) in quantiles_of(flow) {
        let x = panel.x(place(probability)) + aside;
        let point = |y: f64, across: f64| (x + across, y);
        panel.track.bar(canvas, &interval, look.colour(), point);
        if panel.track.holds(interval.mean) {
            look.edged(canvas, (x, panel.y(interval.mean)), 4.0);
        } else {
            panel.track.beyond(canvas, interval.mean, look.colour(), point);
        }
    }
}

/// The distribution where the axis shows it; the reported quantiles where there is none.
fn points(flow: &FlowResult) -> Vec<(f64, f64)> {
    let shown = |(p, ms): &(f64, f64)| (AXIS.0..=AXIS.1).contains(p) && scale::reachable(*ms);
    let line: Vec<_> = flow.distribution.iter().copied().filter(shown).collect();
    if line.len() > 1 {
        return line;
    }
    flow.quantiles_ms().map(|(p, found)| (p, found.mean)).filter(shown).collect()
}

/// Where a probability stands: the tail is stretched, so that 90 %, 99 %, 99.9 % are equally far.
pub(super) fn place(probability: f64) -> f64 {
    let tail = |p: f64| -(1.0 - p).log10();
    (tail(probability) - tail(AXIS.0)) / (tail(AXIS.1) - tail(AXIS.0))
}

/// The limits of a flow's goals on quantiles that the axis has room for.
fn limits(results: &Results, flow: usize) -> Vec<(f64, f64)> {
    let mut limits: Vec<(f64, f64)> = Vec::new();
    let checks = results.deployments.iter().flat_map(|deployment| flows::checks(deployment, flow));
    for check in checks {
        let Quantity::Latency(LatencyMetric::Quantile(p)) = check.goal else { continue };
        if (AXIS.0..=AXIS.1).contains(&p) && !limits.contains(&(p, check.limit)) {
            limits.push((p, check.limit));
        }
    }
    limits
}

/// `goal: p99 300 ms, p99.9 1 000 ms`.
fn goals(limits: &[(f64, f64)]) -> String {
    let of = |(p, limit): &(f64, f64)| {
        let limit = number::limit(*limit, Unit::Milliseconds);
        format!("{} {limit}", phrases::metric(LatencyMetric::Quantile(*p)))
    };
    let all: Vec<String> = limits.iter().map(of).collect();
    if all.is_empty() { String::new() } else { format!("goal: {}", all.join(", ")) }
}

/// A short dashed line at the quantile that a goal limits.
fn limit_line(canvas: &mut Canvas, panel: &Panel, probability: f64, limit: f64) {
    if panel.track.holds(limit) {
        let (x, y) = (panel.x(place(probability)), panel.y(limit));
        let left = (x - LIMIT).max(panel.axes.0.0);
        let right = (x + LIMIT).min(panel.axes.1.0);
        canvas.dashed(&[(left, y), (right, y)], 3.0, ALARM, &signs::LIMIT);
    }
}
