//! How the requests of a flow arrive.

use crate::random::Law;
use crate::time::{SimDuration, SimTime};

/// An arrival process. Rates are in requests per second.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// Exponential times between arrivals.
    Poisson {
        /// Requests per second, above 0.
        rate: f64,
    },
    /// Equal times between arrivals.
    Deterministic {
        /// Requests per second, above 0.
        rate: f64,
    },
    /// A Markov-modulated Poisson process: the rate goes round the states in their order and stays
    /// in each for an exponential time.
    Mmpp {
        /// Rate of each state, requests per second, 0 or above, at least one above 0.
        rates: Vec<f64>,
        /// Mean stay in each state, above 0; as many as rates.
        stays: Vec<SimDuration>,
    },
    /// A Poisson process whose rate is piecewise linear between the points; before the first and
    /// after the last point the rate stays as it is there. Times count from the start of the window.
    Schedule {
        /// Points (time, rate) in increasing time; at least one.
        points: Vec<(SimTime, f64)>,
    },
    /// Arrivals at given instants, counted from the start of the window.
    Trace {
        /// Instants in increasing order.
        times: Vec<SimTime>,
    },
    /// A fixed number of users, each of whom thinks, sends a request, waits for its end, and thinks
    /// again.
    Closed {
        /// Number of users, at least 1.
        users: u32,
        /// The think time.
        think: Law,
    },
    /// A share of the requests of the users of another flow: before each request, a user chooses by
    /// chance which of the flows it belongs to.
    OfUsers {
        /// Index of that flow, whose arrivals are closed.
        flow: usize,
        /// The share, above 0; those of all flows that share users add up to less than 1, and what is
        /// left remains with the flow of the users.
        share: f64,
    },
}

impl Arrivals {
    /// Mean rate over the window, requests per second; none for those of users, whose rate is an
    /// outcome.
    pub fn mean_rate(&self, window: SimDuration) -> Option<f64> {
        let seconds = window.as_seconds();
        match self {
            Self::Poisson { rate } | Self::Deterministic { rate } => Some(*rate),
            Self::Mmpp { rates, stays } => {
                let weighted = rates.iter().zip(stays).map(|(rate, stay)| rate * stay.as_seconds());
                let cycle: f64 = stays.iter().map(|stay| stay.as_seconds()).sum();
                Some(weighted.sum::<f64>() / cycle)
            }
            Self::Schedule { points } => Some(scheduled(points, seconds) / seconds),
            Self::Trace { times } => {
                let within = times.partition_point(|time| time.as_seconds() < seconds);
                Some(within as f64 / seconds)
            }
            Self::Closed { .. } | Self::OfUsers { .. } => None,
        }
    }

    /// No requests at all.
    pub fn silent() -> Self {
        Self::Trace { times: Vec::new() }
    }

    /// The same so many times as often: as many times the rates or the users; of a trace that as many
    /// times grows between its instants, evenly from each to the next.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        match self {
            Self::Poisson { rate } => Self::Poisson { rate: rate * factor },
            Self::Deterministic { rate } => Self::Deterministic { rate: rate * factor },
            Self::Mmpp { rates, stays } => {
                let rates = rates.iter().map(|rate| rate * factor).collect();
                Self::Mmpp { rates, stays: stays.clone() }
            }
            Self::Schedule { points } => {
                let points = points.iter().map(|(time, rate)| (*time, rate * factor)).collect();
                Self::Schedule { points }
            }
            Self::Trace { times } => Self::Trace { times: denser(times, factor) },
            Self::Closed { users, think } => {
                let users = (f64::from(*users) * factor).round().clamp(1.0, f64::from(u32::MAX));
                Self::Closed { users: users as u32, think: think.clone() }
            }
            // Their users are so many times as many.
            Self::OfUsers { flow, share } => Self::OfUsers { flow: *flow, share: *share },
        }
    }

    /// Mean rate before the window, requests per second: schedules stand still at their first rate, and
    /// traces have not begun. None for closed arrivals.
    pub fn rate_before(&self) -> Option<f64> {
        match self {
            Self::Schedule { points } => Some(points.first().map_or(0.0, |(_, rate)| *rate)),
            Self::Trace { .. } => Some(0.0),
            _ => self.mean_rate(SimDuration(1)),
        }
    }
}

