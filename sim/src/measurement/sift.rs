//! Which measurements to believe: each is kept, or set aside with the reason.

use std::collections::BTreeMap;
use std::fmt;

use super::load_test::MOST_OFF_LITTLE;
use super::{Figure, Key, Load, LoadTest, Measurement, Observed, median};

/// Above this share of failed requests, the times are those of failures too.
pub const MOST_ERRORS: f64 = 0.001;

/// An operation with less than this share of the requests of its test does not stand for the test: it is
/// set aside alone.
pub const LEAST_OF_TEST: f64 = 0.01;

/// So many requests must lie above a quantile: the share above it is then known to 22 % (1/√20).
pub const LEAST_ABOVE_QUANTILE: f64 = 20.0;

/// From so many repeats on, their median says what is noise.
pub const LEAST_REPEATS: usize = 3;

/// So far may a throughput be from the median of its repeats, relative to it. Ten published repeats
/// scatter by 6 %.
pub const MOST_NOISE: f64 = 0.25;

/// Above this share of idle time, with more than [`MANY_INSIDE`] requests inside, something else than
/// the processors held the requests up.
pub const MOST_IDLE: f64 = 0.15;

/// Requests inside a node for each of its processors. Pauses that end for all at once explain a tenth.
pub const MANY_INSIDE: f64 = 50.0;

/// Every measurement that was given, in the order given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sifted {
    /// Those to believe, without the quantiles that too few requests support.
    pub kept: Vec<Measurement>,
    /// The others, with the first reason found.
    pub set_aside: Vec<(Measurement, Reason)>,
    /// The quantiles taken from those kept: the origin of each, and why.
    pub quantiles_dropped: Vec<(String, Reason)>,
}

