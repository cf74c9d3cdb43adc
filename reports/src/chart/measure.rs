//! What one panel of the comparison shows of a flow.

use sim::results::{FlowResult, Results};
use sim::scenario::LatencyMetric;
use sim::stats::Estimate;

use super::scale::Scale;
use crate::number::Unit;
use crate::phrases;

/// Carried rates are shown on a logarithmic axis where they span more.
const SPREAD_OF_RATES: f64 = 30.0;
/// As for rates.
const SPREAD_OF_LATENCIES: f64 = 10.0;
/// A goal beyond so many times what was found would press everything to the ground.
const FAR: f64 = 4.0;

/// A measure of a flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Measure {
    /// What is carried, against what is offered.
    Throughput,
    /// The latency that the first goal speaks of, or p99.
    Latency(LatencyMetric),
    /// Requests that ended in an error.
    Errors,
}

impl Measure {
    /// What the comparison shows, from top to bottom.
    pub(super) fn all(results: &Results) -> [Self; 3] {
        let first = results.scenario.goals.latency.first();
        let metric = first.map_or(LatencyMetric::Quantile(0.99), |(metric, _)| *metric);
        [Self::Throughput, Self::Latency(metric), Self::Errors]
    }

    /// Its name and unit.
    pub(super) fn heading(self, logarithmic: bool) -> String {
        let name = match self {
            Self::Throughput => "Carried requests, /s; black line: offered".to_owned(),
            Self::Latency(metric) => format!("{} of the sojourn time, ms", phrases::metric(metric)),
            Self::Errors => "Requests that ended in an error, %".to_owned(),
        };
        name + if logarithmic { " (log scale)" } else { "" }
    }

    /// Its unit.
    pub(super) fn unit(self) -> Unit {
        match self {
            Self::Throughput => Unit::PerSecond,
            Self::Latency(_) => Unit::Milliseconds,
            Self::Errors => Unit::Percent,
        }
    }

    /// The limit that a goal sets, as the results have it.
    pub(super) fn goal(self, results: &Results) -> Option<f64> {
        let goals = &results.scenario.goals;
        match self {
            Self::Throughput => None,
            Self::Latency(metric) => {
                let limit = goals.latency.iter().find(|(limited, _)| *limited == metric);
                limit.map(|(_, limit)| limit.as_ms())
            }
            Self::Errors => goals.error_rate,
        }
    }

    /// What is offered, where that belongs beside it.
    pub(super) fn offered(self, flow: &FlowResult) -> Option<f64> {
        (self == Self::Throughput).then_some(flow.offered_rps.mean)
    }

    /// In the unit of the axis.
    pub(super) fn shown(self, value: f64) -> f64 {
        if self.unit() == Unit::Percent { value * 100.0 } else { value }
    }

    /// What was found, in the unit of the axis; none where it is no number.
    pub(super) fn found(self, flow: &FlowResult) -> Option<Estimate> {
        let found = match self {
            Self::Throughput => Some(&flow.throughput_rps),
            Self::Latency(metric) => flow.latency_ms(metric),
            Self::Errors => flow.error_fraction.as_ref(),
        };
        let found = found.filter(|found| found.mean.is_finite())?;
        let shown = found.scaled(self.shown(1.0));
        Some(match found.half_width {
            Some(half_width) if !half_width.is_finite() => Estimate::unknown(shown.mean),
            _ => shown,
        })
    }

    /// An axis that holds what was found, and the goal where it is near.
    pub(super) fn scale(self, results: &Results) -> Scale {
        let flows = results.deployments.iter().flat_map(|deployment| &deployment.flows);
        let mut values: Vec<f64> = flows
            .flat_map(|flow| {
                let found = self.found(flow);
                let top = found.map(|found| found.mean + found.half_width.unwrap_or(0.0));
                top.into_iter().chain(self.offered(flow))
            })
            .collect();
        let largest = values.iter().copied().fold(0.0, f64::max);
        let near = |goal: &f64| largest <= 0.0 || *goal < largest * FAR;
        values.extend(self.goal(results).map(|goal| self.shown(goal)).filter(near));
        let spread = match self {
            Self::Throughput => SPREAD_OF_RATES,
            Self::Latency(_) => SPREAD_OF_LATENCIES,
            Self::Errors => f64::INFINITY,
        };
        Scale::by_range(values, spread)
    }
}
