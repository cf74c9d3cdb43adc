//! From the tree of a document that was found right to the inputs as understood.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use sim::scenario::{Goals, Scenario as Understood};

use super::{Profile, Scenario};
use crate::document::{Item, Table, Value};
use crate::read::goal;

/// The inputs as understood: what was written, with its defaults and the profiles in use whole.
///
/// # Errors
///
/// If the types of this module do not know what the reader accepts.
pub(crate) fn understood(
    root: &Item,
    scenario: &Understood,
    profiles: &BTreeMap<String, Table>,
) -> Result<Scenario, String> {
    let mut json = convert(root);
    let Json::Object(file) = &mut json else { return Err("a file is a table".to_owned()) };
    let profiles = profiles
        .iter()
        .map(|(name, table)| (name.clone(), Profile::understood(convert_table(table))));
    file.insert("profile".to_owned(), Json::Object(profiles.collect()));
    file.insert("title".to_owned(), Json::String(scenario.title.clone()));
    if let Some(Json::Object(run)) = file.get_mut("run") {
        let window = scenario.run.whole.unwrap_or(scenario.run.window);
        run.insert("window".to_owned(), Json::String(window.to_string()));
    }
    if let Some(goals) = file.get_mut("goal") {
        rewrite_goals(goals, &scenario.goals);
    }
    if let Some(Json::Array(flows)) = file.get_mut("flow") {
        for (json, flow) in flows.iter_mut().zip(&scenario.flows) {
            complete(json, "operation", &flow.operation);
            complete(json, "mediation", &flow.mediation);
            if let Some(goals) = json.get_mut("goal") {
                rewrite_goals(goals, &flow.goals);
            }
        }
    }
    serde_json::from_value(json).map_err(|error| error.to_string())
}

/// Writes the goals on latency with their names: `p99.9` without quotes is a table to TOML.
fn rewrite_goals(json: &mut Json, understood: &Goals) {
    let Json::Object(goals) = json else { return };
    goals.remove("p99");
    for (key, limit) in goal::written(understood) {
        goals.insert(key.to_owned(), Json::String(limit.to_string()));
    }
}

/// Writes a default of a flow, where it has one.
fn complete(flow: &mut Json, key: &str, value: &str) {
    if let Json::Object(flow) = flow
        && !value.is_empty()
    {
        flow.insert(key.to_owned(), Json::String(value.to_owned()));
    }
}

fn convert(item: &Item) -> Json {
    match &item.value {
        Value::Text(text) | Value::Datetime(text) => Json::String(text.clone()),
        Value::Integer(number) => match u64::try_from(*number) {
            Ok(number) => number.into(),
            Err(_) => (*number as i64).into(),
        },
        Value::Float(number) => (*number).into(),
        Value::Boolean(boolean) => (*boolean).into(),
        Value::Array(items) => items.iter().map(convert).collect(),
        Value::Table(table) => convert_table(table),
    }
}

fn convert_table(table: &Table) -> Json {
    let entries = table.entries.iter().map(|entry| (entry.key.clone(), convert(&entry.item)));
    Json::Object(entries.collect::<Map<_, _>>())
}
