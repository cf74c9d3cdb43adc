//! A number with its half-width, from independent replications.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// A point estimate and its confidence interval, which may be open.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// The point estimate.
    pub mean: f64,
    /// The longer side of the confidence interval, where both sides are known.
    pub half_width: Option<f64>,
    /// The lower end of the confidence interval; none where it is open below: nothing is known there.
    pub lower: Option<f64>,
    /// The upper end of the confidence interval; none where it is open above, as where too few values
    /// lie beyond a quantile.
    pub upper: Option<f64>,
    /// The half-width that would remain with any number of replications, since calibrations leave open so
    /// much; 0 where none says that it does.
    pub of_calibration: f64,
}

impl Estimate {
    /// An estimate of which the interval is unknown, as that of one replication.
    pub fn unknown(mean: f64) -> Self {
        Self { mean, half_width: None, lower: None, upper: None, of_calibration: 0.0 }
    }

    /// An estimate with an interval that is as long on both sides.
    pub fn symmetric(mean: f64, half_width: f64) -> Self {
        Self {
            mean,
            half_width: Some(half_width),
            lower: Some(mean - half_width),
            upper: Some(mean + half_width),
            of_calibration: 0.0,
        }
    }

    /// An estimate with an interval of which each side may be open; the estimate lies in it.
    pub fn between(mean: f64, lower: Option<f64>, upper: Option<f64>) -> Self {
        let lower = lower.map(|lower| lower.min(mean));
        let upper = upper.map(|upper| upper.max(mean));
        let half_width = lower.zip(upper).map(|(lower, upper)| (mean - lower).max(upper - mean));
        Self { mean, half_width, lower, upper, of_calibration: 0.0 }
    }

    /// Whether the whole interval is at or below a limit.
    pub fn is_at_most(&self, limit: f64) -> bool {
        self.upper.is_some_and(|upper| upper <= limit)
    }

    /// Whether the whole interval is at or above a limit.
    pub fn is_at_least(&self, limit: f64) -> bool {
        self.lower.is_some_and(|lower| lower >= limit)
    }

    /// Whether the whole interval is below a limit, and does not touch it.
    pub fn is_below(&self, limit: f64) -> bool {
        self.upper.is_some_and(|upper| upper < limit)
    }

    /// Whether the whole interval is above a limit, and does not touch it.
    pub fn is_above(&self, limit: f64) -> bool {
        self.lower.is_some_and(|lower| lower > limit)
    }

    /// Whether a side of the interval is known and none excludes the value.
    pub fn covers(&self, value: f64) -> bool {
        (self.lower.is_some() || self.upper.is_some())
            && !self.is_below(value)
            && !self.is_above(value)
    }

    /// The mean of one value per replication; the interval is Student's.
    pub fn of_mean(values: &[f64], confidence: f64) -> Self {
        let pairs: Vec<(f64, f64)> = values.iter().map(|value| (*value, 1.0)).collect();
        Self::of_ratio(&pairs, confidence).unwrap_or(Self::unknown(0.0))
    }

    /// The ratio of two sums, one pair (numerator, denominator) per replication; none where the
    /// denominators are all 0. The interval is that of the linearised ratio (Law, Simulation Modeling
    /// and Analysis, 5th ed., 2015, section 9.5.3).
    pub fn of_ratio(pairs: &[(f64, f64)], confidence: f64) -> Option<Self> {
        let Ratio { value: ratio, denominator, residuals } = Ratio::of(pairs)?;
        let half_width = error_of_sum(&residuals, confidence).map(|error| error / denominator);
        Some(Self::with_half_width(ratio, half_width))
    }

    /// The standard deviation of values of which each replication gives (count, sum, sum of squares);
    /// none where there are no values. The interval is that of the linearised function of the sums.
    pub fn of_deviation(moments: &[(f64, f64, f64)], confidence: f64) -> Option<Self> {
        let total = |part: fn(&(f64, f64, f64)) -> f64| moments.iter().map(part).sum::<f64>();
        let count = total(|moment| moment.0);
        if count <= 0.0 {
            return None;
        }
        let mean = total(|moment| moment.1) / count;
        let variance = (total(|moment| moment.2) / count - mean * mean).max(0.0);
        let residual = |(count, sum, squares): &(f64, f64, f64)| {
            squares - 2.0 * mean * sum + (mean * mean - variance) * count
        };
        let residuals: Vec<f64> = moments.iter().map(residual).collect();
        let deviation = variance.sqrt();
        let half_width = error_of_sum(&residuals, confidence)
            .map(|error| if deviation > 0.0 { error / count / (2.0 * deviation) } else { 0.0 });
        Some(Self::with_half_width(deviation, half_width))
    }

