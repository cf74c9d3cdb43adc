//! `utilisation.png`: what the cores of every cluster do: work, collect garbage, stall.

use std::io::Write;

use sim::quantity::Quantity;
use sim::results::{ClusterResult, DeploymentResult, Overload, Results};
use sim::stats::Estimate;

use super::canvas::Canvas;
use super::interval::{Interval, Track};
use super::mark::{Area, Type};
use super::palette::{ALARM, INK, Look};
use super::rows::{self, BOLD, Block, Column, NUMBER, Room, Rows};
use super::scale::Scale;
use super::sheet::{Entry, Sheet};
use super::signs;
use crate::number::{self, Unit};
use crate::{Context, Picture, Report, ReportError, phrases};

/// So many rows can be read on one page.
const ROWS: usize = 160;

/// What the cores do, in the order in which the parts of a bar follow each other: together the occupied
/// share.
const PARTS: [Part; 3] = [
    Part { meaning: "busy with requests", word: "busy", share: Quantity::Utilisation },
    Part { meaning: "stopped for garbage collection (GC)", word: "GC", share: Quantity::GcShare },
    Part { meaning: "stalled", word: "stalled", share: Quantity::StallShare },
];

/// One part of what the cores of a cluster do.
struct Part {
    meaning: &'static str,
    /// Beside its number.
    word: &'static str,
    /// Its share of the cores.
    share: Quantity,
}

/// Writes `utilisation.png`.
pub(crate) struct Utilisation;

impl Report for Utilisation {
    fn file_name(&self) -> &'static str {
        "utilisation.png"
    }

    fn picture(&self) -> Option<Picture> {
        Some(Picture {
            title: "What the cores do",
            description: "A bar for every cluster of every deployment: the shares of its cores that are busy \
                          with requests, stopped for garbage collection and stalled. The figures are in \
                          clusters.csv.",
        })
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        draw(context).write(out)
    }
}

/// The chart.
pub(super) fn draw(context: &Context<'_>) -> Canvas {
    let results = context.results;
    let mut sheet = Sheet::new(context, "What the cores of every cluster do");
    let shown: Vec<Vec<&ClusterResult>> = results
        .deployments
        .iter()
        .map(|deployment| busiest(deployment, ROWS / results.deployments.len().max(1)))
        .collect();
    let all = || shown.iter().flatten().copied();
    if all().next().is_none() {
        rows::empty(&mut sheet, "There is no cluster.");
        return sheet.finished(context);
    }
    let scale = scale(all());
    sheet.key(&key(all(), scale));
    let placed = Rows::new(
        &mut sheet,
        &blocks(results, &shown),
        &columns(results, &shown),
        Rows::height(all().count()),
    );
    let track = placed.axis(&mut sheet, 1, scale);
    let canvas = &mut sheet.canvas;
    for (block, clusters) in shown.iter().enumerate() {
        for (row, cluster) in clusters.iter().enumerate() {
            let cell = |column: usize| placed.cell(column, block, row);
            Rows::words(canvas, cell(0), &size(cluster), NUMBER);
            bar(canvas, cluster, &track, cell(1));
            Rows::number(canvas, cell(2), &numbers(cluster), NUMBER);
        }
    }
    let area = placed.column(1);
    let x = track.at(100.0);
    canvas.within(area, |canvas| {
        canvas.dashed(&[(x, area.0.1), (x, area.1.1)], 2.0, ALARM, &signs::LIMIT);
    });
    overloads(canvas, results, &placed, &shown);
    left_out(&mut sheet, results, &shown);
    sheet.finished(context)
}

/// As many clusters as there are rows for, the busiest ones, in the order of the deployment.
fn busiest(deployment: &DeploymentResult, most: usize) -> Vec<&ClusterResult> {
    let mut order: Vec<usize> = (0..deployment.clusters.len()).collect();
    let busy = |index: usize| occupied(&deployment.clusters[index]).mean;
    let overloaded = |index: usize| {
        deployment.overloads.iter().any(|one| one.cluster == deployment.clusters[index].name)
    };
    order.sort_by(|&a, &b| overloaded(b).cmp(&overloaded(a)).then(busy(b).total_cmp(&busy(a))));
    order.truncate(most.max(1));
    order.sort_unstable();
    order.into_iter().map(|index| &deployment.clusters[index]).collect()
}

/// How much of a cluster's core-time is not idle.
fn occupied(cluster: &ClusterResult) -> &Estimate {
    &cluster.found[Quantity::OccupiedShare]
}

fn left_out(sheet: &mut Sheet, results: &Results, shown: &[Vec<&ClusterResult>]) {
    let is_shown =
        |cluster: &ClusterResult| shown.iter().flatten().any(|s| std::ptr::eq(*s, cluster));
    let all = results.deployments.iter().flat_map(|deployment| &deployment.clusters);
    let rest: Vec<&ClusterResult> = all.filter(|cluster| !is_shown(cluster)).collect();
    let Some(most) = rest.iter().max_by(|a, b| occupied(a).mean.total_cmp(&occupied(b).mean))
    else {
        return;
    };
    sheet.caption(&format!(
        "Not drawn: {} that are less busy than the others of their deployment; the busiest of them \
         is `{}` at {}.",
        phrases::count(rest.len() as u32, "cluster"),
        most.name,
        number::estimate(occupied(most), Unit::Percent)
    ));
}

