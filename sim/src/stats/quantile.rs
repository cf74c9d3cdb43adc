//! The confidence interval of a quantile, from replications whose values come in clusters.
//!
//! The interval is that of the number of values beyond the quantile, turned into values (Woodruff,
//! Confidence intervals for medians and other position measures, JASA 47, 1952). Values beyond an
//! extreme quantile come together, in busy periods and after pauses, so their number varies more than
//! that of independent ones, by the *inflation* of its variance. Where they are many, the inflation is
//! that between replications and the interval is Student's. Where they are worth few independent ones,
//! the count is far from normal, and its interval is that of a binomial count with the effective sample
//! size of Korn and Graubard (Confidence intervals for proportions with small expected number of
//! positive counts, Survey Methodology 24, 1998), of which the inflation is the larger of two:
//! between replications, and between batches of consecutive values.
//!
//! The few largest values of a short run look alike by chance, and an interval that trusts them is
//! narrow where it should be widest. So the upper end is given only where less extreme values, of which
//! there are more, say that enough clusters were to be expected (`LEAST_INDEPENDENT`), and where each less
//! extreme quantile has one; else the interval is open above.

use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};
use statrs::function::{beta::beta_reg, gamma};

use super::estimate::student_t;
use super::{Batches, Estimate, Histogram};

/// The quantiles that are reported, as probabilities.
pub const QUANTILES: [f64; 8] = [0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999];

/// Below so many independent values beyond a quantile, their number is not treated as normal.
const FEW: f64 = 50.0;
/// So many independent values must be expected beyond a quantile for an upper end, going by the
/// inflation at less extreme levels. With 20, intervals that are closed by luck cover too rarely
/// (`apimsim verify --coverage`).
pub(crate) const LEAST_INDEPENDENT: f64 = 25.0;
/// Less extreme levels: so many times as many values beyond.
const LESS_EXTREME: [f64; 2] = [8.0, 16.0];
/// Confidence with which replications must differ by more than their batches to be believed.
const BEYOND_BATCHES: f64 = 0.9;
/// So many batches tell an inflation.
const ENOUGH_BATCHES: usize = 8;
/// Above so many values, a binomial count with few successes is a Poisson count.
const POISSON: f64 = 1000.0;

/// What is known of the sojourn times of a flow, for all its quantiles.
pub struct Replications<'a> {
    /// Of each replication.
    pub seen: Vec<(&'a Histogram, &'a Batches)>,
    /// Of all.
    pub pooled: &'a Histogram,
    /// Confidence of the intervals, 0..1.
    pub confidence: f64,
}

/// A level: a value, and the share of values beyond it.
#[derive(Clone, Copy)]
struct Level {
    value: f64,
    beyond: f64,
}

