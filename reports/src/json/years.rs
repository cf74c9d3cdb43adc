//! Years of failures of a flow, and what changes of its deployment would buy of them.

use serde_json::{Map, Value, json};
use sim::results::{Bought, BoughtOfFlow, DeploymentResult};
use sim::years::{Culprit, FlowYears};

use super::estimate;
use crate::bought::{Finding, setting};

pub(super) fn year(years: &FlowYears) -> Value {
    let minutes = Culprit::ALL
        .map(|culprit| (culprit.name().to_owned(), json!(years.minutes[culprit as usize])));
    json!({
        "availability": estimate(&years.availability),
        "time_available": estimate(&years.time_available),
        "downtime_minutes": estimate(&years.downtime_minutes()),
        "downtime_minutes_by_cause": Map::from_iter(minutes),
        "outages": years.outages_per_year,
        "outage_mean_s": years.outage_seconds.map(|(mean, _)| mean),
        "outage_p95_s": years.outage_seconds.map(|(_, p95)| p95),
        "requests_lost": estimate(&years.lost_per_year),
        "probability_of_goal": years.meets_goal.as_ref().map(estimate),
        "p99_ms": years.latency_ms.map(|(p99, _)| p99),
        "p99_9_ms": years.latency_ms.map(|(_, p99_9)| p99_9),
    })
}

/// What each change buys each flow; nothing where the deployment would not carry what comes then.
pub(super) fn sensitivity(deployment: &DeploymentResult, bought: &[Bought]) -> Value {
    let flow = |(place, one): (usize, &BoughtOfFlow)| {
        json!({
            "flow": deployment.flows[place].name,
            "minutes_now": estimate(&one.now),
            "minutes_then": estimate(&one.then),
            "bought": estimate(&one.bought),
            "finding": Finding::of(Some(one)).words(),
        })
    };
    let change = |one: &Bought| {
        let flows = one.flows.iter().flatten().enumerate().map(flow);
        json!({
            "what": one.lever.what.name(),
            "failure": one.lever.failure,
            "cluster": one.lever.cluster,
            "from": setting(&one.lever.from),
            "to": setting(&one.lever.to),
            "flows": flows.collect::<Vec<_>>(),
        })
    };
    Value::Array(bought.iter().map(change).collect())
}
