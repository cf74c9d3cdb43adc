//! Least squares over the parameters: a trust region on the normal equations, with derivatives by
//! differences under common random numbers and, from step to step, by secants.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use argmin::core::{CostFunction, Error as ArgminError, Executor, Gradient, Hessian, State};
use argmin::solver::trustregion::{Steihaug, TrustRegion};
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;
use thiserror::Error;

use super::figures::{self, Errors};
use super::guess::first_guess;
use super::model::Model;
use super::parameter::{Parameter, parameters};
use super::silences;
use super::trial::{Effort, Outcome, Trial, expected, trial};
use crate::deployment::{FlowKind, Profile};
use crate::experiment::Progress;
use crate::measurement::{LoadTest, Measurement, load_tests};

/// Step of a derivative on the scale of a parameter.
const STEP: f64 = 0.1;
/// The same of what moves the silences, where they are counted: by a smaller step, a few or none of
/// them come to lie above another threshold.
const STEP_OF_PAUSES: f64 = 0.2;
/// Step of the derivatives of what is computed, not simulated.
const STEP_OF_WORK: f64 = 1e-4;
/// Rounds of a search from a first guess, and from a fit to most of the tests. Each begins with
/// derivatives by differences, which cost a simulation for each parameter.
const ROUNDS: [u64; 2] = [3, 2];
/// Iterations of the trust region in a round, at the cost of one simulation each.
const ITERATIONS: u64 = 14;
/// How far the first step of a round may go, and any, on the scales of all parameters together.
const RADIUS: (f64, f64) = (2.0, 4.0);
/// So many times as many rounds where silences are counted: steps are shorter among counts.
const MORE_ROUNDS: u64 = 2;
/// Requests of all simulated tests together while parameters are searched, and limits of those of one.
const SEARCH_REQUESTS: f64 = 1_200_000.0;
/// See [`SEARCH_REQUESTS`].
const OF_ONE_TEST: (f64, f64) = (30_000.0, 1_000_000.0);
/// Requests of a simulated test in the end.
const FINAL_REQUESTS: f64 = 1_000_000.0;
/// How far parameters may lie from where they start, as a standard deviation on their scale: it keeps
/// those of which the data say nothing where they are.
const PRIOR: f64 = 1.5;
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
    Bench { kind, tests: tests.iter().collect(), seed, progress, stop }.beside(&model)
}

/// Fits the parameters of a profile to tests. With at least six, a third is held back first and
/// simulated with the fit to the others.
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
    if tests.is_empty() {
        return Err(FitError::Nothing);
    }
    let tests = &load_tests(tests)[..];
    let start = Model::new(start.clone(), kind, tests);
    let complete: Vec<LoadTest> = tests.iter().map(|test| start.complete(test)).collect();
    let start = Model { profile: first_guess(&start.profile, kind, &complete), ..start };
    let bench = |tests| Bench { kind, tests, seed, progress, stop };
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

/// About every third test, of changing size and load, but never the only one of its operations and
/// sizes, nor the only one of them that keeps the node busy.
fn held_back(tests: &[LoadTest]) -> Vec<usize> {
    if tests.len() < 6 {
        return Vec::new();
    }
    let alike = |index: usize, other: usize| {
        asked(&tests[index]).eq(asked(&tests[other]))
            && (is_busy(&tests[other]) || !is_busy(&tests[index]))
    };
    let mut held: Vec<usize> = Vec::new();
    for index in (0..tests.len()).filter(|index| (index + index / 3) % 3 == 1) {
        let remains = (0..tests.len())
            .any(|other| other != index && !held.contains(&other) && alike(index, other));
        if remains {
            held.push(index);
        }
    }
    held
}

/// What a test asked for: operations and sizes.
fn asked(test: &LoadTest) -> impl Iterator<Item = (&str, Option<f64>)> {
    test.operations.iter().map(|row| (row.operation.as_str(), row.size_kib))
}

