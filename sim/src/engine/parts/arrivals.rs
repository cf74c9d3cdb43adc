//! The next arrival of an open flow.

use rand_distr::{Distribution, Exp1};

use super::super::Run;
use crate::network::{Arrivals, Network};
use crate::random::{Purpose, Quantiles, Sequence, Stream};
use crate::time::{SimDuration, SimTime};

/// Draws the arrivals of one open flow, one after the other.
#[derive(Debug)]
pub(crate) struct ArrivalProcess<'a> {
    arrivals: &'a Arrivals,
    /// Where the times of schedules and traces count from: the start of the window.
    origin: u64,
    /// Arrivals so far.
    count: u32,
    /// Mean time between Poisson arrivals, nanoseconds.
    mean_gap: f64,
    /// The exponential law of mean 1, and its draws.
    exponential: Quantiles<'a>,
    gaps: Sequence,
    modulation: Sequence,
    /// State of a modulated process and when it ends.
    state: usize,
    state_end: f64,
}

const SECOND: f64 = 1e9;

impl<'a> ArrivalProcess<'a> {
    /// The arrivals of a flow in a replication.
    pub(crate) fn of(network: &'a Network, run: &Run<'_>, flow: usize) -> Self {
        Self::new(
            &network.flows[flow].arrivals,
            network.tables[usize::from(network.exponential)].quantiles(),
            run.warm_up.0,
            run.stream(Purpose::Arrivals, flow as u64),
            run.stream(Purpose::Modulation, flow as u64),
        )
    }

    fn new(
        arrivals: &'a Arrivals,
        exponential: Quantiles<'a>,
        origin: u64,
        gaps: Stream,
        modulation: Stream,
    ) -> Self {
        let mut process = Self {
            arrivals,
            origin,
            count: 0,
            mean_gap: match arrivals {
                Arrivals::Poisson { rate } => SECOND / rate,
                _ => 0.0,
            },
            exponential,
            gaps: gaps.sequence(),
            modulation: modulation.sequence(),
            state: 0,
            state_end: 0.0,
        };
        if let Arrivals::Mmpp { stays, .. } = arrivals {
            process.begin_in_equilibrium(stays);
        }
        process
    }

    /// The number of the next request, which arrives now.
    pub(crate) fn number(&mut self) -> u32 {
        let number = self.count;
        self.count = self.count.wrapping_add(1);
        number
    }

    /// The arrival after the last one, which was at `now`; `u64::MAX` if there is none.
    pub(crate) fn next(&mut self, now: u64) -> u64 {
        match self.arrivals {
            Arrivals::Poisson { .. } => {
                now + (self.exponential() * self.mean_gap + 0.5) as i64 as u64
            }
            Arrivals::Deterministic { rate } => {
                // From the count, so that rounding does not add up; the first after a random part
                // of a gap, so that flows do not march in step.
                let phase = self.modulation_phase();
                ((phase + f64::from(self.count)) * SECOND / rate).round() as u64
            }
            Arrivals::Mmpp { rates, stays } => {
                let mut at = now as f64;
                loop {
                    let rate = rates[self.state];
                    let next = at + self.exponential() * SECOND / rate;
                    if rate > 0.0 && next < self.state_end {
                        return next.round() as u64;
                    }
                    at = self.state_end;
                    self.state = (self.state + 1) % rates.len();
                    self.state_end += self.stay(stays[self.state].as_nanos());
                }
            }
            Arrivals::Schedule { points } => self.next_on_schedule(points, now),
            Arrivals::Trace { times } => {
                times.get(self.count as usize).map_or(u64::MAX, |time| self.origin + time.0)
            }
            Arrivals::Closed { .. } | Arrivals::OfUsers { .. } => u64::MAX,
        }
    }

    #[inline]
    fn exponential(&mut self) -> f64 {
        self.exponential.sample(self.gaps.draw())
    }

    fn stay(&mut self, mean_nanos: f64) -> f64 {
        let stay: f64 = Exp1.sample(&mut self.modulation);
        stay * mean_nanos
    }

    fn modulation_phase(&self) -> f64 {
        self.modulation.stream().uniform(0)
    }

    /// The chance to find a state is its share of a cycle; what remains of it is exponential.
    fn begin_in_equilibrium(&mut self, stays: &[SimDuration]) {
        let cycle: f64 = stays.iter().map(|stay| stay.as_nanos()).sum();
        let mut left = self.modulation_phase() * cycle;
        while self.state + 1 < stays.len() && left >= stays[self.state].as_nanos() {
            left -= stays[self.state].as_nanos();
            self.state += 1;
        }
        // The draw at index 0 has chosen the state.
        self.modulation.skip(1);
        self.state_end = self.stay(stays[self.state].as_nanos());
    }

