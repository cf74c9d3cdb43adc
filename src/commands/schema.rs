//! `apimsim schema`: the JSON Schema of scenario files.

use std::io::{Write, stdout};

use super::{Failure, Outcome};

pub(crate) fn run() -> Result<Outcome, Failure> {
    writeln!(stdout(), "{:#}", scenarios::spec::schema())?;
    Ok(Outcome::Good)
}