    fn with_half_width(mean: f64, half_width: Option<f64>) -> Self {
        half_width.map_or(Self::unknown(mean), |half_width| Self::symmetric(mean, half_width))
    }

    /// The estimate in another unit; a negative factor turns the interval round.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        let scale = |value: f64| value * factor;
        let (lower, upper) =
            if factor < 0.0 { (self.upper, self.lower) } else { (self.lower, self.upper) };
        Self {
            mean: scale(self.mean),
            half_width: self.half_width.map(|half_width| half_width * factor.abs()),
            lower: lower.map(scale),
            upper: upper.map(scale),
            of_calibration: self.of_calibration * factor.abs(),
        }
    }

    /// The estimate in a larger unit. Dividing is exact where multiplying with the reciprocal is not: 250
    /// million nanoseconds are 250 ms.
    #[must_use]
    pub fn divided(self, by: f64) -> Self {
        let divide = |value: f64| value / by;
        Self {
            mean: divide(self.mean),
            half_width: self.half_width.map(divide),
            lower: self.lower.map(divide),
            upper: self.upper.map(divide),
            of_calibration: divide(self.of_calibration),
        }
    }

    /// The size of a difference, without its sign.
    #[must_use]
    pub fn magnitude(self) -> Self {
        if self.mean < 0.0 { self.scaled(-1.0) } else { self }
    }

    /// The estimate of what is missing to 1.
    #[must_use]
    pub fn complement(self) -> Self {
        let rest = |end: f64| 1.0 - end;
        Self {
            mean: rest(self.mean),
            half_width: self.half_width,
            lower: self.upper.map(rest),
            upper: self.lower.map(rest),
            of_calibration: self.of_calibration,
        }
    }

    /// The estimate with an independent error in its interval, of these standard errors downwards and
    /// upwards: the squares of both parts of each side add up. The interval of the error is normal: it is
    /// that of a fit to many figures, not of a few replications.
    #[must_use]
    pub(crate) fn widened(self, below: f64, above: f64, confidence: f64) -> Self {
        if below == 0.0 && above == 0.0 {
            return self;
        }
        let z = standard_normal(confidence);
        let side = |end: Option<f64>, error: f64| {
            end.map(|end| (end - self.mean).hypot(z * error)).filter(|width| width.is_finite())
        };
        let (lower, upper) = (side(self.lower, below), side(self.upper, above));
        let (lower, upper) =
            (lower.map(|width| self.mean - width), upper.map(|width| self.mean + width));
        Self { of_calibration: z * below.max(above), ..Self::between(self.mean, lower, upper) }
    }

    /// The half-width as a fraction of the estimate; none where either is unknown or zero.
    pub fn relative_half_width(&self) -> Option<f64> {
        self.half_width.filter(|_| self.mean != 0.0).map(|half_width| half_width / self.mean.abs())
    }
}

/// A ratio of two sums of pairs.
pub(crate) struct Ratio {
    value: f64,
    denominator: f64,
    /// By how much each numerator is above what its denominator makes expected.
    pub(crate) residuals: Vec<f64>,
}

impl Ratio {
    /// None where the denominators are all 0.
    pub(crate) fn of(pairs: &[(f64, f64)]) -> Option<Self> {
        let numerator: f64 = pairs.iter().map(|pair| pair.0).sum();
        let denominator: f64 = pairs.iter().map(|pair| pair.1).sum();
        if denominator <= 0.0 {
            return None;
        }
        let value = numerator / denominator;
        let residuals = pairs.iter().map(|pair| pair.0 - value * pair.1).collect();
        Some(Self { value, denominator, residuals })
    }
}

