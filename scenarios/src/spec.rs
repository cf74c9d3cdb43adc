//! What a scenario file may say, as plain types: the JSON Schema that editors complete from, and
//! the inputs as understood that results carry.

mod arrivals;
mod balancer;
mod deployment;
mod failures;
mod flow;
mod goal;
mod isolation;
mod law;
mod off;
mod plan;
mod profile;
mod quantity;
pub(crate) mod record;
mod run;
mod standby;
mod understood;
mod words;

pub use arrivals::Arrivals;
pub use balancer::{Balancer, Check, Next, Product};
pub use deployment::{Cluster, Deployment, Drill, Health, Restart, RestartKind, Role, Watch};
pub use failures::{Failing, Failures, SharedFailures, Usual};
pub use flow::{Flow, Integration, Kind, Lifetime, Retries, RetryPlan, Throttle, Token};
pub use goal::{FlowGoal, Goal};
pub use isolation::Isolation;
pub use law::{Law, LawName, LawTable, Unit};
pub use off::Off;
pub use plan::Plan;
pub use profile::Profile;
pub use quantity::{Duration, Memory, Price, Rate, Share, Size, TimeOfDay};
pub use run::Run;
pub use standby::{Outputs, Standby, StandbyChoice};
pub use words::{FailureKind, Policy};

pub(crate) use understood::understood;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A scenario: flows, the deployments that shall carry them, goals, and how to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What the reports are headed with; the stem of the file's name where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The question that the comparison answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// How many APIs there are, in all or by tenant: a gateway that has started answers 404 until it has loaded them,
    /// at `apis_per_second` of its profile, and those of tenants as `lazy_tenants` of that says; 0 where nothing is
    /// stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apis: Option<Apis>,
    /// How to run.
    #[serde(default)]
    pub run: Run,
    /// What every flow must reach that states nothing else.
    #[serde(default)]
    pub goal: Goal,
    /// How well tenants are kept apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolation: Option<Isolation>,
    /// Which node counts `apimsim plan` searches for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
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

/// How many APIs gateways have to load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Apis {
    /// All together; each tenant whose APIs are called has as many as the others.
    InAll(#[schemars(range(max = 1_000_000))] u32),
    /// Those of each tenant.
    Of(BTreeMap<String, u32>),
}

/// The JSON Schema of a scenario file.
pub fn schema() -> Json {
    let mut schema = schemars::schema_for!(Scenario).to_value();
    without_null(&mut schema);
    schema
}

/// Takes `null` out of a schema: TOML cannot say it, a key is there or not.
fn without_null(schema: &mut Json) {
    match schema {
        Json::Array(schemas) => schemas.iter_mut().for_each(without_null),
        Json::Object(schema) => {
            schema.values_mut().for_each(without_null);
            if let Some(Json::Array(types)) = schema.get_mut("type") {
                types.retain(|name| name != "null");
                if let [name] = types.as_slice() {
                    let name = name.clone();
                    schema.insert("type".to_owned(), name);
                }
            }
            if let Some(Json::Array(choices)) = schema.get_mut("anyOf") {
                choices.retain(|choice| choice["type"] != "null");
                if let [Json::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    schema.remove("anyOf");
                    schema.extend(only);
                }
            }
        }
        _ => {}
    }
}
