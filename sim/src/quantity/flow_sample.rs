//! The observations of one flow by replication, and the estimates that they give.

use std::cell::OnceCell;

use super::share::Share;
use super::{Open, Quantity, Spread};
use crate::deployment::LatencyMetric;
use crate::engine::FlowObservations;
use crate::stats::quantile::Replications;
use crate::stats::{Estimate, Histogram, Ratio, skewed};

/// Nanoseconds in a millisecond.
const NANOS_PER_MS: f64 = 1e6;

/// The observations of one flow in one situation, by replication.
pub(crate) struct FlowSample<'a> {
    pub(crate) seen: Vec<&'a FlowObservations>,
    pub(crate) window_seconds: f64,
    pub(crate) confidence: f64,
    /// The same with parameters moved; none where no calibration leaves any open.
    spread: Option<Box<Spread<Self>>>,
    /// Made when it is first asked for.
    pooled: OnceCell<Histogram>,
}

impl<'a> FlowSample<'a> {
    pub(crate) fn new(
        seen: Vec<&'a FlowObservations>,
        window_seconds: f64,
        confidence: f64,
    ) -> Self {
        Self { seen, window_seconds, confidence, spread: None, pooled: OnceCell::new() }
    }

    /// With what was seen with parameters moved.
    pub(crate) fn beside(self, spread: Option<Spread<Self>>) -> Self {
        Self { spread: spread.map(Box::new), ..self }
    }
}

#[cfg(test)]
impl<'a> FlowSample<'a> {
    /// What replications of one second have seen.
    pub(crate) fn fabricated(seen: &'a [FlowObservations]) -> Self {
        Self::new(seen.iter().collect(), 1.0, 0.95)
    }
}

