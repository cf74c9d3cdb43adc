//! The observations of an experiment, by situation and replication.

use super::Situation;
use super::share::Share;
use crate::deployment::LatencyMetric;
use crate::engine::{
    ClusterObservations, FlowObservations, Observations, RequestRecord, SecondObservations,
};
use crate::scenario::Scenario;
use crate::stats::quantile::Replications;
use crate::stats::{Estimate, Histogram};
use crate::time::SimDuration;

/// Nanoseconds in a millisecond.
const NANOS_PER_MS: f64 = 1e6;

/// What all replications saw.
pub(super) struct Sample {
    warm_up: SimDuration,
    window_seconds: f64,
    confidence: f64,
    /// By situation and replication; none where a replication was stopped.
    seen: Vec<Vec<Option<Observations>>>,
    timelines: Vec<Timeline>,
}

/// The seconds of the flows of a situation, over all replications.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline {
    pub(super) replications: u32,
    pub(super) flows: Vec<Vec<SecondObservations>>,
}

impl Timeline {
    /// Takes the seconds out of a replication's observations.
    pub(super) fn add(&mut self, seen: &mut Observations) {
        self.replications += 1;
        self.flows.resize(seen.flows.len(), Vec::new());
        for (seconds, flow) in self.flows.iter_mut().zip(&mut seen.flows) {
            let others = std::mem::take(&mut flow.timeline);
            if others.len() > seconds.len() {
                seconds.resize(others.len(), SecondObservations::default());
            }
            seconds.iter_mut().zip(&others).for_each(|(second, other)| second.merge(other));
        }
    }
}

impl Sample {
    pub(super) fn new(scenario: &Scenario, situations: &[Situation], warm_up: SimDuration) -> Self {
        Self {
            warm_up,
            window_seconds: scenario.run.window.as_seconds(),
            confidence: scenario.run.confidence,
            seen: situations.iter().map(|_| Vec::new()).collect(),
            timelines: situations.iter().map(|_| Timeline::default()).collect(),
        }
    }

    pub(super) fn warm_up(&self) -> SimDuration {
        self.warm_up
    }

    pub(super) fn window_seconds(&self) -> f64 {
        self.window_seconds
    }

    /// From now on, intervals have this confidence.
    pub(super) fn set_confidence(&mut self, confidence: f64) {
        self.confidence = confidence;
    }

    /// Number of situations.
    pub(super) fn situations(&self) -> usize {
        self.seen.len()
    }

    /// Replications of every situation.
    pub(super) fn replications(&self) -> u32 {
        self.seen.first().map_or(0, Vec::len) as u32
    }

    pub(super) fn push(&mut self, situation: usize, seen: Option<Observations>) {
        self.seen[situation].push(seen);
    }

    /// Takes the requests of the first replication of the first situation; none if it was stopped.
    pub(super) fn take_records(&mut self) -> Option<Vec<RequestRecord>> {
        let first = self.seen.first_mut()?.first_mut()?.as_mut()?;
        Some(std::mem::take(&mut first.records))
    }

    pub(super) fn take_timelines(&mut self) -> Vec<Timeline> {
        std::mem::take(&mut self.timelines)
    }

    pub(super) fn put_timelines(&mut self, timelines: Vec<Timeline>) {
        self.timelines = timelines;
    }

    pub(super) fn timeline(&self, situation: usize) -> &Timeline {
        &self.timelines[situation]
    }

    /// In how many situations a replication is complete.
    pub(super) fn complete_in(&self, replication: usize) -> usize {
        self.seen.iter().filter(|seen| seen.get(replication).is_some_and(Option::is_some)).count()
    }

    /// Forgets replications that are not complete in every situation, so that all can be paired.
    pub(super) fn keep_complete(&mut self) {
        let complete: Vec<bool> = (0..self.replications() as usize)
            .map(|replication| self.seen.iter().all(|seen| seen[replication].is_some()))
            .collect();
        for seen in &mut self.seen {
            let mut keep = complete.iter();
            seen.retain(|_| keep.next().copied().unwrap_or(false));
        }
    }

