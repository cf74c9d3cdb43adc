//! CSV by header name, one record of bounded length at a time.

use std::io::{self, Read};

use csv::{ByteRecord, Reader, ReaderBuilder};
use sim::measurement::Measurement;

use crate::error::{Problem, Trouble, listed, shown};
use crate::format::{Format, Layout};
use crate::found::Found;
use crate::lines::LONGEST_LINE;

/// No figure is larger.
const LARGEST: f64 = 1e15;

/// Longer texts are cut.
const LONGEST_TEXT: usize = 300;

/// More rows are no table of load tests.
const MOST_ROWS: usize = 20_000;

/// The parser reads so many bytes at a time.
const BUFFER: usize = 1 << 16;

/// Written for a figure that is not there, in any case.
const NOTHING: [&str; 4] = ["", "n/a", "na", "-"];

/// A header, and the record that was read last.
pub(crate) struct Table<R> {
    reader: Reader<Bounded<R>>,
    headers: Vec<String>,
    record: ByteRecord,
}

/// One record, whatever it says.
pub(crate) fn first_record(head: &[u8], separator: u8) -> Option<ByteRecord> {
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .has_headers(false)
        .from_reader(head);
    let mut record = ByteRecord::new();
    reader.read_byte_record(&mut record).ok().filter(|found| *found).map(|_| record)
}

/// A column by its place in the header; none where the header has no such.
pub(crate) type Column = Option<usize>;

impl<R: Read> Table<R> {
    /// Reads the header, or takes that of the layout where the file has none.
    pub(crate) fn open(input: R, layout: Layout) -> Result<Self, Trouble> {
        let bounded = Bounded { input, read: 0, most: 0, ended: true, returns: None, before: 0 };
        let reader = ReaderBuilder::new()
            .delimiter(layout.separator)
            .flexible(true)
            .has_headers(false)
            .buffer_capacity(BUFFER)
            .from_reader(bounded);
        let mut table = Self { reader, headers: Vec::new(), record: ByteRecord::new() };
        if let Some(header) = layout.header {
            table.headers = header.split(',').map(str::to_owned).collect();
        } else {
            table.advance()?;
            table.adopt();
        }
        Ok(table)
    }

    /// Takes the record for the header of what follows.
    pub(crate) fn adopt(&mut self) {
        let header = |cell: &[u8]| String::from_utf8_lossy(cell).trim().to_owned();
        self.headers = self.record.iter().map(header).collect();
    }

    /// The record, where its first cell does not begin with a digit, as that of a header does not.
    pub(crate) fn words(&self) -> Option<Vec<&str>> {
        let first = self.record.get(0)?.first()?;
        if first.is_ascii_digit() {
            return None;
        }
        Some(self.record.iter().filter_map(|cell| std::str::from_utf8(cell).ok()).collect())
    }

    /// The headers, in order.
    pub(crate) fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The first column whose header is one of these, in whatever case.
    pub(crate) fn column(&self, names: &[&str]) -> Column {
        names.iter().find_map(|name| {
            self.headers.iter().position(|header| header.eq_ignore_ascii_case(name))
        })
    }

    /// What is wrong where one column of each of these is needed and not there.
    pub(crate) fn require(
        &self,
        format: Format,
        columns: &[(&str, Column)],
    ) -> Result<(), Trouble> {
        let missing: Vec<String> = columns
            .iter()
            .filter(|(_, column)| column.is_none())
            .map(|(name, _)| (*name).to_owned())
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let found = listed(self.headers.iter().map(String::as_str));
        let missing = missing.join(" and ");
        Err(Problem::Columns { format, missing, found }.at(1))
    }

    /// Reads the next record; its line, or none at the end.
    pub(crate) fn advance(&mut self) -> Result<Option<u64>, Trouble> {
        advance(&mut self.reader, &mut self.record)
    }

    /// Whether the file, as far as it was read, ends as lines do.
    pub(crate) fn ended(&self) -> bool {
        self.reader.get_ref().ended
    }

    /// Whether the record has as many cells as the header.
    pub(crate) fn whole(&self) -> Result<(), String> {
        let (cells, columns) = (self.record.len(), self.headers.len());
        if cells == columns {
            return Ok(());
        }
        Err(format!("{cells} cells, where the header has {columns}"))
    }

    /// A cell; none where it says that there is nothing.
    pub(crate) fn text(&self, column: Column) -> Result<Option<&str>, String> {
        let Some(cell) = column.and_then(|column| self.record.get(column)) else {
            return Ok(None);
        };
        let text = std::str::from_utf8(cell)
            .map_err(|_| "not UTF-8; save the file as UTF-8".to_owned())?
            .trim();
        let nothing = NOTHING.iter().any(|nothing| text.eq_ignore_ascii_case(nothing));
        Ok((!nothing).then_some(text))
    }

    /// As [`Self::text`], of its own and cut where it is too long.
    pub(crate) fn owned(&self, column: Column) -> Result<Option<String>, String> {
        Ok(self.text(column)?.map(|text| text.chars().take(LONGEST_TEXT).collect()))
    }

    /// A cell as a number that is not negative.
    pub(crate) fn number(&self, column: Column) -> Result<Option<f64>, String> {
        let Some(text) = self.text(column)? else { return Ok(None) };
        let number = text.parse::<f64>().ok().filter(|number| (0.0..=LARGEST).contains(number));
        number.map(|number| Some(number.abs())).ok_or_else(|| self.wrong(column, text, LARGEST))
    }

