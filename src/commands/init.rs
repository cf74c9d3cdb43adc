//! `apimsim init`: a commented scenario to start from.

use std::fs::OpenOptions;
use std::io::{Write, stdout};

use super::{Failure, Outcome};
use crate::arguments::InitArguments;

pub(crate) fn run(arguments: &InitArguments) -> Result<Outcome, Failure> {
    let path = &arguments.file;
    let failed = |cause| Failure::File { path: path.clone(), cause };
    // Never over somebody's work.
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(scenarios::starter().as_bytes()).map_err(failed)?;
    let shown = path.display();
    writeln!(stdout(), "wrote {shown}; edit it, then: apimsim run {shown}")?;
    Ok(Outcome::Good)
}