/// The instants at which a count that grows in straight lines, by `factor` from each instant to the next,
/// passes whole numbers.
fn denser(times: &[SimTime], factor: f64) -> Vec<SimTime> {
    let arrivals = (times.len() as f64 * factor).floor() as usize;
    let at = |count: usize| {
        // So many instants have passed then, and a part of the way to the next.
        let passed = count as f64 / factor;
        let before = (passed as usize).checked_sub(1).map_or(0, |before| times[before].0);
        let next = times[(passed as usize).min(times.len() - 1)].0.max(before);
        SimTime(before + ((next - before) as f64 * passed.fract()).round() as u64)
    };
    (1..=arrivals).map(at).collect()
}

/// Mean number of arrivals of a schedule in the first `seconds`: the area under its line.
fn scheduled(points: &[(SimTime, f64)], seconds: f64) -> f64 {
    let inner = points.iter().map(|(time, _)| time.as_seconds()).filter(|at| *at < seconds);
    let corners: Vec<f64> = std::iter::once(0.0).chain(inner).chain([seconds]).collect();
    // At a corner the line is continuous, so each piece is a trapezium.
    corners
        .windows(2)
        .map(|c| 0.5 * (rate_at(points, c[0]) + rate_at(points, c[1])) * (c[1] - c[0]))
        .sum()
}

/// The rate of a schedule at an instant of the window, in seconds.
pub(crate) fn rate_at(points: &[(SimTime, f64)], at: f64) -> f64 {
    let after = points.partition_point(|(time, _)| time.as_seconds() <= at);
    match (after.checked_sub(1).map(|before| points[before]), points.get(after)) {
        (Some((begin, low)), Some((end, high))) => {
            let span = end.as_seconds() - begin.as_seconds();
            low + (high - low) * (at - begin.as_seconds()) / span
        }
        (Some((_, rate)), None) => rate,
        (None, first) => first.map_or(0.0, |(_, rate)| *rate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_rate_of_a_schedule_is_the_area_under_its_line() {
        let second = |s: u64| SimTime(s * 1_000_000_000);
        let points = vec![(second(10), 100.0), (second(20), 300.0), (second(30), 0.0)];
        let arrivals = Arrivals::Schedule { points };
        let rate = arrivals.mean_rate(SimDuration::from_seconds(40.0)).expect("open");
        assert!((rate - (1000.0 + 2000.0 + 1500.0) / 40.0).abs() < 1e-9, "{rate}");
    }

    #[test]
    fn whatever_comes_ten_times_as_often_has_ten_times_the_mean_rate() {
        let (second, seconds) = (|s: u64| SimTime(s * 1_000_000_000), SimDuration::from_seconds);
        let all = [
            Arrivals::Poisson { rate: 3.0 },
            Arrivals::Deterministic { rate: 3.0 },
            Arrivals::Mmpp { rates: vec![2.0, 0.0], stays: vec![seconds(1.0), seconds(4.0)] },
            Arrivals::Schedule { points: vec![(second(2), 1.0), (second(8), 7.0)] },
            Arrivals::Trace { times: (1..=8).map(second).collect() },
        ];
        for arrivals in all {
            let rate = |arrivals: &Arrivals| arrivals.mean_rate(seconds(10.0)).expect("open");
            let (once, often) = (rate(&arrivals), rate(&arrivals.times(10.0)));
            assert!((often / once - 10.0).abs() < 1e-9, "{arrivals:?}: {once} and {often}");
        }
        assert_eq!(Arrivals::silent().times(10.0), Arrivals::silent());
        let users = |users| Arrivals::Closed { users, think: Law::constant(seconds(1.0)) };
        assert_eq!(users(3).times(2.5), users(8));
    }

    #[test]
    fn a_trace_that_comes_more_often_keeps_its_instants_and_fills_the_gaps() {
        let times = [2_000, 4_000, 10_000].map(SimTime).to_vec();
        let often = |factor| match (Arrivals::Trace { times: times.clone() }).times(factor) {
            Arrivals::Trace { times } => times.iter().map(|time| time.0).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(often(2.0), [1_000, 2_000, 3_000, 4_000, 7_000, 10_000]);
        assert_eq!(often(1.5), [1_333, 2_667, 4_000, 8_000]);
        assert_eq!(often(1.0), [2_000, 4_000, 10_000]);
    }

    #[test]
    fn the_mean_rate_of_a_modulated_process_weighs_by_the_stays() {
        let stays = vec![SimDuration::from_seconds(1.0), SimDuration::from_seconds(3.0)];
        let arrivals = Arrivals::Mmpp { rates: vec![400.0, 0.0], stays };
        assert_eq!(arrivals.mean_rate(SimDuration::from_seconds(1.0)), Some(100.0));
    }
}
