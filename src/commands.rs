//! One file per subcommand, and what they share: how a command ends.

pub(crate) mod calibrate;
pub(crate) mod check;
pub(crate) mod completions;
mod coverage;
pub(crate) mod init;
mod interrupt;
pub(crate) mod list;
pub(crate) mod measured;
pub(crate) mod plan;
mod presentation;
pub(crate) mod report;
pub(crate) mod run;
mod same;
pub(crate) mod schema;
pub(crate) mod sweep;
mod tasks;
pub(crate) mod verify;

use std::process::ExitCode;

use scenarios::Override;

use crate::arguments::ThreadArguments;
use crate::failure::Failure;

/// How a command ended that could be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything is as it should be.
    Good,
    /// A goal is missed or undecided, or an interval does not cover the truth.
    Bad,
    /// Some of the scenarios could not be done; why has been said.
    Incomplete,
    /// A task was stopped before its end, and can be done again.
    Interrupted,
}

/// `EX_TEMPFAIL` of sysexits.h: trying again may help.
const TRY_AGAIN: u8 = 75;

impl Outcome {
    /// The worse of two.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Interrupted, _) | (_, Self::Interrupted) => Self::Interrupted,
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
            Outcome::Interrupted => TRY_AGAIN,
        })
    }
}

/// What replaces values of the scenario: `--set`, and `--seed` as one more.
fn overrides(stated: &[Override], seed: Option<u64>) -> Vec<Override> {
    let seed = seed.map(|seed| Override { path: "run.seed".to_owned(), value: seed.to_string() });
    stated.iter().cloned().chain(seed).collect()
}

/// Sets how many threads simulate.
fn start_threads(arguments: &ThreadArguments) -> Result<(), Failure> {
    let threads = usize::from(arguments.threads.unwrap_or(0));
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().map_err(Failure::Threads)
}
