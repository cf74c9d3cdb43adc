//! Whatever has keys.

use std::collections::BTreeMap;

use super::{Key, Row, Slot};

/// A type with keys.
pub trait Keyed: Sized + 'static {
    /// Its name in the schema.
    const NAME: &'static str;
    /// What it is.
    const DOC: &'static str;
    /// Its keys, in the order in which they are documented and written.
    const ROWS: &'static [Row<Self>];
    /// The key that a bare value, in place of a table, states.
    const BARE: Option<&'static str> = None;

    /// One in which nothing is stated: every key has its default.
    fn unstated() -> Self;

    /// One in which those keys have a place and a default that have none in [`Self::unstated`].
    fn otherwise() -> Self {
        Self::unstated()
    }
}

/// A value of some [`Keyed`] type.
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

impl<T: Keyed> Record for T {
    fn name(&self) -> &'static str {
        T::NAME
    }

    fn doc(&self) -> &'static str {
        T::DOC
    }

    fn bare(&self) -> Option<&'static str> {
        T::BARE
    }

    fn keys(&self) -> Vec<&'static Key> {
        T::ROWS.iter().map(|row| &row.key).collect()
    }

    fn slot(&mut self, index: usize) -> Slot<'_> {
        (T::ROWS[index].place)(self)
    }

    fn begin(&mut self, index: usize) {
        (T::ROWS[index].begin)(self);
    }

    fn defaults(&self) -> [Box<dyn Record>; 2] {
        [Box::new(T::unstated()), Box::new(T::otherwise())]
    }
}

impl dyn Record + '_ {
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

impl<T: Keyed> Part for Option<T> {
    fn there(&mut self) -> Option<&mut dyn Record> {
        self.as_mut().map(|part| part as &mut dyn Record)
    }

    fn open(&mut self) -> &mut dyn Record {
        self.insert(T::unstated())
    }

    fn close(&mut self) {
        *self = None;
    }
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

impl<T: Keyed> Parts for BTreeMap<String, T> {
    fn named(&mut self, name: &str) -> Option<&mut dyn Record> {
        self.get_mut(name).map(|part| part as &mut dyn Record)
    }

    fn open(&mut self, name: &str) -> &mut dyn Record {
        let part = self.entry(name.to_owned()).or_insert_with(T::unstated);
        *part = T::unstated();
        part
    }

    fn unstated(&self) -> Box<dyn Record> {
        Box::new(T::unstated())
    }

    fn clear(&mut self) {
        BTreeMap::clear(self);
    }
}
