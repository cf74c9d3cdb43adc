//! Two like nodes behind a balancer that chooses the one with fewer requests outstanding.
//!
//! Power of two choices on two nodes is the same policy, and join the shortest queue is too.

use super::levels::{self, Level};
use super::matrix::Matrix;

/// Probability that may be lost beyond the largest difference between the nodes.
const NEGLIGIBLE: f64 = 1e-13;

/// Mean sojourn time on two nodes of so many cores each, in seconds.
///
/// Poisson arrivals at `arrival_rate` (λ) for both nodes, exponential service at `service_rate` (μ)
/// of one core, cores shared or queued for; ties are broken in any way. There is no closed form
/// (series: Adan, Wessels and Zijm 1990, Stochastic Models 6), so the chain of the total and the
/// difference of the numbers is solved, exact to about 1e-10.
///
/// # Panics
///
/// If the nodes cannot keep up.
pub fn two_node_mean_sojourn(arrival_rate: f64, service_rate: f64, cores: u32) -> f64 {
    two_node_mean_number(arrival_rate, service_rate, cores) / arrival_rate
}

/// Mean number on both nodes together; see [`two_node_mean_sojourn`].
///
/// # Panics
///
/// If the nodes cannot keep up.
pub fn two_node_mean_number(arrival_rate: f64, service_rate: f64, cores: u32) -> f64 {
    super::utilisation(arrival_rate, service_rate, 2 * cores);
    let mut widest = 16;
    loop {
        let pair = Pair { arrival_rate, service_rate, cores, widest };
        let law = levels::stationary(|total| pair.level(total));
        // Every other difference occurs in a level; the widest or the next to it is the last state.
        let cut: f64 = law[widest..].iter().filter_map(|level| level.last()).sum();
        if cut < NEGLIGIBLE {
            return levels::mean(&law);
        }
        assert!(widest < 1 << 10, "the balancer keeps the nodes alike");
        widest *= 2;
    }
}

/// The chain: a level is the total, its states are differences of the same parity, from the least.
struct Pair {
    arrival_rate: f64,
    service_rate: f64,
    cores: u32,
    /// Largest difference; what would widen it is left out.
    widest: usize,
}

impl Pair {
    fn level(&self, total: usize) -> Level {
        let states = self.states(total);
        let above = self.states(total + 1);
        let below = if total == 0 { 0 } else { self.states(total - 1) };
        let mut up = Matrix::zeros(states, above);
        let mut down = Matrix::zeros(states, below);
        for state in 0..states {
            let difference = 2 * state + total % 2;
            let narrower = difference.abs_diff(1) / 2;
            let wider = difference.div_ceil(2);
            up[(state, narrower)] += self.arrival_rate;
            if total > 0 {
                let emptier = (total - difference) / 2;
                down[(state, narrower)] += self.completion_rate(total - emptier);
                if wider < below {
                    down[(state, wider)] += self.completion_rate(emptier);
                }
            }
        }
        Level { up, stay: Matrix::zeros(states, states), down }
    }

    /// Number of differences that this total may have.
    fn states(&self, total: usize) -> usize {
        (total.min(self.widest) - total % 2) / 2 + 1
    }

    fn completion_rate(&self, on_node: usize) -> f64 {
        self.service_rate * f64::from(self.cores.min(on_node as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::super::markov_chain::MarkovChain;
    use super::super::open_network::random_split_mean_sojourn;
    use super::super::{assert_close, mmc, round_robin};
    use super::*;

    /// Both nodes as they are, unfolded, with a coin for ties.
    fn brute_force(arrival_rate: f64, service_rate: f64, cores: u32, capacity: u32) -> f64 {
        let chain = MarkovChain::solve((0_u32, 0_u32), |&(a, b)| {
            let mut moves = vec![];
            if a < capacity && b < capacity {
                match a.cmp(&b) {
                    std::cmp::Ordering::Less => moves.push(((a + 1, b), arrival_rate)),
                    std::cmp::Ordering::Greater => moves.push(((a, b + 1), arrival_rate)),
                    std::cmp::Ordering::Equal => {
                        moves.push(((a + 1, b), arrival_rate / 2.0));
                        moves.push(((a, b + 1), arrival_rate / 2.0));
                    }
                }
            }
            if a > 0 {
                moves.push(((a - 1, b), service_rate * f64::from(a.min(cores))));
            }
            if b > 0 {
                moves.push(((a, b - 1), service_rate * f64::from(b.min(cores))));
            }
            moves
        });
        chain.mean(|&(a, b)| f64::from(a + b)) / arrival_rate
    }

    #[test]
    fn the_folded_chain_is_the_unfolded_one() {
        for (arrival_rate, cores, capacity) in [(40.0, 1, 20), (140.0, 1, 35), (300.0, 2, 45)] {
            let expected = brute_force(arrival_rate, 100.0, cores, capacity);
            assert_close(two_node_mean_sojourn(arrival_rate, 100.0, cores), expected, 1e-7);
        }
    }

    #[test]
    fn it_lies_between_one_node_of_all_cores_and_taking_turns() {
        for arrival_rate in [20.0, 100.0, 180.0, 196.0] {
            let sojourn = two_node_mean_sojourn(arrival_rate, 100.0, 1);
            assert!(sojourn > mmc::mean_sojourn(arrival_rate, 100.0, 2));
            assert!(sojourn < round_robin::mean_sojourn(arrival_rate, 2, 100.0, 1));
            assert!(sojourn < random_split_mean_sojourn(arrival_rate, 2, 100.0, 1));
        }
    }

    /// In heavy traffic the nodes pool (Foschini and Salz 1978, IEEE Transactions on Communications
    /// 26).
    #[test]
    fn in_heavy_traffic_two_nodes_are_one() {
        let pooled = mmc::mean_sojourn(198.0, 100.0, 2);
        assert_close(two_node_mean_sojourn(198.0, 100.0, 1), pooled, 0.02);
    }

    #[test]
    fn with_many_cores_a_sojourn_is_a_service() {
        assert_close(two_node_mean_sojourn(400.0, 100.0, 32), 0.01, 1e-10);
    }
}
