//! What is drawn where, held against what a reader expects: nothing outside its axes, no text on
//! another or on a line, every mark where its number says, and the flows that matter among those shown.

use std::collections::BTreeSet;

use sim::quantity::Quantity;
use sim::results::{Results, Verdict};
use sim::stats::{Estimate, QUANTILES};

use super::canvas::Canvas;
use super::mark::{Area, Mark, Shape};
use super::palette::{ALARM, DOWN, STARTING, Sign};
use super::{
    availability, calibration, comparison, flows, latency, sensitivity, timeline, utilisation,
};
use crate::fabricated;

/// Pixels by which rounding may be off.
const SLACK: f64 = 0.6;

/// Every chart of every fabricated result.
fn charts() -> Vec<(String, Canvas)> {
    let every = fabricated::every().into_iter().map(|(name, results)| (name.to_owned(), results));
    let mut charts = Vec::new();
    for (name, results) in every.chain(fabricated::sizes()) {
        for (chart, canvas) in of(&results) {
            charts.push((format!("{name}-{chart}"), canvas));
        }
    }
    for (name, found) in crate::calibration::fabricated::every() {
        charts.push((format!("calibration-{name}"), calibration::draw(&found, "0.1.0")));
    }
    charts
}

fn of(results: &Results) -> Vec<(&'static str, Canvas)> {
    let context = fabricated::context(results);
    let mut charts = vec![
        ("comparison", comparison::draw(&context)),
        ("latency", latency::draw(&context)),
        ("utilisation", utilisation::draw(&context)),
    ];
    if results.scenario.is_eventful() {
        charts.push(("timeline", timeline::draw(&context)));
    }
    if results.deployments.iter().any(|deployment| deployment.years.is_some()) {
        charts.push(("availability", availability::draw(&context)));
        charts.push(("sensitivity", sensitivity::draw(&context)));
    }
    charts
}

/// The smallest rectangle around a mark.
fn bounds(mark: &Mark) -> Area {
    let around = |points: &[(f64, f64)]| {
        let fold = |of: fn(&(f64, f64)) -> f64, pick: fn(f64, f64) -> f64, start: f64| {
            points.iter().map(of).fold(start, pick)
        };
        (
            (fold(|p| p.0, f64::min, f64::INFINITY), fold(|p| p.1, f64::min, f64::INFINITY)),
            (
                fold(|p| p.0, f64::max, f64::NEG_INFINITY),
                fold(|p| p.1, f64::max, f64::NEG_INFINITY),
            ),
        )
    };
    match &mark.shape {
        Shape::Fill((from, to)) => (*from, *to),
        Shape::Line(points, _, _) | Shape::Polygon(points) => around(points),
        Shape::Circle((x, y), r) => ((x - r, y - r), (x + r, y + r)),
        // From the top of capitals to the foot of a descender.
        Shape::Text(text, (x, y), style) => {
            ((*x, y - 0.38 * style.size), (x + style.width(text), y + 0.58 * style.size))
        }
    }
}

fn is_within(inner: Area, outer: Area) -> bool {
    inner.0.0 >= outer.0.0 - SLACK
        && inner.0.1 >= outer.0.1 - SLACK
        && inner.1.0 <= outer.1.0 + SLACK
        && inner.1.1 <= outer.1.1 + SLACK
}

fn meet(a: Area, b: Area) -> bool {
    let apart = a.1.0 <= b.0.0 + SLACK
        || b.1.0 <= a.0.0 + SLACK
        || a.1.1 <= b.0.1 + SLACK
        || b.1.1 <= a.0.1 + SLACK;
    !apart
}

/// Texts with their rectangles.
fn texts(canvas: &Canvas) -> Vec<(&str, Area)> {
    let text = |mark: &'_ Mark| matches!(mark.shape, Shape::Text(..));
    let marks = canvas.marks().iter().filter(|mark| text(mark));
    marks
        .map(|mark| match &mark.shape {
            Shape::Text(text, _, _) => (text.as_str(), bounds(mark)),
            _ => ("", bounds(mark)),
        })
        .collect()
}

/// All texts in the order in which they were written, wrapped names put together.
fn together(canvas: &Canvas) -> String {
    texts(canvas).into_iter().map(|(text, _)| text).collect()
}

#[test]
fn everything_is_drawn_within_its_axes_and_these_within_the_picture() {
    for (name, canvas) in charts() {
        let picture = ((0.0, 0.0), (super::sheet::WIDTH, canvas.height()));
        for mark in canvas.marks() {
            let bounds = bounds(mark);
            assert!(is_within(bounds, picture), "{name}: {mark:?}");
            if let Some(axes) = mark.axes {
                assert!(is_within(bounds, axes), "{name}: {mark:?}");
            }
        }
        let drawn = canvas.marks().iter().filter(|mark| mark.axes.is_some()).count();
        let is_empty = name.contains("nothing") || name.contains("silent");
        assert!(drawn > 0 || is_empty, "{name} shows nothing");
    }
}