/// Why a measurement, or a quantile, is not to be believed.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// Its own file, or its reader, says so.
    Flagged(String),
    /// A figure is missing.
    Missing(&'static str),
    /// A figure is none that can be.
    Impossible {
        /// Its name.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// More requests failed than [`MOST_ERRORS`].
    Errors {
        /// Their share.
        fraction: f64,
    },
    /// Throughput × (mean + think time), summed over the operations of the test, is not the number of
    /// users (Little, Operations Research 9, 1961).
    Little {
        /// Throughput × mean.
        in_flight: f64,
        /// Throughput × think time, where that is known.
        thinking: Option<f64>,
        /// Users at once.
        users: u32,
    },
    /// Another operation of its test is set aside, without which its users cannot be simulated.
    Together {
        /// The other operation.
        operation: String,
    },
    /// The processors were idle for more than [`MOST_IDLE`] with more than [`MANY_INSIDE`] requests
    /// inside for each.
    Idle {
        /// Share of the processors' time.
        idle: f64,
        /// Requests inside for each processor.
        inside: f64,
    },
    /// A higher quantile is the shorter time.
    NotAscending {
        /// Probability and seconds.
        lower: (f64, f64),
        /// Probability and seconds.
        higher: (f64, f64),
    },
    /// The mean is longer than the longest time; both in seconds.
    MeanAboveMax {
        /// The mean.
        mean: f64,
        /// The longest.
        max: f64,
    },
    /// Too few requests lie above a quantile.
    TooFewRequests {
        /// Of the quantile.
        probability: f64,
        /// How many lie above it.
        above: f64,
    },
    /// Its throughput is far from the median of its repeats.
    Noisy {
        /// Requests per second.
        throughput: f64,
        /// Requests per second.
        median: f64,
        /// How many repeats there are, itself included.
        repeats: usize,
    },
}

/// Divides measurements into those to believe and the others. Repeats are those of one version: other
/// versions may be faster.
///
/// A closed load needs a mean, so that Little's law can be checked; an open one without times is a
/// capacity, and kept. Little's law is asked of all operations of a test together, and not of operations
/// that share users with others who are not known. Users who are not on their way think; there cannot be
/// more on their way than there are.
pub fn sift(measurements: Vec<Measurement>) -> Sifted {
    let mut reasons: Vec<Option<Reason>> = measurements.iter().map(doubt).collect();
    for places in tests(&measurements) {
        of_test(&measurements, &places, &mut reasons);
    }
    let mut throughputs: BTreeMap<(Key, Option<&str>), Vec<f64>> = BTreeMap::new();
    for (measurement, reason) in measurements.iter().zip(&reasons) {
        if reason.is_none() {
            let repeats = (measurement.key(), measurement.version.as_deref());
            throughputs.entry(repeats).or_default().extend(measurement.throughput);
        }
    }
    for (measurement, reason) in measurements.iter().zip(&mut reasons) {
        let repeats = throughputs.get(&(measurement.key(), measurement.version.as_deref()));
        *reason = reason.take().or_else(|| noise(measurement, repeats?));
    }
    for places in tests(&measurements) {
        set_aside_together(&measurements, &places, &mut reasons);
    }
    let mut sifted = Sifted::default();
    for (mut measurement, reason) in measurements.into_iter().zip(reasons) {
        if let Some(reason) = reason {
            sifted.set_aside.push((measurement, reason));
        } else {
            sifted.quantiles_dropped.extend(unsupported(&mut measurement));
            sifted.kept.push(measurement);
        }
    }
    sifted
}

/// The places of the operations of each test.
fn tests(measurements: &[Measurement]) -> Vec<Vec<usize>> {
    let mut tests: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut alone = Vec::new();
    for (place, measurement) in measurements.iter().enumerate() {
        match &measurement.test {
            Some(name) => tests.entry(name).or_default().push(place),
            None => alone.push(vec![place]),
        }
    }
    tests.into_values().chain(alone).collect()
}

/// Asks Little's law of a test of which nothing that counts is in doubt.
fn of_test(measurements: &[Measurement], places: &[usize], reasons: &mut [Option<Reason>]) {
    set_aside_together(measurements, places, reasons);
    let kept: Vec<usize> =
        places.iter().copied().filter(|place| reasons[*place].is_none()).collect();
    if kept.is_empty() {
        return;
    }
    let operations = kept.iter().map(|place| measurements[*place].clone()).collect();
    let reason = little(&LoadTest { operations });
    for place in kept {
        reasons[place].clone_from(&reason);
    }
}

/// An operation that counts takes the others of its test with it.
fn set_aside_together(
    measurements: &[Measurement],
    places: &[usize],
    reasons: &mut [Option<Reason>],
) {
    let requests = |place: usize| measurements[place].requests.unwrap_or(0) as f64;
    let all: f64 = places.iter().map(|place| requests(*place)).sum();
    let counts = |place: usize| requests(place) >= LEAST_OF_TEST * all;
    let first = places.iter().find(|place| reasons[**place].is_some() && counts(**place));
    let Some(first) = first else { return };
    let operation = measurements[*first].operation.clone();
    for place in places {
        reasons[*place].get_or_insert(Reason::Together { operation: operation.clone() });
    }
}

fn doubt(measurement: &Measurement) -> Option<Reason> {
    let flagged = measurement.flag.clone().map(Reason::Flagged);
    flagged
        .or_else(|| missing(measurement))
        .or_else(|| impossible(measurement))
        .or_else(|| errors(measurement))
        .or_else(|| idle(measurement))
        .or_else(|| not_ascending(measurement))
        .or_else(|| mean_above_max(measurement))
}

fn missing(measurement: &Measurement) -> Option<Reason> {
    let closed = matches!(measurement.load, Load::Closed { .. });
    if measurement.throughput.is_none() {
        return Some(Reason::Missing("throughput"));
    }
    (closed && measurement.mean.is_none()).then_some(Reason::Missing("mean"))
}

fn impossible(measurement: &Measurement) -> Option<Reason> {
    let most = f64::MAX;
    let positive = f64::MIN_POSITIVE;
    let figures = [
        ("throughput", measurement.throughput, positive..=most),
        ("mean", measurement.mean, 0.0..=most),
        ("standard deviation", measurement.sd, 0.0..=most),
        ("longest time", measurement.max, 0.0..=most),
        ("share of collection", measurement.gc_share, 0.0..=1.0),
        ("idle share of processors", measurement.cpu_idle, 0.0..=1.0),
        ("share of errors", measurement.error_fraction, 0.0..=1.0),
        ("size", measurement.size_kib, 0.0..=most),
        ("size of an answer", measurement.answer_kib, 0.0..=most),
        ("cores", measurement.cores, positive..=most),
        ("heap", measurement.heap_gib, positive..=most),
        ("cv of the backend", measurement.backend.map(|backend| backend.cv), 0.0..=most),
    ];
    let load = match measurement.load {
        Load::Closed { users } => ("users", Some(f64::from(users)), 1.0..=most),
        Load::Open { rate } => ("rate", Some(rate), positive..=most),
    };
    let quantiles = measurement.quantiles.iter().flat_map(|(probability, seconds)| {
        [("probability", Some(*probability), 0.0..=1.0), ("quantile", Some(*seconds), 0.0..=most)]
    });
    figures.into_iter().chain([load]).chain(quantiles).find_map(|(what, value, range)| {
        value.filter(|value| !range.contains(value)).map(|value| Reason::Impossible { what, value })
    })
}

fn errors(measurement: &Measurement) -> Option<Reason> {
    // Where it is said how far they may move the times, that is allowed for.
    let allowed = measurement.bounds.iter().any(|bounds| bounds.figure == Figure::Mean);
    let fraction =
        measurement.error_fraction.filter(|fraction| *fraction > MOST_ERRORS && !allowed);
    fraction.map(|fraction| Reason::Errors { fraction })
}

fn little(test: &LoadTest) -> Option<Reason> {
    let users = test.users()?;
    if !test.is_whole() {
        return None;
    }
    let in_flight = test.in_flight()?;
    let shown = test.operations.iter().find_map(|row| row.think);
    let thinking = shown.zip(test.throughput()).map(|(think, rate)| rate * think.mean.as_seconds());
    let off = (in_flight + thinking.unwrap_or(0.0)) / f64::from(users) - 1.0;
    let broken = off > MOST_OFF_LITTLE || (thinking.is_some() && off < -MOST_OFF_LITTLE);
    broken.then_some(Reason::Little { in_flight, thinking, users })
}

/// A node that is short of anything but processors (network, memory of another kind) or waits for a load
/// generator is no measure of its demands.
fn idle(measurement: &Measurement) -> Option<Reason> {
    let idle = measurement.cpu_idle?;
    let backend = match measurement.observed {
        Observed::RoundTrip => measurement.backend_seconds(),
        Observed::GatewayTime => 0.0,
    };
    let inside = measurement.throughput? * (measurement.mean? - backend) / measurement.cores?;
    (idle > MOST_IDLE && inside > MANY_INSIDE).then_some(Reason::Idle { idle, inside })
}

fn not_ascending(measurement: &Measurement) -> Option<Reason> {
    let pair = measurement
        .quantiles
        .windows(2)
        .find(|pair| pair[0].0 >= pair[1].0 || pair[0].1 > pair[1].1)?;
    Some(Reason::NotAscending { lower: pair[0], higher: pair[1] })
}

fn mean_above_max(measurement: &Measurement) -> Option<Reason> {
    let (mean, max) = (measurement.mean?, measurement.max?);
    (mean > max).then_some(Reason::MeanAboveMax { mean, max })
}

fn noise(measurement: &Measurement, repeats: &[f64]) -> Option<Reason> {
    let throughput = measurement.throughput?;
    let median = median(repeats.to_vec())?;
    let noisy = repeats.len() >= LEAST_REPEATS && (throughput / median - 1.0).abs() > MOST_NOISE;
    noisy.then_some(Reason::Noisy { throughput, median, repeats: repeats.len() })
}

/// Takes the quantiles that too few requests support.
fn unsupported(measurement: &mut Measurement) -> Vec<(String, Reason)> {
    let Some(requests) = measurement.requests else { return Vec::new() };
    // Probabilities are decimal fractions: 1 - 0.99 is a little less than a hundredth.
    let above = |probability: f64| (1.0 - probability) * requests as f64 * (1.0 + 1e-9);
    let supported = |probability: f64| above(probability) >= LEAST_ABOVE_QUANTILE;
    let all = std::mem::take(&mut measurement.quantiles);
    let (kept, dropped) = all.into_iter().partition(|quantile| supported(quantile.0));
    measurement.quantiles = kept;
    let reason = |(probability, _): (f64, f64)| Reason::TooFewRequests {
        probability,
        above: above(probability),
    };
    let dropped: Vec<(f64, f64)> = dropped;
    dropped.into_iter().map(|quantile| (measurement.origin.clone(), reason(quantile))).collect()
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flagged(flag) => write!(formatter, "flagged: {flag}"),
            Self::Missing(what) => write!(formatter, "no {what} is stated"),
            Self::Impossible { what, value } => write!(formatter, "{what} cannot be {value}"),
            Self::Errors { fraction } => write!(
                formatter,
                "{:.2} % of requests failed, more than {} %",
                fraction * 100.0,
                MOST_ERRORS * 100.0
            ),
            Self::Little { in_flight, thinking: None, users } => write!(
                formatter,
                "throughput × mean is {in_flight:.1} in flight, more than {users} users (Little's \
                 law): they are counted wrongly, or of one of several load generators"
            ),
            Self::Little { in_flight, thinking: Some(thinking), users } => write!(
                formatter,
                "throughput × mean is {in_flight:.1} in flight and × think time {thinking:.1} who \
                 think, not {users} users (Little's law): they did not all run, or are counted wrongly"
            ),
            Self::Together { operation } => {
                write!(formatter, "`{operation}`, which the same users asked for, is set aside")
            }
            Self::Idle { idle, inside } => write!(
                formatter,
                "processors were idle for {:.0} % with {inside:.0} requests inside for each: something \
                 else held them up",
                idle * 100.0
            ),
            Self::NotAscending { lower, higher } => write!(
                formatter,
                "{} of {:.1} ms is not below {} of {:.1} ms",
                percentile(lower.0),
                lower.1 * 1e3,
                percentile(higher.0),
                higher.1 * 1e3
            ),
            Self::MeanAboveMax { mean, max } => write!(
                formatter,
                "the mean of {:.1} ms is above the longest, {:.1} ms",
                mean * 1e3,
                max * 1e3
            ),
            Self::TooFewRequests { probability, above } => write!(
                formatter,
                "{} has {above:.0} requests above it, fewer than {LEAST_ABOVE_QUANTILE}",
                percentile(*probability)
            ),
            Self::Noisy { throughput, median, repeats } => write!(
                formatter,
                "noisy: {throughput:.1} /s, where the median of {repeats} repeats is {median:.1} /s"
            ),
        }
    }
}

