//! MMPP(2)/M/c: Poisson arrivals whose rate switches between two values, exponential service.
//!
//! Solved as a chain of levels, the number in the node, with two states each (Yechiali and Naor
//! 1971, Operations Research 19, give M/M/1 through the root of a cubic). The means hold for queues
//! and for shared cores.

use super::levels::{self, Level};
use super::matrix::Matrix;

/// Mean arrival rate: Σ λᵢ πᵢ, where a state's share of time πᵢ is that of the other's switch rate.
///
/// # Panics
///
/// If a switch rate is not positive.
pub fn mean_arrival_rate(arrival_rates: [f64; 2], switch_rates: [f64; 2]) -> f64 {
    assert!(switch_rates.iter().all(|&rate| rate > 0.0), "rates are positive");
    let [calm, burst] = arrival_rates;
    let [leaves_calm, leaves_burst] = switch_rates;
    (calm * leaves_burst + burst * leaves_calm) / (leaves_calm + leaves_burst)
}

/// Mean number in the node; `switch_rates[i]` is the rate of leaving state i, in which arrivals
/// come at `arrival_rates[i]`.
///
/// # Panics
///
/// If an arrival rate is negative, another rate not positive, or the node cannot keep up.
pub fn mean_number(
    arrival_rates: [f64; 2],
    switch_rates: [f64; 2],
    service_rate: f64,
    servers: u32,
) -> f64 {
    assert!(arrival_rates.iter().all(|&rate| rate >= 0.0), "rates are not negative");
    let mean_rate = mean_arrival_rate(arrival_rates, switch_rates);
    super::utilisation(mean_rate, service_rate, servers);
    let law = levels::stationary(|n| {
        let served = service_rate * f64::from((n as u32).min(servers));
        let mut stay = Matrix::zeros(2, 2);
        [stay[(0, 1)], stay[(1, 0)]] = switch_rates;
        let down = if n == 0 { Matrix::zeros(2, 0) } else { Matrix::diagonal(&[served; 2]) };
        Level { up: Matrix::diagonal(&arrival_rates), stay, down }
    });
    levels::mean(&law)
}

/// Mean sojourn time, by Little's law, in seconds.
///
/// # Panics
///
/// As [`mean_number`].
pub fn mean_sojourn(
    arrival_rates: [f64; 2],
    switch_rates: [f64; 2],
    service_rate: f64,
    servers: u32,
) -> f64 {
    mean_number(arrival_rates, switch_rates, service_rate, servers)
        / mean_arrival_rate(arrival_rates, switch_rates)
}

#[cfg(test)]
mod tests {
    use super::super::markov_chain::MarkovChain;
    use super::super::{assert_close, mm1, mmc};
    use super::*;

    #[test]
    fn equal_rates_are_mmc() {
        let number = mean_number([150.0; 2], [1.0, 3.0], 100.0, 2);
        assert_close(number, mmc::mean_number(150.0, 100.0, 2), 1e-10);
    }

    /// The burst brings more than the two servers can do.
    #[test]
    fn bursts_are_the_markov_chain() {
        let chain = MarkovChain::solve((0_u32, 0_usize), |&(n, state)| {
            let mut moves = vec![((n, 1 - state), [20.0, 60.0][state])];
            if n < 400 {
                moves.push(((n + 1, state), [80.0, 300.0][state]));
            }
            if n > 0 {
                moves.push(((n - 1, state), 100.0 * f64::from(n.min(2))));
            }
            moves
        });
        let number = mean_number([80.0, 300.0], [20.0, 60.0], 100.0, 2);
        assert_close(number, chain.mean(|&(n, _)| f64::from(n)), 1e-7);
    }

    #[test]
    fn slow_switching_mixes_two_nodes_and_fast_switching_averages_the_rate() {
        let slow = mean_number([20.0, 80.0], [1e-6, 1e-6], 100.0, 1);
        let mixed = f64::midpoint(mm1::mean_number(20.0, 100.0), mm1::mean_number(80.0, 100.0));
        assert_close(slow, mixed, 1e-5);
        let fast = mean_sojourn([20.0, 80.0], [1e7, 1e7], 100.0, 1);
        assert_close(fast, mm1::mean_sojourn(50.0, 100.0), 1e-4);
    }

    /// An interrupted Poisson process is a hyperexponential renewal process (Kuczura 1973, Bell
    /// System Technical Journal 52), so that the node is G/M/1.
    #[test]
    fn an_interrupted_process_is_a_renewal_process() {
        let (on_rate, leaves_on, leaves_off) = (160.0, 5.0, 4.0);
        let transform = |s: f64| {
            on_rate * (s + leaves_off)
                / ((s + on_rate + leaves_on) * (s + leaves_off) - leaves_on * leaves_off)
        };
        let expected = super::super::gm1::mean_sojourn(transform, 100.0);
        let sojourn = mean_sojourn([0.0, on_rate], [leaves_off, leaves_on], 100.0, 1);
        assert_close(sojourn, expected, 1e-9);
    }
}
