//! Load generators that write the figures of a whole test: one file for each form, in one list. What a tool
//! rounds, or mixes with requests that failed, is between bounds; what it falsifies is refused.

mod ab;
mod artillery;
mod autocannon;
mod jmeter_aggregate;
mod jmeter_statistics;
mod k6;
mod locust_csv;
mod locust_json;
mod oha;
mod row;
mod siege;
mod wrk;

use crate::error::Trouble;
use crate::format::Layout;
use crate::found::Found;
use crate::head::{Head, Input, Recognition};
use crate::options::Options;

/// What one form is known by and read with.
pub(crate) struct Total {
    /// What a file of it is, as in messages.
    pub(crate) name: &'static str,
    /// Whether a file that begins so has this form.
    pub(crate) recognises: fn(&Head) -> Recognition,
    /// Its figures.
    pub(crate) read: fn(Summary) -> Result<Found, Trouble>,
}

/// A file to be read.
pub(crate) struct Summary<'a> {
    pub(crate) input: Input<'a>,
    pub(crate) layout: Layout,
    pub(crate) name: &'a str,
    pub(crate) options: &'a Options,
}

/// Every form; the first that recognises a file reads it.
pub(crate) const TOTALS: [&Total; 11] = [
    &k6::TOTAL,
    &locust_csv::TOTAL,
    &locust_json::TOTAL,
    &artillery::TOTAL,
    &oha::TOTAL,
    &autocannon::TOTAL,
    &ab::TOTAL,
    &jmeter_statistics::TOTAL,
    &jmeter_aggregate::TOTAL,
    &wrk::TOTAL,
    &siege::TOTAL,
];
