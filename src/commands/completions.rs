//! `apimsim completions`: completions for a shell.

use std::io::{Write, stdout};

use clap::CommandFactory;

use super::{Failure, Outcome};
use crate::arguments::{Arguments, CompletionsArguments};

pub(crate) fn run(arguments: &CompletionsArguments) -> Result<Outcome, Failure> {
    // The generator panics where it cannot write, so it writes into memory.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "apimsim", &mut script);
    stdout().write_all(&script)?;
    Ok(Outcome::Good)
}
