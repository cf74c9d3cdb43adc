//! The columns of a CSV file: each with its name and what it says of a row. Those of what was measured
//! derive from the quantity.

use std::io::Write;

use sim::quantity::{Estimates, Quantity};
use sim::results::Results;

use super::rows::{Row, Rows};
use crate::ReportError;

/// Something of which quantities were found.
pub(super) trait Measured {
    /// What was found of it.
    fn found(&self) -> &Estimates;
}

/// Adds the field of a column to a row.
type Field<'a, T> = dyn Fn(Row, &T) -> Row + 'a;

/// One column of a file whose rows are each of a `T`.
pub(super) struct Column<'a, T> {
    name: String,
    add: Box<Field<'a, T>>,
}

impl<'a, T: 'a> Column<'a, T> {
    /// A name of the user's.
    pub(super) fn name(name: &str, value: fn(&T) -> &str) -> Self {
        Self { name: name.to_owned(), add: Box::new(move |row, of| row.name(value(of))) }
    }

    /// A word of our own.
    pub(super) fn word(name: &str, value: fn(&T) -> &str) -> Self {
        Self { name: name.to_owned(), add: Box::new(move |row, of| row.word(value(of))) }
    }

    /// The same, by what the column is of.
    pub(super) fn chosen(name: &str, value: impl Fn(&T) -> &str + 'a) -> Self {
        Self { name: name.to_owned(), add: Box::new(move |row, of| row.word(value(of))) }
    }

    /// A number that may be absent.
    pub(super) fn number(name: &str, value: impl Fn(&T) -> Option<f64> + 'a) -> Self {
        Self { name: name.to_owned(), add: Box::new(move |row, of| row.optional(value(of))) }
    }
}

impl<'a, T: Measured + 'a> Column<'a, T> {
    /// The estimate of a quantity.
    pub(super) fn mean(of: Quantity) -> Self {
        Self::number(&of.column(), move |row: &T| row.found().get(of).map(|found| found.mean))
    }

    /// Its half-width.
    pub(super) fn half_width(of: Quantity) -> Self {
        Self::half_width_as(&(of.column() + "_half_width"), of)
    }

    /// Its half-width, under a name that scripts rely on.
    pub(super) fn half_width_as(name: &str, of: Quantity) -> Self {
        Self::number(name, move |row: &T| row.found().get(of).and_then(|found| found.half_width))
    }

    /// Both.
    pub(super) fn estimate(of: Quantity) -> [Self; 2] {
        [Self::mean(of), Self::half_width(of)]
    }

    /// Whether there is such a column.
    pub(super) fn is_in(name: &str, columns: &[Self]) -> bool {
        columns.iter().any(|column| column.name == name)
    }
}

/// Writes a row of each.
pub(super) fn write<T>(
    out: &mut dyn Write,
    results: &Results,
    columns: &[Column<'_, T>],
    all: impl Iterator<Item = T>,
) -> Result<(), ReportError> {
    let mut rows = Rows::new(out, results, &header(columns))?;
    for of in all {
        rows.write(row(Row::default(), columns, &of))?;
    }
    rows.finish()
}

/// The names of columns.
pub(super) fn header<T>(columns: &[Column<'_, T>]) -> Vec<String> {
    columns.iter().map(|column| column.name.clone()).collect()
}

/// Adds what columns say of a thing to a row.
pub(super) fn row<T>(before: Row, columns: &[Column<'_, T>], of: &T) -> Row {
    columns.iter().fold(before, |row, column| (column.add)(row, of))
}
