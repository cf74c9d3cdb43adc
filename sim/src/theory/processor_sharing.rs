//! Cores shared equally by all requests in service, each at rate min(1, cores/n).
//!
//! The mean is insensitive: only the mean of the service law matters. The law of the sojourn time
//! is solved exactly here for exponential service.

use statrs::function::gamma::ln_gamma;

use super::{mmc, tail_inverse, utilisation};

/// Share of sojourns that may be longer than any the solution follows.
const NEGLIGIBLE: f64 = 1e-13;

/// Mean sojourn time of M/G/c with shared cores, in seconds.
///
/// A symmetric queue in the sense of Kelly 1979 (Reversibility and Stochastic Networks, section
/// 3.3): the number in the node is that of M/M/c, whatever the law of service times. With one core
/// E\[T\] = E\[S\] / (1 − ρ).
///
/// # Panics
///
/// If the node cannot keep up.
pub fn mean_sojourn(arrival_rate: f64, mean_service: f64, cores: u32) -> f64 {
    mmc::mean_sojourn(arrival_rate, 1.0 / mean_service, cores)
}

/// Mean sojourn time on one core of a request that needs `service` seconds of it: service / (1 − ρ)
/// (Kleinrock 1976, Queueing Systems II, section 4.4), in seconds.
///
/// # Panics
///
/// If the node cannot keep up.
pub fn mean_sojourn_of(service: f64, arrival_rate: f64, mean_service: f64) -> f64 {
    service / (1.0 - utilisation(arrival_rate, 1.0 / mean_service, 1))
}

/// Coefficient of variation of the sojourn time of M/M/1 with a shared core: cv² = (2 + ρ) / (2 −
/// ρ) (Coffman, Muntz and Trotter 1970, Journal of the ACM 17).
///
/// # Panics
///
/// If the node cannot keep up.
pub fn sojourn_cv(arrival_rate: f64, service_rate: f64) -> f64 {
    let utilisation = utilisation(arrival_rate, service_rate, 1);
    ((2.0 + utilisation) / (2.0 - utilisation)).sqrt()
}

/// The law of the sojourn time of M/M/c with shared cores.
///
/// A tagged request shares the cores with n others: n grows at rate λ, falls at rate n μ min(1,
/// c/(n+1)), and the tagged request leaves at rate μ min(1, c/(n+1)). An arrival finds the number
/// of M/M/c. The chain is solved by uniformisation (Jensen 1953) at rate λ + c μ, exact to about
/// 1e-12.
#[derive(Clone, Debug)]
pub struct SojournLaw {
    /// Rate of the steps.
    step_rate: f64,
    /// Probability that the tagged request is still there after so many steps.
    survival: Vec<f64>,
    /// Mean sojourn time.
    mean: f64,
}

impl SojournLaw {
    /// Solves the tagged request's chain. The work grows as (1 − ρ)⁻³; at ρ = 0.95 it is
    /// some ten million steps.
    ///
    /// # Panics
    ///
    /// If the node cannot keep up.
    pub fn new(arrival_rate: f64, service_rate: f64, cores: u32) -> Self {
        let mean = mmc::mean_sojourn(arrival_rate, service_rate, cores);
        let mut present = others_at_arrival(arrival_rate, service_rate, cores);
        let step_rate = arrival_rate + f64::from(cores) * service_rate;
        let mut survival = vec![];
        loop {
            let surviving: f64 = present.iter().sum();
            if surviving < NEGLIGIBLE {
                return Self { step_rate, survival, mean };
            }
            survival.push(surviving);
            present = step(&present, arrival_rate, service_rate, cores);
        }
    }

    /// Mean, in seconds.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Probability of a sojourn longer than `time` seconds.
    pub fn tail(&self, time: f64) -> f64 {
        let steps = self.step_rate * time;
        if steps <= 0.0 {
            return 1.0;
        }
        // Ten standard deviations of a Poisson number of steps.
        let reach = 10.0 * steps.sqrt() + 20.0;
        let from = (steps - reach).max(0.0) as usize;
        let to = ((steps + reach) as usize).min(self.survival.len());
        (from..to)
            .map(|k| {
                let k_steps = k as f64;
                let logarithm = k_steps * steps.ln() - steps - ln_gamma(k_steps + 1.0);
                logarithm.exp() * self.survival[k]
            })
            .sum()
    }

