//! The figures of a load test, measured beside simulated: errors for whoever reads them, residuals for the
//! search.

use super::silences;
use super::trial::Outcome;
use crate::measurement::{Figure, LoadTest, Measurement, RESOLUTION};

/// Of throughputs and means, as shares.
const TOLERATED: f64 = 0.015;
/// Residuals beyond so many tolerances count less and less (pseudo-Huber loss).
const OUTLIER: f64 = 4.0;

/// Relative errors of a simulated operation, simulated ÷ measured - 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Errors {
    /// Of the throughput.
    pub throughput: Option<f64>,
    /// Of the mean.
    pub mean: Option<f64>,
    /// Of the quantiles, each with its probability.
    pub quantiles: Vec<(f64, f64)>,
    /// Of the share of time in garbage collection.
    pub gc_share: Option<f64>,
}

impl Errors {
    /// Of what was simulated.
    pub(super) fn of(measured: &Measurement, simulated: &Outcome) -> Self {
        let off = |measured: f64, simulated: f64| simulated / measured - 1.0;
        let quantiles = measured.quantiles.iter().zip(&simulated.quantiles);
        Self {
            throughput: measured.throughput.map(|value| off(value, simulated.throughput)),
            mean: measured.mean.map(|value| off(value, simulated.mean)),
            quantiles: quantiles.map(|((p, value), found)| (*p, off(*value, *found))).collect(),
            gc_share: measured.gc_share.map(|value| off(value, simulated.gc_share)),
        }
    }
}

/// Residuals of a test, each in units of the difference that is tolerated. Its operations have their
/// shares of the throughput from what was measured: only the sum says something.
pub(super) fn residuals(test: &LoadTest, simulated: &[Outcome]) -> Vec<f64> {
    let mut found = Vec::new();
    if let Some(throughput) = throughput(test) {
        let all = simulated.iter().map(|outcome| outcome.throughput).sum();
        found.push(residual(throughput, all, TOLERATED));
    }
    for (measured, simulated) in test.operations.iter().zip(simulated) {
        found.extend(of_operation(measured, simulated));
    }
    found
}

/// How many residuals a test has.
pub(super) fn count(test: &LoadTest) -> usize {
    let of_operation = |row: &Measurement| {
        usize::from(row.mean.is_some())
            + row.quantiles.len()
            + usize::from(row.gc_share.is_some())
            + silences::count(row)
    };
    let of_operations: usize = test.operations.iter().map(of_operation).sum();
    usize::from(throughput(test).is_some()) + of_operations
}

/// Of all operations together, answered.
fn throughput(test: &LoadTest) -> Option<f64> {
    test.operations.iter().map(|row| row.throughput).sum()
}

fn of_operation(measured: &Measurement, simulated: &Outcome) -> Vec<f64> {
    let mut found = Vec::new();
    if let Some(mean) = measured.mean {
        let bounds = measured.bounds_of(Figure::Mean, mean);
        found.push(residual_of(bounds, simulated.mean, TOLERATED.hypot(chance(measured))));
    }
    for ((probability, value), simulated) in measured.quantiles.iter().zip(&simulated.quantiles) {
        // From 2.4 % at p75 to 6 % at p99 and 12 % at p99.9: as repeats scatter.
        let nines = -(1.0 - probability).max(1e-6).log10();
        let scatter = 0.02 + 0.011 * nines * nines;
        let bounds = measured.bounds_of(Figure::Quantile(*probability), *value);
        let tolerance = scatter + RESOLUTION / value.max(RESOLUTION);
        found.push(residual_of(bounds, *simulated, tolerance));
    }
    if let Some(gc_share) = measured.gc_share {
        found.push(residual(gc_share, simulated.gc_share, 0.1));
    }
    for figure in silences::figures(measured, simulated.silences.as_ref()) {
        found.push(residual(figure.measured, figure.simulated, figure.tolerance));
    }
    found
}

/// What chance alone leaves open of a mean, as a share: its standard error, where it is known of how many.
fn chance(measured: &Measurement) -> f64 {
    let known = measured.mean.zip(measured.sd).zip(measured.requests);
    known
        .map_or(0.0, |((mean, sd), requests)| sd / mean.max(1e-9) / (requests.max(1) as f64).sqrt())
}

/// Of a figure that lies between two values: nothing where the simulated one does, too.
fn residual_of((low, high): (f64, f64), simulated: f64, tolerance: f64) -> f64 {
    residual(simulated.max(low).min(high), simulated, tolerance)
}

fn residual(measured: f64, simulated: f64, tolerance: f64) -> f64 {
    let ratio = (simulated.max(1e-9) / measured.max(1e-9)).ln() / tolerance;
    // Pseudo-Huber: quadratic near 0, linear far away.
    let excess = (1.0 + (ratio / OUTLIER).powi(2)).sqrt() - 1.0;
    ratio.signum() * OUTLIER * (2.0 * excess).sqrt()
}
