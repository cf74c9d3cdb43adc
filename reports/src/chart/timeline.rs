//! `timeline.png`: what a scripted failure or a planned restart does to every flow on every deployment, second by second.

use std::io::Write;

use plotters::style::RGBColor;
use sim::results::{FlowResult, Results, TimelinePoint};

use super::canvas::Canvas;
use super::flows::{self, Picked, Urgency};
use super::interval::Track;
use super::mark::{Align, Area, Point, Type};
use super::outage::{Outage, What};
use super::palette::{AXIS, DOWN, GREY, GRID, PLANNED, STARTING, Sign};
use super::rows::{Block, Column, Room, Rows};
use super::scale::{self, Scale};
use super::sheet::{Entry, Sheet};
use super::signs;
use super::story;
use crate::{Context, Picture, Report, ReportError};

/// The rows of all flows together are not much higher.
const HEIGHT: f64 = 1900.0;
/// More flows are not shown.
const MOST: usize = 12;
/// More points are drawn as one for several.
const POINTS: usize = 300;
/// Above and below what is drawn in a row.
const EDGE: f64 = 7.0;
/// Height of the line that shows the cold restart.
const COLD: f64 = 4.0;
/// Its colour.
const WARMING: RGBColor = RGBColor(150, 90, 20);

const VALUE: Type = Type::regular(12.0, GREY);

/// Writes `timeline.png`.
pub(crate) struct Timeline;

impl Report for Timeline {
    fn file_name(&self) -> &'static str {
        "timeline.png"
    }

    fn picture(&self) -> Option<Picture> {
        Some(Picture {
            title: "What happens second by second",
            description: "Lines over the seconds of the window, for every flow on every deployment: \
                          throughput, errors and p99 around the scripted failures and planned restarts. The \
                          figures are in timeline.csv.",
        })
    }

    fn applies(&self, results: &Results) -> bool {
        results.scenario.is_eventful()
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        draw(context).write(out)
    }
}

/// What one column shows of a second.
struct Quantity {
    heading: &'static str,
    value: fn(&TimelinePoint) -> Option<f64>,
    /// What stands for several seconds.
    together: fn(&[f64]) -> f64,
    /// The axis is logarithmic where the values span more.
    spread: f64,
}

const QUANTITIES: [Quantity; 3] = [
    Quantity {
        heading: "Answered correctly, /s",
        value: |point| Some(point.throughput_rps),
        together: mean,
        spread: f64::INFINITY,
    },
    Quantity {
        heading: "Errors, /s",
        value: |point| Some(point.errors_rps),
        together: mean,
        spread: f64::INFINITY,
    },
    Quantity {
        heading: "p99 of the sojourn time, ms",
        value: |point| point.p99_ms,
        together: |values| values.iter().copied().fold(0.0, f64::max),
        spread: 10.0,
    },
];

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The chart.
pub(super) fn draw(context: &Context<'_>) -> Canvas {
    let results = context.results;
    let row = height_of_a_row(results.deployments.len());
    let most = (HEIGHT / (row * results.deployments.len().max(1) as f64)) as usize;
    let picked = Picked::new(results, most.clamp(1, MOST), |flow| urgency(results, flow));
    let time = Time::of(results);
    let mut sheet = Sheet::new(context, &story::story(results));
    let outages: Vec<Vec<Outage>> =
        (0..results.deployments.len()).map(|index| story::outages(results, index)).collect();
    sheet.key(&key(&outages, results.scenario.run.window.as_seconds()));
    let scales: Vec<[Scale; 3]> = picked.shown.iter().map(|&flow| scales(results, flow)).collect();
    let placed = Rows::new(&mut sheet, &blocks(results, &picked), &columns(&time, &scales), row);
    let tracks = [1, 3, 5].map(|column| placed.axis(&mut sheet, column, time.scale));
    for (block, &flow) in picked.shown.iter().enumerate() {
        for (index, deployment) in results.deployments.iter().enumerate() {
            for (at, quantity) in QUANTITIES.iter().enumerate() {
                let cells = [2 * at, 2 * at + 1].map(|column| placed.cell(column, block, index));
                let drawn = Drawn { time: &time, track: tracks[at], scale: scales[block][at] };
                drawn.shades(&mut sheet.canvas, &outages[index], cells[1]);
                drawn.line(&mut sheet.canvas, deployment.flows.get(flow), quantity, cells);
            }
        }
    }
    if !picked.rest.is_empty() {
        sheet.caption(&picked.left_out(results));
    }
    sheet.finished(context)
}

fn height_of_a_row(deployments: usize) -> f64 {
    match deployments {
        0..=1 => 130.0,
        2 => 105.0,
        3 => 90.0,
        4..=6 => 66.0,
        7..=12 => 52.0,
        _ => 40.0,
    }
}

