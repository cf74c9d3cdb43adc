//! Open networks of M/M/c stations: requests come from outside, walk at random, and leave.
//!
//! In the long run the stations are independent M/M/c nodes, each at the rate that the traffic
//! equations give it (Jackson 1963, Management Science 10; for a tandem Burke 1956).

use super::matrix::Matrix;
use super::mmc;

/// A station of c exponential servers and an unbounded queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Station {
    /// Arrivals from outside the network (γ), per second.
    pub external_rate: f64,
    /// Services per second of one server (μ).
    pub service_rate: f64,
    /// Number of servers (c).
    pub servers: u32,
}

/// What a network does in the long run.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkLoad {
    /// Requests that leave the network (open) or pass through it (closed), per second.
    pub throughput: f64,
    /// Mean time of one passage, over all visits to all stations but delays, in seconds.
    pub mean_sojourn: f64,
    /// By station.
    pub stations: Vec<StationLoad>,
}

/// What a station does in the long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StationLoad {
    /// Busy share of the servers; 0 for a delay, which has no end of them.
    pub utilisation: f64,
    /// Mean number there.
    pub mean_number: f64,
    /// Mean time there in one passage, over all visits, in seconds.
    pub residence: f64,
}

/// Solves an open network; `routing[i][j]` is the probability of going from station i to j, and
/// what a row lacks to 1 leaves.
///
/// # Panics
///
/// If the routing does not fit the stations, lets nobody leave, or overloads a station.
pub fn jackson(stations: &[Station], routing: &[Vec<f64>]) -> NetworkLoad {
    let external: Vec<f64> = stations.iter().map(|station| station.external_rate).collect();
    let throughput: f64 = external.iter().sum();
    let arrival_rates = traffic(&external, routing);
    let loads: Vec<StationLoad> = stations
        .iter()
        .zip(&arrival_rates)
        .map(|(station, &rate)| station_load(station, rate, throughput))
        .collect();
    let mean_sojourn = loads.iter().map(|load| load.residence).sum();
    NetworkLoad { throughput, mean_sojourn, stations: loads }
}

/// Mean sojourn time of a row of stations, each of (service rate, servers), in seconds.
///
/// Departures from M/M/c are Poisson (Burke 1956, Operations Research 4), so every station is M/M/c
/// at the same rate.
///
/// # Panics
///
/// If a station cannot keep up.
pub fn tandem_mean_sojourn(arrival_rate: f64, stations: &[(f64, u32)]) -> f64 {
    stations
        .iter()
        .map(|&(service_rate, servers)| mmc::mean_sojourn(arrival_rate, service_rate, servers))
        .sum()
}

/// Mean sojourn time when each request goes to one of so many like nodes at random, in seconds.
///
/// A Poisson process split at random is Poisson: every node is M/M/c at its share of the rate.
///
/// # Panics
///
/// If the nodes cannot keep up.
pub fn random_split_mean_sojourn(
    arrival_rate: f64,
    nodes: u32,
    service_rate: f64,
    servers: u32,
) -> f64 {
    mmc::mean_sojourn(arrival_rate / f64::from(nodes), service_rate, servers)
}

/// Solves the traffic equations λ = γ + λ P.
fn traffic(external: &[f64], routing: &[Vec<f64>]) -> Vec<f64> {
    assert_eq!(external.len(), routing.len(), "every station has a row of the routing");
    let mut probabilities = Matrix::zeros(external.len(), external.len());
    for (from, row) in routing.iter().enumerate() {
        assert_eq!(row.len(), external.len(), "a row of the routing has every station");
        assert!(row.iter().sum::<f64>() < 1.0 + 1e-12, "a row of the routing is at most 1");
        for (to, &probability) in row.iter().enumerate() {
            probabilities[(from, to)] = probability;
        }
    }
    let kept = Matrix::diagonal(&vec![1.0; external.len()]).minus(&probabilities);
    kept.inverse().row_times(external)
}

fn station_load(station: &Station, arrival_rate: f64, throughput: f64) -> StationLoad {
    let &Station { service_rate, servers, .. } = station;
    let mean_number = mmc::mean_number(arrival_rate, service_rate, servers);
    StationLoad {
        utilisation: super::utilisation(arrival_rate, service_rate, servers),
        mean_number,
        residence: mean_number / throughput,
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_close;
    use super::super::markov_chain::MarkovChain;
    use super::*;

    fn station(external_rate: f64, service_rate: f64, servers: u32) -> Station {
        Station { external_rate, service_rate, servers }
    }

    #[test]
    fn a_tandem_is_a_network_in_a_row() {
        let stations = [station(90.0, 100.0, 1), station(0.0, 60.0, 2)];
        let network = jackson(&stations, &[vec![0.0, 1.0], vec![0.0, 0.0]]);
        assert_close(
            network.mean_sojourn,
            tandem_mean_sojourn(90.0, &[(100.0, 1), (60.0, 2)]),
            1e-12,
        );
        assert_close(network.stations[1].utilisation, 0.75, 1e-12);
    }

    /// A quarter of what leaves the second station returns to the first.
    #[test]
    fn a_network_with_feedback_is_the_markov_chain() {
        let chain = MarkovChain::solve((0_u32, 0_u32), |&(first, second)| {
            let mut moves = vec![];
            if first < 60 {
                moves.push(((first + 1, second), 30.0));
            }
            if first > 0 && second < 60 {
                moves.push(((first - 1, second + 1), 100.0));
            }
            if second > 0 {
                let rate = 50.0 * f64::from(second.min(2));
                moves.push(((first, second - 1), 0.75 * rate));
                if first < 60 {
                    moves.push(((first + 1, second - 1), 0.25 * rate));
                }
            }
            moves
        });
        let stations = [station(30.0, 100.0, 1), station(0.0, 50.0, 2)];
        let network = jackson(&stations, &[vec![0.0, 1.0], vec![0.25, 0.0]]);
        let expected = chain.mean(|&(first, second)| f64::from(first + second)) / 30.0;
        assert_close(network.mean_sojourn, expected, 1e-8);
        assert_close(network.stations[0].utilisation, 0.4, 1e-12);
    }

    #[test]
    fn two_nodes_at_random_are_two_single_nodes() {
        assert_close(random_split_mean_sojourn(160.0, 2, 100.0, 1), 0.05, 1e-12);
    }
}
