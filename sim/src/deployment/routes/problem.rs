//! Why flows and a deployment do not fit.

use crate::deployment::{Deployment, Flow, Role};

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
    /// Closed users neither think nor wait for anything: the clock would stand still.
    TakesNoTime {
        /// The flow.
        flow: usize,
    },
    /// No flow brings work to the cluster.
    UnreachableCluster {
        /// The cluster.
        cluster: usize,
    },
}

impl RouteProblem {
    /// What is wrong, with the names of the flow and the cluster.
    ///
    /// # Panics
    ///
    /// If the flows or the deployment are others than those that were compiled.
    pub fn sentence(&self, deployment: &Deployment, flows: &[Flow]) -> String {
        let deployed = &deployment.name;
        match self {
            Self::MissingRole { flow, role } => {
                let Flow { name, tenant, .. } = &flows[*flow];
                let role = role.name();
                format!(
                    "flow `{name}` of tenant `{tenant}` needs a `{role}`, and deployment \
                     `{deployed}` has none for it"
                )
            }
            Self::MissingDemand { flow, cluster, demand } => {
                let (flow, cluster) = (&flows[*flow].name, &deployment.clusters[*cluster]);
                format!(
                    "flow `{flow}` brings `{demand}` to the cluster `{}`, whose profile `{}` does \
                     not know it",
                    cluster.name, cluster.profile.name
                )
            }
            Self::TakesNoTime { flow } => format!(
                "a user of flow `{}` who thinks for no time and is answered in no time would stop \
                 the clock",
                flows[*flow].name
            ),
            Self::UnreachableCluster { cluster } => {
                format!(
                    "the cluster `{}` is reached by no flow",
                    deployment.clusters[*cluster].name
                )
            }
        }
    }
}
