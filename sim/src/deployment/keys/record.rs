//! A thing with keys, and where it keeps their values.

use std::collections::BTreeMap;

use super::{Choice, Key, Stored};
use crate::deployment::Bursts;
use crate::random::{Law, Shape};
use crate::time::SimDuration;

/// A thing with keys, whatever its type.
pub trait Record {
    /// The name of its type in the schema.
    fn name(&self) -> &'static str;

    /// What its type is.
    fn doc(&self) -> &'static str;

    /// The key that a bare value, in place of a table, states.
    fn bare(&self) -> Option<&'static str>;

    /// Its keys.
    fn keys(&self) -> Vec<&'static Key>;

    /// Where it keeps the value of its key of that index.
    ///
    /// # Panics
    ///
    /// If it has fewer keys.
    fn slot(&mut self, index: usize) -> Slot<'_>;

    /// Prepares it for the value of its key of that index.
    ///
    /// # Panics
    ///
    /// If it has fewer keys.
    fn begin(&mut self, index: usize);

    /// Others of its type with the defaults of its keys: each has its default in the first in which it
    /// has a place.
    fn defaults(&self) -> [Box<dyn Record>; 2];
}

impl dyn Record + '_ {
    /// The key at the end of the names that lead to it; none where there is no such key.
    pub fn key(&mut self, path: &[&str]) -> Option<&'static Key> {
        let (first, rest) = path.split_first()?;
        let keys = self.keys();
        let index = keys.iter().position(|key| key.name == *first)?;
        match (self.slot(index), rest) {
            (_, []) => Some(keys[index]),
            (Slot::Table(part), rest) => part.there()?.key(rest),
            (Slot::Tables(tables), [name, rest @ ..]) => tables.named(name)?.key(rest),
            _ => None,
        }
    }

    /// Where it keeps the value of a key by its name, or by the names that lead to it; refused where
    /// there is no such key.
    pub fn find(&mut self, path: &[&str]) -> Slot<'_> {
        let Some((first, rest)) = path.split_first() else { return Slot::Refused };
        let Some(index) = self.keys().iter().position(|key| key.name == *first) else {
            return Slot::Refused;
        };
        match (self.slot(index), rest) {
            (slot, []) => slot,
            (Slot::Table(part), rest) => part.there().map_or(Slot::Refused, |part| part.find(rest)),
            (Slot::Tables(tables), [name, rest @ ..]) => {
                tables.named(name).map_or(Slot::Refused, |table| table.find(rest))
            }
            _ => Slot::Refused,
        }
    }
}

/// A part of a record that may be absent.
pub trait Part {
    /// The part, if it is there.
    fn there(&mut self) -> Option<&mut dyn Record>;

    /// Puts one there in which nothing is stated.
    fn open(&mut self) -> &mut dyn Record;

    /// Takes it away.
    fn close(&mut self);
}

/// Parts of a record by their names.
pub trait Parts {
    /// The part of that name, if it is there.
    fn named(&mut self, name: &str) -> Option<&mut dyn Record>;

    /// Puts one there in which nothing is stated, under that name.
    fn open(&mut self, name: &str) -> &mut dyn Record;

    /// One in which nothing is stated.
    fn unstated(&self) -> Box<dyn Record>;

    /// Takes all away.
    fn clear(&mut self);
}

/// The place of a value.
pub enum Slot<'a> {
    /// A number, in the unit of its key.
    Number(&'a mut dyn Stored<f64>),
    /// A whole number.
    Count(&'a mut dyn Stored<u32>),
    /// A duration.
    Duration(&'a mut dyn Stored<SimDuration>),
    /// A law of durations.
    Law(&'a mut Law),
    /// The shape of a law.
    Shape(&'a mut Shape),
    /// Bursts.
    Bursts(&'a mut Bursts),
    /// One of several names.
    Choice(&'a mut dyn Choice),
    /// A table with keys of its own.
    Table(&'a mut dyn Part),
    /// Tables by their names, each with keys of its own.
    Tables(&'a mut dyn Parts),
    /// Lists of numbers, by the names that lead to each.
    Lists(&'a mut BTreeMap<Vec<String>, Vec<f64>>),
    /// None: the key means nothing here, and may be stated all the same.
    Idle,
    /// None: the key makes no sense here.
    Refused,
}

impl Slot<'_> {
    /// Whether there is a place.
    pub fn is_there(&self) -> bool {
        !matches!(self, Self::Idle | Self::Refused)
    }

    /// A number that can be fitted: milliseconds of a duration, of the mean of a law.
    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => number.stored(),
            Self::Duration(time) => time.stored().map(SimDuration::as_ms),
            Self::Law(law) => Some(law.mean.as_ms()),
            _ => None,
        }
    }

    /// Stores a number that was fitted, in the unit of [`Self::number`].
    pub(crate) fn put(self, value: f64) {
        match self {
            Self::Number(number) => number.store(value),
            Self::Duration(time) => time.store(SimDuration::from_ms(value)),
            Self::Law(law) => law.mean = SimDuration::from_ms(value),
            _ => {}
        }
    }
}
