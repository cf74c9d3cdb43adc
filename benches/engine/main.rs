//! How fast the engine is, with a checksum of what was simulated, so that speed never comes from
//! doing less. `cargo bench` times everything; `cargo bench -- W3 1` what is called so, in one round.
//!
//! Times are CPU time of the simulating thread, per request: a median of rounds. Events are no measure,
//! since a better engine needs fewer. The two-thread figure is wall time, rounds of one and two threads
//! taking turns. To compare two builds, let rounds of them take turns.

#![expect(clippy::print_stdout, reason = "a bench reports to its reader")]

mod models;

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use models::Model;
use rayon::prelude::*;
use sim::engine::{Asked, Observations, Run, simulate};
use sim::network::Network;
use sim::time::SimDuration;

const ROUNDS: usize = 9;

fn main() {
    // Cargo adds `--bench`.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let rounds = words.iter().find_map(|word| word.parse().ok()).unwrap_or(ROUNDS);
    let wanted = words.iter().find(|word| word.parse::<usize>().is_err());
    let is_wanted = |model: &Model| wanted.is_none_or(|part| model.name.contains(part.as_str()));
    let models = models::all();
    models.iter().filter(|model| is_wanted(model)).for_each(|model| report(model, rounds));
    if let Some(model) = models.iter().find(|model| model.name.starts_with("launch-peak"))
        && wanted.is_none()
    {
        report_threads(&model.network);
    }
}

fn report(model: &Model, rounds: usize) {
    let mut nanos = Vec::new();
    let mut seen = None;
    for _ in 0..rounds.max(1) {
        let started = ThreadTime::now();
        seen = replication(&model.network, 0, model.window_seconds);
        nanos.push(started.elapsed().as_nanos() as f64);
    }
    let seen = seen.expect("nothing stops it");
    let requests = seen.flows.iter().map(|flow| flow.whole.arrived).sum::<u64>() as f64;
    println!(
        "{}: {:.1} ns/request, fastest round {:.1}; {:.2} events/request; checksum {:016x}",
        model.name,
        median(&mut nanos) / requests,
        nanos[0] / requests,
        seen.events as f64 / requests,
        checksum(&seen),
    );
}

fn report_threads(network: &Network) {
    let pool = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start")
    };
    let pools = [pool(1), pool(2)];
    let mut seconds = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (pool, seconds) in pools.iter().zip(&mut seconds) {
            seconds.push(wall(|| {
                pool.install(|| {
                    (0..8).into_par_iter().for_each(|replication| {
                        self::replication(network, replication, 2.0);
                    });
                });
            }));
        }
    }
    let [one, two] = &mut seconds;
    println!("two threads against one: {:.2} times as fast", median(one) / median(two));
}

fn replication(network: &Network, replication: u32, window_seconds: f64) -> Option<Observations> {
    let run = Run {
        seed: 1,
        replication,
        warm_up: SimDuration::from_seconds(1.0),
        window: SimDuration::from_seconds(window_seconds),
        outages: &[],
        suppliers: &[],
        asked: Asked::default(),
    };
    simulate(network, &run, &AtomicBool::new(false))
}

fn wall(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().max(Duration::from_nanos(1)).as_secs_f64()
}

/// Sorts the values and returns the middle one.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A number that changes with what happened to the requests, not with how it was simulated.
fn checksum(seen: &Observations) -> u64 {
    let parts = seen
        .flows
        .iter()
        .flat_map(|flow| [flow.arrivals, flow.answered, flow.failures(), flow.retries]);
    parts.fold(0, |sum: u64, part| sum.rotate_left(7) ^ part.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}
