//! Closed networks: a fixed number of users who think, pass through the stations, and think again.
//!
//! The means are those of exact mean value analysis (Reiser and Lavenberg 1980, Journal of the ACM
//! 27). They are computed by convolution (Buzen 1973, Communications of the ACM 16) in logarithms:
//! the multi-server recursion of mean value analysis loses all digits by cancellation when a
//! station is busy, and the convolution has no subtraction. Product form: stations share their
//! servers, or serve first come, first served with exponential times; thinking may follow any law.

use super::open_network::{NetworkLoad, StationLoad};

/// Where a user spends time in a passage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Station {
    /// No waiting: think time, the network, a backend of unlimited capacity.
    Delay {
        /// Mean time there in a passage (Z), in seconds; without one, leave the station out.
        seconds: f64,
    },
    /// Servers with an unbounded queue.
    Queue {
        /// Mean service in a passage, visits × mean service time (D), in seconds.
        demand: f64,
        /// Number of servers (c).
        servers: u32,
    },
}

/// Solves a closed network with so many users (*N*).
///
/// With fᵢ(n) = Dⁿ / Π min(j, c), j = 1..=n, and G their convolution: X = G(N−1) / G(N), and pᵢ(n)
/// = fᵢ(n) G₋ᵢ(N−n) / G(N), where G₋ᵢ leaves out station i.
///
/// # Panics
///
/// If there is no user, no station, or a demand is not positive.
pub fn closed(stations: &[Station], users: u32) -> NetworkLoad {
    assert!(users > 0 && !stations.is_empty(), "somebody passes through something");
    let factors: Vec<_> = stations.iter().map(|station| station.factors(users)).collect();
    let total = convolve_all(factors.iter(), users);
    let all = users as usize;
    let throughput = (total[all - 1] - total[all]).exp();
    let mut loads = vec![];
    for (i, (station, factor)) in stations.iter().zip(&factors).enumerate() {
        let others = factors.iter().enumerate().filter(|&(j, _)| j != i).map(|(_, other)| other);
        let mean_number = mean_number(factor, &convolve_all(others, users));
        loads.push(StationLoad {
            utilisation: station.utilisation(throughput),
            mean_number,
            residence: mean_number / throughput,
        });
    }
    let delay: f64 = stations.iter().map(Station::delay).sum();
    let mean_sojourn = f64::from(users) / throughput - delay;
    NetworkLoad { throughput, mean_sojourn, stations: loads }
}

impl Station {
    /// Logarithms of f(0..=users).
    fn factors(&self, users: u32) -> Vec<f64> {
        let (demand, servers) = match *self {
            Self::Delay { seconds } => (seconds, u32::MAX),
            Self::Queue { demand, servers } => (demand, servers),
        };
        assert!(demand > 0.0 && servers > 0, "every station has something to do and servers");
        let mut factors = vec![0.0];
        for n in 1..=users {
            factors.push(factors[n as usize - 1] + (demand / f64::from(n.min(servers))).ln());
        }
        factors
    }

    fn utilisation(&self, throughput: f64) -> f64 {
        match *self {
            Self::Delay { .. } => 0.0,
            Self::Queue { demand, servers } => throughput * demand / f64::from(servers),
        }
    }

    fn delay(&self) -> f64 {
        match *self {
            Self::Delay { seconds } => seconds,
            Self::Queue { .. } => 0.0,
        }
    }
}

/// Convolution of all of these, in logarithms, for 0..=users.
fn convolve_all<'a>(factors: impl Iterator<Item = &'a Vec<f64>>, users: u32) -> Vec<f64> {
    let mut nobody = vec![f64::NEG_INFINITY; users as usize + 1];
    nobody[0] = 0.0;
    factors.fold(nobody, |product, factor| {
        (0..product.len()).map(|n| log_sum(&product[..=n], &factor[..=n])).collect()
    })
}

/// ln Σ exp(a(k) + b(n−k)), k = 0..=n.
fn log_sum(a: &[f64], b: &[f64]) -> f64 {
    let terms = || a.iter().zip(b.iter().rev()).map(|(a, b)| a + b);
    let largest = terms().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    largest + terms().map(|term| (term - largest).exp()).sum::<f64>().ln()
}

/// Mean number at a station, from its factors and those of the rest of the network.
fn mean_number(factor: &[f64], others: &[f64]) -> f64 {
    let total = log_sum(factor, others);
    let probability = |(n, (f, g)): (usize, (&f64, &f64))| n as f64 * (f + g - total).exp();
    factor.iter().zip(others.iter().rev()).enumerate().map(probability).sum()
}

