//! The observations of one cluster by replication, and the estimates that they give.

use super::{Open, Quantity, Spread};
use crate::engine::ClusterObservations;
use crate::stats::Estimate;

/// The observations of one cluster in one situation, by replication.
pub(crate) struct ClusterSample<'a> {
    pub(crate) seen: Vec<&'a ClusterObservations>,
    pub(crate) window_seconds: f64,
    pub(crate) confidence: f64,
    /// The same with parameters moved; none where no calibration leaves any open.
    pub(crate) spread: Option<Box<Spread<Self>>>,
}

#[cfg(test)]
impl<'a> ClusterSample<'a> {
    /// What replications of one second have seen.
    pub(crate) fn fabricated(seen: &'a [ClusterObservations]) -> Self {
        let (window_seconds, confidence) = (1.0, 0.95);
        Self { seen: seen.iter().collect(), window_seconds, confidence, spread: None }
    }
}

impl ClusterSample<'_> {
    /// What calibrations leave open of a quantity.
    pub(crate) fn open(&self, quantity: Quantity) -> Open {
        let value = |sample: &Self| quantity.seen_of_cluster(sample).map(|found| found.mean);
        self.spread.as_ref().map_or_else(Open::default, |spread| spread.open(&value))
    }

    /// The mean over replications.
    pub(crate) fn mean(&self, quantity: impl Fn(&ClusterObservations) -> f64) -> Estimate {
        let values: Vec<f64> = self.seen.iter().map(|seen| quantity(seen)).collect();
        Estimate::of_mean(&values, self.confidence)
    }

    /// A count per second.
    pub(crate) fn rate(&self, count: impl Fn(&ClusterObservations) -> u64) -> Estimate {
        self.mean(|seen| count(seen) as f64 / self.window_seconds)
    }

    /// Most requests in flight on one node, in any replication.
    pub(crate) fn peak_in_flight(&self) -> u32 {
        self.seen.iter().map(|seen| seen.peak_in_flight).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_of_a_cluster_is_the_highest_of_all_replications() {
        let of = |peak_in_flight| ClusterObservations { peak_in_flight, ..Default::default() };
        let seen = [of(3), of(7), of(3)];
        let sample = ClusterSample { window_seconds: 4.0, ..ClusterSample::fabricated(&seen) };
        assert_eq!(sample.peak_in_flight(), 7);
        assert_eq!(sample.mean(|seen| f64::from(seen.peak_in_flight)).mean, 13.0 / 3.0);
        assert_eq!(sample.rate(|seen| u64::from(seen.peak_in_flight)).mean, 13.0 / 12.0);
    }
}
