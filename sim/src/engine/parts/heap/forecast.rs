//! What the collector expects from what it has seen.

/// What is left of a forecast after one more sample: `DEFAULT_ALPHA_VALUE` in `HotSpot`'s `numberSeq.hpp`.
const KEPT: f64 = 0.7;
/// By how many standard deviations it errs on the safe side: `G1ConfidencePercent` is 50.
const CONFIDENCE: f64 = 0.5;

/// A decaying average with its variance, as `AbsSeq::add` of `HotSpot` keeps them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forecast {
    average: f64,
    variance: f64,
}

impl Forecast {
    /// Something of which this is believed.
    pub(super) fn of(average: f64) -> Self {
        Self { average, variance: 0.0 }
    }

    /// One more sample.
    pub(super) fn add(&mut self, value: f64) {
        self.average += (1.0 - KEPT) * (value - self.average);
        let error = value - self.average;
        self.variance = KEPT * self.variance + (1.0 - KEPT) * error * error;
    }

    /// What was believed is so only of a part, and of the rest something else.
    pub(super) fn mix(&mut self, part: f64, rest: f64) {
        let part = part.min(1.0);
        self.average = part * self.average + (1.0 - part) * rest;
        self.variance *= part;
    }

    /// What is reckoned with.
    pub(super) fn expected(&self) -> f64 {
        self.average + CONFIDENCE * self.variance.sqrt()
    }

    /// The average alone.
    pub(super) fn average(&self) -> f64 {
        self.average
    }
}