/// `p99.9`, without the digits that binary fractions add.
fn percentile(probability: f64) -> String {
    format!("p{}", (probability * 1e8).round() / 1e6)
}

#[cfg(test)]
mod tests {
    use super::super::ThinkTimes;
    use super::super::fabricated::measurement;
    use super::*;
    use crate::time::SimDuration;

    fn reason(change: impl FnOnce(&mut Measurement)) -> Reason {
        let mut changed = measurement();
        change(&mut changed);
        let mut sifted = sift(vec![changed]);
        assert!(sifted.kept.is_empty());
        sifted.set_aside.remove(0).1
    }

    #[test]
    fn a_sound_measurement_is_kept_as_it_is() {
        let sifted = sift(vec![measurement()]);
        assert_eq!(sifted.kept, [measurement()]);
        assert!(sifted.set_aside.is_empty() && sifted.quantiles_dropped.is_empty());
    }

    #[test]
    fn every_doubt_says_its_figures() {
        let said = |change: fn(&mut Measurement)| reason(change).to_string();
        assert_eq!(said(|m| m.flag = Some("little_off".into())), "flagged: little_off");
        assert_eq!(said(|m| m.throughput = None), "no throughput is stated");
        assert_eq!(said(|m| m.mean = None), "no mean is stated");
        assert_eq!(said(|m| m.mean = Some(f64::NAN)), "mean cannot be NaN");
        assert_eq!(said(|m| m.throughput = Some(0.0)), "throughput cannot be 0");
        assert_eq!(said(|m| m.load = Load::Closed { users: 0 }), "users cannot be 0");
        assert_eq!(
            said(|m| m.error_fraction = Some(0.0105)),
            "1.05 % of requests failed, more than 0.1 %"
        );
        assert_eq!(
            said(|m| m.mean = Some(0.06)),
            "throughput × mean is 120.0 in flight, more than 100 users (Little's law): they are counted \
             wrongly, or of one of several load generators"
        );
        assert_eq!(
            said(|m| {
                m.mean = Some(0.01);
                m.think = Some(ThinkTimes { mean: SimDuration::from_ms(20.0), cv: 0.0 });
            }),
            "throughput × mean is 20.0 in flight and × think time 40.0 who think, not 100 users \
             (Little's law): they did not all run, or are counted wrongly"
        );
        assert_eq!(
            said(|m| {
                (m.load, m.mean, m.cpu_idle) = (Load::Closed { users: 300 }, Some(0.15), Some(0.3));
            }),
            "processors were idle for 30 % with 150 requests inside for each: something else held them \
             up"
        );
        assert_eq!(
            said(|m| m.quantiles[1].1 = 0.3),
            "p99 of 300.0 ms is not below p99.9 of 200.0 ms"
        );
        assert_eq!(
            said(|m| m.max = Some(0.04)),
            "the mean of 50.0 ms is above the longest, 40.0 ms"
        );
    }

