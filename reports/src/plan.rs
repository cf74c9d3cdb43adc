//! What users see of a plan: a table for the terminal, `plan.csv`, `plan.png` and JSON.

mod table;

use std::io::Write;

use serde_json::{Value, json};
use sim::planning::{Candidate, Ended, Planned};

use crate::planned::{cluster, ended, in_order, verdict};
use crate::{ReportError, chart, csv};

pub use crate::planned::{PlanContext, nodes_by_cluster};
pub use table::table as plan_table;

/// Writes `plan.csv`: one row per candidate that was looked at, the chosen one of each deployment first.
///
/// # Errors
///
/// If `out` does not take it.
pub fn plan_csv(context: &PlanContext<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
    csv::plan(context, out)
}

/// Writes `plan.png`: what candidates cost against what is left to the goal that binds.
///
/// # Errors
///
/// If `out` does not take it.
pub fn plan_chart(context: &PlanContext<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
    chart::plan(context, out)
}

/// A plan as JSON.
pub fn plan_json(context: &PlanContext<'_>) -> Value {
    let chosen = context.plan.chosen();
    let of = |planned: &Planned, candidate: &Candidate| {
        json!({
            "pattern": planned.pattern,
            "deployment": planned.name,
            "nodes": nodes_by_cluster(planned, candidate),
            "price_per_month": candidate.price_per_month,
            "verdict": verdict(candidate.answer),
        })
    };
    let patterns = context.plan.deployments.iter().map(|planned| {
        let is_hopeless = matches!(planned.ended, Ended::NoneWithin | Ended::OutOfReach(..));
        let mut pattern = match planned.chosen() {
            Some(candidate) => of(planned, candidate),
            None => json!({
                "pattern": planned.pattern,
                "deployment": planned.name,
                "nodes": null,
                "price_per_month": null,
                "verdict": if is_hopeless { "misses" } else { "undecided" },
            }),
        };
        pattern["ended"] = json!(ended(planned, context.planning));
        pattern["candidates"] = in_order(planned)
            .map(|candidate| {
                let mut row = of(planned, candidate);
                row["replications"] = json!(candidate.replications);
                if let Some(binding) = &candidate.binding {
                    row["binding_goal"] = json!(binding.goal.name());
                    row["binding_flow"] = json!(binding.flow);
                    row["binding_cluster"] = json!(cluster(planned, binding));
                    row["margin"] = json!(binding.margin);
                }
                row
            })
            .collect();
        pattern
    });
    json!({
        "apimsim": context.version,
        "scenario": context.scenario_name,
        "partial": context.plan.is_partial,
        "plan": {
            "confidence": context.planning.confidence,
            "indifference": context.planning.indifference,
            "most": context.planning.most,
            "patterns": patterns.collect::<Value>(),
            "chosen": chosen.map(|(planned, candidate)| of(planned, candidate)),
        },
    })
}