impl Replications<'_> {
    /// The quantile of all values with its interval, in nanoseconds; none where there are no values.
    /// Half a cell of the histogram is part of each side; neither side, nor the quantile, lies outside
    /// of what was observed.
    pub fn quantile(&self, probability: f64) -> Option<Estimate> {
        let quantile = self.pooled.quantile(probability)?;
        if self.seen.len() < 2 {
            return Some(Estimate::unknown(quantile));
        }
        let (lower, upper) = self.ends(Level { value: quantile, beyond: 1.0 - probability });
        // Where nothing is known below, the quantile is no smaller than the median.
        let lower = match lower {
            None if probability > 0.5 => self.quantile(0.5)?.lower,
            lower => lower,
        };
        let upper = upper.filter(|_| self.is_closed_below(probability));
        Some(Estimate::between(quantile, lower, upper))
    }

    /// Whether the reported quantiles that are less extreme have upper ends: of what is rarer no more is
    /// known, and replications that agree on it do so by luck.
    fn is_closed_below(&self, probability: f64) -> bool {
        let less = QUANTILES.into_iter().rev().find(|less| *less < probability);
        less.is_none_or(|less| self.quantile(less).is_some_and(|found| found.upper.is_some()))
    }

    /// How many values lie beyond one, and by how much the variance of that number exceeds that of
    /// independent values (at least 1).
    pub fn beyond(&self, value: f64) -> (f64, f64) {
        let total = self.pooled.total() as f64;
        let count = total - self.pooled.count_below(value);
        let (between, batches) = self.inflation(Level { value, beyond: count / total });
        (count, batches.max(self.chance_between() * between).max(1.0))
    }

    fn ends(&self, level: Level) -> (Option<f64>, Option<f64>) {
        let values = self.pooled.total() as f64;
        let expected = level.beyond * values;
        let (between, batches) = self.inflation(level);
        let inflation = between.max(batches).max(1.0);
        let t = student_t(self.confidence, self.seen.len() as f64 - 1.0);
        if expected / inflation >= FEW {
            let half = t * (between * expected * (1.0 - level.beyond)).sqrt();
            let fewest = (expected - half).max(0.0);
            let upper = (fewest >= inflation).then_some(fewest);
            return (self.value(Some(expected + half), -1.0), self.value(upper, 1.0));
        }
        let around = self.inflation_around(level);
        let is_closed = expected / around >= LEAST_INDEPENDENT;
        // The inflation of independent values is known, not estimated.
        let z = Normal::standard().inverse_cdf(0.5 * (1.0 + self.confidence));
        let known = if between.max(batches) <= 1.0 { 1.0 } else { (z / t).powi(2) };
        let cautious = if is_closed { inflation } else { inflation.max(around) };
        let tail = 0.5 * (1.0 - self.confidence);
        let fewest = Binomial { trials: known * values / inflation, share: level.beyond }
            .fewest(tail)
            .filter(|_| is_closed)
            .map(|count| count * inflation / known);
        let most = Binomial { trials: known * values / cautious, share: level.beyond }
            .most(tail)
            .map(|count| count * cautious / known);
        (self.value(most, -1.0), self.value(fewest, 1.0))
    }

    /// The value beyond which so many lie, with half a cell on the given side; none where more lie
    /// beyond than there are.
    fn value(&self, beyond: Option<f64>, side: f64) -> Option<f64> {
        let share = beyond? / self.pooled.total() as f64;
        let value = self.pooled.quantile(1.0 - share).filter(|_| share < 1.0)?;
        Some(self.pooled.observed(value + side * Histogram::half_cell(value)))
    }

    /// By how much the variance of the number of values beyond a level exceeds that of independent
    /// values: between replications, and between batches of consecutive values (0 where there are too
    /// few of them).
    fn inflation(&self, level: Level) -> (f64, f64) {
        let counts = self.seen.iter().map(|(histogram, _)| {
            let total = histogram.total() as f64;
            (total - histogram.count_below(level.value), total)
        });
        let batches: Vec<(f64, f64)> = self
            .seen
            .iter()
            .flat_map(|(_, batches)| {
                batches.beyond(level.value).map(|beyond| (beyond, batches.size() as f64))
            })
            .collect();
        let between = inflation(&counts.collect::<Vec<_>>());
        (between, if batches.len() < ENOUGH_BATCHES { 0.0 } else { inflation(&batches) })
    }

    /// The share of an inflation between replications that is more than chance makes of none.
    fn chance_between(&self) -> f64 {
        let freedom = self.seen.len() as f64 - 1.0;
        ChiSquared::new(freedom).map_or(1.0, |law| freedom / law.inverse_cdf(BEYOND_BATCHES))
    }

    /// The inflation at less extreme levels: of the batches, unless replications differ by more than
    /// batches explain.
    fn inflation_around(&self, level: Level) -> f64 {
        let chance = self.chance_between();
        let wider = LESS_EXTREME.map(|times| (times * level.beyond).min(0.5).max(level.beyond));
        wider
            .iter()
            .filter_map(|beyond| {
                let value = self.pooled.quantile(1.0 - beyond)?;
                let (between, batches) = self.inflation(Level { value, beyond: *beyond });
                Some(batches.max(chance * between))
            })
            .fold(0.0, f64::max)
    }
}

/// Of parts, each with a count and the number of values that it is of.
fn inflation(parts: &[(f64, f64)]) -> f64 {
    let sum = |of: fn(&(f64, f64)) -> f64| parts.iter().map(of).sum::<f64>();
    let share = sum(|part| part.0) / sum(|part| part.1);
    let squares: f64 =
        parts.iter().map(|(count, of)| (count - share * of).powi(2) / of.max(1.0)).sum();
    let independent = share * (1.0 - share) * (parts.len() as f64 - 1.0);
    if independent > 0.0 { squares / independent } else { 0.0 }
}

