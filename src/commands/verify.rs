//! `apimsim verify`: simulate systems whose exact answer is known, and compare.

use std::io::{Write, stdout};
use std::sync::atomic::AtomicBool;

use reports::number;
use sim::experiment::Unwatched;
use sim::verification::{Finding, cases};

use super::{Failure, Outcome, start_threads};
use crate::arguments::VerifyArguments;
use crate::output::complain;

pub(crate) fn run(arguments: &VerifyArguments) -> Result<Outcome, Failure> {
    start_threads(&arguments.threads)?;
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
