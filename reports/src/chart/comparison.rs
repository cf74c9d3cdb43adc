//! `comparison.png`: what every deployment carries of every flow, how fast, with which share of
//! errors, and how that stands to the goals.

use std::io::Write;

use sim::results::Results;

use super::canvas::Canvas;
use super::figures::{Figures, Reading};
use super::flows::{self, LatencyGoals, Picked, Urgency};
use super::interval::{Interval, Track};
use super::mark::{Area, Type};
use super::palette::{ALARM, INK, MISSING, Sign};
use super::rows::{self, BOLD, Block, Column, NUMBER, Room, Rows};
use super::scale::Scale;
use super::sheet::{Entry, Sheet};
use super::signs;
use crate::{Context, Picture, Report, ReportError, phrases};

/// So many rows can be read on one page.
const ROWS: usize = 160;
/// The axis of latencies is logarithmic where they span more.
const SPREAD: f64 = 8.0;

/// Writes `comparison.png`.
pub(crate) struct Comparison;

impl Report for Comparison {
    fn file_name(&self) -> &'static str {
        "comparison.png"
    }

    fn picture(&self) -> Option<Picture> {
        Some(Picture {
            title: "What is carried, how fast, with which errors",
            description: "Bars and intervals, a row for every flow on every deployment: the share of what is \
                          offered that is carried, a latency quantile, the share of errors and the verdict on \
                          the goals. The figures are in the tables of the flows and in summary.csv.",
        })
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        draw(context).write(out)
    }
}

/// The chart.
pub(super) fn draw(context: &Context<'_>) -> Canvas {
    let results = context.results;
    let picked = pick(results);
    let goals = LatencyGoals::of(results);
    let all: Vec<Vec<Figures>> = figures(results, &picked, &goals);
    let mut sheet = Sheet::new(context, &subtitle(results));
    if all.is_empty() {
        rows::empty(&mut sheet, "There is no flow.");
        return sheet.finished(context);
    }
    let blocks = blocks(results, &picked, &goals);
    let scales = Scales::of(&all);
    sheet.key(&key(&all, &scales));
    let columns = columns(results, &all, &scales, &goals);
    let height = Rows::height(all.iter().map(Vec::len).sum());
    let placed = Rows::new(&mut sheet, &blocks, &columns, height);
    let tracks = [(0, scales.carried), (2, scales.latency), (4, scales.errors)]
        .map(|(column, scale)| placed.axis(&mut sheet, column, scale));
    for (block, figures) in all.iter().enumerate() {
        for (row, figures) in figures.iter().enumerate() {
            let cells = |column: usize| placed.cell(column, block, row);
            self::row(&mut sheet.canvas, figures, &tracks, cells);
        }
        limits(&mut sheet.canvas, &placed, figures, &tracks, block);
    }
    if !picked.rest.is_empty() {
        sheet.caption(&picked.left_out(results).replace("Not drawn", "Not drawn one by one"));
    }
    sheet.finished(context)
}

/// As many flows as there are rows for.
pub(super) fn pick(results: &Results) -> Picked {
    let most = ROWS / results.deployments.len().max(1);
    Picked::new(results, most, |flow| Urgency::by_goals(results, flow))
}

fn figures(results: &Results, picked: &Picked, goals: &LatencyGoals) -> Vec<Vec<Figures>> {
    let deployments = || results.deployments.iter();
    let of = |flow: usize| deployments().map(|one| Figures::of(one, flow, goals)).collect();
    let mut all: Vec<Vec<Figures>> = picked.shown.iter().map(|&flow| of(flow)).collect();
    if !picked.rest.is_empty() {
        let rest = deployments().map(|one| Figures::of_rest(one, &picked.rest, goals));
        all.push(rest.collect());
    }
    all
}

fn subtitle(results: &Results) -> String {
    let says =
        "What is carried of what is offered, the sojourn time of answered requests, and errors";
    match results.deployments.as_slice() {
        [only] => format!("{says}, on `{}`", only.name),
        _ => says.to_owned(),
    }
}

