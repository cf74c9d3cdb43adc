//! Which measurements to believe: each is kept, or set aside with the reason.

use std::collections::BTreeMap;
use std::fmt;

use super::{Key, Load, Measurement, Observed, median};

/// Above this share of failed requests, the times are those of failures too.
pub const MOST_ERRORS: f64 = 0.001;

/// So far may throughput × mean be from the users, relative to them. In WSO2's published rows it is
/// within 1 %.
pub const MOST_OFF_LITTLE: f64 = 0.05;

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
    /// Throughput × mean is not the number of users (Little, Operations Research 9, 1961).
    Little {
        /// Throughput × mean.
        in_flight: f64,
        /// Users at once.
        users: u32,
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
/// capacity, and kept. Little's law is not asked of operations that share users with others.
pub fn sift(measurements: Vec<Measurement>) -> Sifted {
    let mut throughputs: BTreeMap<(Key, Option<&str>), Vec<f64>> = BTreeMap::new();
    for measurement in measurements.iter().filter(|measurement| doubt(measurement).is_none()) {
        let repeats = (measurement.key(), measurement.version.as_deref());
        throughputs.entry(repeats).or_default().extend(measurement.throughput);
    }
    let reasons: Vec<Option<Reason>> = measurements
        .iter()
        .map(|measurement| {
            let repeats = (measurement.key(), measurement.version.as_deref());
            doubt(measurement).or_else(|| noise(measurement, throughputs.get(&repeats)?))
        })
        .collect();
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

fn doubt(measurement: &Measurement) -> Option<Reason> {
    let flagged = measurement.flag.clone().map(Reason::Flagged);
    flagged
        .or_else(|| missing(measurement))
        .or_else(|| impossible(measurement))
        .or_else(|| errors(measurement))
        .or_else(|| little(measurement))
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
    let fraction = measurement.error_fraction.filter(|fraction| *fraction > MOST_ERRORS)?;
    Some(Reason::Errors { fraction })
}

fn little(measurement: &Measurement) -> Option<Reason> {
    let Load::Closed { users } = measurement.load else { return None };
    if measurement.observed != Observed::RoundTrip || !measurement.shares_node_with.is_empty() {
        return None;
    }
    let in_flight = measurement.throughput? * measurement.mean?;
    let off = (in_flight / f64::from(users) - 1.0).abs();
    (off > MOST_OFF_LITTLE).then_some(Reason::Little { in_flight, users })
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
            Self::Little { in_flight, users } => write!(
                formatter,
                "throughput × mean is {in_flight:.1} in flight, not {users} users (Little's law): \
                 users who think, who did not all run, or who are counted wrongly"
            ),
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
    use super::super::fabricated::measurement;
    use super::*;

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
        assert!(said(|m| m.mean = Some(0.04)).starts_with("throughput × mean is 80.0 in flight"));
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

    #[test]
    fn little_s_law_is_asked_of_closed_loads_that_have_the_node_for_themselves() {
        let mut shared = measurement();
        shared.throughput = Some(500.0);
        shared.shares_node_with = vec!["login".to_owned()];
        let open = Measurement { load: Load::Open { rate: 2000.0 }, mean: None, ..measurement() };
        assert_eq!(sift(vec![shared, open]).kept.len(), 2);
    }
}
