//! Why a file cannot be read: what, where, and what would be right.

use std::io;

use crate::format::Format;

/// A message lists no more names than this.
const MOST_LISTED: usize = 30;

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{file}{}: {problem}", .line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct ReadError {
    /// The file.
    pub file: String,
    /// The line, counted from 1, where there is one to look at.
    pub line: Option<u64>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's message says what it is")]
pub enum Problem {
    #[error("{0}")]
    Io(io::Error),
    #[error("a folder; name a file in it")]
    Directory,
    #[error("empty")]
    Empty,
    #[error("{found}; {remedy}")]
    NotText { found: &'static str, remedy: &'static str },
    #[error("{what}; {remedy}")]
    Foreign { what: &'static str, remedy: &'static str },
    #[error(
        "a JMeter result of {columns} columns without its header, in none of JMeter's own orders; save \
         it with `-Jjmeter.save.saveservice.print_field_names=true`, or put the names of its columns \
         first, as in {header}"
    )]
    NoHeader { columns: usize, header: &'static str },
    #[error(
        "`{value}` in `timeStamp` could be day and month or month and day, and nothing in the file says \
         which; say `--dates day-first` or `--dates month-first`, or save it with \
         `-Jjmeter.save.saveservice.timestamp_format=ms`"
    )]
    AmbiguousDate { value: String },
    #[error(
        "{labels}: rows of Transaction Controllers, without the requests inside them; untick `Generate \
         parent sample` and test again"
    )]
    HidingTransactions { labels: String },
    #[error(
        "no format that is read here {found}; right would be a table with a header \
         (scenario, concurrent_users, throughput_rps, latency_avg_ms, …), a summary.csv of WSO2's \
         performance tests, the requests of a load generator (JMeter, k6, hey, oha, h2load, Tsung, ab, vegeta, \
         Gatling), a correlation.log or an apim_metrics.log"
    )]
    Unknown { found: String },
    #[error(
        "no log of garbage collection: it begins with `{found}`; right would be what `-Xlog:gc*:file=gc.log` \
         writes"
    )]
    NoCollections { found: String },
    #[error("{format} without {missing}; its columns are {found}")]
    Columns { format: Format, missing: String, found: String },
    #[error("a line of more than {most} bytes; is a quote left open, or is this another format?")]
    LongLine { most: u64 },
    #[error("{0}")]
    Row(String),
    #[error("more than {most} {what}; {remedy}")]
    TooMany { most: usize, what: &'static str, remedy: &'static str },
    #[error("{unreadable} of {lines} lines are not of {format}; the first is this one: {reason}")]
    Unreadable { format: Format, unreadable: u64, lines: u64, reason: String },
    #[error("nothing is measured in it: {0}")]
    Nothing(String),
    #[error("no operation is called `{wanted}`; there are {found}")]
    NoSuchOperation { wanted: String, found: String },
    #[error("several operations cannot all be called `{wanted}`: {found}; ask for only one")]
    SeveralOperations { wanted: String, found: String },
}

/// A problem and its line; the file's name is added where it is known.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) line: Option<u64>,
    pub(crate) problem: Problem,
}

impl Problem {
    /// The problem at a line.
    pub(crate) fn at(self, line: u64) -> Trouble {
        Trouble { line: Some(line), problem: self }
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self { line: None, problem }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Problem::Io(error).into()
    }
}

/// A text as it may stand in a message: short and without control characters.
pub(crate) fn shown(text: &str) -> String {
    let short: String = text.trim().chars().take(60).collect();
    let dots = if short.len() < text.trim().len() { "…" } else { "" };
    format!("{}{dots}", short.escape_debug())
}

/// Names as they may stand in a message: `a`, `b` and 7 more.
pub(crate) fn listed<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(MOST_LISTED);
    let shown: Vec<String> =
        names.take(MOST_LISTED).map(|name| format!("`{}`", shown(name))).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// Texts as they may stand in a message, as they are: a, b and 7 more.
pub(crate) fn few(texts: &[String]) -> String {
    let more = texts.len().saturating_sub(MOST_LISTED);
    let shown = texts[..texts.len() - more].join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}
