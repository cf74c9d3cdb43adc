//! `--set PATH=VALUE`: changes to a scenario without another file.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::document::{self, Entry, Item, Place, Table, Value};
use crate::problems::Log;
use crate::quantity::shown;
use crate::read::names::suggestion;

/// A change to one value of a scenario: `flow.orders.arrivals.rate=1200 /s`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// Dotted keys; an element of a list is named by its `name` or its index.
    pub path: String,
    /// A TOML value, or else a text that needs no quotes.
    pub value: String,
}

impl FromStr for Override {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || {
            let text = shown(text);
            format!("`{text}` is not PATH=VALUE; write it like \"run.window=1 min\"")
        };
        let (path, value) = text.split_once('=').ok_or_else(wrong)?;
        let (path, value) = (path.trim(), value.trim());
        if path.split('.').any(|part| part.trim().is_empty()) || value.is_empty() {
            return Err(wrong());
        }
        Ok(Self { path: path.to_owned(), value: value.to_owned() })
    }
}

/// The value of an override, as it stands on the command line.
pub(crate) fn value(log: &Log, index: usize, change: &Override) -> Item {
    let text = format!("{}={}", change.path, change.value);
    let source = log.add_source(&format!("--set ({})", index + 1), &text);
    let offset = change.path.len() + 1;
    document::parse_value(source, offset, &change.value).unwrap_or_else(|| Item {
        place: Place { source, start: offset, end: text.len() },
        value: Value::Text(change.value.clone()),
    })
}

/// Writes an override into the document.
pub(crate) fn apply(log: &Log, root: &mut Item, change: &Override, value: Item) {
    let keys = keys(value.place.source, &change.path);
    put(log, root, &keys, value);
}

/// Writes a number of replications over whatever the document says of it.
pub(crate) fn replicate(root: &mut Item, replications: u32) {
    let place = root.place;
    let Value::Table(file) = &mut root.value else { return };
    let entry =
        |key: &str, value| Entry { key: key.to_owned(), place, item: Item { place, value } };
    if file.get("run").is_none() {
        file.put(entry("run", Value::Table(Table::default())));
    }
    let run = file.entries.iter_mut().find(|entry| entry.key == "run");
    if let Some(Value::Table(run)) = run.map(|entry| &mut entry.item.value) {
        run.entries
            .retain(|entry| !["precision", "max_replications"].contains(&entry.key.as_str()));
        run.put(entry("replications", Value::Integer(replications.into())));
    }
}

/// A key of the path and where it stands.
type Key = (String, Place);

fn keys(source: usize, path: &str) -> Vec<Key> {
    let mut start = 0;
    path.split('.')
        .map(|part| {
            let place = Place { source, start, end: start + part.len() };
            start += part.len() + 1;
            (part.trim().trim_matches('"').to_owned(), place)
        })
        .collect()
}

fn joined(keys: &[Key]) -> Key {
    let name: Vec<_> = keys.iter().map(|(name, _)| name.as_str()).collect();
    let (first, last) = (keys[0].1, keys[keys.len() - 1].1);
    (name.join("."), Place { end: last.end, ..first })
}

fn put(log: &Log, item: &mut Item, keys: &[Key], value: Item) {
    let (key, place) = &keys[0];
    match &mut item.value {
        Value::Array(items) => put_into_element(log, items, keys, value),
        Value::Table(table) => put_into_table(log, table, keys, value),
        _ => {
            let what = format!("`{}` leads into something that is not a table", shown(key));
            log.problem(*place, what, "give the whole value instead, like \"key={ … }\"");
        }
    }
}

fn put_into_table(log: &Log, table: &mut Table, keys: &[Key], value: Item) {
    // Names may contain dots, so the longest key that exists is meant.
    let existing = (1..=keys.len())
        .rev()
        .find(|length| table.entry(&joined(&keys[..*length]).0).is_some())
        .unwrap_or(1);
    let (key, place) = joined(&keys[..existing]);
    let rest = &keys[existing..];
    // Goals are flat, and `p99.9` is one of them.
    let is_quantile = key == "goal" && rest.first().is_some_and(|(key, _)| key == "p99");
    let quantile = is_quantile.then(|| vec![joined(rest)]);
    let rest = quantile.as_deref().unwrap_or(rest);
    if rest.is_empty() {
        table.put(Entry { key, place, item: value });
    } else if let Some(entry) = table.entries.iter_mut().find(|entry| entry.key == key) {
        put(log, &mut entry.item, rest, value);
    } else {
        let list = matches!(key.as_str(), "flow" | "deployment" | "drill");
        if list {
            log.problem(place, format!("the file has no [[{key}]]"), "write one in the file");
            return;
        }
        let mut item = Item { place, value: Value::Table(Table::default()) };
        put(log, &mut item, rest, value);
        table.put(Entry { key, place, item });
    }
}

fn put_into_element(log: &Log, items: &mut [Item], keys: &[Key], value: Item) {
    let name_of = |item: &Item| {
        item.table().and_then(|table| table.get("name")).and_then(Item::text).map(str::to_owned)
    };
    let names: Vec<_> = items.iter().map(|item| name_of(item).unwrap_or_default()).collect();
    // Names may contain dots here too.
    let by_name = (1..=keys.len()).rev().find_map(|length| {
        let name = joined(&keys[..length]).0;
        names.iter().position(|known| *known == name).map(|index| (index, length))
    });
    let by_index = || keys[0].0.parse().ok().filter(|index| *index < items.len()).map(|i| (i, 1));
    let (key, place) = &keys[0];
    let Some((index, length)) = by_name.or_else(by_index) else {
        let known: Vec<_> = names.iter().map(String::as_str).collect();
        let what = format!("nothing here has the name `{}`", shown(key));
        log.problem(*place, what, suggestion(key, &known));
        return;
    };
    if length == keys.len() {
        items[index] = value;
    } else {
        put(log, &mut items[index], &keys[length..], value);
    }
}
