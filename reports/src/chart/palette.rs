//! Colours, lines and markers by which deployments are told apart, and the signs of verdicts.

use plotters::style::RGBColor;
use sim::results::Verdict;

use super::canvas::Canvas;
use super::mark::Point;

/// Text.
pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
/// Less important text.
pub(super) const GREY: RGBColor = RGBColor(95, 95, 95);
/// Axes.
pub(super) const AXIS: RGBColor = RGBColor(140, 140, 140);
/// Lines of the grid.
pub(super) const GRID: RGBColor = RGBColor(228, 228, 228);
/// Every second block of rows.
pub(super) const BAND: RGBColor = RGBColor(246, 247, 249);
/// Goals and warnings.
pub(super) const ALARM: RGBColor = RGBColor(170, 20, 40);
/// The time in which a scripted failure keeps nodes down.
pub(super) const DOWN: RGBColor = RGBColor(247, 217, 176);
/// The time in which a planned restart drains or replaces them.
pub(super) const PLANNED: RGBColor = RGBColor(214, 226, 240);
/// The time in which they start up.
pub(super) const STARTING: RGBColor = RGBColor(252, 241, 225);
/// What is offered and not carried.
pub(super) const MISSING: RGBColor = RGBColor(214, 214, 214);
/// White.
pub(super) const PAPER: RGBColor = RGBColor(255, 255, 255);

/// Told apart by people with any kind of colour vision (Okabe and Ito, Color Universal Design, 2008);
/// yellow, which is not seen on white, and black are left out.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
];

/// Lengths on and off, in pixels.
const DASHES: [&[f64]; 6] = [
    &[],
    &[10.0, 5.0],
    &[3.0, 4.0],
    &[12.0, 4.0, 3.0, 4.0],
    &[18.0, 4.0],
    &[12.0, 4.0, 3.0, 4.0, 3.0, 4.0],
];

/// A colour, a line and a marker that no other series of the chart has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    index: usize,
}

impl Look {
    /// More than so many series cannot be told apart.
    pub(super) const MOST: usize = COLOURS.len();

    /// The look of the series at `index`, below [`Self::MOST`].
    pub(super) const fn of(index: usize) -> Self {
        assert!(index < Self::MOST, "a chart has as many series as there are looks");
        Self { index }
    }

    /// Its colour.
    pub(super) const fn colour(self) -> RGBColor {
        COLOURS[self.index]
    }

    /// Its line.
    pub(super) fn dash(self) -> &'static [f64] {
        DASHES[self.index]
    }

    /// Draws a bar.
    pub(super) fn bar(self, canvas: &mut Canvas, from: Point, to: Point) {
        canvas.fill(from, to, self.colour());
    }

    /// Draws its marker.
    pub(super) fn marker(self, canvas: &mut Canvas, at: Point, radius: f64) {
        self.shape(canvas, at, radius, self.colour());
    }

    /// Draws its marker with a white edge, which sets it off from others below.
    pub(super) fn edged(self, canvas: &mut Canvas, at: Point, radius: f64) {
        self.shape(canvas, at, radius + 1.2, PAPER);
        self.marker(canvas, at, radius);
    }

    /// Draws its marker as an outline.
    pub(super) fn hollow(self, canvas: &mut Canvas, at: Point, radius: f64) {
        self.edged(canvas, at, radius);
        self.shape(canvas, at, radius - 2.4, PAPER);
    }

    fn shape(self, canvas: &mut Canvas, at: Point, radius: f64, colour: RGBColor) {
        match self.index {
            0 => canvas.circle(at, radius, colour),
            1 => square(canvas, at, radius, colour),
            2 => triangle(canvas, at, radius, colour),
            3 => diamond(canvas, at, radius, colour),
            4 => triangle(canvas, at, -radius, colour),
            _ => hourglass(canvas, at, radius, colour),
        }
    }
}

