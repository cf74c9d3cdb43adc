//! `apimsim calibrate`: fit a profile to measurements.

use std::io::{Write, stdout};
use std::sync::atomic::AtomicBool;

use measurements::Options;
use sim::calibration::{Calibration, calibrate};
use sim::deployment::FlowKind;

use super::{Failure, Outcome, measured, start_threads};
use crate::arguments::CalibrateArguments;
use crate::output::{complain, explain};
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
    let tests = match measured::tests(&arguments.measurements, &Options::default()) {
        Ok(tests) => tests,
        Err(error) => {
            complain(&error.to_string());
            return Ok(Outcome::Incomplete);
        }
    };
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
    for (title, rows) in [("held back", &fitted.held_back), ("all", &fitted.tests)] {
        writeln!(stdout(), "{title}\n{}", measured::lines(rows).join("\n"))?;
    }
    Ok(())
}
