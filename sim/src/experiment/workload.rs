//! How much work a replication is, before it is done: events, from rates and routes alone. Weighs
//! runs for the progress, and tells beforehand how long an experiment will be.

use crate::deployment::Arrivals;
use crate::engine::{BACKGROUND_STEP, Outage};
use crate::network::{Network, Station, Step};
use crate::results::overload;
use crate::scenario::Scenario;
use crate::study::Situation;
use crate::time::{SimDuration, SimTime};

/// Into so many parts the window is divided, each with a rate of its own.
const PARTS: usize = 256;

/// The events of one replication of a situation, as expected.
///
/// Events that no request brings (crashes, probes, collections) are few and left out, but for what a
/// node allocates on its own. So are retries; and where a cluster is overloaded, only that share of
/// the requests counts that it can carry.
pub(super) struct Workload {
    /// Events a second before the window.
    before: f64,
    /// Events from the start of the window to the end of each part of it.
    curve: Vec<f64>,
    window: SimDuration,
}

impl Workload {
    pub(super) fn of(scenario: &Scenario, situation: &Situation) -> Self {
        let network = &situation.network;
        let window = scenario.run.window;
        let most_loaded = overload::of(scenario, situation).into_iter().next();
        let carried = most_loaded.map_or(1.0, |overloaded| 1.0 - overloaded.excess());
        let rates = overload::rates(scenario, situation);
        let crowded =
            if carried < 1.0 { 1.0 } else { crowded_share(situation, &rates, window.as_seconds()) };
        let events: Vec<f64> = (0..network.flows.len())
            .map(|flow| {
                let calm = (1.0 - crowded) * events_of_a_request(network, flow, false);
                carried * (calm + crowded * events_of_a_request(network, flow, true))
            })
            .collect();
        let closed = closed_rates(network, &rates);
        let background = background(network);
        let part = window.as_seconds() / PARTS as f64;
        let mut curve = vec![background * part; PARTS];
        let mut before = background;
        for (flow, source) in network.flows.iter().enumerate() {
            let arrivals = &source.arrivals;
            let rate = arrivals.mean_rate(window).unwrap_or(closed[flow]);
            before += events[flow] * arrivals.rate_before().unwrap_or(closed[flow]);
            let shares = shares(arrivals, part);
            let arrived = rate * window.as_seconds();
            curve.iter_mut().zip(shares).for_each(|(part, share)| {
                *part += events[flow] * arrived * share;
            });
        }
        let mut sum = 0.0;
        for part in &mut curve {
            sum += *part;
            *part = sum;
        }
        Self { before, curve, window }
    }

    /// Events of a whole replication.
    pub(super) fn of_run(&self, warm_up: SimDuration) -> f64 {
        self.of_pilot(warm_up) + self.curve.last().copied().unwrap_or(0.0)
    }

    /// Events of a replication that ends where the window would begin.
    pub(super) fn of_pilot(&self, warm_up: SimDuration) -> f64 {
        self.before * warm_up.as_seconds()
    }

    /// Events of a replication up to an instant.
    pub(super) fn until(&self, warm_up: SimDuration, now: SimTime) -> f64 {
        let before = self.of_pilot(SimDuration(now.0.min(warm_up.0)));
        let parts = now.0.saturating_sub(warm_up.0) as f64 / self.window.as_nanos() * PARTS as f64;
        let whole = (parts as usize).min(PARTS);
        let reached = |part: usize| part.checked_sub(1).map_or(0.0, |part| self.curve[part]);
        let next = reached((whole + 1).min(PARTS));
        before + reached(whole) + (next - reached(whole)) * (parts - whole as f64).clamp(0.0, 1.0)
    }
}

/// The share of the window's arrivals that each of its parts, so many seconds long, has.
fn shares(arrivals: &Arrivals, part: f64) -> Vec<f64> {
    let middle = |index: usize| (index as f64 + 0.5) * part;
    let weights: Vec<f64> = match arrivals {
        Arrivals::Schedule { points } => {
            (0..PARTS).map(|index| crate::network::rate_at(points, middle(index))).collect()
        }
        Arrivals::Trace { times } => {
            let until = |end: f64| times.partition_point(|time| time.as_seconds() < end) as f64;
            let ends = |index: usize| (index as f64 * part, (index + 1) as f64 * part);
            (0..PARTS).map(ends).map(|(begin, end)| until(end) - until(begin)).collect()
        }
        _ => vec![1.0; PARTS],
    };
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| if sum > 0.0 { weight / sum } else { 0.0 }).collect()
}

