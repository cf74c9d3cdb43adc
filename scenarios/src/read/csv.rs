//! CSV files that a scenario names: columns of numbers by header. What is wrong with them is told
//! with their own name and line, at the place of the scenario that names them.

use std::fs::File;
use std::io::Read;

use ::csv::{ReaderBuilder, StringRecord, Trim};

use crate::document::{Item, Place};
use crate::quantity::{DURATION, shown};
use crate::read::names::suggestion;
use crate::read::section::Context;

/// A larger file would not fit the memory that a simulation leaves.
const LARGEST_BYTES: u64 = 64 * 1024 * 1024;

/// The units of a column, in seconds.
pub(crate) const UNITS: [(f64, &str); 6] =
    [(1e-9, "ns"), (1e-6, "us"), (1e-3, "ms"), (1.0, "s"), (60.0, "min"), (3600.0, "h")];

/// The unit in which a header ends: `ms`, `latency_ms`; in seconds.
pub(crate) fn unit_of(header: &str) -> Option<f64> {
    let last = header.rsplit(['_', ' ']).next()?.trim_matches(['(', ')', '[', ']']);
    UNITS.iter().find(|(_, name)| *name == last).map(|(seconds, _)| *seconds)
}

/// A CSV file with its header.
pub(crate) struct Table<'a> {
    context: Context<'a>,
    place: Place,
    name: String,
    headers: Vec<String>,
    records: Vec<(u64, StringRecord)>,
}

impl<'a> Table<'a> {
    /// Reads the file that the item names, relative to the scenario file.
    pub(crate) fn open(context: Context<'a>, item: &Item) -> Option<Self> {
        let name = context.text(item)?.to_owned();
        let mut table =
            Self { context, place: item.place, name, headers: Vec::new(), records: Vec::new() };
        let bytes = table.bytes()?;
        let without_mark = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let mut reader = ReaderBuilder::new()
            .trim(Trim::All)
            .flexible(true)
            .comment(Some(b'#'))
            .from_reader(without_mark);
        match reader.headers() {
            Ok(headers) => table.headers = headers.iter().map(str::to_owned).collect(),
            Err(error) => return table.problem(None, &error.to_string(), "write it in UTF-8"),
        }
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(0, ::csv::Position::line);
                    table.records.push((line, record));
                }
                Err(error) => return table.problem(None, &error.to_string(), "write it in UTF-8"),
            }
        }
        if table.records.is_empty() {
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

    /// The column of that name.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        let found = self.headers.iter().position(|header| header == name);
        found.or_else(|| {
            let known: Vec<_> = self.headers.iter().map(String::as_str).collect();
            let what = format!("there is no column `{}`", shown(name));
            self.problem(Some(1), &what, &suggestion(name, &known))
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

    /// The numbers of a column with their lines, none below 0.
    pub(crate) fn numbers(&self, column: usize, largest: f64) -> Option<Vec<(u64, f64)>> {
        self.records
            .iter()
            .map(|(line, record)| {
                let text = record.get(column).unwrap_or("");
                let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
                match number {
                    Some(number) if number < 0.0 => self.problem(
                        Some(*line),
                        &format!("`{text}` is negative"),
                        "write 0 or above",
                    ),
                    Some(number) if number > largest => {
                        let help = format!("it is at most {largest}");
                        self.problem(Some(*line), &format!("`{text}` is too large"), &help)
                    }
                    Some(number) => Some((*line, number)),
                    None => {
                        let what = format!("`{}` is not a number", shown(text));
                        self.problem(Some(*line), &what, "write a plain number, like 12.5")
                    }
                }
            })
            .collect()
    }

    /// The durations of a column in seconds.
    pub(crate) fn durations(&self, column: usize, unit_seconds: f64) -> Option<Vec<f64>> {
        let numbers = self.numbers(column, DURATION.largest() / unit_seconds)?;
        Some(numbers.into_iter().map(|(_, number)| number * unit_seconds).collect())
    }

    /// The instants of the column `time_s` in seconds, in the order of the file, which is theirs.
    pub(crate) fn instants(&self, may_be_equal: bool) -> Option<Vec<f64>> {
        let numbers = self.numbers(self.column("time_s")?, DURATION.largest())?;
        for pair in numbers.windows(2) {
            let ((_, earlier), (line, later)) = (pair[0], pair[1]);
            if later < earlier || (later <= earlier && !may_be_equal) {
                let what = format!("{later} does not come after {earlier}");
                return self.problem(Some(line), &what, "sort the rows by `time_s`");
            }
        }
        Some(numbers.into_iter().map(|(_, number)| number).collect())
    }

    /// Notes what is wrong with the file, and in which line.
    pub(crate) fn problem<T>(&self, line: Option<u64>, what: &str, help: &str) -> Option<T> {
        let line = line.map_or(String::new(), |line| format!(":{line}"));
        self.context.log.problem(self.place, format!("{}{line}: {what}", self.name), help);
        None
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        let path = self.context.folder.join(&self.name);
        let help = format!("it is looked for at {}", path.display());
        let is_file = path.metadata().map(|metadata| metadata.is_file());
        match is_file {
            Ok(true) => {}
            Ok(false) => return self.problem(None, "this is not a file", &help),
            Err(error) => return self.problem(None, &format!("cannot be read: {error}"), &help),
        }
        let mut bytes = Vec::new();
        let read =
            File::open(&path).and_then(|file| file.take(LARGEST_BYTES + 1).read_to_end(&mut bytes));
        match read {
            Err(error) => self.problem(None, &format!("cannot be read: {error}"), &help),
            Ok(_) if bytes.len() as u64 > LARGEST_BYTES => {
                self.problem(None, "the file is larger than 64 MiB", "use a part of it")
            }
            Ok(_) => Some(bytes),
        }
    }
}