impl FlowSample<'_> {
    /// What calibrations leave open of a quantity.
    pub(crate) fn open(&self, quantity: Quantity) -> Open {
        let value = |sample: &Self| quantity.value_of_flow(sample);
        self.spread.as_ref().map_or_else(Open::default, |spread| spread.open(&value))
    }

    /// What they leave open of its difference from that of another flow.
    pub(crate) fn open_against(&self, other: &Self, quantity: Quantity) -> Open {
        let value = |sample: &Self| quantity.value_of_flow(sample);
        match (&self.spread, &other.spread) {
            (Some(own), Some(others)) => own.open_against(others, &value),
            (Some(one), None) | (None, Some(one)) => one.open(&value),
            (None, None) => Open::default(),
        }
    }

    /// A count per second.
    pub(crate) fn rate(&self, count: impl Fn(&FlowObservations) -> u64) -> Estimate {
        let rates: Vec<f64> =
            self.seen.iter().map(|seen| count(seen) as f64 / self.window_seconds).collect();
        Estimate::of_mean(&rates, self.confidence)
    }

    /// A count of each replication, on average.
    pub(crate) fn mean_count(&self, count: impl Fn(&FlowObservations) -> u64) -> Estimate {
        let counts: Vec<f64> = self.seen.iter().map(|seen| count(seen) as f64).collect();
        Estimate::of_mean(&counts, self.confidence)
    }

    /// A count as a share of the requests that ended; none where none did.
    pub(crate) fn share(&self, count: impl Fn(&FlowObservations) -> u64) -> Option<Estimate> {
        let pairs = self.seen.iter().map(|seen| (count(seen) as f64, seen.ended() as f64));
        Share::new(pairs.collect(), self.confidence).map(|share| share.estimate())
    }

    /// The share of the requests that ended that ended in an error; none where none ended.
    pub(crate) fn failed(&self) -> Option<Share> {
        let pairs = self.seen.iter().map(|seen| (seen.failures() as f64, seen.ended() as f64));
        let share = Share::new(pairs.collect(), self.confidence);
        share.map(|share| share.with(self.open(Quantity::ErrorRate)))
    }

    /// The share of the answers that came after their client had left; none where none came.
    pub(crate) fn wasted(&self) -> Option<Estimate> {
        let all = |seen: &FlowObservations| seen.answered + seen.wasted;
        let pairs = self.seen.iter().map(|seen| (seen.wasted as f64, all(seen) as f64));
        Share::new(pairs.collect(), self.confidence).map(|share| share.estimate())
    }

    /// The share of requests not answered correctly within the timeout; none where none was due. What
    /// a growing backlog has left unanswered at the end of the window is not answered.
    pub(crate) fn unanswered(&self) -> Option<Share> {
        let due = |seen: &FlowObservations| seen.ended() + backlog(seen);
        let pair =
            |seen: &&FlowObservations| ((due(seen) - seen.answered) as f64, due(seen) as f64);
        let share = Share::new(self.seen.iter().map(pair).collect(), self.confidence);
        share.map(|share| share.with(self.open(Quantity::Availability).complement()))
    }

    /// Share of the requests that arrived in the window which a growing backlog has left unanswered.
    pub(crate) fn backlog_share(&self) -> f64 {
        let total = |count: fn(&FlowObservations) -> u64| {
            self.seen.iter().map(|seen| count(seen)).sum::<u64>() as f64
        };
        total(backlog) / total(|seen| seen.arrivals).max(1.0)
    }

    /// What a goal on latency speaks of.
    pub(crate) fn latency_ms(&self, metric: LatencyMetric) -> Option<Estimate> {
        match metric {
            LatencyMetric::Mean => self.mean_ms(),
            LatencyMetric::Quantile(probability) => self.quantile_ms(probability),
        }
    }

    pub(crate) fn mean_ms(&self) -> Option<Estimate> {
        let pairs: Vec<(f64, f64)> =
            self.seen.iter().map(|seen| (seen.sojourn_sum, seen.answered as f64)).collect();
        if let Some(nanos) = self.pooled().only_value() {
            // Sums of a constant carry errors of rounding, which must not decide a goal.
            let half_width = if pairs.len() > 1 { Some(0.0) } else { None };
            let constant = nanos as f64 / NANOS_PER_MS;
            return Some(
                half_width.map_or(Estimate::unknown(constant), |none| {
                    Estimate::symmetric(constant, none)
                }),
            );
        }
        Estimate::of_skewed_ratio(&pairs, self.skewness(), self.confidence)
            .map(|estimate| estimate.scaled(1e3))
    }

    /// The skewness of the mean sojourn time, of which many batches tell more than few replications. Those
    /// of some replications may be twice as large as those of others: the mean is a ratio of their sums.
    fn skewness(&self) -> f64 {
        let batches = self.seen.iter().flat_map(|seen| {
            let size = seen.batches.size() as f64;
            seen.batches.sums().map(move |sum| (sum, size))
        });
        let mean = Ratio::of(&batches.collect::<Vec<_>>());
        mean.map_or(0.0, |mean| skewed::of_sum(&mean.residuals))
    }

    pub(crate) fn sd_ms(&self) -> Option<Estimate> {
        let moments: Vec<(f64, f64, f64)> = self
            .seen
            .iter()
            .map(|seen| (seen.answered as f64, seen.sojourn_sum, seen.sojourn_squares))
            .collect();
        Estimate::of_deviation(&moments, self.confidence).map(|estimate| estimate.scaled(1e3))
    }

    /// The sojourn times of all replications.
    pub(crate) fn pooled(&self) -> &Histogram {
        self.pooled.get_or_init(|| {
            let mut pooled = Histogram::default();
            self.seen.iter().for_each(|seen| pooled.merge(&seen.sojourn));
            pooled
        })
    }

    pub(crate) fn quantile_ms(&self, probability: f64) -> Option<Estimate> {
        let quantile = self.replications().quantile(probability);
        quantile.map(|estimate| estimate.divided(NANOS_PER_MS))
    }

    pub(crate) fn replications(&self) -> Replications<'_> {
        let seen = self.seen.iter().map(|seen| (&seen.sojourn, &seen.batches)).collect();
        Replications { seen, pooled: self.pooled(), confidence: self.confidence }
    }

    /// The paired difference of a quantile of all values; none where either has none. The interval
    /// is that of the jackknife over replications (Efron and Tibshirani, An Introduction to the
    /// Bootstrap, 1993, chapter 11).
    pub(crate) fn quantile_minus_ms(&self, other: &Self, probability: f64) -> Option<Estimate> {
        let without = |skipped: usize| {
            let quantile = |sample: &Self| {
                let mut rest = Histogram::default();
                let others = sample.seen.iter().enumerate().filter(|(i, _)| *i != skipped);
                others.for_each(|(_, seen)| rest.merge(&seen.sojourn));
                rest.quantile(probability).map(|nanos| nanos / NANOS_PER_MS)
            };
            Some(quantile(self)? - quantile(other)?)
        };
        // Nobody has this number: nothing is left out.
        let mean = without(usize::MAX)?;
        let count = self.seen.len();
        let partial: Option<Vec<f64>> = (0..count).map(without).collect();
        // The spread of the partial estimates is that of a mean, (n - 1) times as small.
        let spread =
            partial.and_then(|partial| Estimate::of_mean(&partial, self.confidence).half_width);
        Some(spread.map_or(Estimate::unknown(mean), |spread| {
            Estimate::symmetric(mean, spread * (count - 1) as f64)
        }))
    }

    /// The paired difference of a quantity of each replication; none where one has no such quantity.
    pub(crate) fn minus(
        &self,
        other: &Self,
        quantity: impl Fn(&FlowObservations) -> Option<f64>,
    ) -> Option<Estimate> {
        let pairs = self.seen.iter().zip(&other.seen);
        let differences: Option<Vec<f64>> =
            pairs.map(|(one, other)| Some(quantity(one)? - quantity(other)?)).collect();
        Some(Estimate::of_mean(&differences?, self.confidence))
    }
}