/// Events of what nodes allocate on their own, a second.
fn background(network: &Network) -> f64 {
    let allocating = network
        .clusters
        .iter()
        .filter(|cluster| cluster.gc.is_some_and(|gc| gc.budget.background_mib() > 0.0));
    allocating.map(|cluster| cluster.nodes as f64 / BACKGROUND_STEP.as_seconds()).sum()
}

/// The rates of closed flows: users over think time and route, or what their clusters can carry
/// beside the open flows, whichever is less (the asymptotic bounds of Denning and Buzen, The
/// operational analysis of queueing network models, ACM Computing Surveys 10(3), 1978).
fn closed_rates(network: &Network, open: &[f64]) -> Vec<f64> {
    let unhindered: Vec<f64> = network
        .flows
        .iter()
        .enumerate()
        .map(|(flow, source)| match source.arrivals {
            Arrivals::Closed { users, .. } => {
                let nanos =
                    source.think.mean_nanos + steps(network, flow).map(mean_nanos).sum::<f64>();
                f64::from(users) / (nanos * 1e-9).max(1e-9)
            }
            _ => 0.0,
        })
        .collect();
    let carried = (0..network.clusters.len()).map(|cluster| {
        let station = &network.clusters[cluster];
        let left = station.nodes as f64 * station.cores - network.offered_load(cluster, open);
        let wanted = network.offered_load(cluster, &unhindered);
        if wanted > 0.0 { (left / wanted).clamp(0.0, 1.0) } else { 1.0 }
    });
    let carried = carried.fold(1.0, f64::min);
    unhindered.into_iter().map(|rate| rate * carried).collect()
}

/// The share of a window during which nodes are crowded, since scripted outages leave a cluster less than it
/// is offered: while they last, and until those who wait have been served.
fn crowded_share(situation: &Situation, rates: &[f64], window: f64) -> f64 {
    let network = &situation.network;
    let longest = |cluster: usize| {
        let station = &network.clusters[cluster];
        let (offered, cores) = overload::load(network, cluster, rates);
        let nodes = station.first_node..station.first_node + station.nodes;
        let of_cluster: Vec<&Outage> =
            situation.outages.iter().filter(|outage| nodes.contains(&outage.node)).collect();
        let crowded = of_cluster.iter().map(|outage| {
            let ends = outage.at + outage.lasts;
            let at_once = of_cluster.iter().filter(|other| (outage.at..ends).contains(&other.at));
            let lost: f64 = at_once.map(|other| other.keeps_from_work() * station.cores).sum();
            let excess = (offered + lost - cores).max(0.0);
            let lasts = if excess > 0.0 { outage.lasts.as_seconds() } else { 0.0 };
            lasts * (1.0 + excess / (cores - offered).max(f64::MIN_POSITIVE))
        });
        crowded.fold(0.0, f64::max)
    };
    ((0..network.clusters.len()).map(longest).fold(0.0, f64::max) / window).min(1.0)
}

/// Events of one request: its arrival, each delay, each burst, and the events that it publishes. Unless nodes
/// are crowded, bursts that are in service as one are one event.
fn events_of_a_request(network: &Network, flow: usize, is_crowded: bool) -> f64 {
    let mut entered = [None; 2];
    let mut events = 1.0;
    for ((share, step), index) in steps(network, flow).zip(network.flows[flow].first_step..) {
        let own = match step {
            Step::Enter { cluster, depth, .. } => {
                entered[*depth] = Some(*cluster);
                0.0
            }
            Step::Publish { cluster, first_step, counts } => {
                let own = entered[0] == Some(*cluster);
                let copies = network.copies(flow, usize::from(*cluster), *counts, own);
                let route = network.route(*first_step);
                copies as f64 * route.map(|(share, step)| share * own_events(step)).sum::<f64>()
            }
            Step::Work { depth, .. } => {
                let station =
                    entered[*depth].map(|cluster| &network.clusters[usize::from(cluster)]);
                let as_one = station.is_some_and(Station::shares_cores) && !is_crowded;
                let before = index.checked_sub(1).and_then(|before| network.last_burst(before));
                let goes_on = before.and_then(|burst| network.next_in_stint(burst)).is_some();
                if as_one { f64::from(u8::from(!goes_on)) } else { own_events(step) }
            }
            step => own_events(step),
        };
        events += share * own;
    }
    events
}

