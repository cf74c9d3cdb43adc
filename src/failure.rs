//! Why a command could not be done.

use std::path::PathBuf;
use std::{fmt, io};

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
