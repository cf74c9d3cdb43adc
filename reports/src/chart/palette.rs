//! Colours, lines and markers by which deployments are told apart.

use plotters::style::RGBColor;

use super::canvas::{Canvas, Point};

/// Text.
pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
/// Less important text.
pub(super) const GREY: RGBColor = RGBColor(95, 95, 95);
/// Axes.
pub(super) const AXIS: RGBColor = RGBColor(140, 140, 140);
/// Lines of the grid.
pub(super) const GRID: RGBColor = RGBColor(228, 228, 228);
/// Goals and warnings.
pub(super) const ALARM: RGBColor = RGBColor(170, 20, 40);
/// The time of a scripted failure.
pub(super) const DRILL: RGBColor = RGBColor(250, 236, 214);
/// White.
pub(super) const PAPER: RGBColor = RGBColor(255, 255, 255);

/// Told apart by people with any kind of colour vision (Okabe and Ito 2008), yellow left out: it is
/// not seen on white.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
    RGBColor(60, 60, 60),
];

/// Lengths on and off, in pixels.
const DASHES: [&[f64]; 4] = [&[], &[10.0, 5.0], &[3.0, 4.0], &[12.0, 4.0, 3.0, 4.0]];

/// The look of one deployment in every chart.
#[derive(Clone, Copy)]
pub(super) struct Look {
    index: usize,
}

impl Look {
    /// The look of the deployment at `index` of the scenario.
    pub(super) fn of(index: usize) -> Self {
        Self { index }
    }

    /// Its colour.
    pub(super) fn colour(self) -> RGBColor {
        COLOURS[self.index % COLOURS.len()]
    }

    /// Its line.
    pub(super) fn dash(self) -> &'static [f64] {
        DASHES[(self.index + self.index / COLOURS.len()) % DASHES.len()]
    }

    /// Draws a bar; when the colours begin again, bars are striped.
    pub(super) fn bar(self, canvas: &mut Canvas, from: Point, to: Point) {
        canvas.fill(from, to, self.colour());
        if self.index >= COLOURS.len() {
            let (top, bottom) = (from.1.min(to.1), from.1.max(to.1));
            let mut y = bottom - 5.0;
            while y > top + 2.0 {
                canvas.fill((from.0, y - 2.0), (to.0, y), PAPER);
                y -= 7.0;
            }
        }
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

    fn shape(self, canvas: &mut Canvas, (x, y): Point, radius: f64, colour: RGBColor) {
        let r = radius;
        match self.index % 5 {
            0 => canvas.circle((x, y), r, colour),
            1 => canvas.fill((x - r, y - r), (x + r, y + r), colour),
            2 => canvas
                .polygon(&[(x, y - r * 1.3), (x + r * 1.2, y + r), (x - r * 1.2, y + r)], colour),
            3 => {
                let r = r * 1.35;
                canvas.polygon(&[(x, y - r), (x + r, y), (x, y + r), (x - r, y)], colour);
            }
            _ => canvas
                .polygon(&[(x, y + r * 1.3), (x + r * 1.2, y - r), (x - r * 1.2, y - r)], colour),
        }
    }
}
