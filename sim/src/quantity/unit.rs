//! What quantities are counted in.

/// What a quantity is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Events per second.
    PerSecond,
    /// Milliseconds.
    Milliseconds,
    /// A part of a whole, 0..=1.
    Share,
    /// Nothing but itself.
    Number,
}

impl Unit {
    /// As files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PerSecond => "1/s",
            Self::Milliseconds => "ms",
            Self::Share => "share",
            Self::Number => "",
        }
    }

    /// The ending of a column in it.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::PerSecond => "_rps",
            Self::Milliseconds => "_ms",
            Self::Share | Self::Number => "",
        }
    }
}
