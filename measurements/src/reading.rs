//! What a file, or several of one test, say: read once, by the reader of their format.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read as _};
use std::path::Path;

use sim::measurement::Measurement;

use crate::error::{Problem, ReadError, Trouble};
use crate::format::{Format, Layout};
use crate::found::Found;
use crate::options::Options;
use crate::recognition::{self, Known};
use crate::source::Source;
use crate::tools::Tool;
use crate::totals::Summary;
use crate::{correlation, metrics, samples, selection, summary, table, tidy};

/// So much of a file is looked at to find its format: the header of a summary may take 16 KB.
const HEAD_BYTES: u64 = 256 * 1024;

/// What a file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// How it, or the first of several, was understood.
    pub format: Format,
    /// In the order of the file for tables, by operation for logs; not yet sifted.
    pub measurements: Vec<Measurement>,
    /// What was left out or may surprise, each a sentence.
    pub notes: Vec<String>,
}

/// Reads a file.
///
/// # Errors
///
/// If it cannot be opened or is not what is read here; says where and what would be right.
pub fn read(path: &Path, options: &Options) -> Result<Reading, ReadError> {
    read_all(&[path], options)
}

/// Reads files, of which those of requests may be of several load generators of one test.
///
/// # Errors
///
/// As [`read`], of the first file that cannot be read.
pub fn read_all(paths: &[impl AsRef<Path>], options: &Options) -> Result<Reading, ReadError> {
    let opened: Result<Vec<Opened>, ReadError> =
        paths.iter().map(|path| open(path.as_ref(), options)).collect();
    together(opened?, options)
}

/// Reads whatever can be read from; `name` stands in messages and origins.
///
/// # Errors
///
/// As [`read`].
pub fn read_from(input: impl BufRead, name: &str, options: &Options) -> Result<Reading, ReadError> {
    let failed = |Trouble { line, problem }| ReadError { file: name.to_owned(), line, problem };
    together(vec![opened(input, name, None, options).map_err(failed)?], options)
}

/// A file of which it is known what it is.
enum Opened {
    /// Read already.
    Read(Format, Found),
    /// To be read together with others.
    Requests(Source, &'static Tool, Layout),
}

fn open(path: &Path, options: &Options) -> Result<Opened, ReadError> {
    let name = path.display().to_string();
    let failed = |Trouble { line, problem }| ReadError { file: name.clone(), line, problem };
    if path.is_dir() {
        return Err(failed(Problem::Directory.into()));
    }
    let file = File::open(path).map_err(|error| failed(Problem::Io(error).into()))?;
    // What is no file, but a pipe, can be read but once.
    let again = path.is_file().then_some(path);
    opened(BufReader::with_capacity(1 << 16, file), &name, again, options).map_err(failed)
}

fn opened(
    mut input: impl BufRead,
    name: &str,
    again: Option<&Path>,
    options: &Options,
) -> Result<Opened, Trouble> {
    let mut head = Vec::new();
    input.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
    let known = recognition::of(&head)?;
    let whole = io::Read::chain(Cursor::new(&head), input);
    let (format, layout) = match known {
        Known::Format(format, layout) => (format, layout),
        Known::Figures(total, layout) => {
            let summary = Summary { input: Box::new(whole), layout, name, options };
            return Ok(Opened::Read(Format::Figures(total.name), (total.read)(summary)?));
        }
        Known::Requests(tool, layout) => {
            let name = name.to_owned();
            let source = match again {
                Some(path) => Source::of_file(name, path.to_owned()),
                None => Source::of_stream(name, whole)?,
            };
            return Ok(Opened::Requests(source, tool, layout));
        }
    };
    let found = match format {
        Format::Table => tidy::read(table::Table::open(whole, layout)?, name)?,
        Format::Summary => summary::read(table::Table::open(whole, layout)?, name)?,
        Format::Correlation => correlation::read(whole, name, options)?,
        Format::Metrics => metrics::read(whole, name, options)?,
        Format::Requests(_) | Format::Figures(_) => Found::default(),
    };
    Ok(Opened::Read(format, found))
}

/// What all files say; those of requests where the first of them stands.
fn together(opened: Vec<Opened>, options: &Options) -> Result<Reading, ReadError> {
    let mut results = Vec::new();
    let mut all = Vec::new();
    let mut place = None;
    for file in opened {
        match file {
            Opened::Read(format, found) => all.push((format, found)),
            Opened::Requests(source, tool, layout) => {
                place = place.or(Some(all.len()));
                results.push((source, tool, layout));
            }
        }
    }
    let first = results.first().map(|(source, tool, _)| (source.name.clone(), tool.name));
    if let Some((place, (_, tool))) = place.zip(first.as_ref()) {
        all.insert(place, (Format::Requests(tool), samples::read(results, options)?));
    }
    let format = all.first().map_or(Format::Table, |(format, _)| *format);
    let mut found = Found::default();
    for (_, each) in all {
        found.measurements.extend(each.measurements);
        found.notes.extend(each.notes);
    }
    let file = found.measurements.first().map_or("", |first| first.origin.as_str());
    let before_the_lines = || file.split(':').next().unwrap_or_default().to_owned();
    let file = first.map_or_else(before_the_lines, |(name, _)| name);
    let mut measurements = selection::chosen(found.measurements, options)
        .map_err(|Trouble { line, problem }| ReadError { file, line, problem })?;
    for measurement in &mut measurements {
        selection::fill(measurement, options);
    }
    Ok(Reading { format, measurements, notes: found.notes })
}
