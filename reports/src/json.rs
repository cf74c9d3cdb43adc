//! `results.json`: everything that was found, with the inputs as understood, seed and version.
//!
//! An estimate is `{"mean", "half_width", "lower", "upper"}`; what is no finite number is null, as is
//! the side on which an interval is open.

use std::io::Write;

use serde_json::{Map, Value, json};
use sim::deployment::FlowKind;
use sim::quantity::Quantity;
use sim::results::{
    ClusterResult, DeploymentResult, Difference, Distinction, ExplainedFlow, ExplainedPart,
    ExplainedQuantile, Explanation, FlowResult, GoalCheck, OutOfReach, Overload, Results,
    TimelinePoint, Verdict,
};
use sim::stats::Estimate;

use crate::{Context, Report, ReportError, phrases};

/// Writes `results.json`.
pub(crate) struct ResultsJson;

impl Report for ResultsJson {
    fn file_name(&self) -> &'static str {
        "results.json"
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        serde_json::to_writer_pretty(&mut *out, &json(context))?;
        Ok(out.write_all(b"\n")?)
    }
}

/// The content of `results.json`, which `--json` prints.
pub fn json(context: &Context<'_>) -> Value {
    let results = context.results;
    json!({
        "scenario": scenario(context),
        "version": context.version,
        "seed": results.scenario.run.seed,
        "partial": results.partial,
        "window_s": results.scenario.run.window.as_seconds(),
        "warm_up_s": results.warm_up.as_seconds(),
        "warm_up_found": results.warm_up_found,
        "replications": results.replications,
        "confidence": results.scenario.run.confidence,
        "deployments": results.deployments.iter().map(deployment).collect::<Vec<_>>(),
        "differences": results.differences.iter().map(difference).collect::<Vec<_>>(),
        "out_of_reach": results.out_of_reach.iter().map(out_of_reach).collect::<Vec<_>>(),
        "explanation": results.explanation.as_ref().map(explanation),
        "conclusion": crate::conclusion::sentence(results),
        "events": results.events,
        "wall_seconds": context.wall_seconds,
    })
}

/// Name, title and question, then the inputs as understood beside them.
fn scenario(context: &Context<'_>) -> Value {
    let Results { scenario, .. } = context.results;
    let mut object = Map::new();
    object.insert("name".to_owned(), json!(context.scenario_name));
    object.insert("title".to_owned(), json!(scenario.title));
    object.insert("question".to_owned(), json!(scenario.question));
    match context.inputs {
        Value::Object(inputs) => {
            for (key, value) in inputs {
                object.entry(key.as_str()).or_insert_with(|| value.clone());
            }
        }
        other => {
            object.insert("inputs".to_owned(), other.clone());
        }
    }
    Value::Object(object)
}

fn deployment(deployment: &DeploymentResult) -> Value {
    let nodes: Map<_, _> =
        deployment.clusters.iter().map(|c| (c.name.clone(), json!(c.nodes))).collect();
    let overloads: Vec<_> = deployment.overloads.iter().map(overload).collect();
    json!({
        "name": deployment.name,
        "pattern": deployment.pattern,
        "nodes": nodes,
        "flows": deployment.flows.iter().map(flow).collect::<Vec<_>>(),
        "clusters": deployment.clusters.iter().map(cluster).collect::<Vec<_>>(),
        "price_per_month": deployment.price_per_month,
        "meets_goals": meets_goals(deployment.verdict),
        "verdict": deployment.verdict.map(phrases::verdict),
        "overload": overloads.first(),
        "overloads": overloads,
        "goals": deployment.goal_checks.iter().map(goal).collect::<Vec<_>>(),
        "notes": deployment.notes,
    })
}

fn overload(overload: &Overload) -> Value {
    json!({
        "cluster": overload.cluster,
        "flows": overload.flows,
        "offered_load_cores": overload.offered_load_cores,
        "offered_load_with_stops_cores": overload.offered_load_with_stops_cores,
        "cores": overload.cores,
        "offered_rps": overload.offered_rps,
        "carried_rps": overload.carried_rps,
    })
}

