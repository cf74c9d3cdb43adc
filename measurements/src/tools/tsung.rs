//! Tsung's dump of requests (`dumptraffic="protocol"`): the end of each in s since 1970, durations in ms.
//! Sessions come by themselves.

use super::rows::{Columns, Rows};
use super::values::{cell_us, instant, is_good, name_request};
use super::{Clock, Tool, Users};
use crate::error::Trouble;
use crate::format::Format;
use crate::head::Input;
use crate::sample::{Item, Sample};
use crate::table::{Column, Table};

pub(crate) const TOOL: Tool = Tool {
    name: "requests of Tsung (`tsung.dump`)",
    recognises: |head| head.has(&["#date", "pid", "duration"]).then(|| head.table()).into(),
    open: |opening| {
        let table = Table::open(opening.input, opening.layout)?;
        Ok(Box::new(Rows::new(table, &Cells::default())?))
    },
    day_order: None,
    clock: Clock::Epoch,
    users: Users::Open,
    caution: None,
};

#[derive(Default)]
struct Cells {
    end: Column,
    method: Column,
    url: Column,
    status: Column,
    duration: Column,
    error: Column,
    label: String,
}

impl Columns for Cells {
    fn of(&self, table: &Table<Input>) -> Result<Self, Trouble> {
        let cells = Self {
            end: table.column(&["#date"]),
            method: table.column(&["http method"]),
            url: table.column(&["URL"]),
            status: table.column(&["HTTP status"]),
            duration: table.column(&["duration"]),
            error: table.column(&["error"]),
            label: String::new(),
        };
        let needed = [("`HTTP status`", cells.status), ("`URL`", cells.url)];
        table.require(Format::Requests(TOOL.name), &needed)?;
        Ok(cells)
    }

    fn item<'a>(&'a mut self, table: &'a Table<Input>) -> Item<'a> {
        self.sample(table).map_or_else(Item::Unreadable, Item::Sample)
    }
}

impl Cells {
    fn sample<'a>(&'a mut self, table: &'a Table<Input>) -> Result<Sample<'a>, String> {
        table.whole()?;
        let (end, _) = instant(table.text(self.end)?.ok_or("no `#date`")?, "#date")?;
        let elapsed = cell_us(table, self.duration, 1e3, "duration")?;
        let code = table.text(self.status)?.unwrap_or_default();
        let message = table.text(self.error)?.unwrap_or_default();
        let method = table.text(self.method)?.unwrap_or_default();
        name_request(&mut self.label, method, table.text(self.url)?.unwrap_or_default());
        Ok(Sample {
            label: &self.label,
            success: is_good(code) && message.is_empty(),
            code,
            message,
            ..Sample::spanning(end - elapsed as i64, elapsed)
        })
    }
}
