//! The observations of one cluster by replication, and the estimates that they give.

use crate::engine::ClusterObservations;
use crate::stats::Estimate;

/// The observations of one cluster in one situation, by replication.
pub(super) struct ClusterSample<'a> {
    pub(super) seen: Vec<&'a ClusterObservations>,
    pub(super) confidence: f64,
}

impl ClusterSample<'_> {
    pub(super) fn mean(&self, quantity: impl Fn(&ClusterObservations) -> f64) -> Estimate {
        let values: Vec<f64> = self.seen.iter().map(|seen| quantity(seen)).collect();
        Estimate::of_mean(&values, self.confidence)
    }

    pub(super) fn peak_in_flight(&self) -> u32 {
        self.seen.iter().map(|seen| seen.peak_in_flight).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_of_a_cluster_is_the_highest_of_all_replications() {
        let of = |peak_in_flight| ClusterObservations { peak_in_flight, ..Default::default() };
        let (low, high) = (of(3), of(7));
        let sample = ClusterSample { seen: vec![&low, &high, &low], confidence: 0.95 };
        assert_eq!(sample.peak_in_flight(), 7);
        assert_eq!(sample.mean(|seen| f64::from(seen.peak_in_flight)).mean, 13.0 / 3.0);
    }
}
