//! M/M/1 first come, first served: Poisson arrivals, exponential service, one server.
//!
//! Source: Kleinrock 1975, Queueing Systems I, section 3.2. The means hold for every discipline
//! that does not look at service times, processor sharing included; the quantiles do not.

use super::{exponential_quantile, utilisation};

/// Mean sojourn time E\[T\] = 1 / (μ − λ), in seconds.
///
/// # Panics
///
/// If the node cannot keep up.
pub fn mean_sojourn(arrival_rate: f64, service_rate: f64) -> f64 {
    utilisation(arrival_rate, service_rate, 1);
    1.0 / (service_rate - arrival_rate)
}

/// Mean wait before service E\[W\] = ρ / (μ − λ), in seconds.
///
/// # Panics
///
/// If the node cannot keep up.
pub fn mean_wait(arrival_rate: f64, service_rate: f64) -> f64 {
    utilisation(arrival_rate, service_rate, 1) / (service_rate - arrival_rate)
}

/// Mean number in the node E\[N\] = ρ / (1 − ρ).
///
/// # Panics
///
/// If the node cannot keep up.
pub fn mean_number(arrival_rate: f64, service_rate: f64) -> f64 {
    let utilisation = utilisation(arrival_rate, service_rate, 1);
    utilisation / (1.0 - utilisation)
}

/// Quantile of the sojourn time, in seconds: T is exponential of rate μ − λ.
///
/// # Panics
///
/// If the node cannot keep up or `probability` is not in 0..1.
pub fn sojourn_quantile(arrival_rate: f64, service_rate: f64, probability: f64) -> f64 {
    utilisation(arrival_rate, service_rate, 1);
    exponential_quantile(service_rate - arrival_rate, probability)
}

/// Quantile of the wait before service, in seconds: P(W > t) = ρ exp(−(μ − λ) t).
///
/// # Panics
///
/// If the node cannot keep up or `probability` is not in 0..1.
pub fn wait_quantile(arrival_rate: f64, service_rate: f64, probability: f64) -> f64 {
    super::mmc::wait_quantile(arrival_rate, service_rate, 1, probability)
}

#[cfg(test)]
mod tests {
    use super::super::assert_close;
    use super::super::markov_chain::MarkovChain;
    use super::*;

    #[test]
    fn the_mean_number_is_that_of_the_birth_and_death_chain() {
        let chain = MarkovChain::solve(0, |&n| {
            let mut moves = vec![];
            if n < 300 {
                moves.push((n + 1, 80.0));
            }
            if n > 0 {
                moves.push((n - 1, 100.0));
            }
            moves
        });
        assert_close(mean_number(80.0, 100.0), chain.mean(|&n| f64::from(n)), 1e-9);
    }

    #[test]
    fn number_is_rate_times_sojourn() {
        assert_close(mean_number(80.0, 100.0), 80.0 * mean_sojourn(80.0, 100.0), 1e-12);
        assert_close(mean_sojourn(80.0, 100.0), mean_wait(80.0, 100.0) + 0.01, 1e-12);
    }

    #[test]
    fn quantiles_at_a_textbook_point() {
        // μ − λ = 20 /s: the median of T is ln 2 / 20; W is 0 for one arrival in five.
        assert_close(sojourn_quantile(80.0, 100.0, 0.5), std::f64::consts::LN_2 / 20.0, 1e-12);
        assert!(wait_quantile(80.0, 100.0, 0.19) <= 0.0);
        assert_close(wait_quantile(80.0, 100.0, 0.99), 80.0_f64.ln() / 20.0, 1e-12);
    }
}
