//! Like nodes behind a balancer that takes them in turn.

use super::levels::{self, Level};
use super::matrix::Matrix;

/// Mean sojourn time on so many nodes of so many cores each, in seconds.
///
/// Poisson arrivals at `arrival_rate` (λ) for all nodes, exponential service at `service_rate` (μ)
/// of one core, cores shared or queued for. A node gets every n-th arrival, so it is Eₙ/M/c with
/// stages of rate λ: [`super::gm1::ekm1_mean_sojourn`] for one core, and solved as a chain of
/// levels, the number on the node, with the stages as states.
///
/// # Panics
///
/// If the nodes cannot keep up.
pub fn mean_sojourn(arrival_rate: f64, nodes: u32, service_rate: f64, cores: u32) -> f64 {
    super::utilisation(arrival_rate, service_rate, nodes * cores);
    let stages = nodes as usize;
    let law = levels::stationary(|n| {
        let mut up = Matrix::zeros(stages, stages);
        let mut stay = Matrix::zeros(stages, stages);
        up[(stages - 1, 0)] = arrival_rate;
        for stage in 1..stages {
            stay[(stage - 1, stage)] = arrival_rate;
        }
        let served = service_rate * f64::from(cores.min(n as u32));
        let down =
            if n == 0 { Matrix::zeros(stages, 0) } else { Matrix::diagonal(&vec![served; stages]) };
        Level { up, stay, down }
    });
    levels::mean(&law) * f64::from(nodes) / arrival_rate
}

#[cfg(test)]
mod tests {
    use super::super::markov_chain::MarkovChain;
    use super::super::{assert_close, gm1, mmc};
    use super::*;

    #[test]
    fn one_node_is_mmc() {
        assert_close(mean_sojourn(150.0, 1, 100.0, 2), mmc::mean_sojourn(150.0, 100.0, 2), 1e-10);
    }

    #[test]
    fn nodes_of_one_core_are_the_formula() {
        for (arrival_rate, nodes) in [(160.0, 2), (240.0, 3), (760.0, 8)] {
            let expected = gm1::ekm1_mean_sojourn(arrival_rate / f64::from(nodes), nodes, 100.0);
            assert_close(mean_sojourn(arrival_rate, nodes, 100.0, 1), expected, 1e-10);
        }
    }

    /// One node of three, and how many arrivals went to the others since its last.
    #[test]
    fn nodes_of_two_cores_are_the_markov_chain() {
        let chain = MarkovChain::solve((0_u32, 0_u32), |&(n, turn)| {
            let arrived = if turn == 2 { n + 1 } else { n };
            let mut moves = vec![];
            if arrived <= 200 {
                moves.push(((arrived, (turn + 1) % 3), 480.0));
            }
            if n > 0 {
                moves.push(((n - 1, turn), 100.0 * f64::from(n.min(2))));
            }
            moves
        });
        let expected = chain.mean(|&(n, _)| f64::from(n)) / 160.0;
        assert_close(mean_sojourn(480.0, 3, 100.0, 2), expected, 1e-8);
    }
}
