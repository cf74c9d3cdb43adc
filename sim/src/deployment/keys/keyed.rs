//! Types with keys: a table of rows makes a record of each of their values.

use std::collections::BTreeMap;

use super::{Key, Part, Parts, Record, Row, Slot};

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
