//! `clusters.csv`: one row per deployment and cluster.

use std::io::Write;

use sim::results::ClusterResult;

use super::rows::{Row, Rows, estimates, header};
use crate::{Context, Report, ReportError};

/// Writes `clusters.csv`.
pub(crate) struct Clusters;

impl Report for Clusters {
    fn file_name(&self) -> &'static str {
        "clusters.csv"
    }

    fn write(&self, context: &Context<'_>, out: &mut dyn Write) -> Result<(), ReportError> {
        let header = [
            header("scenario,deployment,cluster,tenant,profile,nodes,cores"),
            estimates("utilisation,gc_share,stall_share,occupied_share,in_flight_per_cluster"),
            header("peak_in_flight_per_node"),
            estimates("workers_busy_per_node,entered_rps,throughput_rps,failed_rps,rejected_rps"),
            estimates("restarts,node_availability"),
            header("offered_load_cores,offered_load_with_stops_cores"),
        ];
        let mut rows = Rows::new(out, context.results, &header.concat())?;
        for deployment in &context.results.deployments {
            for cluster in &deployment.clusters {
                let first = Row::default().name(context.scenario_name).name(&deployment.name);
                rows.write(row(first, cluster))?;
            }
        }
        rows.finish()
    }
}

fn row(first: Row, cluster: &ClusterResult) -> Row {
    first
        .name(&cluster.name)
        .name(cluster.tenant.as_deref().unwrap_or_default())
        .name(&cluster.profile)
        .number(f64::from(cluster.nodes))
        .number(cluster.cores)
        .estimate(&cluster.utilisation)
        .estimate(&cluster.gc_share)
        .estimate(&cluster.stall_share)
        .estimate(&cluster.occupied_share)
        .estimate(&cluster.in_flight_per_cluster)
        .number(f64::from(cluster.peak_in_flight_per_node))
        .estimate(&cluster.workers_busy_per_node)
        .estimate(&cluster.entered_rps)
        .estimate(&cluster.throughput_rps)
        .estimate(&cluster.failed_rps)
        .estimate(&cluster.rejected_rps)
        .estimate(&cluster.restarts)
        .estimate(&cluster.node_availability)
        .number(cluster.offered_load_cores)
        .number(cluster.offered_load_with_stops_cores)
}
