//! Compiles a deployment and its flows into a network.

use super::{Deployment, Flow, Role};

/// Why flows and a deployment do not fit. Flows and clusters are given by their index.
#[derive(Clone, Debug, PartialEq)]
pub enum RouteProblem {
    /// The flow needs a role that no cluster has for its tenant.
    MissingRole {
        /// The flow.
        flow: usize,
        /// What is missing.
        role: Role,
    },
    /// The flow brings work to a cluster whose profile does not know that operation.
    MissingDemand {
        /// The flow.
        flow: usize,
        /// The cluster.
        cluster: usize,
        /// The name of the demand.
        demand: String,
    },
    /// No flow brings work to the cluster.
    UnreachableCluster {
        /// The cluster.
        cluster: usize,
    },
}

/// Every reason why the flows and the deployment do not fit; empty where they do.
pub fn problems(_deployment: &Deployment, _flows: &[Flow]) -> Vec<RouteProblem> {
    Vec::new()
}
