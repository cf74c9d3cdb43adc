//! M/M/c/K: as M/M/c, but an arrival that finds K requests in the node is rejected.
//!
//! Source: Gross, Shortle, Thompson and Harris 2008, Fundamentals of Queueing Theory, section 2.5.
//! No load is too high here.

/// What an M/M/c/K node does in the long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounded {
    /// Probability that an arrival is rejected.
    pub blocking: f64,
    /// Completions per second, λ (1 − blocking).
    pub throughput: f64,
    /// Mean number in the node.
    pub mean_number: f64,
    /// Mean sojourn time of those admitted, in seconds.
    pub mean_sojourn: f64,
}

/// Solves an M/M/c/K node; `capacity` (*K*) counts those in service too.
///
/// pₙ ∝ Π λ / (μ min(j, c)), j = 1..=n; an arrival is rejected with probability p of K.
///
/// # Panics
///
/// If a rate is not positive or the capacity is less than the number of servers.
pub fn bounded(arrival_rate: f64, service_rate: f64, servers: u32, capacity: u32) -> Bounded {
    assert!(arrival_rate > 0.0 && service_rate > 0.0, "rates are positive");
    assert!(0 < servers && servers <= capacity, "every server can hold a request");
    let probabilities = number_in_node(arrival_rate / service_rate, servers, capacity);
    let blocking = probabilities[capacity as usize];
    let throughput = arrival_rate * (1.0 - blocking);
    let mean_number = probabilities.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
    Bounded { blocking, throughput, mean_number, mean_sojourn: mean_number / throughput }
}

/// Probabilities of 0..=capacity requests in the node.
fn number_in_node(offered_load: f64, servers: u32, capacity: u32) -> Vec<f64> {
    // Logarithms, because the weights of a large node overflow.
    let mut logarithms = vec![0.0];
    for n in 1..=capacity {
        let previous = logarithms[n as usize - 1];
        logarithms.push(previous + (offered_load / f64::from(n.min(servers))).ln());
    }
    let largest = logarithms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logarithms.iter().map(|l| (l - largest).exp()).collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

#[cfg(test)]
mod tests {
    use super::super::erlang::erlang_b;
    use super::super::markov_chain::MarkovChain;
    use super::super::{assert_close, mmc};
    use super::*;

    #[test]
    fn a_node_without_a_queue_is_erlangs_loss_system() {
        assert_close(bounded(500.0, 100.0, 6, 6).blocking, erlang_b(6, 5.0), 1e-13);
    }

    #[test]
    fn a_large_queue_is_mmc() {
        let node = bounded(150.0, 100.0, 2, 2000);
        assert!(node.blocking < 1e-200);
        assert_close(node.mean_sojourn, mmc::mean_sojourn(150.0, 100.0, 2), 1e-11);
    }

    #[test]
    fn an_overloaded_node_is_the_markov_chain() {
        let chain = MarkovChain::solve(0_u32, |&n| {
            let mut moves = vec![];
            if n < 12 {
                moves.push((n + 1, 450.0));
            }
            if n > 0 {
                moves.push((n - 1, 100.0 * f64::from(n.min(4))));
            }
            moves
        });
        let node = bounded(450.0, 100.0, 4, 12);
        assert_close(node.blocking, chain.probability(|&n| n == 12), 1e-9);
        assert_close(node.mean_number, chain.mean(|&n| f64::from(n)), 1e-9);
        assert_close(node.throughput, chain.mean(|&n| 100.0 * f64::from(n.min(4))), 1e-9);
    }

    /// At ρ = 1 all of the K + 1 numbers are equally likely.
    #[test]
    fn one_critically_loaded_server_is_uniform() {
        let node = bounded(100.0, 100.0, 1, 9);
        assert_close(node.blocking, 0.1, 1e-13);
        assert_close(node.mean_number, 4.5, 1e-13);
    }
}
