//! Requests in the rows of a table: what the tools that write CSV have in common.

use crate::error::Trouble;
use crate::head::Input;
use crate::sample::{Item, Samples};
use crate::table::Table;

/// Where the rows of a tool have what.
pub(crate) trait Columns: Sized {
    /// By the header of a table.
    ///
    /// # Errors
    ///
    /// If what is needed has no column.
    fn of(&self, table: &Table<Input>) -> Result<Self, Trouble>;

    /// What the record that was read last says.
    fn item<'a>(&'a mut self, table: &'a Table<Input>) -> Item<'a>;

    /// Whether a record whose first cell does not begin with a digit names columns, as the header does.
    fn is_header(words: &[&str], header: &[String]) -> bool {
        words.len() == header.len() && words.first().copied() == header.first().map(String::as_str)
    }
}

/// The rows of a table.
pub(crate) struct Rows<'a, C> {
    table: Table<Input<'a>>,
    columns: C,
}

impl<'a, C: Columns> Rows<'a, C> {
    /// Of a table whose columns are yet to be found as `columns` would be.
    pub(crate) fn new(table: Table<Input<'a>>, columns: &C) -> Result<Self, Trouble> {
        let columns = columns.of(&table)?;
        Ok(Self { table, columns })
    }
}

impl<C: Columns> Samples for Rows<'_, C> {
    fn advance(&mut self) -> Result<Option<(u64, Item<'_>)>, Trouble> {
        let Some(line) = self.table.advance()? else { return Ok(None) };
        let names = |words: Vec<&str>| C::is_header(&words, self.table.headers());
        if self.table.words().is_some_and(names) {
            self.table.adopt();
            self.columns =
                self.columns.of(&self.table).map_err(|trouble| trouble.problem.at(line))?;
            return Ok(Some((line, Item::Header)));
        }
        Ok(Some((line, self.columns.item(&self.table))))
    }

    fn ended(&self) -> bool {
        self.table.ended()
    }
}
