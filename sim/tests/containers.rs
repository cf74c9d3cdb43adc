//! Processes whose container has no memory left, though their heaps have.

mod gateways;

use std::sync::atomic::AtomicBool;

use gateways::{calls, gateways};
use sim::deployment::routes::compile;
use sim::deployment::{
    AllocationBudget, Balancing, Beside, Container, Deployment, GarbageCollection, Generations,
    HealthCheck, PerSize, Policy,
};
use sim::engine::{Asked, Observations, Run, simulate};
use sim::time::SimDuration;

/// What API Manager needs beside its heap, and the second process beside its own, MiB.
const OTHER_MIB: f64 = 450.0;
const OTHER_BESIDE_MIB: f64 = 60.0;
/// What of the heap is always alive.
const RESIDENT_MIB: f64 = 200.0;

/// A gateway that allocates much for itself, so that it collects every few seconds.
fn heap(heap_mib: f64) -> Generations {
    Generations { resident_mib: RESIDENT_MIB, background_mib: 200.0, ..Generations::of(heap_mib) }
}

/// What is seen of one node in so many seconds, with calls that each keep so many MiB alive for 20 ms.
fn run(
    heap: Generations,
    container: Option<Container>,
    retains_mib: f64,
    window: f64,
) -> Observations {
    let mut cluster = gateways(1, Balancing::plain(Policy::Random, HealthCheck::Perfect));
    cluster.profile.container = container;
    cluster.profile.gc = Some(GarbageCollection {
        budget: AllocationBudget::Young(heap),
        pause: SimDuration::from_ms(5.0),
        cv: 0.0,
        per_in_flight: SimDuration::ZERO,
        full: None,
        threads: None,
    });
    let work = cluster.profile.demands.get_mut("work").expect("there is one");
    let kib = PerSize { base: 1024.0 * retains_mib, per_kib: 0.0 };
    (work.allocates, work.retains) = (kib, kib);
    let deployment = Deployment { clusters: vec![cluster], ..Deployment::default() };
    let network = compile(&deployment, &[calls(10.0)]).expect("it fits");
    let run = Run {
        seed: 1,
        replication: 0,
        warm_up: SimDuration::ZERO,
        window: SimDuration::from_seconds(window),
        outages: &[],
        suppliers: &[],
        asked: Asked::default(),
    };
    simulate(&network, &run, &AtomicBool::new(false)).expect("nobody stops it")
}

/// 2 GiB of heap in a limit of 3 GiB, as the Helm charts have it, beside the diagnostics tool: up to 4.6 with the same
/// heap, from 4.7 with 256 MiB (`diagnostics.sh`).
fn as_shipped(beside_mib: f64) -> Container {
    let beside = Beside { heap_mib: beside_mib, other_mib: OTHER_BESIDE_MIB, allocates_mib: 1.0 };
    Container { memory_mib: 3072.0, other_mib: OTHER_MIB, beside: Some(beside) }
}

/// A process uses three fifths of its heap for what is young, and what is always alive; of what is left of the limit the
/// tool takes one MiB a second. The next process begins after 10 s.
#[test]
fn a_tool_with_the_same_heap_ends_the_server_again_and_again_and_a_small_one_does_not() {
    let window = 40_000.0;
    let seen = run(heap(2048.0), Some(as_shipped(2048.0)), 0.01, window);
    let lives = 3072.0 - OTHER_MIB - OTHER_BESIDE_MIB - (0.6 * 2048.0 + RESIDENT_MIB);
    let expected = window / (lives + 10.0);
    let crashes = seen.clusters[0].crashes as f64;
    assert!((crashes / expected - 1.0).abs() < 0.06, "{crashes}, not {expected:.1}");
    assert_eq!(seen.clusters[0].collections.out_of_memory, seen.clusters[0].crashes);
    assert!(seen.flows[0].failures() > seen.clusters[0].crashes);
    let seen = run(heap(2048.0), Some(as_shipped(256.0)), 0.01, window);
    assert_eq!((seen.clusters[0].crashes, seen.flows[0].failures()), (0, 0));
}

/// A micro integrator whose heap is as large as its limit, 1 GiB as its chart has it: whatever is needed beside the heap
/// is missing, so that the kernel ends it before Java is out of memory.
#[test]
fn a_heap_as_large_as_the_limit_is_never_full() {
    let window = 600.0;
    let whole = |container| run(heap(1024.0), container, 1.0, window).clusters[0].clone();
    assert_eq!(whole(None).crashes, 0);
    let limited = |other_mib| Some(Container { memory_mib: 1024.0, other_mib, beside: None });
    // Three fifths and 200 MiB of 1024 are 814: they fit beside 150 and not beside 250. Only the process that is there at
    // the start has garbage of before it.
    assert!(whole(limited(150.0)).crashes <= 1);
    assert!(whole(limited(250.0)).crashes > 10);
}
