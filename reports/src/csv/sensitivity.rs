//! `sensitivity.csv`: one row per deployment, change and flow, with the minutes of downtime a year that it buys.

use std::io::Write;

use sim::results::{Bought, BoughtOfFlow, DeploymentResult, FlowResult, Results};

use super::columns::{self, Column};
use crate::bought::{self, Finding};
use crate::{Context, Report, ReportError};

/// Writes `sensitivity.csv`.
pub(crate) struct Sensitivity;

/// A change, and what it buys a flow.
struct Pulled<'a> {
    scenario_name: &'a str,
    deployment: &'a DeploymentResult,
    flow: &'a FlowResult,
    change: &'a Bought,
    /// As it is, and as it would be.
    from: String,
    to: String,
    /// None where the deployment would not carry what comes.
    bought: Option<&'a BoughtOfFlow>,
}

impl Report for Sensitivity {
    fn file_name(&self) -> &'static str {
        "sensitivity.csv"
    }

    fn applies(&self, results: &Results) -> bool {
        results.deployments.iter().any(|deployment| deployment.sensitivity.is_some())
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let (results, scenario_name) = (context.results, context.scenario_name);
        let rows = results.deployments.iter().flat_map(|deployment| {
            let changes = deployment.sensitivity.iter().flatten();
            changes.flat_map(move |change| {
                deployment.flows.iter().enumerate().map(move |(place, flow)| {
                    let of_flow = change.flows.as_ref().and_then(|flows| flows.get(place));
                    let [from, to] = [&change.lever.from, &change.lever.to].map(bought::setting);
                    Pulled { scenario_name, deployment, flow, change, from, to, bought: of_flow }
                })
            })
        });
        columns::write(out, results, &header(), rows)
    }
}

fn header<'a>() -> Vec<Column<'a, Pulled<'a>>> {
    fn number<'a>(name: &str, value: fn(&BoughtOfFlow) -> Option<f64>) -> Column<'a, Pulled<'a>> {
        Column::number(name, move |of: &Pulled<'_>| value(of.bought?))
    }
    vec![
        Column::name("scenario", |of: &Pulled<'_>| of.scenario_name),
        Column::name("deployment", |of| &of.deployment.name),
        Column::name("pattern", |of| &of.deployment.pattern),
        Column::name("flow", |of| &of.flow.name),
        Column::name("tenant", |of| &of.flow.tenant),
        Column::word("what", |of| of.change.lever.what.name()),
        Column::name("failure", |of| of.change.lever.failure.as_deref().unwrap_or_default()),
        Column::name("cluster", |of| of.change.lever.cluster.as_deref().unwrap_or_default()),
        Column::word("from", |of| &of.from),
        Column::word("to", |of| &of.to),
        number("minutes_now", |of| Some(of.now.mean)),
        number("minutes_now_half_width", |of| of.now.half_width),
        number("minutes_then", |of| Some(of.then.mean)),
        number("minutes_then_half_width", |of| of.then.half_width),
        number("bought", |of| Some(of.bought.mean)),
        number("bought_half_width", |of| of.bought.half_width),
        Column::word("finding", |of| Finding::of(of.bought).words()),
    ]
}
