//! A table of the file while it is read: its keys are known, what is missing is missed.

use crate::document::{Entry, Item, Place, Table};
use crate::files::Files;
use crate::problems::Log;
use crate::read::names::suggestion;

/// What every reader needs: where to note problems, and the files that a scenario names.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// Where problems are noted.
    pub(crate) log: &'a Log,
    /// CSV and profile files.
    pub(crate) files: &'a Files,
}

/// A table with a list of the keys that it may have.
#[derive(Clone, Copy)]
pub(crate) struct Section<'a> {
    /// Where problems are noted, and where files are found.
    pub(crate) context: Context<'a>,
    /// The table.
    pub(crate) table: &'a Table,
    /// Where it begins.
    pub(crate) place: Place,
    keys: &'a [&'static str],
}

impl<'a> Section<'a> {
    /// Opens a table; notes whatever it says that is not among `keys`. None where it is no table.
    pub(crate) fn open(
        context: Context<'a>,
        item: &'a Item,
        keys: &'a [&'static str],
    ) -> Option<Self> {
        let section = Self::open_part(context, item, keys)?;
        for entry in &section.table.entries {
            if !keys.contains(&entry.key.as_str()) {
                section.unknown(entry);
            }
        }
        Some(section)
    }

    /// As [`Self::open`], where the caller looks after the keys that it does not know.
    pub(crate) fn open_part(
        context: Context<'a>,
        item: &'a Item,
        keys: &'a [&'static str],
    ) -> Option<Self> {
        let table = context.table(item)?;
        Some(Self { context, table, place: item.place, keys })
    }

    /// The value of a key that may be absent.
    pub(crate) fn get(&self, key: &'static str) -> Option<&'a Item> {
        debug_assert!(self.keys.contains(&key), "`{key}` is a key that is read but not known");
        self.table.get(key)
    }

    /// The value of a key that must be there.
    pub(crate) fn need(&self, key: &'static str, example: &str) -> Option<&'a Item> {
        let item = self.get(key);
        if item.is_none() {
            self.problem(format!("the key `{key}` is missing"), format!("add {key} = {example}"));
        }
        item
    }

    /// Notes a problem of the table as a whole.
    pub(crate) fn problem(&self, what: impl Into<String>, help: impl Into<String>) {
        self.context.log.problem(self.place, what, help);
    }

    /// Notes each of these keys that is there, although it makes no sense.
    pub(crate) fn refuse(&self, keys: &[&str], why: &str, help: &str) {
        for entry in self.table.entries.iter().filter(|entry| keys.contains(&entry.key.as_str())) {
            let what = format!("`{}` makes no sense {why}", entry.key);
            self.context.log.problem(entry.place, what, help);
        }
    }

    fn unknown(&self, entry: &Entry) {
        self.context.unknown_key(entry, self.keys);
    }
}

/// Keys that there were, those in place of them, and how they differ.
const RETIRED: [(&str, &str, &str); 1] = [(
    "per_live_mib",
    "per_copied_mib",
    "a pause grows with what it copies, which is less than what is alive",
)];

impl Context<'_> {
    /// Notes a key that does not exist.
    pub(crate) fn unknown_key(&self, entry: &Entry, known: &[&str]) {
        let retired = RETIRED.iter().find(|(key, ..)| *key == entry.key);
        if let Some((key, now, help)) = retired.filter(|(_, now, _)| known.contains(now)) {
            return self.log.problem(entry.place, format!("`{key}` is now `{now}`"), *help);
        }
        let what = format!("unknown key `{}`", crate::quantity::shown(&entry.key));
        self.log.problem(entry.place, what, suggestion(&entry.key, known));
    }
}