/// Whether most of the time is the nodes'.
fn is_busy(test: &LoadTest) -> bool {
    let of_nodes =
        |row: &Measurement| row.mean.is_none_or(|mean| mean > 2.0 * row.backend_seconds());
    !test.thinks() && test.operations.iter().any(of_nodes)
}

/// Whether users are nearly always at the nodes.
fn is_saturated(test: &LoadTest) -> bool {
    let (_, cycle) = expected(test);
    let elsewhere = |row: &Measurement| row.backend_seconds() > 0.1 * cycle;
    test.users().is_some() && !test.thinks() && !test.operations.iter().any(elsewhere)
}

/// `a`, or `a` with `b`, each in backticks.
fn listed(operations: &[String]) -> String {
    let names: Vec<String> = operations.iter().map(|name| format!("`{name}`")).collect();
    names.join(" with ")
}

/// The tests that a profile is tried on.
struct Bench<'a> {
    kind: FlowKind,
    tests: Vec<&'a LoadTest>,
    seed: u64,
    progress: &'a dyn Progress,
    stop: &'a AtomicBool,
}

/// A fit, not yet looked at.
struct Found {
    model: Model,
    parameters: Vec<Fitted>,
    /// How far the data are from it, and what its parameters cost: the less, the better. Akaike's
    /// criterion for residuals of unknown variance (Burnham and Anderson, Model Selection and Multimodel
    /// Inference, 2002, section 2.2).
    criterion: f64,
}

impl Found {
    /// Whether there are pauses, and the data leave open of all how often they come or how long they are.
    fn leaves_pauses_open(&self) -> bool {
        let of = |kind: &str, key: &str| {
            let named = |one: &&Fitted| one.name.starts_with(kind) && one.name.ends_with(key);
            self.parameters.iter().filter(named).collect::<Vec<_>>()
        };
        let known = |all: &[&Fitted]| all.iter().any(|one| one.uncertainty <= DETERMINED);
        let (collections, stalls) = (of("gc.", "pause"), of("stalls.", "pause"));
        let how_often = [of("demand.", "allocates"), of("gc.", "requests_per_pause")].concat();
        let collects = known(&collections) && known(&how_often);
        let stops = known(&stalls) && known(&of("stalls.", "every"));
        !(collections.is_empty() && stalls.is_empty() || collects || stops)
    }
}

/// What the data leave open at a point.
struct Open {
    parameters: Vec<Fitted>,
    /// Standard error of the demands together, as a share.
    demand_error: f64,
}

