//! What a calibration leaves open of a profile: lists of shifts in tables that mirror the profile.

use std::collections::BTreeMap;

use sim::deployment::Profile;

use crate::document::{Entry, Item, Table, Value};
use crate::quantity::shown;
use crate::read::section::{Context, Section};

/// A tree is not deeper: table, name, key.
const DEEPEST: usize = 3;
/// A list has no more directions.
const LONGEST: usize = 64;
/// No key is moved by a larger factor than e to so much.
const LARGEST: f64 = 5.0;

/// The key of a profile that is read here.
const KEY: &str = "uncertainty";

/// Reads lists of numbers by the names that lead to each, all of them as long.
pub(super) fn lists(
    context: Context<'_>,
    item: &Item,
    place: &mut BTreeMap<Vec<String>, Vec<f64>>,
) -> Option<()> {
    place.clear();
    let mut leaves = Vec::new();
    gather(context, item, &mut Vec::new(), &mut leaves)?;
    let longest = leaves.iter().map(|(_, _, list)| list.len()).max().unwrap_or(0);
    for (path, at, list) in leaves {
        if list.len() != longest {
            let what = format!("`{}` has {} of {longest} directions", path.join("."), list.len());
            let help = "each list has a number for every direction, 0 where it does not move";
            context.log.problem(at.place, what, help);
            return None;
        }
        place.insert(path, list);
    }
    Some(())
}

/// A list with the names that lead to it and where it was written.
type Leaf<'i> = (Vec<String>, &'i Item, Vec<f64>);

fn gather<'i>(
    context: Context<'_>,
    item: &'i Item,
    path: &mut Vec<String>,
    leaves: &mut Vec<Leaf<'i>>,
) -> Option<()> {
    if let Value::Array(items) = &item.value {
        if !(1..=LONGEST).contains(&items.len()) {
            let what = format!("{} directions are out of range", items.len());
            context.log.problem(item.place, what, format!("there are 1 to {LONGEST}"));
            return None;
        }
        let numbers = items.iter().map(|item| context.number(item, -LARGEST, LARGEST));
        leaves.push((path.clone(), item, numbers.collect::<Option<_>>()?));
        return Some(());
    }
    let Some(table) = item.table().filter(|_| path.len() < DEEPEST) else {
        return context.not(item, "a list", "write a number for each direction: [0.02, -0.01]");
    };
    for Entry { key, item, .. } in &table.entries {
        path.push(key.clone());
        gather(context, item, path, leaves)?;
        path.pop();
    }
    Some(())
}

/// Notes every key of which nothing can be open, since no calibration fits it or the profile lacks it.
pub(super) fn check(section: Section<'_>, profile: &mut Profile) {
    let Some(item) = section.get(KEY) else { return };
    let paths: Vec<Vec<String>> = profile.uncertainty.shifts.keys().cloned().collect();
    for path in paths {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        if !profile.is_fitted(&names) {
            let place = item.table().and_then(|table| at(table, &path)).unwrap_or(item).place;
            let what = format!("the profile has no `{}` that is fitted", shown(&path.join(".")));
            let help =
                "it is a key that `calibrate` fits, as demand.passthrough.mean, and is stated";
            section.context.log.problem(place, what, help);
        }
    }
}

/// What stands at the end of a path of keys.
fn at<'t>(table: &'t Table, path: &[String]) -> Option<&'t Item> {
    let (first, rest) = path.split_first()?;
    let item = table.get(first)?;
    if rest.is_empty() { Some(item) } else { at(item.table()?, rest) }
}

/// A base's uncertainty without what is written over it: a value that is stated is not the one that was
/// fitted, and what is gone has none.
pub(super) fn inherited(base: &Table, merged: &mut Table, over: &Table) {
    if over.get(KEY).is_some() {
        return;
    }
    let still = merged.clone();
    let Some(entry) = merged.entries.iter_mut().find(|entry| entry.key == KEY) else { return };
    if let Value::Table(tree) = &mut entry.item.value {
        prune(tree, &mut Vec::new(), &|path| {
            at(base, path)
                .is_some_and(|before| at(&still, path).is_none_or(|now| now.place != before.place))
        });
        if tree.entries.is_empty() {
            merged.entries.retain(|entry| entry.key != KEY);
        }
    }
}

/// Takes away the lists to which such a path leads, and tables that have become empty.
fn prune(tree: &mut Table, path: &mut Vec<String>, goes: &impl Fn(&[String]) -> bool) {
    tree.entries.retain_mut(|entry| {
        path.push(entry.key.clone());
        let stays = match &mut entry.item.value {
            Value::Table(inner) => {
                prune(inner, path, goes);
                !inner.entries.is_empty()
            }
            _ => !goes(path),
        };
        path.pop();
        stays
    });
}
