//! Load generators that write a line for each request: one file each, in one list.

mod ab;
mod access_log;
mod gatling;
mod h2load;
mod hey;
mod jmeter_csv;
mod jmeter_xml;
mod k6_csv;
mod k6_json;
mod oha;
mod rows;
mod tsung;
mod values;
mod vegeta;

use std::io::Read;

pub(crate) use gatling::refuse_binary;

use crate::columns::{columns, separator};
use crate::error::{Problem, Trouble};
use crate::format::Layout;
use crate::options::Options;
use crate::sample::Samples;
use crate::timestamp::DayOrder;

/// What one tool, or one of its outputs, is known by and read with.
pub(crate) struct Tool {
    /// What a file of it is, as in messages.
    pub(crate) name: &'static str,
    /// Whether a file that begins so is of this tool.
    pub(crate) recognises: fn(&Head) -> Recognition,
    /// Its requests, from the beginning.
    pub(crate) open: for<'a> fn(Opening<'a>) -> Result<Box<dyn Samples + 'a>, Trouble>,
    /// The order of days and months, where its dates could be read both ways.
    pub(crate) day_order: Option<FindOrder>,
    pub(crate) clock: Clock,
    pub(crate) users: Users,
    /// What whoever relies on its files should know.
    pub(crate) caution: Option<&'static str>,
}

type FindOrder = for<'a> fn(Opening<'a>) -> Result<Option<DayOrder>, Trouble>;

/// What a tool makes of the beginning of a file.
pub(crate) enum Recognition {
    /// It is of another tool.
    Not,
    /// It is laid out so.
    Known(Layout),
    /// It is of this tool, and cannot be read.
    Refused(Problem),
}

impl From<Option<Layout>> for Recognition {
    fn from(layout: Option<Layout>) -> Self {
        layout.map_or(Self::Not, Self::Known)
    }
}

/// Since when a tool counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// 1970, so that files of several load generators can be laid side by side.
    Epoch,
    /// The beginning of its test.
    Test,
}

/// Where the requests of a tool come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Users {
    /// Users each of whom waits for an answer before the next request.
    Closed,
    /// They come whether or not earlier ones are answered.
    Open,
    /// Either, as a file may show.
    Either,
}

/// Every tool; the first that recognises a file reads it.
pub(crate) const TOOLS: [&Tool; 12] = [
    &jmeter_csv::TOOL,
    &jmeter_xml::TOOL,
    &k6_json::TOOL,
    &k6_csv::TOOL,
    &hey::TOOL,
    &oha::TOOL,
    &h2load::TOOL,
    &tsung::TOOL,
    &ab::TOOL,
    &vegeta::TOOL,
    &gatling::TOOL,
    &access_log::TOOL,
];

/// The beginning of a file.
pub(crate) struct Head<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) text: &'a str,
    /// The first line that is not blank, trimmed.
    pub(crate) first: &'a str,
    /// Its fields, as those of a header.
    pub(crate) header: Vec<&'a str>,
    /// What separates them.
    pub(crate) separator: u8,
}

impl<'a> Head<'a> {
    pub(crate) fn of(bytes: &'a [u8], text: &'a str, first: &'a str) -> Self {
        Self { bytes, text, first, header: columns(first), separator: separator(first) }
    }

    /// Whether the header names all of these columns, in whatever case.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        let named =
            |name: &&str| self.header.iter().any(|column| column.eq_ignore_ascii_case(name));
        names.iter().all(named)
    }

    /// The layout of a table with this header.
    pub(crate) fn table(&self) -> Layout {
        Layout { separator: self.separator, header: None }
    }
}

/// A file to be read from its beginning.
pub(crate) struct Opening<'a> {
    pub(crate) input: Input<'a>,
    pub(crate) layout: Layout,
    pub(crate) options: &'a Options,
    pub(crate) order: Option<DayOrder>,
}

pub(crate) type Input<'a> = Box<dyn Read + 'a>;