impl Bench<'_> {
    fn outcome(&self, test: usize, model: &Model, requests: f64) -> Result<Vec<Outcome>, FitError> {
        let effort = Effort { requests, seed: self.seed, replication: test as u32 };
        let test = model.complete(self.tests[test]);
        let seen = trial(&model.profile, self.kind, &test, effort, self.stop);
        let seen = seen.map_err(|problems| {
            let names = test.operations.iter().map(|row| row.operation.clone());
            FitError::Impossible { operations: names.collect(), problems }
        })?;
        let Trial { outcomes, events } = seen.ok_or(FitError::Stopped)?;
        self.progress.completed(events);
        Ok(outcomes)
    }

    /// Every operation of every test.
    fn rows(&self) -> Vec<&Measurement> {
        self.tests.iter().flat_map(|test| &test.operations).collect()
    }

    fn count(&self) -> u64 {
        self.tests.len() as u64
    }

    /// Every operation of every test beside its simulation.
    fn beside(&self, model: &Model) -> Result<Vec<Configured>, FitError> {
        let outcomes = self.outcomes(model, FINAL_REQUESTS)?;
        let rows = self.tests.iter().flat_map(|test| model.complete(test).operations);
        Ok(rows
            .zip(outcomes.into_iter().flatten())
            .map(|(measured, simulated)| Configured {
                errors: Errors::of(&measured, &simulated),
                measured,
                simulated,
            })
            .collect())
    }

    /// Which tests show something of which parameters: a parameter of one operation is tried on that
    /// one's tests only.
    fn tasks(&self, parameters: &[Parameter]) -> Vec<(usize, usize)> {
        let all = (0..parameters.len())
            .flat_map(|parameter| (0..self.tests.len()).map(move |test| (parameter, test)));
        all.filter(|(parameter, test)| {
            let Some(name) = &parameters[*parameter].operation else { return true };
            self.tests[*test].operations.iter().any(|row| row.operation == *name)
        })
        .collect()
    }

    /// How many simulations a fit takes at most.
    fn trials(&self, start: &Model, rounds: u64) -> u64 {
        let derivatives = self.tasks(&parameters(start, &self.rows())).len() as u64;
        let round = self.count() * (ITERATIONS + 1) + derivatives;
        (self.most(rounds) + 1) * round + self.count() + 2 * derivatives
    }

    /// Requests of one test while parameters are searched.
    fn search_requests(&self) -> f64 {
        (SEARCH_REQUESTS / self.tests.len() as f64).clamp(OF_ONE_TEST.0, OF_ONE_TEST.1)
    }

    /// Whether any test states its silences.
    fn counts(&self) -> bool {
        self.rows().iter().any(|row| row.silences.is_some())
    }

    /// Whether any test shows pauses of the nodes: in silences, or in a crowd that has nowhere else to wait.
    /// Elsewhere they look like long demands, and stay as they are.
    fn shows_pauses(&self, model: &Model) -> bool {
        let tells = self.rows().iter().any(|row| silences::count(row) > 0);
        tells || self.tests.iter().any(|test| is_saturated(&model.complete(test)))
    }

    /// So many rounds where so many do without silences.
    fn most(&self, rounds: u64) -> u64 {
        if self.counts() { MORE_ROUNDS * rounds } else { rounds }
    }

    /// Step of a derivative by a parameter.
    fn step(&self, parameter: &Parameter) -> f64 {
        if parameter.of_pauses && self.counts() { STEP_OF_PAUSES } else { STEP }
    }

    /// Of each test, those of its operations.
    fn outcomes(&self, model: &Model, requests: f64) -> Result<Vec<Vec<Outcome>>, FitError> {
        let tests = (0..self.tests.len()).into_par_iter();
        tests.map(|test| self.outcome(test, model, requests)).collect()
    }

    fn fit(&self, start: &Model, from: &Model, rounds: u64) -> Result<Found, FitError> {
        let parameters = parameters(start, &self.rows());
        let point = |model: &Model| {
            let points = parameters.iter().map(|parameter| parameter.point(model));
            DVector::from_iterator(parameters.len(), points)
        };
        let (prior, mut best) = (point(start), point(from));
        let known = Mutex::new(Vec::new());
        let shown = self.shows_pauses(from);
        let free: Vec<bool> = parameters.iter().map(|one| shown || !one.of_pauses).collect();
        let (parameters, prior) = (&parameters[..], &prior);
        let problem = Problem { bench: self, start, parameters, prior, known: &known, free: &free };
        for _ in 0..self.most(rounds) {
            best = problem.round(best)?;
        }
        // What stayed as it was is open all the same, and leaves open what the others make up for.
        let all = vec![true; parameters.len()];
        let everything = Problem { free: &all, ..problem.clone() };
        let Open { parameters: mut fitted, demand_error } = everything.open(&best)?;
        if let Some(settled) = problem.settle(&best, &fitted)? {
            for (index, fitted) in fitted.iter_mut().enumerate() {
                fitted.value = parameters[index].at(settled[index]);
            }
            best = settled;
        }
        let mut model = problem.model(&best);
        model.profile.demand_error = Some(demand_error.min(1.0));
        let searched = free.iter().filter(|free| **free).count();
        let criterion =
            self.criterion(&problem.residuals(&best)?.residuals, fitted.len(), searched);
        Ok(Found { model, parameters: fitted, criterion })
    }

    /// n ln(squares / n) + 2 k of the n residuals of the data, which stand before those of the prior, one
    /// for each parameter, and of the k parameters that were searched.
    fn criterion(&self, residuals: &DVector<f64>, parameters: usize, searched: usize) -> f64 {
        let data = residuals.rows(0, residuals.len() - parameters);
        let variance = data.norm_squared() / data.len() as f64;
        data.len() as f64 * variance.max(self.least_variance()).ln() + 2.0 * searched as f64
    }

    /// What chance alone leaves of the squares of the residuals, however close a fit comes: what is
    /// tolerated of silences is just that.
    fn least_variance(&self) -> f64 {
        if self.counts() { 1.0 } else { 0.05 }
    }

    /// A fit; where it leaves all pauses open, one of a node that never pauses, if that explains the data
    /// better: parameters that the data do not ask for take from them what they say of the others.
    fn without_pauses(&self, start: &Model, found: Found) -> Result<Found, FitError> {
        if !found.leaves_pauses_open() {
            return Ok(found);
        }
        let profile = Profile { gc: None, stalls: None, ..start.profile.clone() };
        let never = Model { profile, ..start.clone() };
        let simpler = self.fit(&never, &never, ROUNDS[0])?;
        Ok(if simpler.criterion < found.criterion { simpler } else { found })
    }
}