#[cfg(test)]
mod tests {
    use super::super::assert_close;
    use super::super::markov_chain::MarkovChain;
    use super::*;

    /// Mean value analysis for single servers, with a think time: (throughput, residences).
    fn mean_value_analysis(demands: &[f64], think_time: f64, users: u32) -> (f64, Vec<f64>) {
        let mut numbers = vec![0.0; demands.len()];
        let (mut throughput, mut residences) = (0.0, vec![]);
        for n in 1..=users {
            residences = demands.iter().zip(&numbers).map(|(d, q)| d * (1.0 + q)).collect();
            throughput = f64::from(n) / (think_time + residences.iter().sum::<f64>());
            numbers = residences.iter().map(|residence| throughput * residence).collect();
        }
        (throughput, residences)
    }

    /// The demands of Lazowska et al. 1984, Quantitative System Performance, chapter 6.
    #[test]
    fn single_servers_are_mean_value_analysis() {
        let demands = [0.605, 2.1, 1.35];
        let mut stations = vec![Station::Delay { seconds: 15.0 }];
        stations.extend(demands.map(|demand| Station::Queue { demand, servers: 1 }));
        for users in [1, 3, 30, 500] {
            let network = closed(&stations, users);
            let (throughput, residences) = mean_value_analysis(&demands, 15.0, users);
            assert_close(network.throughput, throughput, 1e-9);
            assert_close(network.mean_sojourn, residences.iter().sum(), 1e-9);
            for (station, residence) in network.stations[1..].iter().zip(residences) {
                assert_close(station.residence, residence, 1e-9);
            }
        }
    }

    /// Machine repair: machines fail after 1 s on average, three repairers take 0.2 s each.
    #[test]
    fn thinking_and_one_station_are_the_machine_repair_chain() {
        let users = 25;
        let chain = MarkovChain::solve(0_u32, |&broken| {
            let mut moves = vec![];
            if broken < users {
                moves.push((broken + 1, f64::from(users - broken)));
            }
            if broken > 0 {
                moves.push((broken - 1, 5.0 * f64::from(broken.min(3))));
            }
            moves
        });
        let stations =
            [Station::Delay { seconds: 1.0 }, Station::Queue { demand: 0.2, servers: 3 }];
        let network = closed(&stations, users);
        let number = chain.mean(|&broken| f64::from(broken));
        let busy = chain.mean(|&broken| f64::from(broken.min(3)));
        assert_close(network.stations[1].mean_number, number, 1e-9);
        assert_close(network.throughput, 5.0 * busy, 1e-9);
        assert_close(network.stations[1].utilisation, busy / 3.0, 1e-9);
        assert_close(network.mean_sojourn, number / (5.0 * busy), 1e-9);
    }

    #[test]
    fn two_multi_server_stations_are_the_markov_chain() {
        let users = 12;
        let rate = |n: u32, servers: u32, demand: f64| f64::from(n.min(servers)) / demand;
        let chain = MarkovChain::solve((0_u32, 0_u32), |&(first, second)| {
            let thinking = users - first - second;
            let mut moves = vec![];
            if thinking > 0 {
                moves.push(((first + 1, second), f64::from(thinking) / 0.5));
            }
            if first > 0 {
                moves.push(((first - 1, second + 1), rate(first, 2, 0.1)));
            }
            if second > 0 {
                moves.push(((first, second - 1), rate(second, 3, 0.2)));
            }
            moves
        });
        let network = closed(
            &[
                Station::Delay { seconds: 0.5 },
                Station::Queue { demand: 0.1, servers: 2 },
                Station::Queue { demand: 0.2, servers: 3 },
            ],
            users,
        );
        let expected = chain.mean(|&(first, _)| f64::from(first));
        assert_close(network.stations[1].mean_number, expected, 1e-9);
        assert_close(network.throughput, chain.mean(|&(first, _)| rate(first, 2, 0.1)), 1e-9);
    }

    #[test]
    fn a_thousand_users_fill_the_slowest_station() {
        let stations = [
            Station::Queue { demand: 0.02, servers: 4 },
            Station::Queue { demand: 0.001, servers: 1 },
        ];
        let network = closed(&stations, 1000);
        assert_close(network.throughput, 200.0, 1e-9);
        let residences: f64 = network.stations.iter().map(|station| station.residence).sum();
        assert_close(residences, network.mean_sojourn, 1e-9);
    }
}