fn flow(flow: &FlowResult) -> Value {
    let causes: Map<_, _> = flow
        .errors_by_cause
        .iter()
        .map(|(cause, share)| (cause.name().to_owned(), optional(share.as_ref())))
        .collect();
    let mut sojourn = Map::new();
    sojourn.insert("mean".to_owned(), optional(flow.mean_ms.as_ref()));
    sojourn.insert("sd".to_owned(), optional(flow.sd_ms.as_ref()));
    for probability in sim::stats::QUANTILES {
        let name = Quantity::quantile(probability).name().replace('.', "_");
        sojourn.insert(name, optional(flow.quantile_ms(probability)));
    }
    json!({
        "name": flow.name,
        "tenant": flow.tenant,
        "kind": kind(flow.kind),
        "offered_rps": flow.offered_rps.mean,
        "offered_rps_half_width": flow.offered_rps.half_width,
        "throughput_rps": estimate(&flow.throughput_rps),
        "error_fraction": optional(flow.error_fraction.as_ref()),
        "errors_by_cause": causes,
        "wasted_fraction": optional(flow.wasted_fraction.as_ref()),
        "sojourn_ms": sojourn,
        "availability": optional(flow.availability.as_ref()),
        "retries": optional(flow.retries.as_ref()),
        "distribution": distribution(flow),
        "timeline": flow.timeline.iter().map(second).collect::<Vec<_>>(),
    })
}

/// The whole distribution of the sojourn time, as two lists of the same length.
fn distribution(flow: &FlowResult) -> Value {
    let (quantiles, sojourn_ms): (Vec<_>, Vec<_>) = flow.distribution.iter().copied().unzip();
    json!({ "quantile": quantiles, "sojourn_ms": sojourn_ms })
}

/// Of errors, the causes that occurred.
fn second(point: &TimelinePoint) -> Value {
    let occurred = point.errors_by_cause_rps.iter().filter(|(_, rate)| **rate > 0.0);
    let causes: Map<_, _> =
        occurred.map(|(cause, rate)| (cause.name().to_owned(), json!(rate))).collect();
    json!({
        "second": point.second,
        "throughput_rps": point.throughput_rps,
        "errors_rps": point.errors_rps,
        "errors_by_cause_rps": causes,
        "wasted_rps": point.wasted_rps,
        "p99_ms": point.p99_ms,
    })
}

fn cluster(cluster: &ClusterResult) -> Value {
    json!({
        "name": cluster.name,
        "tenant": cluster.tenant,
        "profile": cluster.profile,
        "nodes": cluster.nodes,
        "cores": cluster.cores,
        "utilisation": estimate(&cluster.utilisation),
        "gc_share": estimate(&cluster.gc_share),
        "stall_share": estimate(&cluster.stall_share),
        "occupied_share": estimate(&cluster.occupied_share),
        "in_flight_per_cluster": estimate(&cluster.in_flight_per_cluster),
        "peak_in_flight_per_node": cluster.peak_in_flight_per_node,
        "workers_busy_per_node": estimate(&cluster.workers_busy_per_node),
        "entered_rps": estimate(&cluster.entered_rps),
        "throughput_rps": estimate(&cluster.throughput_rps),
        "failed_rps": estimate(&cluster.failed_rps),
        "rejected_rps": estimate(&cluster.rejected_rps),
        "restarts": estimate(&cluster.restarts),
        "node_availability": estimate(&cluster.node_availability),
        "offered_load_cores": cluster.offered_load_cores,
        "offered_load_with_stops_cores": cluster.offered_load_with_stops_cores,
    })
}

fn goal(check: &GoalCheck) -> Value {
    json!({
        "goal": check.goal.name(),
        "flow": check.flow,
        "tenant": check.tenant,
        "situation": check.situation,
        "unit": check.goal.unit().name(),
        "limit": check.limit,
        "found": optional(check.found.as_ref()),
        "verdict": phrases::verdict(check.verdict),
        "reason": phrases::reason(check),
    })
}