/// The residuals at a point, and their derivatives once they were needed.
#[derive(Clone)]
struct Linear {
    point: DVector<f64>,
    residuals: DVector<f64>,
    jacobian: Option<DMatrix<f64>>,
}

/// What the solver sees; what it has asked once is known.
#[derive(Clone)]
struct Problem<'a> {
    bench: &'a Bench<'a>,
    start: &'a Model,
    parameters: &'a [Parameter],
    prior: &'a DVector<f64>,
    known: &'a Mutex<Vec<Linear>>,
    /// Which parameters may move.
    free: &'a [bool],
}

impl Problem<'_> {
    /// A trust region from one point to a better one.
    fn round(&self, from: DVector<f64>) -> Result<DVector<f64>, FitError> {
        self.forget();
        let failed = |error: ArgminError| {
            let stopped = self.bench.stop.load(Ordering::Relaxed);
            if stopped { FitError::Stopped } else { FitError::Search(error.to_string()) }
        };
        let solver = TrustRegion::new(Steihaug::new())
            .with_radius(RADIUS.0)
            .and_then(|solver| solver.with_max_radius(RADIUS.1))
            .map_err(failed)?;
        let executor = Executor::new(self.clone(), solver)
            .configure(|state| state.param(from.clone()).max_iters(ITERATIONS));
        let result = executor.run().map_err(failed)?;
        Ok(result.state().get_best_param().cloned().unwrap_or(from))
    }

    /// Takes the parameters that the data leave open back to where they started, so that none of the
    /// others makes up for where chance has led them, and searches on with the others alone. None if
    /// there are none, or if the data object.
    fn settle(
        &self,
        best: &DVector<f64>,
        fitted: &[Fitted],
    ) -> Result<Option<DVector<f64>>, FitError> {
        let free: Vec<bool> = fitted.iter().map(|one| one.uncertainty <= DETERMINED).collect();
        let settled = free.iter().filter(|free| !**free).count();
        if settled == 0 {
            return Ok(None);
        }
        let places = free.iter().enumerate();
        let moved = places.map(|(index, free)| if *free { best[index] } else { self.prior[index] });
        let from = DVector::from_iterator(free.len(), moved);
        let found = Problem { free: &free, ..self.clone() }.round(from)?;
        let squares = |point| Ok::<_, FitError>(self.residuals(point)?.residuals.norm_squared());
        // Each parameter that is taken away costs a square of 1 where the model is right.
        let allowed = squares(best)? + settled as f64;
        Ok((squares(&found)? <= allowed).then_some(found))
    }

    fn model(&self, point: &DVector<f64>) -> Model {
        let mut model = self.start.clone();
        for (parameter, at) in self.parameters.iter().zip(point.iter()) {
            parameter.put(&mut model, *at);
        }
        model
    }

    fn prior_residuals(&self, point: &DVector<f64>) -> impl Iterator<Item = f64> {
        (point - self.prior).iter().map(|off| off / PRIOR).collect::<Vec<_>>().into_iter()
    }

    fn residuals(&self, point: &DVector<f64>) -> Result<Linear, FitError> {
        if let Some(linear) = self.recall(|linear| linear.point == *point) {
            return Ok(linear);
        }
        let outcomes = self.bench.outcomes(&self.model(point), self.bench.search_requests())?;
        let of_data = self.bench.tests.iter().zip(&outcomes);
        let of_data = of_data.flat_map(|(test, simulated)| figures::residuals(test, simulated));
        let all: Vec<f64> = of_data.chain(self.prior_residuals(point)).collect();
        let linear =
            Linear { point: point.clone(), residuals: DVector::from_vec(all), jacobian: None };
        self.remember(linear.clone());
        Ok(linear)
    }

    /// The latest of what is known that is so.
    fn recall(&self, wanted: impl Fn(&Linear) -> bool) -> Option<Linear> {
        self.known.lock().ok()?.iter().rev().find(|linear| wanted(linear)).cloned()
    }

    fn remember(&self, linear: Linear) {
        if let Ok(mut known) = self.known.lock() {
            known.retain(|other| other.point != linear.point);
            known.push(linear);
        }
    }

    /// Derivatives of before are of no use any more.
    fn forget(&self) {
        if let Ok(mut known) = self.known.lock() {
            known.iter_mut().for_each(|linear| linear.jacobian = None);
        }
    }

    /// Residuals and derivatives: by differences at first, from there on by secants.
    fn linear(&self, point: &DVector<f64>) -> Result<(DVector<f64>, DMatrix<f64>), FitError> {
        let mut linear = self.residuals(point)?;
        if let Some(jacobian) = linear.jacobian {
            return Ok((linear.residuals, jacobian));
        }
        let last = self.recall(|linear| linear.jacobian.is_some());
        let jacobian = match last {
            Some(Linear { point: from, residuals, jacobian: Some(jacobian) }) => {
                secant(jacobian, &(point - from), &(&linear.residuals - residuals))
            }
            _ => self.differences(&linear, 1.0)?,
        };
        linear.jacobian = Some(jacobian.clone());
        self.remember(linear.clone());
        Ok((linear.residuals, jacobian))
    }

    /// Derivatives by differences: of a step upwards (1) or downwards (-1).
    fn differences(&self, at: &Linear, side: f64) -> Result<DMatrix<f64>, FitError> {
        let tests = &self.bench.tests;
        let rows: Vec<usize> = tests.iter().map(|test| figures::count(test)).collect();
        let mut tasks = self.bench.tasks(self.parameters);
        tasks.retain(|(parameter, _)| self.free[*parameter]);
        let moved: Vec<Vec<f64>> = tasks
            .par_iter()
            .map(|(parameter, test)| {
                let mut there = at.point.clone();
                there[*parameter] += side * self.bench.step(&self.parameters[*parameter]);
                let requests = self.bench.search_requests();
                let outcomes = self.bench.outcome(*test, &self.model(&there), requests)?;
                Ok(figures::residuals(tests[*test], &outcomes))
            })
            .collect::<Result<_, FitError>>()?;
        let data: usize = rows.iter().sum();
        let mut jacobian = DMatrix::zeros(at.residuals.len(), self.parameters.len());
        for ((parameter, test), moved) in tasks.iter().zip(moved) {
            let first: usize = rows[..*test].iter().sum();
            let step = side * self.bench.step(&self.parameters[*parameter]);
            for (place, value) in moved.into_iter().enumerate() {
                let here = at.residuals[first + place];
                jacobian[(first + place, *parameter)] = (value - here) / step;
            }
        }
        for parameter in 0..self.parameters.len() {
            jacobian[(data + parameter, parameter)] = 1.0 / PRIOR;
        }
        Ok(jacobian)
    }

    /// The parameters at a point with what the data leave open of them.
    fn open(&self, point: &DVector<f64>) -> Result<Open, FitError> {
        let at = self.residuals(point)?;
        let jacobian = beyond_chance(&self.differences(&at, 1.0)?, &self.differences(&at, -1.0)?);
        let residuals = &at.residuals;
        let normal = jacobian.transpose() * &jacobian;
        let freedom = (residuals.len() as f64 - 2.0 * self.parameters.len() as f64).max(1.0);
        let variance = (residuals.norm_squared() / freedom).max(self.bench.least_variance());
        let count = self.parameters.len();
        let inverse = normal.try_inverse().unwrap_or_else(|| DMatrix::identity(count, count));
        let errors = |i: usize| (inverse[(i, i)] * variance).sqrt();
        let correlation = |i: usize, j: usize| {
            inverse[(i, j)] / (inverse[(i, i)] * inverse[(j, j)]).sqrt().max(1e-300)
        };
        let all = self.parameters.iter().enumerate().map(|(i, parameter)| {
            let value = parameter.at(point[i]);
            let tied = (0..count).filter(|j| *j != i && correlation(i, *j).abs() > 0.9);
            Fitted {
                name: parameter.name.clone(),
                unit: parameter.unit,
                value,
                start: parameter.at(self.prior[i]),
                uncertainty: parameter.share_of(errors(i), point[i]),
                tied_to: tied.map(|j| self.parameters[j].name.clone()).collect(),
            }
        });
        let gradient = self.gradient_of_work(point);
        let open = (gradient.transpose() * &inverse * &gradient)[(0, 0)] * variance;
        Ok(Open { parameters: all.collect(), demand_error: open.max(0.0).sqrt() })
    }

    /// By what share the work of a request of the tests, on average, grows with each parameter.
    fn gradient_of_work(&self, point: &DVector<f64>) -> DVector<f64> {
        let rows = self.bench.rows();
        let work = |point: &DVector<f64>| {
            let demands = self.model(point).profile.demands;
            let of = |row: &&Measurement| {
                let demand = demands.get(&row.operation)?;
                Some(row.throughput? * demand.mean_seconds(row.size_kib.unwrap_or(0.0)))
            };
            rows.iter().filter_map(of).sum::<f64>().max(f64::MIN_POSITIVE).ln()
        };
        let here = work(point);
        DVector::from_fn(point.len(), |parameter, _| {
            let mut there = point.clone();
            there[parameter] += STEP_OF_WORK;
            (work(&there) - here) / STEP_OF_WORK
        })
    }
}

