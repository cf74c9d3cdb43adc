//! Measured against simulated times, test by test: what is right lies on the diagonal.

use std::io::Write;

use sim::calibration::{Calibration, Configured};
use sim::measurement::Load;
use sim::quantity::Quantity;
use sim::scenario::LatencyMetric;

use super::canvas::Canvas;
use super::mark::{Align, Point, Type};
use super::palette::{AXIS, GREY, GRID, INK, Look};
use super::panel::{HEADING, LABELS, Panel};
use super::scale::{self, Scale};
use super::sheet::{MARGIN, Sheet, WIDTH};
use crate::figure::{self, Closeness};
use crate::{ReportError, number, phrases};

/// Side of the square in which the points lie.
const SIDE: f64 = 860.0;
/// Below it: the labels and the title of its axis.
const BELOW: f64 = 66.0;
/// Between the square and the legend.
const GAP: f64 = 52.0;
/// Distance of the outer lines from the diagonal.
const NEAR: f64 = 0.1;
/// Radius of a mark.
const MARK: f64 = 5.5;
/// Quantiles that are shown where more are stated than there are colours to keep apart.
const SHOWN: [f64; 4] = [0.75, 0.95, 0.99, 0.999];
/// More quantiles are not shown.
const MOST: usize = 5;

const HEAD: Type = Type::bold(16.0, INK);
const TEXT: Type = Type::regular(16.0, INK);
const SMALL: Type = Type::regular(14.0, GREY);

/// Writes the chart of a calibration.
pub(crate) fn calibration(
    calibration: &Calibration,
    version: &str,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    draw(calibration, version).write(out)
}

/// The chart.
pub(super) fn draw(calibration: &Calibration, version: &str) -> Canvas {
    let chart = Chart::of(calibration);
    let title = match calibration.profile.name.trim() {
        "" => "Simulated against measured".to_owned(),
        name => format!("{name}: simulated against measured"),
    };
    let tests = phrases::count_all(calibration.tests.len(), "load test");
    let subtitle = match calibration.held_back.len() {
        0 => format!("{tests}, simulated with the profile fitted to all of them"),
        held => format!(
            "{tests}; the hollow marks are {held} held back, simulated with a profile fitted to the others"
        ),
    };
    let footer = format!("apimsim {version}");
    let mut sheet = Sheet::titled(&title, 0.0, &subtitle);
    let from = (MARGIN, sheet.top);
    let to = (MARGIN + LABELS + SIDE, sheet.top + HEADING + SIDE);
    let panel = chart.panel(&mut sheet.canvas, from, to);
    chart.marks(&mut sheet.canvas, &panel);
    let legend = chart.legend(&mut sheet.canvas, (to.0 + GAP, panel.axes.0.1 + 8.0));
    sheet.top = legend.max(to.1 + BELOW);
    sheet.signed(&footer)
}

/// What is drawn.
struct Chart<'a> {
    /// Figures of one unit, each with its look.
    figures: Vec<(Quantity, Look)>,
    /// Tests that the profile was fitted to.
    fitted: Vec<&'a Configured>,
    /// Tests that were held back.
    held_back: Vec<&'a Configured>,
}

impl<'a> Chart<'a> {
    /// Each test once: one that was held back as it was simulated without being known.
    fn of(calibration: &'a Calibration) -> Self {
        let held_back: Vec<&Configured> = calibration.held_back.iter().collect();
        let is_held = |test: &&Configured| held_back.iter().any(|h| h.measured == test.measured);
        let fitted = calibration.tests.iter().filter(|test| !is_held(test)).collect();
        let looks = (0..).map(Look::of);
        let figures = shown(&figure::stated(&calibration.tests)).into_iter().zip(looks).collect();
        Self { figures, fitted, held_back }
    }

    /// What the axes count, and what brings the figures to it.
    fn unit(&self) -> (&'static str, &'static str, f64) {
        match self.figures.first() {
            Some((Quantity::Throughput, _)) => ("throughput", "requests /s", 1.0),
            Some((Quantity::MEAN, _)) => ("mean of the sojourn time", "ms", 1e3),
            _ => ("quantiles of the sojourn time", "ms", 1e3),
        }
    }