#[test]
fn no_text_lies_on_another() {
    for (name, canvas) in charts() {
        let mut texts = texts(&canvas);
        texts.sort_by(|a, b| a.1.0.1.total_cmp(&b.1.0.1));
        for (index, (text, area)) in texts.iter().enumerate() {
            let below = texts[index + 1..].iter().take_while(|(_, other)| other.0.1 < area.1.1);
            for (other, at) in below {
                assert!(!meet(*area, *at), "{name}: `{text}` and `{other}` at {area:?}, {at:?}");
            }
        }
    }
}

#[test]
fn no_text_lies_on_a_limit_or_on_anything_drawn_along_an_axis() {
    for (name, canvas) in charts() {
        let shade = |mark: &Mark| [DOWN, STARTING].contains(&mark.colour);
        let line = |mark: &Mark| matches!(mark.shape, Shape::Line(..)) && mark.colour == ALARM;
        let is_drawn = |mark: &&Mark| (mark.axes.is_some() && !shade(mark)) || line(mark);
        let drawn: Vec<Area> = canvas.marks().iter().filter(is_drawn).map(bounds).collect();
        for (text, area) in texts(&canvas) {
            let hit = drawn.iter().find(|other| meet(area, **other));
            assert!(hit.is_none(), "{name}: `{text}` at {area:?} on {hit:?}");
        }
    }
}

#[test]
fn every_mark_of_the_comparison_stands_where_its_number_says() {
    let mut compared = 0;
    for (name, results) in fabricated::sizes().into_iter().filter(|(name, _)| !name.ends_with('e'))
    {
        let canvas = comparison::draw(&fabricated::context(&results));
        let texts = texts(&canvas);
        let heading = texts.iter().find(|(text, _)| text.starts_with("p99, ms"));
        let (_, at) = heading.expect("the column of latencies has a heading");
        let is_logarithmic = texts.iter().any(|(text, _)| text.ends_with("scale)"));
        let axes = canvas.marks().iter().filter_map(|mark| mark.axes);
        let column =
            axes.filter(|axes| axes.0.0 >= at.0.0 - SLACK).map(|axes| (axes.0.0, axes.1.0));
        let (left, right) = column.min_by(|a, b| a.0.total_cmp(&b.0)).expect("marks");
        let top = at.1.1 + 45.0;
        let ticks: Vec<(f64, f64)> = texts
            .iter()
            .filter(|(_, area)| area.0.1 > at.1.1 && area.1.1 < top)
            .map(|(text, area)| (number(text), f64::midpoint(area.0.0, area.1.0)))
            .filter_map(|(value, x)| value.map(|value| (value, x)))
            .filter(|(_, x)| (left..right).contains(x))
            .collect();
        let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
        let value_at = |x: f64| {
            let share = (x - first.1) / (last.1 - first.1);
            if is_logarithmic {
                first.0 * (last.0 / first.0).powf(share)
            } else {
                first.0 + (last.0 - first.0) * share
            }
        };
        let signs: Vec<(f64, f64)> = canvas
            .marks()
            .iter()
            .filter(|mark| mark.axes.is_some_and(|axes| axes.0.0 == left))
            .filter(|mark| Sign::OF_VERDICTS.iter().any(|(sign, _)| sign.colour() == mark.colour))
            .map(bounds)
            .map(|area| (f64::midpoint(area.0.0, area.1.0), f64::midpoint(area.0.1, area.1.1)))
            .collect();
        for (x, y) in signs {
            let beside = texts
                .iter()
                .find(|(_, area)| area.0.0 > right - SLACK && (area.0.1..area.1.1).contains(&y));
            let (text, _) = beside.expect("a number beside the mark");
            let Some(said) = number(text) else { continue };
            let drawn = value_at(x);
            assert!((drawn / said - 1.0).abs() < 0.06, "{name}: {drawn} is drawn for {text}");
            compared += 1;
        }
    }
    assert!(compared > 300, "{compared} marks were compared");
}

/// The number with which a text begins.
fn number(text: &str) -> Option<f64> {
    let digits: String = text
        .split([' ', '('].as_slice())
        .map_while(|part| part.chars().all(|c| c.is_ascii_digit() || c == '.').then_some(part))
        .collect();
    digits.parse().ok()
}

