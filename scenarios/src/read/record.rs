//! Whatever has keys, from its table: every value by the unit of its key, into its place.

use sim::deployment::Bursts;
use sim::deployment::keys::{Choice, Key, Part, Parts, Record, Slot, Unit};
use sim::random::Shape;

use crate::document::{Item, Value};
use crate::read::law;
use crate::read::section::{Context, Section};
use crate::read::uncertainty;

/// The names of the keys of a record.
pub(crate) fn names(record: &dyn Record) -> Vec<&'static str> {
    record.keys().iter().map(|key| key.name).collect()
}

/// Reads into a record what is stated of it, in a table or by a bare value; what cannot be read keeps
/// its default, and is returned.
pub(crate) fn read(
    context: Context<'_>,
    item: &Item,
    record: &mut dyn Record,
) -> Vec<&'static str> {
    let names = names(record);
    if let Some(index) = bare(item, record) {
        let key = record.keys()[index];
        let read = value(context, key, item, record.slot(index));
        return if read.is_none() { vec![key.name] } else { Vec::new() };
    }
    match Section::open(context, item, &names) {
        Some(section) => keys(section, record),
        None => names,
    }
}

/// The index of the key that an item states alone, in place of a table.
fn bare(item: &Item, record: &dyn Record) -> Option<usize> {
    let name = record.bare()?;
    let keys = record.keys();
    let index = keys.iter().position(|key| key.name == name)?;
    let states_none = |item: &Item| {
        item.table().is_some_and(|table| keys.iter().all(|key| table.get(key.name).is_none()))
    };
    // A law may be a table, too.
    let is_bare = item.table().is_none() || keys[index].unit == Unit::Law && states_none(item);
    is_bare.then_some(index)
}

