//! k6 (`--out csv`): a row for each metric of each request, in ms; instants are those of its end, in whole
//! seconds unless `K6_CSV_TIME_FORMAT` says otherwise. `http_req_duration` leaves out connecting.

use super::k6_json::{Point, is_request};
use super::rows::{Columns, Rows};
use super::values::{cell_us, instant};
use super::{Clock, Tool, Users};
use crate::error::Trouble;
use crate::format::Format;
use crate::head::Input;
use crate::sample::{Item, Sample};
use crate::table::{Column, Table};

pub(crate) const TOOL: Tool = Tool {
    name: "points of k6 (`--out csv`)",
    recognises: |head| {
        let columns = ["metric_name", "timestamp", "metric_value"];
        head.has(&columns).then(|| head.table()).into()
    },
    open: |opening| {
        let table = Table::open(opening.input, opening.layout)?;
        Ok(Box::new(Rows::new(table, &Cells::default())?))
    },
    day_order: None,
    clock: Clock::Epoch,
    users: Users::Either,
    caution: None,
};

#[derive(Default)]
struct Cells {
    metric: Column,
    end: Column,
    value: Column,
    expected: Column,
    status: Column,
    method: Column,
    name: Column,
    url: Column,
    error: Column,
    label: String,
    /// How many users ran when it was last said.
    users: Option<u32>,
}

impl Columns for Cells {
    fn of(&self, table: &Table<Input>) -> Result<Self, Trouble> {
        let cells = Self {
            metric: table.column(&["metric_name"]),
            end: table.column(&["timestamp"]),
            value: table.column(&["metric_value"]),
            expected: table.column(&["expected_response"]),
            status: table.column(&["status"]),
            method: table.column(&["method"]),
            name: table.column(&["name"]),
            url: table.column(&["url"]),
            error: table.column(&["error"]),
            label: String::new(),
            users: None,
        };
        let judged = cells.expected.or(cells.status);
        let needed = [("`expected_response` or `status`", judged)];
        table.require(Format::Requests(TOOL.name), &needed)?;
        Ok(cells)
    }

    fn item<'a>(&'a mut self, table: &'a Table<Input>) -> Item<'a> {
        match table.text(self.metric) {
            Ok(Some("vus")) => {
                self.users =
                    table.count(self.value, u32::MAX.into()).ok().flatten().map(|n| n as u32);
                Item::Other
            }
            Ok(Some(metric)) if is_request(metric) => {
                self.sample(table).map_or_else(Item::Unreadable, Item::Sample)
            }
            Ok(Some(_)) => table.whole().map_or_else(Item::Unreadable, |()| Item::Other),
            Ok(None) => Item::Unreadable("no `metric_name`".to_owned()),
            Err(reason) => Item::Unreadable(reason),
        }
    }

    /// Names of metrics begin every row.
    fn is_header(words: &[&str], _: &[String]) -> bool {
        words.first() == Some(&"metric_name")
    }
}

impl Cells {
    fn sample<'a>(&'a mut self, table: &'a Table<Input>) -> Result<Sample<'a>, String> {
        table.whole()?;
        let (end, step_ms) = instant(table.text(self.end)?.ok_or("no `timestamp`")?, "timestamp")?;
        let elapsed = cell_us(table, self.value, 1e3, "metric_value")?;
        let text = |column| Ok::<_, String>(table.text(column)?.unwrap_or_default());
        let point = Point {
            end,
            step_ms,
            elapsed,
            expected: text(self.expected)?,
            code: text(self.status)?,
            message: text(self.error)?,
            method: text(self.method)?,
            name: text(self.name)?,
            url: text(self.url)?,
        };
        Ok(point.sample(&mut self.label, self.users))
    }
}
