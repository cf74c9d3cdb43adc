//! `availability.png`: for how many minutes a year every flow is as if down, and what of.

use std::io::Write;

use plotters::style::RGBColor;
use sim::results::{DeploymentResult, Results};
use sim::years::{Culprit, FlowYears, MINUTES_OF_A_YEAR};

use super::canvas::Canvas;
use super::flows;
use super::interval::{Interval, Track};
use super::mark::{Align, Area, Type};
use super::palette::{ALARM, AXIS, GREY, INK, Look, MISSING};
use super::rows::{Block, Column, NUMBER, Room, Rows};
use super::scale::Scale;
use super::sheet::{Entry, Sheet};
use super::signs;
use crate::number::{self, Unit};
use crate::{Context, Picture, Report, ReportError, phrases};

/// So many rows can be read on one page.
const ROWS: usize = 80;
/// A bar of the least downtime is still so many decades long.
const LEAST_LENGTH: f64 = 0.4;
/// No axis begins below: less is not told from nothing.
const LEAST_MINUTES: f64 = 1e-4;
/// Availabilities that are marked: with so many nines.
const NINES: [i32; 8] = [1, 2, 3, 4, 5, 6, 7, 8];
/// What is a smaller share of every bar is put together with the others.
const LEAST_SHARE: f64 = 0.005;
/// Lengths on and off of the lines of the nines.
const NINE: [f64; 2] = [2.0, 3.0];
const NINE_LABEL: Type = Type::bold(13.0, GREY);
/// Room below the axis for their labels.
const NINE_ROOM: f64 = 22.0;

/// How causes are drawn that have a part of their own, in their order; the last stands for all others.
const FILLS: [RGBColor; 9] = [
    Look::of(0).colour(),
    Look::of(1).colour(),
    Look::of(2).colour(),
    Look::of(3).colour(),
    Look::of(4).colour(),
    Look::of(5).colour(),
    INK,
    AXIS,
    MISSING,
];

/// Writes `availability.png`.
pub(crate) struct Availability;

impl Report for Availability {
    fn file_name(&self) -> &'static str {
        "availability.png"
    }

    fn picture(&self) -> Option<Picture> {
        Some(Picture {
            title: "Downtime in a year, by cause",
            description: "A bar for every flow on every deployment: for how many minutes a year it is as if \
                          down, divided by cause. The figures are in availability.csv.",
        })
    }

    fn applies(&self, results: &Results) -> bool {
        let years = results.deployments.iter().filter_map(|deployment| deployment.years.as_ref());
        years.flat_map(|years| &years.flows).any(|flow| flow.downtime_minutes().mean > 0.0)
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        draw(context).write(out)
    }
}

/// The chart.
pub(super) fn draw(context: &Context<'_>) -> Canvas {
    let results = context.results;
    let subtitle = "Downtime. The whole of a bar is read on the axis, which is logarithmic; inside, each cause has its \
                    share of the length.";
    let mut sheet = Sheet::new(context, subtitle);
    let shown = worst(results);
    let (parts, scale) = (parts(results, &shown), scale(results, &shown));
    sheet.key(&key(results, &shown, &parts, scale));
    let height = Rows::height(shown.len() * results.deployments.len());
    let blocks = blocks(results, &shown);
    let placed = Rows::new(&mut sheet, &blocks, &columns(results, &shown), height);
    let track = placed.axis(&mut sheet, 0, scale);
    let canvas = &mut sheet.canvas;
    for (block, flow) in shown.iter().enumerate() {
        let limit = results.scenario.goals_of(*flow).availability;
        for (row, deployment) in results.deployments.iter().enumerate() {
            let cell = |column: usize| placed.cell(column, block, row);
            if let Some(years) = years(deployment, *flow) {
                bar(canvas, years, &parts, &track, cell(0));
                goal(canvas, limit, &track, cell(0));
            }
            Rows::number(canvas, cell(1), &minutes(deployment, *flow), NUMBER);
            Rows::number(canvas, cell(2), &available(deployment, *flow), NUMBER);
            Rows::words(canvas, cell(3), &mostly(deployment, *flow), NUMBER);
        }
    }
    nines(&mut sheet, &placed, &track);
    let rest = flows::all(results).len() - shown.len();
    if rest > 0 {
        sheet.caption(&format!(
            "Not drawn: {} that no deployment keeps down longer than these; availability.csv holds all.",
            phrases::count(rest as u32, "flow")
        ));
    }
    sheet.finished(context)
}

