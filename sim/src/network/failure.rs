//! How a node fails.

/// A kind of failure of a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Failure {
    /// Its process dies: connections are refused, and what it has is lost.
    Crash,
    /// It accepts requests and never answers. What it has stays, and goes on when the node does.
    Hang,
    /// Bursts that begin in that time have so many times their demand.
    Slow {
        /// How many times, above 1.
        factor: f64,
    },
}

impl Failure {
    /// The name of each kind, as files write it.
    pub const NAMES: [&'static str; 3] = ["crash", "hang", "slow"];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crash => Self::NAMES[0],
            Self::Hang => Self::NAMES[1],
            Self::Slow { .. } => Self::NAMES[2],
        }
    }
}