    /// Quantile, in seconds.
    ///
    /// # Panics
    ///
    /// If `probability` is not in 0..1.
    pub fn quantile(&self, probability: f64) -> f64 {
        tail_inverse(|time| self.tail(time), 1.0 - probability, self.mean)
    }
}

/// Probabilities of the number that an arrival finds: that of M/M/c, with room to grow.
fn others_at_arrival(arrival_rate: f64, service_rate: f64, cores: u32) -> Vec<f64> {
    let (mut weights, mut total) = (vec![1.0], 1.0);
    let mut weight = 1.0;
    while weight > NEGLIGIBLE * 1e-2 * total || weights.len() < 2 * cores as usize {
        weight *= arrival_rate / (service_rate * f64::from(cores.min(weights.len() as u32)));
        weights.push(weight);
        total += weight;
    }
    for weight in &mut weights {
        *weight /= total;
    }
    weights.resize(2 * weights.len(), 0.0);
    weights
}

/// One step of the uniformised chain; whoever has left is missing from the total.
fn step(present: &[f64], arrival_rate: f64, service_rate: f64, cores: u32) -> Vec<f64> {
    let all_cores = f64::from(cores) * service_rate;
    let step_rate = arrival_rate + all_cores;
    let mut after = vec![0.0; present.len()];
    for (others, &probability) in present.iter().enumerate() {
        let each = service_rate.min(all_cores / (others + 1) as f64);
        let fall = others as f64 * each;
        let grow = if others + 1 < present.len() { arrival_rate } else { 0.0 };
        if grow > 0.0 {
            after[others + 1] += probability * grow / step_rate;
        }
        if others > 0 {
            after[others - 1] += probability * fall / step_rate;
        }
        after[others] += probability * (1.0 - (grow + fall + each) / step_rate);
    }
    after
}

#[cfg(test)]
mod tests {
    use super::super::{assert_close, mm1};
    use super::*;

    /// Moments of a sojourn of K steps at rate Λ: E\[T\] = Σ P(K > k) / Λ, E\[T²\] = 2 Σ (k + 1)
    /// P(K > k) / Λ².
    fn moments(law: &SojournLaw) -> (f64, f64) {
        let weighted = |(k, survival): (usize, &f64)| 2.0 * (k + 1) as f64 * survival;
        let first: f64 = law.survival.iter().sum();
        let second: f64 = law.survival.iter().enumerate().map(weighted).sum();
        (first / law.step_rate, second / law.step_rate.powi(2))
    }

    #[test]
    fn one_core_stretches_every_service_alike() {
        assert_close(mean_sojourn(80.0, 0.01, 1), 0.01 / (1.0 - 0.8), 1e-12);
        assert_close(mean_sojourn_of(0.03, 80.0, 0.01), 0.15, 1e-12);
    }

    #[test]
    fn the_tagged_request_has_the_mean_of_little_and_the_variance_of_coffman() {
        for arrival_rate in [10.0, 50.0, 80.0] {
            let (first, second) = moments(&SojournLaw::new(arrival_rate, 100.0, 1));
            assert_close(first, mm1::mean_sojourn(arrival_rate, 100.0), 1e-9);
            let cv = (second / first.powi(2) - 1.0).sqrt();
            assert_close(cv, sojourn_cv(arrival_rate, 100.0), 1e-7);
        }
    }

    #[test]
    fn several_cores_have_the_mean_of_mmc() {
        for (arrival_rate, cores) in [(150.0, 2), (700.0, 8)] {
            let law = SojournLaw::new(arrival_rate, 100.0, cores);
            assert_close(moments(&law).0, law.mean(), 1e-9);
        }
    }

    #[test]
    fn with_many_cores_a_sojourn_is_a_service() {
        let law = SojournLaw::new(10.0, 100.0, 30);
        for probability in [0.5, 0.99, 0.9999] {
            let expected = -f64::ln(1.0 - probability) / 100.0;
            assert_close(law.quantile(probability), expected, 1e-9);
        }
    }

    #[test]
    fn sharing_one_core_spreads_sojourns_wider_than_a_queue() {
        let law = SojournLaw::new(80.0, 100.0, 1);
        assert!(law.quantile(0.99) > mm1::sojourn_quantile(80.0, 100.0, 0.99));
        assert!(law.quantile(0.5) < mm1::sojourn_quantile(80.0, 100.0, 0.5));
    }
}
