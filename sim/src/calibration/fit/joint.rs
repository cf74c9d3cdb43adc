//! What the data leave open of all parameters together, as independent directions.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use crate::calibration::parameter::Parameter;
use crate::deployment::{Profile, Uncertainty};

/// A direction in which no parameter moves by so much on its scale (0.1 %) makes no difference to anyone.
const LEAST: f64 = 0.001;

/// The errors of the parameters that a profile has, as a sum of independent directions: the principal
/// axes of their covariance, each as long as its standard error. What else was fitted is left out of it,
/// not held fixed, so that what it leaves open of the others stays in.
pub(super) fn uncertainty(
    covariance: &DMatrix<f64>,
    parameters: &[Parameter],
    profile: &Profile,
) -> Uncertainty {
    let paths: Vec<_> = parameters.iter().map(|parameter| parameter.paths(profile)).collect();
    let own: Vec<usize> = (0..paths.len()).filter(|index| !paths[*index].is_empty()).collect();
    let axes = axes(&covariance.select_rows(&own).select_columns(&own));
    let mut shifts = Uncertainty::default().shifts;
    for (place, index) in own.iter().enumerate() {
        let along: Vec<f64> = axes.iter().map(|axis| axis[place]).collect();
        if along.iter().any(|shift| *shift != 0.0) {
            shifts.extend(paths[*index].iter().map(|path| (path.clone(), along.clone())));
        }
    }
    Uncertainty { shifts }
}

/// The principal axes of a covariance, the longest first.
fn axes(covariance: &DMatrix<f64>) -> Vec<DVector<f64>> {
    let SymmetricEigen { eigenvectors, eigenvalues } = covariance.clone().symmetric_eigen();
    let mut order: Vec<usize> = (0..eigenvalues.len()).collect();
    order.sort_by(|a, b| eigenvalues[*b].total_cmp(&eigenvalues[*a]));
    let axis = |index: usize| {
        let axis = eigenvectors.column(index) * eigenvalues[index].max(0.0).sqrt();
        // Either way is the same axis.
        if axis[axis.icamax()] < 0.0 { -axis } else { axis }
    };
    order.into_iter().map(axis).filter(|axis| axis.amax() >= LEAST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axes_are_a_factor_of_the_covariance() {
        let covariance = DMatrix::from_row_slice(
            3,
            3,
            &[0.04, -0.055, 0.0, -0.055, 0.09, 0.001, 0.0, 0.001, 0.000_4],
        );
        let axes = axes(&covariance);
        assert_eq!(axes.len(), 3);
        let sum: DMatrix<f64> = axes.iter().map(|axis| axis * axis.transpose()).sum();
        assert!((sum - &covariance).amax() < 1e-12);
        assert!(axes[0].norm() > axes[1].norm() && axes[1].norm() > axes[2].norm());
        for (one, other) in [(0, 1), (0, 2), (1, 2)] {
            assert!(axes[one].dot(&axes[other]).abs() < 1e-12);
        }
        assert!(axes.iter().all(|axis| axis[axis.icamax()] > 0.0));
    }

    #[test]
    fn what_hardly_moves_is_no_direction() {
        let covariance = DMatrix::from_diagonal(&DVector::from_vec(vec![1e-4, 1e-7, 0.0]));
        let axes = axes(&covariance);
        assert_eq!(axes.len(), 1);
        assert!((axes[0][0] - 0.01).abs() < 1e-12, "{}", axes[0]);
    }
}
