//! `database` of a profile: a table, or the delay alone.

use sim::deployment::{DATABASE_POOL, Database};

use crate::document::Item;
use crate::read::law;
use crate::read::section::{Context, Section};

/// The keys of a database.
pub(crate) const KEYS: &[&str] = &["delay", "pool", "at_once"];

/// A database; a bare law is its delay.
pub(crate) fn read(context: Context<'_>, item: &Item) -> Option<Database> {
    let is_law = item.table().is_none_or(|table| KEYS.iter().all(|key| table.get(key).is_none()));
    if is_law {
        return law::read(context, item).map(Database::answering_after);
    }
    let section = Section::open(context, item, KEYS)?;
    let delay = section.need("delay", "\"3 ms\"").and_then(|item| law::read(context, item));
    let whole = |item| context.integer(item, 1, 1_000_000).map(|number| number as u32);
    let pool = section.get("pool").map_or(Some(DATABASE_POOL), whole);
    let at_once = section.get("at_once").filter(|item| !Context::is_none(item)).map(whole);
    Some(Database {
        delay: delay?,
        pool: pool?,
        at_once: at_once.map_or(Some(None), |n| n.map(Some))?,
    })
}
