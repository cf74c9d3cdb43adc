//! `[profile.NAME]`: what it may say is stated by the keys of a profile.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sim::deployment::keys::Keyed;

use super::record;
use crate::read::profile::FROM;

/// A profile as a table of its keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Profile(pub Map<String, Json>);

impl Profile {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.0.get(key)
    }

    /// The profile of a table in which every key is known.
    pub(super) fn understood(table: Json) -> Json {
        record::understood(&mut sim::deployment::Profile::unstated(), table)
    }
}

impl JsonSchema for Profile {
    fn schema_name() -> Cow<'static, str> {
        sim::deployment::Profile::NAME.into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = record::schema(&mut sim::deployment::Profile::unstated(), generator);
        let from =
            json!({ "type": "string", "description": "The profile that this one starts from." });
        if let Some(Json::Object(properties)) = schema.get_mut("properties") {
            let own = std::mem::take(properties);
            properties.insert(FROM.to_owned(), from);
            properties.extend(own);
        }
        schema
    }
}
