//! What the data leave open at a point.

use nalgebra::{DMatrix, DVector};

use super::derivatives::beyond_chance;
use super::problem::Problem;
use super::{FitError, Fitted};

/// What the data leave open at a point.
pub(super) struct Open {
    pub(super) parameters: Vec<Fitted>,
    /// The covariance of their errors, on their scales.
    pub(super) covariance: DMatrix<f64>,
}

impl Problem<'_> {
    /// The parameters at a point with what the data leave open of them.
    pub(super) fn open(&self, point: &DVector<f64>) -> Result<Open, FitError> {
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
        Ok(Open { parameters: all.collect(), covariance: &inverse * variance })
    }
}
