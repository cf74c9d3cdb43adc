//! Erlang's two formulas: the share lost without a queue, and the share that waits in one.

/// Probability that an arrival finds all servers busy and is lost (Erlang B).
///
/// `offered_load` (*a* = λ E\[S\]) is in servers. Computed by the stable recursion
/// 1/B(c) = 1 + (c/a) / B(c−1) (Jagerman 1974, Bell System Technical Journal 53). The law of
/// service times does not matter, only its mean: M/G/c/c (Sevastyanov 1957).
///
/// # Panics
///
/// If the offered load is not positive.
pub fn erlang_b(servers: u32, offered_load: f64) -> f64 {
    assert!(offered_load > 0.0, "the offered load is positive");
    let inverse = (1..=servers).fold(1.0, |inverse, c| 1.0 + inverse * f64::from(c) / offered_load);
    1.0 / inverse
}

/// Probability that an arrival waits in M/M/c (Erlang C).
///
/// `offered_load` (*a* = λ/μ) is in servers. C = B / (1 − ρ (1 − B)) with B of [`erlang_b`]
/// (Gross, Shortle, Thompson and Harris 2008, Fundamentals of Queueing Theory, section 2.3).
///
/// # Panics
///
/// If the offered load is not positive or not less than the number of servers.
pub fn erlang_c(servers: u32, offered_load: f64) -> f64 {
    assert!(offered_load < f64::from(servers), "the servers keep up with the offered load");
    let utilisation = offered_load / f64::from(servers);
    let blocked = erlang_b(servers, offered_load);
    blocked / (1.0 - utilisation * (1.0 - blocked))
}

#[cfg(test)]
mod tests {
    use super::super::assert_close;
    use super::*;

    /// Standard traffic table: offered loads at which 1 % are lost, to its printed digits.
    #[test]
    fn erlang_b_agrees_with_the_traffic_tables() {
        for (servers, offered_load) in [(1, 0.0101), (5, 1.361), (10, 4.461), (20, 12.03)] {
            assert_close(erlang_b(servers, offered_load), 0.01, 2e-3);
        }
    }

    #[test]
    fn erlang_b_is_the_truncated_poisson_law() {
        let (servers, load): (u32, f64) = (7, 4.2);
        let weights: Vec<f64> = (0..=servers)
            .scan(1.0, |weight, n| {
                *weight *= if n == 0 { 1.0 } else { load / f64::from(n) };
                Some(*weight)
            })
            .collect();
        assert_close(
            erlang_b(servers, load),
            weights[servers as usize] / weights.iter().sum::<f64>(),
            1e-13,
        );
    }

    #[test]
    fn erlang_b_survives_thousands_of_servers() {
        let blocked = erlang_b(10_000, 10_000.0);
        // Jagerman 1974: B(a, a) → √(2 / (π a)).
        assert_close(blocked, (2.0 / (std::f64::consts::PI * 1e4)).sqrt(), 1e-2);
    }

    #[test]
    fn erlang_c_is_the_utilisation_of_one_server_and_a_third_of_two_at_half_load() {
        assert_close(erlang_c(1, 0.7), 0.7, 1e-14);
        assert_close(erlang_c(2, 1.0), 1.0 / 3.0, 1e-14);
        // Gross et al. 2008, section 2.3: three servers, two busy on average.
        assert_close(erlang_c(3, 2.0), 4.0 / 9.0, 1e-14);
    }
}
