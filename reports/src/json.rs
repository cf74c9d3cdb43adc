//! `results.json`: everything that was found, with the inputs as understood, seed and version.
//!
//! An estimate is `{"mean", "half_width", "lower", "upper"}`; what is no finite number is null, as is
//! the side on which an interval is open. Where calibrations leave something open, `of_calibration` is the
//! half-width that would remain with any number of replications.

mod years;

use std::io::Write;

use serde_json::{Map, Value, json};
use sim::deployment::FlowKind;
use sim::quantity::Quantity;
use sim::results::{
    ClusterResult, Company, DeploymentResult, Difference, Distinction, ExplainedFlow,
    ExplainedPart, ExplainedQuantile, Explanation, FlowResult, GoalCheck, IsolatedFlow,
    IsolationResult, OutOfReach, Overload, Results, TimelinePoint, Verdict,
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
    let mut json = json!({
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
    });
    if let Some(all) = &results.isolation {
        json["isolation"] = isolation(all);
    }
    json
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
    let mut json = json!({
        "name": deployment.name,
        "pattern": deployment.pattern,
        "nodes": nodes,
        "flows": flows(deployment),
        "clusters": deployment.clusters.iter().map(cluster).collect::<Vec<_>>(),
        "price_per_month": deployment.price_per_month,
        "meets_goals": meets_goals(deployment.verdict),
        "verdict": deployment.verdict.map(phrases::verdict),
        "overload": overloads.first(),
        "overloads": overloads,
        "goals": deployment.goal_checks.iter().map(goal).collect::<Vec<_>>(),
        "notes": deployment.notes.iter().map(|note| &note.text).collect::<Vec<_>>(),
    });
    if let Some(bought) = &deployment.sensitivity {
        json["sensitivity"] = years::sensitivity(deployment, bought);
    }
    json
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

/// What was found of flows; years of failures are there where they have been simulated.
fn flows(deployment: &DeploymentResult) -> Vec<Value> {
    let mut flows: Vec<Value> = deployment.flows.iter().map(flow).collect();
    let years = deployment.years.iter().flat_map(|years| &years.flows);
    for (flow, of) in flows.iter_mut().zip(years) {
        flow["year"] = years::year(of);
    }
    flows
}

fn flow(flow: &FlowResult) -> Value {
    let mut object = Map::new();
    object.insert("name".to_owned(), json!(flow.name));
    object.insert("tenant".to_owned(), json!(flow.tenant));
    object.insert("kind".to_owned(), json!(kind(flow.kind)));
    for (quantity, found) in flow.found.iter() {
        insert(&mut object, quantity, found);
    }
    object.insert("distribution".to_owned(), distribution(flow));
    let timeline = flow.timeline.iter().map(second).collect();
    object.insert("timeline".to_owned(), Value::Array(timeline));
    Value::Object(object)
}

/// Inserts what was found of a quantity under the name of its column: sojourn times and causes of errors
/// into an object of their own. What is offered is given, a number and its half-width.
fn insert(object: &mut Map<String, Value>, quantity: Quantity, found: Option<&Estimate>) {
    let group = match quantity {
        Quantity::Latency(_) | Quantity::Deviation => "sojourn_ms",
        Quantity::Errors(_) => "errors_by_cause",
        Quantity::Offered => {
            let half_width = found.and_then(|found| found.half_width);
            object.insert(quantity.column(), json!(found.map(|found| found.mean)));
            object.insert(quantity.column() + "_half_width", json!(half_width));
            return;
        }
        _ => {
            object.insert(quantity.column(), optional(found));
            return;
        }
    };
    let name = match quantity {
        Quantity::Errors(cause) => cause.name().to_owned(),
        _ => quantity.name().replace('.', "_"),
    };
    let group = object.entry(group).or_insert_with(|| json!({}));
    group.as_object_mut().expect("a group of estimates").insert(name, optional(found));
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
    let mut object = Map::new();
    object.insert("name".to_owned(), json!(cluster.name));
    object.insert("tenant".to_owned(), json!(cluster.tenant));
    object.insert("profile".to_owned(), json!(cluster.profile));
    object.insert("nodes".to_owned(), json!(cluster.nodes));
    object.insert("cores".to_owned(), json!(cluster.cores));
    for (quantity, found) in cluster.found.iter() {
        insert(&mut object, quantity, found);
        if quantity == Quantity::InFlight {
            let peak = json!(cluster.peak_in_flight_per_node);
            object.insert("peak_in_flight_per_node".to_owned(), peak);
        }
    }
    let (alone, with_stops) = (cluster.offered_load_cores, cluster.offered_load_with_stops_cores);
    object.insert("offered_load_cores".to_owned(), json!(alone));
    object.insert("offered_load_with_stops_cores".to_owned(), json!(with_stops));
    Value::Object(object)
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

fn isolation(all: &IsolationResult) -> Value {
    let company = |flow: &IsolatedFlow, company: Company| {
        let found = flow.of(company);
        let of = |quantity: &Quantity| (quantity.column(), optional(found.get(*quantity)));
        Value::Object(IsolatedFlow::SHOWN.iter().map(of).collect())
    };
    let flow = |flow: &IsolatedFlow| {
        let mut object = Map::new();
        object.insert("deployment".to_owned(), json!(flow.deployment));
        object.insert("flow".to_owned(), json!(flow.flow));
        object.insert("tenant".to_owned(), json!(flow.tenant));
        for (of, name) in Company::ALL {
            object.insert(name.to_owned(), company(flow, of));
        }
        let harm: Vec<_> = flow.harm.iter().map(difference).collect();
        object.insert("harm".to_owned(), Value::Array(harm));
        Value::Object(object)
    };
    json!({
        "noisy": all.noisy,
        "factor": all.factor,
        "flows": all.flows.iter().map(flow).collect::<Vec<_>>(),
    })
}

fn estimate(estimate: &Estimate) -> Value {
    let mut json = json!({
        "mean": estimate.mean,
        "half_width": estimate.half_width,
        "lower": estimate.lower,
        "upper": estimate.upper,
    });
    if estimate.of_calibration > 0.0 {
        json["of_calibration"] = json!(estimate.of_calibration);
    }
    json
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
