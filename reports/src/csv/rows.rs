//! Rows of a CSV file, field by field.

use std::io::Write;

use sim::results::Results;
use sim::stats::Estimate;

use crate::ReportError;

/// Writes rows to a CSV file, whose last column is `partial` where they are of a run.
pub(super) struct Rows<'a> {
    writer: csv::Writer<&'a mut dyn Write>,
    partial: Option<&'static str>,
}

impl<'a> Rows<'a> {
    /// Begins the file with its header.
    pub(super) fn new(
        out: &'a mut dyn Write,
        results: &Results,
        header: &[String],
    ) -> Result<Self, ReportError> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(header.iter().map(String::as_str).chain(["partial"]))?;
        Ok(Self { writer, partial: Some(if results.partial { "yes" } else { "no" }) })
    }

    /// Begins a file that is of no run with its header.
    pub(super) fn plain(out: &'a mut dyn Write, header: &[String]) -> Result<Self, ReportError> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(header)?;
        Ok(Self { writer, partial: None })
    }

    /// Writes one row.
    pub(super) fn write(&mut self, row: Row) -> Result<(), ReportError> {
        let partial = self.partial.map(str::to_owned);
        Ok(self.writer.write_record(row.fields.into_iter().chain(partial))?)
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> Result<(), ReportError> {
        Ok(self.writer.flush()?)
    }
}

/// The fields of one row.
#[derive(Clone, Default)]
pub(super) struct Row {
    fields: Vec<String>,
}

impl Row {
    /// Adds a name; see the module about formulas.
    pub(super) fn name(mut self, name: &str) -> Self {
        let formula = name.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
        self.fields.push(if formula { format!("'{name}") } else { name.to_owned() });
        self
    }

    /// Adds a word of our own.
    pub(super) fn word(mut self, word: &str) -> Self {
        self.fields.push(word.to_owned());
        self
    }

    /// Adds a number in the fewest digits that read back as the same; never an exponent.
    pub(super) fn number(mut self, number: f64) -> Self {
        let text = if number == 0.0 { "0".to_owned() } else { number.to_string() };
        self.fields.push(if number.is_finite() { text } else { String::new() });
        self
    }

    /// Adds a number that may be absent.
    pub(super) fn optional(self, number: Option<f64>) -> Self {
        self.number(number.unwrap_or(f64::NAN))
    }

    /// Adds fields as they are.
    pub(super) fn fields(mut self, fields: &[String]) -> Self {
        self.fields.extend_from_slice(fields);
        self
    }

    /// Its fields.
    pub(super) fn into_fields(self) -> Vec<String> {
        self.fields
    }

    /// Adds a mean and its half-width.
    pub(super) fn estimate(self, estimate: &Estimate) -> Self {
        self.number(estimate.mean).optional(estimate.half_width)
    }
}

/// A header from its columns, separated by commas.
pub(super) fn header(columns: &str) -> Vec<String> {
    columns.split(',').map(|column| column.trim().to_owned()).collect()
}
