//! `plan.png`: what candidates cost against what is left to the goal that binds, with the frontier of each deployment
//! and the chosen ones marked.

use std::io::Write;

use sim::planning::{Candidate, Planned};

use super::canvas::Canvas;
use super::mark::Point;
use super::palette::{ALARM, INK, Look, PAPER};
use super::panel::{HEADING, Panel};
use super::scale::Scale;
use super::sheet::{Entry, MARGIN, Sheet, WIDTH};
use crate::ReportError;
use crate::planned::{PlanContext, in_order, nodes};

/// Height of the panel.
const HEIGHT: f64 = 560.0;
/// Room for the labels below the panel.
const BELOW: f64 = 60.0;
/// A goal that is missed by more than what is allowed stands at the edge.
const WORST: f64 = -100.0;
const RADIUS: f64 = 7.0;

/// Writes the chart.
pub(crate) fn plan(context: &PlanContext<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
    draw(context).write(out)
}

fn draw(context: &PlanContext<'_>) -> Canvas {
    let subtitle = "Candidates of a plan: price against what is left to the limit of the goal that binds. Lines join \
                    those than which nothing that was looked at is both cheaper and further from the limit.";
    let mut sheet = Sheet::titled(context.title, 0.0, subtitle);
    let shown: Vec<(&Planned, Look)> = context
        .plan
        .deployments
        .iter()
        .take(Look::MOST)
        .enumerate()
        .map(|(index, planned)| (planned, Look::of(index)))
        .collect();
    sheet.key(&key(&shown));
    let is_priced = shown.iter().any(|(planned, _)| {
        planned.candidates.iter().any(|candidate| candidate.price_per_month > 0.0)
    });
    let all = || shown.iter().flat_map(|(planned, _)| &planned.candidates);
    let scale = Scale::from_zero(all().map(|candidate| cost(candidate, is_priced)));
    let corners = ((MARGIN, sheet.top), (WIDTH - MARGIN, sheet.top + HEADING + HEIGHT));
    let name = if is_priced { "Price a month" } else { "Nodes (no profile states a price)" };
    let panel = Panel::new(&mut sheet.canvas, corners, (name, "", ""), scale);
    axis(&mut sheet.canvas, &panel);
    if all().next().is_none() {
        panel.empty(&mut sheet.canvas, "nothing was looked at");
    }
    for (planned, look) in &shown {
        frontier(&mut sheet.canvas, &panel, (planned, *look), is_priced);
    }
    for (planned, look) in &shown {
        for candidate in in_order(planned) {
            point(&mut sheet.canvas, &panel, (candidate, *look), is_priced);
        }
    }
    for (planned, look) in &shown {
        chosen(&mut sheet.canvas, &panel, (planned, *look), is_priced);
    }
    sheet.top = corners.1.1 + BELOW;
    let beyond = context.plan.deployments.len() - shown.len();
    if beyond > 0 {
        sheet.caption(&format!("Not drawn: {beyond} more deployments; plan.csv holds all."));
    }
    let part = if context.plan.is_partial { "stopped before the end  ·  " } else { "" };
    sheet.signed(&format!("{part}seed {}  ·  apimsim {}", context.seed, context.version))
}

fn key<'a>(shown: &[(&Planned, Look)]) -> Vec<Entry<'a>> {
    let named = shown.iter().map(|(planned, look)| {
        let look = *look;
        let meaning = match planned.chosen() {
            Some(candidate) => format!("{}: {}", planned.name, nodes(planned, candidate)),
            None => format!("{}: none found", planned.name),
        };
        Entry::new(&meaning, move |canvas, at| look.marker(canvas, at, RADIUS))
    });
    let first = Look::of(0);
    let signs = [
        Entry::new("filled: meets all goals", move |canvas: &mut Canvas, at: Point| {
            first.marker(canvas, at, RADIUS);
        }),
        Entry::new("hollow: misses one, or undecided", move |canvas: &mut Canvas, at: Point| {
            first.hollow(canvas, at, RADIUS);
        }),
        Entry::new("ringed: chosen", move |canvas: &mut Canvas, at: Point| {
            ring(canvas, at);
            first.marker(canvas, at, RADIUS);
        }),
    ];
    named.chain(signs).collect()
}

fn axis(canvas: &mut Canvas, panel: &Panel) {
    let labels: Vec<(f64, String)> = [WORST, -50.0, 0.0, 50.0, 100.0]
        .into_iter()
        .map(|left| {
            let label = if left <= WORST { "≤ -100 %".to_owned() } else { format!("{left} %") };
            (place(panel, left), label)
        })
        .collect();
    panel.crossings(canvas, &labels);
    panel.axis_title(canvas, "Left to the limit of the goal that binds, of what it allows");
    let x = place(panel, 0.0);
    canvas.dashed(&[(x, panel.axes.0.1), (x, panel.axes.1.1)], 2.0, ALARM, &[7.0, 5.0]);
}

fn place(panel: &Panel, left: f64) -> f64 {
    panel.x((left.clamp(WORST, 100.0) - WORST) / (100.0 - WORST))
}

fn cost(candidate: &Candidate, is_priced: bool) -> f64 {
    if is_priced {
        candidate.price_per_month
    } else {
        f64::from(candidate.nodes.iter().sum::<u32>())
    }
}

/// In %; what is not known is as far off as can be shown.
fn left(candidate: &Candidate) -> f64 {
    let margin = candidate.binding.as_ref().and_then(|binding| binding.margin);
    margin.map_or(WORST, |margin| 100.0 * margin)
}

fn at(panel: &Panel, candidate: &Candidate, is_priced: bool) -> Point {
    (place(panel, left(candidate)), panel.y(cost(candidate, is_priced)))
}

fn frontier(
    canvas: &mut Canvas,
    panel: &Panel,
    (planned, look): (&Planned, Look),
    is_priced: bool,
) {
    let mut all: Vec<&Candidate> = planned.candidates.iter().collect();
    all.sort_by(|a, b| {
        let by_cost = cost(a, is_priced).total_cmp(&cost(b, is_priced));
        by_cost.then(left(b).total_cmp(&left(a)))
    });
    let mut best = f64::NEG_INFINITY;
    let mut points = Vec::new();
    for candidate in all {
        if left(candidate) > best {
            best = left(candidate);
            points.push(at(panel, candidate, is_priced));
        }
    }
    if points.len() > 1 {
        canvas.dashed(&points, 2.0, look.colour(), look.dash());
    }
}

fn point(
    canvas: &mut Canvas,
    panel: &Panel,
    (candidate, look): (&Candidate, Look),
    is_priced: bool,
) {
    let at = at(panel, candidate, is_priced);
    if candidate.answer.is_accepted() {
        look.edged(canvas, at, RADIUS);
    } else {
        look.hollow(canvas, at, RADIUS);
    }
}

fn chosen(canvas: &mut Canvas, panel: &Panel, (planned, look): (&Planned, Look), is_priced: bool) {
    let Some(candidate) = planned.chosen() else { return };
    let at = at(panel, candidate, is_priced);
    ring(canvas, at);
    look.marker(canvas, at, RADIUS);
}

fn ring(canvas: &mut Canvas, at: Point) {
    canvas.circle(at, RADIUS + 6.0, INK);
    canvas.circle(at, RADIUS + 4.0, PAPER);
}
