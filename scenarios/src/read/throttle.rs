//! `throttle`: how many calls of a flow gateways admit.

use sim::deployment::{RateLimit, Throttle};
use sim::time::SimDuration;

use crate::document::Item;
use crate::read::reader::Reader;
use crate::read::section::{Context, Section};

const KEYS: &[&str] = &["limit", "window", "delay", "sync", "burst"];
/// Larger limits limit nothing.
const MOST: u64 = 1_000_000_000;

/// The table of that key.
pub(crate) fn read(context: Context<'_>, item: &Item) -> Option<Throttle> {
    let section = Section::open(context, item, KEYS)?;
    let number = section.get("limit").map(|item| context.integer(item, 1, MOST));
    let burst = section.get("burst").map(|item| context.integer(item, 1, MOST));
    let window = section.get("window").map(|item| context.positive_duration(item));
    let sync = section.get("sync").map(|item| context.positive_duration(item));
    let usual = if sync.is_some() { RateLimit::DELAY_AFTER_SYNC } else { RateLimit::DELAY };
    let delay = Reader(section).span("delay", usual.as_seconds());
    if number.is_none() {
        let help = "add limit = 6000, so many calls in a window";
        section.refuse(&["window", "delay", "sync"], "without `limit`", help);
        if burst.is_none() {
            let help = "add limit = 6000, or burst = 200";
            context.log.problem(item.place, "`throttle` limits nothing".to_owned(), help);
        }
    }
    let limit = match number {
        Some(number) => Some(RateLimit {
            number: number? as u32,
            window: window.unwrap_or(Some(SimDuration::from_seconds(60.0)))?,
            delay: delay?,
            sync: sync.unwrap_or(None),
        }),
        None => None,
    };
    let burst = match burst {
        Some(burst) => Some(burst? as u32),
        None => None,
    };
    Some(Throttle { limit, burst })
}
