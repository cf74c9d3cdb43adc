//! Something that is fetched when it is used and forgotten when it is idle: sweeps come every `P`, and take away what
//! nobody has used for `T` or longer. Uses are a Poisson process of rate λ.
//!
//! At a use, the last one was an exponential time of mean `1/λ` ago, and the last sweep, by itself, a time that is
//! uniform in `0..P`. What has been there is gone where that sweep came `T` or more after the last use: with the
//! probability of the mean of `e^(−λ(T + U))`, which is `e^(−λT) (1 − e^(−λP)) / (λP)`.

/// What is swept every `period` where it has been idle for `timeout`, and takes `takes` to be fetched; seconds. It
/// takes no longer than the timeout.
#[derive(Clone, Copy, Debug)]
pub struct Idleness {
    /// From one sweep to the next, above 0.
    pub period: f64,
    /// What a sweep takes away has not been used for so long.
    pub timeout: f64,
    /// From the use that finds it gone until it is there.
    pub takes: f64,
}

impl Idleness {
    /// Share of the uses that find it gone, so that it is fetched.
    ///
    /// # Panics
    ///
    /// If the rate is not above 0.
    pub fn gone_share(self, rate: f64) -> f64 {
        assert!(rate > 0.0, "it is used");
        let by_period = rate * self.period;
        (-rate * self.timeout).exp() * -(-by_period).exp_m1() / by_period
    }

    /// Share of the uses that come in vain: those, and all that come until it is there, `λ` times as long on average.
    ///
    /// # Panics
    ///
    /// As [`Self::gone_share`].
    pub fn in_vain_share(self, rate: f64) -> f64 {
        self.gone_share(rate) * (1.0 + rate * self.takes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    /// By hand: 30 min without a call at one in 10 min come to e⁻³; a sweep a minute lets it stay for half a minute
    /// more on average, which is a twentieth of the mean time between calls.
    #[test]
    fn a_call_in_ten_minutes_finds_it_gone_once_in_twenty() {
        let tenant = Idleness { period: 60.0, timeout: 1800.0, takes: 0.0 };
        let found = tenant.gone_share(1.0 / 600.0);
        assert!((found / (0.049_787 * 0.951_626) - 1.0).abs() < 1e-5, "{found}");
        assert!((tenant.gone_share(1e-9) - 1.0).abs() < 1e-5);
        assert!(tenant.gone_share(1.0) < 1e-300);
        // 100 APIs at 8.8 a second are there after 11.4 s, in which 0.019 more calls come.
        let loads = Idleness { takes: 100.0 / 8.8, ..tenant };
        assert!((loads.in_vain_share(1.0 / 600.0) / found - 1.018_94).abs() < 1e-5);
    }

    /// Brute force: uses one by one, a sweep as it is written.
    #[test]
    fn brute_force_finds_the_same_share() {
        for (period, timeout, takes, rate) in
            [(60.0, 1800.0, 12.0, 0.001), (10.0, 20.0, 15.0, 0.1), (50.0, 5.0, 2.0, 0.3)]
        {
            let law = Idleness { period, timeout, takes };
            let draws = Stream::new(7, 0, Purpose::Requests, 0);
            let (mut now, mut used, mut swept, mut there_from) = (0.0_f64, 0.0, 0.0, None::<f64>);
            let (mut uses, mut gone, mut in_vain) = (0, 0.0, 0.0);
            while gone < 40_000.0 {
                now -= f64::ln(1.0 - draws.uniform(uses)) / rate;
                uses += 1;
                while swept + period <= now {
                    swept += period;
                    let stays = |from: &f64| swept - used < timeout || *from > swept;
                    there_from = there_from.filter(stays);
                }
                if there_from.is_none() {
                    gone += 1.0;
                    there_from = Some(now + takes);
                }
                in_vain += f64::from(there_from.is_some_and(|from| from > now));
                used = now;
            }
            // 40 000 that are nearly independent: a standard error of half a per cent, of those in vain of one.
            let (found, all) = (gone / uses as f64, in_vain / uses as f64);
            assert!((found / law.gone_share(rate) - 1.0).abs() < 0.02, "{law:?}: {found}");
            assert!((all / law.in_vain_share(rate) - 1.0).abs() < 0.03, "{law:?}: {all}");
        }
    }
}
