//! Bounds on how often something rare happens, from how often it was seen.

use statrs::function::gamma::{gamma_lr, gamma_ur};

/// The bounds of the mean of a Poisson count of which `count` were seen, each with this confidence
/// (Garwood, Fiducial limits for the Poisson distribution, Biometrika 28, 1936). Of what was not
/// seen at all the mean is below -ln(1 - confidence): the rule of three (Hanley and Lippman-Hand,
/// If nothing goes wrong, is everything all right?, JAMA 249, 1983). A `count` that is not whole is
/// that of a longer run, foreseen from a shorter one.
///
/// # Panics
///
/// If `count` is negative or no number, or `confidence` is not in 0.5..1.
pub fn poisson_bounds(count: f64, confidence: f64) -> (f64, f64) {
    assert!(count >= 0.0 && (0.5..1.0).contains(&confidence), "{count} at {confidence}");
    let tail = 1.0 - confidence;
    // P(at least `count`) grows with the mean, P(at most `count`) falls.
    let lower =
        if count > 0.0 { crossing(0.0, count, |mean| gamma_lr(count, mean) > tail) } else { 0.0 };
    let far = count + 10.0 + 10.0 * (count + 1.0).sqrt() - 2.0 * tail.ln();
    let upper = crossing(count, far, |mean| gamma_ur(count + 1.0, mean) < tail);
    (lower, upper)
}

/// How likely a Poisson count with this mean is at most `count`, whole or not.
pub fn poisson_at_most(count: f64, mean: f64) -> f64 {
    if mean > 0.0 { gamma_ur(count + 1.0, mean) } else { 1.0 }
}

/// How likely a Poisson count with this mean is at least `count`, whole or not.
pub fn poisson_at_least(count: f64, mean: f64) -> f64 {
    match (count > 0.0, mean > 0.0) {
        (false, _) => 1.0,
        (true, false) => 0.0,
        (true, true) => gamma_lr(count, mean),
    }
}

/// Where between two numbers a condition begins to hold, by halving.
fn crossing(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    while high - low > 1e-9 * high {
        let middle = 0.5 * (low + high);
        if holds(middle) { high = middle } else { low = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_those_of_the_published_table() {
        // Half the quantiles of chi-square at 2 and 2 (k + 1) degrees of freedom, 95 % each.
        let cases = [(0.0, 0.0, 2.9957), (1.0, 0.0513, 4.7439), (5.0, 1.9701, 10.5130)];
        for (count, lower, upper) in cases {
            let found = poisson_bounds(count, 0.95);
            assert!((found.0 - lower).abs() < 1e-4 && (found.1 - upper).abs() < 1e-4, "{found:?}");
        }
    }

    #[test]
    fn chances_of_counts_are_sums_of_the_poisson_law() {
        let term = |count: i32| {
            (-3.0_f64).exp() * 3.0_f64.powi(count) / (1..=count).map(f64::from).product::<f64>()
        };
        let at_most_two: f64 = (0..=2).map(term).sum();
        assert!((poisson_at_most(2.0, 3.0) - at_most_two).abs() < 1e-12);
        assert!((poisson_at_least(3.0, 3.0) - (1.0 - at_most_two)).abs() < 1e-12);
        assert!((poisson_at_most(0.0, 3.0) - (-3.0_f64).exp()).abs() < 1e-12);
        assert_eq!((poisson_at_least(0.0, 3.0), poisson_at_least(1.0, 0.0)), (1.0, 0.0));
        assert_eq!(poisson_at_most(0.0, 0.0), 1.0);
    }

    #[test]
    fn many_have_the_bounds_of_a_normal_count() {
        let (lower, upper) = poisson_bounds(1e6, 0.975);
        assert!((lower - (1e6 - 1959.96)).abs() < 4.0, "{lower}");
        assert!((upper - (1e6 + 1959.96)).abs() < 4.0, "{upper}");
    }
}
