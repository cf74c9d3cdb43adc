#!/usr/bin/env bash
# statrs 0.19.1 and rand_distr 0.6.0 (crates.io): the arguments of Weibull and Gamma.
#
# Guess: the two crates that Rust programs use together, one for quantiles and one for random numbers, take the same
# numbers for the same law, as they do for the exponential, normal, log-normal and Pareto laws.
# Seen: Weibull::new(2.0, 5.0) is shape 2, scale 5 in statrs and scale 2, shape 5 in rand_distr: a mean of 4.43 against
# 1.84. Gamma::new(2.0, 5.0) has the rate 5 in statrs and the scale 5 in rand_distr: 0.4 against 10. All are f64, so
# nothing but the numbers tells.
# Why it matters: a simulation that draws lifetimes from one and is checked against, or fitted with, the other is off by
# a factor of 2.4 or 25 although both calls read alike.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "arguments"
version = "0.0.0"
edition = "2021"

[dependencies]
rand = { version = "=0.10.4", default-features = false, features = ["std", "std_rng"] }
rand_distr = "=0.6.0"
statrs = { version = "=0.19.1", default-features = false, features = ["std"] }
TOML
cat > src/main.rs <<'RUST'
use rand::{rngs::StdRng, SeedableRng};
use statrs::statistics::Distribution;

fn drawn(law: impl rand_distr::Distribution<f64>) -> f64 {
    let draws = 100_000;
    law.sample_iter(StdRng::seed_from_u64(1)).take(draws).sum::<f64>() / draws as f64
}

fn main() {
    println!(
        "{:.1} {:.1} {:.1} {:.1}",
        statrs::distribution::Weibull::new(2.0, 5.0).unwrap().mean().unwrap(),
        drawn(rand_distr::Weibull::new(2.0, 5.0).unwrap()),
        statrs::distribution::Gamma::new(2.0, 5.0).unwrap().mean().unwrap(),
        drawn(rand_distr::Gamma::new(2.0, 5.0).unwrap()),
    );
}
RUST

seen=$(cargo run --quiet --release)
echo "mean of Weibull(2, 5) in statrs and rand_distr, of Gamma(2, 5) in both: $seen"
[ "$seen" = "4.4 1.8 0.4 10.0" ] || { echo "changed" >&2; exit 1; }
