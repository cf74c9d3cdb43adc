//! Access logs in which a line says how long its request took: nginx with `$request_time`, the servlet log of
//! WSO2 (`%T`), and what looks like them. Instants are those of the end, in whole seconds unless there is an
//! `$msec`.
//!
//! A duration is a number of seconds with three or six decimals, or one that is called `rt` or `request_time`;
//! the first after the status, since that of the backend comes second.

use std::io::BufReader;

use super::values::{instant, is_good, micros, name_request};
use super::{Clock, Tool, Users};
use crate::error::{Problem, Trouble, shown};
use crate::head::{Head, Input, Recognition};
use crate::lines::{Line, Lines};
use crate::sample::{Item, Sample, Samples};
use crate::timestamp;

pub(crate) const TOOL: Tool = Tool {
    name: "an access log",
    recognises,
    open: |opening| {
        let lines = Lines::new(BufReader::with_capacity(1 << 16, opening.input));
        Ok(Box::new(Reader { lines, label: String::new(), code: String::new() }))
    },
    day_order: None,
    clock: Clock::Epoch,
    users: Users::Either,
    caution: Some(
        "times in an access log are those of the server: without the network, and without what waited to \
         be accepted",
    ),
};

/// So many lines show whether they have a duration.
const LOOKED_AT: usize = 50;

const WAY_OUT: &str = "log `$request_time` (nginx) or `%T` with decimals (Tomcat), turn on correlation logs \
                       (`-DenableCorrelationLogs=true`), or name what the load generator wrote";

fn recognises(head: &Head) -> Recognition {
    let mut lines = head.text.lines().filter(|line| !line.trim().is_empty()).peekable();
    if !lines.peek().is_some_and(|line| entry(line).is_ok_and(|entry| entry.has_request())) {
        return Recognition::Not;
    }
    let entries: Vec<Entry> = lines.take(LOOKED_AT).filter_map(|line| entry(line).ok()).collect();
    if entries.iter().any(|entry| entry.duration.is_some()) {
        return Recognition::Known(head.table());
    }
    let of_synapse = |entry: &Entry| entry.method == "-" || entry.status == "-";
    let what = if entries.iter().any(of_synapse) {
        "the access log of WSO2's pass-through transport: requests and answers are lines of their own that \
         cannot be paired, and neither has a duration"
    } else {
        "an access log without a duration, or with one in a unit that it does not show (a whole number \
         could be s, ms or µs)"
    };
    Recognition::Refused(Problem::Foreign { what, remedy: WAY_OUT })
}

struct Reader<'a> {
    lines: Lines<BufReader<Input<'a>>>,
    label: String,
    code: String,
}

impl Samples for Reader<'_> {
    fn advance(&mut self) -> Result<Option<(u64, Item<'_>)>, Trouble> {
        let Some(Line { number, text }) = self.lines.advance()? else { return Ok(None) };
        let item = match text.and_then(entry) {
            Ok(entry) => entry.sample(&mut self.label, &mut self.code).map(Item::Sample),
            Err(reason) => Err(reason),
        };
        Ok(Some((number, item.unwrap_or_else(Item::Unreadable))))
    }

    fn ended(&self) -> bool {
        self.lines.ended()
    }
}

/// What counts of a line.
#[derive(Debug, Default, PartialEq)]
struct Entry<'a> {
    /// µs since 1970, and in what steps, ms.
    end: (i64, u64),
    method: &'a str,
    url: &'a str,
    status: &'a str,
    duration: Option<&'a str>,
}

impl Entry<'_> {
    fn has_request(&self) -> bool {
        !self.method.is_empty()
    }

    fn sample<'a>(
        &self,
        label: &'a mut String,
        code: &'a mut String,
    ) -> Result<Sample<'a>, String> {
        let elapsed = micros(self.duration.ok_or("no duration")?, 1e6, "the duration")?;
        let (end, step_ms) = self.end;
        name_request(label, self.method, prefix(self.url));
        self.status.clone_into(code);
        // Where the end is known to a second, so is the beginning.
        let start = if step_ms > 1 { end } else { end - elapsed as i64 };
        Ok(Sample {
            label,
            success: is_good(code),
            code,
            step_ms,
            ..Sample::spanning(start, elapsed)
        })
    }
}

/// `/orders/v1` of `/orders/v1/3`: context and version.
fn prefix(url: &str) -> &str {
    let path = super::values::path(url);
    let end = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).nth(1);
    &path[..end.unwrap_or(path.len())]
}

fn entry(line: &str) -> Result<Entry<'_>, String> {
    let wrong = || format!("`{}` is no line of an access log", shown(line));
    let (before, rest) = line.split_once('[').ok_or_else(wrong)?;
    let (time, rest) = rest.split_once(']').ok_or_else(wrong)?;
    let (date, clock) = time.split_once(':').ok_or_else(wrong)?;
    let written = format!("{date} {clock}");
    let mut end = timestamp::microseconds(&written).ok_or_else(wrong)?;
    let rest = rest.trim_start();
    let rest = rest.trim_start_matches('"');
    let mut words = rest.splitn(4, [' ', '"']);
    let (method, url) = (words.next().ok_or_else(wrong)?, words.next().ok_or_else(wrong)?);
    let is_method =
        method == "-" || method.len() >= 3 && method.bytes().all(|b| b.is_ascii_uppercase());
    if !is_method {
        return Err(wrong());
    }
    let after = match words.next().filter(|version| version.starts_with("HTTP/")) {
        Some(_) => words.next().unwrap_or_default(),
        None => rest.get(method.len() + 1 + url.len()..).unwrap_or_default(),
    };
    let after = after.trim_start_matches(['"', ' ']);
    let (status, after) = after.split_once(' ').unwrap_or((after, ""));
    let mut found = Entry { end, method, url, status, duration: None };
    for field in fields(after).chain(before.split_whitespace()) {
        let (key, value) = field.split_once(['=', ':']).unwrap_or(("", field));
        let value = value.trim_matches(['"', ',', ';']);
        let Some((whole, decimals)) = value.split_once('.') else { continue };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || !matches!(decimals.len(), 3 | 6) {
            continue;
        }
        if whole.len() >= 10 && key.is_empty() {
            end = instant(value, "$msec")?;
        } else if key.is_empty() && found.duration.is_none() || is_duration(key) {
            found.duration = Some(value);
        }
    }
    found.end = end;
    Ok(found)
}

/// Whether a field of that name says how long the request took.
fn is_duration(key: &str) -> bool {
    matches!(key, "rt" | "request_time")
}

/// The fields of a line, of which those in quotes may contain blanks and are left out where they do.
fn fields(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').enumerate().flat_map(|(place, part)| {
        let is_quoted = place % 2 == 1;
        part.split_whitespace().filter(move |_| !is_quoted || !part.contains(' '))
    })
}
