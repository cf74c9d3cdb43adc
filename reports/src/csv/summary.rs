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
pub(super) struct Of<'a> {
    scenario: &'a str,
    pub(super) deployment: &'a DeploymentResult,
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
        let mut columns = columns();
        columns.extend(nodes_by_cluster(&clusters(context.results)));
        write(out, context.results, &columns, all(context.scenario_name, context.results))
    }
}

/// The flows of all deployments, in the order of their rows.
pub(super) fn all<'a>(scenario: &'a str, results: &'a Results) -> impl Iterator<Item = Of<'a>> {
    let deployments = results.deployments.iter();
    deployments.flat_map(move |deployment| {
        deployment.flows.iter().map(move |flow| Of { scenario, deployment, flow })
    })
}

/// The columns that every file has, whatever the scenario.
pub(super) fn columns<'a>() -> Vec<Column<'a, Of<'a>>> {
    let mut columns = first();
    columns.extend(further());
    columns.extend(rest(&columns));
    columns
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

/// The names of the clusters of any deployment, in order.
pub(super) fn clusters(results: &Results) -> BTreeSet<String> {
    let clusters = results.deployments.iter().flat_map(|deployment| &deployment.clusters);
    clusters.map(|cluster| cluster.name.clone()).collect()
}

/// The number of nodes of each of these clusters, so that a spreadsheet can pivot; empty where the deployment has no
/// such cluster.
pub(super) fn nodes_by_cluster<'a>(clusters: &BTreeSet<String>) -> Vec<Column<'a, Of<'a>>> {
    let column = |name: &String| {
        let name = name.clone();
        Column::number(&format!("nodes_{name}"), move |of: &Of<'_>| {
            let own = of.deployment.clusters.iter().find(|cluster| cluster.name == name);
            own.map(|cluster| f64::from(cluster.nodes))
        })
    };
    clusters.iter().map(column).collect()
}

fn meets_goals(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Met) => "yes",
        Some(Verdict::Missed) => "no",
        Some(Verdict::Undecided) => "undecided",
        None => "",
    }
}
