//! What a reader of one format hands back.

use sim::measurement::Measurement;

/// What a reader of one format hands back.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) measurements: Vec<Measurement>,
    pub(crate) notes: Vec<String>,
}
