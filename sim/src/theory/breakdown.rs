//! M/M/1 on a node that breaks down: crashes that destroy what is there, and interruptions.
//!
//! The node is up for an exponential time of rate ξ, idle or not, and down for one of rate η.

/// What a crashing node does in the long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crashing {
    /// Share of time up, η / (ξ + η).
    pub availability: f64,
    /// Mean number in the node over all time; none while it is down.
    pub mean_number: f64,
    /// Completions per second.
    pub throughput: f64,
    /// Share of arrivals refused because the node is down.
    pub refused_share: f64,
    /// Share of arrivals admitted and destroyed by a crash.
    pub destroyed_share: f64,
    /// Mean sojourn time of those that complete, in seconds.
    pub mean_sojourn: f64,
}

/// M/M/1, first come, first served, where a crash destroys everything in the node and arrivals
/// during a repair are lost (catastrophes: Towsley and Tripathi 1991, Operations Research Letters
/// 10; Chao 1995, Operations Research Letters 18). Any load has a steady state.
///
/// Balance for n ≥ 1 requests, (λ + μ + ξ) pₙ = λ pₙ₋₁ + μ pₙ₊₁, gives pₙ = P(up) (1 − r) rⁿ with
/// the smaller root r of μ r² − (λ + μ + ξ) r + λ = 0. An arrival in the up state finds n by this
/// law (Poisson arrivals see time averages), so its time to completion, a geometric sum of
/// exponential services, is exponential of rate μ (1 − r). It races with the crash, exponential of
/// rate ξ: it wins with probability μ (1 − r) / (μ (1 − r) + ξ), and the minimum is exponential of
/// rate μ (1 − r) + ξ whoever wins. The sojourn times of those that complete therefore have that
/// exponential law, with q-quantile −ln(1 − q) times the mean. Under processor sharing all but
/// `mean_sojourn` are the same; the mean over all admitted is still 1 / (μ (1 − r) + ξ) by Little's
/// law, but those that complete are the quick ones.
///
/// # Panics
///
/// If a rate is not positive.
pub fn mm1_with_crashes(
    arrival_rate: f64,
    service_rate: f64,
    crash_rate: f64,
    repair_rate: f64,
) -> Crashing {
    let rates = [arrival_rate, service_rate, crash_rate, repair_rate];
    assert!(rates.iter().all(|&rate| rate > 0.0), "rates are positive");
    let sum = arrival_rate + service_rate + crash_rate;
    // The smaller root as λ over μ times the larger: no cancellation.
    let ratio = 2.0 * arrival_rate / (sum + (sum * sum - 4.0 * arrival_rate * service_rate).sqrt());
    let availability = repair_rate / (crash_rate + repair_rate);
    let mean_number = availability * ratio / (1.0 - ratio);
    Crashing {
        availability,
        mean_number,
        throughput: availability * service_rate * ratio,
        refused_share: crash_rate / (crash_rate + repair_rate),
        destroyed_share: crash_rate * mean_number / arrival_rate,
        mean_sojourn: 1.0 / (service_rate * (1.0 - ratio) + crash_rate),
    }
}

/// Mean sojourn time of M/M/1 whose service is interrupted by breakdowns and then resumed, while
/// arrivals go on queueing (White and Christie 1958, Operations Research 6), in seconds.
///
/// With A = η / (ξ + η), generating functions of the number while up and while down give
/// E\[N\] = (λ/A + λ² ξ/η²) / (μ − λ/A) + λ A ξ/η², and Little's law the sojourn.
///
/// # Panics
///
/// If a rate is not positive or the node cannot keep up (λ ≥ A μ).
pub fn mm1_with_interruptions(
    arrival_rate: f64,
    service_rate: f64,
    crash_rate: f64,
    repair_rate: f64,
) -> f64 {
    assert!(crash_rate > 0.0 && repair_rate > 0.0, "rates are positive");
    let availability = repair_rate / (crash_rate + repair_rate);
    super::utilisation(arrival_rate, availability * service_rate, 1);
    let down = crash_rate / (repair_rate * repair_rate);
    let stretched = 1.0 / availability;
    (stretched + arrival_rate * down) / (service_rate - arrival_rate * stretched)
        + availability * down
}

#[cfg(test)]
mod tests {
    use super::super::markov_chain::MarkovChain;
    use super::super::{assert_close, mm1};
    use super::*;
    use crate::random::{Purpose, Stream};

    const ARRIVAL: f64 = 90.0;
    const SERVICE: f64 = 100.0;
    const CRASH: f64 = 2.0;
    const REPAIR: f64 = 5.0;

