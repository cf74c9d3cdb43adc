//! How often intervals of what a year costs cover the truth, of systems whose exact downtime is known:
//!
//! ```text
//! system ─► years, once per seed ─► intervals at 95 % ─► the share that covers the exact value
//! ```
//!
//! ```sh
//! cargo run --release -p sim --example years             # 200 seeds
//! cargo run --release -p sim --example years -- 50       # so many
//! cargo run --release -p sim --example years -- 50 probed     # of systems with that in their name
//! ```
//!
//! Ends with status 1 where the intervals of a system cannot cover in 92 to 98 % of all cases: where fewer, or more, do
//! than come by chance in one of 2000 with a coverage of just 92, or 98 %.

#![expect(clippy::print_stdout, reason = "an example reports to its reader")]

use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use rayon::prelude::*;
use sim::experiment::Unwatched;
use sim::stats::Estimate;
use sim::verification::{Case, failing};
use statrs::distribution::{Binomial, DiscreteCDF};

/// Coverages of intervals at 95 % that are taken for honest.
const HONEST: [f64; 2] = [0.92, 0.98];
/// What is refuted would come so seldom.
const SELDOM: f64 = 1.0 / 2000.0;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let seeds = words.next().and_then(|word| word.parse().ok()).unwrap_or(200);
    let name = words.next().unwrap_or_default();
    println!("system                            exact  covered    bias  half-width  seconds each");
    let mut is_honest = true;
    for case in failing().into_iter().filter(|case| case.name.contains(&name)) {
        is_honest &= covers(&case, seeds);
    }
    if is_honest { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints what becomes of a system; whether its intervals may be honest.
fn covers(case: &Case, seeds: u64) -> bool {
    let mut case = case.clone();
    case.scenario.run.confidence = 0.95;
    let exact = case.truths[0].exact;
    let begun = Instant::now();
    let estimates: Vec<Estimate> =
        (1..=seeds).into_par_iter().filter_map(|seed| found(&case, seed)).collect();
    let seconds = begun.elapsed().as_secs_f64() / seeds as f64;
    let covering = estimates.iter().filter(|found| found.covers(exact)).count() as u64;
    let mean = |of: &dyn Fn(&Estimate) -> f64| {
        estimates.iter().map(of).sum::<f64>() / estimates.len() as f64 / exact
    };
    let (bias, width) =
        (mean(&|found| found.mean) - 1.0, mean(&|found| found.half_width.unwrap_or(f64::NAN)));
    println!(
        "{:<32} {exact:>6.4}  {:>6.1}%  {:>+5.2}%  {:>9.2}%  {seconds:>12.2}",
        case.name,
        100.0 * covering as f64 / seeds as f64,
        100.0 * bias,
        100.0 * width,
    );
    may_be_honest(covering, seeds)
}

fn found(case: &Case, seed: u64) -> Option<Estimate> {
    let findings = case.findings(seed, &Unwatched, &AtomicBool::new(false)).ok()?;
    Some(findings[0].estimate)
}

fn may_be_honest(covering: u64, seeds: u64) -> bool {
    let [least, most] = HONEST.map(|coverage| Binomial::new(coverage, seeds).ok());
    let too_few = least.is_none_or(|law| law.cdf(covering) < SELDOM);
    let too_many = covering > 0 && most.is_none_or(|law| 1.0 - law.cdf(covering - 1) < SELDOM);
    !too_few && !too_many
}
