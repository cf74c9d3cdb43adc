//! The quantiles of the sojourn time where there are too many deployments for lines: a row for each,
//! with a mark for every quantile.

use sim::quantity::Quantity;
use sim::results::{FlowResult, Results};
use sim::scenario::LatencyMetric;

use super::canvas::Canvas;
use super::comparison;
use super::flows::{self, LatencyGoals, Picked};
use super::interval::{Interval, Track};
use super::mark::Area;
use super::palette::{ALARM, Look};
use super::rows::{Block, Column, NUMBER, Room, Rows};
use super::scale::Scale;
use super::sheet::{Entry, Sheet};
use super::signs;
use crate::Context;
use crate::number::{self, Unit};

/// The quantiles that have marks, from the lowest row of pixels to the uppermost.
const MARKED: [f64; 4] = [0.5, 0.99, 0.999, 0.9999];
/// Those that are written as well.
const WRITTEN: [f64; 3] = [0.5, 0.99, 0.999];
/// The axis is logarithmic where values span more.
const SPREAD: f64 = 8.0;

/// The chart.
pub(super) fn draw(context: &Context<'_>) -> Canvas {
    let results = context.results;
    let picked = comparison::pick(results);
    let goals = LatencyGoals::of(results);
    let subtitle = "Sojourn time of answered requests: quantiles of every flow on every deployment";
    let mut sheet = Sheet::new(context, subtitle);
    let shown: Vec<Vec<Option<&FlowResult>>> = picked
        .shown
        .iter()
        .map(|&flow| results.deployments.iter().map(|d| d.flows.get(flow)).collect())
        .collect();
    let intervals: Vec<Interval> =
        shown.iter().flatten().flatten().flat_map(|f| marked(f)).map(|m| m.1).collect();
    let limits: Vec<Option<f64>> = picked.shown.iter().map(|&flow| limit(&goals, flow)).collect();
    let values =
        intervals.iter().flat_map(Interval::values).chain(limits.iter().copied().flatten());
    let scale = Scale::by_range(values, SPREAD);
    sheet.key(&key(&intervals, scale, limits.iter().any(Option::is_some)));
    let placed = Rows::new(
        &mut sheet,
        &blocks(results, &picked, &goals),
        &columns(&goals, &shown, scale),
        Rows::height(shown.iter().map(Vec::len).sum()),
    );
    let track = placed.axis(&mut sheet, 0, scale);
    for (block, flows) in shown.iter().enumerate() {
        let area = placed.block(0, block);
        if let Some(limit) = limits[block].filter(|limit| track.holds(*limit)) {
            let x = track.at(limit);
            sheet.canvas.within(area, |canvas| {
                canvas.dashed(&[(x, area.0.1), (x, area.1.1)], 2.0, ALARM, &signs::LIMIT);
            });
        }
        for (row, flow) in flows.iter().enumerate() {
            marks(&mut sheet.canvas, *flow, &track, placed.cell(0, block, row));
            for (index, &probability) in WRITTEN.iter().enumerate() {
                let text = written(*flow, probability);
                Rows::number(&mut sheet.canvas, placed.cell(index + 1, block, row), &text, NUMBER);
            }
        }
    }
    if !picked.rest.is_empty() {
        sheet.caption(&picked.left_out(results));
    }
    sheet.finished(context)
}

/// The quantiles of a flow that have marks, with their looks.
fn marked(flow: &FlowResult) -> Vec<(usize, Interval)> {
    let of = |(index, p): (usize, f64)| {
        let found = flow.quantile_ms(p).filter(|found| !found.mean.is_nan())?;
        Some((index, Interval::of(found, 1.0)))
    };
    MARKED.into_iter().enumerate().filter_map(of).collect()
}

fn marks(canvas: &mut Canvas, flow: Option<&FlowResult>, track: &Track, cell: Area) {
    let Some(flow) = flow else { return };
    let height = cell.1.1 - cell.0.1;
    canvas.within(cell, |canvas| {
        for (index, interval) in marked(flow) {
            let look = Look::of(index);
            let aside = (1.5 - index as f64) * height / 8.0;
            let y = f64::midpoint(cell.0.1, cell.1.1) + aside;
            let point = |x: f64, across: f64| (x, y + across * 0.8);
            track.bar(canvas, &interval, look.colour(), point);
            if track.holds(interval.mean) {
                look.edged(canvas, (track.at(interval.mean), y), 3.0);
            } else {
                track.beyond(canvas, interval.mean, look.colour(), point);
            }
        }
    });
}

fn written(flow: Option<&FlowResult>, probability: f64) -> String {
    let found = flow.and_then(|flow| flow.quantile_ms(probability));
    found.map_or(number::ABSENT.to_owned(), |found| number::digits(found, Unit::Milliseconds))
}

/// The limit of a flow's goal, where that is on a quantile that is marked.
fn limit(goals: &LatencyGoals, flow: usize) -> Option<f64> {
    let is_marked = MARKED.iter().any(|p| goals.metrics[flow] == LatencyMetric::Quantile(*p));
    goals.limits[flow].filter(|_| is_marked)
}

fn blocks(results: &Results, picked: &Picked, goals: &LatencyGoals) -> Vec<Block> {
    let rows: Vec<String> = results.deployments.iter().map(|d| d.name.clone()).collect();
    let of = |&flow: &usize| Block {
        name: flows::all(results)[flow].name.clone(),
        notes: goals.own(flow).into_iter().collect(),
        rows: rows.clone(),
    };
    picked.shown.iter().map(of).collect()
}

fn columns(goals: &LatencyGoals, shown: &[Vec<Option<&FlowResult>>], scale: Scale) -> Vec<Column> {
    let logarithmic = matches!(scale, Scale::Logarithmic { .. });
    let heading = if logarithmic { "Sojourn time, ms (log scale)" } else { "Sojourn time, ms" };
    let goal = goals.common();
    let mut columns = vec![Column::drawn(heading, &goal, 1.0)];
    for probability in WRITTEN {
        let name = format!("{}, ms", Quantity::quantile(probability).name());
        let texts: Vec<String> =
            shown.iter().flatten().map(|flow| written(*flow, probability)).collect();
        columns.push(Column::texts(&name, Room::of_texts(&texts, NUMBER, 170.0)));
    }
    columns
}

fn key(intervals: &[Interval], scale: Scale, has_limits: bool) -> Vec<Entry<'static>> {
    let mut entries = Vec::new();
    for (index, probability) in MARKED.into_iter().enumerate() {
        let look = Look::of(index);
        let name = Quantity::quantile(probability).name();
        entries.push(Entry::new(&name, move |canvas: &mut Canvas, at| {
            look.marker(canvas, at, 5.0);
        }));
    }
    entries.extend(signs::of_intervals(intervals.iter().map(|interval| (*interval, scale))));
    if has_limits {
        entries.push(signs::of_limits());
    }
    entries
}