#[test]
fn a_tail_far_above_the_rest_stands_where_it_belongs() {
    // Found: the distribution known to 3.3 ms, and rare requests that wait for a pause.
    let mut results = fabricated::single();
    let flow = &mut results.deployments[0].flows[0];
    flow.distribution = (0..300)
        .map(|i| 1.0 - 0.5 * 10f64.powf(-f64::from(i) / 120.0))
        .map(|p| (p, 1.8 + 1.5 * p))
        .collect();
    let means = [1.87, 2.08, 2.29, 2.45, 2.63, 2.77, 28.0, 67.0];
    for (quantile, mean) in QUANTILES.map(Quantity::quantile).into_iter().zip(means) {
        flow.found.set(quantile, Some(Estimate::unknown(mean)));
    }
    let canvas = latency::draw(&fabricated::context(&results));
    let ticks: Vec<(f64, f64)> = texts(&canvas)
        .into_iter()
        .filter(|(_, area)| area.1.0 < 125.0)
        .filter_map(|(text, area)| {
            // The middle of the small letters.
            Some((number(text)?, area.0.1 + 0.38 * 14.0))
        })
        .collect();
    let (low, high) = (ticks[0], ticks[ticks.len() - 1]);
    let markers = canvas.marks().iter().filter(|mark| mark.axes.is_some());
    let heights: Vec<f64> = markers
        .filter_map(|mark| match mark.shape {
            Shape::Circle((_, y), 4.0) => Some(y),
            _ => None,
        })
        .collect();
    assert_eq!(heights.len(), means.len());
    for (y, mean) in heights.into_iter().zip(means) {
        let value = low.0 * (high.0 / low.0).powf((y - low.1) / (high.1 - low.1));
        assert!((value / mean - 1.0).abs() < 0.02, "{value} is drawn for {mean}");
    }
}

#[test]
fn flows_that_miss_or_are_undecided_and_the_quietest_are_among_those_shown() {
    let mut results = fabricated::crowd(2, 40);
    for deployment in &mut results.deployments {
        for check in &mut deployment.goal_checks {
            check.verdict = Verdict::Met;
        }
    }
    // The last flows are neither busy nor slow.
    for (flow, verdict) in [(36, Verdict::Missed), (38, Verdict::Undecided)] {
        let name = results.deployments[1].flows[flow].name.clone();
        let checks = results.deployments[1].goal_checks.iter_mut();
        checks.filter(|check| check.flow == name).for_each(|check| check.verdict = verdict);
    }
    for deployment in &mut results.deployments {
        let offered = Some(Estimate::symmetric(0.01, 0.001));
        deployment.flows[31].found.set(Quantity::Offered, offered);
    }
    for (chart, canvas) in of(&results).into_iter().filter(|(chart, _)| *chart != "utilisation") {
        for flow in [31, 36, 38] {
            let name = &results.deployments[0].flows[flow].name;
            // Long names are shortened in their middle.
            let end = &name[name.len() - 5..];
            assert!(together(&canvas).contains(end), "{chart} leaves out `{name}`");
        }
    }
    let latency = latency::draw(&fabricated::context(&results));
    let caption = together(&latency);
    assert!(caption.contains("Not drawn: 28 flows of 40: all meet their goals"), "{caption}");
}

#[test]
fn where_more_flows_matter_than_there_is_room_for_the_others_are_named_or_counted() {
    let results = fabricated::crowd(40, 40);
    let picked = comparison::pick(&results);
    assert_eq!((picked.shown.len(), picked.rest.len()), (4, 36));
    let is_worse = |flow: &&usize| flows::worst_sign(&results, **flow) == Sign::Missed;
    let missed = picked.rest.iter().filter(is_worse).count();
    assert!(missed > 0);
    let says = picked.left_out(&results);
    assert!(says.contains(&format!("{missed} miss a goal somewhere")), "{says}");
    let canvas = comparison::draw(&fabricated::context(&results));
    let rest = texts(&canvas).iter().filter(|(text, _)| text.contains("of 36")).count();
    assert!(rest > 0, "the block of the others says how many miss their goals");
}

#[test]
fn every_deployment_has_a_name_of_its_own_on_every_chart() {
    for (name, results) in fabricated::sizes() {
        for (chart, canvas) in of(&results) {
            let (all, count) = (together(&canvas), results.deployments.len());
            if results.deployments.iter().all(|deployment| all.contains(&deployment.name)) {
                continue;
            }
            let shown: BTreeSet<&str> = texts(&canvas).into_iter().map(|(text, _)| text).collect();
            let named = |text: &&&str| text.starts_with("scal") || text.starts_with("a-l");
            let found = shown.iter().filter(named).count();
            assert!(found >= count, "{name}-{chart}: {found} of {count}: {shown:?}");
        }
    }
}
