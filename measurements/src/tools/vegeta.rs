//! vegeta (`vegeta encode --to csv`): rows without a header: start in ns since 1970, status, latency in ns,
//! bytes out and in, error, body, attack, number, and in newer versions method, URL and headers. Requests come
//! by themselves.

use super::hey::LABEL;
use super::rows::{Columns, Rows};
use super::values::{cell_us, instant, is_good, name_request};
use super::{Clock, Tool, Users};
use crate::error::Trouble;
use crate::format::Layout;
use crate::head::{Head, Input};
use crate::sample::{Item, Sample};
use crate::table::{Table, first_record};

/// A sample of more bytes is none.
pub(super) const MOST_BYTES: u64 = 1 << 50;

pub(crate) const TOOL: Tool = Tool {
    name: "requests of vegeta (`vegeta encode --to csv`)",
    recognises: |head| recognises(head).into(),
    open: |opening| {
        let table = Table::open(opening.input, opening.layout)?;
        Ok(Box::new(Rows::new(table, &Cells::default())?))
    },
    day_order: None,
    clock: Clock::Epoch,
    users: Users::Open,
    caution: None,
};

fn recognises(head: &Head) -> Option<Layout> {
    let record = first_record(head.bytes, b',')?;
    let cell = |at: usize| record.get(at).unwrap_or_default();
    let is_number = |cell: &[u8]| !cell.is_empty() && cell.iter().all(u8::is_ascii_digit);
    let known = record.len() >= 6
        && cell(0).len() == 19
        && cell(1).len() <= 3
        && (0..5).all(|at| is_number(cell(at)));
    known.then_some(Layout { separator: b',', header: Some("timestamp,code,latency") })
}

#[derive(Default)]
struct Cells {
    label: String,
}

impl Columns for Cells {
    fn of(&self, _: &Table<Input>) -> Result<Self, Trouble> {
        Ok(Self::default())
    }

    fn item<'a>(&'a mut self, table: &'a Table<Input>) -> Item<'a> {
        self.sample(table).map_or_else(Item::Unreadable, Item::Sample)
    }
}

impl Cells {
    fn sample<'a>(&'a mut self, table: &'a Table<Input>) -> Result<Sample<'a>, String> {
        let (start, _) = instant(table.text(Some(0))?.ok_or("no timestamp")?, "timestamp")?;
        let code = table.text(Some(1))?.ok_or("no code")?;
        let elapsed = cell_us(table, Some(2), 1e-3, "latency")?;
        let message = table.text(Some(5))?.unwrap_or_default();
        let (method, url) = (table.text(Some(9))?, table.text(Some(10))?);
        match method.zip(url) {
            Some((method, url)) => name_request(&mut self.label, method, url),
            None => LABEL.clone_into(&mut self.label),
        }
        Ok(Sample {
            label: &self.label,
            success: is_good(code) && message.is_empty(),
            code,
            message,
            sent: table.count(Some(3), MOST_BYTES)?.filter(|bytes| *bytes > 0),
            ..Sample::spanning(start, elapsed)
        })
    }
}
