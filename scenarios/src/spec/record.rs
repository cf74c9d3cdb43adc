//! Whatever has keys, as a schema, and its table as understood.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value as Json, json};
use sim::deployment::keys::{Key, Record, Slot, Unit};

use super::{Duration, Law, LawName, Memory, Off, Price, Share, Size};
use crate::write;

/// The schema of a type with keys.
pub(crate) fn schema(record: &mut dyn Record, generator: &mut SchemaGenerator) -> Schema {
    let properties = record.keys().into_iter().enumerate().map(|(index, key)| {
        let mut property = value(key, record.slot(index), generator);
        property.insert("description".to_owned(), description(record, index).into());
        (key.name.to_owned(), property.to_value())
    });
    let properties: Map<String, Json> = properties.collect();
    json_schema!({
        "type": "object",
        "description": record.doc(),
        "properties": properties,
        "additionalProperties": false,
    })
}

/// What a key means, with its default.
fn description(record: &dyn Record, index: usize) -> String {
    let doc = record.keys()[index].doc;
    let Some(default) = default(record, index) else { return doc.to_owned() };
    // It belongs to what the first sentence says.
    let end = doc.find(". ").unwrap_or(doc.len() - 1);
    format!("{}; {default}{}", &doc[..end], &doc[end..])
}

/// The default of a key, in words.
fn default(record: &dyn Record, index: usize) -> Option<String> {
    let key = record.keys()[index];
    if let Some(meaning) = key.none {
        return Some(format!("`none`, as where nothing is stated: {meaning}"));
    }
    if key.needed.is_some() || key.with.is_some() {
        return None;
    }
    let text = write::default(record, index)?;
    let text = text.trim_matches('"');
    let is_zero = text.split(' ').next() == Some("0");
    let text = match key.unit {
        Unit::Choice(_) | Unit::Shape => format!("`{text}`"),
        // A share says so with its unit.
        Unit::Share => text.to_owned(),
        _ if is_zero => "0".to_owned(),
        _ => text.to_owned(),
    };
    // What must be above 0 has no default of 0.
    (!is_zero || !key.above_zero).then(|| format!("{text} where nothing is stated"))
}

/// The schema of the values of a key.
fn value(key: &Key, slot: Slot<'_>, generator: &mut SchemaGenerator) -> Schema {
    let mut choices = Vec::new();
    if key.none.is_some() {
        choices.push(generator.subschema_for::<Off>());
    }
    choices.extend(values(key.unit, slot, generator));
    any_of(choices)
}

/// One of these schemas.
fn any_of(mut choices: Vec<Schema>) -> Schema {
    match choices.len() {
        1 => choices.remove(0),
        _ => json_schema!({ "anyOf": choices }),
    }
}

/// The schemas of the values of a unit; a table is one of the record in its place.
fn values(unit: Unit, slot: Slot<'_>, generator: &mut SchemaGenerator) -> Vec<Schema> {
    let one = match unit {
        Unit::Number { least, most } => {
            json_schema!({ "type": "number", "format": "double", "minimum": least, "maximum": most })
        }
        Unit::Count { least, most } => {
            json_schema!({ "type": "integer", "format": "uint32", "minimum": least, "maximum": most })
        }
        Unit::Share => generator.subschema_for::<Share>(),
        Unit::Size => generator.subschema_for::<Size>(),
        Unit::Memory(_) => generator.subschema_for::<Memory>(),
        Unit::Price => generator.subschema_for::<Price>(),
        Unit::Duration => generator.subschema_for::<Duration>(),
        Unit::Law => generator.subschema_for::<Law>(),
        Unit::Shape => generator.subschema_for::<LawName>(),
        Unit::Bursts { most } => return bursts(most),
        Unit::Choice(_) => names(slot),
        Unit::Table(_) => return table(slot, generator),
        Unit::Tables(..) => tables(slot, generator),
        Unit::Lists(example) => lists(example),
    };
    vec![one]
}

fn bursts(most: u8) -> Vec<Schema> {
    let equal = "So many equal bursts, each on a worker.";
    let reactor = "A dispatcher reads, a worker mediates, a dispatcher writes.";
    vec![
        json_schema!({ "type": "integer", "minimum": 1, "maximum": most, "description": equal }),
        json_schema!({ "type": "string", "const": "reactor", "description": reactor }),
    ]
}

fn names(slot: Slot<'_>) -> Schema {
    let Slot::Choice(choice) = slot else { return Schema::default() };
    let name =
        |(name, doc): &(&str, &str)| json!({ "type": "string", "const": name, "description": doc });
    json_schema!({ "oneOf": choice.options().iter().map(name).collect::<Vec<_>>() })
}

fn table(slot: Slot<'_>, generator: &mut SchemaGenerator) -> Vec<Schema> {
    let Slot::Table(part) = slot else { return Vec::new() };
    record(part.open(), generator)
}

fn tables(slot: Slot<'_>, generator: &mut SchemaGenerator) -> Schema {
    let Slot::Tables(parts) = slot else { return Schema::default() };
    let each = any_of(record(parts.unstated().as_mut(), generator));
    json_schema!({ "type": "object", "additionalProperties": each })
}

/// Tables within tables, which end in lists of numbers.
fn lists(example: &str) -> Schema {
    let of = |inner: Json| json!({ "type": "object", "additionalProperties": inner });
    let list = || json!({ "type": "array", "items": { "type": "number" } });
    let deeper = |inner: Json| json!({ "anyOf": [list(), of(inner)] });
    let mut schema = json_schema!({ "type": "object" });
    schema.insert("additionalProperties".to_owned(), deeper(deeper(list())));
    schema.insert("description".to_owned(), format!("As {example}.").into());
    schema
}

/// A table of a record, defined by its name, and the bare value that may stand in its place.
fn record(record: &mut dyn Record, generator: &mut SchemaGenerator) -> Vec<Schema> {
    let name = record.name();
    if !generator.definitions().contains_key(name) {
        let schema = schema(record, generator);
        generator.definitions_mut().insert(name.to_owned(), schema.to_value());
    }
    let bare =
        record.keys().into_iter().enumerate().find(|(_, key)| record.bare() == Some(key.name));
    let bare = bare.map(|(index, key)| {
        let mut schema = value(key, record.slot(index), generator);
        schema.insert("description".to_owned(), format!("Its `{}` alone.", key.name).into());
        schema
    });
    let reference = json_schema!({ "$ref": format!("#/$defs/{name}") });
    bare.into_iter().chain([reference]).collect()
}

/// A table with its keys in the order of the record, and with numbers as the record has them.
pub(crate) fn understood(record: &mut dyn Record, json: Json) -> Json {
    let Json::Object(mut table) = json else { return json };
    let mut ordered = Map::new();
    for (index, key) in record.keys().into_iter().enumerate() {
        if let Some(json) = table.remove(key.name) {
            ordered.insert(key.name.to_owned(), one(key, record.slot(index), json));
        }
    }
    // Others are the keys of a law in place of a table.
    ordered.extend(table);
    Json::Object(ordered)
}

fn one(key: &Key, slot: Slot<'_>, json: Json) -> Json {
    match (key.unit, slot, json) {
        (Unit::Number { .. }, _, Json::Number(number)) => number.as_f64().into(),
        (_, Slot::Table(part), json) => understood(part.open(), json),
        (_, Slot::Tables(parts), Json::Object(tables)) => {
            let tables = tables.into_iter();
            let of = |json| understood(parts.unstated().as_mut(), json);
            Json::Object(tables.map(|(name, json)| (name, of(json))).collect())
        }
        (_, _, json) => json,
    }
}
