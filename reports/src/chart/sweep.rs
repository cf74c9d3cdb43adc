//! `sweep.png`: the sojourn time of each flow over the values of the first key, a line per deployment with the band of
//! its intervals, and a panel for each combination of the values of the other keys. Of a Latin hypercube, whose points
//! lie on no line, each key has panels of its own.

use std::io::Write;

use plotters::style::RGBColor;
use sim::results::Results;

use super::canvas::Canvas;
use super::flows::LatencyGoals;
use super::interval::{End, Interval};
use super::mark::{Area, Point};
use super::palette::{ALARM, Look, PAPER};
use super::panel::{HEADING, Panel};
use super::scale::{self, Scale};
use super::sheet::{Entry, MARGIN, ROOM, Sheet};
use super::signs;
use crate::number::{self, Unit};
use crate::swept::{Coordinate, Drawn, Sweep, SweptAxis, SweptPoint};
use crate::{ReportError, phrases};

/// More panels are not drawn.
const MOST: usize = 12;
/// Between two panels side by side.
const GAP: f64 = 34.0;
/// Below a panel: the labels and the title of its axis.
const BELOW: f64 = 70.0;
/// The axis of values is logarithmic where they span more.
const SPREAD: f64 = 8.0;
const RADIUS: f64 = 4.5;
/// How much of the colour of a line its band has.
const TINT: f64 = 0.18;

/// What the chart shows of a point.
pub(crate) fn drawn(results: &Results) -> Vec<Drawn> {
    let goals = LatencyGoals::of(results);
    let mut all = Vec::new();
    for deployment in &results.deployments {
        for (index, flow) in deployment.flows.iter().enumerate() {
            let metric = goals.metrics[index];
            let found = flow.latency_ms(metric).filter(|found| !found.mean.is_nan());
            all.push(Drawn {
                deployment: deployment.name.clone(),
                flow: flow.name.clone(),
                metric: phrases::metric(metric),
                found: found.copied(),
                limit: goals.limits[index],
                is_overloaded: !deployment.overloads.is_empty(),
            });
        }
    }
    all
}

fn interval(drawn: &Drawn) -> Option<Interval> {
    drawn.found.as_ref().map(|found| Interval::of(found, 1.0))
}

/// Writes the chart.
pub(crate) fn sweep(sweep: &Sweep, out: &mut dyn Write) -> Result<(), ReportError> {
    draw(sweep).write(out)
}

/// One panel: a flow over a key, at the points of which the other keys have certain values.
struct Frame<'a> {
    flow: &'a str,
    axis: usize,
    /// Values of the other keys; empty where it holds all points.
    others: Vec<&'a str>,
    points: Vec<&'a SweptPoint>,
}

fn draw(sweep: &Sweep) -> Canvas {
    let subtitle = if sweep.is_factorial {
        "Sojourn time over the values of a key. Bands are confidence intervals; where a deployment is overloaded, times \
         grow with the length of the run."
    } else {
        "Sojourn time at the points of a Latin hypercube, over each key. Bars are confidence intervals; where a \
         deployment is overloaded, times grow with the length of the run."
    };
    let title = if sweep.title.trim().is_empty() { &sweep.scenario_name } else { &sweep.title };
    let mut sheet = Sheet::titled(title, 0.0, subtitle);
    let all = || sweep.points.iter().flat_map(|point| &point.drawn);
    let deployments = distinct(all().map(|drawn| drawn.deployment.as_str()));
    let shown: Vec<(&str, Look)> = deployments
        .iter()
        .take(Look::MOST)
        .enumerate()
        .map(|(index, name)| (*name, Look::of(index)))
        .collect();
    let frames = frames(sweep, &distinct(all().map(|drawn| drawn.flow.as_str())));
    sheet.key(&key(&shown, all().any(|drawn| drawn.limit.is_some())));
    let (columns, plot) = match frames.len().min(MOST) {
        1 => (1, 480.0),
        2..=6 => (2, 300.0),
        _ => (3, 230.0),
    };
    let height = HEADING + plot + BELOW;
    let width = (ROOM + GAP) / columns as f64 - GAP;
    for (place, frame) in frames.iter().take(MOST).enumerate() {
        let left = MARGIN + (width + GAP) * (place % columns) as f64;
        let top = sheet.top + height * (place / columns) as f64;
        let corners = ((left, top), (left + width, top + HEADING + plot));
        draw_frame(&mut sheet.canvas, sweep, (frame, &shown), corners);
    }
    sheet.top += height * frames.len().min(MOST).div_ceil(columns) as f64;
    let panels = frames.len().saturating_sub(MOST);
    let lines = deployments.len() - shown.len();
    if panels + lines > 0 {
        sheet.caption(&format!(
            "Not drawn: {} and {}; sweep.csv holds all.",
            phrases::count(panels as u32, "panel"),
            phrases::count(lines as u32, "deployment")
        ));
    }
    let points = phrases::count(sweep.points.len() as u32, "point");
    sheet.signed(&format!("{points}  ·  seed {}  ·  apimsim {}", sweep.seed, sweep.version))
}

