//! What one log says of each operation in it: counts and times, in memory that does not grow.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use sim::measurement::BackendTimes;
use sim::stats::{Histogram, QUANTILES};
use sim::time::SimDuration;

use crate::error::Problem;

/// A log shows the short times, too, of which what cannot be waited away is made.
const LOWER_QUANTILES: [f64; 2] = [0.1, 0.25];

/// No request takes longer: eleven days, in milliseconds.
pub(crate) const LONGEST_MS: u64 = 1_000_000_000;

/// A log with more operations has one per request, and says nothing of any.
const MOST_OPERATIONS: usize = 1000;

/// Longer names are no names, in bytes.
const LONGEST_NAME: usize = 300;

/// So many others that share the node are named; nobody models more.
pub(crate) const MOST_BESIDE: usize = 100;

/// Operations that were served at once.
pub(crate) struct Together<'a> {
    /// By name.
    pub(crate) labels: Vec<&'a str>,
    /// The one with the most requests; of several, the first by name.
    pub(crate) most: &'a str,
    /// From the first request to the last, ms since 1970.
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) counted: u64,
}

/// Operations by name.
#[derive(Default)]
pub(crate) struct Operations(BTreeMap<String, Tally>);

/// What is known of one operation.
#[derive(Default)]
pub(crate) struct Tally {
    /// Times of requests, in ms.
    pub(crate) times: Times,
    /// Times of the backend, in ms.
    pub(crate) backend: Moments,
    /// Sizes of messages, in bytes.
    pub(crate) bytes: Moments,
    /// Requests of which it is known whether they failed.
    pub(crate) judged: u64,
    /// Requests that failed.
    pub(crate) failed: u64,
    /// Times of those that failed, in ms, where they are left out of the other times.
    pub(crate) failures: Moments,
    count: u64,
    // The first and the last: instants in ms since 1970, and lines.
    instants: Option<(i64, i64)>,
    lines: Option<(u64, u64)>,
}

/// Times in whole microseconds.
#[derive(Default)]
pub(crate) struct Times {
    /// In ms.
    moments: Moments,
    /// In it, a unit is a millisecond: up to 256 of them have a cell of their own.
    whole: Histogram,
    /// In it, a unit is a microsecond.
    fine: Histogram,
    longest_us: u64,
    /// Some are no whole milliseconds.
    is_fine: bool,
}

/// Mean and variance of a stream (Welford, Technometrics 4, 1962).
#[derive(Default)]
pub(crate) struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Operations {
    /// The operation of that name.
    pub(crate) fn of(&mut self, name: &str) -> Result<&mut Tally, Problem> {
        if !self.0.contains_key(name) {
            may_be_one_more(name, self.0.len())?;
            self.0.insert(name.to_owned(), Tally::default());
        }
        Ok(self.0.entry(name.to_owned()).or_default())
    }

    /// All of them, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Tally)> {
        self.0.iter().map(|(name, tally)| (name.as_str(), tally))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many requests have a time.
    pub(crate) fn timed(&self) -> u64 {
        self.0.values().map(|tally| tally.times.count()).sum()
    }

    /// The others that were served while this one was.
    pub(crate) fn beside(&self, name: &str) -> Vec<String> {
        self.others(name).map(|(other, _)| other.to_owned()).take(MOST_BESIDE).collect()
    }

    /// Those that were served while this one was, or while one of those was, itself among them.
    pub(crate) fn together(&self, name: &str) -> Together<'_> {
        let mut labels: Vec<&str> =
            self.0.keys().map(String::as_str).filter(|n| *n == name).collect();
        let mut next = 0;
        while let Some(label) = labels.get(next).copied() {
            let new =
                self.others(label).map(|(other, _)| other).filter(|new| !labels.contains(new));
            let new: Vec<&str> = new.collect();
            labels.extend(new);
            next += 1;
        }
        labels.sort_unstable();
        let tallies = || labels.iter().filter_map(|label| self.0.get(*label));
        let instants = || tallies().filter_map(|tally| tally.instants);
        let count = |label: &&&str| self.0.get(**label).map_or(0, |tally| tally.count);
        Together {
            most: labels.iter().rev().max_by_key(count).copied().unwrap_or_default(),
            first: instants().map(|(first, _)| first).min().unwrap_or(0),
            last: instants().map(|(_, last)| last).max().unwrap_or(0),
            counted: tallies().map(|tally| tally.count).sum::<u64>().max(1),
            labels,
        }
    }

    fn others(&self, name: &str) -> impl Iterator<Item = (&str, &Tally)> {
        let own = self.0.get(name).and_then(|tally| tally.instants);
        let meets = move |tally: &Tally| {
            let both = own.zip(tally.instants);
            both.is_some_and(|((first, last), (a, b))| a < last && first < b)
        };
        self.iter().filter(move |(other, tally)| *other != name && meets(tally))
    }
}

