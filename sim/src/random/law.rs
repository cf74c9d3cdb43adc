//! Laws of durations, given by mean and coefficient of variation where two moments fix them.

use std::sync::Arc;

use statrs::distribution::{ContinuousCDF, Gamma, LogNormal};
use statrs::function::gamma::{gamma, ln_gamma};
use thiserror::Error;

use crate::time::SimDuration;

/// A law of durations: a shape scaled to a mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Law {
    /// The mean.
    pub mean: SimDuration,
    /// The law divided by its mean.
    pub shape: Shape,
}

/// A law of mean 1.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Always 1.
    Constant,
    /// Exponential, cv 1.
    Exponential,
    /// Sum of so many exponentials, cv 1/√stages.
    Erlang {
        /// Number of stages, at least 1.
        stages: u32,
    },
    /// Gamma.
    Gamma {
        /// Coefficient of variation.
        cv: f64,
    },
    /// Lognormal.
    Lognormal {
        /// Coefficient of variation.
        cv: f64,
    },
    /// Mixture of two exponentials with balanced means (Allen, Probability, Statistics and Queueing
    /// Theory, 1990, section 3.2.9).
    Hyperexponential {
        /// Coefficient of variation, at least 1.
        cv: f64,
    },
    /// Weibull.
    Weibull {
        /// Coefficient of variation.
        cv: f64,
    },
    /// Pareto (type I).
    Pareto {
        /// Coefficient of variation.
        cv: f64,
    },
    /// Values that were observed, interpolated linearly between order statistics.
    Empirical {
        /// The values divided by their mean, in increasing order, at least one.
        values: Arc<[f64]>,
    },
}

/// Why a shape cannot be.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum LawError {
    /// Not a number above 0 and at most 100.
    #[error("cv {0} is out of range; it is a number above 0 and at most 100")]
    Cv(f64),
    /// A hyperexponential law varies at least as an exponential one.
    #[error("cv {0} is too small for a hyperexponential law; it is at least 1 (use `gamma` below)")]
    HyperexponentialCv(f64),
    /// An Erlang law has a whole number of stages.
    #[error(
        "cv {cv} is no Erlang law; 1/cv² is a whole number (cv {lower} or {upper}, or `gamma`)"
    )]
    ErlangCv {
        /// What was asked for.
        cv: f64,
        /// The next smaller cv that exists.
        lower: f64,
        /// The next larger cv that exists.
        upper: f64,
    },
    /// No values, or one that is negative or not finite, or all zero.
    #[error("an empirical law needs at least one value, none below 0 and not all 0")]
    Values,
}

impl Law {
    /// Always `mean`.
    pub fn constant(mean: SimDuration) -> Self {
        Self { mean, shape: Shape::Constant }
    }

    /// The duration that a share `probability` of draws stays below, in seconds.
    pub fn quantile_seconds(&self, probability: f64) -> f64 {
        self.mean.as_seconds() * self.shape.quantile(probability)
    }
}

impl Law {
    /// The share of draws that are longer than `seconds`: the quantile function turned round, by
    /// bisection.
    pub fn share_longer(&self, seconds: f64) -> f64 {
        let (mut low, mut high) = (0.0_f64, 1.0_f64);
        if self.quantile_seconds(low) > seconds {
            return 1.0;
        }
        // Down to the spacing of numbers close to 1.
        for _ in 0..53 {
            let middle = low.midpoint(high);
            if self.quantile_seconds(middle) <= seconds { low = middle } else { high = middle }
        }
        1.0 - high
    }
}

impl Shape {
    /// Erlang law of the given cv.
    ///
    /// # Errors
    ///
    /// If 1/cv² is not a whole number (to 0.5 %).
    pub fn erlang(cv: f64) -> Result<Self, LawError> {
        let cv = checked_cv(cv)?;
        let stages = (1.0 / (cv * cv)).round();
        let exists = (1.0..=10_000.0).contains(&stages);
        if !exists || (1.0 / stages.sqrt() / cv - 1.0).abs() > 0.005 {
            let exact = (1.0 / (cv * cv)).clamp(1.0, 10_000.0);
            let shown = |stages: f64| (1e4 / stages.sqrt()).round() / 1e4;
            return Err(LawError::ErlangCv {
                cv,
                lower: shown(exact.ceil()),
                upper: shown(exact.floor()),
            });
        }
        Ok(Self::Erlang { stages: stages as u32 })
    }

    /// Gamma law of the given cv.
    ///
    /// # Errors
    ///
    /// If the cv is out of range.
    pub fn gamma(cv: f64) -> Result<Self, LawError> {
        Ok(Self::Gamma { cv: checked_cv(cv)? })
    }

    /// Lognormal law of the given cv.
    ///
    /// # Errors
    ///
    /// If the cv is out of range.
    pub fn lognormal(cv: f64) -> Result<Self, LawError> {
        Ok(Self::Lognormal { cv: checked_cv(cv)? })
    }

