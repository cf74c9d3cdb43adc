//! A mark of a picture: a shape or a text, and how it looks.

use plotters::style::RGBColor;

use super::text::{self, Weight};

/// A point of the picture, in pixels from its upper left corner.
pub(super) type Point = (f64, f64);
/// A rectangle: its upper left and its lower right corner.
pub(super) type Area = (Point, Point);

/// Where text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    /// Begins there.
    Left,
    /// Is centred there.
    Centre,
    /// Ends there.
    Right,
}

/// How text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Type {
    /// Pixels per em.
    pub(super) size: f64,
    /// Regular or bold.
    pub(super) weight: Weight,
    /// Its colour.
    pub(super) colour: RGBColor,
}

impl Type {
    /// Text of ordinary weight.
    pub(super) const fn regular(size: f64, colour: RGBColor) -> Self {
        Self { size, weight: Weight::Regular, colour }
    }

    /// Bold text.
    pub(super) const fn bold(size: f64, colour: RGBColor) -> Self {
        Self { size, weight: Weight::Bold, colour }
    }

    /// How many pixels wide `text` is.
    pub(super) fn width(self, text: &str) -> f64 {
        text::width(text, self.size, self.weight)
    }

    /// `text`, with `…` in its middle where it is wider than `room`.
    pub(super) fn shortened(self, text: &str, room: f64) -> String {
        text::shortened(text, room, self.size, self.weight)
    }
}

/// What a mark is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// A filled rectangle.
    Fill(Area),
    /// A line through points, so wide, with a pattern of lengths on and off.
    Line(Vec<Point>, f64, &'static [f64]),
    /// A filled polygon.
    Polygon(Vec<Point>),
    /// A filled circle.
    Circle(Point, f64),
    /// Text that begins at the point, the middle of its small letters at the point's height.
    Text(String, Point, Type),
}

/// One shape of the picture.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mark {
    /// What it is.
    pub(super) shape: Shape,
    /// Its colour.
    pub(super) colour: RGBColor,
    /// The axes that it has to stay within.
    pub(super) axes: Option<Area>,
}
