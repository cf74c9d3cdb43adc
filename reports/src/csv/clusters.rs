//! `clusters.csv`: one row per deployment and cluster.

use std::io::Write;

use sim::quantity::{Estimates, Quantity};
use sim::results::{ClusterResult, DeploymentResult};

use super::columns::{Column, Measured, write};
use crate::{Context, Report, ReportError};

/// Writes `clusters.csv`.
pub(crate) struct Clusters;

/// What a row is of.
struct Of<'a> {
    scenario: &'a str,
    deployment: &'a DeploymentResult,
    cluster: &'a ClusterResult,
}

impl Measured for Of<'_> {
    fn found(&self) -> &Estimates {
        &self.cluster.found
    }
}

impl Report for Clusters {
    fn file_name(&self) -> &'static str {
        "clusters.csv"
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let deployments = context.results.deployments.iter();
        let all = deployments.flat_map(|deployment| {
            let of = |cluster| Of { scenario: context.scenario_name, deployment, cluster };
            deployment.clusters.iter().map(of)
        });
        write(out, context.results, &columns(), all)
    }
}

/// All columns, in the order of the file.
fn columns<'a>() -> Vec<Column<'a, Of<'a>>> {
    let mut columns = vec![
        Column::name("scenario", |of: &Of<'_>| of.scenario),
        Column::name("deployment", |of| &of.deployment.name),
        Column::name("cluster", |of| &of.cluster.name),
        Column::name("tenant", |of| of.cluster.tenant.as_deref().unwrap_or_default()),
        Column::name("profile", |of| &of.cluster.profile),
        Column::number("nodes", |of: &Of<'_>| Some(f64::from(of.cluster.nodes))),
        Column::number("cores", |of: &Of<'_>| Some(of.cluster.cores)),
    ];
    for quantity in Quantity::of_clusters() {
        columns.extend(Column::estimate(quantity));
        if quantity == Quantity::InFlight {
            let peak = |of: &Of<'_>| Some(f64::from(of.cluster.peak_in_flight_per_node));
            columns.push(Column::number("peak_in_flight_per_node", peak));
        }
    }
    let alone = |of: &Of<'_>| Some(of.cluster.offered_load_cores);
    columns.push(Column::number("offered_load_cores", alone));
    let with_stops = |of: &Of<'_>| Some(of.cluster.offered_load_with_stops_cores);
    columns.push(Column::number("offered_load_with_stops_cores", with_stops));
    columns
}
