//! Lines of bounded length, and the account of those that cannot be read.

use std::io::{BufRead, Read};

use crate::error::{Problem, Trouble};
use crate::format::Format;

/// A longer line is none: a quote left open, or a file that is not text.
pub(crate) const LONGEST_LINE: u64 = 1024 * 1024;

/// Above this share of unreadable lines, a log is not what it seems.
const MOST_UNREADABLE: f64 = 0.01;

/// The lines of a log, one at a time.
pub(crate) struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
    ended: bool,
}

/// A line without the blanks around it.
pub(crate) struct Line<'a> {
    /// Counted from 1.
    pub(crate) number: u64,
    /// The reason where it is not text.
    pub(crate) text: Result<&'a str, String>,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, line: Vec::new(), number: 0, ended: true }
    }

    /// The next line that is not blank.
    pub(crate) fn advance(&mut self) -> Result<Option<Line<'_>>, Trouble> {
        loop {
            self.line.clear();
            let mut bounded = self.input.by_ref().take(LONGEST_LINE);
            if bounded.read_until(b'\n', &mut self.line)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            self.ended = self.line.ends_with(b"\n");
            if self.line.len() as u64 == LONGEST_LINE && !self.ended {
                return Err(Problem::LongLine { most: LONGEST_LINE }.at(self.number));
            }
            if !self.line.trim_ascii().is_empty() {
                break;
            }
        }
        let line = self.line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.line);
        let text = std::str::from_utf8(line).map(str::trim);
        let text = text.map_err(|_| "not UTF-8; save the file as UTF-8".to_owned());
        Ok(Some(Line { number: self.number, text }))
    }

    /// Whether the last line read ended as lines do.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }
}

/// How many lines were read, and which were not.
#[derive(Debug, Default)]
pub(crate) struct Account {
    lines: u64,
    last: u64,
    unreadable: u64,
    first_bad: Option<(u64, String)>,
    last_bad: u64,
}

impl Account {
    /// Counts a line.
    pub(crate) fn count(&mut self, line: u64, outcome: Result<(), String>) {
        self.lines += 1;
        self.last = line;
        if let Err(reason) = outcome {
            self.unreadable += 1;
            self.last_bad = line;
            self.first_bad.get_or_insert((line, reason));
        }
    }

    /// What is to be said of unreadable lines; an error where they are too many. The last line may
    /// be cut off, where the file does not end with the end of a line.
    pub(crate) fn notes(mut self, format: Format, ended: bool) -> Result<Vec<String>, Trouble> {
        let mut notes = Vec::new();
        if !ended && self.unreadable > 0 && self.last_bad == self.last {
            self.unreadable -= 1;
            notes.push(format!("the last line, {}, is cut off and left out", self.last));
        }
        let Some((line, reason)) = self.first_bad.filter(|_| self.unreadable > 0) else {
            return Ok(notes);
        };
        let (unreadable, lines) = (self.unreadable, self.lines);
        if unreadable as f64 > MOST_UNREADABLE * lines as f64 {
            return Err(Problem::Unreadable { format, unreadable, lines, reason }.at(line));
        }
        notes.push(format!(
            "{unreadable} of {lines} lines could not be read, the first at line {line}: {reason}"
        ));
        Ok(notes)
    }
}
