//! A search in rounds, what it has found, and whether the data ask for all that it has fitted.

use std::sync::Mutex;

use nalgebra::DVector;

use super::bench::Bench;
use super::joint::uncertainty;
use super::open::Open;
use super::problem::{ITERATIONS, Problem};
use super::{DETERMINED, FitError, Fitted};
use crate::calibration::model::Model;
use crate::calibration::parameter::{Parameter, is_wanted, parameters};
use crate::calibration::silences;
use crate::calibration::trial::expected;
use crate::deployment::Profile;
use crate::measurement::{LoadTest, Measurement};

/// Rounds of a search from a first guess, and from a fit to most of the tests. Each begins with
/// derivatives by differences, which cost a simulation for each parameter.
pub(super) const ROUNDS: [u64; 2] = [3, 2];
/// So many times as many rounds where silences are counted: steps are shorter among counts.
const MORE_ROUNDS: u64 = 2;

/// A fit, not yet looked at.
pub(super) struct Found {
    pub(super) model: Model,
    pub(super) parameters: Vec<Fitted>,
    /// How far the data are from it, and what its parameters cost: the less, the better. Akaike's
    /// criterion for residuals of unknown variance (Burnham and Anderson, Model Selection and Multimodel
    /// Inference, 2002, section 2.2).
    pub(super) criterion: f64,
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

impl Bench<'_> {
    /// How many simulations a fit takes at most.
    pub(super) fn trials(&self, start: &Model, rounds: u64) -> u64 {
        let derivatives = self.tasks(&self.parameters(start)).len() as u64;
        let round = self.count() * (ITERATIONS + 1) + derivatives;
        (self.most(rounds) + 1) * round + self.count() + 2 * derivatives
    }

    pub(super) fn fit(&self, start: &Model, from: &Model, rounds: u64) -> Result<Found, FitError> {
        let parameters = self.parameters(start);
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
        let Open { parameters: mut fitted, covariance } = everything.open(&best)?;
        if let Some(settled) = problem.settle(&best, &fitted)? {
            for (index, fitted) in fitted.iter_mut().enumerate() {
                fitted.value = parameters[index].at(settled[index]);
            }
            best = settled;
        }
        let mut model = problem.model(&best);
        let uncertainty = uncertainty(&covariance, parameters, &model.profile);
        (model.profile.uncertainty, model.profile.demand_error) = (uncertainty, None);
        let criterion = self.criterion(&problem.residuals(&best)?.residuals, fitted.len());
        Ok(Found { model, parameters: fitted, criterion })
    }

    /// A fit; where it leaves all pauses open, one of a node that never pauses, if that explains the data
    /// better: parameters that the data do not ask for take from them what they say of the others.
    pub(super) fn without_pauses(&self, start: &Model, found: Found) -> Result<Found, FitError> {
        if !found.leaves_pauses_open() || !self.determined.parameters.is_empty() {
            return Ok(found);
        }
        let profile = Profile { gc: None, stalls: None, ..start.profile.clone() };
        let never = Model { profile, ..start.clone() };
        let simpler = self.fit(&never, &never, ROUNDS[0])?;
        Ok(if simpler.criterion < found.criterion { simpler } else { found })
    }

    /// What is fitted of a model.
    fn parameters(&self, model: &Model) -> Vec<Parameter> {
        let mut all = parameters(model, &self.rows());
        all.retain(|one| is_wanted(&one.name, self.names) && !self.determined.has(&one.name));
        all
    }

    /// So many rounds where so many do without silences.
    fn most(&self, rounds: u64) -> u64 {
        if self.counts() { MORE_ROUNDS * rounds } else { rounds }
    }

    /// Whether any test shows pauses of the nodes: in silences, or in a crowd that has nowhere else to wait.
    /// Elsewhere they look like long demands, and stay as they are.
    fn shows_pauses(&self, model: &Model) -> bool {
        let tells = self.rows().iter().any(|row| silences::count(row) > 0);
        tells || self.tests.iter().any(|test| is_saturated(&model.complete(test)))
    }

    /// n ln(squares / n) + 2 k of the n residuals of the data, which stand before those of the prior, and
    /// of the k parameters. Those that stayed as they were count, too: pauses that nobody searched are
    /// believed without a reason, and demands would be too short by them.
    fn criterion(&self, residuals: &DVector<f64>, parameters: usize) -> f64 {
        let data = residuals.rows(0, residuals.len() - parameters);
        let variance = data.norm_squared() / data.len() as f64;
        data.len() as f64 * variance.max(self.least_variance()).ln() + 2.0 * parameters as f64
    }
}

/// Whether users are nearly always at the nodes.
fn is_saturated(test: &LoadTest) -> bool {
    let (_, cycle) = expected(test);
    let elsewhere = |row: &Measurement| row.backend_seconds() > 0.1 * cycle;
    test.users().is_some() && !test.thinks() && !test.operations.iter().any(elsewhere)
}