    #[test]
    fn a_quantile_of_too_few_requests_is_dropped_and_named() {
        let mut few = measurement();
        few.requests = Some(2000);
        let sifted = sift(vec![few]);
        assert_eq!(sifted.kept[0].quantiles, [(0.5, 0.045), (0.99, 0.12)]);
        let (origin, reason) = &sifted.quantiles_dropped[0];
        assert_eq!(origin, "test.csv:2");
        assert_eq!(reason.to_string(), "p99.9 has 2 requests above it, fewer than 20");
    }

    #[test]
    fn a_throughput_far_from_that_of_three_repeats_is_noise() {
        let of = |throughput: f64| Measurement {
            throughput: Some(throughput),
            mean: Some(100.0 / throughput),
            ..measurement()
        };
        let sifted = sift(vec![of(2000.0), of(1400.0), of(2100.0)]);
        assert_eq!(sifted.kept.len(), 2);
        assert_eq!(
            sifted.set_aside[0].1.to_string(),
            "noisy: 1400.0 /s, where the median of 3 repeats is 2000.0 /s"
        );
        assert_eq!(sift(vec![of(2000.0), of(1400.0)]).kept.len(), 2);
        let other = Measurement { version: Some("3.1.0".to_owned()), ..of(1400.0) };
        assert_eq!(sift(vec![of(2000.0), other, of(2100.0)]).kept.len(), 3);
    }

