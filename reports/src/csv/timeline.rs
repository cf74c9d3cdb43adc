//! `timeline.csv`: one row per deployment, flow and second, where a drill is scripted or a restart planned.

use std::io::Write;

use sim::cause::Cause;
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
        results.scenario.is_eventful()
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let first =
            header("scenario,deployment,flow,tenant,second,throughput_rps,errors_rps,p99_ms");
        let causes = Cause::ALL.map(|cause| format!("errors_{}_rps", cause.name()));
        let header = [first, causes.to_vec(), header("wasted_rps")].concat();
        let mut rows = Rows::new(out, context.results, &header)?;
        for deployment in &context.results.deployments {
            for flow in &deployment.flows {
                for point in &flow.timeline {
                    let row = Row::default()
                        .name(context.scenario_name)
                        .name(&deployment.name)
                        .name(&flow.name)
                        .name(&flow.tenant)
                        .number(f64::from(point.second))
                        .number(point.throughput_rps)
                        .number(point.errors_rps)
                        .optional(point.p99_ms);
                    let causes = point.errors_by_cause_rps.iter();
                    let row = causes.fold(row, |row, (_, rate)| row.number(*rate));
                    rows.write(row.number(point.wasted_rps))?;
                }
            }
        }
        rows.finish()
    }
}
