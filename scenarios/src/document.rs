//! A TOML document as a tree in which every key and value knows where it was written. Knows TOML,
//! not scenarios.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where something was written: which source, and which bytes of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Index of the source.
    pub(crate) source: usize,
    /// First byte.
    pub(crate) start: usize,
    /// One past the last byte.
    pub(crate) end: usize,
}

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Where it was written.
    pub(crate) place: Place,
    /// What was written.
    pub(crate) value: Value,
}

/// What TOML can say.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A string.
    Text(String),
    /// A whole number; beyond `i128` it is the largest.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// A date or time, as written.
    Datetime(String),
    /// A list.
    Array(Vec<Item>),
    /// Keys and values.
    Table(Table),
}

/// Keys and values in the order in which they were written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// The entries; no key occurs twice.
    pub(crate) entries: Vec<Entry>,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: String,
    /// Where the key was written.
    pub(crate) place: Place,
    /// The value.
    pub(crate) item: Item,
}

impl Table {
    /// The entry of that key.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The value of that key.
    pub(crate) fn get(&self, key: &str) -> Option<&Item> {
        self.entry(key).map(|entry| &entry.item)
    }

    /// Puts an entry in place of the one with its key, or at the end.
    pub(crate) fn put(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|old| old.key == entry.key) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }
}

impl Item {
    /// The table, if it is one.
    pub(crate) fn table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A table, here or within, that has more entries than that.
    pub(crate) fn crowded(&self, most: usize) -> Option<Place> {
        match &self.value {
            Value::Array(items) => items.iter().find_map(|item| item.crowded(most)),
            Value::Table(table) if table.entries.len() > most => Some(self.place),
            Value::Table(table) => table.entries.iter().find_map(|e| e.item.crowded(most)),
            _ => None,
        }
    }

    /// What it is, in words.
    pub(crate) fn noun(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "a text",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Boolean(_) => "true or false",
            Value::Datetime(_) => "a date",
            Value::Array(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    /// A scalar as it was written, or what it is.
    pub(crate) fn written(&self) -> String {
        match &self.value {
            Value::Text(text) | Value::Datetime(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Boolean(boolean) => boolean.to_string(),
            Value::Array(_) | Value::Table(_) => self.noun().to_owned(),
        }
    }
}

/// A key as TOML wants it written: in quotes where it is not bare.
pub(crate) fn toml_key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(is_bare) {
        return name.to_owned();
    }
    let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

/// A fault of syntax: the bytes and what the parser says.
pub(crate) type Fault = (Place, String);

/// Reads a whole document.
///
/// # Errors
///
/// Every fault of syntax.
pub(crate) fn parse(source: usize, text: &str) -> Result<Item, Vec<Fault>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let place = Place { source, start: 0, end: 0 };
        Ok(Item { place, value: Value::Table(convert_table(source, 0, table.get_ref())) })
    } else {
        Err(errors.iter().map(|error| fault(source, error)).collect())
    }
}

/// Reads one value that stands `offset` bytes into its source; none where it is no TOML value.
pub(crate) fn parse_value(source: usize, offset: usize, text: &str) -> Option<Item> {
    let value = DeValue::parse(text).ok()?;
    Some(convert(source, offset, &value))
}

/// The elements of a list, each as it is written; none where this is no list.
pub(crate) fn elements(text: &str) -> Option<Vec<String>> {
    let value = DeValue::parse(text).ok()?;
    let DeValue::Array(array) = value.get_ref() else { return None };
    Some(array.iter().map(|element| text[element.span()].to_owned()).collect())
}

fn fault(source: usize, error: &toml::de::Error) -> Fault {
    let span = error.span().unwrap_or_default();
    (Place { source, start: span.start, end: span.end }, error.message().replace('\n', ", "))
}

fn convert(source: usize, offset: usize, spanned: &Spanned<DeValue<'_>>) -> Item {
    let span = spanned.span();
    let place = Place { source, start: span.start + offset, end: span.end + offset };
    let value = match spanned.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(integer) => {
            let number = i128::from_str_radix(integer.as_str(), integer.radix());
            Value::Integer(number.unwrap_or(i128::MAX))
        }
        DeValue::Float(float) => Value::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(boolean) => Value::Boolean(*boolean),
        DeValue::Datetime(datetime) => Value::Datetime(datetime.to_string()),
        DeValue::Array(array) => {
            Value::Array(array.iter().map(|item| convert(source, offset, item)).collect())
        }
        DeValue::Table(table) => Value::Table(convert_table(source, offset, table)),
    };
    Item { place, value }
}

fn convert_table(source: usize, offset: usize, table: &DeTable<'_>) -> Table {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| {
            let span = key.span();
            let place = Place { source, start: span.start + offset, end: span.end + offset };
            Entry { key: key.get_ref().to_string(), place, item: convert(source, offset, value) }
        })
        .collect();
    // The parser sorts by key; people expect their own order.
    entries.sort_by_key(|entry| entry.place.start);
    Table { entries }
}