/// A binomial count, of any real number of trials.
#[derive(Clone, Copy)]
struct Binomial {
    trials: f64,
    share: f64,
}

impl Binomial {
    /// The count that is undershot with a chance of `tail`; none where even 0 is likelier.
    fn fewest(self, tail: f64) -> Option<f64> {
        let at_most = |count: f64| match self.trials {
            trials if trials > POISSON => gamma::gamma_ur(count + 1.0, trials * self.share),
            trials => {
                beta_reg((trials - count).max(f64::MIN_POSITIVE), count + 1.0, 1.0 - self.share)
            }
        };
        (at_most(0.0) <= tail)
            .then(|| bisect(0.0, self.trials * self.share, |count| at_most(count) < tail))
    }

    /// The count that is exceeded with a chance of `tail`; none where even all are likelier.
    fn most(self, tail: f64) -> Option<f64> {
        let mean = self.trials * self.share;
        let at_least = |count: f64| match self.trials {
            trials if trials > POISSON => gamma::gamma_lr(count, mean),
            trials => beta_reg(count, trials - count + 1.0, self.share),
        };
        if mean <= 0.0 || at_least(self.trials) > tail {
            return None;
        }
        Some(bisect(mean, self.trials, |count| at_least(count) > tail))
    }
}

/// The place where `is_before` ends, between two values.
fn bisect(mut from: f64, mut to: f64, is_before: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..60 {
        let middle = 0.5 * (from + to);
        if is_before(middle) { from = middle } else { to = middle }
    }
    0.5 * (from + to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    /// Replications of so many values: exponential with the mean 1 s, each so many times.
    fn seen(replications: u32, values: u64, times: u64) -> Vec<(Histogram, Batches)> {
        let of = |replication| {
            let stream = Stream::new(5, replication, Purpose::Requests, 0);
            let (mut histogram, mut batches) = (Histogram::default(), Batches::default());
            for index in 0..values / times {
                let nanos = (-stream.uniform(index).ln() * 1e9) as u64;
                for _ in 0..times {
                    histogram.record(nanos);
                    batches.record(nanos);
                }
            }
            (histogram, batches)
        };
        (0..replications).map(of).collect()
    }

    fn quantile(seen: &[(Histogram, Batches)], probability: f64) -> Estimate {
        let mut pooled = Histogram::default();
        for (histogram, _) in seen {
            pooled.merge(histogram);
        }
        let seen = seen.iter().map(|(histogram, batches)| (histogram, batches)).collect();
        let replications = Replications { seen, pooled: &pooled, confidence: 0.95 };
        replications.quantile(probability).expect("there are values")
    }

    #[test]
    fn independent_values_have_the_interval_of_the_order_statistics() {
        // The standard deviation of a quantile of n exponential values is √(p / (1 - p) / n).
        let seen = seen(20, 10_000, 1);
        for (probability, tolerance) in [(0.5, 0.5), (0.9, 0.5), (0.99, 0.5)] {
            let found = quantile(&seen, probability);
            let expected = 2.09 * 1e9 * (probability / (1.0 - probability) / 200_000_f64).sqrt();
            let half_width =
                found.half_width.expect("enough values") - Histogram::half_cell(found.mean);
            assert!((half_width / expected - 1.0).abs() < tolerance, "{half_width} {expected}");
            assert!((found.mean + 1e9 * (1.0_f64 - probability).ln()).abs() < 2.0 * expected);
        }
    }

    #[test]
    fn a_cluster_counts_once() {
        // Clusters of 100: 2000 independent values, of which 2 lie beyond p99.9.
        let clusters = seen(20, 10_000, 100);
        let found = quantile(&clusters, 0.999);
        assert_eq!((found.upper, found.half_width), (None, None));
        assert!(found.lower.is_some_and(|lower| lower < found.mean && lower > 3e9), "{found:?}");
        assert!(quantile(&seen(20, 10_000, 1), 0.999).upper.is_some());
        // Those of the median are many, but its interval is ten times as long.
        let ratio = |found: Estimate| found.half_width.expect("both ends") / found.mean;
        let (together, apart) =
            (ratio(quantile(&clusters, 0.5)), ratio(quantile(&seen(20, 10_000, 1), 0.5)));
        assert!((5.0..20.0).contains(&(together / apart)), "{together} {apart}");
    }

    #[test]
    fn replications_that_agree_by_chance_do_not_shorten_the_interval_of_a_tail() {
        // One cluster of 30 large values in each: as regular as can be, and yet only six clusters.
        let replication = || {
            let (mut histogram, mut batches) = (Histogram::default(), Batches::default());
            for index in 0..30_000u64 {
                let nanos =
                    if (15_000..15_030).contains(&index) { 9e9 + index as f64 } else { 1e9 };
                histogram.record(nanos as u64);
                batches.record(nanos as u64);
            }
            (histogram, batches)
        };
        let seen: Vec<_> = (0..6).map(|_| replication()).collect();
        assert_eq!(quantile(&seen, 0.9995).upper, None);
    }

    #[test]
    fn of_what_is_rarer_no_more_is_known() {
        // The slowest 40 of 4000 take a second in both replications, and so many more half a second, or
        // else 0.2 s: both know of their p99 the same, and of their p95 not.
        let replication = |half_seconds: u64| {
            let (mut histogram, mut batches) = (Histogram::default(), Batches::default());
            for index in 0..4000_u64 {
                let nanos = match index * 619 % 400 {
                    place if place < 4 => 1_000_000_000,
                    place if place < 4 + half_seconds => 500_000_000,
                    place if place < 40 => 200_000_000,
                    _ => 1_000_000,
                };
                histogram.record(nanos);
                batches.record(nanos);
            }
            (histogram, batches)
        };
        let upper = |seen: &[_], probability| quantile(seen, probability).upper;
        let apart = [replication(36), replication(12)];
        assert_eq!([0.95, 0.98, 0.99].map(|p| upper(&apart, p)), [None; 3]);
        let alike = [replication(24), replication(24)];
        assert!([0.95, 0.98, 0.99].iter().all(|p| upper(&alike, *p).is_some()));
    }

    #[test]
    fn nothing_beyond_the_data_is_invented() {
        let few = seen(4, 100, 1);
        let found = quantile(&few, 0.9999);
        assert_eq!((found.upper, found.half_width), (None, None));
        let alone = quantile(&few[..1], 0.5);
        assert_eq!(alone, Estimate::unknown(alone.mean));
        assert!(quantile(&seen(2, 10_000, 1), 0.5).half_width.is_some());
        // Two replications say little: what is not known below is no less than the median.
        let two = quantile(&seen(2, 100, 10), 0.95);
        assert_eq!(two.upper, None);
    }

    #[test]
    fn counts_have_their_binomial_and_poisson_bounds() {
        // P(at most 2 of 20 at 0.3) = 0.0355, P(at least 11) = 0.0171, both from tables.
        let count = Binomial { trials: 20.0, share: 0.3 };
        assert!(count.fewest(0.0355).is_some_and(|few| (few - 2.0).abs() < 0.01));
        assert!(count.most(0.0171).is_some_and(|most| (most - 11.0).abs() < 0.01));
        // Garwood's interval of 8 events is 3.45 to 15.76, so that 8 is the bound of both.
        let poisson = |mean| Binomial { trials: 1e7, share: mean * 1e-7 };
        assert!(poisson(15.763).fewest(0.025).is_some_and(|few| (few - 8.0).abs() < 0.01));
        assert!(poisson(3.4538).most(0.025).is_some_and(|most| (most - 8.0).abs() < 0.01));
        // exp(-3.6) = 0.027: even none at all is no surprise.
        assert_eq!(poisson(3.6).fewest(0.025), None);
        // All of half a trial have a chance of √0.1, and of none nothing is known.
        assert_eq!(Binomial { trials: 0.5, share: 0.1 }.most(0.025), None);
        assert_eq!(Binomial { trials: 20.0, share: 0.0 }.most(0.025), None);
    }
    /// So many values of 0..1, evenly spaced and in no order (619 is prime), those of four replications
    /// between one another.
    fn evenly(count: usize, replication: usize) -> impl Iterator<Item = f64> {
        let shift = 0.25 * (replication as f64 + 0.5);
        (0..count).map(move |index| ((index * 619 % count) as f64 + shift) / count as f64)
    }

    /// Replications of so many values from 2^20 to 2^40 ns, evenly in their logarithm, of which so many
    /// lie in the last part of that, a share of `beyond`: evenly within each part, and over time.
    fn ladder(values: usize, beyond: f64, counts: [usize; 4]) -> Vec<(Histogram, Batches)> {
        let of = |(index, count): (usize, &usize)| {
            let (mut histogram, mut batches) = (Histogram::default(), Batches::default());
            let (mut above, mut below) = (evenly(*count, index), evenly(values - count, index));
            for index in 0..values {
                let is_above = (index + 1) * count / values > index * count / values;
                let place = if is_above {
                    above.next().map(|at| 1.0 - beyond + beyond * at)
                } else {
                    below.next().map(|at| (1.0 - beyond) * at)
                };
                let nanos = (20.0 + 20.0 * place.expect("so many")).exp2() as u64;
                histogram.record(nanos);
                batches.record(nanos);
            }
            (histogram, batches)
        };
        counts.iter().enumerate().map(of).collect()
    }

    /// Whether the ends are half a cell from where so many of the values of a ladder lie beyond.
    fn assert_counts(values: f64, found: &Estimate, beyond: [f64; 2], tolerance: f64) {
        let count = |end: Option<f64>, side: f64| {
            let end = end.expect("a closed interval");
            let at = end - side * Histogram::half_cell(end);
            values * (1.0 - (at.log2() - 20.0) / 20.0)
        };
        let counts = [count(found.lower, -1.0), count(found.upper, 1.0)];
        for (found, exact) in counts.iter().zip(beyond) {
            assert!((found - exact).abs() < tolerance, "{counts:?} and not {beyond:?}");
        }
    }

    #[test]
    fn where_many_lie_beyond_the_interval_is_student_s_of_their_number() {
        // Four counts of 640 to 960 with a variance of (160² + 160²) / 3; t(3, 0.975) = 3.182446.
        let half = 3.182_446 * (51_200.0_f64 / 3.0 * 4.0).sqrt();
        let found = quantile(&ladder(8000, 0.1, [640, 800, 800, 960]), 0.9);
        // Half a cell is 6 values.
        assert_counts(32_000.0, &found, [3200.0 + half, 3200.0 - half], 3.0);
    }

    #[test]
    fn where_few_lie_beyond_the_interval_is_that_of_a_poisson_count() {
        // P(at most 27.605) and P(at least 53.346) are 0.025 where 40 are expected, as incomplete gamma
        // functions; 10 in each of four replications vary less than by chance.
        let found = quantile(&ladder(1000, 0.01, [10; 4]), 0.99);
        assert_counts(4000.0, &found, [53.346, 27.605], 0.5);
    }

    #[test]
    fn where_the_few_differ_between_replications_they_are_worth_fewer() {
        // The inflation between 10, 20, 20 and 30 of 1000 is 200 / 3 / 19.6, and known as well as three
        // degrees of freedom allow: (1.959964 / 3.182446)². So 4000 values are worth 446.05, of which a
        // binomial count of 3.142 to 15.625 lies beyond, by incomplete beta functions: of 4000, so many.
        let found = quantile(&ladder(1000, 0.02, [10, 20, 20, 30]), 0.98);
        assert_counts(4000.0, &found, [140.12, 28.17], 1.5);
    }

    /// Replications of 30 batches of 16 values, each batch in a quarter of a doubling of its own.
    fn batches_apart() -> Vec<(Histogram, Batches)> {
        let (mut histogram, mut batches) = (Histogram::default(), Batches::default());
        for class in 0..30_u64 {
            let doubling = 1 << (20 + class / 4);
            for sixteenth in 0..16 {
                let nanos = doubling + (doubling / 64) * (class % 4 * 16 + sixteenth);
                histogram.record(nanos);
                batches.record(nanos);
            }
        }
        vec![(histogram, batches); 4]
    }

    #[test]
    fn what_comes_in_few_clusters_is_open_above_and_far_away_below() {
        // Of 64 beyond p96.67, 16 come together: an inflation of 16 · 120 / 119. The 1920 values are
        // worth 1920 · 0.379292 of what they are, 45.1358, of which P(at least 4.71516) is 0.025.
        let found = quantile(&batches_apart(), 29.0 / 30.0);
        let beyond = 4.715_157 * 1920.0 / 45.135_782;
        // 200.6 values are 3.134 classes of 64: class 26 has 2.5 doublings and more below it.
        let expected = f64::from(1 << 26) * (1.5 + 0.25 * (4.0 - beyond / 64.0));
        let lower = found.lower.expect("there are enough") + Histogram::half_cell(expected);
        assert!((lower / expected - 1.0).abs() < 0.005, "{lower}, exactly {expected}");
        assert_eq!(found.upper, None);
    }

    #[test]
    fn the_inflation_is_that_of_counts_over_that_of_independent_values() {
        // 2, 4 and 6 of 10 vary by 4, where a share of 0.4 has a variance of 2.4.
        assert!((inflation(&[(2.0, 10.0), (4.0, 10.0), (6.0, 10.0)]) - 4.0 / 2.4).abs() < 1e-12);
        assert_eq!(inflation(&[(0.0, 10.0), (0.0, 10.0)]), 0.0);
        assert_eq!(inflation(&[(4.0, 10.0)]), 0.0);
    }

    #[test]
    fn replications_that_differ_by_more_than_their_batches_inflate_the_levels_around() {
        // Below 1 to 8 to 64 ms; each value ends a cell, so that none is divided.
        let value = |class: u32| (1_u64 << (20 + 3 * class)) - 1;
        let replication = |high: usize, middle: usize| {
            let (mut histogram, mut batches) = (Histogram::default(), Batches::default());
            for index in 0..480 {
                let class = match index % 16 {
                    place if place < high => 2,
                    place if place < middle => 1,
                    _ => 0,
                };
                histogram.record(value(class));
                batches.record(value(class));
            }
            (histogram, batches)
        };
        let seen = [replication(6, 10), replication(2, 6)];
        let mut pooled = seen[0].0.clone();
        pooled.merge(&seen[1].0);
        let seen = seen.iter().map(|(histogram, batches)| (histogram, batches)).collect();
        let replications = Replications { seen, pooled: &pooled, confidence: 0.95 };
        // Eight times as far a quarter lies beyond, 180 and 60 of 480: an inflation of 80. With one
        // degree of freedom, 90 % of them are below 2.705543 times what they are on average.
        let level = Level { value: 1e9, beyond: 1.0 / 32.0 };
        let found = replications.inflation_around(level);
        assert!((found - 80.0 / 2.705_543).abs() < 1e-4, "{found}");
        // Batches of 16 with 6 and 2: squares of 2 instead of 3.
        let (between, batches) = replications.inflation(Level { value: 1.7e7, beyond: 0.25 });
        assert!((between - 80.0).abs() < 1e-9, "{between}");
        assert!((batches - 4.0 / 3.0 * 60.0 / 59.0).abs() < 1e-9, "{batches}");
        let (count, inflation) = replications.beyond(1.7e7);
        assert!(count == 240.0 && (inflation - 80.0 / 2.705_543).abs() < 1e-4, "{inflation}");
    }

    #[test]
    fn seven_batches_tell_no_inflation() {
        let of = |values: u64| {
            let (mut histogram, mut batches) = (Histogram::default(), Batches::default());
            (0..values).for_each(|index| {
                histogram.record(1 << (20 + index / 16));
                batches.record(1 << (20 + index / 16));
            });
            let pooled = histogram.clone();
            let seen = vec![(&histogram, &batches)];
            let replications = Replications { seen, pooled: &pooled, confidence: 0.95 };
            replications.inflation(Level { value: f64::from(1 << 22), beyond: 0.5 }).1
        };
        assert_eq!(of(7 * 16), 0.0);
        assert!(of(8 * 16) > 10.0);
    }

    #[test]
    fn what_is_not_known_below_is_no_less_than_the_median() {
        // All of the upper 5 % lie in one of two replications: worth less than one value, where the
        // median is known.
        let replication = |high: u64| {
            let (mut histogram, mut batches) = (Histogram::default(), Batches::default());
            for index in 0..1000_u64 {
                let is_high = index % 2 == 1 && index < 2 * high;
                let nanos =
                    1_000_000 + 500_000 * (index % 2) + index + u64::from(is_high) * 9_000_000;
                histogram.record(nanos);
                batches.record(nanos);
            }
            (histogram, batches)
        };
        let seen = [replication(100), replication(0)];
        let (found, median) = (quantile(&seen, 0.95), quantile(&seen, 0.5));
        assert!(found.mean > 1.5e6 && median.mean < 1.1e6, "{found:?} {median:?}");
        assert!(found.lower.is_some() && found.lower == median.lower, "{found:?} {median:?}");
    }
}