    /// Hyperexponential law of the given cv.
    ///
    /// # Errors
    ///
    /// If the cv is below 1 or out of range.
    pub fn hyperexponential(cv: f64) -> Result<Self, LawError> {
        let cv = checked_cv(cv)?;
        if cv < 1.0 {
            Err(LawError::HyperexponentialCv(cv))
        } else {
            Ok(Self::Hyperexponential { cv })
        }
    }

    /// Weibull law of the given cv.
    ///
    /// # Errors
    ///
    /// If the cv is out of range.
    pub fn weibull(cv: f64) -> Result<Self, LawError> {
        Ok(Self::Weibull { cv: checked_cv(cv)? })
    }

    /// Pareto law of the given cv.
    ///
    /// # Errors
    ///
    /// If the cv is out of range.
    pub fn pareto(cv: f64) -> Result<Self, LawError> {
        Ok(Self::Pareto { cv: checked_cv(cv)? })
    }

    /// Law of observed values, with their mean.
    ///
    /// # Errors
    ///
    /// If there is no value, or one is negative or not finite, or all are 0.
    pub fn empirical(mut values: Vec<f64>) -> Result<(f64, Self), LawError> {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        if !(mean.is_finite() && mean > 0.0) || values.iter().any(|value| *value < 0.0) {
            return Err(LawError::Values);
        }
        values.sort_by(f64::total_cmp);
        for value in &mut values {
            *value /= mean;
        }
        Ok((mean, Self::Empirical { values: values.into() }))
    }

    /// The law of the sum of so many independent draws, divided by its mean: exact for the gamma
    /// family, elsewhere the gamma law of the same cv.
    #[must_use]
    pub fn sum_of(&self, draws: f64) -> Self {
        match self {
            Self::Constant => Self::Constant,
            same if draws <= 1.0 => same.clone(),
            same => Self::Gamma { cv: same.cv() / draws.sqrt() },
        }
    }

    /// The law with independent variation more, as a share of its mean: variances add up. A gamma or
    /// lognormal law stays one of its kind; any other becomes the gamma law of the same cv.
    #[must_use]
    pub fn varied_by(&self, more: f64) -> Self {
        let cv = self.cv().hypot(more);
        match self {
            same if more <= 0.0 => same.clone(),
            Self::Lognormal { .. } => Self::Lognormal { cv },
            _ => Self::Gamma { cv },
        }
    }

    /// Coefficient of variation: standard deviation over mean.
    pub fn cv(&self) -> f64 {
        match self {
            Self::Constant => 0.0,
            Self::Exponential => 1.0,
            Self::Erlang { stages } => 1.0 / f64::from(*stages).sqrt(),
            Self::Gamma { cv }
            | Self::Lognormal { cv }
            | Self::Hyperexponential { cv }
            | Self::Weibull { cv }
            | Self::Pareto { cv } => *cv,
            Self::Empirical { values } => {
                let squares = values.iter().map(|value| (value - 1.0).powi(2)).sum::<f64>();
                (squares / values.len() as f64).sqrt()
            }
        }
    }

    /// The value that a share `probability` of draws stays below; `probability` within 0..1.
    pub fn quantile(&self, probability: f64) -> f64 {
        let p = probability;
        match self {
            Self::Constant => 1.0,
            Self::Exponential => -(-p).ln_1p(),
            Self::Erlang { stages } => gamma_quantile(f64::from(*stages), p),
            Self::Gamma { cv } => gamma_quantile(1.0 / (cv * cv), p),
            Self::Lognormal { cv } => {
                let variance = (cv * cv).ln_1p();
                LogNormal::new(-variance / 2.0, variance.sqrt())
                    .map_or(1.0, |law| law.inverse_cdf(p))
            }
            Self::Hyperexponential { cv } => hyperexponential_quantile(*cv, p),
            Self::Weibull { cv } => {
                let shape = weibull_shape(*cv);
                (-(-p).ln_1p()).powf(1.0 / shape) / gamma(1.0 + 1.0 / shape)
            }
            Self::Pareto { cv } => {
                // With tail index a: cv² = 1 / (a (a - 2)), mean = a / (a - 1) times the minimum.
                let index = 1.0 + (1.0 + 1.0 / (cv * cv)).sqrt();
                (index - 1.0) / index * (1.0 - p).powf(-1.0 / index)
            }
            Self::Empirical { values } => {
                let position = p * (values.len() - 1) as f64;
                let below = position.floor() as usize;
                let above = (below + 1).min(values.len() - 1);
                values[below] + (position - below as f64) * (values[above] - values[below])
            }
        }
    }
}

fn checked_cv(cv: f64) -> Result<f64, LawError> {
    if cv > 0.0 && cv <= 100.0 { Ok(cv) } else { Err(LawError::Cv(cv)) }
}

