//! How bursts share the cores.

use super::keys::Choice;

/// How bursts share the cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discipline {
    /// `n` bursts in service progress at rate min(1, cores / n) each.
    ProcessorSharing,
    /// Each burst has a core to itself, in order of arrival.
    FirstComeFirstServed,
}

impl Discipline {
    const ALL: [Self; 2] = [Self::ProcessorSharing, Self::FirstComeFirstServed];
    /// The names that files use with their meanings, in the same order.
    const NAMES: [(&'static str, &'static str); 2] =
        [("ps", "Processor sharing."), ("fcfs", "First come, first served.")];
}

impl Choice for Discipline {
    fn options(&self) -> &'static [(&'static str, &'static str)] {
        &Self::NAMES
    }

    fn chosen(&self) -> usize {
        Self::ALL.iter().position(|one| one == self).unwrap_or(0)
    }

    fn choose(&mut self, index: usize) {
        *self = Self::ALL[index];
    }
}
