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
    /// What counts for several nodes.
    Counter,
}

/// How a supplier fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SupplierFailure {
    /// Calls wait until it is over, and take their time from then on.
    Hang,
    /// Calls cannot be made: connections are refused.
    Refuse,
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
    /// What dies refuses connections, and what is gone hangs.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Crash => Self::Refuse,
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

/// What is said of nodes that fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Told {
    /// Of one of them, and of several; `{}` stands for the number of the kind.
    pub one: &'static str,
    /// See `one`.
    pub many: &'static str,
    /// What all of them are meanwhile.
    pub state: &'static str,
    /// The number.
    pub number: Option<Number>,
}

/// The number that some kinds of failures have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A time.
    Duration(SimDuration),
    /// A factor.
    Times(f64),
}

impl Failure {
    /// Each kind, those with a number as they are without it.
    pub const ALL: [Self; 6] = [
        Self::Crash,
        Self::Vanish,
        Self::Hang,
        Self::FailFast { delay: SimDuration(1_000_000) },
        Self::Slow { factor: 1.0 },
        Self::CutOff,
    ];

    /// The name of each kind, as files write it.
    pub const NAMES: [&'static str; Self::ALL.len()] =
        ["crash", "vanish", "hang", "fail-fast", "slow", "cut-off"];

    /// Its place among the names.
    pub fn place(self) -> usize {
        let is_alike =
            |other: &Self| std::mem::discriminant(other) == std::mem::discriminant(&self);
        Self::ALL.iter().position(is_alike).unwrap_or(0)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES[self.place()]
    }

    /// What it is, in a sentence.
    pub fn about(self) -> &'static str {
        match self {
            Self::Crash => "Its process dies: connections are refused, and what it has is lost.",
            Self::Vanish => {
                "The machine or its network is gone: connecting to it times out, and what it has is lost \
                 when it is back."
            }
            Self::Hang => {
                "It accepts requests and never answers; what it has stays, and goes on when the node does."
            }
            Self::FailFast { .. } => "It answers new requests with an error, after `delay`.",
            Self::Slow { .. } => "Bursts that begin in that time have `factor` times their demand.",
            Self::CutOff => "Nodes of other clusters cannot connect to it.",
        }
    }

    /// Whether the process ends, so that it has to be started again.
    pub fn ends_process(self) -> bool {
        matches!(self, Self::Crash | Self::Vanish)
    }

    /// Whether nobody is answered meanwhile. What keeps nobody out goes on whatever becomes of the process.
    pub fn keeps_from_answering(self) -> bool {
        !matches!(self, Self::Slow { .. } | Self::CutOff)
    }

    /// What is said of nodes that fail so.
    pub fn told(self) -> Told {
        let told = |one, many, state| Told { one, many, state, number: None };
        match self {
            Self::Crash => told("crashes", "crash", "nodes are down"),
            Self::Vanish => told("vanishes", "vanish", "machines are gone"),
            Self::Hang => told("hangs", "hang", "nodes hang"),
            Self::FailFast { delay } => Told {
                number: Some(Number::Duration(delay)),
                ..told(
                    "answers with errors after {}",
                    "answer with errors after {}",
                    "nodes answer with errors",
                )
            },
            Self::Slow { factor } => Told {
                number: Some(Number::Times(factor)),
                ..told("is {} times slower", "are {} times slower", "nodes are slow")
            },
            Self::CutOff => told(
                "is cut off from other nodes",
                "are cut off from other nodes",
                "nodes are cut off",
            ),
        }
    }
}