/// Half-width of the confidence interval of a sum of independent values that have the mean 0.
fn error_of_sum(values: &[f64], confidence: f64) -> Option<f64> {
    let count = values.len() as f64;
    if values.len() < 2 {
        return None;
    }
    let variance = values.iter().map(|value| value * value).sum::<f64>() / (count - 1.0);
    Some(student_t(confidence, count - 1.0) * (count * variance).sqrt())
}

/// The quantile of Student's t that bounds a two-sided interval.
pub(crate) fn student_t(confidence: f64, freedom: f64) -> f64 {
    let upper = 0.5 * (1.0 + confidence);
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, |law| law.inverse_cdf(upper))
}

/// The quantile of the normal law that bounds a two-sided interval.
pub(crate) fn standard_normal(confidence: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 * (1.0 + confidence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_mean_is_student_s() {
        let estimate = Estimate::of_mean(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95);
        assert_eq!(estimate.mean, 3.0);
        // t(4, 0.975) = 2.776445, s = √2.5, n = 5.
        let half_width = estimate.half_width.expect("five values");
        assert!((half_width - 2.776_445 * (2.5_f64 / 5.0).sqrt()).abs() < 1e-5, "{half_width}");
    }

    #[test]
    fn one_replication_has_no_half_width() {
        assert_eq!(Estimate::of_mean(&[7.0], 0.95), Estimate::unknown(7.0));
    }

    #[test]
    fn a_ratio_weighs_replications_by_their_denominators() {
        let estimate = Estimate::of_ratio(&[(1.0, 1.0), (9.0, 3.0)], 0.95).expect("not empty");
        assert_eq!(estimate.mean, 2.5);
        assert_eq!(Estimate::of_ratio(&[(0.0, 0.0)], 0.95), None);
    }

    #[test]
    fn the_deviation_is_that_of_all_values() {
        let moments = [(2.0, 3.0, 5.0), (2.0, 7.0, 25.0)];
        let estimate = Estimate::of_deviation(&moments, 0.95).expect("not empty");
        // 1, 2, 3, 4 have the variance 1.25.
        assert!((estimate.mean - 1.25_f64.sqrt()).abs() < 1e-12);
        assert_eq!(Estimate::of_deviation(&[(0.0, 0.0, 0.0)], 0.95), None);
    }

    #[test]
    fn the_interval_of_a_deviation_is_that_of_the_squares_about_the_mean() {
        let replications: [&[f64]; 3] = [&[1.0, 2.0, 6.0], &[3.0, 9.0], &[4.0, 4.0, 5.0, 11.0]];
        let moment = |values: &&[f64]| {
            let squares = values.iter().map(|value| value * value).sum();
            (values.len() as f64, values.iter().sum(), squares)
        };
        let found = Estimate::of_deviation(&replications.each_ref().map(moment), 0.95);
        // From the values themselves: of 9 with the mean 5, by how much the squares of the distances
        // from it, of each replication, exceed what is expected of so many.
        let about = |values: &&[f64]| -> f64 { values.iter().map(|v| (v - 5.0).powi(2)).sum() };
        let variance = replications.iter().map(about).sum::<f64>() / 9.0;
        let excess = replications.map(|values| about(&values) - variance * values.len() as f64);
        let spread = (excess.iter().map(|excess| excess.powi(2)).sum::<f64>() / 2.0 * 3.0).sqrt();
        // t(2, 0.975) = 4.302653; the root of the variance varies by 1 / 2σ of what the variance does.
        let expected = 4.302_653 * spread / 9.0 / (2.0 * variance.sqrt());
        let half_width = found.and_then(|found| found.half_width).expect("three replications");
        assert!((half_width / expected - 1.0).abs() < 1e-6, "{half_width}, exactly {expected}");
    }

    #[test]
    fn what_never_varies_has_no_deviation_for_certain() {
        let constant = [(2.0, 14.0, 98.0), (3.0, 21.0, 147.0)];
        assert_eq!(Estimate::of_deviation(&constant, 0.95), Some(Estimate::symmetric(0.0, 0.0)));
    }

    #[test]
    fn the_ends_of_an_interval_lie_about_the_mean_and_move_with_it() {
        let found = Estimate::symmetric(5.0, 2.0);
        assert_eq!((found.lower, found.upper), (Some(3.0), Some(7.0)));
        let turned = Estimate::between(5.0, Some(4.0), Some(8.0)).scaled(-2.0);
        assert_eq!(turned, Estimate::between(-10.0, Some(-16.0), Some(-8.0)));
        assert_eq!(turned.magnitude(), Estimate::between(10.0, Some(8.0), Some(16.0)));
        assert_eq!(found.magnitude(), found);
        let none = Estimate::between(0.0, Some(-1.0), Some(3.0));
        assert_eq!(none.magnitude(), none);
        assert_eq!(found.divided(4.0), Estimate::symmetric(1.25, 0.5));
        let share = Estimate::between(0.25, Some(0.125), Some(0.75));
        assert_eq!(share.complement(), Estimate::between(0.75, Some(0.25), Some(0.875)));
    }

    #[test]
    fn a_limit_is_passed_by_the_whole_interval_or_not_at_all() {
        let found = Estimate::symmetric(5.0, 2.0);
        let about = |limit: f64| {
            [found.is_below(limit), found.is_at_most(limit), found.is_at_least(limit)]
                .into_iter()
                .chain([found.is_above(limit), found.covers(limit)])
                .collect::<Vec<_>>()
        };
        assert_eq!(about(2.5), [false, false, true, true, false]);
        assert_eq!(about(3.0), [false, false, true, false, true]);
        assert_eq!(about(5.0), [false, false, false, false, true]);
        assert_eq!(about(7.0), [false, true, false, false, true]);
        assert_eq!(about(7.5), [true, true, false, false, false]);
    }

    #[test]
    fn a_relative_half_width_is_a_share_of_the_size() {
        assert_eq!(Estimate::symmetric(-8.0, 2.0).relative_half_width(), Some(0.25));
        assert_eq!(Estimate::symmetric(0.0, 2.0).relative_half_width(), None);
        assert_eq!(Estimate::unknown(8.0).relative_half_width(), None);
    }

    #[test]
    fn an_open_side_excludes_nothing_and_a_negative_factor_turns_the_sides_round() {
        let at_least = Estimate::between(5.0, Some(4.0), None);
        assert_eq!(at_least.half_width, None);
        assert!(at_least.is_above(3.9) && at_least.is_at_least(4.0) && !at_least.is_above(4.0));
        assert!(!at_least.is_below(1e300) && at_least.covers(1e300) && !at_least.covers(3.9));
        assert!(!Estimate::unknown(5.0).covers(5.0));
        let turned = at_least.scaled(-2.0);
        assert_eq!((turned.mean, turned.lower, turned.upper), (-10.0, None, Some(-8.0)));
        assert!(turned.is_at_most(-8.0) && !turned.is_below(-8.0));
        assert_eq!(Estimate::between(5.0, Some(4.0), Some(8.0)).half_width, Some(3.0));
    }

    #[test]
    fn an_independent_error_widens_each_side_by_its_square_and_leaves_open_what_is() {
        // 1.96 standard errors of 2 and of 4, beside half-widths of 3.
        let found = Estimate::symmetric(10.0, 3.0).widened(2.0, 4.0, 0.95);
        let width = |error: f64| (9.0 + (1.959_964 * error).powi(2)).sqrt();
        let near = |end: Option<f64>, exact: f64| end.is_some_and(|end| (end - exact).abs() < 1e-5);
        assert!(near(found.lower, 10.0 - width(2.0)) && near(found.upper, 10.0 + width(4.0)));
        assert!(near(found.half_width, width(4.0)), "{found:?}");
        assert!(near(Some(found.of_calibration), 4.0 * 1.959_964), "{found:?}");
        assert!(near(Some(found.scaled(-2.0).of_calibration), 8.0 * 1.959_964));
        let open = Estimate::between(10.0, Some(8.0), None).widened(1.0, 1.0, 0.95);
        assert_eq!(open.upper, None);
        let unknown = Estimate::symmetric(10.0, 3.0).widened(f64::INFINITY, 1.0, 0.95);
        assert_eq!((unknown.lower, unknown.upper.is_some()), (None, true));
        let found = Estimate::symmetric(10.0, 3.0);
        assert_eq!(found.widened(0.0, 0.0, 0.95), found);
        assert_eq!(Estimate::unknown(1.0).widened(1.0, 1.0, 0.95).half_width, None);
    }
}
