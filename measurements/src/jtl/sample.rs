//! One sample of a JMeter result.

use std::io::Read;

use crate::error::{Trouble, shown};
use crate::format::Format;
use crate::options::Options;
use crate::table::{Column, Table};
use crate::tally::LONGEST_MS;
use crate::timestamp::{DayOrder, Stamp};

/// The year 5138; later instants are none.
const LAST_INSTANT: u64 = 100_000_000_000_000;

/// The year 1973; earlier instants are seconds.
const FIRST_INSTANT: u64 = 100_000_000_000;

/// A sample of more bytes is none.
const MOST_BYTES: u64 = 1 << 50;

/// With which the message of a Transaction Controller begins
/// (`TransactionController.NUMBER_OF_SAMPLES_IN_TRANSACTION_PREFIX`).
const TRANSACTION: &str = "Number of samples in transaction : ";

/// Where a file has what counts of a sample.
pub(crate) struct Columns {
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
}

/// What counts of a sample; instants in ms since 1970.
pub(crate) struct Sample<'a> {
    pub(crate) start: i64,
    /// In ms, without what it waited for by itself.
    pub(crate) elapsed: u64,
    /// When it ended, waiting included.
    pub(crate) end: i64,
    /// In what steps its clock is written, ms.
    pub(crate) step_ms: u64,
    pub(crate) label: &'a str,
    pub(crate) success: bool,
    /// Threads of its load generator.
    pub(crate) threads: u32,
    pub(crate) sent: Option<u64>,
    /// The thread that asked.
    pub(crate) thread: Option<&'a str>,
    /// The load generator, where the row names it.
    pub(crate) generator: &'a str,
    /// It is the sum that a Transaction Controller makes of its samples.
    pub(crate) is_transaction: bool,
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
}

impl Columns {
    pub(crate) fn of<R: Read>(table: &Table<R>, order: Option<DayOrder>) -> Self {
        Self {
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
            order,
        }
    }

    pub(crate) fn require<R: Read>(
        &self,
        table: &Table<R>,
        options: &Options,
    ) -> Result<(), Trouble> {
        let mut columns = vec![
            ("`timeStamp`", self.start),
            ("`elapsed`", self.elapsed),
            ("`label`", self.label),
            ("`success`", self.success),
        ];
        if options.users.is_none() {
            columns.push(("`allThreads` (or the users as an option, `--users N`)", self.threads));
        }
        table.require(Format::Jtl, &columns)
    }

    /// The instant as it is written.
    pub(crate) fn written<'a, R: Read>(&self, table: &'a Table<R>) -> &'a str {
        table.text(self.start).ok().flatten().unwrap_or_default()
    }

    /// The record as a sample.
    pub(crate) fn sample<'a, R: Read>(&self, table: &'a Table<R>) -> Result<Sample<'a>, String> {
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
            elapsed,
            end: start + (elapsed + idle) as i64,
            step_ms,
            label: table.text(self.label)?.ok_or("no `label`")?,
            success,
            threads: table.count(self.threads, u32::MAX.into())?.unwrap_or(0) as u32,
            sent: table.count(self.sent, MOST_BYTES)?,
            thread,
            generator: if host.is_empty() { thread.map_or("", generator) } else { host },
            is_transaction: message.starts_with(TRANSACTION),
            code,
            message: asserted.unwrap_or(message),
        })
    }

    /// When it began, and in what steps that is written.
    fn start<R: Read>(&self, table: &Table<R>) -> Result<(i64, u64), String> {
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

/// The load generator that a thread's name begins with where JMeter ran on several: `host:port-` or an
/// address before the name of the group (`RemoteJMeterEngineImpl`, `ThreadGroup`).
fn generator(thread: &str) -> &str {
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
