//! Where a key manager keeps the tokens that it makes.

use super::keys::Choice;

/// Where a token goes that has been made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenStore {
    /// Into the database, for which the request waits; the profile says whether there is one.
    Database,
    /// Nowhere: it says all of itself.
    Nowhere,
}

impl TokenStore {
    const ALL: [Self; 2] = [Self::Database, Self::Nowhere];
    /// The names that files use with their meanings, in the same order.
    const NAMES: [(&'static str, &'static str); 2] = [
        ("database", "The `database`, for which the request waits."),
        ("nowhere", "Nowhere: a request for a token does without the database."),
    ];
}

impl Choice for TokenStore {
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
