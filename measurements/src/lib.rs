//! What was measured: reads results and logs of load tests into measurements of `sim`.
//!
//! [`read`] finds the format by what a file begins with ([`Format`]), never by its name. Files are
//! read once, line by line: memory does not grow with them. [`published`] is what WSO2 has published
//! of its own products, read the same way.
//!
//! ```
//! use measurements::{Format, Options, read_from};
//!
//! let text = "scenario,concurrent_users,throughput_rps,latency_avg_ms\nlogin,50,500,100\n";
//! let reading = read_from(text.as_bytes(), "mine.csv", &Options::default()).expect("a table");
//! assert_eq!(reading.format, Format::Table);
//! assert_eq!(reading.measurements[0].mean, Some(0.1));
//! ```

mod answers;
mod correlation;
mod error;
mod foreign;
mod format;
mod gateway;
mod jtl;
mod lines;
mod metrics;
mod published;
mod source;
mod summary;
mod table;
mod tally;
mod tidy;
mod timestamp;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read as _};
use std::path::Path;

use sim::measurement::{BackendTimes, Measurement};
use sim::time::SimDuration;

pub use error::{Problem, ReadError};
pub use format::Format;
pub use published::{Family, published, published_clusters};
pub use timestamp::DayOrder;

use error::{Trouble, listed};
use format::Layout;
use source::Source;

/// So much of a file is looked at to find its format: the header of a summary may take 16 KB.
const HEAD_BYTES: u64 = 256 * 1024;

/// An operation with so large a share of the requests of its test had the node for itself.
const ALONE: f64 = 0.95;

/// What a file does not say, or says of several things of which one is wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Cores of the node, where the file does not state them.
    pub cores: Option<f64>,
    /// Heap of the node in GiB, where the file does not state it.
    pub heap_gib: Option<f64>,
    /// Users at once; goes before the threads of a JMeter result, since several JMeter servers each
    /// count their own only.
    pub users: Option<u32>,
    /// Size of a message in KiB; goes before the bytes of a log, since those count headers too.
    pub size_kib: Option<f64>,
    /// How long backends take, where the file does not state it.
    pub backends: Vec<BackendOf>,
    /// Nodes that took the load together, where the file does not state it.
    pub nodes: Option<u32>,
    /// How much of the beginning of a log is left out as warm-up; of a JMeter result, after its
    /// ramp-up. Tables have theirs left out already.
    pub discard: SimDuration,
    /// Only the operation (scenario, label, API) of this name is wanted.
    pub only: Option<String>,
    /// What the operation is to be called; only where there is but one.
    pub operation: Option<String>,
    /// What comes first in dates whose day and month could be either.
    pub dates: Option<DayOrder>,
    /// Up to this share, 0 to 1, failed samples of a JMeter result are left out; above, all are. Five
    /// per cent where it is not stated.
    pub most_failed: Option<f64>,
}

/// How long the backend of some operations takes.
#[derive(Clone, Debug, PartialEq)]
pub struct BackendOf {
    /// The operation; none for all that are not named.
    pub operation: Option<String>,
    /// How long it takes.
    pub times: BackendTimes,
}

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

/// What a reader of one format hands back.
#[derive(Debug, Default)]
struct Found {
    measurements: Vec<Measurement>,
    notes: Vec<String>,
}

/// Reads a file.
///
/// # Errors
///
/// If it cannot be opened or is not what is read here; says where and what would be right.
pub fn read(path: &Path, options: &Options) -> Result<Reading, ReadError> {
    read_all(&[path], options)
}

/// Reads files, of which JMeter results may be those of several load generators of one test.
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
    Jtl(Source, Layout),
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
    let layout = format::of(&head)?;
    let whole = io::Read::chain(Cursor::new(&head), input);
    let found = match layout.format {
        Format::Table => tidy::read(table::Table::open(whole, layout)?, name)?,
        Format::Summary => summary::read(table::Table::open(whole, layout)?, name)?,
        Format::Correlation => correlation::read(whole, name, options)?,
        Format::Metrics => metrics::read(whole, name, options)?,
        Format::Jtl => {
            let name = name.to_owned();
            let source = match again {
                Some(path) => Source::of_file(name, path.to_owned()),
                None => Source::of_stream(name, whole)?,
            };
            return Ok(Opened::Jtl(source, layout));
        }
    };
    Ok(Opened::Read(layout.format, found))
}