/// Events that a step takes by itself.
fn own_events(step: &Step) -> f64 {
    match step {
        Step::Work { first, end, .. } => f64::from(end - first),
        Step::Delay { .. } => 1.0,
        _ => 0.0,
    }
}

fn mean_nanos((share, step): (f64, &Step)) -> f64 {
    share
        * match step {
            Step::Work { burst, first, end, .. } => burst.mean_nanos * f64::from(end - first),
            Step::Delay { delay, .. } => delay.mean_nanos,
            _ => 0.0,
        }
}

fn steps(network: &Network, flow: usize) -> impl Iterator<Item = (f64, &Step)> {
    network.route(network.flows[flow].first_step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: f64) -> SimTime {
        SimTime::ZERO + SimDuration::from_seconds(seconds)
    }

    #[test]
    fn a_schedule_brings_its_requests_when_its_rate_is_high() {
        let points = vec![(seconds(0.0), 0.0), (seconds(512.0), 100.0)];
        let shares = shares(&Arrivals::Schedule { points }, 2.0);
        assert_eq!(shares.len(), PARTS);
        // The part that begins after i of 256 has 2 i + 1 of 256² parts of what comes.
        for (index, share) in shares.iter().enumerate() {
            assert!((share - (2 * index + 1) as f64 / 65_536.0).abs() < 1e-12, "{index}: {share}");
        }
    }

    #[test]
    fn a_rate_that_rises_in_the_first_half_brings_a_third_there() {
        let points = vec![(seconds(0.0), 0.0), (seconds(256.0), 100.0)];
        let shares = shares(&Arrivals::Schedule { points }, 2.0);
        assert!((shares[..PARTS / 2].iter().sum::<f64>() - 1.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_trace_brings_its_requests_at_their_times() {
        let of = |times: &[f64]| {
            let times = times.iter().map(|time| seconds(*time)).collect();
            shares(&Arrivals::Trace { times }, 2.0)
        };
        let shares = of(&[0.0, 1.9, 2.0, 511.9]);
        assert_eq!((shares[0], shares[1], shares[255]), (0.5, 0.25, 0.25));
        assert_eq!(shares.iter().sum::<f64>(), 1.0);
        assert_eq!(of(&[]), vec![0.0; PARTS]);
        assert_eq!(super::shares(&Arrivals::Poisson { rate: 3.0 }, 2.0), vec![1.0 / 256.0; PARTS]);
    }

    #[test]
    fn the_work_up_to_an_instant_is_that_of_the_warm_up_and_of_the_parts_before() {
        // A window of 256 s, the seconds of which have 1, 2, 3 … events.
        let curve = (1..=256).map(|part| f64::from(part * (part + 1) / 2)).collect();
        let window = SimDuration::from_seconds(256.0);
        let workload = Workload { before: 10.0, curve, window };
        let warm_up = SimDuration::from_seconds(5.0);
        let until = |at: f64| workload.until(warm_up, seconds(at));
        let known = [
            (0.0, 0.0),
            (3.0, 30.0),
            (5.0, 50.0),
            (5.5, 50.5),
            (15.25, 50.0 + 55.0 + 0.25 * 11.0),
            (260.5, 50.0 + 32_640.0 + 0.5 * 256.0),
            (261.0, 50.0 + 32_896.0),
            (300.0, 50.0 + 32_896.0),
        ];
        for (at, events) in known {
            assert!((until(at) - events).abs() < 1e-6, "{at} s: {}, exactly {events}", until(at));
        }
        assert_eq!((workload.of_pilot(warm_up), workload.of_run(warm_up)), (50.0, 32_946.0));
    }
}
