//! `latency.png`: the tail of the sojourn time of every flow, one line per deployment.

use std::io::Write;

use sim::results::{FlowResult, Results};
use sim::scenario::LatencyMetric;

use super::canvas::{Align, Canvas, Point, Type};
use super::palette::{ALARM, Look};
use super::panel::{HEADING, Panel};
use super::scale::Scale;
use super::sheet::{Key, MARGIN, Sheet, WIDTH};
use super::{busiest_flows, shown};
use crate::number::{self, Unit};
use crate::{Context, Report, ReportError, phrases};

/// More flows are not shown.
const MOST: usize = 6;
/// Between two panels side by side.
const GAP: f64 = 40.0;
/// Below a panel: the labels and the title of its axis.
const BELOW: f64 = 66.0;
/// The ends of the axis of probabilities.
const AXIS: (f64, f64) = (0.5, 0.9999);
/// Probabilities with a label.
const TICKS: [f64; 5] = [0.5, 0.9, 0.99, 0.999, 0.9999];

/// Writes `latency.png`.
pub(crate) struct Latency;

impl Report for Latency {
    fn file_name(&self) -> &'static str {
        "latency.png"
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let results = context.results;
        let flows = busiest_flows(results, MOST);
        let columns = if flows.len() > 1 { 2 } else { 1 };
        let rows = flows.len().div_ceil(columns).max(1);
        let plot = if columns == 1 { 460.0 } else { 300.0 };
        let height = HEADING + plot + BELOW;
        let subtitle = format!(
            "Sojourn time of answered requests, from the median to the slowest 1 in 10 000{}",
            shown(results, MOST)
        );
        let mut sheet = Sheet::new(context, &subtitle, Key::Line, height * rows as f64);
        let width = (WIDTH - 2.0 * MARGIN - GAP * (columns - 1) as f64) / columns as f64;
        for (place, &flow) in flows.iter().enumerate() {
            let left = MARGIN + (width + GAP) * (place % columns) as f64;
            let top = sheet.top + height * (place / columns) as f64;
            let corners = ((left, top), (left + width - 24.0, top + HEADING + plot));
            panel(&mut sheet.canvas, results, flow, corners);
        }
        sheet.canvas.write(out)
    }
}

fn panel(canvas: &mut Canvas, results: &Results, index: usize, (from, to): (Point, Point)) {
    let flows: Vec<_> = results.deployments.iter().map(|d| d.flows.get(index)).collect();
    let name = flows.iter().flatten().next().map_or("", |flow| flow.name.as_str());
    let goals: Vec<_> = goals(results);
    let found: Vec<f64> =
        flows.iter().flatten().flat_map(|flow| points(flow)).map(|(_, ms)| ms).collect();
    let largest = found.iter().copied().fold(0.0, f64::max);
    let near = goals.iter().map(|(_, limit)| *limit).filter(|limit| *limit < largest * 10.0);
    let scale = Scale::by_range(found.iter().copied().chain(near), 10.0);
    let logarithmic = matches!(scale, Scale::Logarithmic { .. });
    let unit = if logarithmic { "ms (log scale)" } else { "ms" };
    let panel = Panel::new(canvas, (from, to), (name, &format!(", {unit}")), scale);
    for tick in TICKS {
        let label = number::exact(tick * 100.0, 2) + " %";
        panel.crossing(canvas, panel.x(place(tick)), &label);
    }
    panel.axis_title(canvas, "share of answered requests that is at least as fast");
    if found.is_empty() {
        panel.empty(canvas, "no request was answered");
    }
    for (index, flow) in flows.iter().enumerate() {
        if let Some(flow) = flow {
            curve(canvas, &panel, flow, Look::of(index));
        }
    }
    for (probability, limit) in goals {
        goal(canvas, &panel, probability, limit);
    }
}

/// The distribution as a line; the reported quantiles as markers with their intervals.
fn curve(canvas: &mut Canvas, panel: &Panel, flow: &FlowResult, look: Look) {
    let at = |(p, ms): (f64, f64)| (panel.x(place(p)), panel.y(ms));
    let line: Vec<_> = points(flow).into_iter().map(at).collect();
    canvas.dashed(&line, 2.5, look.colour(), look.dash());
    for (probability, found) in &flow.quantiles_ms {
        let x = panel.x(place(*probability));
        if !found.mean.is_finite() || *probability > AXIS.1 {
            continue;
        }
        if let Some(half) = found.half_width.filter(|half| half.is_finite() && *half > 0.0) {
            panel.interval(canvas, x, found.mean - half, found.mean + half, look.colour());
        }
        look.marker(canvas, (x, panel.y(found.mean)), 4.5);
    }
}

/// The distribution where the axis shows it; the reported quantiles where there is none.
fn points(flow: &FlowResult) -> Vec<(f64, f64)> {
    let shown = |(p, ms): &(f64, f64)| (AXIS.0..=AXIS.1).contains(p) && ms.is_finite();
    let line: Vec<_> = flow.distribution.iter().copied().filter(shown).collect();
    if line.len() > 1 {
        return line;
    }
    flow.quantiles_ms.iter().map(|(p, found)| (*p, found.mean)).filter(shown).collect()
}

/// Where a probability stands: the tail is stretched, so that 90 %, 99 %, 99.9 % are equally far.
fn place(probability: f64) -> f64 {
    let tail = |p: f64| -(1.0 - p).log10();
    (tail(probability) - tail(AXIS.0)) / (tail(AXIS.1) - tail(AXIS.0))
}

fn goals(results: &Results) -> Vec<(f64, f64)> {
    let latency = results.scenario.goals.latency.iter();
    latency
        .filter_map(|(metric, limit)| match metric {
            LatencyMetric::Quantile(p) if (AXIS.0..=AXIS.1).contains(p) => {
                Some((*p, limit.as_ms()))
            }
            LatencyMetric::Quantile(_) | LatencyMetric::Mean => None,
        })
        .collect()
}

/// A short dashed line at the quantile that the goal limits, with the goal's name.
fn goal(canvas: &mut Canvas, panel: &Panel, probability: f64, limit: f64) {
    let name = phrases::metric(LatencyMetric::Quantile(probability));
    let label = format!("goal {name} {}", number::limit(limit, Unit::Milliseconds));
    let style = Type::bold(14.0, ALARM);
    let (x, y) = (panel.x(place(probability)), panel.y(limit));
    let half = style.width(&label) / 2.0;
    let middle = x.clamp(panel.from.0 + half, (panel.to.0 - half).max(panel.from.0 + half));
    if !panel.scale.holds(limit) {
        return panel.beyond(canvas, limit, &label, (middle, y - 12.0), Align::Centre);
    }
    let (left, right) = ((x - 46.0).max(panel.from.0), (x + 46.0).min(panel.to.0));
    canvas.dashed(&[(left, y), (right, y)], 3.0, ALARM, &[9.0, 5.0]);
    canvas.text_over(&label, (middle, y - 12.0), Align::Centre, style);
}
