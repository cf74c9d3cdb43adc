//! `explain.png`: what the requests around each quantile spend their time on.

use std::collections::BTreeMap;
use std::io::Write;

use plotters::style::RGBColor;
use sim::results::{Activity, ExplainedFlow, ExplainedQuantile, Results};

use super::canvas::Canvas;
use super::interval::Track;
use super::mark::Area;
use super::palette::{AXIS, INK, Look, MISSING};
use super::rows::{self, Block, Column, NUMBER, Room, Rows};
use super::scale::Scale;
use super::sheet::{Entry, Sheet};
use crate::number::{self, Unit};
use crate::{Context, Picture, Report, ReportError, phrases};

/// So many flows through deployments can be read on one page.
const BLOCKS: usize = 40;

/// The parts of a bar in their order: grey is spent elsewhere, black on attempts that failed, colours on
/// the nodes.
static PARTS: [Part; 9] = [
    Part {
        name: "backend, database",
        is: &[Activity::Backend, Activity::Database, Activity::Counting],
        fill: MISSING,
    },
    Part { name: "network", is: &[Activity::Network], fill: AXIS },
    Part { name: "work", is: &[Activity::Work], fill: Look::of(0).colour() },
    Part { name: "sharing the cores", is: &[Activity::SharingCores], fill: Look::of(4).colour() },
    Part {
        name: "waiting for a worker",
        is: &[Activity::WaitingForWorker],
        fill: Look::of(1).colour(),
    },
    Part {
        name: "waiting for a connection",
        is: &[Activity::WaitingForConnection],
        fill: Look::of(3).colour(),
    },
    Part { name: "collection", is: &[Activity::Collection], fill: Look::of(5).colour() },
    Part { name: "stalls", is: &[Activity::Stall], fill: Look::of(2).colour() },
    Part { name: "retries", is: &[Activity::Retries], fill: INK },
];

/// What is drawn as one part.
struct Part {
    name: &'static str,
    is: &'static [Activity],
    fill: RGBColor,
}

/// Writes `explain.png`.
pub(crate) struct Explain;

impl Report for Explain {
    fn file_name(&self) -> &'static str {
        "explain.png"
    }

    fn picture(&self) -> Option<Picture> {
        Some(Picture {
            title: "Where the time goes",
            description: "A bar for every flow through every deployment and each of p50, p99 and p99.9: the \
                          parts of the time that requests around it spend. The figures are in explain.csv.",
        })
    }

    fn applies(&self, results: &Results) -> bool {
        results.explanation.is_some()
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        draw(context).write(out)
    }
}

fn draw(context: &Context<'_>) -> Canvas {
    let mut sheet = Sheet::new(context, "What requests around each quantile spend their time on");
    let explained: Vec<&ExplainedFlow> =
        context.results.explanation.iter().flat_map(|all| &all.flows).collect();
    let told: Vec<&ExplainedFlow> =
        explained.iter().copied().filter(|flow| !flow.quantiles.is_empty()).collect();
    let shown = slowest(&told);
    if shown.is_empty() {
        rows::empty(&mut sheet, "Too few requests were answered to tell.");
        return sheet.finished(context);
    }
    sheet.key(&key(&shown));
    let height = Rows::height(shown.iter().map(|flow| flow.quantiles.len()).sum());
    let placed = Rows::new(&mut sheet, &blocks(&shown), &columns(&shown), height);
    let track = placed.axis(&mut sheet, 0, Scale::up_to(100.0, 5.0));
    for (block, flow) in shown.iter().enumerate() {
        for (row, quantile) in flow.quantiles.iter().enumerate() {
            bar(&mut sheet.canvas, quantile, &track, placed.cell(0, block, row));
            let (sojourn, place) = (numbers(quantile), busiest(quantile));
            Rows::number(&mut sheet.canvas, placed.cell(1, block, row), &sojourn, NUMBER);
            Rows::words(&mut sheet.canvas, placed.cell(2, block, row), &place, NUMBER);
        }
    }
    if shown.len() < told.len() {
        sheet.caption(&format!(
            "Not drawn: {} that are answered sooner than these; explain.csv holds all.",
            phrases::count((told.len() - shown.len()) as u32, "flow through a deployment")
        ));
    }
    sheet.finished(context)
}