/// Derivatives from a step upwards and one downwards, each column shortened by what chance has added: a
/// parameter that changes nothing but the course of chance is not determined. With a variance of v in
/// each of the three simulations, their mean has v/2h² and their difference 12 times that, 6v/h².
fn beyond_chance(up: &DMatrix<f64>, down: &DMatrix<f64>) -> DMatrix<f64> {
    let (mut mean, difference) = ((up + down) / 2.0, up - down);
    let rows = mean.nrows() - mean.ncols();
    for (mut column, difference) in mean.column_iter_mut().zip(difference.column_iter()) {
        // The prior, below the data, is certain.
        let (mut data, difference) = (column.rows_mut(0, rows), difference.rows(0, rows));
        let all = data.norm_squared();
        let chance = difference.norm_squared() / 12.0;
        data *= (1.0 - chance / all.max(f64::MIN_POSITIVE)).max(0.0).sqrt();
    }
    mean
}

/// Derivatives after a step, from those before it and what the step changed; those that are 0 stay so
/// (Schubert's form of Broyden's update, Mathematics of Computation 24, 1970).
fn secant(mut jacobian: DMatrix<f64>, step: &DVector<f64>, change: &DVector<f64>) -> DMatrix<f64> {
    for (mut row, change) in jacobian.row_iter_mut().zip(change.iter()) {
        let pairs = || row.iter().zip(step.iter()).filter(|(derivative, _)| **derivative != 0.0);
        let length: f64 = pairs().map(|(_, step)| step * step).sum();
        let expected: f64 = pairs().map(|(derivative, step)| derivative * step).sum();
        let correction = if length > 0.0 { (change - expected) / length } else { 0.0 };
        for (derivative, step) in row.iter_mut().zip(step.iter()) {
            if *derivative != 0.0 {
                *derivative += correction * step;
            }
        }
    }
    jacobian
}

