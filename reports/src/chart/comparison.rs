//! `comparison.png`: what every deployment carries, how fast, and with which share of errors.

use std::io::Write;

use sim::results::{FlowResult, Results};

use super::canvas::{Align, Canvas, Point, Type};
use super::measure::Measure;
use super::palette::{GREY, INK, Look};
use super::panel::{HEADING, Panel};
use super::scale::Scale;
use super::sheet::{Key, MARGIN, Sheet, WIDTH};
use super::text;
use crate::number::{self, Unit};
use crate::{Context, Report, ReportError};

/// Height of the drawing inside a panel.
const PLOT: f64 = 210.0;
/// Room for the names of the flows below a panel.
const NAMES: f64 = 56.0;
/// Room for the name of the goal right of a panel.
const GOAL: f64 = 104.0;
/// No bar is wider.
const WIDEST: f64 = 84.0;

const NAME: Type = Type::regular(14.0, INK);
const VALUE: Type = Type::regular(14.0, GREY);

/// Writes `comparison.png`.
pub(crate) struct Comparison;

impl Report for Comparison {
    fn file_name(&self) -> &'static str {
        "comparison.png"
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let measures = Measure::all(context.results);
        let height = HEADING + PLOT + NAMES;
        let subtitle = "What every deployment carries, how fast, and with which share of errors";
        let panels = height * measures.len() as f64;
        let mut sheet = Sheet::new(context, subtitle, Key::Bar, panels);
        for (index, measure) in measures.iter().enumerate() {
            let top = sheet.top + height * index as f64;
            panel(&mut sheet.canvas, context.results, measure, top);
        }
        sheet.canvas.write(out)
    }
}

fn panel(canvas: &mut Canvas, results: &Results, measure: &Measure, top: f64) {
    let scale = measure.scale(results);
    let heading = measure.heading(matches!(scale, Scale::Logarithmic { .. }));
    let to = (WIDTH - MARGIN - GOAL, top + HEADING + PLOT);
    let panel = Panel::new(canvas, ((MARGIN, top), to), ("", &heading), scale);
    let flows = results.deployments.first().map_or(0, |d| d.flows.len()).max(1);
    let labels: Vec<_> = (0..flows)
        .flat_map(|flow| group(canvas, results, measure, &panel, (flow, flows)))
        .collect();
    if let Some(goal) = measure.goal(results) {
        let label = format!("goal {}", number::limit(goal, measure.unit()));
        panel.goal(canvas, measure.shown(goal), &label);
    }
    for (label, at) in labels {
        canvas.text_over(&label, at, Align::Centre, VALUE);
    }
}

/// The bars of one flow, side by side, and its name; returns what is to be written over the bars.
fn group(
    canvas: &mut Canvas,
    results: &Results,
    measure: &Measure,
    panel: &Panel,
    (flow, flows): (usize, usize),
) -> Vec<(String, Point)> {
    let mut labels = Vec::new();
    let width = (panel.to.0 - panel.from.0) / flows as f64;
    let middle = panel.x((flow as f64 + 0.5) / flows as f64);
    let slot = (width * 0.86 / results.deployments.len().max(1) as f64).min(WIDEST * 1.35);
    let left = middle - slot * results.deployments.len() as f64 / 2.0;
    for (index, deployment) in results.deployments.iter().enumerate() {
        let Some(flow) = deployment.flows.get(flow) else { continue };
        let centre = left + slot * (index as f64 + 0.5);
        labels.extend(bar(canvas, measure, panel, flow, (Look::of(index), centre, slot)));
    }
    let name = results.deployments.first().and_then(|d| d.flows.get(flow)).map_or("", |f| &f.name);
    let lines = text::wrapped(name, width - 14.0, 2, NAME.size, NAME.weight);
    for (index, line) in lines.iter().enumerate() {
        let y = panel.to.1 + 18.0 + index as f64 * 18.0;
        canvas.text(line, (middle, y), Align::Centre, NAME);
    }
    labels
}

fn bar(
    canvas: &mut Canvas,
    measure: &Measure,
    panel: &Panel,
    flow: &FlowResult,
    (look, centre, slot): (Look, f64, f64),
) -> Option<(String, Point)> {
    let half = (slot * 0.8).min(WIDEST) / 2.0;
    let Some(found) = measure.found(flow) else {
        return Some((number::ABSENT.to_owned(), (centre, panel.to.1 - 12.0)));
    };
    let y = panel.y(found.mean);
    let mut top = y;
    let logarithmic = matches!(panel.scale, Scale::Logarithmic { .. });
    if logarithmic {
        canvas.line(&[(centre, panel.to.1), (centre, y)], 2.0, look.colour());
    } else {
        look.bar(canvas, (centre - half, y), (centre + half, panel.to.1));
    }
    if let Some(half_width) = found.half_width.filter(|half_width| *half_width > 0.0) {
        panel.interval(canvas, centre, found.mean - half_width, found.mean + half_width, INK);
        top = panel.y(found.mean + half_width);
    }
    if let Some(offered) = measure.offered(flow) {
        let y = panel.y(offered);
        let reach = half + 4.0;
        canvas.line(&[(centre - reach, y), (centre + reach, y)], 2.5, INK);
        top = top.min(y);
    }
    if logarithmic {
        let radius = (half * 0.5).clamp(3.0, 8.0);
        look.marker(canvas, (centre, y), radius);
        top = top.min(y - radius);
    }
    let label = number::rounded(&found, Unit::One);
    (VALUE.width(&label) < slot - 4.0).then_some((label, (centre, top - 12.0)))
}
