//! Laws that hold for every scenario, whatever its flows and deployments: conservation of requests,
//! Little's law, the utilisation law, and the same results for any number of threads.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use ::sim;
use rayon::prelude::*;
use sim::cause::{Cause, PerCause};
use sim::deployment::routes::compile;
use sim::engine::{Asked, Change, ClusterObservations, Observations, RequestRecord, Run, simulate};
use sim::experiment::{Unwatched, compare};
use sim::network::Network;
use sim::quantity::Quantity;
use sim::random::{Purpose, Stream};
use sim::scenario::Scenario;
use sim::time::SimDuration;

use random_scenario::{Feature, Features, OUTAGES, prepared, scenario, suppliers};

mod random_scenario;

/// So many random scenarios obey each law.
const SCENARIOS: u64 = 300;

/// Random features and seeds, the same in every run.
fn features(number: u64) -> Features {
    Features(Stream::new(42, 0, Purpose::Requests, 0).draw(number) & Features::ALL)
}

/// Everything that can make a request fail.
const FAILURES: [Feature; 11] = [
    Feature::Tokens,
    Feature::Heap,
    Feature::Balancers,
    Feature::Failures,
    Feature::Restarts,
    Feature::Queues,
    Feature::Crashes,
    Feature::Drills,
    Feature::Timeouts,
    Feature::Retries,
    Feature::Overload,
];

fn without(features: Features, unwanted: &[Feature]) -> Features {
    unwanted.iter().fold(features, |rest, feature| Features(rest.0 & !(1 << *feature as u64)))
}

/// A scenario, its network, and one replication of it.
struct Replication {
    scenario: Scenario,
    network: Network,
    seen: Observations,
}

impl Replication {
    fn new(features: Features, seed: u64, requests: f64, warm_up: Option<SimDuration>) -> Self {
        let scenario = scenario(features, seed, requests);
        let kinds: &[Change] = if seed.is_multiple_of(2) { &[Change::Crash] } else { &OUTAGES };
        let (network, outages) = prepared(&scenario, kinds);
        let suppliers = suppliers(&scenario);
        let run = Run {
            seed,
            replication: 0,
            warm_up: warm_up.or(scenario.run.warm_up).unwrap_or_default(),
            window: scenario.run.window,
            outages: &outages,
            suppliers: &suppliers,
            asked: Asked { records: true, timeline: true, ..Asked::default() },
        };
        let never = AtomicBool::new(false);
        let seen = simulate(&network, &run, &never).expect("nobody stops it");
        Self { scenario, network, seen }
    }

    fn window_seconds(&self) -> f64 {
        self.scenario.run.window.as_seconds()
    }

    fn name(&self) -> &str {
        &self.scenario.title
    }

    /// Each cluster with what its nodes did.
    fn clusters(&self) -> impl Iterator<Item = (usize, &ClusterObservations)> {
        self.seen.clusters.iter().enumerate()
    }
}

/// Holds a law against every random scenario, on all cores.
fn for_all(law: impl Fn(u64) + Send + Sync) {
    (0..SCENARIOS).into_par_iter().for_each(law);
}

#[test]
fn every_request_is_answered_failed_or_in_flight() {
    for_all(|number| {
        let replication = Replication::new(features(number), number, 2000.0, None);
        for (flow, seen) in replication.seen.flows.iter().enumerate() {
            let whole = seen.whole;
            assert_eq!(
                whole.arrived,
                whole.answered + whole.failed + whole.in_flight,
                "flow {flow} of {}: {whole:?}",
                replication.name()
            );
        }
    });
}

/// Without a warm-up the window is the whole replication: errors are counted apart in all, by cause, and
/// by second.
#[test]
fn the_errors_of_all_causes_add_up_to_the_errors() {
    let found = Mutex::new((PerCause::default(), 0));
    for_all(|number| {
        let replication =
            Replication::new(features(number), number, 1000.0, Some(SimDuration::ZERO));
        for (flow, seen) in replication.seen.flows.iter().enumerate() {
            let name = format!("flow {flow} of {}", replication.name());
            assert_eq!(seen.failed.total(), seen.whole.failed, "{name}");
            let (mut failed, mut wasted) = (PerCause::default(), 0);
            for second in &seen.timeline {
                failed.merge(&second.failed);
                wasted += second.wasted;
            }
            assert_eq!((failed, wasted), (seen.failed, seen.wasted), "{name}");
            let mut found = found.lock().expect("nobody panics");
            found.0.merge(&failed);
            found.1 += wasted;
        }
    });
    let (failed, wasted) = found.into_inner().expect("nobody panics");
    assert!(failed.iter().all(|(_, count)| *count > 0) && wasted > 0, "{failed:?}, {wasted}");
}

