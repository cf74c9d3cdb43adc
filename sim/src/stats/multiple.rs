//! Many statements at once: how sure each has to be, so that all of them hold together.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::Estimate;
use super::estimate::student_t;

/// The p-values adjusted for how many there are, in the order given: those at most 1 − confidence may
/// be rejected together, with a chance of a single wrong rejection of at most that, whatever they
/// depend on (Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
/// Statistics 6, 1979).
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]).then(a.cmp(b)));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least: f64 = 0.0;
    for (rank, index) in order.into_iter().enumerate() {
        // A p-value that follows a larger one cannot be rejected before it.
        least = least.max(p_values[index] * (p_values.len() - rank) as f64).min(1.0);
        adjusted[index] = least;
    }
    adjusted
}

/// The chance of an estimate so far from the truth, on either side, where the truth is `distance`
/// away: two-sided, by Student's t with so many degrees of freedom, from a symmetric half-width at
/// `confidence`. 1 where the half-width is not known.
pub fn p_value(estimate: &Estimate, distance: f64, confidence: f64, freedom: f64) -> f64 {
    let Some(half_width) = estimate.half_width.filter(|width| width.is_finite()) else {
        return 1.0;
    };
    if distance <= 0.0 {
        return 1.0;
    }
    if half_width == 0.0 {
        return 0.0;
    }
    let t = distance / half_width * student_t(confidence, freedom);
    StudentsT::new(0.0, 1.0, freedom).map_or(1.0, |law| (2.0 * law.sf(t)).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_adjusted_values_are_those_of_holm_s_procedure() {
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        let expected = [0.03, 0.06, 0.06, 0.02];
        for (found, expected) in adjusted.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{adjusted:?}");
        }
        assert_eq!(holm(&[]), [0.0; 0]);
        assert_eq!(holm(&[0.7, 0.9]), [1.0, 1.0]);
    }

    #[test]
    fn at_its_half_width_an_estimate_has_the_p_value_that_its_confidence_leaves() {
        let estimate = Estimate::of_mean(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95);
        let half_width = estimate.half_width.expect("five values");
        assert!((p_value(&estimate, half_width, 0.95, 4.0) - 0.05).abs() < 1e-6);
        // Twice as far: t = 5.55289 with 4 degrees of freedom.
        let twice = p_value(&estimate, 2.0 * half_width, 0.95, 4.0);
        assert!((twice - 0.005_155).abs() < 2e-5, "{twice}");
    }

    #[test]
    fn what_is_not_known_is_no_evidence_and_what_does_not_vary_is() {
        let known = Estimate::of_mean(&[2.0, 2.0], 0.95);
        let unknown = Estimate::of_mean(&[2.0], 0.95);
        assert_eq!(p_value(&known, 1.0, 0.95, 1.0), 0.0);
        assert_eq!(p_value(&known, 0.0, 0.95, 1.0), 1.0);
        assert_eq!(p_value(&unknown, 1.0, 0.95, 1.0), 1.0);
    }

    /// Of 20 comparisons without any difference, with 4 replications each, one or more is called real
    /// in at most 5 % of the experiments; uncorrected it would be 64 %.
    #[test]
    fn among_many_comparisons_of_equals_hardly_ever_one_is_called_real() {
        use crate::random::{Purpose, Stream};
        use statrs::distribution::Normal;
        let normal = Normal::new(0.0, 1.0).expect("a law");
        let experiments = 600;
        let (mut wrong, mut uncorrected) = (0, 0);
        for experiment in 0..experiments {
            let stream = Stream::new(11, experiment, Purpose::Requests, 0);
            let p_values: Vec<f64> = (0..20)
                .map(|comparison| {
                    let values: Vec<f64> = (0..4)
                        .map(|i| normal.inverse_cdf(stream.uniform(comparison * 4 + i)))
                        .collect();
                    let estimate = Estimate::of_mean(&values, 0.95);
                    p_value(&estimate, estimate.mean.abs(), 0.95, 3.0)
                })
                .collect();
            wrong += u32::from(holm(&p_values).iter().any(|p| *p <= 0.05));
            uncorrected += u32::from(p_values.iter().any(|p| *p <= 0.05));
        }
        // 5 % of 600 is 30, with a standard deviation of 5.3; 64 % is 385, with one of 12.
        assert!((14..=46).contains(&wrong), "{wrong}");
        assert!((349..=421).contains(&uncorrected), "{uncorrected}");
    }
}
