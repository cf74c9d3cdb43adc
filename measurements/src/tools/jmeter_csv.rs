//! JMeter results as CSV, one row per sample: `jmeter.properties` make `timeStamp` the start of a sample,
//! which is taken for granted here as by WSO2's own tools; its end is `elapsed` and `IdleTime` later.
//!
//! Columns are named by a header, or stand in the order in which JMeter always writes them
//! (`CSVSaveService.printableFieldNamesToString`), of which each version leaves out other ones.

use super::rows::{Columns, Rows};
use super::{Clock, Opening, Tool, Users};
use crate::error::{Problem, Trouble, shown};
use crate::format::{Format, Layout};
use crate::head::{Head, Input, Recognition};
use crate::sample::{Item, Sample};
use crate::table::{Column, Table, first_record};
use crate::tally::LONGEST_MS;
use crate::timestamp::{DayOrder, Stamp};

pub(crate) const TOOL: Tool = Tool {
    name: NAME,
    recognises,
    open: |opening| {
        let table = Table::open(opening.input, opening.layout)?;
        let users_are_told = opening.options.users.is_some();
        let columns = Cells { order: opening.order, users_are_told, ..Cells::default() };
        Ok(Box::new(Rows::new(table, &columns)?))
    },
    day_order: Some(day_order),
    clock: Clock::Epoch,
    users: Users::Closed,
    caution: None,
};

const NAME: &str = "a JMeter result";

/// The names of JMeter's columns, as far as they tell its results from other files.
const NAMES: [&str; 14] = [
    "timeStamp",
    "elapsed",
    "label",
    "responseCode",
    "responseMessage",
    "threadName",
    "dataType",
    "success",
    "failureMessage",
    "sentBytes",
    "grpThreads",
    "allThreads",
    "IdleTime",
    "Connect",
];

/// A header has at least so many of them.
const LEAST_NAMES: usize = 3;

/// What JMeter 5 writes first.
const HEADER: &str = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,\
                                 dataType,success,failureMessage,bytes,sentBytes,grpThreads,\
                                 allThreads,URL,Latency,IdleTime,Connect";

/// What each version writes where nothing was set, the newest first: 4.0 to 5.6; the same with
/// `hostname`; 3.1 to 3.3; 3.0 with and without `failureMessage`; 2.12 and 2.13; before.
const LAYOUTS: [&str; 8] = [
    HEADER,
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
     failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,Hostname,IdleTime,Connect",
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
     failureMessage,bytes,sentBytes,grpThreads,allThreads,Latency,IdleTime,Connect",
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
     failureMessage,bytes,grpThreads,allThreads,Latency,IdleTime,Connect",
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
     bytes,grpThreads,allThreads,Latency,IdleTime,Connect",
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
     bytes,grpThreads,allThreads,Latency,IdleTime",
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
     bytes,grpThreads,allThreads,Latency",
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,bytes,Latency",
];

/// Columns that hold whole numbers in every row.
const NUMBERS: [&str; 7] =
    ["bytes", "sentBytes", "grpThreads", "allThreads", "Latency", "IdleTime", "Connect"];

/// Whether these are the names of a result's columns.
fn is_header(columns: &[&str]) -> bool {
    let known = |column: &&&str| NAMES.iter().any(|name| column.trim().eq_ignore_ascii_case(name));
    let has = |name: &str| columns.iter().any(|column| column.trim().eq_ignore_ascii_case(name));
    columns.iter().filter(known).count() >= LEAST_NAMES || has("timeStamp") && has("elapsed")
}

fn recognises(head: &Head) -> Recognition {
    if is_header(&head.header) {
        return Recognition::Known(head.table());
    }
    match without_header(head.bytes) {
        Ok(layout) => layout.into(),
        Err(problem) => Recognition::Refused(problem),
    }
}

/// The layout of a result that begins with a sample.
///
/// # Errors
///
/// If its columns are in no order of JMeter's.
fn without_header(head: &[u8]) -> Result<Option<Layout>, Problem> {
    for separator in *b",;\t|" {
        let Some(record) = first_record(head, separator) else { continue };
        let cells: Vec<String> =
            record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
        if !is_sample(&cells) {
            continue;
        }
        let header = LAYOUTS.into_iter().find(|layout| fits(layout, &cells));
        let layout = |header| Layout { separator, header: Some(header) };
        let none = Problem::NoHeader { columns: cells.len(), header: HEADER };
        return header.map(layout).map(Some).ok_or(none);
    }
    Ok(None)
}

/// Whether the first eight cells are those of a sample.
fn is_sample(cells: &[String]) -> bool {
    let begun = |cell: &str| cell.len() == 13 && is_number(cell) || Stamp::read(cell).is_some();
    cells.len() >= 8 && begun(&cells[0]) && is_number(&cells[1]) && is_boolean(&cells[7])
}

fn fits(layout: &str, cells: &[String]) -> bool {
    let names: Vec<&str> = layout.split(',').collect();
    let number = |(name, cell): (&&str, &String)| !NUMBERS.contains(name) || is_number(cell);
    names.len() == cells.len() && names.iter().zip(cells).all(number)
}

