//! `explain.csv`: one row per deployment, flow, quantile and part of the time.

use std::io::Write;

use sim::results::Results;

use super::rows::{Row, Rows, header};
use crate::{Context, Report, ReportError};

/// Writes `explain.csv`.
pub(crate) struct Explain;

impl Report for Explain {
    fn file_name(&self) -> &'static str {
        "explain.csv"
    }

    fn applies(&self, results: &Results) -> bool {
        results.explanation.is_some()
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let header = header(
            "scenario,deployment,flow,tenant,quantile,requests,sojourn_ms,sojourn_ms_half_width,\
             activity,role,cluster,ms,ms_half_width,share",
        );
        let mut rows = Rows::new(out, context.results, &header)?;
        for flow in context.results.explanation.iter().flat_map(|all| &all.flows) {
            for quantile in &flow.quantiles {
                let of_quantile = Row::default()
                    .name(context.scenario_name)
                    .name(&flow.deployment)
                    .name(&flow.flow)
                    .name(&flow.tenant)
                    .word(quantile.name)
                    .number(quantile.requests as f64)
                    .estimate(&quantile.sojourn_ms);
                for part in &quantile.parts {
                    let row = of_quantile.clone().word(part.activity.name());
                    let row = row.word(part.role.unwrap_or_default());
                    let row = row.name(part.cluster.as_deref().unwrap_or_default());
                    let share = part.ms.mean / quantile.sojourn_ms.mean;
                    rows.write(row.estimate(&part.ms).number(share))?;
                }
            }
        }
        rows.finish()
    }
}
