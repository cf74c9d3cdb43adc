//! A picture as a list of marks: shapes and text, in the order in which they are drawn.
//!
//! Nothing is painted before the picture is written, so that the tests can ask what is drawn where.

use std::io::Write;

use plotters::style::RGBColor;

use super::mark::{Align, Area, Mark, Point, Shape, Type};
use super::raster;
use crate::ReportError;

/// No picture is higher, whatever it has to show.
const MAX_HEIGHT: f64 = 12_000.0;

/// A picture being drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Canvas {
    width: f64,
    height: f64,
    axes: Option<Area>,
    marks: Vec<Mark>,
}

impl Canvas {
    /// A white picture of so many pixels.
    pub(super) fn new(width: f64, height: f64) -> Self {
        let height = height.clamp(1.0, MAX_HEIGHT);
        Self { width, height, axes: None, marks: Vec::new() }
    }

    /// Height in pixels.
    pub(super) fn height(&self) -> f64 {
        self.height
    }

    /// Gives the picture another height.
    pub(super) fn set_height(&mut self, height: f64) {
        self.height = height.clamp(1.0, MAX_HEIGHT);
    }

    /// What is drawn, from the lowest to the uppermost.
    #[cfg(test)]
    pub(super) fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Draws what shows values on `axes`, and so has to stay within them.
    pub(super) fn within(&mut self, axes: Area, draw: impl FnOnce(&mut Self)) {
        let outer = self.axes.replace(axes);
        draw(self);
        self.axes = outer;
    }

    /// Fills the rectangle between two opposite corners.
    pub(super) fn fill(&mut self, from: Point, to: Point, colour: RGBColor) {
        let low = (from.0.min(to.0), from.1.min(to.1));
        let high = (from.0.max(to.0), from.1.max(to.1));
        self.mark(Shape::Fill((low, high)), colour);
    }

    /// Draws a line through `points`.
    pub(super) fn line(&mut self, points: &[Point], width: f64, colour: RGBColor) {
        self.dashed(points, width, colour, &[]);
    }

    /// Draws a line through `points` with a pattern of lengths on and off, in pixels.
    pub(super) fn dashed(
        &mut self,
        points: &[Point],
        width: f64,
        colour: RGBColor,
        dash: &'static [f64],
    ) {
        if points.len() > 1 {
            self.mark(Shape::Line(points.to_vec(), width, dash), colour);
        }
    }

    /// Fills the polygon with these corners.
    pub(super) fn polygon(&mut self, corners: &[Point], colour: RGBColor) {
        self.mark(Shape::Polygon(corners.to_vec()), colour);
    }

    /// Fills a circle.
    pub(super) fn circle(&mut self, centre: Point, radius: f64, colour: RGBColor) {
        self.mark(Shape::Circle(centre, radius), colour);
    }

    /// Writes `text` with the middle of its small letters at the height of `at`.
    pub(super) fn text(&mut self, text: &str, at: Point, align: Align, style: Type) {
        let width = style.width(text);
        let left = match align {
            Align::Left => at.0,
            Align::Centre => at.0 - width / 2.0,
            Align::Right => at.0 - width,
        };
        if !text.is_empty() {
            self.mark(Shape::Text(text.to_owned(), (left, at.1), style), style.colour);
        }
    }

    /// Encodes the picture.
    pub(super) fn write(&self, out: &mut dyn Write) -> Result<(), ReportError> {
        raster::write(&self.marks, (self.width as u32, self.height as u32), out)
    }

    fn mark(&mut self, shape: Shape, colour: RGBColor) {
        self.marks.push(Mark { shape, colour, axes: self.axes });
    }
}
