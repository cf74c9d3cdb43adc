//! CSV files that a scenario names: columns of numbers by header. What is wrong with them is told
//! with their own name and line, at the place of the scenario that names them.

use std::rc::Rc;

use ::csv::{Reader, ReaderBuilder, StringRecord, Trim};

use crate::document::{Item, Place};
use crate::quantity::{DURATION, shown};
use crate::read::names::suggestion;
use crate::read::section::Context;

/// More rows would not fit the memory that a simulation leaves.
const MOST_ROWS: usize = 5_000_000;

/// The units of a column, in seconds.
pub(crate) const UNITS: [(f64, &str); 6] =
    [(1e-9, "ns"), (1e-6, "us"), (1e-3, "ms"), (1.0, "s"), (60.0, "min"), (3600.0, "h")];

/// What separates columns elsewhere.
const SEPARATORS: [(char, &str); 3] = [(';', "semicolons"), ('\t', "tabs"), ('|', "vertical bars")];

/// The unit in which a header ends: `ms`, `latency_ms`; in seconds.
pub(crate) fn unit_of(header: &str) -> Option<f64> {
    let last = header.rsplit(['_', ' ']).next()?.trim_matches(['(', ')', '[', ']']);
    UNITS.iter().find(|(_, name)| *name == last).map(|(seconds, _)| *seconds)
}

/// A CSV file with its header; its rows are read when a column is asked for.
pub(crate) struct Table<'a> {
    context: Context<'a>,
    place: Place,
    name: String,
    headers: Vec<String>,
    bytes: Rc<[u8]>,
}

impl<'a> Table<'a> {
    /// Reads the file that the item names, relative to the scenario file.
    pub(crate) fn open(context: Context<'a>, item: &Item) -> Option<Self> {
        let name = context.text(item)?.to_owned();
        let place = item.place;
        let mut table = Self { context, place, name, headers: Vec::new(), bytes: Rc::default() };
        table.bytes = table.read()?;
        let headers = table.reader().headers().cloned();
        match headers {
            Ok(headers) => table.headers = headers.iter().map(str::to_owned).collect(),
            Err(error) => return table.broken(&error),
        }
        table.is_separated_by_commas()?;
        if table.reader().records().next().is_none() {
            return table.problem(None, "there are no rows", "write a header and a row per value");
        }
        Some(table)
    }

    /// The file as the scenario names it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The header of a column.
    pub(crate) fn header(&self, column: usize) -> &str {
        self.headers.get(column).map_or("", String::as_str)
    }

    /// How many columns there are.
    pub(crate) fn columns(&self) -> usize {
        self.headers.len()
    }