fn is_number(cell: &str) -> bool {
    !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_boolean(cell: &str) -> bool {
    cell.eq_ignore_ascii_case("true") || cell.eq_ignore_ascii_case("false")
}

/// The year 5138; later instants are none.
const LAST_INSTANT: u64 = 100_000_000_000_000;

/// The year 1973; earlier instants are seconds.
const FIRST_INSTANT: u64 = 100_000_000_000;

/// A sample of more bytes is none.
const MOST_BYTES: u64 = 1 << 50;

/// With which the message of a Transaction Controller begins
/// (`TransactionController.NUMBER_OF_SAMPLES_IN_TRANSACTION_PREFIX`).
pub(super) const TRANSACTION: &str = "Number of samples in transaction : ";

/// Where a file has what counts of a sample.
#[derive(Default)]
struct Cells {
    start: Column,
    elapsed: Column,
    label: Column,
    success: Column,
    threads: Column,
    sent: Column,
    code: Column,
    message: Column,
    failure: Column,
    thread: Column,
    host: Column,
    idle: Column,
    samples: Column,
    order: Option<DayOrder>,
    /// As an option.
    users_are_told: bool,
}

impl Columns for Cells {
    fn of(&self, table: &Table<Input>) -> Result<Self, Trouble> {
        let cells = Self {
            start: table.column(&["timeStamp"]),
            elapsed: table.column(&["elapsed"]),
            label: table.column(&["label"]),
            success: table.column(&["success"]),
            threads: table.column(&["allThreads"]),
            sent: table.column(&["sentBytes"]),
            code: table.column(&["responseCode"]),
            message: table.column(&["responseMessage"]),
            failure: table.column(&["failureMessage"]),
            thread: table.column(&["threadName"]),
            host: table.column(&["Hostname"]),
            idle: table.column(&["IdleTime"]),
            samples: table.column(&["SampleCount"]),
            order: self.order,
            users_are_told: self.users_are_told,
        };
        cells.require(table)?;
        Ok(cells)
    }

    fn item<'a>(&'a mut self, table: &'a Table<Input>) -> Item<'a> {
        self.sample(table).map_or_else(Item::Unreadable, Item::Sample)
    }

    fn is_header(words: &[&str], _: &[String]) -> bool {
        is_header(words)
    }
}

impl Cells {
    fn require(&self, table: &Table<Input>) -> Result<(), Trouble> {
        let mut columns = vec![
            ("`timeStamp`", self.start),
            ("`elapsed`", self.elapsed),
            ("`label`", self.label),
            ("`success`", self.success),
        ];
        if !self.users_are_told {
            let users = "`allThreads` or `threadName` (or the users as an option, `--users N`)";
            columns.push((users, self.threads.or(self.thread)));
        }
        table.require(Format::Requests(NAME), &columns)
    }

    /// The record as a sample.
    fn sample<'a>(&self, table: &'a Table<Input>) -> Result<Sample<'a>, String> {
        table.whole()?;
        let elapsed = table.count(self.elapsed, LONGEST_MS)?.ok_or("no `elapsed`")?;
        let idle = table.count(self.idle, LONGEST_MS).unwrap_or_default().unwrap_or(0);
        let (start, step_ms) = self.start(table)?;
        let success = table.text(self.success)?.ok_or("no `success`")?;
        let success = match success.to_ascii_lowercase().as_str() {
            "true" => true,
            "false" => false,
            _ => return Err(format!("`{}` in `success` is not true or false", shown(success))),
        };
        if table.count(self.samples, u64::MAX)?.is_some_and(|samples| samples > 1) {
            let reason = "a sum of several samples (`SampleCount`); JMeter's property `mode` is \
                          `Statistical`, `StrippedBatch` keeps each";
            return Err(reason.to_owned());
        }
        // Words that are only shown or compared may be in any encoding.
        let word = |column: Column| table.text(column).ok().flatten().unwrap_or_default();
        let thread = Some(word(self.thread)).filter(|name| !name.is_empty());
        let host = word(self.host);
        let (code, message) = (word(self.code), word(self.message));
        let asserted = Some(word(self.failure)).filter(|failure| !failure.is_empty());
        Ok(Sample {
            start,
            elapsed_us: elapsed * 1000,
            end: start + (elapsed + idle) as i64,
            step_ms,
            label: table.text(self.label)?.ok_or("no `label`")?,
            success,
            threads: table.count(self.threads, u32::MAX.into())?.map(|threads| threads as u32),
            sent: table.count(self.sent, MOST_BYTES)?,
            thread,
            generator: if host.is_empty() { thread.map_or("", generator) } else { host },
            is_transaction: message.starts_with(TRANSACTION),
            code,
            message: asserted.unwrap_or(message),
        })
    }

    /// When it began, and in what steps that is written.
    fn start(&self, table: &Table<Input>) -> Result<(i64, u64), String> {
        let text = table.text(self.start)?.ok_or("no `timeStamp`")?;
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            let instant = table.count(self.start, LAST_INSTANT)?.unwrap_or(0);
            if instant < FIRST_INSTANT {
                return Err(format!(
                    "`{}` in `timeStamp` is no instant in milliseconds; is it in seconds?",
                    shown(text)
                ));
            }
            return Ok((instant as i64, 1));
        }
        let stamp = Stamp::read(text);
        let instant = stamp.and_then(|stamp| stamp.instant(self.order));
        let instant = instant.ok_or_else(|| {
            let shown = shown(text);
            let year_of_order = stamp.is_some();
            if year_of_order {
                return format!("`{shown}` in `timeStamp` is no date in the order of the others");
            }
            format!(
                "`{shown}` in `timeStamp` is neither milliseconds nor a date like \
                 `2023/11/14 22:13:20.000`"
            )
        })?;
        Ok((instant, stamp.map_or(1, Stamp::step_ms)))
    }
}

