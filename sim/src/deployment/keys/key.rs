//! A key: what can be said of a thing.

use super::Search;

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
    /// A tree of tables that ends in lists of numbers, with an example of a line.
    Lists(&'static str),
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
