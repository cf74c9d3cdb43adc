//! How a node fails.

use super::Variate;
use crate::time::SimDuration;

/// A kind of failure of a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Failure {
    /// Its process dies: connections are refused, and what it has is lost.
    Crash,
    /// The machine or its network is gone: connecting to it times out. What it has is lost when it is back.
    Vanish,
    /// It accepts requests and never answers. What it has stays, and goes on when the node does.
    Hang,
    /// It answers new requests with an error.
    FailFast {
        /// After so long.
        delay: SimDuration,
    },
    /// Bursts that begin in that time have so many times their demand.
    Slow {
        /// How many times, above 1.
        factor: f64,
    },
    /// Nodes of other clusters cannot connect to it; those who come through the balancer of its own can.
    CutOff,
}

/// Failures of a kind at random.
#[derive(Clone, Copy, Debug)]
pub struct RandomFailure {
    /// The kind.
    pub kind: Failure,
    /// The time from the end of one to the beginning of the next.
    pub between: Variate,
    /// The length of one; where the process ends, until it is started again.
    pub lasts: Variate,
}

/// What nodes call and do not own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supplier {
    /// The backend of the flow of this index.
    Backend(usize),
    /// Every database.
    Database,
}

/// How a supplier fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SupplierFailure {
    /// Calls wait until it is over, and take their time from then on.
    Hang,
    /// Calls are answered with an error.
    FailFast {
        /// After so long.
        delay: SimDuration,
    },
    /// Calls take so many times as long.
    Slow {
        /// How many times, above 1.
        factor: f64,
    },
}

impl From<Failure> for SupplierFailure {
    /// What dies fails at once, and what is gone hangs.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Crash => Self::FailFast { delay: SimDuration::ZERO },
            Failure::FailFast { delay } => Self::FailFast { delay },
            Failure::Slow { factor } => Self::Slow { factor },
            Failure::Hang | Failure::Vanish | Failure::CutOff => Self::Hang,
        }
    }
}

/// A scripted outage of a supplier; it concerns the calls that begin in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SupplierOutage {
    /// Whose.
    pub of: Supplier,
    /// How it fails.
    pub kind: SupplierFailure,
    /// When, from the start of the window.
    pub at: SimDuration,
    /// For how long.
    pub lasts: SimDuration,
}

impl Failure {
    /// The name of each kind, as files write it.
    pub const NAMES: [&'static str; 6] =
        ["crash", "vanish", "hang", "fail-fast", "slow", "cut-off"];

    /// Its place among the names.
    pub fn place(self) -> usize {
        match self {
            Self::Crash => 0,
            Self::Vanish => 1,
            Self::Hang => 2,
            Self::FailFast { .. } => 3,
            Self::Slow { .. } => 4,
            Self::CutOff => 5,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES[self.place()]
    }
}
