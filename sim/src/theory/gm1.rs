//! G/M/1 first come, first served: any renewal arrivals, exponential service, one server.
//!
//! Source: Kleinrock 1975, Queueing Systems I, section 6.4. An arrival finds n requests with
//! probability (1 − σ) σⁿ, and sojourn times are exponential of rate μ (1 − σ), where σ is the root
//! in 0..1 of σ = A*(μ − μ σ) and A* is the Laplace transform of the times between arrivals.

use super::utilisation;

/// Share of arrivals that wait (σ), from the transform A* of the times between arrivals.
///
/// # Panics
///
/// If the service rate is not positive, or σ comes out as 1: arrivals are then as fast as services.
pub fn wait_probability(transform: impl Fn(f64) -> f64, service_rate: f64) -> f64 {
    assert!(service_rate > 0.0, "rates are positive");
    // In y = 1 − σ: the function is convex, 0 and falling at 0, positive at 1.
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if transform(service_rate * middle) - 1.0 + middle < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    assert!(low > 0.0, "the node keeps up");
    1.0 - f64::midpoint(low, high)
}

/// Mean sojourn time of G/M/1, 1 / (μ (1 − σ)), in seconds.
///
/// # Panics
///
/// If the node cannot keep up.
pub fn mean_sojourn(transform: impl Fn(f64) -> f64, service_rate: f64) -> f64 {
    1.0 / (service_rate * (1.0 - wait_probability(transform, service_rate)))
}

/// Mean sojourn time of D/M/1, arrivals at a fixed interval, in seconds: A*(s) = exp(−s/λ).
///
/// # Panics
///
/// If the node cannot keep up.
pub fn dm1_mean_sojourn(arrival_rate: f64, service_rate: f64) -> f64 {
    utilisation(arrival_rate, service_rate, 1);
    mean_sojourn(|s| (-s / arrival_rate).exp(), service_rate)
}

/// Mean sojourn time of Eₖ/M/1, times between arrivals of k exponential stages, in seconds: A*(s) =
/// (k λ / (k λ + s))ᵏ.
///
/// # Panics
///
/// If the node cannot keep up or there is no stage.
pub fn ekm1_mean_sojourn(arrival_rate: f64, stages: u32, service_rate: f64) -> f64 {
    assert!(stages > 0, "an Erlang law has a stage");
    utilisation(arrival_rate, service_rate, 1);
    let stage_rate = f64::from(stages) * arrival_rate;
    mean_sojourn(|s| (-f64::from(stages) * (s / stage_rate).ln_1p()).exp(), service_rate)
}

#[cfg(test)]
mod tests {
    use super::super::{assert_close, mm1};
    use super::*;

    #[test]
    fn poisson_arrivals_are_mm1() {
        assert_close(ekm1_mean_sojourn(80.0, 1, 100.0), mm1::mean_sojourn(80.0, 100.0), 1e-12);
        assert_close(wait_probability(|s| 99.9 / (99.9 + s), 100.0), 0.999, 1e-10);
    }

    /// At half load the root for two stages is (3 − √5) / 2, and for constant intervals 0.203188.
    #[test]
    fn roots_at_half_load() {
        let golden = (3.0 - 5.0_f64.sqrt()) / 2.0;
        assert_close(ekm1_mean_sojourn(50.0, 2, 100.0), 0.01 / (1.0 - golden), 1e-12);
        assert_close(dm1_mean_sojourn(50.0, 100.0), 0.01 / (1.0 - 0.203_188), 1e-6);
    }

    #[test]
    fn many_stages_are_a_fixed_interval() {
        let expected = dm1_mean_sojourn(80.0, 100.0);
        assert_close(ekm1_mean_sojourn(80.0, 1_000_000, 100.0), expected, 1e-5);
    }
}