fn blocks(results: &Results, picked: &Picked, goals: &LatencyGoals) -> Vec<Block> {
    let names: Vec<String> = match results.deployments.as_slice() {
        [_] => vec![String::new()],
        all => all.iter().map(|deployment| deployment.name.clone()).collect(),
    };
    let tenants = signs::has_tenants(results);
    let mut blocks: Vec<Block> = picked
        .shown
        .iter()
        .map(|&index| {
            let flow = &flows::all(results)[index];
            let mut notes = Vec::new();
            if tenants {
                notes.push(format!("tenant {}", flow.tenant));
            }
            notes.extend(goals.own(index));
            Block { name: flow.name.clone(), notes, rows: names.clone() }
        })
        .collect();
    if !picked.rest.is_empty() {
        let name = format!("{} other flows", picked.rest.len());
        let notes = vec!["together; worst of them".to_owned()];
        blocks.push(Block { name, notes, rows: names });
    }
    blocks
}

/// The axes, each of which holds all that is drawn along it.
struct Scales {
    carried: Scale,
    latency: Scale,
    errors: Scale,
}

impl Scales {
    fn of(all: &[Vec<Figures>]) -> Self {
        let each = || all.iter().flatten();
        let shares = each().filter_map(Figures::carried_share).filter(|share| *share < 1e6);
        let most = shares.fold(1.0, f64::max) * 100.0;
        let values = |reading: fn(&Figures) -> Option<&Reading>| {
            each().filter_map(reading).flat_map(Reading::values).collect::<Vec<f64>>()
        };
        Self {
            carried: Scale::up_to(most, 2.0),
            latency: Scale::by_range(values(|figures| figures.latency.as_ref()), SPREAD),
            errors: Scale::from_zero(values(|figures| figures.errors.as_ref())),
        }
    }
}

fn columns(
    results: &Results,
    all: &[Vec<Figures>],
    scales: &Scales,
    goals: &LatencyGoals,
) -> Vec<Column> {
    let each = || all.iter().flatten();
    let texts = |text: fn(&Figures) -> String, most: f64| {
        Room::of_texts(&each().map(text).collect::<Vec<_>>(), NUMBER, most)
    };
    let metric = goals.common_metric();
    let name = metric.map_or("Sojourn time".to_owned(), phrases::metric);
    let logarithmic = matches!(scales.latency, Scale::Logarithmic { .. });
    let unit = if logarithmic { "ms (log scale)" } else { "ms" };
    let goal = goals.common();
    let mut columns = vec![
        Column::drawn("Carried, % of offered; in numbers: carried of offered, /s", "", 0.22),
        Column::texts("", texts(Figures::carried_text, 190.0)),
        Column::drawn(&format!("{name}, {unit}"), &goal, 0.46),
        Column::texts("", texts(Figures::latency_text, 170.0)),
        Column::drawn("Errors, %", &signs::error_goal(results), 0.32),
        Column::texts("", texts(Figures::errors_text, 120.0)),
    ];
    if signs::has_goals(results) {
        let standings: Vec<String> = each().map(|figures| figures.standing.clone()).collect();
        columns.push(Column::texts("Goals", Room::of_texts(&standings, BOLD, 210.0)));
    }
    columns
}

fn row(canvas: &mut Canvas, figures: &Figures, tracks: &[Track; 3], cells: impl Fn(usize) -> Area) {
    let [carried, latency, errors] = tracks;
    bar(canvas, figures, carried, cells(0));
    Rows::number(canvas, cells(1), &figures.carried_text(), NUMBER);
    reading(canvas, figures.latency.as_ref(), latency, cells(2));
    Rows::number(canvas, cells(3), &figures.latency_text(), NUMBER);
    reading(canvas, figures.errors.as_ref(), errors, cells(4));
    Rows::number(canvas, cells(5), &figures.errors_text(), NUMBER);
    if !figures.standing.is_empty() {
        let style = match figures.sign {
            Sign::Missed => Type { colour: ALARM, ..BOLD },
            Sign::Undecided => BOLD,
            Sign::Met | Sign::Plain => NUMBER,
        };
        Rows::words(canvas, cells(6), &figures.standing, style);
    }
}

