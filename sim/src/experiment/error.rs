//! Why a scenario cannot be simulated.

use thiserror::Error;

use super::sampling::Unsteady;
use crate::engine::LONGEST;
use crate::study::Unfit;

/// Why a scenario cannot be simulated.
#[derive(Debug, Error)]
pub enum ExperimentError {
    /// A deployment cannot.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// A sample of the window does not tell of the whole.
    #[error(transparent)]
    Unsteady(#[from] Unsteady),
    /// Warm-up and window are longer than the engine can tell apart.
    #[error("warm-up and window together are longer than {} days", LONGEST.as_seconds() / 86_400.0)]
    TooLong,
    /// Nobody knows beforehand how many replications a precision needs, so that they have no parts.
    #[error(
        "with `precision` nobody knows how many replications there will be; write `replications`"
    )]
    PartOfPrecision,
    /// There are fewer replications than parts.
    #[error("part {part} of {of} has no replication: there are only {replications}")]
    EmptyPart {
        /// The part.
        part: u32,
        /// How many parts there are.
        of: u32,
        /// How many replications there are in all.
        replications: u32,
    },
    /// It was stopped before one replication of every deployment was complete.
    #[error(
        "stopped before one replication of every deployment was complete ({complete} of {needed} runs \
         were); nothing is kept"
    )]
    Stopped {
        /// Runs of the first replication that were complete.
        complete: usize,
        /// Runs that a replication needs: one of each deployment in each situation.
        needed: usize,
    },
}
