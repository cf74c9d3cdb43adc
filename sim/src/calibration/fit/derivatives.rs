//! Derivatives from one step to the next, and what chance has added to them.

use nalgebra::{DMatrix, DVector};

/// Derivatives from a step upwards and one downwards, each column shortened by what chance has added: a
/// parameter that changes nothing but the course of chance is not determined. With a variance of v in
/// each of the three simulations, their mean has v/2h² and their difference 12 times that, 6v/h².
pub(super) fn beyond_chance(up: &DMatrix<f64>, down: &DMatrix<f64>) -> DMatrix<f64> {
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
pub(super) fn secant(
    mut jacobian: DMatrix<f64>,
    step: &DVector<f64>,
    change: &DVector<f64>,
) -> DMatrix<f64> {
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
