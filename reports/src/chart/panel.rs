//! One coordinate system with its values on the left: heading, axis, grid, and what is drawn within.

use super::canvas::Canvas;
use super::interval::Track;
use super::mark::{Align, Area, Point, Type};
use super::palette::{ALARM, AXIS, GREY, GRID, INK};
use super::scale::Scale;

/// Height of a heading above a panel.
pub(super) const HEADING: f64 = 50.0;
/// Room for the labels of the values.
pub(super) const LABELS: f64 = 84.0;
/// Within the axes, beside the first and the last value.
const BESIDE: f64 = 22.0;
/// Within the axes, below the lowest value and above the highest.
const ABOVE: f64 = 9.0;

const HEAD: Type = Type::bold(16.0, INK);
const GOAL: Type = Type::bold(14.0, ALARM);
const LABEL: Type = Type::regular(14.0, GREY);

/// A rectangle with an axis of values on its left.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    /// The rectangle in which the values are drawn.
    pub(super) axes: Area,
    /// The axis of values.
    pub(super) track: Track,
    /// Within the axes, beside the first and the last value.
    beside: f64,
}

impl Panel {
    /// Draws heading, grid and axis of a panel with the outer corners `from` and `to`. The heading
    /// is a name, which is shortened where room is short, what the axis counts, and, on the right,
    /// the goals.
    pub(super) fn new(
        canvas: &mut Canvas,
        corners: Area,
        words: (&str, &str, &str),
        scale: Scale,
    ) -> Self {
        Self::with_room(canvas, corners, words, scale, BESIDE)
    }

    /// A panel whose axes have as much room beside the values as above and below.
    pub(super) fn square(
        canvas: &mut Canvas,
        corners: Area,
        words: (&str, &str, &str),
        scale: Scale,
    ) -> Self {
        Self::with_room(canvas, corners, words, scale, ABOVE)
    }

    fn with_room(
        canvas: &mut Canvas,
        (from, to): Area,
        (name, counts, goals): (&str, &str, &str),
        scale: Scale,
        beside: f64,
    ) -> Self {
        let axes = ((from.0 + LABELS, from.1 + HEADING), to);
        let (low, high) = (axes.1.1 - ABOVE, axes.0.1 + ABOVE);
        let track = Track { scale, from: low, to: high, margin: ABOVE };
        let panel = Self { axes, track, beside };
        let y = from.1 + 16.0;
        let goals = GOAL.shortened(goals, (to.0 - from.0) * 0.5);
        let used = if goals.is_empty() { 0.0 } else { GOAL.width(&goals) + 20.0 };
        let name = HEAD.shortened(name, to.0 - from.0 - used - HEAD.width(counts));
        canvas.text(&(name + counts), (from.0, y), Align::Left, HEAD);
        canvas.text(&goals, (to.0, y), Align::Right, GOAL);
        scale.ticks().into_iter().for_each(|tick| panel.level(canvas, tick));
        canvas.line(&[(axes.0.0, to.1), to], 1.5, AXIS);
        panel
    }

    /// The height of a value.
    pub(super) fn y(&self, value: f64) -> f64 {
        self.track.at(value)
    }

    /// The place of a share 0..=1 of the width.
    pub(super) fn x(&self, share: f64) -> f64 {
        let (left, right) = (self.axes.0.0 + self.beside, self.axes.1.0 - self.beside);
        left + share * (right - left)
    }

    /// Writes the label of a value, with a line through the grid.
    pub(super) fn level(&self, canvas: &mut Canvas, value: f64) {
        let y = self.y(value);
        canvas.line(&[(self.axes.0.0, y), (self.axes.1.0, y)], 1.0, GRID);
        let label = LABEL.shortened(&self.track.scale.label(value), LABELS - 10.0);
        canvas.text(&label, (self.axes.0.0 - 8.0, y), Align::Right, LABEL);
    }

    /// Writes labels below the axis, each with its tick and a line through the grid, as many as have
    /// room.
    pub(super) fn crossings(&self, canvas: &mut Canvas, labels: &[(f64, String)]) {
        let bottom = self.axes.1.1;
        let mut free = f64::NEG_INFINITY;
        for (x, label) in labels {
            canvas.line(&[(*x, self.axes.0.1), (*x, bottom)], 1.0, GRID);
            canvas.line(&[(*x, bottom), (*x, bottom + 5.0)], 1.5, AXIS);
            let half = LABEL.width(label) / 2.0;
            if x - half > free {
                canvas.text(label, (*x, bottom + 18.0), Align::Centre, LABEL);
                free = x + half + 6.0;
            }
        }
    }

    /// Says what the axis below counts.
    pub(super) fn axis_title(&self, canvas: &mut Canvas, title: &str) {
        let middle = f64::midpoint(self.axes.0.0, self.axes.1.0);
        let title = LABEL.shortened(title, self.axes.1.0 - self.axes.0.0 + 40.0);
        canvas.text(&title, (middle, self.axes.1.1 + 42.0), Align::Centre, LABEL);
    }

    /// Says that there is nothing to see, and why.
    pub(super) fn empty(&self, canvas: &mut Canvas, why: &str) {
        let (from, to) = self.axes;
        let at: Point = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
        let style = Type::regular(16.0, GREY);
        canvas.text(&style.shortened(why, to.0 - from.0), at, Align::Centre, style);
    }
}
