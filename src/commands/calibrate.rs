//! `apimsim calibrate`: fit a profile to measurements.

use std::io::{Write, stdout};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use measurements::{Options, published};
use sim::calibration::{Calibration, Configured, calibrate};
use sim::deployment::FlowKind;
use sim::measurement::{Configuration, Load, Measurement, repeats, sift};

use super::{Failure, Outcome, start_threads};
use crate::arguments::CalibrateArguments;
use crate::output::{complain, explain, note};
use crate::progress::Bar;

pub(crate) fn run(arguments: &CalibrateArguments) -> Result<Outcome, Failure> {
    start_threads(&arguments.threads)?;
    let start = match scenarios::profile(&arguments.profile) {
        Ok(profile) => profile,
        Err(problems) => {
            explain(&problems);
            return Ok(Outcome::Incomplete);
        }
    };
    let mut rows = Vec::new();
    for path in &arguments.measurements {
        match read(path) {
            Ok(found) => rows.extend(found),
            Err(error) => {
                complain(&error.to_string());
                return Ok(Outcome::Incomplete);
            }
        }
    }
    let sifted = sift(rows);
    for (row, reason) in &sifted.set_aside {
        note(&format!("set aside: {} {}: {reason}", row.origin, row.operation));
    }
    let tests: Vec<Measurement> =
        repeats(sifted.kept).into_iter().map(|Configuration { median, .. }| median).collect();
    let never = AtomicBool::new(false);
    let bar = Bar::new("calibrate");
    let fitted = calibrate(&start, FlowKind::Api, &tests, arguments.seed, &bar, &never);
    bar.finish();
    let fitted = match fitted {
        Ok(fitted) => fitted,
        Err(error) => {
            complain(&error.to_string());
            return Ok(Outcome::Incomplete);
        }
    };
    print(&fitted)?;
    let text = scenarios::profile_text(&fitted.profile, "Fitted.");
    std::fs::write(&arguments.out, text)
        .map_err(|cause| Failure::File { path: arguments.out.clone(), cause })?;
    Ok(Outcome::Good)
}

fn read(path: &Path) -> Result<Vec<Measurement>, measurements::ReadError> {
    let name = path.to_string_lossy();
    if !path.exists()
        && let Some(family) = published().into_iter().find(|family| family.name == name)
    {
        return Ok(family.rows);
    }
    let reading = measurements::read(path, &Options::default())?;
    reading.notes.iter().for_each(|line| note(line));
    Ok(reading.measurements)
}

fn print(fitted: &Calibration) -> Result<(), Failure> {
    for parameter in &fitted.parameters {
        writeln!(
            stdout(),
            "{:<42} {:>12.5} {:<4} from {:>12.5}  ± {:>5.1} %  {}",
            parameter.name,
            parameter.value,
            parameter.unit,
            parameter.start,
            100.0 * parameter.uncertainty,
            parameter.tied_to.join(", ")
        )?;
    }
    print_rows("held back", &fitted.held_back)?;
    print_rows("all", &fitted.tests)?;
    Ok(())
}

fn print_rows(title: &str, rows: &[Configured]) -> Result<(), Failure> {
    writeln!(stdout(), "{title}")?;
    for row in rows {
        let users = match row.measured.load {
            Load::Closed { users } => f64::from(users),
            Load::Open { rate } => rate,
        };
        let percent = |error: Option<f64>| {
            error.map_or("      -".to_owned(), |error| format!("{:+6.1}%", 100.0 * error))
        };
        let quantiles: Vec<String> =
            row.errors.quantiles.iter().map(|(_, error)| percent(Some(*error))).collect();
        writeln!(
            stdout(),
            "{:<24} {:>6} {:>6.2} KiB {:>5.0} ms | X {} mean {} q {} gc {} ({:.2} %)",
            row.measured.operation,
            users,
            row.measured.size_kib.unwrap_or(0.0),
            row.measured.backend.map_or(0.0, |backend| backend.mean.as_ms()),
            percent(row.errors.throughput),
            percent(row.errors.mean),
            quantiles.join(" "),
            percent(row.errors.gc_share),
            row.simulated.gc_share * 100.0
        )?;
    }
    Ok(())
}
