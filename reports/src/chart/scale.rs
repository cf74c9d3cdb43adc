//! An axis: from values to places, and the values that get a label.

use crate::number;

/// No axis reaches further.
const LARGEST: f64 = 1e15;

/// Whether an axis can reach `value`.
pub(super) fn reachable(value: f64) -> bool {
    value.is_finite() && value.abs() <= LARGEST
}

/// From values to places 0..=1 along an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    /// Equal steps.
    Linear {
        /// Value at the beginning.
        low: f64,
        /// Value at the end.
        high: f64,
        /// Between two labels.
        step: f64,
    },
    /// Equal ratios.
    Logarithmic {
        /// Value at the beginning, above 0.
        low: f64,
        /// Value at the end.
        high: f64,
    },
}

impl Scale {
    /// From zero to a round number not below any of `values`.
    pub(super) fn from_zero(values: impl IntoIterator<Item = f64>) -> Self {
        let usable = |value: &f64| reachable(*value) && *value > 0.0;
        let largest = values.into_iter().filter(usable).fold(0.0, f64::max);
        let largest = if largest > 1e-200 { largest } else { 1.0 };
        let step = round_step(largest / 4.5);
        let high = ((largest / step) - 1e-9).ceil().max(1.0) * step;
        Self::Linear { low: 0.0, high, step }
    }

    /// From zero to `end`, which need not be round, with about `labels` labels.
    pub(super) fn up_to(end: f64, labels: f64) -> Self {
        let step = round_step(end / labels);
        Self::Linear { low: 0.0, high: end, step }
    }

    /// Logarithmic where the values span more than `ratio`, else from zero.
    pub(super) fn by_range(values: impl IntoIterator<Item = f64>, ratio: f64) -> Self {
        let usable = |value: &f64| reachable(*value) && *value > 1e-9;
        let values: Vec<_> = values.into_iter().filter(usable).collect();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(0.0, f64::max);
        if high <= low * ratio {
            return Self::from_zero(values);
        }
        let below = rounds(low).into_iter().rev().find(|round| *round <= low * 1.000_001);
        let above = rounds(high).into_iter().find(|round| *round >= high * 0.999_999);
        Self::Logarithmic { low: below.unwrap_or(low), high: above.unwrap_or(high) }
    }

    /// The place of `value`: 0..=1 where the axis [holds](Self::holds) it, and beyond the ends where
    /// it does not, so that a value is never drawn where another belongs.
    pub(super) fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear { low, high, .. } => (value - low) / (high - low),
            Self::Logarithmic { low, high } => (value / low).ln() / (high / low).ln(),
        }
    }

    /// Whether `value` lies on the axis.
    pub(super) fn holds(self, value: f64) -> bool {
        let (Self::Linear { low, high, .. } | Self::Logarithmic { low, high }) = self;
        (low..=high * (1.0 + 1e-9)).contains(&value)
    }

    /// Values that get a label.
    pub(super) fn ticks(self) -> Vec<f64> {
        match self {
            Self::Linear { low, high, step } => {
                let count = ((high - low) / step + 1e-9).floor().min(20.0) as u32;
                (0..=count).map(|index| low + step * f64::from(index)).collect()
            }
            Self::Logarithmic { low, high } => {
                let decades = (high / low).log10();
                let inside = |value: &f64| *value >= low * 0.999 && *value <= high * 1.001;
                let first = low.log10().floor() as i32;
                let every = (decades / 8.0).ceil().max(1.0) as usize;
                let powers = (first..=high.log10().ceil() as i32).step_by(every);
                let factors: &[f64] =
                    if self.has_powers_alone() { &[1.0] } else { &[1.0, 2.0, 5.0] };
                let ticks = powers.flat_map(|p| factors.iter().map(move |f| f * 10f64.powi(p)));
                ticks.filter(inside).collect()
            }
        }
    }

    /// The ticks that get a label where not all have room: the powers of ten, or the two ends.
    pub(super) fn sparse_ticks(self) -> Vec<f64> {
        let ticks = self.ticks();
        match self {
            Self::Linear { .. } => match ticks.as_slice() {
                [first, .., last] => vec![*first, *last],
                _ => ticks,
            },
            Self::Logarithmic { .. } => {
                let is_power = |tick: &f64| (tick.log10() - tick.log10().round()).abs() < 1e-6;
                let powers: Vec<f64> = ticks.iter().copied().filter(is_power).collect();
                if powers.len() > 1 { powers } else { [ticks[0], ticks[ticks.len() - 1]].to_vec() }
            }
        }
    }

    /// Whether there is room for a tick at each power of ten only.
    fn has_powers_alone(self) -> bool {
        matches!(self, Self::Logarithmic { low, high } if high / low > 1000.5)
    }

    /// Further values that get a label where there is room for it: 2 and 5 times a power of ten, where
    /// the ticks are the powers alone.
    pub(super) fn between_ticks(self) -> Vec<f64> {
        match self {
            Self::Logarithmic { low, high } if self.has_powers_alone() && high / low < 50_000.0 => {
                let ticks = self.ticks();
                let inside = |value: &f64| *value >= low * 0.999 && *value <= high * 1.001;
                let known = |value: &f64| ticks.iter().any(|tick| (tick / value).ln().abs() < 1e-3);
                let all =
                    rounds(low).into_iter().chain(ticks.iter().flat_map(|t| [2.0 * t, 5.0 * t]));
                let mut all: Vec<f64> = all.filter(inside).filter(|value| !known(value)).collect();
                all.sort_by(f64::total_cmp);
                all.dedup_by(|a, b| (*a / *b).ln().abs() < 1e-3);
                all
            }
            Self::Linear { .. } | Self::Logarithmic { .. } => Vec::new(),
        }
    }

    /// The label of a tick.
    pub(super) fn label(self, tick: f64) -> String {
        match self {
            Self::Linear { step, .. } => {
                let decimals = (-step.log10().floor()).clamp(0.0, 9.0) as i32;
                number::exact(tick, decimals)
            }
            Self::Logarithmic { .. } => number::exact(tick, 6),
        }
    }
}

