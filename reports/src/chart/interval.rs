//! An estimate as it is drawn: a mark, and a bar from the lower to the upper end of its interval.

use sim::stats::Estimate;

use super::canvas::Canvas;
use super::mark::Point;
use super::scale::{self, Scale};
use plotters::style::RGBColor;

/// Half of the line across the end of a bar.
const CAP: f64 = 4.0;
/// Length of the arrow of an end that is open.
const ARROW: f64 = 7.0;

/// One end of an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    /// Known.
    At(f64),
    /// Nothing bounds the value on this side.
    Open,
}

/// An estimate in the unit of an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interval {
    /// The estimate.
    pub(super) mean: f64,
    /// Lower and upper end; none where nothing is known of the spread.
    pub(super) ends: Option<(End, End)>,
}

impl Interval {
    /// The interval of `estimate`, multiplied by `factor`, which is above 0.
    pub(super) fn of(estimate: &Estimate, factor: f64) -> Self {
        // Rates, times and shares are not below 0, whatever the arithmetic of an interval says.
        let end = |end: Option<f64>| match end.map(|end| end * factor) {
            Some(value) if value.is_finite() => End::At(value.max(0.0)),
            _ => End::Open,
        };
        let ends = (end(estimate.lower), end(estimate.upper));
        let mean = estimate.mean * factor;
        let nothing = [(End::Open, End::Open), (End::At(mean), End::At(mean))];
        Self { mean, ends: Some(ends).filter(|ends| !nothing.contains(ends)) }
    }

    /// Whether a part of it has no place on an axis.
    pub(super) fn goes_beyond(&self, scale: Scale) -> bool {
        let is_held = |value: f64| scale::reachable(value) && scale.holds(value);
        let is_beyond = |end: End| match end {
            End::At(value) => !is_held(value),
            End::Open => true,
        };
        let ends = self.ends.is_some_and(|(low, high)| is_beyond(low) || is_beyond(high));
        ends || (!self.mean.is_nan() && !is_held(self.mean))
    }

    /// The values that an axis should hold.
    pub(super) fn values(&self) -> Vec<f64> {
        let mut values = vec![self.mean];
        if let Some((low, high)) = self.ends {
            let at = |end| if let End::At(value) = end { Some(value) } else { None };
            // A lower end near zero would stretch a logarithmic axis over decades of nothing.
            values.extend(at(low).filter(|low| *low > self.mean / 10.0));
            values.extend(at(high));
        }
        values
    }
}

/// From values to pixels along one direction, with the ends of the axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Track {
    /// The axis.
    pub(super) scale: Scale,
    /// Where the values of the axis begin, and where they end, in pixels.
    pub(super) from: f64,
    /// As above.
    pub(super) to: f64,
    /// The pixels beyond these ends that still belong to the axes.
    pub(super) margin: f64,
}

impl Track {
    /// The pixel of a value.
    pub(super) fn at(&self, value: f64) -> f64 {
        self.from + self.scale.place(value) * (self.to - self.from)
    }

    /// Whether the axis has a place for `value`.
    pub(super) fn holds(&self, value: f64) -> bool {
        scale::reachable(value) && self.scale.holds(value)
    }

    /// Draws the bar of `interval`; `point` makes a point of a pixel along the axis and one across.
    pub(super) fn bar(
        &self,
        canvas: &mut Canvas,
        interval: &Interval,
        colour: RGBColor,
        point: impl Fn(f64, f64) -> Point,
    ) {
        let Some((low, high)) = interval.ends else { return };
        let outwards = (self.to - self.from).signum() * self.margin;
        let pixel = |end: End, open: f64| match end {
            End::At(value) if self.holds(value) => (self.at(value), true),
            End::At(_) | End::Open => (open, false),
        };
        let low = pixel(low, self.from - outwards);
        let high = pixel(high, self.to + outwards);
        canvas.line(&[point(low.0, 0.0), point(high.0, 0.0)], 1.5, colour);
        for ((at, closed), towards) in [(low, outwards.signum()), (high, -outwards.signum())] {
            if closed {
                canvas.line(&[point(at, -CAP), point(at, CAP)], 1.5, colour);
            } else {
                let back = at + towards * ARROW;
                canvas.polygon(&[point(at, 0.0), point(back, -CAP), point(back, CAP)], colour);
            }
        }
    }

    /// An arrow at the end of the axis beyond which `value` lies; nothing for what is no number.
    pub(super) fn beyond(
        &self,
        canvas: &mut Canvas,
        value: f64,
        colour: RGBColor,
        point: impl Fn(f64, f64) -> Point,
    ) {
        if value.is_nan() {
            return;
        }
        let outwards = (self.to - self.from).signum() * self.margin;
        let (at, towards) = match self.scale.place(value) {
            place if place < 0.5 => (self.from - outwards, outwards.signum()),
            _ => (self.to + outwards, -outwards.signum()),
        };
        let back = at + towards * ARROW * 1.4;
        canvas.polygon(&[point(at, 0.0), point(back, -6.0), point(back, 6.0)], colour);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_made_of_its_values_holds_the_whole_interval() {
        let interval = Interval::of(&Estimate::between(3.0, Some(2.0), Some(67.0)), 1.0);
        assert!(!interval.goes_beyond(Scale::by_range(interval.values(), 10.0)));
        let open = Interval::of(&Estimate::between(3.0, Some(2.0), None), 1.0);
        assert!(open.goes_beyond(Scale::by_range(open.values(), 10.0)));
    }
}