/// What years cost a flow on a deployment, where that is known.
fn years(deployment: &DeploymentResult, flow: usize) -> Option<&FlowYears> {
    deployment.years.as_ref()?.flows.get(flow)
}

/// All that is known of these flows.
fn known<'a>(results: &'a Results, shown: &'a [usize]) -> impl Iterator<Item = &'a FlowYears> {
    let of = |deployment| shown.iter().filter_map(move |flow| years(deployment, *flow));
    results.deployments.iter().flat_map(of)
}

/// As many flows as there is room for, those that are down longest, in their order.
fn worst(results: &Results) -> Vec<usize> {
    let most = |flow: usize| {
        let all = results.deployments.iter().filter_map(|deployment| years(deployment, flow));
        all.map(|years| years.downtime_minutes().mean).fold(0.0, f64::max)
    };
    let mut order: Vec<usize> = (0..flows::all(results).len()).collect();
    order.sort_by(|a, b| most(*b).total_cmp(&most(*a)));
    order.truncate((ROWS / results.deployments.len().max(1)).max(1));
    order.sort_unstable();
    order
}

/// What has a part of its own in the bars, in the order of files: what costs most. All else is the last part.
fn parts(results: &Results, shown: &[usize]) -> Vec<Culprit> {
    let share = |culprit: Culprit| {
        known(results, shown).map(|years| share(years, culprit)).fold(0.0, f64::max)
    };
    let mut order: Vec<Culprit> = Culprit::ALL.to_vec();
    order.retain(|culprit| share(*culprit) >= LEAST_SHARE);
    order.sort_by(|a, b| share(*b).total_cmp(&share(*a)));
    order.truncate(FILLS.len() - 1);
    order.sort_unstable();
    order
}

/// The share of a cause in all downtime.
fn share(years: &FlowYears, culprit: Culprit) -> f64 {
    let all: f64 = years.minutes.iter().map(|minutes| minutes.max(0.0)).sum();
    if all > 0.0 { years.minutes[culprit as usize].max(0.0) / all } else { 0.0 }
}

fn scale(results: &Results, shown: &[usize]) -> Scale {
    let minutes = known(results, shown).map(|years| interval(years).mean);
    let least = minutes.filter(|minutes| *minutes > 0.0).fold(MINUTES_OF_A_YEAR, f64::min);
    let values = known(results, shown).flat_map(|years| interval(years).values());
    let most = values.filter(|value| value.is_finite()).fold(least, f64::max);
    let low = 10f64.powf((least.log10() - LEAST_LENGTH).floor()).max(LEAST_MINUTES);
    let high = 10f64.powf(most.log10().ceil());
    Scale::Logarithmic { low, high: high.max(low * 100.0) }
}

fn interval(years: &FlowYears) -> Interval {
    Interval::of(&years.downtime_minutes(), 1.0)
}

fn blocks(results: &Results, shown: &[usize]) -> Vec<Block> {
    let rows: Vec<String> = results.deployments.iter().map(|of| of.name.clone()).collect();
    let has_tenants = signs::has_tenants(results);
    let block = |flow: &usize| {
        let flow = &flows::all(results)[*flow];
        let notes = if has_tenants { vec![format!("of {}", flow.tenant)] } else { Vec::new() };
        Block { name: flow.name.clone(), notes, rows: rows.clone() }
    };
    shown.iter().map(block).collect()
}

fn columns(results: &Results, shown: &[usize]) -> Vec<Column> {
    let texts = |text: fn(&DeploymentResult, usize) -> String, most: f64| {
        let of = |deployment| shown.iter().map(move |flow| text(deployment, *flow));
        let all: Vec<String> = results.deployments.iter().flat_map(of).collect();
        Room::of_texts(&all, NUMBER, most)
    };
    vec![
        Column::drawn("Minutes a year (log scale)", "", 1.0),
        Column::texts("Minutes", texts(minutes, 150.0)),
        Column::texts("Available", texts(available, 190.0)),
        Column::texts("Most by", texts(mostly, 290.0)),
    ]
}

