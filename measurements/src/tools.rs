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

pub(crate) use gatling::refuse_binary;

use crate::error::Trouble;
use crate::format::Layout;
use crate::head::{Head, Input, Recognition};
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

/// A file to be read from its beginning.
pub(crate) struct Opening<'a> {
    pub(crate) input: Input<'a>,
    pub(crate) layout: Layout,
    pub(crate) options: &'a Options,
    pub(crate) order: Option<DayOrder>,
}
