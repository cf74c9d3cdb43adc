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

use super::collections::{self, Determined};
use super::figures::Errors;
use super::fitted::Fitted;
use super::guess::first_guess;
use super::model::Model;
use super::trial::Outcome;
use crate::deployment::{FlowKind, Profile};
use crate::experiment::Progress;
use crate::measurement::{Collections, LoadTest, Measurement, load_tests};
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
    /// A log of garbage collection goes with one load test.
    #[error(
        "a log of garbage collection goes with one load test, and there are {tests}: give the results of one, or \
         leave the log out"
    )]
    LogOfSeveral {
        /// How many there are.
        tests: usize,
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
    let determined = &Determined::default();
    let tests = tests.iter().collect();
    Bench { kind, tests, names: &[], determined, seed, progress, stop }.beside(&model)
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
    calibrate_some(start, kind, tests, Wanted::default(), seed, progress, stop)
}

/// What is to be fitted, and what is known beside the tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// How the names of the parameters begin that are fitted; all where there are none.
    pub names: &'a [String],
    /// What a log of garbage collection shows of the node in the one test that there is.
    pub collections: Option<&'a Collections>,
}

/// Fits the parameters of a profile to tests: those that are wanted; others stay as they are in `start`, or
/// as a log of garbage collection shows them. With at least six, a third is held back first and simulated with the
/// fit to the others.
///
/// # Errors
///
/// If there is nothing to fit to, a test cannot be simulated, there is a log and not just one test, or `stop` was
/// set.
pub fn calibrate_some(
    start: &Profile,
    kind: FlowKind,
    tests: &[Measurement],
    wanted: Wanted,
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
    let names = wanted.names;
    let mut start = Model { profile: first_guess(&start.profile, kind, &complete, names), ..start };
    let log = wanted.collections.map(|log| collections::apply(&mut start.profile, log, tests));
    let determined = log.transpose().map_err(|tests| FitError::LogOfSeveral { tests })?;
    let determined = &determined.unwrap_or_default();
    let bench = |tests| Bench { kind, tests, names, determined, seed, progress, stop };
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
    let Found { model, mut parameters, .. } = all.without_pauses(&start, found)?;
    parameters.extend(determined.parameters.iter().cloned());
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
