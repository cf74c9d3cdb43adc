//! `apimsim calibrate`: fit a profile to measurements.

use std::io::{Write, stdout};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use scenarios::{Problems, catalogue};
use sim::calibration::{Calibration, Wanted, calibrate_some};
use sim::deployment::Profile;

use super::{Failure, Outcome, measured, start_threads};
use crate::arguments::CalibrateArguments;
use crate::output::{self, complain, explain, note};
use crate::progress::Bar;

/// What can be done where a profile is not to be relied on.
const WAY_OUT: &str = "measure until the processors are busy, state what was measured (--cores, --users, \
                       --nodes, --backend-delay), or write it all the same with --force";

/// Where a new profile starts.
const DEFAULT_START: &str = "gateway";

pub(crate) fn run(arguments: &CalibrateArguments) -> Result<Outcome, Failure> {
    start_threads(&arguments.threads)?;
    // Checked before the work, so that nobody waits for files that cannot be written.
    if arguments.out.extension().is_some_and(|extension| extension == "csv" || extension == "png") {
        let taken = arguments.out.display();
        complain(&format!("`{taken}` is no name for a profile; give one like profile.toml"));
        return Ok(Outcome::Incomplete);
    }
    output::make_folder(output::folder_of(&arguments.out))?;
    let (start, title) = match start(&arguments.profile) {
        Ok(start) => start,
        Err(problems) => {
            explain(&problems);
            return Ok(Outcome::Incomplete);
        }
    };
    let tests =
        match measured::tests(&arguments.measurements, &measured::options(&arguments.unsaid)) {
            Ok(tests) => tests,
            Err(error) => {
                complain(&error.to_string());
                return Ok(Outcome::Incomplete);
            }
        };
    let log = match arguments.gc_log.as_deref().map(measurements::read_collections).transpose() {
        Ok(log) => log,
        Err(error) => {
            complain(&error.to_string());
            return Ok(Outcome::Incomplete);
        }
    };
    if let Some(log) = &log {
        note(&reports::calibration::collections(log));
    }
    let never = AtomicBool::new(false);
    let bar = Bar::new("calibrate");
    let kind = measured::kind(&arguments.measurements);
    let wanted = Wanted { names: &arguments.fit, collections: log.as_ref() };
    let fitted = calibrate_some(&start, kind, &tests, wanted, arguments.seed, &bar, &never);
    bar.finish();
    let fitted = match fitted {
        Ok(fitted) => fitted,
        Err(error) => {
            complain(&error.to_string());
            return Ok(Outcome::Incomplete);
        }
    };
    let text = reports::calibration::text(&fitted, output::width());
    let objections = fitted.objections();
    for objection in &objections {
        complain(&objection.to_string());
    }
    if !objections.is_empty() && !arguments.force {
        writeln!(stdout(), "{text}")?;
        complain(&format!("{} is not written; {WAY_OUT}", arguments.out.display()));
        return Ok(Outcome::Incomplete);
    }
    let files = write(&fitted, &title, &arguments.out)?;
    writeln!(stdout(), "{text}\n{files}")?;
    Ok(if objections.is_empty() { Outcome::Good } else { Outcome::Bad })
}

/// The profile to start from, and the first line of its file. A name that is neither a file nor
/// shipped is the name of a new profile, which starts from that of a gateway.
fn start(path: &Path) -> Result<(Profile, String), Problems> {
    let name = path.to_string_lossy();
    let shipped = catalogue::profiles().into_iter().find(|entry| entry.name == name);
    if path.is_file() {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let title = text.lines().next().and_then(|line| line.strip_prefix('#')).unwrap_or(&name);
        return Ok((scenarios::profile(path)?, title.trim().to_owned()));
    }
    if let Some(entry) = shipped {
        return Ok((scenarios::profile(path)?, entry.title));
    }
    if path.extension().is_some() {
        return scenarios::profile(path).map(|profile| (profile, name.into_owned()));
    }
    note(&format!("`{name}` is a new profile; it starts from `{DEFAULT_START}`"));
    Ok((scenarios::profile(DEFAULT_START.as_ref())?, name.into_owned()))
}

/// Writes the profile, and beside it what was measured and simulated as a table and as a chart; says
/// which files.
fn write(fitted: &Calibration, title: &str, out: &Path) -> Result<String, Failure> {
    let comment = format!("{title}\n\n{}", reports::calibration::comment(fitted));
    let text = scenarios::profile_text(&fitted.profile, &comment);
    output::write_whole(out, |file| Ok(file.write_all(text.as_bytes())?))?;
    let (table, chart) = (out.with_extension("csv"), out.with_extension("png"));
    output::write_whole(&table, |file| reports::calibration::write_csv(fitted, file))?;
    let version = env!("CARGO_PKG_VERSION");
    output::write_whole(&chart, |file| reports::calibration::write_chart(fitted, version, file))?;
    Ok(format!("wrote {}, {}, {}", out.display(), table.display(), chart.display()))
}