    /// Measured and simulated value of a figure; none where either cannot stand on the axes.
    fn pair(&self, figure: Quantity, test: &Configured) -> Option<(f64, f64)> {
        let factor = self.unit().2;
        let shown = |value: Option<f64>| value.map(|value| value * factor);
        let usable = |value: &f64| scale::reachable(*value) && *value > 1e-6;
        let measured = shown(figure::measured(figure, test)).filter(usable)?;
        Some((measured, shown(figure::simulated(figure, test)).filter(usable)?))
    }

    /// How many stated figures have no mark, since a logarithmic axis has no place for them.
    fn hidden(&self) -> usize {
        let tests = self.fitted.iter().chain(&self.held_back);
        let stated = tests.flat_map(|test| {
            let stated = |figure: &Quantity| figure::measured(*figure, test).is_some();
            self.figures.iter().map(|(figure, _)| *figure).filter(stated).map(|f| (f, *test))
        });
        stated.filter(|(figure, test)| self.pair(*figure, test).is_none()).count()
    }

    fn scale(&self) -> Scale {
        let tests = self.fitted.iter().chain(&self.held_back);
        let values: Vec<f64> = tests
            .flat_map(|test| self.figures.iter().filter_map(|(figure, _)| self.pair(*figure, test)))
            .flat_map(|(measured, simulated)| [measured, simulated])
            .collect();
        let ends = values.iter().flat_map(|value| [value * 0.93, value * 1.07]);
        Scale::by_range(ends, 1.0)
    }

    /// The square with its axes, the diagonal and the lines beside it.
    fn panel(&self, canvas: &mut Canvas, from: Point, to: Point) -> Panel {
        let scale = self.scale();
        let (what, unit, _) = self.unit();
        let counts = format!("{what}, {unit}");
        let panel = Panel::square(canvas, (from, to), ("Simulated ", &counts, ""), scale);
        for tick in scale.between_ticks() {
            panel.level(canvas, tick);
        }
        let mut ticks = scale.ticks();
        ticks.extend(scale.between_ticks());
        ticks.sort_by(f64::total_cmp);
        let labels: Vec<_> =
            ticks.into_iter().map(|tick| (panel.x(scale.place(tick)), scale.label(tick))).collect();
        panel.crossings(canvas, &labels);
        let title = format!("measured {what}, {unit} (both scales logarithmic)");
        panel.axis_title(canvas, &title);
        if let Scale::Logarithmic { low, high } = scale {
            let at = |x: f64, y: f64| (panel.x(scale.place(x)), panel.y(y));
            let above = [at(low, low * (1.0 + NEAR)), at(high / (1.0 + NEAR), high)];
            let below = [at(low / (1.0 - NEAR), low), at(high, high * (1.0 - NEAR))];
            canvas.within(panel.axes, |canvas| {
                canvas.line(&[at(low, low), at(high, high)], 1.5, AXIS);
                canvas.dashed(&above, 1.5, AXIS, &DASH);
                canvas.dashed(&below, 1.5, AXIS, &DASH);
            });
        } else {
            panel.empty(canvas, "nothing was measured that can be shown");
        }
        panel
    }

    /// One mark per test and figure, the rarest quantiles and what was held back on top.
    fn marks(&self, canvas: &mut Canvas, panel: &Panel) {
        let at = |(x, y): (f64, f64)| (panel.x(panel.track.scale.place(x)), panel.y(y));
        canvas.within(panel.axes, |canvas| {
            for (figure, look) in &self.figures {
                for pair in self.fitted.iter().filter_map(|test| self.pair(*figure, test)) {
                    look.edged(canvas, at(pair), MARK);
                }
            }
            for (figure, look) in &self.figures {
                for pair in self.held_back.iter().filter_map(|test| self.pair(*figure, test)) {
                    look.hollow(canvas, at(pair), MARK);
                }
            }
        });
    }