/// By the verdict, then by the share of errors over the window on the worst deployment.
fn urgency(results: &Results, flow: usize) -> Urgency {
    let lost = |flow: &FlowResult| {
        let sum = |value: fn(&TimelinePoint) -> f64| flow.timeline.iter().map(value).sum::<f64>();
        let errors = sum(|point| point.errors_rps);
        let share = errors / (errors + sum(|point| point.throughput_rps));
        if share.is_nan() { 0.0 } else { share }
    };
    let each = results.deployments.iter().filter_map(|deployment| deployment.flows.get(flow));
    Urgency { sign: flows::worst_sign(results, flow), size: each.map(lost).fold(0.0, f64::max) }
}

/// The axis of time.
struct Time {
    scale: Scale,
    /// Seconds per unit.
    unit: f64,
    name: &'static str,
    /// Seconds that one point of a line stands for.
    group: usize,
}

impl Time {
    fn of(results: &Results) -> Self {
        let window = results.scenario.run.window.as_seconds().max(1.0);
        let (unit, name) = match window {
            w if w <= 600.0 => (1.0, "s"),
            w if w <= 18_000.0 => (60.0, "min"),
            w if w <= 400_000.0 => (3600.0, "h"),
            _ => (86_400.0, "d"),
        };
        let flows = results.deployments.iter().flat_map(|deployment| &deployment.flows);
        let longest = flows.map(|flow| flow.timeline.len()).max().unwrap_or(0);
        let group = longest.div_ceil(POINTS).max(1);
        Self { scale: Scale::up_to(window / unit, 4.0), unit, name, group }
    }
}

/// Axes that all deployments of a flow share.
fn scales(results: &Results, flow: usize) -> [Scale; 3] {
    QUANTITIES.each_ref().map(|quantity| {
        let flows = results.deployments.iter().filter_map(|deployment| deployment.flows.get(flow));
        let values = flows.flat_map(|flow| flow.timeline.iter().filter_map(quantity.value));
        Scale::by_range(values, quantity.spread)
    })
}

fn blocks(results: &Results, picked: &Picked) -> Vec<Block> {
    let tenants = signs::has_tenants(results);
    let of = |&index: &usize| {
        let flow = &flows::all(results)[index];
        let notes = if tenants { vec![format!("tenant {}", flow.tenant)] } else { Vec::new() };
        let rows = results.deployments.iter().map(|deployment| deployment.name.clone()).collect();
        Block { name: flow.name.clone(), notes, rows }
    };
    picked.shown.iter().map(of).collect()
}

fn columns(time: &Time, scales: &[[Scale; 3]]) -> Vec<Column> {
    let mut columns = Vec::new();
    for (at, quantity) in QUANTITIES.iter().enumerate() {
        let texts: Vec<String> = scales.iter().flat_map(|scales| ends(scales[at])).collect();
        let room = Room::of_texts(&texts, VALUE, 90.0);
        columns.push(Column::texts("", room));
        let mut heading = quantity.heading.to_owned();
        if scales.iter().any(|scales| matches!(scales[at], Scale::Logarithmic { .. })) {
            heading += " (log scale)";
        }
        let group = match time.group {
            1 => String::new(),
            seconds => format!(" ({seconds} s a point)"),
        };
        let heading = format!("{heading}, over time in {}{group}", time.name);
        columns.push(Column::drawn(&heading, "", 1.0));
    }
    columns
}

/// What the axis of a row begins and ends with.
fn ends(scale: Scale) -> [String; 2] {
    let (Scale::Linear { low, high, .. } | Scale::Logarithmic { low, high }) = scale;
    [scale.label(low), scale.label(high)]
}

/// One quantity of one flow on one deployment.
struct Drawn<'a> {
    time: &'a Time,
    track: Track,
    scale: Scale,
}