    pub(super) fn events(&self) -> u64 {
        self.seen.iter().flatten().flatten().map(|seen| seen.events).sum()
    }

    fn observations(&self, situation: usize) -> impl Iterator<Item = &Observations> {
        self.seen[situation].iter().flatten()
    }

    /// The observations of one flow, by replication.
    pub(super) fn flow(&self, situation: usize, flow: usize) -> FlowSample<'_> {
        let seen = self.observations(situation).map(|seen| &seen.flows[flow]).collect();
        FlowSample { seen, window_seconds: self.window_seconds, confidence: self.confidence }
    }

    /// The observations of one cluster, by replication.
    pub(super) fn cluster(&self, situation: usize, cluster: usize) -> ClusterSample<'_> {
        let seen = self.observations(situation).map(|seen| &seen.clusters[cluster]).collect();
        ClusterSample { seen, confidence: self.confidence }
    }
}

/// The observations of one flow in one situation, by replication.
pub(super) struct FlowSample<'a> {
    pub(super) seen: Vec<&'a FlowObservations>,
    window_seconds: f64,
    pub(super) confidence: f64,
}

#[cfg(test)]
impl<'a> FlowSample<'a> {
    /// What replications of one second have seen.
    pub(super) fn fabricated(seen: &'a [FlowObservations]) -> Self {
        Self { seen: seen.iter().collect(), window_seconds: 1.0, confidence: 0.95 }
    }
}