/// What all files say; those of JMeter results where the first of them stands.
fn together(opened: Vec<Opened>, options: &Options) -> Result<Reading, ReadError> {
    let mut results = Vec::new();
    let mut all = Vec::new();
    let mut place = None;
    for file in opened {
        match file {
            Opened::Read(format, found) => all.push((format, found)),
            Opened::Jtl(source, layout) => {
                place = place.or(Some(all.len()));
                results.push((source, layout));
            }
        }
    }
    let name = results.first().map(|(source, _)| source.name.clone());
    if let Some(place) = place {
        all.insert(place, (Format::Jtl, jtl::read(results, options)?));
    }
    let format = all.first().map_or(Format::Table, |(format, _)| *format);
    let mut found = Found::default();
    for (_, each) in all {
        found.measurements.extend(each.measurements);
        found.notes.extend(each.notes);
    }
    let file = found.measurements.first().map_or("", |first| first.origin.as_str());
    let file = name.unwrap_or_else(|| file.split(':').next().unwrap_or_default().to_owned());
    let mut measurements = chosen(found.measurements, options)
        .map_err(|Trouble { line, problem }| ReadError { file, line, problem })?;
    for measurement in &mut measurements {
        fill(measurement, options);
    }
    Ok(Reading { format, measurements, notes: found.notes })
}

/// The operations that are wanted, under the name that is wanted.
fn chosen(
    mut measurements: Vec<Measurement>,
    options: &Options,
) -> Result<Vec<Measurement>, Trouble> {
    let names = |measurements: &[Measurement]| {
        let names: BTreeSet<&str> =
            measurements.iter().map(|measurement| measurement.operation.as_str()).collect();
        listed(names.into_iter())
    };
    if let Some(only) = &options.only {
        let found = names(&measurements);
        let whole = requests_by_test(&measurements);
        measurements.retain(|measurement| measurement.operation == *only);
        for measurement in &mut measurements {
            // Silences are those of all that were served.
            let all = measurement.test.as_ref().and_then(|test| whole.get(test).copied());
            let own = measurement.requests.unwrap_or(0) as f64;
            if all.is_some_and(|all| own < ALONE * all as f64) {
                measurement.silences = None;
            }
        }
        if measurements.is_empty() {
            return Err(Problem::NoSuchOperation { wanted: only.clone(), found }.into());
        }
    }
    if let Some(name) = &options.operation {
        let several = measurements.windows(2).any(|pair| pair[0].operation != pair[1].operation);
        if several {
            let found = names(&measurements);
            return Err(Problem::SeveralOperations { wanted: name.clone(), found }.into());
        }
        for measurement in &mut measurements {
            measurement.operation.clone_from(name);
        }
    }
    Ok(measurements)
}

fn requests_by_test(measurements: &[Measurement]) -> BTreeMap<String, u64> {
    let mut requests = BTreeMap::new();
    for measurement in measurements {
        let Some(test) = measurement.test.clone() else { continue };
        *requests.entry(test).or_default() += measurement.requests.unwrap_or(0);
    }
    requests
}

fn fill(measurement: &mut Measurement, options: &Options) {
    let of = |operation: Option<&str>| {
        let mut backends = options.backends.iter();
        backends.find(|each| each.operation.as_deref() == operation).map(|each| each.times)
    };
    let stated = of(Some(&measurement.operation)).or(of(None));
    measurement.cores = measurement.cores.or(options.cores);
    measurement.heap_gib = measurement.heap_gib.or(options.heap_gib);
    measurement.size_kib = measurement.size_kib.or(options.size_kib);
    measurement.backend = measurement.backend.or(stated);
    measurement.nodes = measurement.nodes.or(options.nodes);
}
