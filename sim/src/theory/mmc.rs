//! M/M/c: Poisson arrivals, exponential service, c servers, an unbounded queue.
//!
//! Source: Gross, Shortle, Thompson and Harris 2008, Fundamentals of Queueing Theory, section 2.3.
//! The means hold for first come, first served and for cores shared at rate min(1, c/n) each; the
//! quantiles here are first come, first served ([`super::processor_sharing`] has the others).

use super::erlang::erlang_c;
use super::{exponential_quantile, tail_inverse, utilisation};

/// Probability of waiting C(c, λ/μ).
///
/// # Panics
///
/// If the node cannot keep up.
pub fn wait_probability(arrival_rate: f64, service_rate: f64, servers: u32) -> f64 {
    utilisation(arrival_rate, service_rate, servers);
    erlang_c(servers, arrival_rate / service_rate)
}

/// Mean wait before service E\[W\] = C / (c μ − λ), in seconds.
///
/// # Panics
///
/// If the node cannot keep up.
pub fn mean_wait(arrival_rate: f64, service_rate: f64, servers: u32) -> f64 {
    wait_probability(arrival_rate, service_rate, servers)
        / (f64::from(servers) * service_rate - arrival_rate)
}

/// Mean sojourn time E\[T\] = E\[W\] + 1/μ, in seconds.
///
/// # Panics
///
/// If the node cannot keep up.
pub fn mean_sojourn(arrival_rate: f64, service_rate: f64, servers: u32) -> f64 {
    mean_wait(arrival_rate, service_rate, servers) + 1.0 / service_rate
}

/// Mean number in the node, by Little's law.
///
/// # Panics
///
/// If the node cannot keep up.
pub fn mean_number(arrival_rate: f64, service_rate: f64, servers: u32) -> f64 {
    arrival_rate * mean_sojourn(arrival_rate, service_rate, servers)
}

/// Quantile of the wait before service, in seconds: P(W > t) = C exp(−(c μ − λ) t).
///
/// # Panics
///
/// If the node cannot keep up or `probability` is not in 0..1.
pub fn wait_quantile(arrival_rate: f64, service_rate: f64, servers: u32, probability: f64) -> f64 {
    let waiting = wait_probability(arrival_rate, service_rate, servers);
    let drain_rate = f64::from(servers) * service_rate - arrival_rate;
    exponential_quantile(drain_rate, (1.0 - (1.0 - probability) / waiting).max(0.0))
}

/// Probability P(T > t) that a sojourn takes longer than `time` seconds.
///
/// T = S + W with W exponential of rate θ = c μ − λ with probability C, else 0. With δ = θ − μ,
/// P(T > t) = exp(−μ t) (1 + C μ (1 − exp(−δ t)) / δ), the fraction being t at δ = 0.
///
/// # Panics
///
/// If the node cannot keep up.
pub fn sojourn_tail(arrival_rate: f64, service_rate: f64, servers: u32, time: f64) -> f64 {
    let waiting = wait_probability(arrival_rate, service_rate, servers);
    let difference = (f64::from(servers) - 1.0) * service_rate - arrival_rate;
    let overlap = if (difference * time).abs() < 1e-12 {
        time
    } else {
        -(-difference * time).exp_m1() / difference
    };
    (-service_rate * time).exp() * (1.0 + waiting * service_rate * overlap)
}

/// Quantile of the sojourn time, in seconds, first come, first served.
///
/// # Panics
///
/// If the node cannot keep up or `probability` is not in 0..1.
pub fn sojourn_quantile(
    arrival_rate: f64,
    service_rate: f64,
    servers: u32,
    probability: f64,
) -> f64 {
    let scale = mean_sojourn(arrival_rate, service_rate, servers);
    let tail = |time| sojourn_tail(arrival_rate, service_rate, servers, time);
    tail_inverse(tail, 1.0 - probability, scale)
}

#[cfg(test)]
mod tests {
    use super::super::{assert_close, mm1};
    use super::*;

    /// Gross et al. 2008, section 2.3: the eye clinic, λ = 6 /h, three doctors, μ = 3 /h.
    #[test]
    fn the_textbook_clinic_holds_26_ninths_patients() {
        assert_close(mean_number(6.0, 3.0, 3), 26.0 / 9.0, 1e-12);
        assert_close(mean_wait(6.0, 3.0, 3), 4.0 / 27.0, 1e-12);
    }

    #[test]
    fn one_server_is_mm1() {
        assert_close(mean_sojourn(80.0, 100.0, 1), mm1::mean_sojourn(80.0, 100.0), 1e-12);
        assert_close(
            sojourn_quantile(80.0, 100.0, 1, 0.99),
            mm1::sojourn_quantile(80.0, 100.0, 0.99),
            1e-9,
        );
    }

    #[test]
    fn the_tail_integrates_to_the_mean() {
        // (200, 100, 3) is the point where the queue drains as fast as one server works.
        for (arrival_rate, servers) in [(150.0, 2), (200.0, 3), (290.0, 3), (700.0, 8)] {
            let step = 1e-4;
            let tail = |time| sojourn_tail(arrival_rate, 100.0, servers, time);
            let integral: f64 = (0..40_000).map(|i| step * tail((f64::from(i) + 0.5) * step)).sum();
            assert_close(integral, mean_sojourn(arrival_rate, 100.0, servers), 1e-5);
        }
    }

    #[test]
    fn with_many_servers_a_sojourn_is_a_service() {
        let expected = -0.01_f64.ln() / 100.0;
        assert_close(sojourn_quantile(10.0, 100.0, 40, 0.99), expected, 1e-9);
    }
}
