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
        /// Instants in increasing order; at least one.
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
    fn the_mean_rate_of_a_modulated_process_weighs_by_the_stays() {
        let stays = vec![SimDuration::from_seconds(1.0), SimDuration::from_seconds(3.0)];
        let arrivals = Arrivals::Mmpp { rates: vec![400.0, 0.0], stays };
        assert_eq!(arrivals.mean_rate(SimDuration::from_seconds(1.0)), Some(100.0));
    }
}
