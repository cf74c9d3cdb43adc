//! Answers slower than a limit, counted: what a quantile's interval cannot say where it is open, or
//! where few replications make it wide.

use crate::quantity::FlowSample;
use crate::stats::{Histogram, poisson_at_least, poisson_at_most};

/// Slow answers come in bursts of at least so many on average, whatever the few that were seen say.
const BURST: f64 = 10.0;
/// A count that would be so unlikely with the quantile on the other side of its limit decides by
/// itself: exp(-6), none of six bursts (the rule of three of Hanley and Lippman-Hand, If nothing goes
/// wrong, is everything all right?, JAMA 249, 1983, at twice its certainty).
const CERTAIN: f64 = 0.002_5;

/// How many answers were slower than the limit of a quantile, and how many might have been.
#[derive(Clone, Copy)]
pub(super) struct Slower {
    /// How many were: where they speak for the limit, those that may have been; where they speak
    /// against it, those that certainly were.
    pub(super) seen: f64,
    /// How many are allowed.
    pub(super) allowed: f64,
    /// How many come together.
    pub(super) burst: f64,
}

impl Slower {
    /// Of a flow whose quantile is `found`, all in ms.
    pub(super) fn of(flow: &FlowSample<'_>, probability: f64, found: f64, limit: f64) -> Self {
        let allowed = 1.0 - probability;
        let pooled = flow.pooled();
        let limit = limit * 1e6;
        // A cell of the histogram does not tell which of its values lie beyond.
        let cell = 2.0 * Histogram::half_cell(limit);
        let value = if found * 1e6 <= limit { limit - cell } else { limit + cell };
        let (seen, inflation) = flow.replications().beyond(value);
        Self { seen, allowed: allowed * pooled.total() as f64, burst: inflation.max(BURST) }
    }

    /// How likely so few (or so many) are, if the quantile were at its limit: a Poisson count of bursts.
    pub(super) fn chance(self) -> f64 {
        let (seen, allowed) = (self.seen / self.burst, self.allowed / self.burst);
        if seen <= allowed {
            poisson_at_most(seen, allowed)
        } else {
            poisson_at_least(seen, allowed)
        }
    }

    /// Whether the count alone shows that the limit is kept.
    pub(super) fn shows_kept(self) -> bool {
        self.seen <= self.allowed && self.chance() <= CERTAIN
    }

    /// Whether the count alone shows that the limit is missed.
    pub(super) fn shows_missed(self) -> bool {
        self.seen > self.allowed && self.chance() <= CERTAIN
    }

    /// What is expected to be counted in so many times as many answers.
    pub(super) fn times(self, longer: f64) -> Self {
        Self { seen: self.seen * longer, allowed: self.allowed * longer, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::FlowObservations;

    /// Four replications of 6400 answers that take 100 ms, but for those of the given places.
    fn observations(slow: impl Fn(u64) -> bool) -> Vec<FlowObservations> {
        let replication = || {
            let mut seen = FlowObservations { answered: 6400, ..Default::default() };
            for index in 0..6400 {
                let nanos = if slow(index) { 900_000_000 } else { 100_000_000 };
                seen.sojourn.record(nanos);
                seen.batches.record(nanos);
            }
            seen
        };
        (0..4).map(|_| replication()).collect()
    }

    fn slower(seen: &[FlowObservations], limit: f64) -> Slower {
        Slower::of(&FlowSample::fabricated(seen), 0.99, 100.0, limit)
    }

    #[test]
    fn slow_answers_that_come_together_count_as_one() {
        // 100 in all, where 256 are allowed: one by one, or 25 at once.
        let apart = observations(|index| index % 256 == 7);
        let together = observations(|index| (3200..3225).contains(&index));
        let (apart, together) = (slower(&apart, 500.0), slower(&together, 500.0));
        assert_eq!((apart.seen, together.seen), (100.0, 100.0));
        assert!((apart.allowed - 256.0).abs() < 1e-9, "{}", apart.allowed);
        assert_eq!(apart.burst, BURST);
        // All 25 are in one batch of the sixteen of each replication: the variance of the count is
        // about 25 times that of independent ones.
        assert!((20.0..28.0).contains(&together.burst), "{}", together.burst);
        // P(N <= 10) of a Poisson count of 25.6 is 0.0004, P(N <= 4) of one of 10.2 is 0.024.
        assert!(apart.shows_kept() && !together.shows_kept());
        assert!((together.chance() - 0.024).abs() < 0.01, "{}", together.chance());
    }

    #[test]
    fn what_may_be_slower_than_the_limit_counts_against_it() {
        // Limits in the cell that holds 900 ms, and far enough from it.
        let seen = observations(|index| index % 256 == 7);
        assert_eq!(slower(&seen, 900.5).seen, 100.0);
        assert_eq!(slower(&seen, 915.0).seen, 0.0);
        let against = |limit| Slower::of(&FlowSample::fabricated(&seen), 0.999, 900.0, limit);
        // 100 where 25.6 are allowed: ten bursts, and 2.6 were to be expected.
        assert!(against(885.0).seen == 100.0 && against(885.0).shows_missed());
        assert!(against(899.5).seen == 0.0 && !against(899.5).shows_missed());
        assert!(!against(885.0).shows_kept());
    }
}
