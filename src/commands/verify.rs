//! `apimsim verify`: simulate systems whose exact answer is known, or what was measured, and compare.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use reports::calibration::Family;
use reports::number;
use scenarios::catalogue;
use sim::calibration::{Configured, FitError, compare};
use sim::deployment::{FlowKind, Profile};
use sim::experiment::Unwatched;
use sim::measurement::Measurement;
use sim::quantity::Unit;
use sim::verification::{Finding, Known, cases};

use super::{Failure, Outcome, coverage, measured, start_threads};
use crate::arguments::VerifyArguments;
use crate::output::{self, complain, explain, note};
use crate::progress::Bar;

pub(crate) fn run(arguments: &VerifyArguments) -> Result<Outcome, Failure> {
    start_threads(&arguments.threads)?;
    if arguments.coverage {
        return coverage::run(arguments.seeds, arguments.markdown);
    }
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
    let named = match files {
        [family] => measured::named(family),
        _ => None,
    };
    let profile = match (files, &arguments.profile, named) {
        ([], None, _) => return published(arguments),
        ([], Some(_), _) => return Ok(impossible("give the files to compare the profile with")),
        _ if arguments.markdown => return Ok(impossible("--markdown is for what is published")),
        (_, Some(profile), _) => profile.clone(),
        (_, None, Some(family)) => family.profile.into(),
        (_, None, None) => {
            return Ok(impossible("give the profile to compare with: --profile NAME"));
        }
    };
    let tests = match measured::tests(files, &measured::options(&arguments.unsaid)) {
        Ok(tests) => tests,
        Err(error) => return Ok(impossible(&error.to_string())),
    };
    if tests.is_empty() {
        return Ok(impossible("there are no measurements that can be used"));
    }
    let profile = match scenarios::profile(&profile) {
        Ok(profile) => profile,
        Err(problems) => {
            explain(&problems);
            return Ok(Outcome::Incomplete);
        }
    };
    match beside(&profile, measured::kind(files), &tests, arguments.seed) {
        Ok(tests) => {
            write!(stdout(), "{}", reports::calibration::comparison(&tests, output::width()))?;
            Ok(Outcome::Good)
        }
        Err(error) => Ok(impossible(&error.to_string())),
    }
}

/// Compares each published family with the shipped profile of its name.
fn published(arguments: &VerifyArguments) -> Result<Outcome, Failure> {
    let mut families = Vec::new();
    for family in measurements::published() {
        let (name, shipped) = (family.name, family.profile);
        if !catalogue::profiles().iter().any(|profile| profile.name == shipped) {
            note(&format!("left out: {name}, for which no profile is shipped"));
            continue;
        }
        let profile = match scenarios::profile(shipped.as_ref()) {
            Ok(profile) => profile,
            Err(problems) => {
                explain(&problems);
                return Ok(Outcome::Incomplete);
            }
        };
        match beside(&profile, family.kind, &measured::usable(family.rows), arguments.seed) {
            Ok(tests) => families.push(Family { name: name.to_owned(), tests }),
            Err(error) => note(&format!("left out: {name}: {error}")),
        }
    }
    let text = if arguments.markdown {
        reports::calibration::families_markdown(&families)
    } else {
        reports::calibration::families(&families, output::width())
    };
    write!(stdout(), "{text}")?;
    Ok(Outcome::Good)
}

fn beside(
    profile: &Profile,
    kind: FlowKind,
    tests: &[Measurement],
    seed: u64,
) -> Result<Vec<Configured>, FitError> {
    let never = AtomicBool::new(false);
    let bar = Bar::new(&profile.name);
    let tests = compare(profile, kind, tests, seed, &bar, &never);
    bar.finish();
    tests
}

fn impossible(why: &str) -> Outcome {
    complain(why);
    Outcome::Incomplete
}

fn line(name: &str, finding: &Finding) -> String {
    let truth = finding.truth;
    let verdict = if finding.agrees() { "agrees" } else { "DIFFERS" };
    // One digit more than the half-widths of the estimates support.
    let decimals = 4 - truth.exact.abs().log10().ceil() as i32;
    let exact = number::exact(truth.exact, decimals.max(0));
    let simulated = number::estimate(&finding.estimate, number::Unit::One);
    row([name, &label(truth.of), &exact, &simulated, verdict, truth.source])
}

/// What is known exactly, with its unit.
fn label(known: Known) -> String {
    let Known::Quantity(quantity) = known else { return "downtime, min/year".to_owned() };
    let words = quantity.words();
    match quantity.unit() {
        Unit::Milliseconds => format!("{words} sojourn, ms"),
        Unit::PerSecond => format!("{words}, /s"),
        Unit::Share | Unit::Number => words,
    }
}

fn row([system, quantity, exact, simulated, verdict, source]: [&str; 6]) -> String {
    let line =
        format!("{system:<52} {quantity:<18} {exact:>9} {simulated:>19}  {verdict:<8} {source}");
    line.trim_end().to_owned()
}
