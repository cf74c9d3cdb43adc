//! `summary.csv`: one row per deployment and flow.

use std::collections::BTreeSet;
use std::io::Write;

use sim::cause::Cause;
use sim::quantity::Quantity;
use sim::results::{DeploymentResult, FlowResult, Results, Verdict};
use sim::stats::Estimate;

use super::rows::{Row, Rows, header};
use crate::{Context, Report, ReportError};

/// Columns that scripts rely on, in this order.
const FIRST: &str = "scenario,deployment,pattern,nodes,flow,tenant,offered_rps,throughput_rps,\
    throughput_rps_half_width,error_fraction,mean_ms,mean_ms_half_width,p50_ms,p75_ms,p90_ms,p95_ms,\
    p98_ms,p99_ms,p99_half_width_ms,p99_9_ms,p99_99_ms,availability,availability_half_width,\
    price_per_month,meets_goals";
/// What else is known of a flow.
const FURTHER: &str = "overloaded,error_fraction_half_width,sd_ms,sd_ms_half_width,\
    offered_rps_half_width,p50_ms_half_width,p75_ms_half_width,p90_ms_half_width,p95_ms_half_width,\
    p98_ms_half_width,p99_ms_half_width,p99_9_ms_half_width,p99_99_ms_half_width,retries,\
    retries_half_width,kind";

/// Writes `summary.csv`.
pub(crate) struct Summary;

impl Report for Summary {
    fn file_name(&self) -> &'static str {
        "summary.csv"
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let clusters = clusters(context.results);
        let nodes = clusters.iter().map(|name| format!("nodes_{name}")).collect();
        let header = [header(FIRST), header(FURTHER), errors(), nodes].concat();
        let mut rows = Rows::new(out, context.results, &header)?;
        for deployment in &context.results.deployments {
            for flow in &deployment.flows {
                let first = Row::default().name(context.scenario_name);
                let row = further(fixed(first, deployment, flow), deployment, flow);
                let row = by_cause(row, flow);
                rows.write(nodes_by_cluster(row, deployment, &clusters))?;
            }
        }
        rows.finish()
    }
}

fn fixed(row: Row, deployment: &DeploymentResult, flow: &FlowResult) -> Row {
    let quantile = |p| mean(flow.quantile_ms(p));
    row.name(&deployment.name)
        .name(&deployment.pattern)
        .number(f64::from(deployment.nodes()))
        .name(&flow.name)
        .name(&flow.tenant)
        .number(flow.offered_rps.mean)
        .estimate(&flow.throughput_rps)
        .optional(mean(flow.error_fraction.as_ref()))
        .optional(mean(flow.mean_ms.as_ref()))
        .optional(half_width(flow.mean_ms.as_ref()))
        .optional(quantile(0.5))
        .optional(quantile(0.75))
        .optional(quantile(0.9))
        .optional(quantile(0.95))
        .optional(quantile(0.98))
        .optional(quantile(0.99))
        .optional(half_width(flow.quantile_ms(0.99)))
        .optional(quantile(0.999))
        .optional(quantile(0.9999))
        .optional(mean(flow.availability.as_ref()))
        .optional(half_width(flow.availability.as_ref()))
        .number(deployment.price_per_month)
        .word(meets_goals(deployment.verdict))
}

fn further(row: Row, deployment: &DeploymentResult, flow: &FlowResult) -> Row {
    let row = row
        .word(if deployment.overloads.is_empty() { "no" } else { "yes" })
        .optional(half_width(flow.error_fraction.as_ref()))
        .optional(mean(flow.sd_ms.as_ref()))
        .optional(half_width(flow.sd_ms.as_ref()))
        .optional(flow.offered_rps.half_width);
    [0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999]
        .iter()
        .fold(row, |row, &p| row.optional(half_width(flow.quantile_ms(p))))
        .optional(mean(flow.retries.as_ref()))
        .optional(half_width(flow.retries.as_ref()))
        .word(crate::json::kind(flow.kind))
}

/// The columns of [`by_cause`].
fn errors() -> Vec<String> {
    let causes = Cause::ALL.map(|cause| Quantity::Errors(cause).column());
    let wasted = Quantity::Wasted.column();
    causes.into_iter().chain([wasted.clone(), wasted + "_half_width"]).collect()
}

/// The errors of each cause, which add up to all, and what was done for nobody.
fn by_cause(row: Row, flow: &FlowResult) -> Row {
    let causes = flow.errors_by_cause.iter();
    causes
        .fold(row, |row, (_, share)| row.optional(mean(share.as_ref())))
        .optional(mean(flow.wasted_fraction.as_ref()))
        .optional(half_width(flow.wasted_fraction.as_ref()))
}

/// The names of all clusters of all deployments, in order: a column of node counts for each, so that
/// a spreadsheet can pivot.
fn clusters(results: &Results) -> BTreeSet<&str> {
    let clusters = results.deployments.iter().flat_map(|deployment| &deployment.clusters);
    clusters.map(|cluster| cluster.name.as_str()).collect()
}

/// Adds the number of nodes of each cluster; empty where the deployment has no such cluster.
fn nodes_by_cluster(row: Row, deployment: &DeploymentResult, clusters: &BTreeSet<&str>) -> Row {
    clusters.iter().fold(row, |row, name| {
        let own = deployment.clusters.iter().find(|cluster| cluster.name == **name);
        row.optional(own.map(|cluster| f64::from(cluster.nodes)))
    })
}

fn meets_goals(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Met) => "yes",
        Some(Verdict::Missed) => "no",
        Some(Verdict::Undecided) => "undecided",
        None => "",
    }
}

fn mean(estimate: Option<&Estimate>) -> Option<f64> {
    estimate.map(|estimate| estimate.mean)
}

fn half_width(estimate: Option<&Estimate>) -> Option<f64> {
    estimate.and_then(|estimate| estimate.half_width)
}
