//! Values that are one word of a list, which the simulator states with what each means.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sim::scenario::Failure;

/// How a balancer chooses among the nodes that it believes up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Policy(String);

/// How a node fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct FailureKind(String);

/// Every word of a list, and what it means.
type Words = Vec<(&'static str, &'static str)>;

fn policies() -> Words {
    let all = sim::deployment::Policy::ALL.iter();
    all.map(|(policy, name)| (*name, policy.about())).collect()
}

fn failures() -> Words {
    Failure::ALL.iter().map(|failure| (failure.name(), failure.about())).collect()
}

impl TryFrom<String> for Policy {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        known(word, &policies()).map(Self)
    }
}

impl TryFrom<String> for FailureKind {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        known(word, &failures()).map(Self)
    }
}

impl JsonSchema for Policy {
    fn schema_name() -> Cow<'static, str> {
        "Policy".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schema("How a balancer chooses among the nodes that it believes up.", &policies())
    }
}

impl JsonSchema for FailureKind {
    fn schema_name() -> Cow<'static, str> {
        "FailureKind".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schema("How a node fails.", &failures())
    }
}

fn known(word: String, words: &Words) -> Result<String, String> {
    if words.iter().any(|(name, _)| *name == word) {
        Ok(word)
    } else {
        Err(format!("`{word}` is none of these words"))
    }
}

fn schema(doc: &str, words: &Words) -> Schema {
    let one = |(name, about): &(&str, &str)| -> Json {
        json!({ "description": about, "type": "string", "const": name })
    };
    json_schema!({ "description": doc, "oneOf": words.iter().map(one).collect::<Vec<_>>() })
}