    /// The column of a name that the user has chosen.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        let found = self.headers.iter().position(|header| header == name);
        found.or_else(|| {
            let known: Vec<_> = self.headers.iter().map(String::as_str).collect();
            let what = format!("there is no column `{}`", shown(name));
            self.problem(Some(1), &what, &suggestion(name, &known))
        })
    }

    /// The column of a name that this program gives it; it is the file that has to change.
    pub(crate) fn needed(&self, name: &str, holds: &str) -> Option<usize> {
        let found = self.headers.iter().position(|header| header == name);
        found.or_else(|| {
            let header = self.headers.join(",");
            let what = format!("there is no column `{name}`, the header is `{}`", shown(&header));
            let is_number = |header: &String| header.parse::<f64>().is_ok();
            let help = if self.headers.iter().all(is_number) {
                "begin the file with a line that names its columns".to_owned()
            } else {
                format!("call the column that holds {holds} `{name}`")
            };
            self.problem(Some(1), &what, &help)
        })
    }

    /// The column, where there is but one.
    pub(crate) fn only_column(&self) -> Option<usize> {
        if self.headers.len() == 1 {
            return Some(0);
        }
        let known: Vec<_> = self.headers.iter().map(String::as_str).collect();
        let help = format!("add column = \"…\"; {}", suggestion("", &known));
        self.problem(Some(1), "there are several columns", &help)
    }

    /// The numbers of a column, none below 0.
    pub(crate) fn numbers(&self, column: usize, largest: f64) -> Option<Vec<f64>> {
        self.values(column, |line, text| self.number(line, text, largest))
    }

    /// The first value of a column, with its line.
    pub(crate) fn first(&self, column: usize) -> Option<(u64, String)> {
        let mut first = None;
        let mut reader = self.reader();
        if let Some(Ok(record)) = reader.records().next() {
            let line = record.position().map_or(0, ::csv::Position::line);
            first = Some((line, record.get(column).unwrap_or("").to_owned()));
        }
        first
    }

    /// The values of a column as `read` takes them, given the line and the text.
    pub(crate) fn values(
        &self,
        column: usize,
        mut read: impl FnMut(u64, &str) -> Option<f64>,
    ) -> Option<Vec<f64>> {
        let mut values = Vec::new();
        let mut reader = self.reader();
        let mut record = StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return Some(values),
                Err(error) => return self.broken(&error),
            }
            let line = record.position().map_or(0, ::csv::Position::line);
            if values.len() == MOST_ROWS {
                return self.problem(Some(line), "5 million rows are the most", "use a part of it");
            }
            self.is_as_wide_as_the_header(line, &record)?;
            values.push(read(line, record.get(column).unwrap_or(""))?);
        }
    }

    /// The durations of a column in seconds.
    pub(crate) fn durations(&self, column: usize, unit_seconds: f64) -> Option<Vec<f64>> {
        let numbers = self.numbers(column, DURATION.largest() / unit_seconds)?;
        Some(numbers.into_iter().map(|number| number * unit_seconds).collect())
    }

    /// Notes what is wrong with the file, and in which line.
    pub(crate) fn problem<T>(&self, line: Option<u64>, what: &str, help: &str) -> Option<T> {
        let line = line.map_or(String::new(), |line| format!(":{line}"));
        self.context.log.problem(self.place, format!("{}{line}: {what}", self.name), help);
        None
    }

    /// Notes something about the file that is right but surprising.
    pub(crate) fn warn(&self, what: impl Into<String>, case: impl Into<String>) {
        self.context.log.warn(what, case);
    }

    /// A number of a line, not below 0.
    pub(crate) fn number(&self, line: u64, text: &str, largest: f64) -> Option<f64> {
        let line = Some(line);
        match text.parse::<f64>().ok().filter(|number| number.is_finite()) {
            Some(number) if number < 0.0 => {
                self.problem(line, &format!("`{}` is negative", shown(text)), "write 0 or above")
            }
            Some(number) if number > largest => {
                let help = format!("it is at most {largest}");
                self.problem(line, &format!("`{}` is too large", shown(text)), &help)
            }
            Some(number) => Some(number),
            None => {
                let what = format!("`{}` is not a number", shown(text));
                let point = text.replace(',', ".");
                let help = match point.parse::<f64>() {
                    Ok(_) => format!("decimals are written with a point: {}", shown(&point)),
                    Err(_) => "write a plain number, like 12.5".to_owned(),
                };
                self.problem(line, &what, &help)
            }
        }
    }

    /// Notes what else separates the columns, where the header shows it.
    fn is_separated_by_commas(&self) -> Option<()> {
        let [header] = self.headers.as_slice() else { return Some(()) };
        let other = SEPARATORS.iter().find(|(separator, _)| header.contains(*separator));
        let Some((_, name)) = other else { return Some(()) };
        let what = format!("the columns are separated by {name}");
        self.problem(Some(1), &what, "separate them by commas, and write decimals with a point")
    }

    /// Notes a line of more values than the header has names, as decimal commas make them.
    fn is_as_wide_as_the_header(&self, line: u64, record: &StringRecord) -> Option<()> {
        let values =
            (1..=record.len()).rev().find(|length| !record[*length - 1].is_empty()).unwrap_or(0);
        if values <= self.headers.len() {
            return Some(());
        }
        let what = format!("{values} values stand under {} names", self.headers.len());
        self.problem(Some(line), &what, "decimals are written with a point, like 12.5")
    }

    fn reader(&self) -> Reader<&[u8]> {
        let bytes = self.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.bytes);
        ReaderBuilder::new().trim(Trim::All).flexible(true).comment(Some(b'#')).from_reader(bytes)
    }

    fn broken<T>(&self, error: &::csv::Error) -> Option<T> {
        self.problem(None, &error.to_string(), "write it as UTF-8 text")
    }

    fn read(&self) -> Option<Rc<[u8]>> {
        let read = self.context.files.table(&self.name);
        read.map_err(|wrong| self.problem::<()>(None, &wrong.what, &wrong.help)).ok()
    }
}
