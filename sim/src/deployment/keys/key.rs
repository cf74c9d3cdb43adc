//! A key, and its row in the table of whatever has it.

use super::{Search, Slot};

/// A key: what it is called, what it means and what may be written.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name, as files write it.
    pub name: &'static str,
    /// Its meaning, without its default, which is what a record has where it is not stated.
    pub doc: &'static str,
    /// What kind of value it has.
    pub unit: Unit,
    /// Whether the value must be above 0.
    pub above_zero: bool,
    /// What `none` means, where that may be written; it is then the default, too.
    pub none: Option<&'static str>,
    /// An example, where it must be stated.
    pub needed: Option<&'static str>,
    /// Why it makes no sense where a record has no place for it, and what to do then.
    pub refused: Option<(&'static str, &'static str)>,
    /// The key that it is read and written with.
    pub with: Option<&'static str>,
    /// Whether it is written even where it has its default.
    pub spelt: bool,
    /// How it is fitted to load tests, where it is.
    pub search: Option<Search>,
}

/// Kinds of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    /// A number without a unit.
    Number {
        /// The least.
        least: f64,
        /// The largest.
        most: f64,
    },
    /// A whole number.
    Count {
        /// The least.
        least: u32,
        /// The largest.
        most: u32,
    },
    /// A share, a fraction of 1.
    Share,
    /// A size of a message, KiB.
    Size,
    /// An amount of memory.
    Memory(Memory),
    /// A price per hour.
    Price,
    /// A duration.
    Duration,
    /// A law of durations.
    Law,
    /// The shape of a law, which its name and its coefficient of variation state.
    Shape,
    /// Bursts: how many equal ones, or those of a reactor.
    Bursts {
        /// Most equal ones.
        most: u8,
    },
    /// One of several names, which are options of such a noun.
    Choice(&'static str),
    /// A table with keys of its own, with an example.
    Table(&'static str),
    /// Tables by their names, each with keys of its own: what one is called, and an example.
    Tables(&'static str, &'static str),
}

/// In what a record counts an amount of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// KiB.
    Kib,
    /// MiB.
    Mib,
}

impl Memory {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kib => "KiB",
            Self::Mib => "MiB",
        }
    }

    /// KiB in one of it.
    pub fn kib(self) -> f64 {
        match self {
            Self::Kib => 1.0,
            Self::Mib => 1024.0,
        }
    }
}

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
    pub const fn fitted(
        mut self,
        least: f64,
        most: f64,
        when: fn(super::Shown, f64) -> bool,
    ) -> Self {
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
