//! What a node is doing.

/// What a node is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// There is no process, and there need not be one.
    Absent,
    /// The process starts up and does not answer yet.
    Starting,
    /// It answers.
    Up,
    /// It accepts requests and never answers.
    Hung,
    /// It waits to take over from another, and accepts nothing until then.
    Standby,
    /// It answers with an error after a set delay.
    FailsFast,
    /// It answers that it has nothing, as it has not fetched yet what it serves.
    Fetching,
    /// The machine is gone: it neither accepts nor refuses.
    Vanished,
    /// It finishes what it has; the balancer sends it nothing more.
    Draining,
    /// The process has died.
    Down,
}

impl Condition {
    /// Whether a connection to the node is accepted.
    #[inline]
    pub(crate) fn accepts(self) -> bool {
        match self {
            Self::Up | Self::Hung | Self::FailsFast | Self::Fetching | Self::Draining => true,
            Self::Absent | Self::Starting | Self::Standby | Self::Vanished | Self::Down => false,
        }
    }

    /// Whether it does what it is there for.
    pub(crate) fn answers(self) -> bool {
        match self {
            Self::Up => true,
            Self::Absent
            | Self::Starting
            | Self::Standby
            | Self::Hung
            | Self::FailsFast
            | Self::Fetching
            | Self::Vanished
            | Self::Draining
            | Self::Down => false,
        }
    }

    /// Whether there is a process that has started.
    pub(crate) fn is_of_a_process(self) -> bool {
        match self {
            Self::Up
            | Self::Hung
            | Self::Standby
            | Self::FailsFast
            | Self::Fetching
            | Self::Draining => true,
            Self::Absent | Self::Starting | Self::Vanished | Self::Down => false,
        }
    }

    /// Whether it has only to go on to answer again.
    pub(crate) fn can_go_on(self) -> bool {
        matches!(self, Self::Hung | Self::FailsFast | Self::Draining)
    }

    /// Whether it is as it should be: it answers, or stands by.
    pub(crate) fn is_in_order(self) -> bool {
        self == Self::Standby || self.answers()
    }
}
