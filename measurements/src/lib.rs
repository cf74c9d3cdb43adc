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
mod format;
mod gateway;
mod jtl;
mod lines;
mod metrics;
mod published;
mod summary;
mod table;
mod tally;
mod tidy;
mod timestamp;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read as _};
use std::path::Path;

use sim::measurement::{BackendTimes, Measurement};
use sim::time::SimDuration;

pub use error::{Problem, ReadError};
pub use format::Format;
pub use published::{Family, published, published_clusters};

use error::{Trouble, listed};

/// So much of a file is looked at to find its format: the header of a summary may take 16 KB.
const HEAD_BYTES: u64 = 256 * 1024;

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
    /// How it was understood.
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
    let name = path.display().to_string();
    let failed = |problem| ReadError { file: name.clone(), line: None, problem };
    if path.is_dir() {
        return Err(failed(Problem::Directory));
    }
    let file = File::open(path).map_err(|error| failed(Problem::Io(error)))?;
    read_from(BufReader::with_capacity(1 << 16, file), &name, options)
}

/// Reads whatever can be read from; `name` stands in messages and origins.
///
/// # Errors
///
/// As [`read`].
pub fn read_from(input: impl BufRead, name: &str, options: &Options) -> Result<Reading, ReadError> {
    reading(input, name, options).map_err(|Trouble { line, problem }| ReadError {
        file: name.to_owned(),
        line,
        problem,
    })
}

fn reading(mut input: impl BufRead, name: &str, options: &Options) -> Result<Reading, Trouble> {
    let mut head = Vec::new();
    input.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
    let format = format::of(&head)?;
    let whole = io::Read::chain(Cursor::new(&head), input);
    let Found { measurements, notes } = match format {
        Format::Table => tidy::read(table::Table::open(whole, &head)?, name)?,
        Format::Summary => summary::read(table::Table::open(whole, &head)?, name)?,
        Format::Jtl => jtl::read(table::Table::open(whole, &head)?, name, options)?,
        Format::Correlation => correlation::read(whole, name, options)?,
        Format::Metrics => metrics::read(whole, name, options)?,
    };
    let mut measurements = chosen(measurements, options)?;
    for measurement in &mut measurements {
        fill(measurement, options);
    }
    Ok(Reading { format, measurements, notes })
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
        measurements.retain(|measurement| measurement.operation == *only);
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
