//! Chains that climb and fall one level at a time, solved exactly by eliminating level after level.

use super::matrix::Matrix;

/// Probability that may be lost beyond the highest level.
const NEGLIGIBLE: f64 = 1e-14;

/// Transition rates out of the states of one level.
pub(super) struct Level {
    /// To the states of the next level.
    pub(super) up: Matrix,
    /// Among the states of this level; the diagonal is 0.
    pub(super) stay: Matrix,
    /// To the states of the level below; of no columns at level 0.
    pub(super) down: Matrix,
}

impl Level {
    /// Minus the generator within the level.
    fn kernel(&self) -> Matrix {
        let outflow = |state| {
            [&self.up, &self.stay, &self.down].iter().flat_map(|rates| rates.row(state)).sum()
        };
        let outflows: Vec<f64> = (0..self.stay.rows()).map(outflow).collect();
        Matrix::diagonal(&outflows).minus(&self.stay)
    }
}

/// Stationary law of the chain with levels 0, 1, 2 …, by level and state.
///
/// Linear level reduction (Gaver, Jacobs and Latouche 1984, Advances in Applied Probability 16) on
/// as many levels as it takes for the highest to be negligible.
pub(super) fn stationary(level: impl Fn(usize) -> Level) -> Vec<Vec<f64>> {
    let mut top = 64;
    loop {
        let law = stationary_below(top, &level);
        if law[top].iter().sum::<f64>() < NEGLIGIBLE {
            return law;
        }
        assert!(top < 1 << 20, "the chain keeps to its lower levels");
        top *= 2;
    }
}

/// Mean level of a law by level and state.
pub(super) fn mean(law: &[Vec<f64>]) -> f64 {
    law.iter().enumerate().map(|(n, level)| n as f64 * level.iter().sum::<f64>()).sum()
}

/// As [`stationary`], without the steps up from level `top`.
fn stationary_below(top: usize, level: impl Fn(usize) -> Level) -> Vec<Vec<f64>> {
    let mut upper = level(top);
    upper.up = Matrix::zeros(upper.stay.rows(), 0);
    let mut kernel = upper.kernel();
    let mut ratios = Vec::with_capacity(top);
    for n in (0..top).rev() {
        let here = level(n);
        let ratio = here.up.times(&kernel.inverse());
        kernel = here.kernel().minus(&ratio.times(&upper.down));
        ratios.push(ratio);
        upper = here;
    }
    let mut law = vec![null_vector(kernel)];
    for (n, ratio) in ratios.iter().rev().enumerate() {
        law.push(ratio.row_times(&law[n]));
    }
    let total: f64 = law.iter().flatten().sum();
    law.iter_mut().flatten().for_each(|probability| *probability /= total);
    law
}

/// The vector of sum 1 whose product with a singular kernel is zero.
fn null_vector(mut kernel: Matrix) -> Vec<f64> {
    let last = kernel.rows() - 1;
    for row in 0..=last {
        kernel[(row, last)] = 1.0;
    }
    kernel.inverse().row(last).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_state_a_level_is_a_birth_and_death_chain() {
        let law = stationary(|n| Level {
            up: Matrix::diagonal(&[0.9]),
            stay: Matrix::zeros(1, 1),
            down: if n == 0 { Matrix::zeros(1, 0) } else { Matrix::diagonal(&[1.0]) },
        });
        for (n, probability) in law.iter().enumerate().take(200) {
            let expected = 0.1 * 0.9_f64.powf(n as f64);
            assert!((probability[0] - expected).abs() < 1e-13);
        }
    }
}
