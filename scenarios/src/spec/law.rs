//! Laws of durations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Duration;

/// A law of durations: a bare duration is constant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Law {
    /// Always this long.
    Constant(Duration),
    /// A law by mean and coefficient of variation, or observed values.
    Table(LawTable),
}

/// A law by mean and coefficient of variation, or observed values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LawTable {
    /// The family.
    pub law: LawName,
    /// The mean; with every law but `empirical`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<Duration>,
    /// Coefficient of variation: standard deviation over mean; where the mean does not fix it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub cv: Option<f64>,
    /// `empirical` only: a CSV file with a header and a value per row, relative to this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// `empirical` only: the header of the column, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// `empirical` only: the unit of the values, where the header does not end in it (`latency_ms`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
}

/// The family of a law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LawName {
    /// Always the mean.
    Constant,
    /// Exponential, cv 1.
    Exponential,
    /// Sum of equal exponentials; 1/cv² is a whole number.
    Erlang,
    /// Gamma.
    Gamma,
    /// Lognormal.
    Lognormal,
    /// Mixture of two exponentials with balanced means; cv at least 1.
    Hyperexponential,
    /// Weibull.
    Weibull,
    /// Pareto, type I.
    Pareto,
    /// Values that were observed.
    Empirical,
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Nanoseconds.
    Ns,
    /// Microseconds.
    Us,
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
    /// Minutes.
    Min,
    /// Hours.
    H,
}