fn blocks(results: &Results, shown: &[Vec<&ClusterResult>]) -> Vec<Block> {
    let deployments = results.deployments.iter().zip(shown);
    deployments
        .map(|(deployment, clusters)| Block {
            name: deployment.name.clone(),
            notes: Vec::new(),
            rows: clusters.iter().map(|cluster| cluster.name.clone()).collect(),
        })
        .collect()
}

fn columns(results: &Results, shown: &[Vec<&ClusterResult>]) -> Vec<Column> {
    let texts = |text: fn(&ClusterResult) -> String, most: f64| {
        let texts: Vec<String> = shown.iter().flatten().map(|cluster| text(cluster)).collect();
        Room::of_texts(&texts, NUMBER, most)
    };
    let mut columns = vec![
        Column::texts("", texts(size, 170.0)),
        Column::drawn("Share of the cores, % (in numbers: occupied, and by what)", "", 1.0),
        Column::texts("", texts(numbers, 430.0)),
    ];
    let overloads = results.deployments.iter().flat_map(|deployment| &deployment.overloads);
    let overloads: Vec<String> = overloads.map(offered).collect();
    if !overloads.is_empty() {
        columns.push(Column::texts("Overloaded", Room::of_texts(&overloads, BOLD, 250.0)));
    }
    columns
}

/// `2 nodes × 4 cores`.
fn size(cluster: &ClusterResult) -> String {
    let nodes = phrases::count(cluster.nodes, "node");
    format!("{nodes} × {} cores", number::exact(cluster.cores, 2))
}

/// `94 ± 1 % (84.1 busy, 9.0 GC, 0.6 stalled)`; what rounds to nothing is left out.
fn numbers(cluster: &ClusterResult) -> String {
    let parts = PARTS.iter().filter_map(|part| {
        let digits = number::rounded(&cluster.found[part.share], Unit::Percent);
        let is_something = digits.contains(|digit: char| ('1'..='9').contains(&digit));
        is_something.then(|| format!("{digits} {}", part.word))
    });
    let parts = parts.collect::<Vec<_>>().join(", ");
    let occupied = number::estimate(occupied(cluster), Unit::Percent);
    if parts.is_empty() { occupied } else { format!("{occupied} ({parts})") }
}

/// `offered 9.2 of 8 cores`.
fn offered(overload: &Overload) -> String {
    let offered = number::plain(overload.offered_load_with_stops_cores, Unit::One);
    format!("offered {offered} of {} cores", number::plain(overload.cores, Unit::One))
}

/// Says beside every overloaded cluster what it is offered.
fn overloads(canvas: &mut Canvas, results: &Results, placed: &Rows, shown: &[Vec<&ClusterResult>]) {
    for (block, deployment) in results.deployments.iter().enumerate() {
        for overload in &deployment.overloads {
            let row = shown[block].iter().position(|cluster| cluster.name == overload.cluster);
            let Some(row) = row else { continue };
            let style = Type { colour: ALARM, ..BOLD };
            Rows::words(canvas, placed.cell(3, block, row), &offered(overload), style);
        }
    }
}

/// An axis to 100 %, or further where a bar or an interval reaches further.
fn scale<'a>(clusters: impl Iterator<Item = &'a ClusterResult>) -> Scale {
    let ends = clusters.flat_map(|cluster| {
        let mut values = Interval::of(occupied(cluster), 100.0).values();
        values.push(PARTS.iter().map(|part| share(part, cluster)).sum::<f64>() * 100.0);
        values
    });
    let most = ends.filter(|end| end.is_finite() && *end < 1e6).fold(100.0, f64::max);
    Scale::up_to(most, 5.0)
}

fn share(part: &Part, cluster: &ClusterResult) -> f64 {
    let mean = cluster.found[part.share].mean;
    if mean.is_finite() { mean.max(0.0) } else { 0.0 }
}

fn bar(canvas: &mut Canvas, cluster: &ClusterResult, track: &Track, cell: Area) {
    let y = f64::midpoint(cell.0.1, cell.1.1);
    let half = (cell.1.1 - cell.0.1) * 0.32;
    canvas.within(cell, |canvas| {
        let mut end = 0.0;
        for (index, part) in PARTS.iter().enumerate() {
            let begin = end;
            end += share(part, cluster) * 100.0;
            if !track.holds(end) {
                let point = |x: f64, across: f64| (x, y + across);
                return track.beyond(canvas, end, Look::of(index).colour(), point);
            }
            if end > begin {
                let (from, to) = ((track.at(begin), y - half), (track.at(end), y + half));
                Look::of(index).bar(canvas, from, to);
            }
        }
        let interval = Interval::of(occupied(cluster), 100.0);
        track.bar(canvas, &interval, INK, |x, across| (x, y + across));
    });
}

fn key<'a>(clusters: impl Iterator<Item = &'a ClusterResult>, scale: Scale) -> Vec<Entry<'static>> {
    let mut entries: Vec<Entry<'static>> = Vec::new();
    for (index, part) in PARTS.iter().enumerate() {
        entries.push(Entry::new(part.meaning, move |canvas: &mut Canvas, (x, y)| {
            Look::of(index).bar(canvas, (x - 14.0, y - 8.0), (x + 14.0, y + 8.0));
        }));
    }
    let intervals = clusters.map(|cluster| (Interval::of(occupied(cluster), 100.0), scale));
    entries.extend(signs::of_intervals(intervals));
    entries.push(Entry::new("all cores, all the time", |canvas: &mut Canvas, (x, y)| {
        canvas.dashed(&[(x, y - 11.0), (x, y + 11.0)], 2.0, ALARM, &signs::LIMIT);
    }));
    entries
}
