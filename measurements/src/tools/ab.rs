//! ab (`-g`): whole milliseconds sorted by length, starts in whole seconds, and nothing of which requests
//! failed.

use super::hey::LABEL;
use super::rows::{Columns, Rows};
use super::values::{cell_us, instant};
use super::{Clock, Tool, Users};
use crate::error::Trouble;
use crate::format::Format;
use crate::head::Input;
use crate::sample::{Item, Sample};
use crate::table::{Column, Table};

pub(crate) const TOOL: Tool = Tool {
    name: "requests of ab (`-g`)",
    recognises: |head| head.has(&["starttime", "seconds", "ttime"]).then(|| head.table()).into(),
    open: |opening| {
        let table = Table::open(opening.input, opening.layout)?;
        Ok(Box::new(Rows::new(table, &Cells::default())?))
    },
    day_order: None,
    clock: Clock::Epoch,
    users: Users::Closed,
    caution: Some("ab does not say which requests failed: their times are among the others"),
};

#[derive(Default)]
struct Cells {
    start: Column,
    duration: Column,
}

impl Columns for Cells {
    fn of(&self, table: &Table<Input>) -> Result<Self, Trouble> {
        let cells = Self { start: table.column(&["seconds"]), duration: table.column(&["ttime"]) };
        let needed = [("`seconds`", cells.start), ("`ttime`", cells.duration)];
        table.require(Format::Requests(TOOL.name), &needed)?;
        Ok(cells)
    }

    fn item<'a>(&'a mut self, table: &'a Table<Input>) -> Item<'a> {
        self.sample(table).map_or_else(Item::Unreadable, Item::Sample)
    }

    /// Days of the week begin every row.
    fn is_header(words: &[&str], _: &[String]) -> bool {
        words.first() == Some(&"starttime")
    }
}

impl Cells {
    fn sample<'a>(&self, table: &'a Table<Input>) -> Result<Sample<'a>, String> {
        table.whole()?;
        let (start, step_ms) = instant(table.text(self.start)?.ok_or("no `seconds`")?, "seconds")?;
        let elapsed = cell_us(table, self.duration, 1e3, "ttime")?;
        Ok(Sample { label: LABEL, step_ms, ..Sample::spanning(start, elapsed) })
    }
}
