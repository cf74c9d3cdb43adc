//! `differences.csv`: one row per deployment, flow and quantity, against the first deployment.

use std::io::Write;

use sim::results::{Distinction, Results};

use super::rows::{Row, Rows, header};
use crate::{Context, Report, ReportError, phrases};

/// Writes `differences.csv`.
pub(crate) struct Differences;

impl Report for Differences {
    fn file_name(&self) -> &'static str {
        "differences.csv"
    }

    fn applies(&self, results: &Results) -> bool {
        !results.differences.is_empty()
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let header = header(
            "scenario,deployment,baseline,flow,quantity,difference,difference_half_width,real,\
             tenant,unit,least_that_matters,p_value,finding",
        );
        let mut rows = Rows::new(out, context.results, &header)?;
        for difference in &context.results.differences {
            rows.write(
                Row::default()
                    .name(context.scenario_name)
                    .name(&difference.deployment)
                    .name(&difference.baseline)
                    .name(&difference.flow)
                    .word(&difference.quantity.column())
                    .estimate(&difference.difference)
                    .word(if difference.distinction == Distinction::Real { "yes" } else { "no" })
                    .name(&difference.tenant)
                    .word(difference.quantity.unit().name())
                    .number(difference.least)
                    .number(difference.p_value)
                    .word(phrases::distinction(difference.distinction)),
            )?;
        }
        rows.finish()
    }
}
