//! All profiles of a scenario: the shipped ones, its overrides of them, its own; with what each
//! inherits.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sim::deployment::keys::{Keyed, Record, Slot};
use sim::deployment::{GarbageCollection, Profile};

use crate::document::{self, Entry, Item, Place, Table, Value};
use crate::quantity::{self, shown};
use crate::read::names::suggestion;
use crate::read::section::Context;
use crate::read::{profile, uncertainty};
use crate::{catalogue, parse};

/// The profiles, resolved when they are asked for.
pub(crate) struct Profiles<'a> {
    context: Context<'a>,
    written: Option<&'a Table>,
    used: RefCell<BTreeSet<String>>,
    read: RefCell<BTreeMap<String, Option<Profile>>>,
    merged: RefCell<BTreeMap<String, Table>>,
}

impl<'a> Profiles<'a> {
    /// The profiles of a scenario with this `[profile]` table.
    pub(crate) fn new(context: Context<'a>, item: Option<&'a Item>) -> Self {
        let written = item.and_then(|item| context.table(item));
        Self {
            context,
            written,
            used: RefCell::default(),
            read: RefCell::default(),
            merged: RefCell::default(),
        }
    }

    /// The profile of a profile file.
    pub(crate) fn read_file(context: Context<'_>, name: &str, root: Item) -> Option<Profile> {
        let place = root.place;
        let mut written = Table::default();
        written.put(Entry { key: name.to_owned(), place, item: root });
        let written = Item { place, value: Value::Table(written) };
        Profiles::new(context, Some(&written)).get(name, place)
    }

    /// The profile of that name, which is then in use; `place` is where it is named.
    pub(crate) fn get(&self, name: &str, place: Place) -> Option<Profile> {
        let known = self.read.borrow().get(name).cloned();
        known.unwrap_or_else(|| {
            let profile = self.resolve(name, place);
            // A name that does not exist is wrong at every place where it stands.
            if self.exists(name) {
                self.read.borrow_mut().insert(name.to_owned(), profile.clone());
            }
            profile
        })
    }

    fn resolve(&self, name: &str, place: Place) -> Option<Profile> {
        let mut path = Vec::new();
        let table = self.merge(name, place, &mut path);
        self.used.borrow_mut().extend(path);
        let table = table?;
        self.merged.borrow_mut().insert(name.to_owned(), table.clone());
        self.read(name, place, table)
    }

    fn exists(&self, name: &str) -> bool {
        self.names().contains(&name)
    }

    /// Notes the problems of the profiles that no cluster uses, and, where all clusters are `known`,
    /// that none does.
    pub(crate) fn check_unused(&self, known: bool) {
        for entry in self.written.map_or(&[][..], |table| &table.entries) {
            let name = entry.key.as_str();
            if self.used.borrow().contains(name) {
                continue;
            }
            if let Some(table) = self.merge(name, entry.place, &mut Vec::new()) {
                self.read(name, entry.place, table);
            }
            if !known {
                continue;
            }
            let what = format!("no cluster uses the profile `{}`", shown(name));
            let help = "name it in deployment.clusters.NAME.profile, or remove it";
            self.context.log.problem(entry.place, what, help);
        }
    }

    /// The tables of the profiles in use, with all that they inherit.
    pub(crate) fn into_merged(self) -> BTreeMap<String, Table> {
        self.merged.into_inner()
    }

    fn read(&self, name: &str, place: Place, table: Table) -> Option<Profile> {
        // What is missing is missed where the scenario writes the profile, else where it names it.
        let written = self.written.and_then(|written| written.entry(name));
        let place = written.map_or(place, |entry| entry.place);
        profile::read(self.context, name, &Item { place, value: Value::Table(table) })
    }

    /// The table of a profile with all that it inherits; `path` are the profiles on the way to it.
    fn merge(&self, name: &str, place: Place, path: &mut Vec<String>) -> Option<Table> {
        if path.iter().any(|known| known == name) {
            let what = format!("the profile `{}` starts from itself", shown(name));
            let help = format!("break the circle {} → {name}", path.join(" → "));
            self.context.log.problem(place, what, help);
            return None;
        }
        path.push(name.to_owned());
        let written = self.written.and_then(|written| written.entry(name));
        let extension = Path::new(name).extension();
        let is_file = written.is_none() && extension.is_some_and(|extension| extension == "toml");
        let shipped = if is_file { Some(self.file(name, place)?) } else { self.shipped(name) };
        if written.is_none() && shipped.is_none() {
            let what = format!("there is no profile `{}`", shown(name));
            self.context.log.problem(place, what, suggestion(name, &self.names()));
            return None;
        }
        let own = match written {
            Some(entry) => Some(self.context.table(&entry.item)?),
            None => None,
        };
        let from = own.and_then(|own| own.get(profile::FROM));
        let from = from.filter(|item| shipped.is_none() || item.text() != Some(name));
        let base = match (from, shipped) {
            (Some(from), _) => self.merge(self.context.text(from)?, from.place, path)?,
            (None, Some(shipped)) => self.merge_shipped(&shipped, path)?,
            (None, None) => Table::default(),
        };
        let mut merged = own.map_or_else(|| base.clone(), |own| self.over(name, &base, own));
        merged.entries.retain(|entry| entry.key != profile::FROM);
        Some(merged)
    }

