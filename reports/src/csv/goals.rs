//! `goals.csv`: one row per deployment, goal, flow and situation.

use std::io::Write;

use sim::results::Results;

use super::rows::{Row, Rows, header};
use crate::{Context, Report, ReportError, phrases};

/// Writes `goals.csv`: limits and what was found, in the unit of the row.
pub(crate) struct Goals;

impl Report for Goals {
    fn file_name(&self) -> &'static str {
        "goals.csv"
    }

    fn applies(&self, results: &Results) -> bool {
        results.deployments.iter().any(|deployment| !deployment.goal_checks.is_empty())
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let header = header(
            "scenario,deployment,goal,flow,situation,limit,found,found_half_width,verdict,\
             tenant,unit,found_lower,found_upper,reason",
        );
        let mut rows = Rows::new(out, context.results, &header)?;
        for deployment in &context.results.deployments {
            for check in &deployment.goal_checks {
                rows.write(
                    Row::default()
                        .name(context.scenario_name)
                        .name(&deployment.name)
                        .word(&check.goal.name())
                        .name(&check.flow)
                        .name(&check.situation)
                        .number(check.limit)
                        .optional(check.found.map(|found| found.mean))
                        .optional(check.found.and_then(|found| found.half_width))
                        .word(phrases::verdict(check.verdict))
                        .name(&check.tenant)
                        .word(check.goal.unit().name())
                        .optional(check.found.and_then(|found| found.lower))
                        .optional(check.found.and_then(|found| found.upper))
                        .name(&phrases::reason(check).unwrap_or_default()),
                )?;
            }
        }
        rows.finish()
    }
}
