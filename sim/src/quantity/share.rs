//! A share of requests, from counts of independent replications.

use super::Open;
use crate::stats::{Estimate, poisson_bounds, student_t};

/// How many of how many requests, by replication.
pub(crate) struct Share {
    pairs: Vec<(f64, f64)>,
    confidence: f64,
    count: f64,
    total: f64,
    /// What calibrations leave open of it.
    open: Open,
}

impl Share {
    /// From pairs (count, requests); none where there was no request.
    pub(crate) fn new(pairs: Vec<(f64, f64)>, confidence: f64) -> Option<Self> {
        let count = pairs.iter().map(|pair| pair.0).sum();
        let total = pairs.iter().map(|pair| pair.1).sum();
        let open = Open::default();
        (total > 0.0).then_some(Self { pairs, confidence, count, total, open })
    }

    /// With what calibrations leave open of it.
    pub(crate) fn with(self, open: Open) -> Self {
        Self { open, ..self }
    }

    /// What they leave open, whatever the number of replications.
    pub(crate) fn remaining(&self) -> Estimate {
        within(self.open.widens(Estimate::symmetric(self.estimate().mean, 0.0), self.confidence))
    }

    /// How many replications there were.
    pub(crate) fn replications(&self) -> u32 {
        self.pairs.len() as u32
    }

    /// Whether nothing was counted.
    pub(crate) fn is_nothing(&self) -> bool {
        self.count == 0.0
    }

    /// The share, with the spread that replications show. Where nothing, or everything, was counted
    /// they show none, which is not none: see [`Self::bounded`].
    pub(crate) fn estimate(&self) -> Estimate {
        Estimate::of_ratio(&self.pairs, self.confidence).expect("there is a request")
    }

    /// The share with an interval that also holds what few counts leave open: at least that of a
    /// Poisson count. That takes them to be independent; those that come in bursts vary more, which
    /// is only seen where some came. What calibrations leave open is in it.
    pub(crate) fn bounded(&self) -> Estimate {
        self.foreseen(self.replications())
    }

    /// What [`Self::bounded`] is expected to be after so many replications in all.
    pub(crate) fn foreseen(&self, replications: u32) -> Estimate {
        let estimate = self.estimate();
        let done = self.replications();
        let Some(half_width) = estimate.half_width else { return estimate };
        let half_width = half_width * shrinking(done, replications, self.confidence);
        let longer = f64::from(replications) / f64::from(done);
        let (least, most) = poisson_bounds(self.count * longer, self.confidence);
        let total = self.total * longer;
        let counted = Estimate::between(
            estimate.mean,
            Some((least / total).min(estimate.mean - half_width).max(0.0)),
            Some((most / total).max(estimate.mean + half_width).min(1.0)),
        );
        within(self.open.widens(counted, self.confidence))
    }
}

/// A share lies between 0 and 1.
fn within(share: Estimate) -> Estimate {
    if share.of_calibration == 0.0 {
        return share;
    }
    let clamped = |end: Option<f64>| end.map(|end| end.clamp(0.0, 1.0));
    let (lower, upper) = (clamped(share.lower), clamped(share.upper));
    Estimate { of_calibration: share.of_calibration, ..Estimate::between(share.mean, lower, upper) }
}

/// By what factor half-widths shrink from `done` to `replications` replications; both at least 2.
pub(crate) fn shrinking(done: u32, replications: u32, confidence: f64) -> f64 {
    let relative = |count: u32| {
        let count = f64::from(count);
        student_t(confidence, count - 1.0) / count.sqrt()
    };
    relative(replications) / relative(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(counts: &[f64], requests: f64) -> Share {
        let pairs = counts.iter().map(|count| (*count, requests)).collect();
        Share::new(pairs, 0.95).expect("there are requests")
    }

    #[test]
    fn of_what_was_never_seen_the_bound_is_three_in_so_many() {
        let found = share(&[0.0; 6], 1000.0).bounded();
        let bound = found.upper.expect("a bound");
        assert_eq!((found.mean, found.lower), (0.0, Some(0.0)));
        assert!((bound - 20_f64.ln() / 6000.0).abs() < 1e-9, "{bound}");
        // Ten times the requests, a tenth of the bound.
        let later = share(&[0.0; 6], 1000.0).foreseen(60).upper.expect("a bound");
        assert!((later - 0.1 * bound).abs() < 1e-9, "{later}");
    }

    #[test]
    fn the_same_few_in_every_replication_are_not_known_exactly() {
        let few = share(&[1.0; 3], 1000.0);
        assert_eq!(few.estimate().half_width, Some(0.0));
        let (lower, upper) = (few.bounded().lower, few.bounded().upper);
        // Three events: between 0.818 and 7.754.
        assert!(lower.is_some_and(|lower| (lower * 3000.0 - 0.8177).abs() < 1e-3), "{lower:?}");
        assert!(upper.is_some_and(|upper| (upper * 3000.0 - 7.7537).abs() < 1e-3), "{upper:?}");
    }

    #[test]
    fn where_replications_differ_more_than_chance_their_spread_counts() {
        let found = share(&[0.0, 300.0, 20.0, 90.0], 1000.0);
        assert_eq!(found.bounded().upper, found.estimate().upper);
    }

    #[test]
    fn half_widths_shrink_with_the_root_and_with_students_t() {
        // t(5) = 2.570582, t(23) = 2.068658 at 95 %.
        let expected = 0.5 * 2.068_658 / 2.570_582;
        assert!((shrinking(6, 24, 0.95) - expected).abs() < 1e-6);
    }

    #[test]
    fn what_is_foreseen_is_the_same_share_of_more_requests() {
        // A spread beyond chance shrinks as half-widths do; the estimate stays.
        let spread = share(&[0.0, 300.0, 20.0, 90.0, 200.0, 50.0], 1000.0);
        let (found, later) = (spread.estimate(), spread.foreseen(24));
        let half_width = found.half_width.expect("six replications") * shrinking(6, 24, 0.95);
        let near =
            |end: Option<f64>, exact: f64| end.is_some_and(|end| (end - exact).abs() < 1e-12);
        assert!(near(later.lower, found.mean - half_width), "{later:?}");
        assert!(near(later.upper, found.mean + half_width), "{later:?}");
        // Three events of 3000 become 30 of 30 000, between 21.59 and 40.69.
        let few = share(&[1.0; 3], 1000.0).foreseen(30);
        let count = |end: Option<f64>| end.expect("a bound") * 30_000.0;
        assert!((count(few.lower) - 21.594).abs() < 0.01, "{few:?}");
        assert!((count(few.upper) - 40.691).abs() < 0.01, "{few:?}");
    }
}
