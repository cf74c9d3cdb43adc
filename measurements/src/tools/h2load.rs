//! h2load (`--log-file`): rows without a header, of which the first three cells are the start in µs since
//! 1970, the status and the duration in µs; its manual says that more may follow.

use super::hey::LABEL;
use super::rows::{Columns, Rows};
use super::values::{cell_us, instant, is_good};
use super::{Clock, Tool, Users};
use crate::error::Trouble;
use crate::format::Layout;
use crate::head::{Head, Input};
use crate::sample::{Item, Sample};
use crate::table::Table;

pub(crate) const TOOL: Tool = Tool {
    name: "requests of h2load (`--log-file`)",
    recognises: |head| recognises(head).into(),
    open: |opening| {
        let table = Table::open(opening.input, opening.layout)?;
        Ok(Box::new(Rows::new(table, &Cells)?))
    },
    day_order: None,
    clock: Clock::Epoch,
    users: Users::Closed,
    caution: None,
};

fn recognises(head: &Head) -> Option<Layout> {
    let cells: Vec<&str> = head.first.split('\t').collect();
    let is_number = |cell: &str| cell.parse::<i64>().is_ok();
    let is_start = |cell: &str| cell.len() == 16 && cell.bytes().all(|byte| byte.is_ascii_digit());
    let known = cells.len() >= 3
        && is_start(cells[0])
        && is_number(cells[1])
        && cells[1].len() <= 3
        && is_number(cells[2]);
    known.then_some(Layout { separator: b'\t', header: Some("start,status,duration") })
}

struct Cells;

impl Columns for Cells {
    fn of(&self, _: &Table<Input>) -> Result<Self, Trouble> {
        Ok(Self)
    }

    fn item<'a>(&'a mut self, table: &'a Table<Input>) -> Item<'a> {
        sample(table).map_or_else(Item::Unreadable, Item::Sample)
    }
}

fn sample<'a>(table: &'a Table<Input>) -> Result<Sample<'a>, String> {
    let (start, _) = instant(table.text(Some(0))?.ok_or("no start")?, "start")?;
    let code = table.text(Some(1))?.ok_or("no status")?;
    let elapsed = cell_us(table, Some(2), 1.0, "duration")?;
    let success = is_good(code);
    Ok(Sample { label: LABEL, success, code, ..Sample::spanning(start, elapsed) })
}
