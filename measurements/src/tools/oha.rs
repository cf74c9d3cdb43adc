//! oha (`--output-format csv`): seconds, and the start of each request since the test began. An answer is
//! good by its status; oha itself counts a 503 as a success.

use super::hey::{LABEL, since_the_test};
use super::rows::{Columns, Rows};
use super::values::{cell_us, is_good};
use super::{Clock, Tool, Users};
use crate::error::Trouble;
use crate::format::Format;
use crate::head::Input;
use crate::sample::{Item, Sample};
use crate::table::{Column, Table};

pub(crate) const TOOL: Tool = Tool {
    name: "requests of oha (`--output-format csv`)",
    recognises: |head| {
        head.has(&["request-start", "request-duration"]).then(|| head.table()).into()
    },
    open: |opening| {
        let table = Table::open(opening.input, opening.layout)?;
        Ok(Box::new(Rows::new(table, &Cells::default())?))
    },
    day_order: None,
    clock: Clock::Test,
    // With `-q` requests come by themselves.
    users: Users::Either,
    caution: None,
};

#[derive(Default)]
struct Cells {
    start: Column,
    duration: Column,
    status: Column,
}

impl Columns for Cells {
    fn of(&self, table: &Table<Input>) -> Result<Self, Trouble> {
        let cells = Self {
            start: table.column(&["request-start"]),
            duration: table.column(&["request-duration"]),
            status: table.column(&["status"]),
        };
        table.require(Format::Requests(TOOL.name), &[("`status`", cells.status)])?;
        Ok(cells)
    }

    fn item<'a>(&'a mut self, table: &'a Table<Input>) -> Item<'a> {
        self.sample(table).map_or_else(Item::Unreadable, Item::Sample)
    }
}

impl Cells {
    fn sample<'a>(&self, table: &'a Table<Input>) -> Result<Sample<'a>, String> {
        table.whole()?;
        let elapsed = cell_us(table, self.duration, 1e6, "request-duration")?;
        let code = table.text(self.status)?.ok_or("no `status`")?;
        Ok(Sample {
            label: LABEL,
            success: is_good(code),
            code,
            ..Sample::spanning(since_the_test(table, self.start, "request-start")?, elapsed)
        })
    }
}