    #[test]
    fn crashes_are_the_markov_chain() {
        let chain = MarkovChain::solve(Some(0_u32), |&state| {
            let Some(n) = state else { return vec![(Some(0), REPAIR)] };
            let mut moves = vec![(None, CRASH)];
            if n < 300 {
                moves.push((Some(n + 1), ARRIVAL));
            }
            if n > 0 {
                moves.push((Some(n - 1), SERVICE));
            }
            moves
        });
        let node = mm1_with_crashes(ARRIVAL, SERVICE, CRASH, REPAIR);
        let number = chain.mean(|state| f64::from(state.unwrap_or(0)));
        let busy = chain.probability(|state| state.is_some_and(|n| n > 0));
        assert_close(node.availability, chain.probability(Option::is_some), 1e-9);
        assert_close(node.mean_number, number, 1e-8);
        assert_close(node.throughput, SERVICE * busy, 1e-9);
    }

    #[test]
    fn every_arrival_completes_is_refused_or_is_destroyed() {
        // The second node is overloaded while it is up.
        for arrival_rate in [ARRIVAL, 300.0] {
            let node = mm1_with_crashes(arrival_rate, SERVICE, CRASH, REPAIR);
            let completed = node.throughput / arrival_rate;
            assert_close(completed + node.refused_share + node.destroyed_share, 1.0, 1e-12);
        }
    }

    /// A request that finds n others completes at the (n+1)-th service if that is before the crash,
    /// and then its time is a sum of n+1 exponentials of rate μ + ξ.
    #[test]
    fn the_sojourn_of_the_completed_is_that_of_the_race() {
        let node = mm1_with_crashes(ARRIVAL, SERVICE, CRASH, REPAIR);
        let up_number = node.mean_number / node.availability;
        let ratio = up_number / (1.0 + up_number);
        let (mut wins, mut time_of_winners) = (0.0, 0.0);
        for n in 0..2000 {
            let probability =
                (1.0 - ratio) * ratio.powi(n) * (SERVICE / (SERVICE + CRASH)).powi(n + 1);
            wins += probability;
            time_of_winners += probability * f64::from(n + 1) / (SERVICE + CRASH);
        }
        assert_close(node.mean_sojourn, time_of_winners / wins, 1e-10);
        let admitted = 1.0 - node.refused_share;
        assert_close(node.destroyed_share, admitted * (1.0 - wins), 1e-10);
    }

    /// Simulates the node cycle by cycle: up until a crash, then a repair.
    #[test]
    fn crashes_are_what_a_simulation_sees() {
        let stream = Stream::new(1, 0, Purpose::Failures, 0);
        let mut index = 0;
        let mut exponential = |rate: f64| {
            index += 1;
            -(-stream.uniform(index)).ln_1p() / rate
        };
        let (mut arrivals, mut completed, mut sojourns) = (0.0, 0.0, 0.0);
        for _ in 0..60_000 {
            let crash = exponential(CRASH);
            let (mut now, mut free): (f64, f64) = (exponential(ARRIVAL), 0.0);
            while now < crash {
                arrivals += 1.0;
                free = now.max(free) + exponential(SERVICE);
                if free < crash {
                    completed += 1.0;
                    sojourns += free - now;
                }
                now += exponential(ARRIVAL);
            }
        }
        let node = mm1_with_crashes(ARRIVAL, SERVICE, CRASH, REPAIR);
        assert_close(sojourns / completed, node.mean_sojourn, 0.01);
        let expected = node.throughput / (ARRIVAL * node.availability);
        assert_close(completed / arrivals, expected, 0.002);
    }

    #[test]
    fn rare_crashes_leave_mm1() {
        let node = mm1_with_crashes(80.0, 100.0, 1e-9, 1.0);
        assert_close(node.mean_sojourn, mm1::mean_sojourn(80.0, 100.0), 1e-8);
        let resumed = mm1_with_interruptions(80.0, 100.0, 1e-9, 1.0);
        assert_close(resumed, mm1::mean_sojourn(80.0, 100.0), 1e-6);
    }

    #[test]
    fn interruptions_are_the_markov_chain() {
        let chain = MarkovChain::solve((0_u32, true), |&(n, up)| {
            let mut moves = vec![((n, !up), if up { CRASH } else { REPAIR })];
            if n < 400 {
                moves.push(((n + 1, up), 40.0));
            }
            if up && n > 0 {
                moves.push(((n - 1, up), SERVICE));
            }
            moves
        });
        let expected = chain.mean(|&(n, _)| f64::from(n)) / 40.0;
        assert_close(mm1_with_interruptions(40.0, SERVICE, CRASH, REPAIR), expected, 1e-7);
    }
}