    /// A cell in ms as seconds.
    pub(crate) fn seconds(&self, column: Column) -> Result<Option<f64>, String> {
        Ok(self.number(column)?.map(|ms| ms / 1000.0))
    }

    /// The columns whose header, in lower case, is that of a quantile; by ascending probability.
    pub(crate) fn quantile_columns(
        &self,
        probability: impl Fn(&str) -> Option<f64>,
    ) -> Vec<(f64, Column)> {
        let headers = self.headers.iter().enumerate();
        let mut columns: Vec<(f64, Column)> = headers
            .filter_map(|(column, header)| {
                Some((probability(&header.to_ascii_lowercase())?, Some(column)))
            })
            .collect();
        columns.sort_by(|a, b| a.0.total_cmp(&b.0));
        columns.dedup_by(|a, b| a.0 == b.0);
        columns
    }

    /// Cells of quantiles in ms, as seconds; those that are stated.
    pub(crate) fn quantiles(&self, columns: &[(f64, Column)]) -> Result<Vec<(f64, f64)>, String> {
        let mut quantiles = Vec::new();
        for (probability, column) in columns {
            quantiles.extend(self.seconds(*column)?.map(|seconds| (*probability, seconds)));
        }
        Ok(quantiles)
    }

    /// A cell as a whole number of at most `most`.
    pub(crate) fn count(&self, column: Column, most: u64) -> Result<Option<u64>, String> {
        let Some(text) = self.text(column)? else { return Ok(None) };
        // Spreadsheets and data frames write 100 users as 100.0.
        let whole = |number: &f64| number.fract() == 0.0 && (0.0..=most as f64).contains(number);
        let decimal = || text.parse::<f64>().ok().filter(whole).map(|number| number as u64);
        let count = text.parse::<u64>().ok().or_else(decimal).filter(|count| *count <= most);
        count.map(Some).ok_or_else(|| self.wrong(column, text, most as f64))
    }

    /// That a cell is not what its column wants.
    fn wrong(&self, column: Column, text: &str, most: f64) -> String {
        let header = column.and_then(|column| self.headers.get(column)).map_or("", String::as_str);
        format!("`{}` in column `{header}` is not a number from 0 to {most}", shown(text))
    }

    /// Reads every row as a measurement, or says at once what is wrong with one. A last row may be
    /// cut off.
    pub(crate) fn measurements(
        mut self,
        mut row: impl FnMut(&Self, u64) -> Result<Measurement, String>,
    ) -> Result<Found, Trouble> {
        let mut found = Found::default();
        while let Some(line) = self.advance()? {
            if found.measurements.len() == MOST_ROWS {
                let remedy = "a table of load tests has a row per test, not per request";
                return Err(Problem::TooMany { most: MOST_ROWS, what: "rows", remedy }.at(line));
            }
            match self.whole().and_then(|()| row(&self, line)) {
                Ok(measurement) => found.measurements.push(measurement),
                Err(reason) => {
                    if self.ended() || self.advance()?.is_some() {
                        return Err(Problem::Row(reason).at(line));
                    }
                    let note = format!("the last line, {line}, is cut off and left out: {reason}");
                    found.notes.push(note);
                }
            }
        }
        if found.measurements.is_empty() {
            return Err(Problem::Nothing("there is a header and no whole row".to_owned()).into());
        }
        Ok(found)
    }
}

fn advance<R: Read>(
    reader: &mut Reader<Bounded<R>>,
    record: &mut ByteRecord,
) -> Result<Option<u64>, Trouble> {
    let position = reader.position().clone();
    reader.get_mut().most = position.byte() + LONGEST_LINE + BUFFER as u64;
    let line = position.line();
    match reader.read_byte_record(record) {
        Ok(false) => Ok(None),
        Ok(true) => {
            let line = record.position().map_or(line, csv::Position::line);
            // The parser ends a record with the return, and counts a line with what comes after it.
            let returned = position.byte() > 0 && reader.get_ref().returns == Some(true);
            Ok(Some(line + u64::from(returned)))
        }
        Err(_) if reader.get_ref().read >= reader.get_ref().most => {
            Err(Problem::LongLine { most: LONGEST_LINE }.at(line))
        }
        Err(error) => Err(match error.into_kind() {
            csv::ErrorKind::Io(error) => error.into(),
            other => Problem::Row(format!("{other:?}")).at(line),
        }),
    }
}

/// Gives so many bytes and then an error: a quote left open must not fill the memory.
struct Bounded<R> {
    input: R,
    read: u64,
    most: u64,
    ended: bool,
    /// Whether the first line ends with a return before its line feed.
    returns: Option<bool>,
    before: u8,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read >= self.most {
            return Err(io::Error::other("a line too long"));
        }
        let count = self.input.read(buffer)?;
        self.read += count as u64;
        if let Some(last) = buffer[..count].last() {
            self.ended = *last == b'\n';
        }
        if self.returns.is_none() {
            let end = buffer[..count].iter().position(|byte| *byte == b'\n');
            let before = match end {
                Some(0) | None => self.before,
                Some(end) => buffer[end - 1],
            };
            self.returns = end.map(|_| before == b'\r');
            self.before = buffer[..count].last().copied().unwrap_or(self.before);
        }
        Ok(count)
    }
}
