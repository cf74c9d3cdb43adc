//! The tests that a profile is tried on.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::{Configured, FitError};
use crate::calibration::collections::Determined;
use crate::calibration::figures::Errors;
use crate::calibration::model::Model;
use crate::calibration::parameter::Parameter;
use crate::calibration::trial::{Effort, Outcome, Trial, trial};
use crate::deployment::FlowKind;
use crate::experiment::Progress;
use crate::measurement::{LoadTest, Measurement};

/// Step of a derivative on the scale of a parameter.
const STEP: f64 = 0.1;
/// The same of what moves the silences, where they are counted: by a smaller step, a few or none of
/// them come to lie above another threshold.
const STEP_OF_PAUSES: f64 = 0.2;
/// Requests of all simulated tests together while parameters are searched, and limits of those of one.
const SEARCH_REQUESTS: f64 = 1_200_000.0;
/// See [`SEARCH_REQUESTS`].
const OF_ONE_TEST: (f64, f64) = (30_000.0, 1_000_000.0);
/// Requests of a simulated test in the end.
const FINAL_REQUESTS: f64 = 1_000_000.0;

/// The tests that a profile is tried on.
pub(super) struct Bench<'a> {
    pub(super) kind: FlowKind,
    pub(super) tests: Vec<&'a LoadTest>,
    /// How the names of those parameters begin that are fitted; all where there are none.
    pub(super) names: &'a [String],
    /// What a log has determined already.
    pub(super) determined: &'a Determined,
    pub(super) seed: u64,
    pub(super) progress: &'a dyn Progress,
    pub(super) stop: &'a AtomicBool,
}

impl Bench<'_> {
    /// Every operation of every test beside its simulation.
    pub(super) fn beside(&self, model: &Model) -> Result<Vec<Configured>, FitError> {
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

    /// Of each test, those of its operations.
    pub(super) fn outcomes(
        &self,
        model: &Model,
        requests: f64,
    ) -> Result<Vec<Vec<Outcome>>, FitError> {
        let tests = (0..self.tests.len()).into_par_iter();
        tests.map(|test| self.outcome(test, model, requests)).collect()
    }

    pub(super) fn outcome(
        &self,
        test: usize,
        model: &Model,
        requests: f64,
    ) -> Result<Vec<Outcome>, FitError> {
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
    pub(super) fn rows(&self) -> Vec<&Measurement> {
        self.tests.iter().flat_map(|test| &test.operations).collect()
    }

    pub(super) fn count(&self) -> u64 {
        self.tests.len() as u64
    }

    /// Which tests show something of which parameters: a parameter of one operation is tried on that
    /// one's tests only.
    pub(super) fn tasks(&self, parameters: &[Parameter]) -> Vec<(usize, usize)> {
        let all = (0..parameters.len())
            .flat_map(|parameter| (0..self.tests.len()).map(move |test| (parameter, test)));
        all.filter(|(parameter, test)| {
            let Some(name) = &parameters[*parameter].operation else { return true };
            self.tests[*test].operations.iter().any(|row| row.operation == *name)
        })
        .collect()
    }

    /// Requests of one test while parameters are searched.
    pub(super) fn search_requests(&self) -> f64 {
        (SEARCH_REQUESTS / self.tests.len() as f64).clamp(OF_ONE_TEST.0, OF_ONE_TEST.1)
    }

    /// Whether any test states its silences.
    pub(super) fn counts(&self) -> bool {
        self.rows().iter().any(|row| row.silences.is_some())
    }

    /// Step of a derivative by a parameter.
    pub(super) fn step(&self, parameter: &Parameter) -> f64 {
        if parameter.of_pauses && self.counts() { STEP_OF_PAUSES } else { STEP }
    }

    /// What chance alone leaves of the squares of the residuals, however close a fit comes: what is
    /// tolerated of silences is just that.
    pub(super) fn least_variance(&self) -> f64 {
        if self.counts() { 1.0 } else { 0.05 }
    }
}
