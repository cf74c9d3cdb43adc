//! `apimsim verify`: simulate systems whose exact answer is known, and compare.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use measurements::Options;
use reports::number;
use sim::calibration::compare;
use sim::deployment::FlowKind;
use sim::experiment::Unwatched;
use sim::verification::{Finding, cases};

use super::{Failure, Outcome, measured, start_threads};
use crate::arguments::VerifyArguments;
use crate::output::{complain, explain};

pub(crate) fn run(arguments: &VerifyArguments) -> Result<Outcome, Failure> {
    start_threads(&arguments.threads)?;
    if let Some(files) = &arguments.measurements {
        return with_measurements(files, arguments);
    }
    let never = AtomicBool::new(false);
    let (mut agreeing, mut all) = (0, 0);
    writeln!(stdout(), "{}", row(["system", "quantity", "exact", "simulated (99.9 %)", "", ""]))?;
    for case in cases() {
        let findings = match case.findings(arguments.seed, &Unwatched, &never) {
            Ok(findings) => findings,
            Err(error) => {
                complain(&format!("{}: {error}", case.name));
                return Ok(Outcome::Incomplete);
            }
        };
        for finding in findings {
            all += 1;
            agreeing += u32::from(finding.agrees());
            writeln!(stdout(), "{}", line(&case.name, &finding))?;
        }
    }
    writeln!(stdout(), "\n{agreeing} of {all} intervals cover the exact value")?;
    Ok(if agreeing == all { Outcome::Good } else { Outcome::Bad })
}

/// Compares shipped profiles with what was published, or a profile with the files given.
fn with_measurements(files: &[PathBuf], arguments: &VerifyArguments) -> Result<Outcome, Failure> {
    let never = AtomicBool::new(false);
    let profile = arguments.profile.clone().unwrap_or_default();
    let tests = match measured::tests(files, &Options::default()) {
        Ok(tests) => tests,
        Err(error) => {
            complain(&error.to_string());
            return Ok(Outcome::Incomplete);
        }
    };
    let profile = match scenarios::profile(&profile) {
        Ok(profile) => profile,
        Err(problems) => {
            explain(&problems);
            return Ok(Outcome::Incomplete);
        }
    };
    let rows = compare(&profile, FlowKind::Api, &tests, arguments.seed, &Unwatched, &never);
    match rows {
        Ok(rows) => {
            for line in measured::lines(&rows) {
                writeln!(stdout(), "{line}")?;
            }
            Ok(Outcome::Good)
        }
        Err(error) => {
            complain(&error.to_string());
            Ok(Outcome::Incomplete)
        }
    }
}

fn line(name: &str, finding: &Finding) -> String {
    let truth = finding.truth;
    let verdict = if finding.agrees() { "agrees" } else { "DIFFERS" };
    // One digit more than the half-widths of the estimates support.
    let decimals = 4 - truth.exact.abs().log10().ceil() as i32;
    let exact = number::exact(truth.exact, decimals.max(0));
    let simulated = number::estimate(&finding.estimate, number::Unit::One);
    row([name, &truth.quantity.name(), &exact, &simulated, verdict, truth.source])
}

fn row([system, quantity, exact, simulated, verdict, source]: [&str; 6]) -> String {
    let line =
        format!("{system:<52} {quantity:<18} {exact:>9} {simulated:>19}  {verdict:<8} {source}");
    line.trim_end().to_owned()
}