/// Requests by which the backlog of a flow has grown in the window, if that is beyond chance: more
/// than 1 % of the arrivals, and more than their standard deviation explains.
fn backlog(seen: &FlowObservations) -> u64 {
    let grown = seen.arrivals.saturating_sub(seen.ended());
    let chance = 0.01 * seen.arrivals as f64 + 4.0 * (seen.arrivals as f64).sqrt();
    if grown as f64 > chance { grown } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::{Cause, PerCause};

    /// Sojourn times in ms, by replication.
    fn observations(replications: &[&[u64]]) -> Vec<FlowObservations> {
        let of = |sojourns: &&[u64]| {
            let mut seen =
                FlowObservations { answered: sojourns.len() as u64, ..Default::default() };
            for ms in *sojourns {
                seen.sojourn.record(ms * 1_000_000);
                seen.batches.record(ms * 1_000_000);
                seen.sojourn_sum += *ms as f64 * 1e-3;
            }
            seen
        };
        replications.iter().map(of).collect()
    }

    /// A quantile of all values but those of one replication, sorted instead of counted.
    fn without(replications: &[&[u64]], skipped: usize, p: f64) -> f64 {
        let kept = replications.iter().enumerate().filter(|(index, _)| *index != skipped);
        let mut values: Vec<u64> = kept.flat_map(|(_, values)| values.iter().copied()).collect();
        values.sort_unstable();
        values[(p * values.len() as f64).ceil() as usize - 1] as f64
    }

    const SLOW: [&[u64]; 4] =
        [&[400, 500, 900], &[420, 640, 660, 1000], &[300, 610, 950], &[500, 520, 860]];
    const QUICK: [&[u64]; 4] =
        [&[100, 210, 300], &[110, 190, 205, 360], &[120, 230, 280], &[90, 150, 330]];

    #[test]
    fn the_interval_of_a_difference_of_quantiles_is_that_of_the_jackknife() {
        let (slow, quick) = (observations(&SLOW), observations(&QUICK));
        let found = FlowSample::fabricated(&slow)
            .quantile_minus_ms(&FlowSample::fabricated(&quick), 0.75)
            .expect("a difference");
        let partial: Vec<f64> =
            (0..4).map(|i| without(&SLOW, i, 0.75) - without(&QUICK, i, 0.75)).collect();
        let mean = partial.iter().sum::<f64>() / 4.0;
        let squares: f64 = partial.iter().map(|part| (part - mean).powi(2)).sum();
        // The variance of the jackknife is (n - 1) / n of the sum of squares; t(3, 0.975) = 3.182446.
        let expected = 3.182_446 * (0.75 * squares).sqrt();
        let half_width = found.half_width.expect("four replications");
        // Cells of the histogram are 0.8 % wide.
        assert!((half_width / expected - 1.0).abs() < 0.06, "{half_width}, exactly {expected}");
    }

    #[test]
    fn what_is_slower_than_the_baseline_has_a_positive_difference() {
        let (slow, quick) = (observations(&SLOW), observations(&QUICK));
        let slower = FlowSample::fabricated(&slow)
            .quantile_minus_ms(&FlowSample::fabricated(&quick), 0.99)
            .expect("a difference");
        // The largest are 1000 and 360 ms.
        assert!((slower.mean - 640.0).abs() < 8.0, "{slower:?}");
        let quicker = FlowSample::fabricated(&quick)
            .quantile_minus_ms(&FlowSample::fabricated(&slow), 0.99)
            .expect("a difference");
        assert!((quicker.mean + 640.0).abs() < 8.0, "{quicker:?}");
    }

    #[test]
    fn a_constant_is_known_exactly() {
        let constant: Vec<&[u64]> = vec![&[250; 600]; 4];
        let seen = observations(&constant);
        let sample = FlowSample::fabricated(&seen);
        for p in [0.5, 0.9, 0.99] {
            let exact = Some(Estimate::symmetric(250.0, 0.0));
            assert_eq!(sample.quantile_ms(p), exact, "p{p}");
        }
        let tenths = observations(&[&[100; 777], &[100; 1234]]);
        assert_eq!(
            FlowSample::fabricated(&tenths).mean_ms(),
            Some(Estimate::symmetric(100.0, 0.0))
        );
    }

    /// A replication in which so many requests arrived, were answered and failed.
    fn counted(arrivals: u64, answered: u64, failed: u64) -> FlowObservations {
        FlowObservations {
            arrivals,
            answered,
            failed: PerCause::only(Cause::TimedOut, failed),
            ..Default::default()
        }
    }

    #[test]
    fn a_backlog_is_what_chance_does_not_explain() {
        // 1 % of 10 000 and four times their root: 500.
        assert_eq!(backlog(&counted(10_000, 9_400, 100)), 0);
        assert_eq!(backlog(&counted(10_000, 9_399, 100)), 501);
        assert_eq!(backlog(&counted(9_000, 10_000, 0)), 0);
        let seen = [counted(10_000, 9_000, 0), counted(10_000, 9_900, 0)];
        let sample = FlowSample::fabricated(&seen);
        assert_eq!(sample.backlog_share(), 0.05);
        // What waits was due, and is not answered.
        let unanswered = sample.unanswered().expect("some were due").estimate();
        assert!((unanswered.mean - 1000.0 / 19_900.0).abs() < 1e-12, "{unanswered:?}");
        assert_eq!(FlowSample::fabricated(&[counted(0, 0, 0)]).backlog_share(), 0.0);
    }

    #[test]
    fn counts_are_rates_of_the_window_and_shares_of_what_ended() {
        let seen = [counted(900, 380, 20), counted(1100, 600, 0)];
        let sample = FlowSample { window_seconds: 4.0, ..FlowSample::fabricated(&seen) };
        assert_eq!(sample.rate(|seen| seen.arrivals).mean, 250.0);
        assert_eq!(sample.share(|seen| seen.answered).map(|share| share.mean), Some(0.98));
        assert_eq!(sample.failed().map(|share| share.estimate().mean), Some(0.02));
        assert!(FlowSample::fabricated(&[counted(5, 0, 0)]).share(|seen| seen.answered).is_none());
    }

    #[test]
    fn answers_for_nobody_are_a_share_of_all_answers() {
        let seen = [(60, 15), (30, 0), (0, 0)]
            .map(|(answered, wasted)| FlowObservations { wasted, ..counted(100, answered, 40) });
        let found = FlowSample::fabricated(&seen).wasted().expect("there are answers");
        assert!((found.mean - 15.0 / 105.0).abs() < 1e-15, "{found:?}");
        assert_eq!(FlowSample::fabricated(&seen[2..]).wasted(), None);
        let nobody = [FlowObservations { wasted: 7, ..counted(100, 0, 100) }];
        assert_eq!(FlowSample::fabricated(&nobody).wasted().map(|found| found.mean), Some(1.0));
    }

    #[test]
    fn a_paired_difference_is_the_mean_of_those_of_each_replication() {
        let (own, other) = (
            [counted(0, 10, 0), counted(0, 14, 0), counted(0, 21, 0)],
            [counted(0, 4, 0), counted(0, 6, 0), counted(0, 11, 0)],
        );
        let (own, other) = (FlowSample::fabricated(&own), FlowSample::fabricated(&other));
        let found = own.minus(&other, |seen| Some(seen.answered as f64)).expect("all have one");
        // 6, 8 and 10: a mean of 8 and a deviation of 2; t(2, 0.975) = 4.302653.
        let half_width = found.half_width.expect("three replications");
        assert_eq!(found.mean, 8.0);
        assert!((half_width - 4.302_653 * 2.0 / 3_f64.sqrt()).abs() < 1e-5, "{half_width}");
        let some = |seen: &FlowObservations| (seen.answered != 11).then_some(1.0);
        assert_eq!(own.minus(&other, some), None);
    }

    #[test]
    fn a_deviation_in_milliseconds_is_that_of_all_answers() {
        let of = |ms: [f64; 2]| FlowObservations {
            answered: 2,
            sojourn_sum: ms.iter().sum::<f64>() * 1e-3,
            sojourn_squares: ms.iter().map(|ms| ms * ms).sum::<f64>() * 1e-6,
            ..Default::default()
        };
        let seen = [of([1.0, 2.0]), of([3.0, 4.0])];
        let found = FlowSample::fabricated(&seen).sd_ms().expect("there are answers");
        assert!((found.mean - 1.25_f64.sqrt()).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn a_constant_of_one_replication_has_no_interval() {
        let seen = observations(&[&[250; 600]]);
        let found = FlowSample::fabricated(&seen).mean_ms();
        assert_eq!(found, Some(Estimate::unknown(250.0)));
    }
}
