//! `summary.csv`: one row per deployment and flow.

use std::collections::BTreeSet;
use std::io::Write;

use sim::quantity::{Estimates, Quantity};
use sim::results::{DeploymentResult, FlowResult, Results, Verdict};
use sim::stats::QUANTILES;

use super::columns::{Column, Measured, write};
use crate::{Context, Report, ReportError};

/// Writes `summary.csv`.
pub(crate) struct Summary;

/// What a row is of.
struct Of<'a> {
    scenario: &'a str,
    deployment: &'a DeploymentResult,
    flow: &'a FlowResult,
}

impl Measured for Of<'_> {
    fn found(&self) -> &Estimates {
        &self.flow.found
    }
}

impl Report for Summary {
    fn file_name(&self) -> &'static str {
        "summary.csv"
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let mut columns = first();
        columns.extend(further());
        columns.extend(rest(&columns));
        columns.extend(nodes_by_cluster(context.results));
        let deployments = context.results.deployments.iter();
        let all = deployments.flat_map(|deployment| {
            let of = |flow| Of { scenario: context.scenario_name, deployment, flow };
            deployment.flows.iter().map(of)
        });
        write(out, context.results, &columns, all)
    }
}

/// Columns that scripts rely on, in this order.
fn first<'a>() -> Vec<Column<'a, Of<'a>>> {
    let mut columns = vec![
        Column::name("scenario", |of: &Of<'_>| of.scenario),
        Column::name("deployment", |of| &of.deployment.name),
        Column::name("pattern", |of| &of.deployment.pattern),
        Column::number("nodes", |of: &Of<'_>| Some(f64::from(of.deployment.nodes()))),
        Column::name("flow", |of| &of.flow.name),
        Column::name("tenant", |of| &of.flow.tenant),
        Column::mean(Quantity::Offered),
        Column::mean(Quantity::Throughput),
        Column::half_width(Quantity::Throughput),
        Column::mean(Quantity::ErrorRate),
        Column::mean(Quantity::MEAN),
        Column::half_width(Quantity::MEAN),
    ];
    for quantile in QUANTILES.map(Quantity::quantile) {
        columns.push(Column::mean(quantile));
        if quantile == Quantity::P99 {
            columns.push(Column::half_width_as("p99_half_width_ms", quantile));
        }
    }
    columns.extend(Column::estimate(Quantity::Availability));
    columns.extend([
        Column::number("price_per_month", |of: &Of<'_>| Some(of.deployment.price_per_month)),
        Column::word("meets_goals", |of| meets_goals(of.deployment.verdict)),
    ]);
    columns
}

/// What else is known of a flow.
fn further<'a>() -> Vec<Column<'a, Of<'a>>> {
    let overloaded = |of: &Of<'_>| if of.deployment.overloads.is_empty() { "no" } else { "yes" };
    let mut columns = vec![
        Column::word("overloaded", overloaded),
        Column::half_width(Quantity::ErrorRate),
        Column::mean(Quantity::Deviation),
        Column::half_width(Quantity::Deviation),
        Column::half_width(Quantity::Offered),
    ];
    columns.extend(QUANTILES.map(Quantity::quantile).map(Column::half_width));
    columns.extend(Column::estimate(Quantity::Retries));
    columns.push(Column::word("kind", |of| crate::json::kind(of.flow.kind)));
    columns
}

/// Whatever else is found of a flow. A cause of errors is a part of them, whose half-width stands in
/// `results.json`.
fn rest<'a>(before: &[Column<'a, Of<'a>>]) -> Vec<Column<'a, Of<'a>>> {
    let lacking = Quantity::of_flows().filter(|of| !Column::is_in(&of.column(), before));
    let columns = lacking.flat_map(|quantity| match quantity {
        Quantity::Errors(_) => vec![Column::mean(quantity)],
        _ => Column::estimate(quantity).into(),
    });
    columns.collect()
}

/// The number of nodes of each cluster of any deployment, in order, so that a spreadsheet can pivot;
/// empty where the deployment has no such cluster.
fn nodes_by_cluster<'a>(results: &Results) -> Vec<Column<'a, Of<'a>>> {
    let clusters = results.deployments.iter().flat_map(|deployment| &deployment.clusters);
    let names: BTreeSet<&String> = clusters.map(|cluster| &cluster.name).collect();
    let column = |name: &String| {
        let name = name.clone();
        Column::number(&format!("nodes_{name}"), move |of: &Of<'_>| {
            let own = of.deployment.clusters.iter().find(|cluster| cluster.name == name);
            own.map(|cluster| f64::from(cluster.nodes))
        })
    };
    names.into_iter().map(column).collect()
}

fn meets_goals(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Met) => "yes",
        Some(Verdict::Missed) => "no",
        Some(Verdict::Undecided) => "undecided",
        None => "",
    }
}