/// As many flows as there is room for, those with the slowest tails, in their order.
fn slowest<'a>(told: &[&'a ExplainedFlow]) -> Vec<&'a ExplainedFlow> {
    let tail = |index: usize| {
        told[index].quantiles.last().map_or(0.0, |quantile| quantile.sojourn_ms.mean)
    };
    let mut order: Vec<usize> = (0..told.len()).collect();
    order.sort_by(|&a, &b| tail(b).total_cmp(&tail(a)));
    order.truncate(BLOCKS);
    order.sort_unstable();
    order.into_iter().map(|index| told[index]).collect()
}

fn blocks(shown: &[&ExplainedFlow]) -> Vec<Block> {
    let block = |flow: &&ExplainedFlow| Block {
        name: format!("{} · {}", flow.flow, flow.deployment),
        notes: Vec::new(),
        rows: flow.quantiles.iter().map(|quantile| quantile.name.to_owned()).collect(),
    };
    shown.iter().map(block).collect()
}

fn columns(shown: &[&ExplainedFlow]) -> Vec<Column> {
    let all = shown.iter().flat_map(|flow| &flow.quantiles);
    let (sojourns, places): (Vec<String>, Vec<String>) =
        all.map(|quantile| (numbers(quantile), busiest(quantile))).unzip();
    vec![
        Column::drawn("Share of the time, %", "", 1.0),
        Column::texts("Sojourn time", Room::of_texts(&sojourns, NUMBER, 300.0)),
        Column::texts("Most on nodes of", Room::of_texts(&places, NUMBER, 260.0)),
    ]
}

/// The cluster on whose nodes the requests spend most of their time, with its share: `gateway 27 %`.
fn busiest(quantile: &ExplainedQuantile) -> String {
    let mut clusters: BTreeMap<&str, f64> = BTreeMap::new();
    for part in &quantile.parts {
        if let Some(cluster) = &part.cluster {
            *clusters.entry(cluster).or_default() += part.ms.mean / quantile.sojourn_ms.mean;
        }
    }
    let most = clusters.into_iter().max_by(|one, other| one.1.total_cmp(&other.1));
    most.map_or_else(String::new, |(cluster, share)| {
        format!("{cluster} {} %", number::exact(100.0 * share, 0))
    })
}

/// `312 ± 12 ms`.
fn numbers(quantile: &ExplainedQuantile) -> String {
    number::estimate(&quantile.sojourn_ms, Unit::Milliseconds)
}

/// The share of the time that goes to a part, on whatever cluster, %.
fn percent(quantile: &ExplainedQuantile, part: &Part) -> f64 {
    let its = quantile.parts.iter().filter(|other| part.is.contains(&other.activity));
    let share = its.map(|part| part.ms.mean).sum::<f64>() / quantile.sojourn_ms.mean;
    if share.is_finite() { 100.0 * share } else { 0.0 }
}

fn bar(canvas: &mut Canvas, quantile: &ExplainedQuantile, track: &Track, cell: Area) {
    let y = f64::midpoint(cell.0.1, cell.1.1);
    let half = (cell.1.1 - cell.0.1) * 0.32;
    canvas.within(cell, |canvas| {
        let mut end: f64 = 0.0;
        for part in &PARTS {
            let begin = end;
            end = (end + percent(quantile, part)).min(100.0);
            if end > begin {
                canvas.fill((track.at(begin), y - half), (track.at(end), y + half), part.fill);
            }
        }
    });
}

/// The parts that can be seen in any bar.
fn key(shown: &[&ExplainedFlow]) -> Vec<Entry<'static>> {
    let all = || shown.iter().flat_map(|flow| &flow.quantiles);
    let drawn = PARTS.iter().filter(|part| all().any(|quantile| percent(quantile, part) > 0.05));
    let entry = |part: &'static Part| {
        Entry::new(part.name, move |canvas: &mut Canvas, (x, y)| {
            canvas.fill((x - 14.0, y - 8.0), (x + 14.0, y + 8.0), part.fill);
        })
    };
    drawn.map(entry).collect()
}
