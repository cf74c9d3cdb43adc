//! Measured silences beside simulated ones: which of their figures are compared, and how far apart
//! chance alone may bring them.
//!
//! Three kinds of figures, of which each moves with something else and hardly with the others: how many
//! silences there are above the least threshold that tells something (how often the node pauses), their
//! mean excess over it (for how long), and for each threshold the odds that a silence longer than it is
//! longer than the next one, too (how unequal pauses are, and whether they are of two kinds). The odds
//! of a ladder are independent of one another, as hazards are (Cox, Regression models and life-tables,
//! JRSS B 34, 1972); numbers above each threshold would repeat one another, and numbers between two
//! would not say that pauses come more regularly than by chance.

use crate::measurement::{Measurement, RESOLUTION};
use crate::stats::{ENOUGH_SILENCES, Longer, Silences};

/// What is tolerated however many silences there are: a model of pauses is no more exact.
const FLOOR: f64 = 0.03;
/// Where there may be no silence, there is no ratio: half a silence more of each.
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
    figures(test, test.silences.as_ref()).len()
}

/// The figures of the silences that a test states beside those of its simulation.
pub(super) fn figures(test: &Measurement, simulated: Option<&Silences>) -> Vec<Figure> {
    let Some((measured, simulated)) = test.silences.as_ref().zip(simulated) else {
        return Vec::new();
    };
    let thresholds: Vec<usize> = measured.telling(test.throughput.unwrap_or(0.0)).collect();
    let Some(least) = thresholds.first() else { return Vec::new() };
    let share = measured.observed_seconds() / simulated.observed_seconds().max(1e-3);
    let (longer, other) = (measured.longer(*least), simulated.longer(*least));
    let mut found = vec![number(longer, other, share)];
    if longer.count() >= ENOUGH_SILENCES {
        found.push(excess(longer, other, share));
    }
    found.extend(thresholds.windows(2).map(|pair| {
        let of = |silences: &Silences| {
            (silences.longer(pair[0]).count() as f64, silences.longer(pair[1]).count() as f64)
        };
        odds(of(measured), of(simulated), share)
    }));
    found
}

/// Of the numbers in equal times. `share` is that of the measured in the simulated time: what is
/// tolerated counts the silences that the simulation should see, so that it does not depend on what is
/// fitted.
fn number(measured: &Longer, simulated: &Longer, share: f64) -> Figure {
    let variance = measured.variance_of_count() * (1.0 + share);
    Figure {
        measured: measured.count() as f64 + HALF,
        simulated: simulated.count() as f64 * share + HALF,
        tolerance: variance.sqrt() + FLOOR,
    }
}

/// Of the mean excesses; a simulation without such silences has one that is hardly longer than none.
fn excess(measured: &Longer, simulated: &Longer, share: f64) -> Figure {
    let mean = measured.mean_excess().unwrap_or(0.0);
    let variance = measured.variance_of_excess() * (1.0 + share);
    Figure {
        measured: mean + RESOLUTION,
        simulated: simulated.mean_excess().unwrap_or(0.0) + RESOLUTION,
        tolerance: variance.sqrt() + FLOOR + RESOLUTION / mean.max(RESOLUTION),
    }
}

/// Of the odds that a silence above a threshold is above the next. The variance of their logarithm is the
/// sum of the reciprocals of both numbers (Woolf, Annals of Human Genetics 19, 1955).
fn odds(measured: (f64, f64), simulated: (f64, f64), share: f64) -> Figure {
    let (above, below) = (measured.1 + HALF, measured.0 - measured.1 + HALF);
    // Of a simulation as long as the test, so that half a silence is as much in both.
    let (other_above, other_below) =
        (simulated.1 * share + HALF, (simulated.0 - simulated.1) * share + HALF);
    let variance = (1.0 / above + 1.0 / below) * (1.0 + share);
    Figure {
        measured: above / below,
        simulated: other_above / other_below,
        tolerance: variance.sqrt() + FLOOR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer in every millisecond, but for so many after each second.
    fn pauses(seconds: u64, length_ms: u64) -> Silences {
        let mut silences = Silences::default();
        let answered = |ms: &u64| ms.is_multiple_of(1000) || ms % 1000 >= length_ms;
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
        // At 2000 answers a second, 10 ms is beyond chance; 14, 20 and 28 ms are exceeded, 40 ms is not.
        assert_eq!(found.len(), 2 + 4);
        assert_eq!(count(&measured), found.len());
        for figure in &found {
            let off = figure.simulated / figure.measured - 1.0;
            assert!(off.abs() < 0.01, "{figure:?}");
        }
        assert!(found[..2].iter().all(|figure| figure.tolerance < 0.06), "{found:?}");
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