/// How a value stands to its goal: told by shape as well as by colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sign {
    /// There is no goal.
    Plain,
    /// The goal is met.
    Met,
    /// The interval holds the limit.
    Undecided,
    /// The goal is missed.
    Missed,
}

impl Sign {
    /// Every sign that a verdict may have, with its name.
    pub(super) const OF_VERDICTS: [(Self, &'static str); 3] =
        [(Self::Met, "met"), (Self::Undecided, "undecided"), (Self::Missed, "missed")];

    /// The sign of a verdict.
    pub(super) fn of(verdict: Option<Verdict>) -> Self {
        match verdict {
            None => Self::Plain,
            Some(Verdict::Met) => Self::Met,
            Some(Verdict::Undecided) => Self::Undecided,
            Some(Verdict::Missed) => Self::Missed,
        }
    }

    /// Its colour.
    pub(super) fn colour(self) -> RGBColor {
        match self {
            Self::Plain | Self::Met => COLOURS[0],
            Self::Undecided => COLOURS[1],
            Self::Missed => COLOURS[5],
        }
    }

    /// Draws it.
    pub(super) fn draw(self, canvas: &mut Canvas, at: Point, radius: f64) {
        match self {
            Self::Met => canvas.circle(at, radius, self.colour()),
            Self::Plain => {
                canvas.circle(at, radius, self.colour());
                canvas.circle(at, radius * 0.5, PAPER);
            }
            Self::Undecided => {
                diamond(canvas, at, radius, self.colour());
                diamond(canvas, at, radius * 0.5, PAPER);
            }
            Self::Missed => square(canvas, at, radius * 0.95, self.colour()),
        }
    }
}

fn square(canvas: &mut Canvas, (x, y): Point, r: f64, colour: RGBColor) {
    canvas.fill((x - r, y - r), (x + r, y + r), colour);
}

/// Points down where the radius is negative.
fn triangle(canvas: &mut Canvas, (x, y): Point, r: f64, colour: RGBColor) {
    canvas.polygon(&[(x, y - r * 1.3), (x + r * 1.2, y + r), (x - r * 1.2, y + r)], colour);
}

fn diamond(canvas: &mut Canvas, (x, y): Point, r: f64, colour: RGBColor) {
    let r = r * 1.35;
    canvas.polygon(&[(x, y - r), (x + r, y), (x, y + r), (x - r, y)], colour);
}

fn hourglass(canvas: &mut Canvas, (x, y): Point, r: f64, colour: RGBColor) {
    canvas.polygon(&[(x - r, y - r * 1.2), (x + r, y - r * 1.2), (x, y)], colour);
    canvas.polygon(&[(x - r, y + r * 1.2), (x + r, y + r * 1.2), (x, y)], colour);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_series_share_a_colour_a_line_or_a_marker() {
        let looks: Vec<Look> = (0..Look::MOST).map(Look::of).collect();
        let colours: BTreeSet<_> =
            looks.iter().map(|look| (look.colour().0, look.colour().1, look.colour().2)).collect();
        let lines: BTreeSet<_> = looks.iter().map(|look| format!("{:?}", look.dash())).collect();
        let markers: BTreeSet<_> = looks
            .iter()
            .map(|look| {
                let mut canvas = Canvas::new(20.0, 20.0);
                look.shape(&mut canvas, (10.0, 10.0), 5.0, INK);
                format!("{:?}", canvas.marks())
            })
            .collect();
        assert_eq!([colours.len(), lines.len(), markers.len()], [Look::MOST; 3]);
    }

    #[test]
    fn verdicts_are_told_apart_without_colours() {
        let shapes: BTreeSet<_> = Sign::OF_VERDICTS
            .iter()
            .map(|(sign, _)| {
                let mut canvas = Canvas::new(20.0, 20.0);
                sign.draw(&mut canvas, (10.0, 10.0), 5.0);
                let shapes: Vec<_> = canvas.marks().iter().map(|mark| &mark.shape).collect();
                format!("{shapes:?}")
            })
            .collect();
        assert_eq!(shapes.len(), 3);
    }
}