    /// What the marks are, and how large the errors are that they show.
    /// Returns where it ends.
    fn legend(&self, canvas: &mut Canvas, (left, top): Point) -> f64 {
        let right = WIDTH - MARGIN;
        let mut y = top;
        let lines: [(&str, &[f64]); 2] = [("as measured", &[]), ("10 % more or less", &DASH)];
        for (name, dash) in lines {
            canvas.dashed(&[(left, y), (left + 38.0, y)], 1.5, AXIS, dash);
            canvas.text(name, (left + 50.0, y), Align::Left, TEXT);
            y += ROW;
        }
        let mut groups = vec![("in the fit", &self.fitted, false)];
        if !self.held_back.is_empty() {
            groups.push(("held back", &self.held_back, true));
        }
        for (name, tests, hollow) in groups {
            y += ROW * 0.8;
            canvas.text(
                &format!("{}, {name}", phrases::count_all(tests.len(), "test")),
                (left, y),
                Align::Left,
                HEAD,
            );
            y += ROW * 0.9;
            canvas.text("error in %", (left, y), Align::Left, SMALL);
            canvas.text("median", (right - WORST, y), Align::Right, SMALL);
            canvas.text("worst", (right, y), Align::Right, SMALL);
            y += 14.0;
            canvas.line(&[(left, y), (right, y)], 1.0, GRID);
            y += ROW * 0.7;
            for (figure, look) in &self.figures {
                let at = (left + 19.0, y);
                if hollow {
                    look.hollow(canvas, at, MARK);
                } else {
                    look.edged(canvas, at, MARK);
                }
                canvas.text(&figure.words(), (left + 50.0, y), Align::Left, TEXT);
                let closeness = Closeness::of(*figure, tests.iter().copied());
                let says = |of: fn(Closeness) -> f64| {
                    closeness.map_or(number::ABSENT.to_owned(), |c| number::size_of_error(of(c)))
                };
                canvas.text(&says(|c| c.median), (right - WORST, y), Align::Right, TEXT);
                canvas.text(&says(|c| c.worst), (right, y), Align::Right, TEXT);
                y += ROW;
            }
        }
        let hidden = self.hidden();
        if hidden > 0 {
            let figures = phrases::count_all(hidden, "figure");
            canvas.text(
                &format!("{figures} not above zero, or too large: no mark"),
                (left, y),
                Align::Left,
                SMALL,
            );
            y += ROW;
        }
        self.farthest(canvas, (left, y + ROW * 0.8))
    }

    /// Names the tests that are farthest off; returns where that ends.
    fn farthest(&self, canvas: &mut Canvas, (left, mut y): Point) -> f64 {
        let worst = |test: &&'a Configured| {
            let errors = self.figures.iter().filter_map(|(figure, _)| {
                figure::error(*figure, &test.errors).map(|error| (*figure, error))
            });
            errors.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
        };
        let tests = self.fitted.iter().chain(&self.held_back);
        let mut far: Vec<(&Configured, Quantity, f64)> = tests
            .filter_map(|test| worst(test).map(|(figure, error)| (*test, figure, error)))
            .filter(|(_, _, error)| error.abs() > NEAR)
            .collect();
        far.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
        if far.is_empty() {
            return y;
        }
        canvas.text("farthest off", (left, y), Align::Left, HEAD);
        y += 4.0;
        for (test, figure, error) in far.into_iter().take(FARTHEST) {
            y += ROW * 0.9;
            let error = format!("{} {} %", figure.words(), number::error(error));
            canvas.text(&error, (left, y), Align::Left, TEXT);
            y += ROW * 0.75;
            let room = WIDTH - MARGIN - left;
            canvas.text(&SMALL.shortened(&setting(test), room), (left, y), Align::Left, SMALL);
        }
        y + ROW
    }
}

