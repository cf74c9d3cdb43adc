//! Least squares over the parameters: a trust region on the normal equations, with derivatives by
//! differences under common random numbers and, from step to step, by secants.

mod bench;
mod derivatives;
mod held_back;
mod joint;
mod open;
mod problem;
mod search;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use thiserror::Error;

use super::figures::Errors;
use super::guess::first_guess;
use super::model::Model;
use super::trial::Outcome;
use crate::deployment::{FlowKind, Profile};
use crate::experiment::Progress;
use crate::measurement::{LoadTest, Measurement, load_tests};
use bench::Bench;
use held_back::held_back;
use search::{Found, ROUNDS};

/// A parameter is determined up to this standard error, as a share of its value.
pub const DETERMINED: f64 = 0.3;

/// An operation of a test beside its simulation.
#[derive(Clone, Debug, PartialEq)]
pub struct Configured {
    /// What was measured; with the backend that was fitted where none was stated.
    pub measured: Measurement,
    /// What was simulated.
    pub simulated: Outcome,
    /// How far apart they are.
    pub errors: Errors,
}

/// A parameter after the fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// As a scenario file writes it.
    pub name: String,
    /// Its unit; empty where it has none.
    pub unit: &'static str,
    /// Its value.
    pub value: f64,
    /// Its value before.
    pub start: f64,
    /// Standard error, as a share of the value: what the data leave open of it.
    pub uncertainty: f64,
    /// Other parameters that the data cannot tell apart from this one.
    pub tied_to: Vec<String>,
}

/// A fitted profile, and how well it fits.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// The profile.
    pub profile: Profile,
    /// What was fitted.
    pub parameters: Vec<Fitted>,
    /// Every test with the fitted profile.
    pub tests: Vec<Configured>,
    /// Tests that were held back, simulated with a profile that was fitted to the others alone.
    pub held_back: Vec<Configured>,
    /// Whether the profile pauses no more, though that of the start did, since the tests show no pauses.
    pub pauses_left_out: bool,
}

/// Why no profile was fitted.
#[derive(Debug, Error)]
pub enum FitError {
    /// There is nothing to fit to.
    #[error("there are no measurements that can be used")]
    Nothing,
    /// A test cannot be simulated.
    #[error("{} cannot be simulated: {}", listed(.operations), .problems.join("; "))]
    Impossible {
        /// Its operations.
        operations: Vec<String>,
        /// Why not, a sentence each.
        problems: Vec<String>,
    },
    /// It was stopped.
    #[error("stopped")]
    Stopped,
    /// The search went wrong.
    #[error("the search failed: {0}")]
    Search(String),
}

/// Simulates the tests with a profile and compares.
///
/// # Errors
///
/// If a test cannot be simulated, or `stop` was set.
pub fn compare(
    profile: &Profile,
    kind: FlowKind,
    tests: &[Measurement],
    seed: u64,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Vec<Configured>, FitError> {
    let tests = load_tests(tests);
    progress.planned(tests.len() as u64);
    let model = Model { profile: profile.clone(), backends: BTreeMap::new() };
    Bench { kind, tests: tests.iter().collect(), names: &[], seed, progress, stop }.beside(&model)
}

/// Fits the parameters of a profile to tests ([`calibrate_some`]).
///
/// # Errors
///
/// If there is nothing to fit to, a test cannot be simulated, or `stop` was set.
pub fn calibrate(
    start: &Profile,
    kind: FlowKind,
    tests: &[Measurement],
    seed: u64,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Calibration, FitError> {
    calibrate_some(start, kind, tests, &[], seed, progress, stop)
}

/// Fits the parameters of a profile to tests: those whose names begin as one of `names`, or all where
/// there are none; others stay as they are in `start`. With at least six, a third is held back first and
/// simulated with the fit to the others.
///
/// # Errors
///
/// If there is nothing to fit to, a test cannot be simulated, or `stop` was set.
pub fn calibrate_some(
    start: &Profile,
    kind: FlowKind,
    tests: &[Measurement],
    names: &[String],
    seed: u64,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Calibration, FitError> {
    if tests.is_empty() {
        return Err(FitError::Nothing);
    }
    let tests = &load_tests(tests)[..];
    let start = Model::new(start.clone(), kind, tests);
    let complete: Vec<LoadTest> = tests.iter().map(|test| start.complete(test)).collect();
    let start = Model { profile: first_guess(&start.profile, kind, &complete, names), ..start };
    let bench = |tests| Bench { kind, tests, names, seed, progress, stop };
    let indices = held_back(tests);
    let (held, others): (Vec<_>, Vec<_>) =
        tests.iter().enumerate().partition(|(index, _)| indices.contains(index));
    let alone = |tests: Vec<(usize, _)>| bench(tests.into_iter().map(|(_, test)| test).collect());
    let (held, others, all) = (alone(held), alone(others), bench(tests.iter().collect()));
    let (mut from, mut held_back) = (start.clone(), Vec::new());
    if held.tests.is_empty() {
        progress.planned(all.trials(&start, ROUNDS[0]) + all.count());
    } else {
        let first = others.trials(&start, ROUNDS[0]) + held.count();
        progress.planned(first + all.trials(&start, ROUNDS[1]) + all.count());
        from = others.fit(&start, &start, ROUNDS[0])?.model;
        held_back = held.beside(&from)?;
    }
    let rounds = ROUNDS[usize::from(!held.tests.is_empty())];
    let found = all.fit(&start, &from, rounds)?;
    let Found { model, parameters, .. } = all.without_pauses(&start, found)?;
    let tests = all.beside(&model)?;
    let pauses = |profile: &Profile| profile.gc.is_some() || profile.stalls.is_some();
    let pauses_left_out = pauses(&start.profile) && !pauses(&model.profile);
    Ok(Calibration { profile: model.profile, parameters, tests, held_back, pauses_left_out })
}

/// `a`, or `a` with `b`, each in backticks.
fn listed(operations: &[String]) -> String {
    let names: Vec<String> = operations.iter().map(|name| format!("`{name}`")).collect();
    names.join(" with ")
}