    fn of_one_test(operation: &str, throughput: f64, requests: u64) -> Measurement {
        Measurement {
            operation: operation.to_owned(),
            throughput: Some(throughput),
            requests: Some(requests),
            test: Some("one".to_owned()),
            quantiles: Vec::new(),
            ..measurement()
        }
    }

    #[test]
    fn users_who_are_not_on_their_way_think() {
        let thinks = Measurement { mean: Some(0.01), ..measurement() };
        let shown = Some(ThinkTimes { mean: SimDuration::from_ms(40.0), cv: 1.0 });
        let shows = Measurement { think: shown, ..thinks.clone() };
        assert_eq!(sift(vec![thinks, shows]).kept.len(), 2);
    }

    /// 50 ms of 1500 + 480 a second are 99 of 100 users; of each alone they are not.
    #[test]
    fn little_s_law_is_asked_of_all_operations_of_a_test_together() {
        let test = |mean| {
            let read = Measurement { mean: Some(mean), ..of_one_test("read", 1500.0, 9000) };
            vec![read, of_one_test("write", 480.0, 2880)]
        };
        assert_eq!(sift(test(0.05)).kept.len(), 2);
        let sifted = sift(test(0.06));
        let reasons: Vec<_> = sifted.set_aside.iter().map(|(_, reason)| reason).collect();
        let broken = Reason::Little { in_flight: 114.0, thinking: None, users: 100 };
        assert_eq!(reasons, [&broken, &broken]);
    }

    #[test]
    fn an_operation_takes_the_others_of_its_test_with_it_unless_it_hardly_counts() {
        let test = |requests| {
            let slow = Measurement { mean: None, ..of_one_test("slow", 0.1, requests) };
            sift(vec![of_one_test("read", 1999.0, 10_000), slow])
        };
        let sifted = test(90);
        assert_eq!((sifted.kept.len(), sifted.set_aside.len()), (1, 1));
        let sifted = test(200);
        assert_eq!(sifted.kept.len(), 0);
        assert_eq!(
            sifted.set_aside[0].1.to_string(),
            "`slow`, which the same users asked for, is set aside"
        );
        assert_eq!(sifted.set_aside[1].1, Reason::Missing("mean"));
    }

    #[test]
    fn little_s_law_is_asked_of_closed_loads_that_have_the_node_for_themselves() {
        let mut shared = measurement();
        shared.throughput = Some(5000.0);
        shared.shares_node_with = vec!["login".to_owned()];
        let open = Measurement { load: Load::Open { rate: 2000.0 }, mean: None, ..measurement() };
        assert_eq!(sift(vec![shared, open]).kept.len(), 2);
    }
}
