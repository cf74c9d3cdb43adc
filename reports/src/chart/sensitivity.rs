//! `sensitivity.png`: what each change of a deployment buys of its downtime, the most first: a tornado.

use std::io::Write;

use plotters::style::RGBColor;
use sim::results::{BoughtOfFlow, DeploymentResult, Results};
use sim::sensitivity::Lever;
use sim::stats::Estimate;

use super::canvas::Canvas;
use super::interval::{End, Interval, Track};
use super::mark::{Area, Type};
use super::palette::{ALARM, AXIS, GREY, INK, Look, MISSING};
use super::rows::{self, BOLD, Block, Column, NUMBER, Room, Rows};
use super::scale::Scale;
use super::sheet::{Entry, Sheet};
use super::signs;
use crate::bought::Finding;
use crate::number::{self, Unit};
use crate::{Context, Picture, Report, ReportError, bought, phrases};

/// So many rows can be read on one page.
const ROWS: usize = 75;
/// A change that makes more of a downtime worse than this lies beyond the axis.
const WORST: f64 = -100.0;
/// Labels of the axis.
const STEP: f64 = 20.0;

/// Writes `sensitivity.png`.
pub(crate) struct Sensitivity;

impl Report for Sensitivity {
    fn file_name(&self) -> &'static str {
        "sensitivity.png"
    }

    fn picture(&self) -> Option<Picture> {
        Some(Picture {
            title: "What the next change buys",
            description: "A bar for every change of each deployment, the most useful first: how much of a \
                          year's downtime it saves. The figures are in sensitivity.csv.",
        })
    }

    fn applies(&self, results: &Results) -> bool {
        results.deployments.iter().any(|deployment| deployment.sensitivity.is_some())
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        draw(context).write(out)
    }
}

/// A change, and what it buys.
type Change<'a> = (&'a Lever, Option<&'a BoughtOfFlow>);