fn difference(difference: &Difference) -> Value {
    json!({
        "deployment": difference.deployment,
        "baseline": difference.baseline,
        "flow": difference.flow,
        "tenant": difference.tenant,
        "quantity": difference.quantity.column(),
        "unit": difference.quantity.unit().name(),
        "difference": estimate(&difference.difference),
        "least_that_matters": difference.least,
        "p_value": difference.p_value,
        "real": difference.distinction == Distinction::Real,
        "finding": phrases::distinction(difference.distinction),
    })
}

fn out_of_reach(found: &OutOfReach) -> Value {
    json!({
        "flow": found.flow,
        "tenant": found.tenant,
        "goal": found.goal.name(),
        "limit": found.limit,
        "backend_alone": found.alone,
    })
}

/// The name that scenario files use.
pub(crate) fn kind(kind: FlowKind) -> &'static str {
    match kind {
        FlowKind::Api => "api",
        FlowKind::Token => "token",
        FlowKind::Portal => "portal",
        FlowKind::Stream => "stream",
    }
}

/// Undecided is neither true nor false.
fn meets_goals(verdict: Option<Verdict>) -> Option<bool> {
    match verdict {
        Some(Verdict::Met) => Some(true),
        Some(Verdict::Missed) => Some(false),
        Some(Verdict::Undecided) | None => None,
    }
}

/// What requests around each quantile spend their time on.
fn explanation(explanation: &Explanation) -> Value {
    let part = |part: &ExplainedPart| {
        json!({
            "activity": part.activity.name(),
            "role": part.role,
            "cluster": part.cluster,
            "ms": estimate(&part.ms),
        })
    };
    let quantile = |quantile: &ExplainedQuantile| {
        json!({
            "quantile": quantile.name,
            "requests": quantile.requests,
            "sojourn_ms": estimate(&quantile.sojourn_ms),
            "parts": quantile.parts.iter().map(part).collect::<Vec<_>>(),
        })
    };
    let flow = |flow: &ExplainedFlow| {
        json!({
            "deployment": flow.deployment,
            "flow": flow.flow,
            "tenant": flow.tenant,
            "quantiles": flow.quantiles.iter().map(quantile).collect::<Vec<_>>(),
        })
    };
    json!({
        "replications": explanation.replications,
        "flows": explanation.flows.iter().map(flow).collect::<Vec<_>>(),
    })
}

fn estimate(estimate: &Estimate) -> Value {
    json!({
        "mean": estimate.mean,
        "half_width": estimate.half_width,
        "lower": estimate.lower,
        "upper": estimate.upper,
    })
}

fn optional(found: Option<&Estimate>) -> Value {
    found.map_or_else(|| estimate(&Estimate::unknown(f64::NAN)), estimate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fabricated;

    #[test]
    fn everything_found_is_in_the_json() {
        for (name, mut results) in
            [("launch", fabricated::launch()), ("silent", fabricated::silent())]
        {
            for flow in results.deployments.iter_mut().flat_map(|d| &mut d.flows) {
                flow.distribution.truncate(2);
                flow.timeline.truncate(2);
            }
            let text = serde_json::to_string_pretty(&json(&fabricated::context(&results)));
            insta::assert_snapshot!(name, text.expect("a value is JSON"));
        }
    }

    #[test]
    fn undecided_goals_are_null_and_quantiles_have_names_that_scripts_can_use() {
        let results = fabricated::launch();
        let found = json(&fabricated::context(&results));
        let meets: Vec<_> =
            (0..3).map(|i| found["deployments"][i]["meets_goals"].clone()).collect();
        assert_eq!(meets, [json!(false), json!(null), json!(true)]);
        let sojourn = &found["deployments"][0]["flows"][0]["sojourn_ms"];
        for name in ["mean", "sd", "p50", "p75", "p90", "p95", "p98", "p99", "p99_9", "p99_99"] {
            assert!(sojourn[name]["mean"].is_f64(), "{name}");
        }
    }

    #[test]
    fn inputs_stand_beside_the_name_of_the_scenario() {
        let results = fabricated::launch();
        let found = json(&fabricated::context(&results));
        assert_eq!(found["scenario"]["name"], "retail");
        assert_eq!(found["scenario"]["goal"]["p99"], "300 ms");
    }
}
