//! What years are said to cost, beside what days of every request do, of scenarios in which something fails every few
//! minutes:
//!
//! ```text
//!                      ┌─► years, by two time scales ─────────┐
//! seed ─► scenario ────┤                                      ├─► lost, by culprit, p99: the same?
//!                      └─► windows of 6 h with every request ─┘
//! ```
//!
//! ```sh
//! cargo run --release -p sim --example brute                  # 24 scenarios, 10 days each
//! cargo run --release -p sim --example brute -- 30            # 30 days each
//! cargo run --release -p sim --example brute -- 30 7 1        # from that seed on, so many
//! ```
//!
//! Ends with status 1 where anything differs by more than comes by chance in one of 100 times of all together.

#![expect(clippy::print_stdout, reason = "an example reports to its reader")]

use std::process::ExitCode;

use compressed::{Effort, compared, scenario, told};

#[path = "../tests/compressed/mod.rs"]
mod compressed;

/// Windows of a day.
const WINDOWS: f64 = 4.0;
/// How often years are simulated.
const SEEDS: u64 = 8;

fn main() -> ExitCode {
    let words: Vec<f64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let days = words.first().copied().unwrap_or(10.0);
    let first = words.get(1).map_or(0, |first| *first as u64);
    let count = words.get(2).map_or(24, |count| *count as u64);
    let effort = Effort { windows: (WINDOWS * days) as u32, seeds: SEEDS };
    let mut differing = 0;
    for seed in first..first + count {
        let scenario = scenario(seed);
        println!("scenario {seed}\n{}", told(&scenario));
        for compared in compared(&scenario, effort) {
            let (years, requests) = (compared.years, compared.requests);
            let differs = compared.off() > 1.0;
            differing += u32::from(differs);
            println!(
                "  {:<28} {:>9.5} ± {:>7.5}   {:>9.5} ± {:>7.5}   {:>5.2}{}",
                compared.name,
                years.value,
                years.error,
                requests.value,
                requests.error,
                compared.off(),
                if differs { "  DIFFERS" } else { "" }
            );
        }
    }
    println!("{differing} differ");
    if differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
