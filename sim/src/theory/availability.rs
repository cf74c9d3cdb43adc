//! Availability of nodes that fail and are repaired: each independently of the others, several from a common cause,
//! and pairs of which one takes over.
//!
//! Availability here is the share of time. Where nothing else is said, only means matter, not the laws of up and down
//! times.

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

/// Share of what comes that is lost, where `lost(up)` of it is lost while exactly `up` of `nodes` are up (Meyer 1980,
/// IEEE Transactions on Computers 29, performability): Σ P(j up) lost(j).
///
/// # Panics
///
/// If the availability of a node is not in 0..=1.
pub fn mean_lost(nodes: u32, availability: f64, lost: impl Fn(u32) -> f64) -> f64 {
    (0..=nodes).map(|up| exactly(up, nodes, availability) * lost(up)).sum()
}

/// Share of time in which all of `nodes` are down that fail by themselves, and together from a common cause, where a
/// share `beta` of the failures of a node is of the latter kind (beta factor; Fleming 1975, General Atomic report
/// GA-A13284): z + (1 − z) pⁿ, with p down by itself and z down together, both repaired in `mttr`.
///
/// What is down together does not fail by itself meanwhile; that is neglected, a share of about z of pⁿ.
///
/// # Panics
///
/// If β is not in 0..1, or MTBF or MTTR are out of range.
pub fn beta_factor(nodes: u32, beta: f64, mtbf: f64, mttr: f64) -> f64 {
    assert!(0.0 < beta && beta < 1.0, "some failures have a common cause, others have not");
    let own = 1.0 - availability(mtbf / (1.0 - beta), mttr);
    let together = 1.0 - availability(mtbf / beta, mttr);
    zones(1, nodes, own, together)
}

/// Share of time in which every zone is down, be it as a whole or because all `nodes` of it are: (z + (1 − z) pⁿ)ᵐ,
/// with `own` *p* the share of time in which a node is down by itself and `zone` *z* that of a zone (Barlow and Proschan
/// 1975, section 2.1: series and parallel systems).
///
/// # Panics
///
/// If a share is not in 0..=1.
pub fn zones(zones: u32, nodes: u32, own: f64, zone: f64) -> f64 {
    assert!([own, zone].iter().all(|share| (0.0..=1.0).contains(share)), "a share of time");
    (zone + (1.0 - zone) * own.powf(f64::from(nodes))).powf(f64::from(zones))
}

/// Share of time in which fewer than `needed` of `nodes` are up where so many `repairers` repair one each, first come,
/// first served; times up and to repair are exponential.
///
/// Balance of the birth and death process of nodes down, P(j + 1) / P(j) = (n − j) μ / (min(j + 1, c) λ) with mean times
/// up λ = MTBF and to repair μ = MTTR (the machine repair problem; Feller 1968, An Introduction to Probability Theory and
/// Its Applications, volume 1, section XVII.7).
///
/// # Panics
///
/// If there is nobody to repair, or MTBF or MTTR are not positive.
pub fn fewer_than_with(repairers: u32, needed: u32, nodes: u32, mtbf: f64, mttr: f64) -> f64 {
    assert!(repairers > 0 && mtbf > 0.0 && mttr > 0.0, "somebody repairs, and times are positive");
    let mut weights = vec![1.0];
    for down in 0..nodes {
        let ratio = f64::from(nodes - down) * mttr / (f64::from(repairers.min(down + 1)) * mtbf);
        weights.push(weights[down as usize] * ratio);
    }
    let all: f64 = weights.iter().sum();
    let lacking = weights.iter().rev().take(needed.min(nodes + 1) as usize);
    lacking.sum::<f64>() / all
}

/// Share of requests lost by one of two nodes behind a balancer that halves them, until it finds out that one is down: at
/// once after `least`, and up to `interval` later, all as likely. Repairs are exponential.
///
/// Each node is down and not found out for a share λ A E\[min(D, R)\] of time, with E\[min(D, R)\] = (1 − E\[exp(−μ D)\]) /
/// μ for an exponential repair R of rate μ; half of the requests are lost then, unless the other is down, too, in which
/// case all are (two-state renewal process with a delay; Ross 2014, Introduction to Probability Models, section 7.4). That
/// a balancer finds a node repaired later than that is, where both were down, is neglected.
///
/// # Panics
///
/// If a time is not positive.
pub fn pair_found_out(mtbf: f64, mttr: f64, least: f64, interval: f64) -> f64 {
    assert!(
        mttr > 0.0 && least >= 0.0 && interval > 0.0,
        "nothing is found out or repaired at once"
    );
    let up = availability(mtbf, mttr);
    let not_found_out = (-least / mttr).exp() * of_uniform(1.0 / mttr, interval);
    let unknown = up / mtbf * mttr * (1.0 - not_found_out);
    unknown * up + (1.0 - up).powi(2)
}

/// How a node that stands by takes over, in one unit of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TakeOver {
    /// Each node shows that it is alive, and looks whether the other is, so often.
    pub heartbeat: f64,
    /// So many of them have to be missed.
    pub missed: f64,
    /// It asks whether it leads so often.
    pub polling: f64,
    /// How long it then takes to serve.
    pub start: f64,
}

