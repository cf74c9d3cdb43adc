//! hey (`-o csv`): seconds, and the start of each request since the test began. It keeps its first million.

use super::rows::{Columns, Rows};
use super::values::{LAST_SECOND, cell_us, is_good};
use super::{Clock, Tool, Users};
use crate::error::Trouble;
use crate::format::Format;
use crate::head::Input;
use crate::sample::{Item, Sample};
use crate::table::{Column, Table};

pub(crate) const TOOL: Tool = Tool {
    name: "requests of hey (`-o csv`)",
    recognises: |head| head.has(&["response-time", "DNS+dialup"]).then(|| head.table()).into(),
    open: |opening| {
        let table = Table::open(opening.input, opening.layout)?;
        Ok(Box::new(Rows::new(table, &Cells::default())?))
    },
    day_order: None,
    clock: Clock::Test,
    users: Users::Closed,
    caution: None,
};

/// What every request is called.
pub(super) const LABEL: &str = "request";

#[derive(Default)]
struct Cells {
    duration: Column,
    status: Column,
    offset: Column,
}

impl Columns for Cells {
    fn of(&self, table: &Table<Input>) -> Result<Self, Trouble> {
        let cells = Self {
            duration: table.column(&["response-time"]),
            status: table.column(&["status-code"]),
            offset: table.column(&["offset"]),
        };
        let needed = [
            ("`response-time`", cells.duration),
            ("`status-code`", cells.status),
            ("`offset`", cells.offset),
        ];
        table.require(Format::Requests(TOOL.name), &needed)?;
        Ok(cells)
    }

    fn item<'a>(&'a mut self, table: &'a Table<Input>) -> Item<'a> {
        self.sample(table).map_or_else(Item::Unreadable, Item::Sample)
    }
}

impl Cells {
    fn sample<'a>(&self, table: &'a Table<Input>) -> Result<Sample<'a>, String> {
        table.whole()?;
        let elapsed = cell_us(table, self.duration, 1e6, "response-time")?;
        let code = table.text(self.status)?.ok_or("no `status-code`")?;
        Ok(Sample {
            label: LABEL,
            success: is_good(code),
            code,
            ..Sample::spanning(since_the_test(table, self.offset, "offset")?, elapsed)
        })
    }
}

/// An instant since the test began, in µs, of a cell in seconds.
pub(super) fn since_the_test(
    table: &Table<Input>,
    column: Column,
    name: &str,
) -> Result<i64, String> {
    let offset = table.number(column)?.filter(|offset| *offset <= LAST_SECOND);
    offset.map(|seconds| (seconds * 1e6).round() as i64).ok_or_else(|| format!("no `{name}`"))
}