/// Each once, in the order in which they first occur.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut all = Vec::new();
    for name in names {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

fn frames<'a>(sweep: &'a Sweep, flows: &[&'a str]) -> Vec<Frame<'a>> {
    let mut frames = Vec::new();
    for &flow in flows {
        if !sweep.is_factorial {
            let axes = 0..sweep.axes.len();
            frames.extend(axes.map(|axis| {
                let points = sweep.points.iter().collect();
                Frame { flow, axis, others: Vec::new(), points }
            }));
            continue;
        }
        let first = frames.len();
        for point in &sweep.points {
            let others: Vec<&str> = point.at[1..].iter().map(|at| at.text.as_str()).collect();
            match frames[first..].iter_mut().find(|frame| frame.others == others) {
                Some(frame) => frame.points.push(point),
                None => frames.push(Frame { flow, axis: 0, others, points: vec![point] }),
            }
        }
    }
    frames
}

fn key<'a>(shown: &[(&str, Look)], has_limits: bool) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> =
        shown.iter().map(|(name, look)| Entry::of_line(name, *look)).collect();
    let first = Look::of(0);
    entries.push(Entry::new("hollow: overloaded", move |canvas: &mut Canvas, at: Point| {
        first.hollow(canvas, at, 6.0);
    }));
    if has_limits {
        entries.push(signs::of_limits());
    }
    entries
}

/// Where the values of a key stand along the axis, 0..=1, with their labels.
struct Places<'a> {
    at: Vec<(&'a Coordinate, String, f64)>,
}

impl<'a> Places<'a> {
    fn of(sweep: &'a Sweep, axis: usize) -> Self {
        let SweptAxis { unit, is_log, .. } = &sweep.axes[axis];
        let mut values: Vec<&Coordinate> = Vec::new();
        for point in &sweep.points {
            if !values.contains(&&point.at[axis]) {
                values.push(&point.at[axis]);
            }
        }
        let numbers: Option<Vec<f64>> = values.iter().map(|value| value.number).collect();
        let numbers = numbers.filter(|_| unit.is_some());
        let label = |value: &Coordinate| match (value.number, unit.as_deref()) {
            (Some(number), Some(_)) => number::exact(number, 6),
            _ => value.text.clone(),
        };
        let shares = match numbers {
            Some(numbers) => shares(&numbers, *is_log),
            None => shares(&(0..values.len()).map(|place| place as f64).collect::<Vec<_>>(), false),
        };
        let placed = values.into_iter().zip(shares);
        let mut at: Vec<_> = placed.map(|(value, share)| (value, label(value), share)).collect();
        at.sort_by(|one, other| one.2.total_cmp(&other.2));
        Self { at }
    }

    /// Where a value stands.
    fn share(&self, value: &Coordinate) -> f64 {
        let place = self.at.iter().find(|(known, ..)| *known == value);
        place.map_or(f64::NAN, |(.., share)| *share)
    }
}

/// Where numbers stand between the smallest and the largest, 0..=1.
fn shares(numbers: &[f64], is_log: bool) -> Vec<f64> {
    let on = |number: f64| if is_log { number.ln() } else { number };
    let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let span = on(high) - on(low);
    let share = |number: &f64| if span > 0.0 { (on(*number) - on(low)) / span } else { 0.5 };
    numbers.iter().map(share).collect()
}

fn draw_frame(
    canvas: &mut Canvas,
    sweep: &Sweep,
    (frame, shown): (&Frame<'_>, &[(&str, Look)]),
    corners: Area,
) {
    let drawn: Vec<&Drawn> = frame
        .points
        .iter()
        .flat_map(|point| &point.drawn)
        .filter(|drawn| drawn.flow == frame.flow)
        .collect();
    let metrics = distinct(drawn.iter().map(|drawn| drawn.metric.as_str()));
    let mut limits: Vec<f64> = drawn.iter().filter_map(|drawn| drawn.limit).collect();
    limits.sort_by(f64::total_cmp);
    limits.dedup();
    let values = drawn.iter().filter_map(|drawn| interval(drawn)).flat_map(|found| found.values());
    let values = values.filter(|value| scale::reachable(*value)).chain(limits.iter().copied());
    let scale = Scale::by_range(values, SPREAD);
    let is_log = matches!(scale, Scale::Logarithmic { .. });
    let counts =
        format!(": {}, ms{}", metrics.join(" or "), if is_log { " (log scale)" } else { "" });
    let others = sweep.axes.iter().skip(1).zip(&frame.others);
    let others: Vec<String> =
        others.map(|(axis, value)| format!("{} {value}", axis.path)).collect();
    let goals: Vec<String> =
        limits.iter().map(|limit| number::limit(*limit, Unit::Milliseconds)).collect();
    let goal = if goals.is_empty() { String::new() } else { format!("goal: {}", goals.join(", ")) };
    let name = [&[frame.flow.to_owned()][..], &others].concat().join(", ");
    let panel = Panel::new(canvas, corners, (&name, &counts, &goal), scale);
    let places = Places::of(sweep, frame.axis);
    let labels: Vec<(f64, String)> =
        places.at.iter().map(|(_, label, share)| (panel.x(*share), label.clone())).collect();
    panel.crossings(canvas, &labels);
    panel.axis_title(canvas, &sweep.axes[frame.axis].heading());
    if drawn.iter().all(|drawn| drawn.found.is_none()) {
        panel.empty(canvas, "no request was answered");
        return;
    }
    canvas.within(panel.axes, |canvas| {
        for limit in limits.iter().filter(|limit| panel.track.holds(**limit)) {
            let y = panel.y(*limit);
            canvas.dashed(&[(panel.axes.0.0, y), (panel.axes.1.0, y)], 2.0, ALARM, &signs::LIMIT);
        }
        let series: Vec<(Vec<(f64, &Drawn)>, Look)> =
            shown.iter().map(|(name, look)| (series(frame, &places, name), *look)).collect();
        let curves = series.iter().filter(|_| sweep.is_factorial);
        let curves: Vec<(Vec<Curve>, Look)> =
            curves.map(|(series, look)| (curves_of(&panel, series), *look)).collect();
        for (curves, look) in &curves {
            for curve in curves {
                canvas.polygon(&curve.band, tint(look.colour()));
            }
        }
        for (curves, look) in &curves {
            for curve in curves {
                canvas.dashed(&curve.line, 2.5, look.colour(), look.dash());
            }
        }
        for (series, look) in &series {
            marks(canvas, &panel, series, (*look, !sweep.is_factorial));
        }
    });
}

/// What is drawn of a deployment, from the left to the right: where along the axis, and what.
fn series<'a>(frame: &Frame<'a>, places: &Places<'_>, deployment: &str) -> Vec<(f64, &'a Drawn)> {
    let share = |point: &SweptPoint| places.share(&point.at[frame.axis]);
    let mut series: Vec<(f64, &Drawn)> = frame
        .points
        .iter()
        .flat_map(|point| point.drawn.iter().map(move |drawn| (share(point), drawn)))
        .filter(|(_, drawn)| drawn.flow == frame.flow && drawn.deployment == deployment)
        .collect();
    series.sort_by(|one, other| one.0.total_cmp(&other.0));
    series
}

/// A line and its band, as far as they go without a gap.
struct Curve {
    line: Vec<Point>,
    band: Vec<Point>,
}

fn curves_of(panel: &Panel, series: &[(f64, &Drawn)]) -> Vec<Curve> {
    let held = |(share, drawn): &(f64, &Drawn)| {
        let found = interval(drawn).filter(|found| panel.track.holds(found.mean))?;
        // Where nothing bounds an end, or it is beyond the axis, there is no band on that side.
        let end = |end: End| match end {
            End::At(value) if panel.track.holds(value) => value,
            End::At(_) | End::Open => found.mean,
        };
        let (low, high) =
            found.ends.map_or((found.mean, found.mean), |(low, high)| (end(low), end(high)));
        let x = panel.x(*share);
        Some([found.mean, low, high].map(|value| (x, panel.y(value))))
    };
    let places: Vec<Option<[Point; 3]>> = series.iter().map(held).collect();
    let parts = places.split(Option::is_none).filter(|part| part.len() > 1);
    let curve = |part: &[Option<[Point; 3]>]| {
        let line = |which: usize| part.iter().flatten().map(move |place| place[which]);
        Curve { line: line(0).collect(), band: line(1).chain(line(2).rev()).collect() }
    };
    parts.map(curve).collect()
}

fn marks(
    canvas: &mut Canvas,
    panel: &Panel,
    series: &[(f64, &Drawn)],
    (look, has_bars): (Look, bool),
) {
    for (share, drawn) in series {
        let Some(found) = interval(drawn) else { continue };
        let x = panel.x(*share);
        let point = |y: f64, across: f64| (x + across, y);
        if has_bars {
            panel.track.bar(canvas, &found, look.colour(), point);
        }
        match () {
            () if !panel.track.holds(found.mean) => {
                panel.track.beyond(canvas, found.mean, look.colour(), point);
            }
            () if drawn.is_overloaded => look.hollow(canvas, (x, panel.y(found.mean)), RADIUS),
            () => look.edged(canvas, (x, panel.y(found.mean)), RADIUS),
        }
    }
}

/// A colour as it looks through thin paper.
fn tint(colour: RGBColor) -> RGBColor {
    let mix = |own: u8, paper: u8| (f64::from(own) * TINT + f64::from(paper) * (1.0 - TINT)) as u8;
    RGBColor(mix(colour.0, PAPER.0), mix(colour.1, PAPER.1), mix(colour.2, PAPER.2))
}

#[cfg(test)]
mod tests {
    use crate::fabricated;
    use crate::swept::{Coordinate, Sweep, SweptAxis};

    fn swept(is_factorial: bool) -> Sweep {
        let axis = |path: &str, unit: Option<&str>| SweptAxis {
            path: path.to_owned(),
            unit: unit.map(str::to_owned),
            is_log: false,
        };
        let mut sweep = Sweep {
            scenario_name: "launch".to_owned(),
            title: "=Launch".to_owned(),
            version: "0",
            seed: 1,
            axes: vec![axis("traffic", Some("/s")), axis("balancer", None)],
            is_factorial,
            points: Vec::new(),
        };
        for (number, balancer) in [(100.0, "=a"), (300.0, "=a"), (100.0, "b"), (300.0, "b")] {
            let at = |text: &str, number| Coordinate { text: text.to_owned(), number };
            let at = vec![at(&format!("{number} /s"), Some(number)), at(balancer, None)];
            let results = if number < 200.0 { fabricated::launch() } else { fabricated::hostile() };
            sweep.add(at, &results);
        }
        sweep
    }

    #[test]
    fn every_point_has_rows_with_plain_numbers_and_names_that_are_no_formulas() {
        let mut bytes = Vec::new();
        swept(true).csv(&mut bytes).expect("written");
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers().expect("a header").clone();
        let first: Vec<&str> = header.iter().take(4).collect();
        assert_eq!(first, ["point", "traffic [/s]", "balancer", "scenario"]);
        let rows: Vec<csv::StringRecord> =
            reader.records().map(|row| row.expect("whole")).collect();
        let flows = |results: &sim::results::Results| {
            results.deployments.iter().map(|deployment| deployment.flows.len()).sum::<usize>()
        };
        let expected = 2 * (flows(&fabricated::launch()) + flows(&fabricated::hostile()));
        assert_eq!(rows.len(), expected);
        assert_eq!(rows[0].iter().take(3).collect::<Vec<_>>(), ["1", "100", "'=a"]);
        assert_eq!(rows[expected - 1].iter().take(3).collect::<Vec<_>>(), ["4", "300", "b"]);
    }

    #[test]
    fn a_panel_holds_the_points_at_which_the_other_keys_have_one_value() {
        let (sweep, flows) = (swept(true), ["catalogue"]);
        let frames = super::frames(&sweep, &flows);
        let held: Vec<(&[&str], usize)> =
            frames.iter().map(|frame| (&frame.others[..], frame.points.len())).collect();
        assert_eq!(held, [(&["=a"][..], 2), (&["b"], 2)]);
        let sweep = swept(false);
        let axes: Vec<(usize, usize)> = super::frames(&sweep, &flows)
            .iter()
            .map(|frame| (frame.axis, frame.points.len()))
            .collect();
        assert_eq!(axes, [(0, 4), (1, 4)]);
        for sweep in [swept(true), sweep] {
            let mut bytes = Vec::new();
            sweep.chart(&mut bytes).expect("drawn");
            assert!(bytes.starts_with(b"\x89PNG"));
        }
    }

    #[test]
    fn numbers_stand_where_they_are_and_names_side_by_side() {
        let sweep = swept(true);
        let share = |axis, point: usize| {
            super::Places::of(&sweep, axis).share(&sweep.points[point].at[axis])
        };
        assert_eq!([share(0, 0), share(0, 1), share(1, 0), share(1, 2)], [0.0, 1.0, 0.0, 1.0]);
    }
}
