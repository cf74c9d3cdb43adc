//! Intervals of means that a few large values decide.
//!
//! A mean that a few large values make up is more often too low than too high, and where it is too low its
//! standard error is, too: Student's interval ends too soon above. Hall's transformation lengthens it there
//! by the skewness (On the Removal of Skewness by Transformation, J. R. Statist. Soc. B 54, 1992).

use super::estimate::{Estimate, student_t};

impl Estimate {
    /// The ratio of two sums as [`Estimate::of_ratio`] has it, with an interval that takes account of the
    /// skewness of the ratio.
    pub fn of_skewed_ratio(pairs: &[(f64, f64)], skewness: f64, confidence: f64) -> Option<Self> {
        let found = Self::of_ratio(pairs, confidence)?;
        let Some(half_width) = found.half_width.filter(|_| skewness != 0.0) else {
            return Some(found);
        };
        let t = student_t(confidence, pairs.len() as f64 - 1.0);
        let end = |t_of_end: f64| found.mean - half_width / t * unskewed(t_of_end, skewness);
        Some(Self::between(found.mean, Some(end(t)), Some(end(-t))))
    }
}

/// The skewness of a sum of independent values, of which some are given: third moment by second to the power
/// of 1.5, about their mean. It is that of one value divided by the root of their number.
pub(crate) fn of_sum(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let moment = |power: i32| values.iter().map(|value| (value - mean).powi(power)).sum::<f64>();
    let squares = moment(2);
    if squares > 0.0 { moment(3) / squares.powf(1.5) } else { 0.0 }
}

/// What a studentised mean would have to be for Hall's function of it, which is nearly normal, to be `x`: the
/// inverse of his g₁, of which γ/√n is the skewness of the sum, a = 1/3 and b = 1/6.
fn unskewed(x: f64, skewness: f64) -> f64 {
    let (a, b) = (1.0 / 3.0, 1.0 / 6.0);
    ((1.0 + 3.0 * a * skewness * (x - b * skewness)).cbrt() - 1.0) / (a * skewness)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_undoes_hall_s_transformation() {
        for skewness in [-1.5, -0.2, 0.01, 0.4, 2.0] {
            for t in [-3.0, -0.5, 0.0, 1.0, 4.0_f64] {
                // g₁(T) = T + γ/√n (a T² + b) + (a γ)² T³ / (3 n).
                let (a, b) = (1.0 / 3.0, 1.0 / 6.0);
                let g = t + skewness * (a * t * t + b) + (a * skewness).powi(2) * t.powi(3) / 3.0;
                assert!((unskewed(g, skewness) - t).abs() < 1e-9, "{skewness} {t}");
            }
        }
    }

    #[test]
    fn the_skewness_of_a_sum_is_that_of_a_value_by_the_root_of_their_number() {
        // Of one in four, p = 1/4: (1 - 2p) / √(p (1 - p)).
        let values: Vec<f64> = (0..100).map(|i| f64::from(i32::from(i % 4 == 0))).collect();
        let of_one = 0.5 / (0.25_f64 * 0.75).sqrt();
        assert!((of_sum(&values) - of_one / 10.0).abs() < 1e-12);
        assert_eq!((of_sum(&[3.0; 5]), of_sum(&[])), (0.0, 0.0));
    }

    #[test]
    fn a_mean_without_skewness_has_student_s_interval_and_one_with_it_is_longer_above() {
        let pairs = [(1.0, 1.0), (2.0, 1.0), (6.0, 1.0)];
        let student = Estimate::of_ratio(&pairs, 0.95);
        assert_eq!(Estimate::of_skewed_ratio(&pairs, 0.0, 0.95), student);
        let (student, skewed) =
            (student.expect("a ratio"), Estimate::of_skewed_ratio(&pairs, 0.7, 0.95).expect("too"));
        assert_eq!(skewed.mean, 3.0);
        assert!(skewed.upper > student.upper && skewed.lower > student.lower, "{skewed:?}");
        assert_eq!(Estimate::of_skewed_ratio(&pairs[..1], 0.7, 0.95), Some(Estimate::unknown(1.0)));
    }
}
