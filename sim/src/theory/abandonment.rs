//! M/M/1 first come, first served, whose clients leave after a fixed time, served or not.

/// What an M/M/1 node with impatient clients does in the long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Impatient {
    /// Share of requests whose client leaves before completion.
    pub abandoned_share: f64,
    /// Completions per second.
    pub throughput: f64,
    /// Share of time in which the server works, also on what is never completed.
    pub utilisation: f64,
    /// Mean sojourn time of those that complete, in seconds.
    pub mean_sojourn: f64,
}

/// M/M/1 with a deadline on the whole sojourn: at `patience` (τ) seconds after its arrival a
/// request is dropped wherever it is, waiting or in service. Any load has a steady state.
///
/// With V the time an arrival waits for the server, the server is then taken until min(V + S, τ),
/// so V ≤ τ is the content of a dam of height τ (Takács 1967, Combinatorial Methods in the Theory
/// of Stochastic Processes; Gavish and Schweitzer 1977, Management Science 23). Level crossing
/// below τ, f(x) = λ P(V ≤ x < V + S), gives P(V = 0) = p₀ and density f(x) = λ p₀ exp(−θ x) with θ
/// = μ − λ, as in M/M/1, so that 1/p₀ = 1 + λ ∫ exp(−θ x) dx. All integrals are over 0..τ. A
/// request is dropped if V ≤ τ < V + S, with probability f(τ)/λ = p₀ exp(−θ τ). It stays min(V + S,
/// τ), on average ∫ f(x)/λ + P(V > x) dx = p₀ (∫ exp(−θ x) dx + λ ∫ x exp(−θ x) dx).
///
/// # Panics
///
/// If a rate or the patience is not positive.
pub fn mm1_with_patience(arrival_rate: f64, service_rate: f64, patience: f64) -> Impatient {
    assert!(arrival_rate > 0.0 && service_rate > 0.0, "rates are positive");
    assert!(patience > 0.0, "clients wait for a while");
    let weights = Weights::new(service_rate - arrival_rate, patience);
    let total = weights.at_zero + arrival_rate * weights.integral;
    let abandoned_share = weights.at_patience / total;
    let completed_share = 1.0 - abandoned_share;
    let mean_stay = (weights.integral + arrival_rate * weights.first_moment) / total;
    Impatient {
        abandoned_share,
        throughput: arrival_rate * completed_share,
        utilisation: arrival_rate * weights.integral / total,
        mean_sojourn: (mean_stay - patience * abandoned_share) / completed_share,
    }
}

/// exp(−θ x) on 0..τ, divided by its largest value so that nothing overflows.
struct Weights {
    at_zero: f64,
    at_patience: f64,
    integral: f64,
    first_moment: f64,
}

impl Weights {
    fn new(slack: f64, patience: f64) -> Self {
        let decay = slack.abs() * patience;
        let end = (-decay).exp();
        // The means of exp(−z u) and u exp(−z u) over u in 0..1; series where they would cancel.
        let (mean, moment) = if decay < 1e-4 {
            (1.0 - decay / 2.0 + decay.powi(2) / 6.0, 0.5 - decay / 3.0 + decay.powi(2) / 8.0)
        } else {
            let mean = -(-decay).exp_m1() / decay;
            (mean, (mean - end) / decay)
        };
        let integral = patience * mean;
        let moment_from_largest = patience * patience * moment;
        if slack >= 0.0 {
            Self { at_zero: 1.0, at_patience: end, integral, first_moment: moment_from_largest }
        } else {
            let first_moment = patience * integral - moment_from_largest;
            Self { at_zero: end, at_patience: 1.0, integral, first_moment }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{assert_close, mm1};
    use super::*;
    use crate::random::{Purpose, Stream};

    /// Simulates request by request: (abandoned share, busy share, mean sojourn of the completed).
    fn simulate(arrival_rate: f64, service_rate: f64, patience: f64) -> (f64, f64, f64) {
        let stream = Stream::new(7, 0, Purpose::Requests, 0);
        let exponential = |index, rate: f64| -(-stream.uniform(index)).ln_1p() / rate;
        let requests = 1_000_000;
        let (mut now, mut free) = (0.0_f64, 0.0_f64);
        let (mut completed, mut busy, mut sojourns) = (0.0, 0.0, 0.0);
        for request in 0..requests {
            now += exponential(2 * request, arrival_rate);
            let start = now.max(free);
            let end = start + exponential(2 * request + 1, service_rate);
            free = end.min(now + patience);
            busy += free - start;
            if end <= now + patience {
                completed += 1.0;
                sojourns += end - now;
            }
        }
        (1.0 - completed / requests as f64, busy / now, sojourns / completed)
    }

    #[test]
    fn deadlines_do_what_a_simulation_sees() {
        for arrival_rate in [60.0, 100.0, 150.0] {
            let (abandoned, busy, sojourn) = simulate(arrival_rate, 100.0, 0.05);
            let node = mm1_with_patience(arrival_rate, 100.0, 0.05);
            assert_close(node.abandoned_share, abandoned, 0.02);
            assert_close(node.utilisation, busy, 0.01);
            assert_close(node.mean_sojourn, sojourn, 0.01);
        }
    }

    #[test]
    fn endless_patience_is_mm1_or_pure_overload() {
        let node = mm1_with_patience(80.0, 100.0, 1e3);
        assert!(node.abandoned_share < 1e-300);
        assert_close(node.mean_sojourn, mm1::mean_sojourn(80.0, 100.0), 1e-12);
        let overloaded = mm1_with_patience(125.0, 100.0, 1e3);
        assert_close(overloaded.throughput, 100.0, 1e-12);
        assert_close(overloaded.utilisation, 1.0, 1e-12);
    }

    #[test]
    fn the_formula_is_smooth_where_arrivals_equal_services() {
        let critical = mm1_with_patience(100.0, 100.0, 0.05);
        assert_close(critical.abandoned_share, 1.0 / 6.0, 1e-13);
        for arrival_rate in [99.9999, 100.0001] {
            let near = mm1_with_patience(arrival_rate, 100.0, 0.05);
            assert_close(near.mean_sojourn, critical.mean_sojourn, 1e-5);
        }
    }
}
