//! A cache that is swept: entries end at the first sweep that finds them old enough, and are written again
//! when they are missed next. Reads are a Poisson process; a read that misses writes at once.
//!
//! Sweeps come every `P`, and take away what was written `T` ago or earlier. What is written at `u` after a
//! sweep ends at the sweep number `k(u) = ⌈(T + u) / P⌉` from there, so that it lives for `k(u) P − u`. From
//! an end on, the next read comes after an exponential time of mean `1/λ`, whose phase within a period has
//! the density `λ e^(−λu) / (1 − e^(−λP))`: a renewal process whose cycle has one miss.

/// A cache that is swept every `period`, of what was written `timeout` ago; seconds.
#[derive(Clone, Copy, Debug)]
pub struct Swept {
    /// From one sweep to the next, above 0.
    pub period: f64,
    /// What a sweep takes away has been written so long ago.
    pub timeout: f64,
}

impl Swept {
    /// At which sweep an entry ends that is written at this phase of a period, at least 1.
    pub fn ends_at_sweep(self, phase: f64) -> f64 {
        ((self.timeout + phase) / self.period).ceil().max(1.0)
    }

    /// The phase from which on an entry ends one sweep later.
    fn step(self) -> f64 {
        self.ends_at_sweep(0.0) * self.period - self.timeout
    }

    /// Mean number of the sweep at which an entry ends, where it is read at `rate` per second.
    pub fn mean_sweeps(self, rate: f64) -> f64 {
        let first = self.ends_at_sweep(0.0);
        if rate == 0.0 {
            return first + (1.0 - self.step() / self.period).max(0.0);
        }
        // Share of phases beyond the step.
        let (step, all) = (-(-rate * self.step()).exp_m1(), -(-rate * self.period).exp_m1());
        first + (1.0 - step / all).max(0.0)
    }

    /// Misses of one entry per second, where it is read at `rate` per second.
    ///
    /// # Panics
    ///
    /// If the rate is not above 0.
    pub fn misses_per_second(self, rate: f64) -> f64 {
        assert!(rate > 0.0, "it is read");
        // Whole periods without a read, and those from the one of the write on.
        let read_in_period = -(-rate * self.period).exp_m1();
        let periods = 1.0 / read_in_period - 1.0 + self.mean_sweeps(rate);
        1.0 / (periods * self.period)
    }

    /// Share of the reads that miss.
    ///
    /// # Panics
    ///
    /// If the rate is not above 0.
    pub fn miss_share(self, rate: f64) -> f64 {
        self.misses_per_second(rate) / rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    const ALONE: Swept = Swept { period: 30.0, timeout: 15.0 };
    const ALL_IN_ONE: Swept = Swept { period: 30.0, timeout: 900.0 };

    #[test]
    fn a_busy_token_is_missed_once_in_30_s_or_in_930_s() {
        assert!((ALONE.misses_per_second(1e3) - 1.0 / 30.0).abs() < 1e-9);
        // Written just after a sweep it is not yet 900 s old at the thirtieth.
        assert!((ALL_IN_ONE.misses_per_second(1e3) - 1.0 / 930.0).abs() < 1e-9);
    }

    #[test]
    fn a_token_that_is_hardly_used_is_missed_each_time() {
        for cache in [ALONE, ALL_IN_ONE] {
            assert!((cache.miss_share(1e-9) - 1.0).abs() < 1e-5);
        }
    }

    /// By hand, where it is read once in 30 s: of the phases, 1 − e^(−1/2) of 1 − e^(−1) end at the first
    /// sweep, the others at the second; and e^(−1) / (1 − e^(−1)) periods pass without a read.
    #[test]
    fn in_between_it_is_as_worked_out_by_hand() {
        let found = ALONE.misses_per_second(1.0 / 30.0);
        let first = 0.393_469_340_3 / 0.632_120_558_8;
        let periods = 0.367_879_441_2 / 0.632_120_558_8 + first + 2.0 * (1.0 - first);
        assert!((found * 30.0 * periods - 1.0).abs() < 1e-9, "{found}");
    }

    /// Brute force: reads one by one, a sweep as it is written.
    #[test]
    fn brute_force_finds_the_same_rate() {
        for (cache, rate) in [(ALONE, 0.2), (ALONE, 0.02), (ALL_IN_ONE, 0.005)] {
            let draws = Stream::new(7, 0, Purpose::Requests, 0);
            let (mut now, mut written, mut swept, mut misses) = (0.0_f64, None::<f64>, 0.0, 0u32);
            let mut reads = 0;
            while misses < 40_000 {
                now -= f64::ln(1.0 - draws.uniform(reads)) / rate;
                reads += 1;
                while swept + cache.period <= now {
                    swept += cache.period;
                    written = written.filter(|written| swept - written < cache.timeout);
                }
                if written.is_none() {
                    misses += 1;
                    written = Some(now);
                }
            }
            let found = f64::from(misses) / now;
            // Cycles vary less than exponentially: a standard error of half a per cent at most.
            let expected = cache.misses_per_second(rate);
            assert!((found / expected - 1.0).abs() < 0.02, "{found} where {expected} is exact");
        }
    }
}
