//! `timeline.csv`: one row per deployment, flow and second, where a drill is scripted.

use std::io::Write;

use sim::results::Results;

use super::rows::{Row, Rows, header};
use crate::{Context, Report, ReportError};

/// Writes `timeline.csv`.
pub(crate) struct Timeline;

impl Report for Timeline {
    fn file_name(&self) -> &'static str {
        "timeline.csv"
    }

    fn applies(&self, results: &Results) -> bool {
        !results.scenario.drills.is_empty()
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let header =
            header("scenario,deployment,flow,tenant,second,throughput_rps,errors_rps,p99_ms");
        let mut rows = Rows::new(out, context.results, &header)?;
        for deployment in &context.results.deployments {
            for flow in &deployment.flows {
                for point in &flow.timeline {
                    rows.write(
                        Row::default()
                            .name(context.scenario_name)
                            .name(&deployment.name)
                            .name(&flow.name)
                            .name(&flow.tenant)
                            .number(f64::from(point.second))
                            .number(point.throughput_rps)
                            .number(point.errors_rps)
                            .optional(point.p99_ms),
                    )?;
                }
            }
        }
        rows.finish()
    }
}
