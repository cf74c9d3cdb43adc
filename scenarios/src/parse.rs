//! From a text to the tree of a document, unless it is no TOML or too much of it.

use crate::document::{self, Item, Place};
use crate::problems::{Log, whole_characters};

/// Deeper keys than this would cost more stack than a thread has.
const MOST_DOTS_IN_A_LINE: usize = 200;

/// A table of more keys is none of ours; the readers search tables from end to end.
const MOST_KEYS: usize = 2000;

/// The tree of a text; notes why it is none.
pub(crate) fn parse(log: &Log, source: usize, text: &str) -> Option<Item> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.matches('.').count() > MOST_DOTS_IN_A_LINE && !line.trim_start().starts_with('#') {
            let place = Place { source, start, end: start };
            log.problem(place, "this line has too many dots", "write a key with a few parts");
            return None;
        }
        start += line.len();
    }
    let faults = match document::parse(source, text) {
        Ok(root) => match root.crowded(MOST_KEYS) {
            None => return Some(root),
            Some(place) => {
                log.problem(place, "this table has too many keys", "2000 are the most");
                return None;
            }
        },
        Err(faults) => faults,
    };
    for (place, what) in faults {
        log.problem(place, format!("this is not TOML: {what}"), hint(text, place));
    }
    None
}

/// What is probably meant by a line that is not TOML.
fn hint(text: &str, place: Place) -> &'static str {
    let start = whole_characters(text, place.start);
    let line = text[..start].rfind('\n').map_or(0, |end| end + 1);
    if text[line..].trim_start().starts_with("p99.9") {
        "beside p99 write the longer key in quotes: \"p99.9\" = \"1 s\""
    } else {
        ""
    }
}