/// Share of time in which neither of two nodes serves of which one stands by, with exponential times up and to repair.
///
/// The last heartbeat is A old when the leader fails, the other looks W after patience is over, and asks P later; A and W
/// are uniform in a heartbeat, P in the time between two polls. It is elected T = missed · heartbeat − A + W after the
/// failure, unless the leader is repaired before, and serves V = P + start later. Balance of the semi-Markov process of
/// both serving or standing by, one alone, taking over, none (Ross 2014, section 7.6). Neglected: that one fails while it
/// takes over, and that after both were down the one that did not lead may have to wait.
///
/// # Panics
///
/// If MTBF, MTTR or a period is not positive.
pub fn active_passive(mtbf: f64, mttr: f64, take_over: &TakeOver) -> f64 {
    let TakeOver { heartbeat, missed, polling, start } = *take_over;
    assert!(mtbf > 0.0 && mttr > 0.0 && heartbeat > 0.0 && polling > 0.0, "times are positive");
    let (fails, repaired) = (1.0 / mtbf, 1.0 / mttr);
    // The probability that the leader is not repaired within T.
    let elects = (-missed * heartbeat * repaired).exp()
        * of_uniform(-repaired, heartbeat)
        * of_uniform(repaired, heartbeat);
    let taking_over = (1.0 - elects) / repaired + elects * (0.5 * polling + start);
    // Visits for each one to the state in which all is in order, and time spent in each.
    let alone = 0.5 * (1.0 + elects) * (fails + repaired) / repaired;
    let none = alone * fails / (fails + repaired);
    let down = 0.5 * taking_over + none / (2.0 * repaired);
    down / (0.5 / fails + alone / (fails + repaired) + down)
}

/// E\[exp(−s U)\] of U uniform in 0..`width`.
fn of_uniform(s: f64, width: f64) -> f64 {
    -(-s * width).exp_m1() / (s * width)
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

    #[test]
    fn what_is_lost_on_average_is_what_is_down_where_all_or_nothing_is() {
        let lost = |up: u32| f64::from(u8::from(up < 2));
        assert_close(mean_lost(4, 0.9, lost), fewer_than(2, 4, 0.9), 1e-13);
    }

    #[test]
    fn with_as_many_repairers_as_nodes_nobody_waits_and_one_of_two_is_as_by_hand() {
        let all = fewer_than(2, 3, availability(9.0, 1.0));
        assert_close(fewer_than_with(3, 2, 3, 9.0, 1.0), all, 1e-13);
        // Weights 1, 2/9 and 2/81.
        assert_close(fewer_than_with(1, 1, 2, 9.0, 1.0), 2.0 / (81.0 + 18.0 + 2.0), 1e-13);
    }

    #[test]
    fn a_common_cause_is_that_of_the_markov_chain() {
        // How many are down by themselves, and whether all are down together; who is down does not fail.
        let (beta, mtbf, mttr) = (0.05, 2e4, 2.0);
        let chain = MarkovChain::solve((0_u32, false), |&(down, together)| {
            let mut moves = vec![];
            if down > 0 {
                moves.push(((down - 1, together), f64::from(down) / mttr));
            }
            if together {
                moves.push(((down, false), 1.0 / mttr));
            } else {
                moves.push(((down, true), beta / mtbf));
                if down < 2 {
                    moves.push(((down + 1, false), f64::from(2 - down) * (1.0 - beta) / mtbf));
                }
            }
            moves
        });
        let all_down = chain.probability(|&(down, together)| down == 2 || together);
        assert_close(beta_factor(2, beta, mtbf, mttr), all_down, 1e-5);
    }

    #[test]
    fn zones_are_down_as_by_hand() {
        // A zone of two nodes: 0.1 + 0.9 * 0.04.
        assert_close(zones(2, 2, 0.2, 0.1), 0.136 * 0.136, 1e-13);
    }

    #[test]
    fn what_is_found_out_late_is_as_long_as_an_exponential_delay_where_that_is_long() {
        // With a delay far longer than any repair a half is lost as long as one of two is down.
        let (mtbf, mttr) = (1000.0, 10.0);
        let down = mttr / (mtbf + mttr);
        let half = 2.0 * down * (1.0 - down) * 0.5 + down * down;
        assert_close(pair_found_out(mtbf, mttr, 1e4, 1.0), half, 1e-9);
        // With a short one, as long as the delay is.
        assert_close(pair_found_out(1e6, 1e3, 0.5, 1.0), 1e-6 + 1e-6, 3e-3);
    }

    #[test]
    fn a_pair_takes_over_as_in_a_markov_chain_of_as_many_short_stages() {
        // T and V are the sum of 40 exponential stages each: the leader's repair may come before T is over.
        let take_over = TakeOver { heartbeat: 1e-3, missed: 2e4, polling: 1e-3, start: 10.0 };
        let (mtbf, mttr, stages) = (1e4, 50.0, 40_u32);
        let chain = MarkovChain::solve((0_u32, 0_u32), |&(state, stage)| match state {
            0 => vec![((1, 0), 1.0 / mtbf), ((3, 0), 1.0 / mtbf)],
            1 if stage + 1 < stages => {
                vec![((1, stage + 1), f64::from(stages) / 20.0), ((0, 0), 1.0 / mttr)]
            }
            1 => vec![((2, 0), f64::from(stages) / 20.0), ((0, 0), 1.0 / mttr)],
            2 if stage + 1 < stages => vec![((2, stage + 1), f64::from(stages) / 10.0)],
            2 => vec![((3, 0), f64::from(stages) / 10.0)],
            3 => vec![((0, 0), 1.0 / mttr), ((4, 0), 1.0 / mtbf)],
            _ => vec![((3, 0), 2.0 / mttr)],
        });
        let down = chain.probability(|&(state, _)| matches!(state, 1 | 2 | 4));
        // Of stages the sum varies by 16 %, which moves the minimum of it and a repair by 0.3 %.
        assert_close(active_passive(mtbf, mttr, &take_over), down, 5e-3);
    }
}