impl CostFunction for Problem<'_> {
    type Param = DVector<f64>;
    type Output = f64;

    fn cost(&self, point: &Self::Param) -> Result<f64, ArgminError> {
        Ok(0.5 * self.residuals(point)?.residuals.norm_squared())
    }
}

impl Gradient for Problem<'_> {
    type Param = DVector<f64>;
    type Gradient = DVector<f64>;

    fn gradient(&self, point: &Self::Param) -> Result<Self::Gradient, ArgminError> {
        let (residuals, jacobian) = self.linear(point)?;
        Ok(jacobian.transpose() * residuals)
    }
}

/// Of the squares of the residuals, without their second derivatives (Gauss and Newton).
impl Hessian for Problem<'_> {
    type Param = DVector<f64>;
    type Hessian = DMatrix<f64>;

    fn hessian(&self, point: &Self::Param) -> Result<Self::Hessian, ArgminError> {
        let (_, jacobian) = self.linear(point)?;
        Ok(jacobian.transpose() * jacobian)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    #[test]
    fn secants_of_a_linear_function_lead_to_its_derivatives_and_leave_zeros() {
        let truth = DMatrix::from_row_slice(2, 3, &[2.0, -1.0, 0.0, 0.5, 3.0, 1.0]);
        let mut found = DMatrix::from_row_slice(2, 3, &[1.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
        for _ in 0..20 {
            for axis in 0..3 {
                let mut step = DVector::from_element(3, 0.1);
                step[axis] = 1.0;
                found = secant(found, &step, &(&truth * &step));
            }
        }
        assert!((&found - &truth).norm() < 1e-6, "{found}");
        assert_eq!(found[(0, 2)], 0.0);
        let still = secant(found.clone(), &DVector::zeros(3), &DVector::zeros(2));
        assert_eq!(still, found);
    }

    /// Three simulations with errors of the standard deviation 1 and a step of 1: of a derivative of 3,
    /// most remains; of none, hardly any. 400 figures leave 1/√400 of each.
    #[test]
    fn what_chance_has_added_to_a_derivative_is_taken_away() {
        let figures = 400;
        let stream = Stream::new(1, 0, Purpose::Requests, 0);
        let error = |run: u64, figure: usize| {
            let uniform = stream.uniform(run * 1000 + figure as u64);
            (uniform - 0.5) * 12.0_f64.sqrt()
        };
        let side = |run: u64, sign: f64| {
            DMatrix::from_fn(figures + 2, 2, |figure, parameter| {
                let slope = [3.0, 0.0][parameter];
                let run = 10 * parameter as u64 + run;
                match figure.checked_sub(figures) {
                    Some(prior) => f64::from(u8::from(prior == parameter)),
                    None => slope + sign * (error(run, figure) - error(9, figure)),
                }
            })
        };
        let found = beyond_chance(&side(1, 1.0), &side(2, -1.0));
        let length = |parameter: usize| found.column(parameter).rows(0, figures).norm();
        let expected = 3.0 * (figures as f64).sqrt();
        assert!((length(0) / expected - 1.0).abs() < 0.05, "{}", length(0) / expected);
        assert!(length(1) < 0.1 * expected, "{}", length(1) / expected);
        assert_eq!((found[(figures, 0)], found[(figures + 1, 1)]), (1.0, 1.0));
    }
}
