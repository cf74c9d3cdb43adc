//! `timeline.png`: what a scripted failure does to every flow, second by second.

use std::io::Write;

use sim::results::{FlowResult, Results, TimelinePoint};
use sim::scenario::Drill;

use super::canvas::Canvas;
use super::palette::{DRILL, Look};
use super::panel::{HEADING, LABELS, Panel};
use super::scale::Scale;
use super::sheet::{Key, MARGIN, Sheet, WIDTH};
use super::{busiest_flows, shown};
use crate::{Context, Report, ReportError, phrases};

/// More flows are not shown.
const MOST: usize = 3;
/// Height of the drawing inside a panel.
const PLOT: f64 = 140.0;
/// Below a panel: the labels of its axis.
const BELOW: f64 = 30.0;
/// Below the last panel of a flow: the title of the axis.
const TITLE: f64 = 44.0;
/// More points than these are drawn as their mean.
const POINTS: usize = 900;

/// Writes `timeline.png`.
pub(crate) struct Timeline;

impl Report for Timeline {
    fn file_name(&self) -> &'static str {
        "timeline.png"
    }

    fn applies(&self, results: &Results) -> bool {
        !results.scenario.drills.is_empty()
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let results = context.results;
        let flows = busiest_flows(results, MOST);
        let one = (HEADING + PLOT + BELOW) * QUANTITIES.len() as f64 + TITLE;
        let subtitle = format!("Shaded: {}{}", drills(results), shown(results, MOST));
        let mut sheet = Sheet::new(context, &subtitle, Key::Line, one * flows.len().max(1) as f64);
        for (place, &flow) in flows.iter().enumerate() {
            let top = sheet.top + one * place as f64;
            panels(&mut sheet.canvas, results, flow, top);
        }
        sheet.canvas.write(out)
    }
}

/// What one panel shows of a second.
struct Quantity {
    heading: &'static str,
    value: fn(&TimelinePoint) -> Option<f64>,
    /// The axis is logarithmic where the values span more.
    spread: f64,
}

const QUANTITIES: [Quantity; 3] = [
    Quantity {
        heading: "requests answered correctly, /s",
        value: |point| Some(point.throughput_rps),
        spread: f64::INFINITY,
    },
    Quantity {
        heading: "errors, /s",
        value: |point| Some(point.errors_rps),
        spread: f64::INFINITY,
    },
    Quantity { heading: "p99 of the sojourn time, ms", value: |point| point.p99_ms, spread: 10.0 },
];

fn drills(results: &Results) -> String {
    let one = |drill: &Drill| {
        let nodes = phrases::count(drill.nodes, "node");
        let (at, lasts) = (phrases::span(drill.at), phrases::span(drill.lasts));
        format!("{nodes} of {} crashed at {at} and started again after {lasts}", drill.what)
    };
    let drills: Vec<_> = results.scenario.drills.iter().take(2).map(one).collect();
    let rest = results.scenario.drills.len() - drills.len();
    let rest = if rest > 0 { format!("; and {rest} more") } else { String::new() };
    drills.join("; ") + &rest
}

fn panels(canvas: &mut Canvas, results: &Results, index: usize, top: f64) {
    let flows: Vec<_> = results.deployments.iter().map(|d| d.flows.get(index)).collect();
    let window = results.scenario.run.window.as_seconds().max(1.0);
    for (place, quantity) in QUANTITIES.iter().enumerate() {
        let top = top + (HEADING + PLOT + BELOW) * place as f64;
        let panel = panel(canvas, results, &flows, quantity, (top, window));
        let time = Scale::up_to(window, 10.0);
        for tick in time.ticks() {
            panel.below(canvas, panel.x(time.place(tick)), &time.label(tick));
        }
        if place + 1 == QUANTITIES.len() {
            panel.axis_title(canvas, "time since the start of the window, s");
        }
    }
}

fn panel(
    canvas: &mut Canvas,
    results: &Results,
    flows: &[Option<&FlowResult>],
    quantity: &Quantity,
    (top, window): (f64, f64),
) -> Panel {
    let lines: Vec<_> = flows.iter().map(|flow| line(*flow, quantity, window)).collect();
    let values = lines.iter().flatten().flatten().map(|point| point.1);
    let scale = Scale::by_range(values, quantity.spread);
    let name = flows.iter().flatten().next().map_or("", |flow| flow.name.as_str());
    let logarithmic = matches!(scale, Scale::Logarithmic { .. });
    let ending = if logarithmic { " (log scale)" } else { "" };
    let counts = format!(": {}{ending}", quantity.heading);
    let (from, to) = ((MARGIN, top), (WIDTH - MARGIN, top + HEADING + PLOT));
    for drill in &results.scenario.drills {
        shade(canvas, drill, window, (from.0 + LABELS, from.1 + HEADING), to);
    }
    let panel = Panel::new(canvas, (from, to), (name, &counts), scale);
    if lines.iter().all(|line| line.iter().all(Vec::is_empty)) {
        panel.empty(canvas, "nothing was observed");
    }
    for (index, line) in lines.iter().enumerate() {
        let look = Look::of(index);
        for piece in line {
            let points: Vec<_> = piece.iter().map(|&(x, y)| (panel.x(x), panel.y(y))).collect();
            canvas.dashed(&points, 2.0, look.colour(), look.dash());
        }
    }
    panel
}

fn shade(canvas: &mut Canvas, drill: &Drill, window: f64, from: (f64, f64), to: (f64, f64)) {
    let x = |seconds: f64| from.0 + (seconds / window).clamp(0.0, 1.0) * (to.0 - from.0);
    let begin = drill.at.as_seconds();
    let end = begin + drill.lasts.as_seconds();
    canvas.fill((x(begin), from.1), (x(end), to.1), DRILL);
}

/// The points of a line in unbroken pieces: share of the window, and value.
fn line(flow: Option<&FlowResult>, quantity: &Quantity, window: f64) -> Vec<Vec<(f64, f64)>> {
    let timeline = flow.map_or(&[][..], |flow| &flow.timeline);
    let group = timeline.len().div_ceil(POINTS).max(1);
    let mut pieces = vec![Vec::new()];
    for points in timeline.chunks(group) {
        let middle = points.iter().map(|p| f64::from(p.second) + 0.5).sum::<f64>();
        let values: Vec<_> =
            points.iter().filter_map(quantity.value).filter(|value| value.is_finite()).collect();
        match pieces.last_mut() {
            Some(piece) if !values.is_empty() => {
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                piece.push((middle / points.len() as f64 / window, mean));
            }
            _ => pieces.push(Vec::new()),
        }
    }
    pieces
}
