//! `apimsim check`: everything that is wrong with scenario files.

use std::io::{Write, stdout};

use super::{Failure, Outcome};
use crate::arguments::CheckArguments;
use crate::output;

pub(crate) fn run(arguments: &CheckArguments) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Good;
    for path in &arguments.scenarios.scenarios {
        match scenarios::load(path, &arguments.scenarios.overrides) {
            Ok(loaded) => {
                loaded.warnings.iter().for_each(|warning| output::note(warning));
                let (flows, deployments) =
                    (loaded.scenario.flows.len(), loaded.scenario.deployments.len());
                let name = path.display();
                writeln!(stdout(), "{name}: right; {flows} flows, {deployments} deployments")?;
            }
            Err(problems) => {
                output::explain(&problems);
                outcome = Outcome::Incomplete;
            }
        }
    }
    Ok(outcome)
}
