//! Measured silences beside simulated ones: which of their figures are compared, and how far apart
//! chance alone may bring them.

use crate::measurement::Measurement;
use crate::stats::{ENOUGH_SILENCES, Longer, Silences};

/// What is tolerated however many silences there are: a model of pauses is no more exact.
const FLOOR: f64 = 0.03;
/// Instants are whole milliseconds: what that leaves open of a mean length, seconds.
const RESOLUTION: f64 = 0.000_3;
/// Where one silence may be seen and none, which have no ratio: half a silence more of each.
const HALF: f64 = 0.5;

/// A figure of the silences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figure {
    /// As measured.
    pub(super) measured: f64,
    /// As simulated.
    pub(super) simulated: f64,
    /// The difference that is tolerated, as a share.
    pub(super) tolerance: f64,
}

/// How many figures a test states of its silences.
pub(super) fn count(test: &Measurement) -> usize {
    let Some((silences, rate)) = stated(test) else { return 0 };
    silences.telling(rate).map(|threshold| 1 + usize::from(lasting(silences, threshold))).sum()
}

/// The figures of the silences that a test states: above each threshold that tells something, how many
/// there are and, of enough of them, their mean excess.
pub(super) fn figures(test: &Measurement, simulated: Option<&Silences>) -> Vec<Figure> {
    let Some(((silences, rate), simulated)) = stated(test).zip(simulated) else {
        return Vec::new();
    };
    let share = silences.observed_seconds() / simulated.observed_seconds().max(1e-3);
    let mut found = Vec::new();
    for threshold in silences.telling(rate) {
        let (longer, other) = (silences.longer(threshold), simulated.longer(threshold));
        found.push(number(longer, other, share));
        if lasting(silences, threshold) {
            found.push(excess(longer, other, share));
        }
    }
    found
}

/// The silences and the rate of answers.
fn stated(test: &Measurement) -> Option<(&Silences, f64)> {
    test.silences.as_ref().zip(test.throughput)
}

fn lasting(silences: &Silences, threshold: usize) -> bool {
    silences.longer(threshold).count() >= ENOUGH_SILENCES
}

/// Of the numbers in equal times. `share` is that of the measured in the simulated time: what is tolerated
/// counts the silences that the simulation should see, so that it does not depend on what is fitted.
fn number(measured: &Longer, simulated: &Longer, share: f64) -> Figure {
    let variance = measured.variance_of_count() * (1.0 + share);
    Figure {
        measured: measured.count() as f64 + HALF,
        simulated: simulated.count() as f64 * share + HALF,
        tolerance: (variance + FLOOR * FLOOR).sqrt(),
    }
}

/// Of the mean excesses; a simulation without such silences has one that is hardly longer than none.
fn excess(measured: &Longer, simulated: &Longer, share: f64) -> Figure {
    let mean = measured.mean_excess().unwrap_or(0.0);
    let variance = measured.variance_of_excess() * (1.0 + share);
    Figure {
        measured: mean + RESOLUTION,
        simulated: simulated.mean_excess().unwrap_or(0.0) + RESOLUTION,
        tolerance: (variance + FLOOR * FLOOR).sqrt() + RESOLUTION / mean.max(RESOLUTION),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer in every millisecond, but for so many after each second.
    fn pauses(seconds: u64, length_ms: u64) -> Silences {
        let mut silences = Silences::default();
        let answered = |ms: &u64| ms % 1000 == 0 || ms % 1000 >= length_ms;
        (0..seconds * 1000).filter(answered).for_each(|ms| silences.answered(ms));
        silences
    }

    fn test(silences: Option<Silences>) -> Measurement {
        Measurement { silences, ..crate::measurement::fabricated::measurement() }
    }

    #[test]
    fn equal_silences_are_equal_however_long_each_was_watched() {
        let measured = test(Some(pauses(100, 30)));
        let found = figures(&measured, Some(&pauses(400, 30)));
        // At 2000 answers a second 10 ms is beyond chance; nothing is longer than 40 ms.
        assert_eq!(found.len(), 5);
        assert_eq!(count(&measured), found.len());
        for figure in found {
            let off = figure.simulated / figure.measured - 1.0;
            let known = figure.tolerance < 0.1 || figure.measured == HALF;
            assert!(off.abs() < 0.01 && known, "{figure:?}");
        }
    }

    #[test]
    fn where_nothing_is_silent_a_simulation_should_not_be_either() {
        let measured = test(Some(pauses(100, 1)));
        let found = figures(&measured, Some(&pauses(100, 30)));
        assert_eq!((found.len(), count(&measured)), (1, 1));
        assert!(found[0].simulated > 100.0 * found[0].measured);
    }

    #[test]
    fn a_test_without_silences_states_no_figure_of_them() {
        assert_eq!((count(&test(None)), figures(&test(None), None)), (0, Vec::new()));
        let slow = Measurement { throughput: Some(1.0), ..test(Some(pauses(100, 30))) };
        assert_eq!((count(&slow), figures(&slow, Some(&pauses(100, 30)))), (0, Vec::new()));
    }
}
