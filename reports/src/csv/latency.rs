//! `latency.csv`: the whole distribution of the sojourn time, one row per deployment, flow and
//! quantile.

use std::io::Write;

use super::rows::{Row, Rows, header};
use crate::{Context, Report, ReportError};

/// Writes `latency.csv`.
pub(crate) struct Latency;

impl Report for Latency {
    fn file_name(&self) -> &'static str {
        "latency.csv"
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let header = header("scenario,deployment,flow,tenant,quantile,sojourn_ms");
        let mut rows = Rows::new(out, context.results, &header)?;
        for deployment in &context.results.deployments {
            for flow in &deployment.flows {
                let first = Row::default()
                    .name(context.scenario_name)
                    .name(&deployment.name)
                    .name(&flow.name)
                    .name(&flow.tenant);
                for &(probability, ms) in &flow.distribution {
                    rows.write(first.clone().number(probability).number(ms))?;
                }
            }
        }
        rows.finish()
    }
}