/// Reads into a record what a table states of its keys; what cannot be read keeps its default, and is
/// returned.
pub(crate) fn keys(section: Section<'_>, record: &mut dyn Record) -> Vec<&'static str> {
    let keys = record.keys();
    for (index, _) in keys.iter().enumerate().filter(|(_, key)| section.get(key.name).is_some()) {
        record.begin(index);
    }
    // Some keys have their place in a part.
    let is_part = |index: &usize| matches!(keys[*index].unit, Unit::Table(_));
    let (parts, others): (Vec<usize>, Vec<usize>) = (0..keys.len()).partition(is_part);
    let all = parts.into_iter().chain(others);
    all.filter(|index| match (keys[*index], record.slot(*index)) {
        (key, Slot::Shape(place)) => shape(section, key, cv_of(&keys, key), place).is_none(),
        (key, slot) => one(section, key, slot).is_none(),
    })
    .map(|index| keys[index].name)
    .collect()
}

/// Reads a key that has this place; none where it should be there and is not, or is wrong.
fn one(section: Section<'_>, key: &Key, slot: Slot<'_>) -> Option<()> {
    match slot {
        _ if key.with.is_some() => Some(()),
        Slot::Idle => Some(()),
        Slot::Refused => {
            let (why, help) = key.refused.unwrap_or_default();
            section.refuse(&[key.name], why, help);
            Some(())
        }
        slot => {
            let item = match key.needed {
                Some(example) => Some(section.need(key.name, example)?),
                None => section.get(key.name),
            };
            // `none` is the default where it may be written.
            let item = item.filter(|item| key.none.is_none() || !Context::is_none(item));
            item.map_or(Some(()), |item| value(section.context, key, item, slot))
        }
    }
}

/// Reads an item into the place of its key.
fn value(context: Context<'_>, key: &Key, item: &Item, slot: Slot<'_>) -> Option<()> {
    match slot {
        Slot::Number(place) => number(context, key, item).map(|number| place.store(number)),
        Slot::Count(place) => count(context, key, item).map(|count| place.store(count)),
        Slot::Duration(place) if key.above_zero => {
            context.positive_duration(item).map(|time| place.store(time))
        }
        Slot::Duration(place) => context.duration(item).map(|time| place.store(time)),
        Slot::Law(place) => law::read(context, item).map(|law| *place = law),
        Slot::Bursts(place) => bursts(context, key, item).map(|bursts| *place = bursts),
        Slot::Choice(place) => choice(context, key, item, place),
        Slot::Table(place) => part(context, key, item, place),
        Slot::Tables(place) => tables(context, key, item, place),
        Slot::Lists(place) => uncertainty::lists(context, item, place),
        Slot::Shape(_) | Slot::Idle | Slot::Refused => Some(()),
    }
}

fn number(context: Context<'_>, key: &Key, item: &Item) -> Option<f64> {
    match (key.unit, key.above_zero) {
        (Unit::Number { least, most }, _) => context.number(item, least, most),
        (Unit::Share, true) => context.positive_share(item),
        (Unit::Share, false) => context.share(item),
        (Unit::Size, true) => context.positive_size(item),
        (Unit::Size, false) => context.size(item),
        (Unit::Memory(unit), true) => context.positive_memory(item).map(|kib| kib / unit.kib()),
        (Unit::Memory(unit), false) => context.memory(item).map(|kib| kib / unit.kib()),
        (Unit::Price, _) => context.price(item),
        (unit, _) => unreachable!("a number has no unit {unit:?}"),
    }
}

fn count(context: Context<'_>, key: &Key, item: &Item) -> Option<u32> {
    let Unit::Count { least, most } = key.unit else { unreachable!("a count has limits") };
    context.integer(item, least.into(), most.into()).map(|count| count as u32)
}

/// So many equal bursts, or `reactor`.
fn bursts(context: Context<'_>, key: &Key, item: &Item) -> Option<Bursts> {
    let Unit::Bursts { most } = key.unit else { unreachable!("bursts have a limit") };
    match item.value {
        Value::Text(_) if item.text() == Some("reactor") => Some(Bursts::of_reactor()),
        Value::Text(_) => context.not(item, "a number of bursts", "write 8, or \"reactor\""),
        _ => context.integer(item, 1, most.into()).map(|bursts| Bursts::Equal(bursts as u8)),
    }
}

fn choice(context: Context<'_>, key: &Key, item: &Item, place: &mut dyn Choice) -> Option<()> {
    let Unit::Choice(noun) = key.unit else { unreachable!("a choice has a noun") };
    let names = place.options().iter().enumerate();
    let names: Vec<_> = names.map(|(index, (name, _))| (index, *name)).collect();
    context.choice(item, noun, &names).map(|index| place.choose(index))
}

/// Reads a part. One in which something is wrong is there all the same, so that nobody is told that what
/// goes with it makes no sense.
fn part(context: Context<'_>, key: &Key, item: &Item, place: &mut dyn Part) -> Option<()> {
    let record = place.open();
    if item.table().is_some() || record.bare().is_some() {
        return read(context, item, record).is_empty().then_some(());
    }
    place.close();
    match (&item.value, key.unit) {
        (Value::Text(_), Unit::Table(example)) => {
            let help = format!("write \"none\" or {example}");
            context.not(item, "a table", &help)
        }
        _ => context.table(item).map(|_| ()),
    }
}

/// Reads tables by their names. One in which something is wrong is there all the same, so that nobody
/// is told that it is missing.
fn tables(context: Context<'_>, key: &Key, item: &Item, place: &mut dyn Parts) -> Option<()> {
    let Unit::Tables(noun, example) = key.unit else { unreachable!("tables have a noun") };
    let table = context.table(item)?;
    if table.entries.is_empty() {
        context.log.problem(item.place, format!("there is no {noun}"), format!("add {example}"));
        return None;
    }
    place.clear();
    for entry in &table.entries {
        if context.checked_name(entry.place, &entry.key) {
            read(context, &entry.item, place.open(&entry.key));
        }
    }
    Some(())
}

/// The key that goes with one, of the cv of a law.
fn cv_of(keys: &[&Key], law: &Key) -> &'static str {
    let cv = keys.iter().find(|key| key.with == Some(law.name));
    cv.map(|key| key.name).unwrap_or_default()
}

/// The shape of a law by its name, and by the cv beside it; where no name is stated, its default.
fn shape(section: Section<'_>, key: &Key, cv_key: &'static str, place: &mut Shape) -> Option<()> {
    let context = section.context;
    let Some(item) = section.get(key.name) else {
        if section.get(cv_key).is_some() {
            let help = format!("write {} = \"lognormal\" with it", key.name);
            section.refuse(&[cv_key], &format!("without a `{}`", key.name), &help);
            return None;
        }
        return Some(());
    };
    let name = law::name(context, item)?;
    if name == law::Name::Empirical {
        let help = "its mean is stated beside it; use a law of mean and cv";
        context.log.problem(item.place, format!("`{}` cannot be empirical", key.name), help);
        return None;
    }
    law::shape(section, name, cv_key).map(|shape| *place = shape)
}
