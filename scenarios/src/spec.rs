//! What a scenario file may say, as plain types: the JSON Schema that editors complete from, and
//! the inputs as understood that results carry.

mod arrivals;
mod deployment;
mod flow;
mod law;
mod profile;
mod quantity;
mod run;
mod understood;

pub use arrivals::Arrivals;
pub use deployment::{Balancer, Cluster, Deployment, Drill, Health, Role};
pub use flow::{Flow, Integration, Kind, Retries, RetryPlan, Token};
pub use law::{Law, LawName, LawTable, Unit};
pub use profile::{
    ColdStart, Demand, DemandTable, Discipline, GarbageCollection, Off, OrNone, Profile,
};
pub use quantity::{Duration, Price, Rate, Share, Size};
pub use run::{Goal, Run};

pub(crate) use understood::understood;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A scenario: flows, the deployments that shall carry them, goals, and how to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What the reports are headed with.
    pub title: String,
    /// The question that the comparison answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// How to run.
    #[serde(default)]
    pub run: Run,
    /// What every flow of a deployment must reach.
    #[serde(default)]
    pub goal: Goal,
    /// Streams of like requests.
    #[schemars(length(min = 1))]
    pub flow: Vec<Flow>,
    /// What is compared: patterns with node counts, or placements of one's own.
    #[schemars(length(min = 1))]
    pub deployment: Vec<Deployment>,
    /// Scripted failures, the same in every replication.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drill: Vec<Drill>,
    /// Overrides of shipped profiles by their name, or new ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub profile: BTreeMap<String, Profile>,
}

/// The JSON Schema of a scenario file.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Scenario).to_value()
}
