//! What a process needs so that it starts.

use super::keys::Choice;

/// What must be there when a process starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartNeeds {
    /// It starts by itself.
    Nothing,
    /// The database must answer; otherwise the process ends and is started again.
    Database,
}

impl StartNeeds {
    const ALL: [Self; 2] = [Self::Nothing, Self::Database];
    /// The names that files use with their meanings, in the same order.
    const NAMES: [(&'static str, &'static str); 2] = [
        ("nothing", "It starts by itself."),
        ("database", "The database, which must answer at the end of the start-up."),
    ];
}

impl Choice for StartNeeds {
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
