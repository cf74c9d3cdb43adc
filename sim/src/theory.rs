//! Closed forms and small exact solutions: the oracle of the tests and of `apimsim verify`.
//!
//! Every function is pure. Rates are per second, times are in seconds, shares and probabilities are
//! in 0..=1, and a mean number counts requests in service too. The letters beside the names are
//! those of the cited source. Nothing here knows the simulator.
//!
//! ```
//! use sim::theory::{mm1, mmc};
//!
//! // Two cores carry 150 /s at 10 ms each faster than one core of the same speed carries 75 /s.
//! assert!(mmc::mean_sojourn(150.0, 100.0, 2) < mm1::mean_sojourn(75.0, 100.0));
//! ```

pub mod abandonment;
pub mod availability;
pub mod breakdown;
pub mod closed_network;
pub mod erlang;
pub mod gm1;
pub mod idleness;
pub mod least_outstanding;
mod levels;
#[cfg(test)]
mod markov_chain;
mod matrix;
pub mod mg1;
pub mod mm1;
pub mod mmc;
pub mod mmck;
pub mod mmpp;
pub mod open_network;
pub mod processor_sharing;
pub mod round_robin;
pub mod token_cache;

/// Utilisation ρ = λ / (c μ) of a node of so many servers.
///
/// # Panics
///
/// If a rate is not positive, there is no server, or the node cannot keep up (ρ ≥ 1).
pub fn utilisation(arrival_rate: f64, service_rate: f64, servers: u32) -> f64 {
    assert!(arrival_rate > 0.0 && service_rate > 0.0 && servers > 0, "rates are positive");
    let utilisation = arrival_rate / (f64::from(servers) * service_rate);
    assert!(utilisation < 1.0, "the node keeps up; its utilisation is {utilisation}");
    utilisation
}

/// Quantile of an exponential law of this rate.
fn exponential_quantile(rate: f64, probability: f64) -> f64 {
    assert!((0.0..1.0).contains(&probability), "a quantile's probability is in 0..1");
    -(-probability).ln_1p() / rate
}

/// Where a decreasing tail, 1 at time 0, falls to `level`; `scale` is a time of its magnitude.
fn tail_inverse(tail: impl Fn(f64) -> f64, level: f64, scale: f64) -> f64 {
    assert!(0.0 < level && level <= 1.0, "a quantile's probability is in 0..1");
    let (mut low, mut high) = (0.0, scale);
    while tail(high) > level {
        (low, high) = (high, 2.0 * high);
    }
    while high - low > 1e-13 * high {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if tail(middle) > level {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Asserts that two numbers agree but for a relative error.
#[cfg(test)]
#[track_caller]
fn assert_close(actual: f64, expected: f64, relative_error: f64) {
    let scale = expected.abs().max(f64::MIN_POSITIVE);
    assert!(
        (actual - expected).abs() <= relative_error * scale,
        "{actual} is not {expected} within {relative_error}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_of_an_exponential_tail_is_its_quantile() {
        for probability in [0.0, 0.5, 0.99, 0.9999] {
            let quantile = tail_inverse(|time| (-3.0 * time).exp(), 1.0 - probability, 1e-3);
            assert!((quantile - exponential_quantile(3.0, probability)).abs() < 1e-9);
        }
    }

    #[test]
    #[should_panic(expected = "the node keeps up")]
    fn a_node_that_cannot_keep_up_has_no_utilisation() {
        utilisation(200.0, 100.0, 2);
    }
}