/// `53 ± 4`.
fn minutes(deployment: &DeploymentResult, flow: usize) -> String {
    let minutes = |years: &FlowYears| number::digits(&years.downtime_minutes(), Unit::One);
    years(deployment, flow).map_or_else(|| number::ABSENT.to_owned(), minutes)
}

/// `99.990 ± 0.001 %`.
fn available(deployment: &DeploymentResult, flow: usize) -> String {
    let available = |years: &FlowYears| number::estimate(&years.availability, Unit::Percent);
    years(deployment, flow).map_or_else(|| number::ABSENT.to_owned(), available)
}

/// `detection, 62 %`.
fn mostly(deployment: &DeploymentResult, flow: usize) -> String {
    let Some(years) = years(deployment, flow) else { return "not simulated".to_owned() };
    let of = |culprit: Culprit| share(years, culprit);
    let most = Culprit::ALL.into_iter().max_by(|a, b| of(*a).total_cmp(&of(*b)));
    match most.filter(|culprit| of(*culprit) > 0.0) {
        Some(culprit) => format!("{}, {:.0} %", culprit.words(), 100.0 * of(culprit)),
        None => "nothing is lost".to_owned(),
    }
}

fn bar(canvas: &mut Canvas, years: &FlowYears, parts: &[Culprit], track: &Track, cell: Area) {
    let y = f64::midpoint(cell.0.1, cell.1.1);
    let half = (cell.1.1 - cell.0.1) * 0.32;
    let interval = interval(years);
    let point = |x: f64, across: f64| (x, y + across);
    canvas.within(cell, |canvas| {
        if !track.holds(interval.mean) {
            return track.beyond(canvas, interval.mean, AXIS, point);
        }
        let (from, length) = (track.from, track.at(interval.mean) - track.from);
        let named: Vec<f64> = parts.iter().map(|culprit| share(years, *culprit)).collect();
        let others = (1.0 - named.iter().sum::<f64>()).max(0.0);
        let fills = FILLS[..parts.len()].iter().chain([&MISSING]);
        let mut so_far = 0.0;
        for (share, fill) in named.into_iter().chain([others]).zip(fills) {
            let (begin, end) = (from + length * so_far, from + length * (so_far + share));
            so_far += share;
            if end - begin >= 0.5 {
                canvas.fill((begin, y - half), (end.min(from + length), y + half), *fill);
            }
        }
        track.bar(canvas, &interval, INK, point);
    });
}

/// The limit of the goal.
fn goal(canvas: &mut Canvas, limit: Option<f64>, track: &Track, cell: Area) {
    let minutes = limit.map(|limit| (1.0 - limit) * MINUTES_OF_A_YEAR);
    let Some(minutes) = minutes.filter(|minutes| track.holds(*minutes)) else { return };
    let x = track.at(minutes);
    canvas.within(cell, |canvas| {
        let ends = [(x, cell.0.1 + 1.0), (x, cell.1.1 - 1.0)];
        canvas.dashed(&ends, 2.0, ALARM, &signs::LIMIT);
    });
}

/// Availabilities of nines, as lines through all rows with their labels below.
fn nines(sheet: &mut Sheet, placed: &Rows, track: &Track) {
    let area = placed.column(0);
    let y = sheet.top.max(area.1.1 + 12.0);
    // From the right: the more nines, the longer their label.
    let mut free = f64::INFINITY;
    for nines in NINES {
        let unavailable = 10f64.powi(-nines);
        let minutes = unavailable * MINUTES_OF_A_YEAR;
        if !track.holds(minutes) {
            continue;
        }
        let x = track.at(minutes);
        sheet.canvas.within(area, |canvas| {
            canvas.dashed(&[(x, area.0.1), (x, area.1.1)], 1.5, GREY, &NINE);
        });
        let (label, half) = (label(nines), 0.5 * NINE_LABEL.width(&label(nines)));
        if x + half < free {
            sheet.canvas.text(&label, (x, y), Align::Centre, NINE_LABEL);
            free = x - half - 6.0;
        }
    }
    sheet.top = y + NINE_ROOM;
}