    /// Inverts the integral of the rate (Çinlar, Introduction to Stochastic Processes, 1975, 4.7).
    fn next_on_schedule(&mut self, points: &[(SimTime, f64)], now: u64) -> u64 {
        let mut left = self.exponential() * SECOND;
        let mut at = now as f64 - self.origin as f64;
        loop {
            let passed = points.partition_point(|(time, _)| time.0 as f64 <= at);
            let Some((end, end_rate)) =
                points.get(passed).map(|(time, rate)| (time.0 as f64, *rate))
            else {
                let rate = points.last().map_or(0.0, |(_, rate)| *rate);
                return self.absolute(at + left / rate);
            };
            let (begin, begin_rate) = match passed.checked_sub(1) {
                Some(before) => (points[before].0.0 as f64, points[before].1),
                None => (f64::NEG_INFINITY, end_rate),
            };
            let slope =
                if begin.is_finite() { (end_rate - begin_rate) / (end - begin) } else { 0.0 };
            let rate = if begin.is_finite() { begin_rate + slope * (at - begin) } else { end_rate };
            let whole = 0.5 * (rate + end_rate) * (end - at);
            if left < whole {
                // rate x + slope x² / 2 = left, in the form that is stable for a small slope.
                let root = (rate * rate + 2.0 * slope * left).max(0.0).sqrt();
                return self.absolute(at + 2.0 * left / (rate + root));
            }
            left -= whole;
            at = end;
        }
    }

    fn absolute(&self, since_origin: f64) -> u64 {
        let at = since_origin + self.origin as f64;
        if at.is_finite() { at.max(0.0).round() as u64 } else { u64::MAX }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Law, QuantileTable, Shape};

    fn arrivals_in(arrivals: &Arrivals, from: f64, to: f64, replication: u32) -> usize {
        let stream = |purpose| Stream::new(11, replication, purpose, 0);
        let exponential = QuantileTable::new(&Shape::Exponential);
        let mut process = ArrivalProcess::new(
            arrivals,
            exponential.quantiles(),
            0,
            stream(Purpose::Arrivals),
            stream(Purpose::Modulation),
        );
        let mut now = process.next(0);
        let mut count = 0;
        while now < (to * SECOND) as u64 {
            process.number();
            count += usize::from(now >= (from * SECOND) as u64);
            now = process.next(now);
        }
        count
    }

    /// Asserts that the count is within 4.5 standard deviations of its mean.
    fn assert_count(count: usize, mean: f64, deviation: f64) {
        assert!((count as f64 - mean).abs() < 4.5 * deviation, "{count}, not {mean} ± {deviation}");
    }

    #[test]
    fn poisson_arrivals_have_their_rate() {
        let count = arrivals_in(&Arrivals::Poisson { rate: 1000.0 }, 0.0, 100.0, 0);
        assert_count(count, 1e5, 1e5_f64.sqrt());
    }

    #[test]
    fn deterministic_arrivals_do_not_drift() {
        let count = arrivals_in(&Arrivals::Deterministic { rate: 3.0 }, 0.0, 100.0, 0);
        assert_eq!(count, 300);
    }

    #[test]
    fn a_schedule_follows_its_line() {
        let second = |s: u64| SimTime(s * 1_000_000_000);
        let points =
            vec![(second(10), 100.0), (second(20), 300.0), (second(30), 0.0), (second(40), 0.0)];
        let arrivals = Arrivals::Schedule { points };
        let total = |from: f64, to: f64| (0..50).map(|r| arrivals_in(&arrivals, from, to, r)).sum();
        for (from, to, mean) in
            [(0.0, 10.0, 1000.0), (10.0, 20.0, 2000.0), (10.0, 15.0, 750.0), (20.0, 30.0, 1500.0)]
        {
            assert_count(total(from, to), 50.0 * mean, (50.0_f64 * mean).sqrt());
        }
        assert_eq!(total(30.0, 60.0), 0);
    }

    #[test]
    fn a_modulated_process_has_its_mean_rate_from_the_start() {
        let stays = vec![SimDuration::from_seconds(1.0), SimDuration::from_seconds(3.0)];
        let arrivals = Arrivals::Mmpp { rates: vec![400.0, 0.0], stays };
        let counts: Vec<f64> = (0..2000)
            .map(|replication| arrivals_in(&arrivals, 0.0, 2.0, replication) as f64)
            .collect();
        let mean = counts.iter().sum::<f64>() / 2000.0;
        let deviation = (counts.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / 2000.0).sqrt();
        assert!((mean - 200.0).abs() < 4.5 * deviation / 2000.0_f64.sqrt(), "{mean}");
    }

    #[test]
    fn a_trace_is_repeated_as_it_was() {
        let times = vec![SimTime(5), SimTime(5), SimTime(2_000_000_000)];
        assert_eq!(arrivals_in(&Arrivals::Trace { times }, 0.0, 10.0, 0), 3);
    }

    #[test]
    fn closed_arrivals_come_from_answers() {
        let think = Law::constant(SimDuration::ZERO);
        assert_eq!(arrivals_in(&Arrivals::Closed { users: 3, think }, 0.0, 10.0, 0), 0);
    }
}