/// The 1, 2 or 5 times a power of ten that is not below `rough`.
fn round_step(rough: f64) -> f64 {
    rounds(rough).into_iter().find(|step| *step >= rough * 0.999_999).unwrap_or(rough)
}

fn rounds(value: f64) -> Vec<f64> {
    let exponent = value.log10().floor() as i32;
    (exponent - 1..=exponent + 1)
        .flat_map(|exponent| [1.0, 2.0, 5.0].map(|factor| factor * 10f64.powi(exponent)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        let ends = |values: &[f64]| match Scale::by_range(values.iter().copied(), 10.0) {
            Scale::Linear { low, high, .. } | Scale::Logarithmic { low, high } => (low, high),
        };
        assert_eq!(ends(&[30.0, 97.0]), (0.0, 100.0));
        assert_eq!(ends(&[3.0, 97.0]), (2.0, 100.0));
        assert_eq!(ends(&[]), (0.0, 1.0));
        assert_eq!(ends(&[0.0, f64::NAN, f64::INFINITY]), (0.0, 1.0));
    }

    #[test]
    fn every_axis_has_a_few_labels_that_differ() {
        for values in [[0.0, 1.0], [1e-7, 3e-7], [1.0, 9e7], [12.0, 13.0], [1e-3, 1e15]] {
            let scale = Scale::by_range(values, 10.0);
            let labels: Vec<_> = scale.ticks().into_iter().map(|t| scale.label(t)).collect();
            assert!((2..=12).contains(&labels.len()), "{values:?}: {labels:?}");
            assert!(labels.windows(2).all(|pair| pair[0] != pair[1]), "{values:?}: {labels:?}");
        }
    }

    #[test]
    fn four_decades_have_further_labels_where_there_is_room() {
        let scale = Scale::Logarithmic { low: 20.0, high: 50_000.0 };
        assert_eq!(scale.ticks(), [100.0, 1000.0, 10_000.0]);
        let expected = [20.0, 50.0, 200.0, 500.0, 2000.0, 5000.0, 20_000.0, 50_000.0];
        let found = scale.between_ticks();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        assert!(found.iter().zip(expected).all(|(f, e)| (f / e - 1.0).abs() < 1e-9), "{found:?}");
        assert_eq!(Scale::Logarithmic { low: 20.0, high: 500.0 }.between_ticks(), [0.0; 0]);
    }

    #[test]
    fn an_axis_holds_what_it_was_made_for_and_nothing_beyond() {
        for (values, ratio) in [([3.0, 4.1], 10.0), ([3.0, 67.0], 10.0), ([0.0, 0.1], 10.0)] {
            let scale = Scale::by_range(values, ratio);
            let inside =
                |value: &f64| scale.holds(*value) && (0.0..=1.0).contains(&scale.place(*value));
            assert!(values.iter().filter(|value| **value > 0.0).all(inside), "{scale:?}");
            assert!(!scale.holds(values[1] * 5.0) && scale.place(values[1] * 5.0) > 1.0);
            assert!(!scale.holds(f64::NAN) && !scale.holds(f64::INFINITY) && !scale.holds(-1.0));
        }
    }
}
