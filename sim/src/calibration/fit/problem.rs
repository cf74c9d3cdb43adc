//! What the solver sees: the squares of the residuals and their derivatives, by differences under common
//! random numbers and, from step to step, by secants.

use std::sync::Mutex;
use std::sync::atomic::Ordering;

use argmin::core::{CostFunction, Error as ArgminError, Executor, Gradient, Hessian, State};
use argmin::solver::trustregion::{Steihaug, TrustRegion};
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use super::bench::Bench;
use super::derivatives::secant;
use super::{DETERMINED, FitError, Fitted};
use crate::calibration::figures;
use crate::calibration::model::Model;
use crate::calibration::parameter::Parameter;

/// Iterations of the trust region in a round, at the cost of one simulation each.
pub(super) const ITERATIONS: u64 = 14;
/// How far the first step of a round may go, and any, on the scales of all parameters together.
const RADIUS: (f64, f64) = (2.0, 4.0);
/// How far parameters may lie from where they start, as a standard deviation on their scale: it keeps
/// those of which the data say nothing where they are.
const PRIOR: f64 = 1.5;

/// The residuals at a point, and their derivatives once they were needed.
#[derive(Clone)]
pub(super) struct Linear {
    pub(super) point: DVector<f64>,
    pub(super) residuals: DVector<f64>,
    pub(super) jacobian: Option<DMatrix<f64>>,
}

/// What the solver sees; what it has asked once is known.
#[derive(Clone)]
pub(super) struct Problem<'a> {
    pub(super) bench: &'a Bench<'a>,
    pub(super) start: &'a Model,
    pub(super) parameters: &'a [Parameter],
    pub(super) prior: &'a DVector<f64>,
    pub(super) known: &'a Mutex<Vec<Linear>>,
    /// Which parameters may move.
    pub(super) free: &'a [bool],
}

impl Problem<'_> {
    /// A trust region from one point to a better one.
    pub(super) fn round(&self, from: DVector<f64>) -> Result<DVector<f64>, FitError> {
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
    pub(super) fn settle(
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

    pub(super) fn model(&self, point: &DVector<f64>) -> Model {
        let mut model = self.start.clone();
        for (parameter, at) in self.parameters.iter().zip(point.iter()) {
            parameter.put(&mut model, *at);
        }
        model
    }

    pub(super) fn residuals(&self, point: &DVector<f64>) -> Result<Linear, FitError> {
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

    /// Derivatives by differences: of a step upwards (1) or downwards (-1).
    pub(super) fn differences(&self, at: &Linear, side: f64) -> Result<DMatrix<f64>, FitError> {
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

    fn prior_residuals(&self, point: &DVector<f64>) -> impl Iterator<Item = f64> {
        (point - self.prior).iter().map(|off| off / PRIOR).collect::<Vec<_>>().into_iter()
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