/// Whether an operation of that name may come to so many others.
pub(crate) fn may_be_one_more(name: &str, others: usize) -> Result<(), Problem> {
    if others < MOST_OPERATIONS && name.len() <= LONGEST_NAME {
        return Ok(());
    }
    let what = "operations, or one with a name of more than 300 bytes";
    let remedy = "give requests of one kind one name";
    Err(Problem::TooMany { most: MOST_OPERATIONS, what, remedy })
}

impl Tally {
    /// Counts a request at an instant, in ms since 1970, and a line.
    pub(crate) fn count(&mut self, instant: i64, line: u64) {
        self.count += 1;
        let (first, last) = self.instants.unwrap_or((instant, instant));
        self.instants = Some((first.min(instant), last.max(instant)));
        self.lines = Some((self.lines.map_or(line, |lines| lines.0), line));
    }

    /// How many were counted.
    pub(crate) fn counted(&self) -> u64 {
        self.count
    }

    /// Requests per second between the first and the last; the first opens the window.
    pub(crate) fn rate(&self) -> Option<f64> {
        let (first, last) = self.instants?;
        let seconds = last.saturating_sub(first) as f64 / 1000.0;
        (seconds > 0.0).then(|| (self.count - 1) as f64 / seconds)
    }

    /// The lines that it was read from.
    pub(crate) fn lines(&self) -> RangeInclusive<u64> {
        self.lines.map_or(0..=0, |(first, last)| first..=last)
    }

    /// Share of requests that failed, where any is known to have failed or not.
    pub(crate) fn error_fraction(&self) -> Option<f64> {
        (self.judged > 0).then(|| self.failed as f64 / self.judged as f64)
    }

    /// Mean size in KiB.
    pub(crate) fn size_kib(&self) -> Option<f64> {
        self.bytes.mean().map(|bytes| bytes / 1024.0)
    }

    /// Times of the backend.
    pub(crate) fn backend(&self) -> Option<BackendTimes> {
        let mean = self.backend.mean()?;
        let cv = if mean > 0.0 { self.backend.deviation()? / mean } else { 0.0 };
        Some(BackendTimes { mean: SimDuration::from_ms(mean), cv })
    }
}

impl Times {
    /// Counts a time.
    pub(crate) fn record(&mut self, us: u64) {
        self.moments.record(us as f64 / 1e3);
        self.whole.record(us / 1000);
        self.fine.record(us);
        self.longest_us = self.longest_us.max(us);
        self.is_fine |= !us.is_multiple_of(1000);
    }