    fn merge_shipped(&self, shipped: &Table, path: &mut Vec<String>) -> Option<Table> {
        match shipped.get(profile::FROM) {
            Some(from) => {
                let base = self.merge(self.context.text(from)?, from.place, path)?;
                Some(overlay(&base, shipped))
            }
            None => Some(shipped.clone()),
        }
    }

    /// What is written of a profile over its base; says what a node of other cores is taken to cost.
    fn over(&self, name: &str, base: &Table, own: &Table) -> Table {
        let merged = overlay(base, own);
        if let Some(scaled) = ScaledPrice::of(base, own) {
            let ScaledPrice { base, cores, base_cores, .. } = scaled;
            let case = format!(
                "`{}` ({} for {cores} cores, from {base} for {base_cores})",
                shown(name),
                scaled.text()
            );
            self.context.log.warn("no price is stated for other cores; it goes with them", case);
        }
        merged
    }

    fn shipped(&self, name: &str) -> Option<Table> {
        let entry = catalogue::profiles().into_iter().find(|entry| entry.name == name)?;
        let source = self.context.log.add_source(&format!("shipped profile {name}"), entry.text);
        match document::parse(source, entry.text) {
            Ok(Item { value: Value::Table(table), .. }) => Some(table),
            _ => None,
        }
    }

    /// The table of a profile file beside the scenario file.
    fn file(&self, name: &str, place: Place) -> Option<Table> {
        let log = self.context.log;
        let text = match self.context.files.text(name) {
            Ok(text) => text,
            Err(problems) => {
                let help = "it is a profile file, found from the folder of the scenario file";
                log.problem(place, problems.to_string(), help);
                return None;
            }
        };
        let source = log.add_source(name, &text);
        match parse::parse(log, source, &text)?.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    fn names(&self) -> Vec<&str> {
        let shipped = catalogue::profiles().into_iter().map(|entry| entry.name);
        let written = self.written.map_or(&[][..], |table| &table.entries);
        let names: BTreeSet<&str> =
            shipped.chain(written.iter().map(|entry| entry.key.as_str())).collect();
        names.into_iter().collect()
    }
}

/// The price of a node whose cores are changed and whose price is not stated: price lists of clouds
/// are linear in the virtual CPUs within a family of machines (an AWS m5.xlarge costs twice an
/// m5.large, an m5.2xlarge four times as much).
struct ScaledPrice<'a> {
    base: &'a str,
    base_cores: f64,
    cores: f64,
    per_hour: f64,
}

impl<'a> ScaledPrice<'a> {
    /// None where the price is stated or the cores stay. What is wrong with a number is said where it
    /// is read.
    fn of(base: &'a Table, over: &Table) -> Option<Self> {
        let cores = |table: &Table| match table.get("cores")?.value {
            Value::Integer(number) => Some(number as f64),
            Value::Float(number) => Some(number),
            _ => None,
        };
        let (base_cores, cores) = (cores(base)?, cores(over)?);
        let base = base.get("price").filter(|_| over.get("price").is_none())?.text()?;
        let price = quantity::PRICE.parse(base).ok()?;
        let changed = base_cores > 0.0 && cores > 0.0 && base_cores != cores && price > 0.0;
        let per_hour = (price * cores / base_cores).min(quantity::HIGHEST_PRICE);
        changed.then_some(Self { base, base_cores, cores, per_hour })
    }

    fn text(&self) -> String {
        format!("{} /h", crate::write::number(self.per_hour))
    }
}