/// What a test was: `passthrough, 500 users, 1 KiB, backend 500 ms`.
fn setting(test: &Configured) -> String {
    let measured = &test.measured;
    let load = match measured.load {
        Load::Closed { users: 1 } => "1 user".to_owned(),
        Load::Closed { users } => format!("{} users", number::exact(f64::from(users), 0)),
        Load::Open { rate } => format!("{} /s", number::exact(rate, 2)),
    };
    let size = measured.size_kib.map(|size| format!("{} KiB", number::exact(size, 2)));
    let answer = measured.answer_kib.map(|size| format!("answer {} KiB", number::exact(size, 2)));
    let delays = |ms: &f64| *ms > 0.0;
    let backend = measured.backend.map(|backend| backend.mean.as_ms()).filter(delays);
    let backend = backend.map(|ms| format!("backend {} ms", number::exact(ms, 1)));
    let cores = measured.cores.map(|cores| {
        format!("{} core{}", number::exact(cores, 2), if cores == 1.0 { "" } else { "s" })
    });
    let parts = [Some(measured.operation.clone()), Some(load), size, answer, backend, cores];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// So many tests are named as the farthest off.
const FARTHEST: usize = 4;
/// Lengths on and off of the lines beside the diagonal.
const DASH: [f64; 2] = [7.0, 5.0];
/// Height of a line of the legend.
const ROW: f64 = 28.0;
/// Room for the worst error.
const WORST: f64 = 84.0;

/// Quantiles where there are any; else the mean, else the throughput.
fn shown(stated: &[Quantity]) -> Vec<Quantity> {
    let is_quantile =
        |figure: &&Quantity| matches!(figure, Quantity::Latency(LatencyMetric::Quantile(_)));
    let quantiles: Vec<Quantity> = stated.iter().filter(is_quantile).copied().collect();
    let wanted = |figure: &&Quantity| SHOWN.iter().any(|p| **figure == Quantity::quantile(*p));
    let chosen: Vec<Quantity> = quantiles.iter().filter(wanted).copied().collect();
    match () {
        () if quantiles.len() > MOST && !chosen.is_empty() => chosen,
        () if !quantiles.is_empty() => quantiles.into_iter().rev().take(MOST).rev().collect(),
        () if stated.contains(&Quantity::MEAN) => vec![Quantity::MEAN],
        () => stated.iter().filter(|figure| **figure == Quantity::Throughput).copied().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::fabricated;

    fn picture(of: &Calibration) -> Vec<u8> {
        let mut bytes = Vec::new();
        calibration(of, "0.1.0", &mut bytes).expect("memory takes everything");
        bytes
    }

    #[test]
    fn the_chart_is_a_png_that_is_not_blank_and_twice_the_same_whatever_was_found() {
        for (name, calibration) in fabricated::every() {
            let bytes = picture(&calibration);
            assert_eq!(bytes, picture(&calibration), "{name}");
            let mut reader = png::Decoder::new(bytes.as_slice()).read_info().expect("a PNG");
            let mut pixels = vec![0; reader.output_buffer_size()];
            let info = reader.next_frame(&mut pixels).expect("a picture");
            assert_eq!(info.width, 1400, "{name}");
            assert!((1120..=1220).contains(&info.height), "{name}: {}", info.height);
            let inked = pixels.iter().filter(|&&channel| channel < 200).count();
            assert!(inked > pixels.len() / 400, "{name} is blank");
            if let Some(folder) = std::env::var_os("APIMSIM_CHARTS") {
                let path = std::path::Path::new(&folder).join(format!("calibration-{name}.png"));
                std::fs::write(path, bytes).expect("the folder can be written to");
            }
        }
    }

    #[test]
    fn a_test_that_was_held_back_is_drawn_once() {
        let calibration = fabricated::gateway();
        let chart = Chart::of(&calibration);
        assert_eq!((chart.fitted.len(), chart.held_back.len()), (5, 3));
    }

    #[test]
    fn what_a_logarithmic_axis_cannot_show_is_counted() {
        assert_eq!(Chart::of(&fabricated::gateway()).hidden(), 0);
        // p75 below zero and p99.9 without end, of three tests, and a p95 of 1e200 seconds or so.
        assert_eq!(Chart::of(&fabricated::hostile()).hidden(), 7);
    }

    #[test]
    fn quantiles_are_shown_where_there_are_any() {
        let shown = |of: &Calibration| shown(&figure::stated(&of.tests));
        let quantiles = |probabilities: &[f64]| {
            probabilities.iter().map(|p| Quantity::quantile(*p)).collect::<Vec<_>>()
        };
        assert_eq!(shown(&fabricated::gateway()), quantiles(&SHOWN));
        assert_eq!(shown(&fabricated::log()), quantiles(&[0.5, 0.95, 0.99]));
        assert_eq!(shown(&fabricated::capacities()), [Quantity::Throughput]);
    }
}
