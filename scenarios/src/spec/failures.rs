//! How something fails at random: what may be said is stated by the keys of failures.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sim::deployment::keys::Keyed;

use super::record;

/// Kinds of failures, each with its times.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Failures(pub Map<String, Json>);

impl JsonSchema for Failures {
    fn schema_name() -> Cow<'static, str> {
        sim::deployment::Failures::NAME.into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        record::schema(&mut sim::deployment::Failures::unstated(), generator)
    }
}

/// How something that is no node fails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Failing {
    /// As is usual, which is judged: a zone is gone once in two years, for 2 h; a database fails over twice a year; a
    /// backend answers with errors every six weeks, for 30 min.
    Usual(Usual),
    /// As stated.
    Stated(Failures),
}

/// The text `usual`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Usual {
    /// As is usual.
    Usual,
}

/// What fails at random beside nodes, for all of a deployment, and who repairs nodes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SharedFailures {
    /// Each zone, by itself, with all its nodes as one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Failing>,
    /// The database, for all clusters that call one. Unless `mttr` is stated, it fails over within 90 s, 19
    /// times of 20 within 60 to 120 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<Failing>,
    /// How many nodes that have crashed, or whose machine is gone, are repaired at once, first come, first served; the
    /// others stay down meanwhile. Unless stated, all are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repairers: Option<u32>,
}
