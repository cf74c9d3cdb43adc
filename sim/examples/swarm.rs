//! Random networks through both engines, for as long as one likes:
//!
//! ```text
//!                     ┌─► the engine ────────┐
//! seed ─► random ─────┤                      ├─► the same? ─► otherwise: the seed
//!         network     └─► the plain engine ──┘
//! ```
//!
//! ```sh
//! cargo run --release -p sim --features marks --example swarm -- 30       # minutes
//! cargo run --release -p sim --features marks --example swarm -- 30 5000  # from that seed on
//! cargo run --release -p sim --example swarm -- 0 12345                   # that seed alone
//! ```
//!
//! Ends with status 1 and the seed where they differ, or where one panics. Networks in which the order of two events hangs on
//! a nanosecond of rounding say nothing, and are counted. With the feature `marks` it says at the end how
//! often each seldom branch of the engine was taken.

#![expect(clippy::print_stdout, reason = "an example reports to its reader")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

// Random scenarios belong to several crates of tests.
use ::sim;
use rayon::prelude::*;
use sim::engine::{Asked, Change, Run, marks};
use sim::oracle::{Agreement, compare};
use sim::random::{Purpose, Stream};
use sim::time::SimDuration;

use random_scenario::{Feature, Features, OUTAGES, prepared, scenario, suppliers};

#[path = "../tests/random_scenario/mod.rs"]
mod random_scenario;

/// Networks between two looks at the clock.
const BATCH: u64 = 256;
/// Requests of a network, about.
const REQUESTS: f64 = 3000.0;

fn main() -> ExitCode {
    let words: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let minutes = words.first().copied().unwrap_or(1);
    let first = words.get(1).copied().unwrap_or(0);
    if minutes == 0 {
        println!("seed {first}: {:?}", agreement(first));
        return ExitCode::SUCCESS;
    }
    let until = Instant::now() + Duration::from_secs(60 * minutes);
    let (agreed, hung) = (AtomicU64::new(0), AtomicU64::new(0));
    let mut seeds = first..first + BATCH;
    loop {
        let differs = seeds.into_par_iter().find_map_first(|seed| match agreement_or_panic(seed) {
            Agreement::Agree => {
                agreed.fetch_add(1, Ordering::Relaxed);
                None
            }
            Agreement::HangsOnRounding(_) => {
                hung.fetch_add(1, Ordering::Relaxed);
                None
            }
            Agreement::Differ(differences) => Some((seed, differences)),
        });
        if let Some((seed, differences)) = differs {
            println!("seed {seed}: the engines differ\n  {}", differences.join("\n  "));
            return ExitCode::FAILURE;
        }
        let done = agreed.load(Ordering::Relaxed) + hung.load(Ordering::Relaxed);
        seeds = first + done..first + done + BATCH;
        if Instant::now() >= until {
            break;
        }
    }
    report(agreed.into_inner(), hung.into_inner());
    ExitCode::SUCCESS
}

/// As [`agreement`]; an engine that panics agrees with nobody.
fn agreement_or_panic(seed: u64) -> Agreement {
    let panics = |_| Agreement::Differ(vec!["one of them panics".to_owned()]);
    std::panic::catch_unwind(|| agreement(seed)).unwrap_or_else(panics)
}

/// Both engines on the network of a seed, which also chooses its features.
fn agreement(seed: u64) -> Agreement {
    let dice = Stream::new(seed, 0, Purpose::Balancing, 0);
    // Each feature with an even chance, or with one in four, so that few and many come together.
    let features = if seed.is_multiple_of(2) { dice.draw(0) } else { dice.draw(0) & dice.draw(1) };
    let features = Features(features & Features::ALL);
    let scenario = scenario(features, seed, REQUESTS);
    let kinds: &[Change] = if seed % 4 < 2 { &[Change::Crash] } else { &OUTAGES };
    let (network, outages) = prepared(&scenario, kinds);
    let run = Run {
        seed,
        replication: 0,
        warm_up: scenario.run.warm_up.unwrap_or(SimDuration::ZERO),
        window: scenario.run.window,
        outages: &outages,
        suppliers: &suppliers(&scenario),
        asked: Asked::default(),
    };
    compare(&network, &run).1
}

fn report(agreed: u64, hung: u64) {
    println!(
        "{agreed} networks of up to {} features agree; {hung} hang on a nanosecond",
        Feature::Tokens as u32 + 1
    );
    if cfg!(feature = "marks") {
        for (meaning, count) in marks() {
            println!("{count:>14}  {meaning}");
        }
    }
}
