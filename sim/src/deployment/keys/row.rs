//! A key in the table of whatever has it.

use super::{Key, Search, Shown, Slot, Unit};

/// A key and where a `T` keeps its value.
pub struct Row<T> {
    /// The key.
    pub key: Key,
    pub(super) place: fn(&mut T) -> Slot<'_>,
    pub(super) begin: fn(&mut T),
}

impl<T> Row<T> {
    /// A key of that name, meaning and unit, kept there.
    pub const fn new(
        name: &'static str,
        doc: &'static str,
        unit: Unit,
        place: fn(&mut T) -> Slot<'_>,
    ) -> Self {
        let key = Key {
            name,
            doc,
            unit,
            above_zero: false,
            none: None,
            needed: None,
            refused: None,
            with: None,
            spelt: false,
            search: None,
        };
        Self { key, place, begin: |_| {} }
    }

    /// The value is above 0.
    #[must_use]
    pub const fn above_zero(mut self) -> Self {
        self.key.above_zero = true;
        self
    }

    /// `none` may be written, as is assumed where nothing is stated; it means this.
    #[must_use]
    pub const fn or_none(mut self, meaning: &'static str) -> Self {
        self.key.none = Some(meaning);
        self
    }

    /// It must be stated wherever it has a place, like this.
    #[must_use]
    pub const fn needed(mut self, example: &'static str) -> Self {
        self.key.needed = Some(example);
        self
    }

    /// It makes no sense where it has no place: why, and what to do then.
    #[must_use]
    pub const fn refused(mut self, why: &'static str, help: &'static str) -> Self {
        self.key.refused = Some((why, help));
        self
    }

    /// It is read and written together with that other key.
    #[must_use]
    pub const fn with(mut self, key: &'static str) -> Self {
        self.key.with = Some(key);
        self
    }

    /// It is written even where it has its default.
    #[must_use]
    pub const fn spelt(mut self) -> Self {
        self.key.spelt = true;
        self
    }

    /// What stating it does to a `T` before any value is read.
    #[must_use]
    pub const fn begins(mut self, begin: fn(&mut T)) -> Self {
        self.begin = begin;
        self
    }

    /// It is fitted, from `least` to `most` in its unit (milliseconds of a duration), where tests that
    /// show something tell of it at the value that it has.
    #[must_use]
    pub const fn fitted(mut self, least: f64, most: f64, when: fn(Shown, f64) -> bool) -> Self {
        self.key.search = Some(Search { least, most, when, of_pauses: false, common: false });
        self
    }

    /// It is fitted, and says how often or for how long a node pauses.
    #[must_use]
    pub const fn of_pauses(mut self) -> Self {
        if let Some(search) = &mut self.key.search {
            search.of_pauses = true;
        }
        self
    }

    /// It is fitted, and all operations have it in common.
    #[must_use]
    pub const fn in_common(mut self) -> Self {
        if let Some(search) = &mut self.key.search {
            search.common = true;
        }
        self
    }
}
