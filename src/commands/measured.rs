//! What `calibrate` and `verify --measurements` share: reading measurements, and showing how far a
//! simulation is from them.

use std::path::{Path, PathBuf};

use measurements::{Family, Options, ReadError, published};
use sim::calibration::Configured;
use sim::measurement::{Configuration, Load, Measurement, repeats, sift};

use crate::output::note;

/// The measurements of some files or published families that can be used, repeats as one. What cannot
/// be used is named.
pub(crate) fn tests(paths: &[PathBuf], options: &Options) -> Result<Vec<Measurement>, ReadError> {
    let mut rows = Vec::new();
    for path in paths {
        rows.extend(read(path, options)?);
    }
    Ok(usable(rows))
}

/// The rows that can be used, repeats as one; says which cannot, and why.
pub(crate) fn usable(rows: Vec<Measurement>) -> Vec<Measurement> {
    let sifted = sift(rows);
    for (row, reason) in &sifted.set_aside {
        note(&format!("set aside: {} ({}): {reason}", row.origin, row.operation));
    }
    for (origin, reason) in &sifted.quantiles_dropped {
        note(&format!("a quantile set aside: {origin}: {reason}"));
    }
    repeats(&sifted.kept).into_iter().map(|Configuration { median, .. }| median).collect()
}

/// The published family of that name.
pub(crate) fn family(name: &str) -> Option<Family> {
    published().into_iter().find(|family| family.name == name)
}

fn read(path: &Path, options: &Options) -> Result<Vec<Measurement>, ReadError> {
    if !path.exists()
        && let Some(family) = family(&path.to_string_lossy())
    {
        return Ok(family.rows);
    }
    let reading = measurements::read(path, options)?;
    reading.notes.iter().for_each(|line| note(line));
    Ok(reading.measurements)
}

/// One line for each test: what it was, and the error of each figure.
pub(crate) fn lines(rows: &[Configured]) -> Vec<String> {
    let mut lines = vec![format!(
        "{:<28} {:>9} {:>10} {:>8} {:>10} {:>6} {:>22} {}",
        "operation", "users", "KiB", "delay", "throughput", "mean", "GC share", "quantiles"
    )];
    for row in rows {
        let test = &row.measured;
        let load = match test.load {
            Load::Closed { users } => users.to_string(),
            Load::Open { rate } => format!("{rate:.0} /s"),
        };
        let percent = |error: Option<f64>| {
            error.map_or_else(|| "-".to_owned(), |error| format!("{:+.1}", 100.0 * error))
        };
        let quantiles: Vec<String> = row
            .errors
            .quantiles
            .iter()
            .map(|(probability, error)| {
                let name = (probability * 1e4).round() / 1e2;
                format!("p{name} {:+.1}", 100.0 * error)
            })
            .collect();
        let shares = test.gc_share.map_or_else(String::new, |share| {
            format!(" ({:.2} of {:.2} %)", 100.0 * row.simulated.gc_share, 100.0 * share)
        });
        lines.push(format!(
            "{:<28} {:>9} {:>10.2} {:>5.0} ms {:>10} {:>6} {:>22} {}",
            test.operation,
            load,
            test.size_kib.unwrap_or(0.0),
            test.backend.map_or(0.0, |backend| backend.mean.as_ms()),
            percent(row.errors.throughput),
            percent(row.errors.mean),
            percent(row.errors.gc_share) + &shares,
            quantiles.join("  ")
        ));
    }
    lines
}