    /// Adds those of another log.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.moments.merge(&other.moments);
        self.whole.merge(&other.whole);
        self.fine.merge(&other.fine);
        self.longest_us = self.longest_us.max(other.longest_us);
        self.is_fine |= other.is_fine;
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.moments.count
    }

    /// The time that half of them stay below, ms.
    pub(crate) fn median_ms(&self) -> f64 {
        self.fine.quantile(0.5).unwrap_or(0.0) / 1e3
    }

    /// The longest, in seconds.
    pub(crate) fn max(&self) -> Option<f64> {
        (self.count() > 0).then_some(self.longest_us as f64 / 1e6)
    }

    /// The mean, in seconds.
    pub(crate) fn mean(&self) -> Option<f64> {
        self.moments.mean().map(|ms| ms / 1e3)
    }

    /// The standard deviation, in seconds.
    pub(crate) fn deviation(&self) -> Option<f64> {
        self.moments.deviation().map(|ms| ms / 1e3)
    }

    /// The usual quantiles with their probabilities, in seconds: exact where times are whole milliseconds
    /// below 256.
    pub(crate) fn quantiles(&self) -> Vec<(f64, f64)> {
        let (histogram, per_second) =
            if self.is_fine { (&self.fine, 1e6) } else { (&self.whole, 1e3) };
        let quantile = |probability: f64| {
            let value = histogram.whole_quantile(probability)?;
            Some((probability, value as f64 / per_second))
        };
        LOWER_QUANTILES.into_iter().chain(QUANTILES).filter_map(quantile).collect()
    }
}

impl Moments {
    /// Counts a value.
    pub(crate) fn record(&mut self, value: f64) {
        self.count += 1;
        let off = value - self.mean;
        self.mean += off / self.count as f64;
        self.squares += off * (value - self.mean);
    }

    /// Adds those of another stream (Chan, Golub and `LeVeque`, 1979, equation 2.1).
    pub(crate) fn merge(&mut self, other: &Self) {
        let count = self.count + other.count;
        if other.count == 0 {
            return;
        }
        let share = other.count as f64 / count as f64;
        let off = other.mean - self.mean;
        self.mean += off * share;
        self.squares += other.squares + off * off * self.count as f64 * share;
        self.count = count;
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The mean.
    pub(crate) fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// The standard deviation.
    pub(crate) fn deviation(&self) -> Option<f64> {
        (self.count > 0).then(|| (self.squares / self.count as f64).max(0.0).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest value that a share `probability` of the values does not exceed.
    fn sorted_quantile(values: &[u64], probability: f64) -> f64 {
        let rank = (probability * values.len() as f64 - 1e-6).ceil() as usize;
        values[rank.max(1) - 1] as f64 / 1000.0
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_values() {
        let mut values: Vec<u64> =
            (0..100_000_u64).map(|i| (i * 7919 % 65_537).pow(2) >> 18).collect();
        let mut times = Times::default();
        for ms in &values {
            times.record(*ms * 1000);
        }
        values.sort_unstable();
        for (probability, found) in times.quantiles() {
            let exact = sorted_quantile(&values, probability);
            assert!((found - exact).abs() <= 0.005 * exact, "{probability}: {found} {exact}");
        }
        let mean = values.iter().sum::<u64>() as f64 / values.len() as f64;
        let square = values.iter().map(|ms| (*ms as f64 - mean).powi(2)).sum::<f64>();
        assert!((times.moments.mean().expect("values") / mean - 1.0).abs() < 1e-9);
        let deviation = (square / values.len() as f64).sqrt();
        assert!((times.moments.deviation().expect("values") / deviation - 1.0).abs() < 1e-9);
    }

    #[test]
    fn quantiles_below_a_quarter_of_a_second_are_exact() {
        let mut times = Times::default();
        (1..=200).for_each(|ms| times.record(ms * 1000));
        let expected =
            [(0.5, 0.1), (0.75, 0.15), (0.9, 0.18), (0.95, 0.19), (0.98, 0.196), (0.99, 0.198)];
        assert_eq!(times.quantiles()[2..8], expected);
        let mut nothing = Times::default();
        nothing.record(0);
        assert_eq!(nothing.quantiles()[2], (0.5, 0.0));
    }

    #[test]
    fn the_window_opens_with_the_first_request() {
        let mut tally = Tally::default();
        (0..=10).for_each(|i| tally.count(i * 100, i as u64 + 2));
        assert_eq!(tally.rate(), Some(10.0));
        assert_eq!(tally.lines(), 2..=12);
        let mut single = Tally::default();
        single.count(i64::MAX, 1);
        assert_eq!(single.rate(), None);
    }
}
