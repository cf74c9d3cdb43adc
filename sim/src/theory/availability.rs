//! Availability of nodes that fail and are repaired, each independently of the others.
//!
//! Availability here is the share of time. Only means matter, not the laws of up and down times.

/// Availability of one node, MTBF / (MTBF + MTTR); both in the same unit, MTBF a mean up time.
///
/// # Panics
///
/// If MTBF is not positive or MTTR is negative.
pub fn availability(mtbf: f64, mttr: f64) -> f64 {
    assert!(mtbf > 0.0 && mttr >= 0.0, "a node is up for a while and repaired in time");
    mtbf / (mtbf + mttr)
}

/// Share of time in which at least `needed` (*k*) of `nodes` (*n*) are up (Barlow and Proschan
/// 1975, Statistical Theory of Reliability, section 2.1): Σ C(n, j) Aʲ (1 − A)ⁿ⁻ʲ, j = k..=n.
///
/// # Panics
///
/// If the availability of a node is not in 0..=1.
pub fn at_least(needed: u32, nodes: u32, availability: f64) -> f64 {
    (needed..=nodes).map(|up| exactly(up, nodes, availability)).sum()
}

/// Share of time in which fewer than `needed` of `nodes` are up; exact where [`at_least`] rounds to
/// 1.
///
/// # Panics
///
/// If the availability of a node is not in 0..=1.
pub fn fewer_than(needed: u32, nodes: u32, availability: f64) -> f64 {
    (0..needed.min(nodes + 1)).map(|up| exactly(up, nodes, availability)).sum()
}

/// Outages of a cluster that needs `needed` of `nodes`: how often per unit of MTBF's time, and how
/// long in that unit on average.
///
/// An outage begins when one of exactly k nodes fails: k P(k up) / MTBF; its mean length is
/// P(outage) / frequency (Barlow and Proschan 1975, chapter 7).
///
/// # Panics
///
/// If no node is needed, more are needed than there are, or MTBF or MTTR are out of range.
pub fn outages(needed: u32, nodes: u32, mtbf: f64, mttr: f64) -> (f64, f64) {
    assert!(0 < needed && needed <= nodes, "some of the nodes are needed");
    let node = availability(mtbf, mttr);
    let frequency = f64::from(needed) * exactly(needed, nodes, node) / mtbf;
    (frequency, fewer_than(needed, nodes, node) / frequency)
}

/// Probability of exactly `up` of `nodes`.
fn exactly(up: u32, nodes: u32, availability: f64) -> f64 {
    assert!((0.0..=1.0).contains(&availability), "an availability is a share");
    let choices: f64 = (0..up).map(|j| f64::from(nodes - j) / f64::from(j + 1)).product();
    choices * availability.powf(f64::from(up)) * (1.0 - availability).powf(f64::from(nodes - up))
}

#[cfg(test)]
mod tests {
    use super::super::assert_close;
    use super::super::markov_chain::MarkovChain;
    use super::*;

    #[test]
    fn a_node_down_one_hour_in_a_hundred_is_99_percent_available() {
        assert_close(availability(99.0, 1.0), 0.99, 1e-14);
    }

    #[test]
    fn one_of_two_and_two_of_three_by_hand() {
        assert_close(at_least(1, 2, 0.9), 0.99, 1e-13);
        assert_close(at_least(2, 3, 0.9), 0.972, 1e-13);
        assert_close(fewer_than(2, 3, 0.9), 0.028, 1e-12);
        assert_close(at_least(0, 3, 0.9), 1.0, 1e-13);
        assert!(at_least(4, 3, 0.9) <= 0.0);
    }

    #[test]
    fn outages_are_those_of_the_markov_chain() {
        let (nodes, mtbf, mttr) = (4_u32, 50.0, 5.0);
        let chain = MarkovChain::solve(nodes, |&up| {
            let mut moves = vec![];
            if up > 0 {
                moves.push((up - 1, f64::from(up) / mtbf));
            }
            if up < nodes {
                moves.push((up + 1, f64::from(nodes - up) / mttr));
            }
            moves
        });
        let (frequency, mean_length) = outages(3, nodes, mtbf, mttr);
        assert_close(frequency, chain.probability(|&up| up == 3) * 3.0 / mtbf, 1e-9);
        assert_close(mean_length * frequency, chain.probability(|&up| up < 3), 1e-9);
        // With all repairs at once, two failed nodes last half a repair, a little more with a
        // third.
        assert!((2.5..3.0).contains(&mean_length));
    }
}
