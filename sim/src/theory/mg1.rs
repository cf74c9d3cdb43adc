//! M/G/1 first come, first served: what the spread of service times costs.

use super::utilisation;

/// Mean wait before service (Pollaczek 1930, Khinchine 1932; Kleinrock 1975, Queueing Systems I,
/// section 5.6), in seconds: E\[W\] = ρ E\[S\] (1 + cv²) / (2 (1 − ρ)).
///
/// # Panics
///
/// If the node cannot keep up or the coefficient of variation is negative.
pub fn mean_wait(arrival_rate: f64, mean_service: f64, cv: f64) -> f64 {
    assert!(cv >= 0.0, "a coefficient of variation is not negative");
    let utilisation = utilisation(arrival_rate, 1.0 / mean_service, 1);
    utilisation * mean_service * (1.0 + cv * cv) / (2.0 * (1.0 - utilisation))
}

/// Mean sojourn time E\[T\] = E\[W\] + E\[S\], in seconds.
///
/// # Panics
///
/// If the node cannot keep up or the coefficient of variation is negative.
pub fn mean_sojourn(arrival_rate: f64, mean_service: f64, cv: f64) -> f64 {
    mean_wait(arrival_rate, mean_service, cv) + mean_service
}

/// Mean number in the node, by Little's law.
///
/// # Panics
///
/// If the node cannot keep up or the coefficient of variation is negative.
pub fn mean_number(arrival_rate: f64, mean_service: f64, cv: f64) -> f64 {
    arrival_rate * mean_sojourn(arrival_rate, mean_service, cv)
}

#[cfg(test)]
mod tests {
    use super::super::markov_chain::MarkovChain;
    use super::super::{assert_close, mm1};
    use super::*;

    #[test]
    fn exponential_service_is_mm1_and_constant_service_waits_half() {
        let mm1_wait = mm1::mean_wait(80.0, 100.0);
        assert_close(mean_wait(80.0, 0.01, 1.0), mm1_wait, 1e-12);
        assert_close(mean_wait(80.0, 0.01, 0.0), mm1_wait / 2.0, 1e-12);
    }

    /// Two exponential stages a service, so that cv² = 1/2; the state counts stages to do.
    #[test]
    fn erlang_service_is_the_markov_chain_of_its_stages() {
        let chain = MarkovChain::solve(0_u32, |&stages| {
            let mut moves = vec![];
            if stages < 400 {
                moves.push((stages + 2, 70.0));
            }
            if stages > 0 {
                moves.push((stages - 1, 200.0));
            }
            moves
        });
        let number = chain.mean(|&stages| f64::from(stages.div_ceil(2)));
        assert_close(mean_number(70.0, 0.01, 0.5_f64.sqrt()), number, 1e-8);
    }
}
