//! `apimsim calibrate`: fit a profile to measurements.

use std::io::{Write, stdout};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use sim::calibration::{Calibration, calibrate};

use super::{Failure, Outcome, measured, start_threads};
use crate::arguments::CalibrateArguments;
use crate::output::{self, complain, explain};
use crate::progress::Bar;

pub(crate) fn run(arguments: &CalibrateArguments) -> Result<Outcome, Failure> {
    start_threads(&arguments.threads)?;
    // Checked before the work, so that nobody waits for files that cannot be written.
    if arguments.out.extension().is_some_and(|extension| extension == "csv" || extension == "png") {
        let taken = arguments.out.display();
        complain(&format!("`{taken}` is no name for a profile; give one like profile.toml"));
        return Ok(Outcome::Incomplete);
    }
    output::make_folder(output::folder_of(&arguments.out))?;
    let start = match scenarios::profile(&arguments.profile) {
        Ok(profile) => profile,
        Err(problems) => {
            explain(&problems);
            return Ok(Outcome::Incomplete);
        }
    };
    let tests = match measured::tests(&arguments.measurements, &measured::options(&arguments.unsaid)) {
        Ok(tests) => tests,
        Err(error) => {
            complain(&error.to_string());
            return Ok(Outcome::Incomplete);
        }
    };
    let never = AtomicBool::new(false);
    let bar = Bar::new("calibrate");
    let kind = measured::kind(&arguments.measurements);
    let fitted = calibrate(&start, kind, &tests, arguments.seed, &bar, &never);
    bar.finish();
    let fitted = match fitted {
        Ok(fitted) => fitted,
        Err(error) => {
            complain(&error.to_string());
            return Ok(Outcome::Incomplete);
        }
    };
    let files = write(&fitted, &arguments.out)?;
    writeln!(stdout(), "{}\n{files}", reports::calibration::text(&fitted, output::width()))?;
    Ok(Outcome::Good)
}

/// Writes the profile, and beside it what was measured and simulated as a table and as a chart; says
/// which files.
fn write(fitted: &Calibration, out: &Path) -> Result<String, Failure> {
    let text = scenarios::profile_text(&fitted.profile, "Fitted.");
    output::write_whole(out, |file| Ok(file.write_all(text.as_bytes())?))?;
    let (table, chart) = (out.with_extension("csv"), out.with_extension("png"));
    output::write_whole(&table, |file| reports::calibration::write_csv(fitted, file))?;
    let version = env!("CARGO_PKG_VERSION");
    output::write_whole(&chart, |file| reports::calibration::write_chart(fitted, version, file))?;
    Ok(format!("wrote {}, {}, {}", out.display(), table.display(), chart.display()))
}