/// `99.9 %`.
fn label(nines: i32) -> String {
    format!("{} %", number::exact(100.0 - 10f64.powi(2 - nines), (nines - 2).max(0)))
}

fn key(results: &Results, shown: &[usize], parts: &[Culprit], scale: Scale) -> Vec<Entry<'static>> {
    let square = |meaning: &str, fill: RGBColor| {
        Entry::new(meaning, move |canvas: &mut Canvas, (x, y)| {
            canvas.fill((x - 14.0, y - 8.0), (x + 14.0, y + 8.0), fill);
        })
    };
    let named = parts.iter().zip(FILLS).map(|(culprit, fill)| square(culprit.words(), fill));
    let mut entries: Vec<Entry<'static>> = named.collect();
    let is_named = |years: &FlowYears| parts.iter().map(|of| share(years, *of)).sum::<f64>();
    if known(results, shown)
        .any(|years| (LEAST_SHARE..1.0 - LEAST_SHARE).contains(&is_named(years)))
    {
        entries.push(square("all else", MISSING));
    }
    let intervals = known(results, shown).map(|years| (interval(years), scale));
    entries.extend(signs::of_intervals(intervals));
    if shown.iter().any(|flow| results.scenario.goals_of(*flow).availability.is_some()) {
        entries.push(signs::of_limits());
    }
    entries.push(Entry::new("availability with so many nines", |canvas: &mut Canvas, (x, y)| {
        canvas.dashed(&[(x, y - 11.0), (x, y + 11.0)], 1.5, GREY, &NINE);
    }));
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::mark::Shape;
    use crate::fabricated;

    #[test]
    fn nines_are_written_as_people_say_them() {
        assert_eq!([1, 2, 3, 5].map(label), ["90 %", "99 %", "99.9 %", "99.999 %"]);
    }

    #[test]
    fn a_bar_ends_at_its_downtime_and_its_parts_are_as_long_as_their_shares() {
        let results = fabricated::foreseen();
        let canvas = draw(&fabricated::context(&results));
        let years = years(&results.deployments[0], 0).expect("foreseen");
        let bars: Vec<(f64, f64, RGBColor)> = canvas
            .marks()
            .iter()
            .filter(|mark| mark.axes.is_some())
            .filter_map(|mark| match mark.shape {
                Shape::Fill((from, to)) => Some((from.0, to.0, mark.colour)),
                _ => None,
            })
            .collect();
        let first = bars[0].0;
        let next = bars[1..].iter().position(|bar| bar.0 <= first).map_or(bars.len(), |at| at + 1);
        let own = &bars[..next];
        let length = own[own.len() - 1].1 - first;
        // As long as the labels of the axis say.
        let x_of = |text: &str| {
            let found = canvas.marks().iter().find_map(|mark| match &mark.shape {
                Shape::Text(found, at, style) if found == text => {
                    Some(at.0 + style.width(text) / 2.0)
                }
                _ => None,
            });
            found.expect("a label")
        };
        let (nine, three) = (x_of("99 %"), x_of("99.9 %"));
        let decade = nine - three;
        let minutes = 525.6 * 10f64.powf((first + length - three) / decade);
        let expected = years.downtime_minutes().mean;
        assert!((minutes / expected - 1.0).abs() < 0.01, "{minutes} {expected}");
        let shares: Vec<f64> = own.iter().map(|(from, to, _)| (to - from) / length).collect();
        let expected: Vec<f64> = Culprit::ALL
            .into_iter()
            .map(|culprit| share(years, culprit))
            .filter(|share| *share > LEAST_SHARE)
            .collect();
        assert_eq!(shares.len(), expected.len());
        let pairs = shares.iter().zip(&expected);
        assert!(pairs.clone().all(|(a, b)| (a - b).abs() < 1e-9), "{shares:?} {expected:?}");
    }
}
