//! One file per subcommand, and what they share: how a command ends.

pub(crate) mod calibrate;
pub(crate) mod check;
pub(crate) mod completions;
mod coverage;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod measured;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod verify;

use std::path::PathBuf;
use std::process::ExitCode;
use std::{fmt, io};

use crate::arguments::ThreadArguments;

/// How a command ended that could be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything is as it should be.
    Good,
    /// A goal is missed or undecided, or an interval does not cover the truth.
    Bad,
    /// Some of the scenarios could not be done; why has been said.
    Incomplete,
}

impl Outcome {
    /// The worse of two.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Incomplete, _) | (_, Self::Incomplete) => Self::Incomplete,
            (Self::Bad, _) | (_, Self::Bad) => Self::Bad,
            (Self::Good, Self::Good) => Self::Good,
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Good => 0,
            Outcome::Bad => 1,
            Outcome::Incomplete => 2,
        })
    }
}

/// Why a command could not be done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Standard output cannot be written to.
    Output(io::Error),
    /// A file or folder cannot be written.
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// The results cannot be drawn or encoded.
    Report(reports::ReportError),
    /// The threads cannot be started.
    Threads(rayon::ThreadPoolBuildError),
    /// There is no shipped file of this name.
    NotShipped {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<&'static str>,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output(cause) => write!(formatter, "cannot write to standard output: {cause}"),
            Self::File { path, cause } => {
                write!(formatter, "cannot write {}: {cause}", path.display())
            }
            Self::Report(cause) => write!(formatter, "{cause}"),
            Self::Threads(cause) => write!(formatter, "cannot start threads: {cause}"),
            Self::NotShipped { name, known } => {
                write!(formatter, "`{name}` is not shipped; there are: {}", known.join(", "))
            }
        }
    }
}

impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        Self::Output(cause)
    }
}

/// Sets how many threads simulate.
fn start_threads(arguments: &ThreadArguments) -> Result<(), Failure> {
    let threads = usize::from(arguments.threads.unwrap_or(0));
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().map_err(Failure::Threads)
}