/// Shares of one whole differ from it by what their rounding leaves, a few units of the last place.
#[test]
fn the_shares_of_all_causes_add_up_to_the_share_of_errors() {
    let of_flows: Vec<(f64, f64)> = (0..40_u64)
        .into_par_iter()
        .flat_map_iter(|number| {
            let scenario = scenario(features(number), number, 500.0);
            let never = AtomicBool::new(false);
            let results = compare(&scenario, &Unwatched, &never).expect("it can be simulated");
            let flows = results.deployments.into_iter().flat_map(|deployment| deployment.flows);
            flows
                .filter_map(|flow| {
                    let share = |of| flow.found.get(of).map(|found| found.mean);
                    let causes = Cause::ALL.into_iter().map(Quantity::Errors);
                    let sum: Option<f64> = causes.map(share).sum();
                    let all = share(Quantity::ErrorRate);
                    assert_eq!(sum.is_some(), all.is_some(), "{}", scenario.title);
                    sum.zip(all)
                })
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(of_flows.iter().filter(|(_, all)| *all > 0.0).count() > 20, "{of_flows:?}");
    for (sum, all) in of_flows {
        assert!((sum - all).abs() <= 4.0 * f64::EPSILON * all, "{sum} of {all}");
    }
}

/// Requests that a balancer sends to a node leave it again, answered or not, or are there at the end.
#[test]
fn every_request_that_enters_a_cluster_leaves_it_or_is_still_there() {
    for_all(|number| {
        let replication = Replication::new(features(number), number, 2000.0, None);
        for (index, seen) in replication.clusters() {
            let [before, after] = seen.in_flight_at;
            assert_eq!(
                before + seen.entered,
                seen.completed + seen.failed + after,
                "cluster {index} of {}: {seen:?}",
                replication.name()
            );
            assert!(seen.rejected <= seen.failed, "{seen:?}");
        }
    });
}

/// Without a warm-up the system is empty when the window begins, so the area under the number of
/// requests in the system is exactly the time that they have spent in it: those who were answered,
/// their sojourns; those in flight at the end, at most the whole window each.
#[test]
fn the_mean_number_in_the_system_is_rate_times_time() {
    for_all(|number| {
        let calm = without(features(number), &FAILURES);
        let replication = Replication::new(calm, number, 2000.0, Some(SimDuration::ZERO));
        let window = replication.window_seconds();
        for (flow, seen) in replication.seen.flows.iter().enumerate() {
            assert_eq!(seen.failures(), 0, "nothing fails in {}", replication.name());
            let area = seen.in_system * window;
            let left_over = area - seen.sojourn_sum;
            let in_flight = seen.whole.in_flight as f64;
            // Sojourns and areas are whole nanoseconds; their sums are rounded at 1e-16 of each.
            let rounding = 1e-9 * area.max(1e-3);
            assert!(
                -rounding <= left_over && left_over <= in_flight * window + rounding,
                "flow {flow} of {}: {area} s in the system, {} s answered, {in_flight} in flight",
                replication.name(),
                seen.sojourn_sum
            );
            assert!(in_flight > 0.0 || left_over.abs() <= rounding, "nobody is left over");
        }
    });
}

/// Without a warm-up every request begins in the window, and every one that ends is recorded once.
#[test]
fn records_are_the_requests_that_were_counted() {
    for_all(|number| {
        let replication =
            Replication::new(features(number), number, 1000.0, Some(SimDuration::ZERO));
        let records = &replication.seen.records;
        assert!(records.is_sorted_by_key(|record| record.ended), "{}", replication.name());
        assert!(records.iter().all(|record| record.ended < replication.scenario.run.window));
        for (flow, seen) in replication.seen.flows.iter().enumerate() {
            let mine = || records.iter().filter(|record| usize::from(record.flow) == flow);
            let name = format!("flow {flow} of {}", replication.name());
            for cause in Cause::ALL {
                let failed = mine().filter(|record| record.failed == Some(cause)).count();
                assert_eq!(failed as u64, seen.failed[cause], "{cause:?} in {name}");
            }
            let answered = || mine().filter(|record| record.failed.is_none());
            assert_eq!(answered().count() as u64, seen.answered, "{name}");
            let sojourn = |record: &RequestRecord| (record.ended.0 - record.began.0) as f64 * 1e-9;
            let sum: f64 = answered().map(sojourn).sum();
            assert!((sum - seen.sojourn_sum).abs() <= 1e-9 * sum, "{sum} s in {name}");
            let numbers: BTreeSet<u32> = mine().map(|record| record.number).collect();
            assert_eq!(numbers.len(), mine().count(), "each request of {name} ends once");
        }
    });
}

/// After a warm-up those who began before the window are left out.
#[test]
fn records_are_of_the_window_alone() {
    for_all(|number| {
        let warm_up = SimDuration::from_seconds(0.5);
        let replication = Replication::new(features(number), number, 1000.0, Some(warm_up));
        for (flow, seen) in replication.seen.flows.iter().enumerate() {
            let mine = replication.seen.records.iter().filter(|r| usize::from(r.flow) == flow);
            let recorded = mine.count() as u64;
            let name = format!("flow {flow} of {}", replication.name());
            assert!(recorded <= seen.ended().min(seen.arrivals), "{name}");
            // Who arrived in the window has ended there, or is still in flight.
            assert!(seen.arrivals <= recorded + seen.whole.in_flight, "{name}");
        }
    });
}

/// Who enters a cluster is in flight there and nowhere else, so the sum over the clusters that a
/// client calls is at most the number in the system; the rest is back-off and, behind a gateway, nodes
/// that it calls.
#[test]
fn nobody_is_on_a_node_who_is_not_in_the_system() {
    for_all(|number| {
        let single = without(
            features(number),
            &[
                Feature::Spread,
                Feature::Integration,
                Feature::Opaque,
                Feature::Retries,
                // Clients that give up leave their work behind, and so do balancers; in these, requests
                // wait, and so they do for machines that are gone.
                Feature::Timeouts,
                Feature::Balancers,
                Feature::Failures,
                Feature::Drills,
            ],
        );
        let replication = Replication::new(single, number, 2000.0, None);
        let in_system: f64 = replication.seen.flows.iter().map(|seen| seen.in_system).sum();
        let in_flight: f64 = replication.seen.clusters.iter().map(|seen| seen.in_flight).sum();
        // Clients call one node, reach it at once, and are on it until they leave.
        let error = (in_system - in_flight).abs() / in_system.max(1e-6);
        assert!(error < 1e-9, "{}: {in_system} and {in_flight}", replication.name());
    });
}

/// The work that the requests of the window bring is their number times their mean demand, give or
/// take chance.
#[test]
fn utilisation_is_demand_times_throughput() {
    let errors: Vec<(f64, f64)> = (0..SCENARIOS)
        .into_par_iter()
        .flat_map_iter(|number| {
            let calm = without(features(number), &FAILURES);
            let replication = Replication::new(calm, number, 8000.0, None);
            if replication.keeps_up() { replication.utilisation_errors() } else { Vec::new() }
        })
        .collect();
    // Over all scenarios chance cancels out.
    let weights: f64 = errors.iter().map(|(_, entered)| entered).sum();
    let mean = errors.iter().map(|(error, entered)| error * entered).sum::<f64>() / weights;
    assert!(errors.len() > 200 && mean.abs() < 0.005, "{mean} over {}", errors.len());
}

impl Replication {
    /// Whether as many were answered as arrived, but for 1 %: a sticky balancer, a passive node or
    /// pauses can overload a node of a cluster that has cores enough.
    fn keeps_up(&self) -> bool {
        self.seen
            .flows
            .iter()
            .all(|seen| seen.arrivals.abs_diff(seen.answered) * 100 <= seen.answered)
    }

    /// The relative error of the utilisation law for each cluster with many requests, and their
    /// number.
    fn utilisation_errors(&self) -> Vec<(f64, f64)> {
        let window = self.window_seconds();
        let rates: Vec<f64> =
            self.seen.flows.iter().map(|seen| seen.answered as f64 / window).collect();
        let mut errors = Vec::new();
        for (index, seen) in self.clusters().filter(|(_, seen)| seen.entered > 1000) {
            let station = &self.network.clusters[index];
            if station.crowding.is_some() {
                continue;
            }
            let cores = station.cores * station.nodes as f64;
            let expected = self.network.offered_load(index, &rates) / cores;
            let error = seen.utilisation / expected - 1.0;
            let entered = seen.entered as f64;
            // Demands have a cv of 2 at most, that of flows with several demands is somewhat larger:
            // five standard errors.
            assert!(
                error.abs() < 15.0 / entered.sqrt(),
                "cluster {index} of {}: {}, expected {expected}",
                self.name(),
                seen.utilisation
            );
            errors.push((error, entered));
        }
        errors
    }
}

/// Nothing is busier than it can be, and what stands still does not work.
#[test]
fn shares_of_time_add_up() {
    for_all(|number| {
        // Nodes that drain, answer with errors or load what they serve work, and are not up.
        let dies_only = number.is_multiple_of(2);
        let other = [Feature::Failures, Feature::Restarts, Feature::ColdStart];
        let features = without(features(number), if dies_only { &other } else { &[] });
        let replication = Replication::new(features, number, 2000.0, None);
        for (index, seen) in replication.clusters() {
            let station = &replication.network.clusters[index];
            let name = format!("cluster {index} of {}: {seen:?}", replication.name());
            let most = if dies_only { seen.up_share } else { 1.0 };
            assert!((0.0..=1.0 + 1e-9).contains(&seen.up_share), "{name}");
            assert!(seen.utilisation >= 0.0, "{name}");
            assert!(seen.gc_share >= -1e-9 && seen.stall_share >= -1e-9, "{name}");
            assert!(seen.occupied_share() <= most + 1e-6, "{name}");
            assert!(
                seen.in_flight <= f64::from(seen.peak_in_flight) * station.nodes as f64,
                "{name}"
            );
        }
    });
}

#[test]
fn no_more_workers_are_busy_than_there_are() {
    for_all(|number| {
        let replication = Replication::new(features(number), number, 2000.0, None);
        for (index, seen) in replication.clusters() {
            let workers = f64::from(replication.network.clusters[index].workers);
            let name = replication.name();
            assert!(seen.workers_busy <= workers + 1e-9, "cluster {index} of {name}: {seen:?}");
        }
    });
}

/// Up times and repairs alternate: a node is up for its share of both.
#[test]
fn nodes_are_up_for_their_share_of_the_time() {
    let shares: Vec<(f64, f64)> = (0..160_u64)
        .into_par_iter()
        .flat_map_iter(|number| {
            let only = 1 << Feature::Crashes as u32 | 1 << Feature::Spread as u32;
            let mut scenario = scenario(Features(only), number, 100.0);
            scenario.run.window = SimDuration(scenario.run.window.0 * 200);
            // Who waits for a repair is down for longer.
            scenario.deployments[0].failures.repairers = None;
            let network = compile(&scenario.deployments[0], &scenario.flows).expect("it fits");
            let run = Run {
                seed: number,
                replication: 0,
                warm_up: SimDuration(scenario.run.window.0 / 50),
                window: scenario.run.window,
                outages: &[],
                suppliers: &[],
                asked: Asked::default(),
            };
            let never = AtomicBool::new(false);
            let seen = simulate(&network, &run, &never).expect("nobody stops it");
            let clusters = network.clusters.iter().zip(seen.clusters);
            let found: Vec<(f64, f64)> = clusters
                .filter_map(|(station, seen)| {
                    let crash = station.failures.first()?;
                    let (up, down) =
                        (crash.between.mean_nanos * 1e-9, crash.lasts.mean_nanos * 1e-9);
                    let expected = up / (up + down);
                    // The down time of a long window has the variance of a renewal reward process:
                    // 2 (up down)² / (up + down)³ per unit of time (Cox, Renewal Theory, 1962, 9.4).
                    let time = run.window.as_seconds() * station.nodes as f64;
                    let variance = 2.0 * (up * down).powi(2) / (up + down).powi(3) / time;
                    Some(((seen.up_share - expected) / variance.sqrt(), seen.crashes as f64))
                })
                .collect();
            found
        })
        .collect();
    let crashes: f64 = shares.iter().map(|(_, crashes)| crashes).sum();
    let count = shares.len() as f64;
    let mean = shares.iter().map(|(error, _)| error).sum::<f64>() / count;
    let squares = shares.iter().map(|(error, _)| error * error).sum::<f64>() / count;
    assert!(crashes > 10_000.0, "{crashes} crashes");
    assert!(shares.iter().all(|(error, _)| error.abs() < 4.5), "{shares:?}");
    assert!(mean.abs() < 4.0 / count.sqrt() && (0.5..1.7).contains(&squares), "{mean}, {squares}");
}

#[test]
fn results_do_not_depend_on_the_number_of_threads_nor_on_the_run() {
    for number in 0..12 {
        let mut scenario = scenario(features(number), number, 1000.0);
        if number % 3 == 0 {
            scenario.run.warm_up = None;
        }
        let results = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let never = AtomicBool::new(false);
            let results = pool
                .expect("threads can be started")
                .install(|| compare(&scenario, &Unwatched, &never))
                .expect("the scenario can be simulated");
            format!("{results:?}")
        };
        let one = results(1);
        for threads in [1, 2, 4] {
            assert!(results(threads) == one, "{threads} threads differ in {}", scenario.title);
        }
    }
}
