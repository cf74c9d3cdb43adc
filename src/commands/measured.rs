//! What `calibrate` and `verify --measurements` share: reading measurements.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use measurements::{BackendOf, DayOrder, Family, Options, ReadError, published};
use sim::deployment::FlowKind;
use sim::measurement::{Configuration, LEAST_ABOVE_QUANTILE, Measurement, Reason, repeats, sift};
use sim::quantity::Quantity;
use sim::time::SimDuration;

use crate::arguments::{DateOrder, UnsaidArguments};
use crate::backend_delay::BackendDelay;
use crate::output::note;

/// The measurements of some files or published families that can be used, repeats as one. What cannot
/// be used is named.
pub(crate) fn tests(paths: &[PathBuf], options: &Options) -> Result<Vec<Measurement>, ReadError> {
    let mut rows = Vec::new();
    let mut files = Vec::new();
    for path in paths {
        match named(path) {
            Some(family) => rows.extend(family.rows),
            None => files.push(path),
        }
    }
    if !files.is_empty() {
        let reading = measurements::read_all(&files, options)?;
        reading.notes.iter().for_each(|line| note(line));
        rows.extend(reading.measurements);
    }
    let named = options.backends.iter().filter_map(|backend| backend.operation.as_ref());
    for name in named.filter(|name| !rows.iter().any(|row| row.operation == **name)) {
        note(&format!("no operation is called `{name}`: its --backend-delay has no effect"));
    }
    Ok(usable(rows))
}

/// What the arguments say of the measurements beside their files.
pub(crate) fn options(arguments: &UnsaidArguments) -> Options {
    Options {
        cores: arguments.cores,
        heap_gib: arguments.heap.map(|kib| kib / 1024.0 / 1024.0),
        users: arguments.users,
        size_kib: arguments.size,
        backends: arguments.backend_delay.iter().cloned().map(backend).collect(),
        nodes: arguments.nodes,
        discard: arguments.discard.unwrap_or(SimDuration::ZERO),
        only: arguments.only.clone(),
        operation: arguments.operation.clone(),
        dates: arguments.dates.map(|order| match order {
            DateOrder::DayFirst => DayOrder::DayFirst,
            DateOrder::MonthFirst => DayOrder::MonthFirst,
        }),
        most_failed: arguments.most_failed,
    }
}

fn backend(BackendDelay { operation, times }: BackendDelay) -> BackendOf {
    BackendOf { operation, times }
}

/// The rows that can be used, repeats as one; says which cannot, and why.
pub(crate) fn usable(rows: Vec<Measurement>) -> Vec<Measurement> {
    let rows = kept(rows);
    let medians = repeats(&rows).into_iter().map(|Configuration { median, .. }| median);
    // Repeats that have nothing in common have no median that anything ever showed.
    kept(medians.collect())
}

fn kept(rows: Vec<Measurement>) -> Vec<Measurement> {
    let sifted = sift(rows);
    for (row, reason) in &sifted.set_aside {
        note(&format!("set aside: {} ({}): {reason}", row.origin, row.operation));
    }
    for line in dropped(&sifted.quantiles_dropped) {
        note(&line);
    }
    sifted.kept
}

/// So many quantiles that are set aside are told one by one.
const FEW_DROPPED: usize = 3;

/// The quantiles that were set aside, one by one where they are few; else in one line how many of which.
fn dropped(all: &[(String, Reason)]) -> Vec<String> {
    if all.len() <= FEW_DROPPED {
        let each = all.iter().map(|(origin, why)| format!("a quantile set aside: {origin}: {why}"));
        return each.collect();
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (_, reason) in all {
        if let Reason::TooFewRequests { probability, .. } = reason {
            *counts.entry(Quantity::quantile(*probability).name()).or_default() += 1;
        }
    }
    let of = |(quantile, count): (String, usize)| format!("{quantile} ({count})");
    let counts: Vec<String> = counts.into_iter().map(of).collect();
    let least = LEAST_ABOVE_QUANTILE;
    vec![format!(
        "{} quantiles set aside, since fewer than {least} requests are above them: {}",
        all.len(),
        counts.join(", ")
    )]
}

/// The published family of that name.
fn family(name: &str) -> Option<Family> {
    published().into_iter().find(|family| family.name == name)
}

/// What the measurements ask of a node: what the first published family among them does; files are of
/// APIs.
pub(crate) fn kind(paths: &[PathBuf]) -> FlowKind {
    paths.iter().find_map(|path| named(path)).map_or(FlowKind::Api, |family| family.kind)
}

/// The published family that a path names, where there is no such file.
pub(crate) fn named(path: &Path) -> Option<Family> {
    if path.exists() { None } else { family(&path.to_string_lossy()) }
}
