//! One request as a load generator saw it, and the stream of them that each tool's reader makes of a file.

use crate::error::Trouble;

/// What counts of a request; instants in ms since 1970, or since the test began where a tool counts so.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample<'a> {
    pub(crate) start: i64,
    /// In µs, without what it waited for by itself.
    pub(crate) elapsed_us: u64,
    /// When it ended, waiting included.
    pub(crate) end: i64,
    /// In what steps its clock is written, ms.
    pub(crate) step_ms: u64,
    pub(crate) label: &'a str,
    pub(crate) success: bool,
    /// Threads or users of its load generator, where the file tells.
    pub(crate) threads: Option<u32>,
    /// Bytes sent.
    pub(crate) sent: Option<u64>,
    /// The thread or user that asked; it asks one thing after the other.
    pub(crate) thread: Option<&'a str>,
    /// The load generator, where the row names it.
    pub(crate) generator: &'a str,
    /// It is the sum that a Transaction Controller makes of its samples.
    pub(crate) is_transaction: bool,
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
}

impl Sample<'_> {
    /// When it began and ended, of instants in µs.
    pub(crate) fn spanning(start_us: i64, elapsed_us: u64) -> Self {
        let end_us = start_us.saturating_add(elapsed_us as i64);
        let (start, end) = (start_us.div_euclid(1000), end_us.div_euclid(1000));
        Self { start, elapsed_us, end, step_ms: 1, success: true, ..Self::default() }
    }
}

/// What a line, a record or an element says.
pub(crate) enum Item<'a> {
    Sample(Sample<'a>),
    /// Why it is none.
    Unreadable(String),
    /// The names of what follows, again: another test may begin.
    Header,
    /// It belongs to the format and is no request.
    Other,
}

/// The requests of one file, one after the other.
pub(crate) trait Samples {
    /// The next line, and what it says; none at the end.
    fn advance(&mut self) -> Result<Option<(u64, Item<'_>)>, Trouble>;

    /// Whether the file, as far as it was read, ends as lines do.
    fn ended(&self) -> bool;
}