/// The base with what is written over it, key by key; demands and keys that are tables, too.
/// The price goes with the cores where it is not stated.
fn overlay(base: &Table, over: &Table) -> Table {
    let mut merged = base.clone();
    let gc = over.get("gc").and_then(Item::table);
    if gc.is_some_and(|gc| gc.get("requests_per_pause").is_some()) {
        // A budget of requests is in place of one of bytes.
        merged.entries.retain(|entry| entry.key != "heap");
    }
    if over.get("bursts").is_some() {
        merged.entries.retain(|entry| entry.key != "buffer");
    }
    for entry in &over.entries {
        let below = base.get(&entry.key).and_then(Item::table);
        let item = match (entry.key.as_str(), below, entry.item.table()) {
            ("demand", Some(below), Some(above)) => within(entry, overlay_demands(below, above)),
            ("gc", Some(below), Some(above)) => within(entry, overlay_gc(below, above)),
            ("cold_start", Some(below), Some(above)) => within(entry, overlay_cold(below, above)),
            ("database", _, Some(above)) if above.get("law").is_none() => {
                within(entry, overlay_database(base.get(&entry.key), above))
            }
            // A law of its delay is in place of whatever lies below.
            ("database", ..) => entry.item.clone(),
            (key, Some(below), Some(above)) if profile::is_table(key) => {
                within(entry, overlay_keys(below, above))
            }
            _ => entry.item.clone(),
        };
        merged.put(Entry { item, ..entry.clone() });
    }
    uncertainty::inherited(base, &mut merged, over);
    let price = ScaledPrice::of(base, over).map(|scaled| Value::Text(scaled.text()));
    let entry = merged.entries.iter_mut().find(|entry| entry.key == "price");
    if let (Some(price), Some(entry)) = (price, entry) {
        entry.item.value = price;
    }
    merged
}

/// One budget is in place of the other.
fn overlay_gc(base: &Table, over: &Table) -> Table {
    let mut below = base.clone();
    if over.get("requests_per_pause").is_some() {
        below.entries.retain(|entry| !of_heap(&entry.key));
    }
    if over.get("pause").is_some() {
        // It is one of the node that is described, not of another with other threads.
        below.entries.retain(|entry| entry.key != "threads");
    }
    if over.get("young").is_some() {
        const OF_REQUESTS: [&str; 2] = ["requests_per_pause", "full"];
        below.entries.retain(|entry| !OF_REQUESTS.contains(&entry.key.as_str()));
    }
    overlay_keys(&below, over)
}

/// Whether a key of a collection makes sense only where a heap is described.
fn of_heap(name: &str) -> bool {
    let mut by_requests: Box<dyn Record> = Box::new(GarbageCollection::unstated());
    name == "young" || matches!(by_requests.find(&[name]), Slot::Refused)
}

/// A cold start by time is in place of one by requests, and the other way round.
fn overlay_cold(base: &Table, over: &Table) -> Table {
    const BY_REQUESTS: [&str; 2] = ["first", "requests"];
    const BY_TIME: [&str; 2] = ["factor", "decay"];
    let states = |keys: [&str; 2]| keys.iter().any(|key| over.get(key).is_some());
    let mut below = base.clone();
    for (stated, replaced) in [(BY_REQUESTS, BY_TIME), (BY_TIME, BY_REQUESTS)] {
        if states(stated) {
            below.entries.retain(|entry| !replaced.contains(&entry.key.as_str()));
        }
    }
    overlay_keys(&below, over)
}

/// What lies below may be the delay alone.
fn overlay_database(base: Option<&Item>, over: &Table) -> Table {
    let Some(item) = base.filter(|item| !Context::is_none(item)) else { return over.clone() };
    let below = item.table().filter(|table| table.get("law").is_none());
    let delay = || {
        let mut alone = Table::default();
        alone.put(Entry { key: "delay".to_owned(), place: item.place, item: item.clone() });
        alone
    };
    overlay_keys(&below.cloned().unwrap_or_else(delay), over)
}

fn overlay_demands(base: &Table, over: &Table) -> Table {
    let mut merged = base.clone();
    for entry in &over.entries {
        let below = base.get(&entry.key).and_then(Item::table);
        let item = match (below, entry.item.table()) {
            (Some(below), Some(above)) => {
                let mut below = below.clone();
                // Another law has another cv, or none.
                let other_law = above.get("law").is_some();
                below.entries.retain(|entry| !(other_law && entry.key == "cv"));
                within(entry, overlay_keys(&below, above))
            }
            _ => entry.item.clone(),
        };
        merged.put(Entry { item, ..entry.clone() });
    }
    merged
}

fn overlay_keys(base: &Table, over: &Table) -> Table {
    let mut merged = base.clone();
    over.entries.iter().for_each(|entry| merged.put(entry.clone()));
    merged
}

fn within(entry: &Entry, table: Table) -> Item {
    Item { place: entry.item.place, value: Value::Table(table) }
}

/// What stands in for a profile that could not be read, so that the rest of the file can be checked
/// all the same.
pub(crate) fn stand_in() -> Profile {
    Profile::plain("", 1.0)
}

/// Whether a profile only stands in for one that could not be read.
pub(crate) fn is_stand_in(profile: &Profile) -> bool {
    profile.name.is_empty()
}