/// The chart.
pub(super) fn draw(context: &Context<'_>) -> Canvas {
    let results = context.results;
    let subtitle = "What one change buys of a year's downtime, of the flow of each deployment that is down longest. \
                    Bars are shares of its own downtime as it is: deployments compare by their minutes.";
    let mut sheet = Sheet::new(context, subtitle);
    let most = (ROWS / results.deployments.len().max(1)).max(1);
    let all = results.deployments.iter().map(bought::in_order);
    let (shown, left_out): (Vec<Vec<Change<'_>>>, Vec<usize>) = all
        .map(|all| {
            let left_out = all.len().saturating_sub(most);
            (largest(all, most), left_out)
        })
        .unzip();
    if shown.iter().all(Vec::is_empty) {
        rows::empty(&mut sheet, "There is nothing to change.");
        return sheet.finished(context);
    }
    let scale = scale(shown.iter().flatten());
    sheet.key(&key(&shown, scale));
    let height = Rows::height(shown.iter().map(Vec::len).sum());
    let placed = Rows::new(&mut sheet, &blocks(results, &shown), &columns(&shown), height);
    let track = placed.axis(&mut sheet, 1, scale);
    let canvas = &mut sheet.canvas;
    zero(canvas, &placed, &track);
    for (block, changes) in shown.iter().enumerate() {
        if changes.is_empty() {
            let grey = Type { colour: GREY, ..NUMBER };
            Rows::words(canvas, placed.cell(3, block, 0), "not simulated", grey);
        }
        for (row, (lever, one)) in changes.iter().enumerate() {
            let cell = |column: usize| placed.cell(column, block, row);
            Rows::words(canvas, cell(0), place(lever), NUMBER);
            if let Some(one) = one {
                bar(canvas, one, &track, cell(1));
            }
            Rows::number(canvas, cell(2), &minutes(*one), NUMBER);
            Rows::words(canvas, cell(3), Finding::of(*one).words(), style(*one));
        }
    }
    let left_out: usize = left_out.iter().sum();
    if left_out > 0 {
        sheet.caption(&format!(
            "Not drawn: {} with less effect; sensitivity.csv holds all.",
            phrases::count(left_out as u32, "change")
        ));
    }
    sheet.finished(context)
}

/// Those with the largest effect, either way, in their order.
fn largest(all: Vec<Change<'_>>, most: usize) -> Vec<Change<'_>> {
    let size = |change: &Change<'_>| change.1.map_or(0.0, |one| one.bought.mean.abs());
    let mut sizes: Vec<f64> = all.iter().map(size).collect();
    sizes.sort_by(|a, b| b.total_cmp(a));
    let least = sizes.get(most.saturating_sub(1)).copied().unwrap_or(0.0);
    all.into_iter().filter(|change| size(change) >= least).take(most).collect()
}

/// In % of the downtime that there is; none where there is none.
fn interval(one: &BoughtOfFlow) -> Option<Interval> {
    let factor = 100.0 / one.now.mean;
    let Estimate { mean, lower, upper, .. } = one.bought.scaled(factor);
    let end = |end: Option<f64>| end.map_or(End::Open, End::At);
    (one.now.mean > 0.0).then(|| Interval { mean, ends: Some((end(lower), end(upper))) })
}

fn scale<'a>(changes: impl Iterator<Item = &'a Change<'a>>) -> Scale {
    let intervals = changes.filter_map(|(_, one)| interval((*one)?));
    let least = intervals.map(|interval| match interval.ends {
        Some((End::At(low), _)) => low.min(interval.mean),
        _ => interval.mean,
    });
    let least = least.fold(0.0, f64::min).max(WORST);
    let low = (least / STEP).floor() * STEP;
    Scale::Linear { low, high: 100.0, step: STEP }
}

fn blocks(results: &Results, shown: &[Vec<Change<'_>>]) -> Vec<Block> {
    let block = |(deployment, changes): (&DeploymentResult, &Vec<Change<'_>>)| {
        let flow = bought::worst_flow(deployment).map(|(_, flow)| flow.name.clone());
        let now = changes.iter().find_map(|(_, one)| Some(one.as_ref()?.now));
        let now = now.map(|now| format!("{} min", number::digits(&now, Unit::One)));
        let rows = changes.iter().map(|(lever, _)| bought::change(lever));
        // Room for its name.
        let none = vec![String::new(); if changes.is_empty() { 3 } else { 0 }];
        Block {
            name: deployment.name.clone(),
            notes: flow.into_iter().chain(now).collect(),
            rows: rows.chain(none).collect(),
        }
    };
    results.deployments.iter().zip(shown).map(block).collect()
}

/// Where it is changed.
fn place(lever: &Lever) -> &str {
    lever.cluster.as_deref().unwrap_or_default()
}

fn columns(shown: &[Vec<Change<'_>>]) -> Vec<Column> {
    let texts = |text: &dyn Fn(&Change<'_>) -> String, style: Type, most: f64| {
        let all: Vec<String> = shown.iter().flatten().map(text).collect();
        Room::of_texts(&all, style, most)
    };
    vec![
        Column::texts("", texts(&|(lever, _)| place(lever).to_owned(), NUMBER, 200.0)),
        Column::drawn("Bought, % of the downtime that there is", "", 1.0),
        Column::texts("Minutes a year", texts(&|(_, one)| minutes(*one), NUMBER, 150.0)),
        Column::texts("", texts(&|(_, one)| Finding::of(*one).words().to_owned(), BOLD, 190.0)),
    ]
}

/// `12 ± 2`.
fn minutes(one: Option<&BoughtOfFlow>) -> String {
    one.map_or(number::ABSENT.to_owned(), |one| number::digits(&one.bought, Unit::One))
}

fn zero(canvas: &mut Canvas, placed: &Rows, track: &Track) {
    let area = placed.column(1);
    let x = track.at(0.0);
    canvas.within(area, |canvas| canvas.line(&[(x, area.0.1), (x, area.1.1)], 1.5, AXIS));
}

fn bar(canvas: &mut Canvas, one: &BoughtOfFlow, track: &Track, cell: Area) {
    let Some(interval) = interval(one) else { return };
    let y = f64::midpoint(cell.0.1, cell.1.1);
    let half = (cell.1.1 - cell.0.1) * 0.32;
    let point = |x: f64, across: f64| (x, y + across);
    canvas.within(cell, |canvas| {
        if !track.holds(interval.mean) {
            return track.beyond(canvas, interval.mean, colour(Some(one)), point);
        }
        let (from, to) = (track.at(0.0), track.at(interval.mean));
        canvas.fill((from, y - half), (to, y + half), colour(Some(one)));
        track.bar(canvas, &interval, INK, point);
    });
}

const BETTER: RGBColor = Look::of(0).colour();
const WORSE: RGBColor = Look::of(5).colour();

fn colour(one: Option<&BoughtOfFlow>) -> RGBColor {
    match Finding::of(one) {
        Finding::Better => BETTER,
        Finding::Worse => WORSE,
        Finding::Unseen | Finding::NoYears => MISSING,
    }
}

fn style(one: Option<&BoughtOfFlow>) -> Type {
    match Finding::of(one) {
        Finding::Better => BOLD,
        Finding::Worse => Type { colour: ALARM, ..BOLD },
        Finding::Unseen | Finding::NoYears => Type { colour: GREY, ..NUMBER },
    }
}

fn key(shown: &[Vec<Change<'_>>], scale: Scale) -> Vec<Entry<'static>> {
    let found: Vec<Finding> = shown.iter().flatten().map(|(_, one)| Finding::of(*one)).collect();
    let fills = [
        (Finding::Better, "less downtime", BETTER),
        (Finding::Worse, "more downtime", WORSE),
        (Finding::Unseen, "not seen to differ", MISSING),
    ];
    let occurs = fills.into_iter().filter(|(finding, ..)| found.contains(finding));
    let mut entries: Vec<Entry<'static>> = occurs
        .map(|(_, meaning, fill)| {
            Entry::new(meaning, move |canvas: &mut Canvas, (x, y)| {
                canvas.fill((x - 14.0, y - 8.0), (x + 14.0, y + 8.0), fill);
            })
        })
        .collect();
    let intervals = shown.iter().flatten().filter_map(|(_, one)| interval((*one)?));
    entries.extend(signs::of_intervals(intervals.map(|interval| (interval, scale))));
    entries
}