impl FlowSample<'_> {
    /// A count per second.
    pub(super) fn rate(&self, count: impl Fn(&FlowObservations) -> u64) -> Estimate {
        let rates: Vec<f64> =
            self.seen.iter().map(|seen| count(seen) as f64 / self.window_seconds).collect();
        Estimate::of_mean(&rates, self.confidence)
    }

    /// A count as a share of the requests that ended; none where none did.
    pub(super) fn share(&self, count: impl Fn(&FlowObservations) -> u64) -> Option<Estimate> {
        let pairs = self.seen.iter().map(|seen| (count(seen) as f64, seen.ended() as f64));
        Share::new(pairs.collect(), self.confidence).map(|share| share.estimate())
    }

    /// The share of the requests that ended that ended in an error; none where none ended.
    pub(super) fn failed(&self) -> Option<Share> {
        let pairs = self.seen.iter().map(|seen| (seen.failures() as f64, seen.ended() as f64));
        Share::new(pairs.collect(), self.confidence)
    }

    /// The share of requests not answered correctly within the timeout; none where none was due. What
    /// a growing backlog has left unanswered at the end of the window is not answered.
    pub(super) fn unanswered(&self) -> Option<Share> {
        let due = |seen: &FlowObservations| seen.ended() + backlog(seen);
        let pair =
            |seen: &&FlowObservations| ((due(seen) - seen.answered) as f64, due(seen) as f64);
        Share::new(self.seen.iter().map(pair).collect(), self.confidence)
    }

    /// Share of the requests that arrived in the window which a growing backlog has left unanswered.
    pub(super) fn backlog_share(&self) -> f64 {
        let total = |count: fn(&FlowObservations) -> u64| {
            self.seen.iter().map(|seen| count(seen)).sum::<u64>() as f64
        };
        total(backlog) / total(|seen| seen.arrivals).max(1.0)
    }

    /// What a goal on latency speaks of.
    pub(super) fn latency_ms(&self, metric: LatencyMetric) -> Option<Estimate> {
        match metric {
            LatencyMetric::Mean => self.mean_ms(),
            LatencyMetric::Quantile(probability) => self.quantile_ms(&self.pooled(), probability),
        }
    }

    pub(super) fn mean_ms(&self) -> Option<Estimate> {
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
        Estimate::of_ratio(&pairs, self.confidence).map(|estimate| estimate.scaled(1e3))
    }

    pub(super) fn sd_ms(&self) -> Option<Estimate> {
        let moments: Vec<(f64, f64, f64)> = self
            .seen
            .iter()
            .map(|seen| (seen.answered as f64, seen.sojourn_sum, seen.sojourn_squares))
            .collect();
        Estimate::of_deviation(&moments, self.confidence).map(|estimate| estimate.scaled(1e3))
    }

    pub(super) fn pooled(&self) -> Histogram {
        let mut pooled = Histogram::default();
        self.seen.iter().for_each(|seen| pooled.merge(&seen.sojourn));
        pooled
    }

    pub(super) fn quantile_ms(&self, pooled: &Histogram, probability: f64) -> Option<Estimate> {
        let quantile = self.replications(pooled).quantile(probability);
        quantile.map(|estimate| estimate.divided(NANOS_PER_MS))
    }

    pub(super) fn replications<'a>(&'a self, pooled: &'a Histogram) -> Replications<'a> {
        let seen = self.seen.iter().map(|seen| (&seen.sojourn, &seen.batches)).collect();
        Replications { seen, pooled, confidence: self.confidence }
    }

    /// The paired difference of a quantile of all values; none where either has none. The interval
    /// is that of the jackknife over replications (Efron and Tibshirani, An Introduction to the
    /// Bootstrap, 1993, chapter 11).
    pub(super) fn quantile_minus_ms(&self, other: &Self, probability: f64) -> Option<Estimate> {
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
    pub(super) fn minus(
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

/// The observations of one cluster in one situation, by replication.
pub(super) struct ClusterSample<'a> {
    seen: Vec<&'a ClusterObservations>,
    confidence: f64,
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
        let pooled = sample.pooled();
        for p in [0.5, 0.9, 0.99] {
            let exact = Some(Estimate::symmetric(250.0, 0.0));
            assert_eq!(sample.quantile_ms(&pooled, p), exact, "p{p}");
        }
        let tenths = observations(&[&[100; 777], &[100; 1234]]);
        assert_eq!(
            FlowSample::fabricated(&tenths).mean_ms(),
            Some(Estimate::symmetric(100.0, 0.0))
        );
    }

    /// A replication in which so many requests arrived, were answered and failed.
    fn counted(arrivals: u64, answered: u64, failed: u64) -> FlowObservations {
        FlowObservations { arrivals, answered, failed: [0, failed, 0, 0, 0], ..Default::default() }
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

    #[test]
    fn a_timeline_adds_up_the_seconds_of_all_replications() {
        let replication = |answered: &[u64]| {
            let second =
                |answered: &u64| SecondObservations { answered: *answered, ..Default::default() };
            let timeline = answered.iter().map(second).collect();
            Observations {
                flows: vec![FlowObservations { timeline, ..Default::default() }],
                clusters: Vec::new(),
                series: Vec::new(),
                records: Vec::new(),
                silences: None,
                events: 0,
            }
        };
        let mut timeline = Timeline::default();
        for answered in [&[1, 2][..], &[10, 20, 30], &[100]] {
            timeline.add(&mut replication(answered));
        }
        let answered: Vec<u64> = timeline.flows[0].iter().map(|second| second.answered).collect();
        assert_eq!((timeline.replications, answered), (3, vec![111, 22, 30]));
    }

    #[test]
    fn the_peak_of_a_cluster_is_the_highest_of_all_replications() {
        let of = |peak_in_flight| ClusterObservations { peak_in_flight, ..Default::default() };
        let (low, high) = (of(3), of(7));
        let sample = ClusterSample { seen: vec![&low, &high, &low], confidence: 0.95 };
        assert_eq!(sample.peak_in_flight(), 7);
        assert_eq!(sample.mean(|seen| f64::from(seen.peak_in_flight)).mean, 13.0 / 3.0);
    }
}