/// The order of days and months in a result whose dates could be read both ways; none where they could
/// not.
fn day_order(opening: Opening) -> Result<Option<DayOrder>, Trouble> {
    let options = opening.options;
    let mut table = Table::open(opening.input, opening.layout)?;
    let start = table.column(&["timeStamp"]);
    let mut before = None;
    let mut doubtful = None;
    while let Some(line) = table.advance()? {
        let written = table.text(start).ok().flatten().unwrap_or_default();
        let is_number = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
        let Some(stamp) = Stamp::read(written).filter(|stamp| stamp.needs_order()) else {
            // The first one that can be read shows the form of all.
            if doubtful.is_none() && (is_number || Stamp::read(written).is_some()) {
                return Ok(None);
            }
            continue;
        };
        let of_midnight = before.and_then(|before| stamp.order_after(before));
        if let Some(order) = options.dates.or(stamp.order()).or(of_midnight) {
            return Ok(Some(order));
        }
        doubtful.get_or_insert_with(|| (line, shown(written)));
        before = Some(stamp);
    }
    match doubtful {
        Some((line, value)) => Err(Problem::AmbiguousDate { value }.at(line)),
        None => Ok(None),
    }
}

/// The load generator that a thread's name begins with where JMeter ran on several: `host:port-` or an
/// address before the name of the group (`RemoteJMeterEngineImpl`, `ThreadGroup`).
pub(super) fn generator(thread: &str) -> &str {
    let Some((group, _)) = thread.rsplit_once(' ') else { return "" };
    group
        .match_indices('-')
        .map(|(at, _)| &group[..at])
        .find(|prefix| is_address(prefix))
        .unwrap_or_default()
}

/// `10.0.0.1`, `10.0.0.1:1099`, `loader-2:1099`.
fn is_address(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let host = match text.rsplit_once(':') {
        Some((host, port)) if digits(port) => host,
        Some(_) => return false,
        None => text,
    };
    let parts: Vec<&str> = host.split('.').collect();
    let is_named = host.len() < text.len()
        && !host.contains(' ')
        && host.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_named || parts.len() == 4 && parts.into_iter().all(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_without_a_header_have_the_columns_of_their_version() {
        let columns = |row: &str| {
            let layout = without_header(row.as_bytes()).expect("an order of JMeter's");
            layout.map(|layout| (layout.separator, layout.header.unwrap_or_default().to_owned()))
        };
        let start = "1509841690552,354,login,200,OK,login 1-1,text,true";
        for (rest, layout) in [
            (",,345,512,1,1,http://a/,354,0,9", 0),
            (",,345,512,1,1,null,354,host,0,9", 1),
            (",,345,512,1,1,354,0,9", 2),
            (",\"a, b\",345,1,1,354,0,9", 3),
            (",345,1,1,354,0,9", 4),
            (",345,1,1,354", 6),
            (",345,354", 7),
        ] {
            let found = columns(&format!("{start}{rest}\n"));
            assert_eq!(found, Some((b',', LAYOUTS[layout].to_owned())), "{rest}");
        }
        let dated = "2023/11/14 22:13:20.000;9;a;200;OK;a 1-1;text;false;345;1;1;354";
        assert_eq!(columns(dated).map(|found| found.0), Some(b';'));
        assert_eq!(columns("once,upon,a,time,there,was,a,true"), None);
        let odd = without_header(format!("{start},x,y").as_bytes()).expect_err("no order");
        assert!(odd.to_string().starts_with("a JMeter result of 10 columns"));
    }

    #[test]
    fn the_load_generator_is_what_stands_before_the_name_of_the_group() {
        for (thread, expected) in [
            ("users 1-1", ""),
            ("a-b users 1-1", ""),
            ("10.0.0.1-users 1-1", "10.0.0.1"),
            ("10.0.0.1:1099-users 1-12", "10.0.0.1:1099"),
            ("loader-2:1099-my users 2-1", "loader-2:1099"),
            ("12:30-lunch 1-1", ""),
            ("-", ""),
            ("", ""),
        ] {
            assert_eq!(generator(thread), expected, "{thread}");
        }
    }
}