/// What is carried as a bar, and what is offered and not carried as its continuation.
fn bar(canvas: &mut Canvas, figures: &Figures, track: &Track, cell: Area) {
    let Some(share) = figures.carried_share() else { return };
    let y = f64::midpoint(cell.0.1, cell.1.1);
    let half = (cell.1.1 - cell.0.1) * 0.3;
    canvas.within(cell, |canvas| {
        let zero = track.at(0.0);
        canvas.fill((zero, y - half), (track.at(100.0), y + half), MISSING);
        let share = share * 100.0;
        if track.holds(share) {
            canvas.fill((zero, y - half), (track.at(share), y + half), Sign::Plain.colour());
        } else {
            track.beyond(canvas, share, Sign::Plain.colour(), |x, across| (x, y + across));
        }
    });
}

fn reading(canvas: &mut Canvas, reading: Option<&Reading>, track: &Track, cell: Area) {
    let Some(reading) = reading else { return };
    let y = f64::midpoint(cell.0.1, cell.1.1);
    canvas.within(cell, |canvas| {
        mark(canvas, &reading.interval, reading.sign, track, y, 5.0);
    });
}

/// The sign of an estimate with the bar of its interval.
pub(super) fn mark(
    canvas: &mut Canvas,
    interval: &Interval,
    sign: Sign,
    track: &Track,
    y: f64,
    radius: f64,
) {
    let point = |x: f64, across: f64| (x, y + across);
    track.bar(canvas, interval, INK, point);
    if track.holds(interval.mean) {
        sign.draw(canvas, (track.at(interval.mean), y), radius);
    } else {
        track.beyond(canvas, interval.mean, sign.colour(), point);
    }
}

/// The limits of a block's goals, across its rows.
fn limits(
    canvas: &mut Canvas,
    placed: &Rows,
    figures: &[Figures],
    [_, latency, errors]: &[Track; 3],
    block: usize,
) {
    let limit_of = |reading: fn(&Figures) -> Option<&Reading>| {
        figures.iter().filter_map(reading).find_map(|reading| reading.limit)
    };
    let limits = [
        (2, latency, limit_of(|figures| figures.latency.as_ref())),
        (4, errors, limit_of(|figures| figures.errors.as_ref())),
    ];
    for (column, track, limit) in limits {
        let area = placed.block(column, block);
        if let Some(limit) = limit.filter(|limit| track.holds(*limit)) {
            let x = track.at(limit);
            canvas.within(area, |canvas| {
                canvas.dashed(&[(x, area.0.1), (x, area.1.1)], 2.0, ALARM, &signs::LIMIT);
            });
        }
    }
}

fn key(all: &[Vec<Figures>], scales: &Scales) -> Vec<Entry<'static>> {
    let mut entries = vec![Entry::new("carried", |canvas: &mut Canvas, (x, y)| {
        canvas.fill((x - 14.0, y - 8.0), (x + 14.0, y + 8.0), Sign::Plain.colour());
    })];
    entries.push(Entry::new("offered and not carried", |canvas: &mut Canvas, (x, y)| {
        canvas.fill((x - 14.0, y - 8.0), (x + 14.0, y + 8.0), MISSING);
    }));
    let readings = || {
        let each = all.iter().flatten();
        each.flat_map(|figures| [figures.latency.as_ref(), figures.errors.as_ref()]).flatten()
    };
    let latencies = all.iter().flatten().filter_map(|figures| figures.latency.as_ref());
    let errors = all.iter().flatten().filter_map(|figures| figures.errors.as_ref());
    let drawn = latencies
        .map(|reading| (reading.interval, scales.latency))
        .chain(errors.map(|reading| (reading.interval, scales.errors)));
    entries.extend(signs::of_signs(readings().map(|reading| reading.sign)));
    entries.extend(signs::of_intervals(drawn));
    if readings().any(|reading| reading.limit.is_some()) {
        entries.push(signs::of_limits());
    }
    entries
}
