//! The figures of a load test, and how close a simulation comes to them.

use sim::calibration::{Configured, Errors};
use sim::quantity::Quantity;
use sim::scenario::LatencyMetric;

/// The figures that any of the tests states, from the throughput to the rarest quantile.
pub(crate) fn stated(tests: &[Configured]) -> Vec<Quantity> {
    let mut probabilities: Vec<f64> =
        tests.iter().flat_map(|test| &test.measured.quantiles).map(|(p, _)| *p).collect();
    probabilities.sort_by(f64::total_cmp);
    probabilities.dedup();
    let quantiles = probabilities.into_iter().map(Quantity::quantile);
    let all = [Quantity::Throughput, Quantity::MEAN].into_iter().chain(quantiles);
    all.chain([Quantity::GcShare])
        .filter(|figure| tests.iter().any(|test| measured(*figure, test).is_some()))
        .collect()
}

/// As it was measured: requests per second, seconds, or a share.
pub(crate) fn measured(figure: Quantity, test: &Configured) -> Option<f64> {
    let measured = &test.measured;
    match figure {
        Quantity::Throughput => measured.throughput,
        Quantity::Latency(LatencyMetric::Mean) => measured.mean,
        Quantity::Latency(LatencyMetric::Quantile(wanted)) => at(&measured.quantiles, wanted),
        Quantity::GcShare => measured.gc_share,
        _ => None,
    }
}

/// As it was simulated, where it was measured.
pub(crate) fn simulated(figure: Quantity, test: &Configured) -> Option<f64> {
    let simulated = &test.simulated;
    measured(figure, test)?;
    match figure {
        Quantity::Throughput => Some(simulated.throughput),
        Quantity::Latency(LatencyMetric::Mean) => Some(simulated.mean),
        Quantity::Latency(LatencyMetric::Quantile(wanted)) => {
            let stated = test.measured.quantiles.iter().map(|(probability, _)| *probability);
            let mut found = stated.zip(&simulated.quantiles);
            found.find(|(probability, _)| *probability == wanted).map(|(_, value)| *value)
        }
        Quantity::GcShare => Some(simulated.gc_share),
        _ => None,
    }
}

/// The relative error, where there is one.
pub(crate) fn error(figure: Quantity, errors: &Errors) -> Option<f64> {
    let error = match figure {
        Quantity::Throughput => errors.throughput,
        Quantity::Latency(LatencyMetric::Mean) => errors.mean,
        Quantity::Latency(LatencyMetric::Quantile(wanted)) => at(&errors.quantiles, wanted),
        Quantity::GcShare => errors.gc_share,
        _ => None,
    };
    error.filter(|error| error.is_finite())
}

fn at(quantiles: &[(f64, f64)], wanted: f64) -> Option<f64> {
    quantiles.iter().find(|(probability, _)| *probability == wanted).map(|(_, value)| *value)
}

/// Absolute errors of one figure over some tests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Closeness {
    /// The middle one, or the mean of the two in the middle.
    pub(crate) median: f64,
    /// The largest.
    pub(crate) worst: f64,
    /// How many there are.
    pub(crate) figures: usize,
}

impl Closeness {
    /// Over the tests that state the figure; none where none does.
    pub(crate) fn of<'a>(
        figure: Quantity,
        tests: impl IntoIterator<Item = &'a Configured>,
    ) -> Option<Self> {
        let errors = tests.into_iter().filter_map(|test| error(figure, &test.errors));
        let mut sizes: Vec<f64> = errors.map(f64::abs).collect();
        sizes.sort_by(f64::total_cmp);
        let figures = sizes.len();
        let worst = *sizes.last()?;
        let median = f64::midpoint(sizes[(figures - 1) / 2], sizes[figures / 2]);
        Some(Self { median, worst, figures })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::fabricated;

    fn closeness(errors: &[Option<f64>]) -> Option<Closeness> {
        let mut test = fabricated::gateway().tests.swap_remove(0);
        let of = |error: &Option<f64>| {
            test.errors.mean = *error;
            test.clone()
        };
        let tests: Vec<Configured> = errors.iter().map(of).collect();
        Closeness::of(Quantity::MEAN, &tests)
    }

    #[test]
    fn the_median_is_the_middle_of_the_sizes_and_the_worst_the_largest() {
        let found = closeness(&[Some(-0.3), Some(0.1), Some(0.02)]);
        assert_eq!(found, Some(Closeness { median: 0.1, worst: 0.3, figures: 3 }));
        let found = closeness(&[Some(0.25), Some(-0.5), Some(0.0), Some(0.75)]);
        assert_eq!(found, Some(Closeness { median: 0.375, worst: 0.75, figures: 4 }));
        let found = closeness(&[Some(-0.25)]);
        assert_eq!(found, Some(Closeness { median: 0.25, worst: 0.25, figures: 1 }));
    }

    #[test]
    fn what_is_not_stated_or_no_number_does_not_count() {
        let found = closeness(&[None, Some(0.25), Some(f64::INFINITY), Some(f64::NAN)]);
        assert_eq!(found.map(|found| found.figures), Some(1));
        assert_eq!(closeness(&[None]), None);
        assert_eq!(closeness(&[]), None);
    }

    #[test]
    fn figures_are_those_that_any_test_states() {
        let names = |tests: &[Configured]| {
            stated(tests).into_iter().map(Quantity::words).collect::<Vec<_>>()
        };
        let tests = fabricated::gateway().tests;
        let expected =
            ["throughput", "mean", "p75", "p90", "p95", "p98", "p99", "p99.9", "GC share"];
        assert_eq!(names(&tests), expected);
        assert_eq!(names(&fabricated::capacities().tests), ["throughput"]);
        assert_eq!(names(&[]), Vec::<String>::new());
    }

    #[test]
    fn errors_are_those_of_the_measured_and_simulated_values() {
        for test in fabricated::gateway().tests {
            for figure in stated(std::slice::from_ref(&test)) {
                let measured = measured(figure, &test).expect("stated");
                let simulated = simulated(figure, &test).expect("simulated");
                let error = error(figure, &test.errors).expect("finite");
                assert!((simulated / measured - 1.0 - error).abs() < 1e-12, "{}", figure.words());
            }
        }
    }
}
