//! One coordinate system: heading, axis of values, grid, and the curves and bars inside.

use plotters::style::RGBColor;

use super::canvas::{Align, Canvas, Point, Type};
use super::palette::{ALARM, AXIS, GREY, GRID, INK};
use super::scale::Scale;
use super::text;

/// Height of a heading above a panel.
pub(super) const HEADING: f64 = 54.0;
/// Room for the labels of the values.
pub(super) const LABELS: f64 = 84.0;

const HEAD: Type = Type::bold(17.0, INK);
const LABEL: Type = Type::regular(14.0, GREY);

/// A rectangle with an axis of values on its left.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    /// The upper left corner of the drawing inside.
    pub(super) from: Point,
    /// The lower right corner.
    pub(super) to: Point,
    /// The axis.
    pub(super) scale: Scale,
}

impl Panel {
    /// Draws heading, grid and axis of a panel with the outer corners `from` and `to`. The heading
    /// is a name, which is shortened where room is short, and what the axis counts.
    pub(super) fn new(
        canvas: &mut Canvas,
        (from, to): (Point, Point),
        (name, counts): (&str, &str),
        scale: Scale,
    ) -> Self {
        let panel = Self { from: (from.0 + LABELS, from.1 + HEADING), to, scale };
        let room = to.0 - from.0 - HEAD.width(counts);
        let name = text::shortened(name, room, HEAD.size, HEAD.weight);
        canvas.text(&(name + counts), (from.0, from.1 + 16.0), Align::Left, HEAD);
        scale.ticks().into_iter().for_each(|tick| panel.level(canvas, tick));
        canvas.line(&[(panel.from.0, panel.to.1), (to.0, panel.to.1)], 1.5, AXIS);
        panel
    }

    /// The height of a value.
    pub(super) fn y(&self, value: f64) -> f64 {
        self.to.1 - self.scale.place(value) * (self.to.1 - self.from.1)
    }

    /// The place of a share 0..=1 of the width.
    pub(super) fn x(&self, share: f64) -> f64 {
        self.from.0 + share * (self.to.0 - self.from.0)
    }

    /// Writes the label of a value, with a line through the grid.
    pub(super) fn level(&self, canvas: &mut Canvas, value: f64) {
        let y = self.y(value);
        canvas.line(&[(self.from.0, y), (self.to.0, y)], 1.0, GRID);
        canvas.text(&self.scale.label(value), (self.from.0 - 8.0, y), Align::Right, LABEL);
    }

    /// Writes a label below the axis, with its tick.
    pub(super) fn below(&self, canvas: &mut Canvas, x: f64, label: &str) {
        canvas.line(&[(x, self.to.1), (x, self.to.1 + 5.0)], 1.5, AXIS);
        canvas.text(label, (x, self.to.1 + 18.0), Align::Centre, LABEL);
    }

    /// Writes a label below the axis, with a line through the grid.
    pub(super) fn crossing(&self, canvas: &mut Canvas, x: f64, label: &str) {
        canvas.line(&[(x, self.from.1), (x, self.to.1)], 1.0, GRID);
        self.below(canvas, x, label);
    }

    /// Says what the axis below counts.
    pub(super) fn axis_title(&self, canvas: &mut Canvas, title: &str) {
        let middle = f64::midpoint(self.from.0, self.to.0);
        canvas.text(title, (middle, self.to.1 + 42.0), Align::Centre, LABEL);
    }

    /// Draws the limit of a goal across the panel, with its name to the right; a limit beyond the
    /// axis has its name and an arrow only.
    pub(super) fn goal(&self, canvas: &mut Canvas, limit: f64, label: &str) {
        let y = self.y(limit);
        if !self.scale.holds(limit) {
            return self.beyond(canvas, limit, label, (self.to.0 + 8.0, y), Align::Left);
        }
        canvas.dashed(&[(self.from.0, y), (self.to.0, y)], 2.0, ALARM, &[9.0, 6.0]);
        let style = Type::bold(14.0, ALARM);
        canvas.text(label, (self.to.0 + 8.0, y), Align::Left, style);
    }

    /// Draws an interval with its ends.
    pub(super) fn interval(
        &self,
        canvas: &mut Canvas,
        x: f64,
        low: f64,
        high: f64,
        colour: RGBColor,
    ) {
        let (low, high) = (self.y(low), self.y(high));
        canvas.line(&[(x, low), (x, high)], 1.5, colour);
        for y in [low, high] {
            canvas.line(&[(x - 4.0, y), (x + 4.0, y)], 1.5, colour);
        }
    }

    /// Names a limit that lies beyond the axis.
    pub(super) fn beyond(
        &self,
        canvas: &mut Canvas,
        limit: f64,
        label: &str,
        at: Point,
        align: Align,
    ) {
        let arrow = if self.y(limit) < self.to.1 { "↑" } else { "↓" };
        canvas.text_over(&format!("{label} {arrow}"), at, align, Type::bold(14.0, ALARM));
    }

    /// Says that there is nothing to see, and why.
    pub(super) fn empty(&self, canvas: &mut Canvas, why: &str) {
        let middle = (f64::midpoint(self.from.0, self.to.0), f64::midpoint(self.from.1, self.to.1));
        canvas.text_over(why, middle, Align::Centre, Type::regular(16.0, GREY));
    }
}