/// Quantile of a gamma law of mean 1.
fn gamma_quantile(shape: f64, probability: f64) -> f64 {
    Gamma::new(shape, shape).map_or(1.0, |law| law.inverse_cdf(probability))
}

/// Solves p₁ exp(-2 p₁ x) + p₂ exp(-2 p₂ x) = 1 - p for x: a mixture with balanced means.
fn hyperexponential_quantile(cv: f64, probability: f64) -> f64 {
    let square = cv * cv;
    let likely = 0.5 * (1.0 + ((square - 1.0) / (square + 1.0)).sqrt());
    let rare = 1.0 - likely;
    if rare < 1e-9 {
        return Shape::Exponential.quantile(probability);
    }
    let tail =
        |x: f64| likely * (-2.0 * likely * x).exp() + rare * (-2.0 * rare * x).exp() + probability;
    let slowest = -(-probability).ln_1p() / (2.0 * rare);
    bisect(0.0, slowest, |x| tail(x) > 1.0)
}

/// Solves Γ(1 + 2/k) / Γ(1 + 1/k)² = 1 + cv² for the shape k.
fn weibull_shape(cv: f64) -> f64 {
    let target = (cv * cv).ln_1p();
    let excess = |shape: f64| ln_gamma(1.0 + 2.0 / shape) - 2.0 * ln_gamma(1.0 + 1.0 / shape);
    bisect((0.05_f64).ln(), (200.0_f64).ln(), |log_shape| excess(log_shape.exp()) > target).exp()
}

/// The point between `low` and `high` where `is_below` changes from true to false.
fn bisect(mut low: f64, mut high: f64, is_below: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes() -> Vec<Shape> {
        vec![
            Shape::Constant,
            Shape::Exponential,
            Shape::erlang(0.5).expect("four stages"),
            Shape::gamma(0.7).expect("valid"),
            Shape::gamma(2.0).expect("valid"),
            Shape::lognormal(1.5).expect("valid"),
            Shape::hyperexponential(3.0).expect("valid"),
            Shape::weibull(0.3).expect("valid"),
            Shape::weibull(2.0).expect("valid"),
            Shape::pareto(0.6).expect("valid"),
        ]
    }

    /// Mean and cv by integrating the quantile function with the substitution p = s²(3 - 2s), which
    /// tames both tails.
    fn integrated(shape: &Shape) -> (f64, f64) {
        let cells = 400_000;
        let (mut first, mut second) = (0.0, 0.0);
        for cell in 0..cells {
            let s = (f64::from(cell) + 0.5) / f64::from(cells);
            let weight = 6.0 * s * (1.0 - s) / f64::from(cells);
            let value = shape.quantile(s * s * (3.0 - 2.0 * s));
            first += weight * value;
            second += weight * value * value;
        }
        (first, (second / (first * first) - 1.0).max(0.0).sqrt())
    }

    #[test]
    fn more_variation_adds_its_variance_and_none_changes_nothing() {
        for shape in shapes() {
            assert_eq!(shape.varied_by(0.0), shape);
            let varied = shape.varied_by(0.8);
            let (mean, cv) = integrated(&varied);
            let expected = (shape.cv().powi(2) + 0.64).sqrt();
            assert!((mean - 1.0).abs() < 2e-3, "{varied:?}: mean {mean}");
            assert!((cv - expected).abs() < 0.02 * expected, "{varied:?}: cv {cv}");
        }
    }

    #[test]
    fn every_shape_has_mean_1_and_the_cv_it_states() {
        for shape in shapes() {
            let (mean, cv) = integrated(&shape);
            assert!((mean - 1.0).abs() < 2e-3, "{shape:?}: mean {mean}");
            assert!((cv - shape.cv()).abs() < 0.02 * shape.cv() + 1e-6, "{shape:?}: cv {cv}");
        }
    }

    #[test]
    fn quantiles_increase() {
        for shape in shapes() {
            let values: Vec<f64> =
                (1..1000).map(|i| shape.quantile(f64::from(i) / 1000.0)).collect();
            assert!(values.is_sorted(), "{shape:?}");
        }
    }

    #[test]
    fn an_erlang_law_needs_a_whole_number_of_stages() {
        let error = Shape::erlang(0.55).expect_err("1/0.3025 is not whole");
        assert_eq!(error, LawError::ErlangCv { cv: 0.55, lower: 0.5, upper: 0.5774 });
    }

    #[test]
    fn observed_values_are_their_own_quantiles() {
        let (mean, shape) = Shape::empirical(vec![3.0, 1.0, 2.0]).expect("valid");
        assert_eq!(mean, 2.0);
        assert_eq!(shape.quantile(0.5) * mean, 2.0);
        assert_eq!(shape.quantile(0.75) * mean, 2.5);
    }
}
