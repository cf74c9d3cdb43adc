//! Scripted outages of nodes.

use super::parts::Change;
use crate::time::SimDuration;

/// A scripted outage of one node.
#[derive(Clone, Copy, Debug)]
pub struct Outage {
    /// Index of the node in the network.
    pub node: usize,
    /// How it begins: any change but [`Change::Resume`], [`Change::Reconnect`] and [`Change::Admit`]. A node
    /// that is absent at the start comes with [`Change::Start`], and is stopped in the end.
    pub begins: Change,
    /// When, from the start of the window.
    pub at: SimDuration,
    /// Time until the node is started again, or goes on.
    pub lasts: SimDuration,
}

impl Outage {
    /// The share of its work that the node does not do meanwhile.
    pub(crate) fn keeps_from_work(&self) -> f64 {
        match self.begins {
            Change::Slow { factor } => 1.0 - 1.0 / factor,
            Change::Replace
            | Change::Start
            | Change::Resume
            | Change::Fetched
            | Change::TakeOver
            | Change::StandBy
            | Change::Admit
            | Change::Reconnect => 0.0,
            Change::Hang
            | Change::Drain
            | Change::FailFast { .. }
            | Change::Vanish
            | Change::CutOff
            | Change::Stop
            | Change::Kill
            | Change::Crash => 1.0,
        }
    }

    pub(super) fn ends(&self) -> Change {
        match self.begins {
            Change::Crash | Change::Kill | Change::Vanish | Change::Stop => Change::Start,
            Change::Start => Change::Stop,
            Change::Hang | Change::FailFast { .. } | Change::Drain | Change::Resume => {
                Change::Resume
            }
            Change::CutOff | Change::Reconnect => Change::Reconnect,
            Change::Replace
            | Change::Fetched
            | Change::TakeOver
            | Change::StandBy
            | Change::Admit => self.begins,
            Change::Slow { .. } => Change::Slow { factor: 1.0 },
        }
    }
}
