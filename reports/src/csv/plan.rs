//! `plan.csv`: one row per candidate that was looked at, the chosen one of each deployment first.

use std::io::Write;

use super::rows::{Row, Rows, header};
use crate::ReportError;
use crate::planned::{PlanContext, cluster, in_order, nodes, verdict};

/// Writes the file of a plan.
pub(crate) fn plan(context: &PlanContext<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
    let header = header(
        "scenario,pattern,nodes,price_per_month,verdict,binding_goal,binding_flow,\
         binding_cluster,margin,replications,deployment,binding_situation,chosen",
    );
    let mut rows = Rows::plain(out, &header)?;
    for planned in &context.plan.deployments {
        let chosen = planned.chosen();
        for candidate in in_order(planned) {
            let binding = candidate.binding.as_ref();
            let goal = binding.map(|binding| binding.goal.name()).unwrap_or_default();
            let is_chosen = chosen.is_some_and(|chosen| chosen.nodes == candidate.nodes);
            rows.write(
                Row::default()
                    .name(context.scenario_name)
                    .word(&planned.pattern)
                    .name(&nodes(planned, candidate))
                    .number(candidate.price_per_month)
                    .word(verdict(candidate.answer))
                    .word(&goal)
                    .name(binding.map_or("", |binding| &binding.flow))
                    .name(binding.and_then(|one| cluster(planned, one)).unwrap_or_default())
                    .optional(binding.and_then(|binding| binding.margin))
                    .number(f64::from(candidate.replications))
                    .name(&planned.name)
                    .word(binding.map_or("", |binding| &binding.situation))
                    .word(if is_chosen { "yes" } else { "no" }),
            )?;
        }
    }
    rows.finish()
}