impl Drawn<'_> {
    fn x(&self, seconds: f64) -> f64 {
        self.track.at(seconds / self.time.unit)
    }

    /// Shades the time in which nodes are down and start up, and underlines that in which they are
    /// cold.
    fn shades(&self, canvas: &mut Canvas, outages: &[Outage], cell: Area) {
        let (top, bottom) = (cell.0.1 + 2.0, cell.1.1 - 2.0);
        let (first, last) = (self.track.from, self.track.to);
        let x = |seconds: f64| self.x(seconds).clamp(first, last);
        let mut span = |from: f64, to: f64, (top, bottom): (f64, f64), colour| {
            let (left, right) = (x(from), x(to));
            if right > left {
                canvas.within(cell, |canvas| canvas.fill((left, top), (right, bottom), colour));
            }
        };
        for outage in outages {
            span(outage.start, outage.answer, (top, bottom), STARTING);
        }
        for outage in outages {
            span(outage.crash, outage.start, (top, bottom), colour(outage.what));
        }
        for outage in outages {
            if let Some(lasts) = outage.cold.and_then(|cold| cold.lasts) {
                span(outage.answer, outage.answer + lasts, (top, top + COLD), WARMING);
            }
        }
    }

    /// The line, its ground, and the ends of its axis in the cell on its left.
    fn line(
        &self,
        canvas: &mut Canvas,
        flow: Option<&FlowResult>,
        quantity: &Quantity,
        [labels, cell]: [Area; 2],
    ) {
        let (top, bottom) = (cell.0.1 + EDGE, cell.1.1 - EDGE);
        let values = Track { scale: self.scale, from: bottom, to: top, margin: EDGE };
        let [low, high] = ends(self.scale);
        let inwards = if bottom - top < 40.0 { 4.0 } else { 0.0 };
        for (label, y) in [(low, bottom - inwards), (high, top + inwards)] {
            let label = VALUE.shortened(&label, labels.1.0 - labels.0.0);
            canvas.text(&label, (labels.1.0, y), Align::Right, VALUE);
        }
        canvas.line(&[(cell.0.0, bottom), (cell.1.0, bottom)], 1.0, AXIS);
        canvas.line(&[(cell.0.0, top), (cell.1.0, top)], 1.0, GRID);
        let pieces = self.pieces(flow, quantity);
        if pieces.is_empty() {
            let style = Type::regular(13.0, GREY);
            let at = (f64::midpoint(cell.0.0, cell.1.0), f64::midpoint(top, bottom) - 1.0);
            canvas.text("nothing was observed", at, Align::Centre, style);
            return;
        }
        let colour = Sign::Plain.colour();
        canvas.within(cell, |canvas| {
            for piece in pieces {
                let at = |&(seconds, value): &Point| (self.x(seconds), values.at(value));
                let points: Vec<Point> = piece.iter().map(at).collect();
                match points.as_slice() {
                    [only] => canvas.circle(*only, 1.5, colour),
                    points => canvas.line(points, 1.5, colour),
                }
            }
        });
    }

    /// The points of a line in unbroken pieces: seconds, and value.
    fn pieces(&self, flow: Option<&FlowResult>, quantity: &Quantity) -> Vec<Vec<Point>> {
        let timeline = flow.map_or(&[][..], |flow| &flow.timeline);
        let drawable = |value: &f64| scale::reachable(*value) && self.scale.holds(*value);
        let window = self.time.unit * {
            let (Scale::Linear { high, .. } | Scale::Logarithmic { high, .. }) = self.time.scale;
            high
        };
        let mut pieces = vec![Vec::new()];
        for points in timeline.chunks(self.time.group) {
            let middle =
                mean(&points.iter().map(|p| f64::from(p.second) + 0.5).collect::<Vec<_>>());
            let values: Vec<f64> =
                points.iter().filter_map(quantity.value).filter(drawable).collect();
            match pieces.last_mut() {
                Some(piece) if !values.is_empty() && middle <= window => {
                    piece.push((middle, (quantity.together)(&values)));
                }
                _ => pieces.push(Vec::new()),
            }
        }
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }
}

/// What nodes are while they fail or are restarted.
fn state(what: What) -> &'static str {
    match what {
        What::Fails(failure) => failure.told().state,
        What::Restarts => "nodes are restarted as planned, one block each",
    }
}

/// What they are shaded with then.
fn colour(what: What) -> RGBColor {
    match what {
        What::Fails(_) => DOWN,
        What::Restarts => PLANNED,
    }
}

fn key(outages: &[Vec<Outage>], window: f64) -> Vec<Entry<'static>> {
    let block = |colour, meaning: &str| {
        Entry::new(meaning, move |canvas: &mut Canvas, (x, y)| {
            canvas.fill((x - 14.0, y - 9.0), (x + 14.0, y + 9.0), colour);
        })
    };
    let any = |is: fn(&Outage) -> bool| outages.iter().flatten().any(is);
    let mut entries = Vec::new();
    for place in 0..=What::RESTARTS {
        let of_kind = outages.iter().flatten().find(|outage| outage.what.place() == place);
        if let Some(outage) = of_kind {
            entries.push(block(colour(outage.what), state(outage.what)));
        }
    }
    if any(|outage| outage.answer > outage.start) {
        entries.push(block(STARTING, "they start up, and do not answer yet"));
    }
    let lasts = |outage: &Outage| outage.cold.and_then(|cold| cold.lasts);
    let cold = |outage: &Outage| lasts(outage).is_some() && outage.answer < window;
    if outages.iter().flatten().any(cold) {
        entries.push(Entry::new(
            "cold restart: they answer, and are still slow",
            |canvas: &mut Canvas, (x, y)| {
                canvas.fill((x - 14.0, y - COLD / 2.0), (x + 14.0, y + COLD / 2.0), WARMING);
            },
        ));
    }
    entries
}
