//! `retries`: what a client does after a failed attempt.

use sim::deployment::Retries;
use sim::time::SimDuration;

use crate::document::{Item, Value};
use crate::read::section::{Context, Section};

/// The keys of the table form.
pub(crate) const KEYS: &[&str] = &["max", "back_off", "factor", "jitter"];

/// Most further attempts.
const MOST: u64 = 15;

/// A number of further attempts, or a table that says how they wait.
pub(crate) fn read(context: Context<'_>, item: &Item) -> Option<Retries> {
    let mut retries =
        Retries { max: 0, back_off: SimDuration::from_ms(100.0), factor: 2.0, jitter: 0.5 };
    if let Value::Integer(_) = item.value {
        retries.max = context.integer(item, 0, MOST)? as u8;
        return Some(if retries.max == 0 { Retries::NONE } else { retries });
    }
    let section = Section::open(context, item, KEYS)?;
    let max = section.need("max", "2").and_then(|item| context.integer(item, 0, MOST));
    if let Some(back_off) = section.get("back_off").and_then(|item| context.duration(item)) {
        retries.back_off = back_off;
    }
    if let Some(factor) = section.get("factor").and_then(|item| context.number(item, 1.0, 100.0)) {
        retries.factor = factor;
    }
    if let Some(jitter) = section.get("jitter").and_then(|item| context.share(item)) {
        retries.jitter = jitter;
    }
    retries.max = max? as u8;
    Some(retries)
}
