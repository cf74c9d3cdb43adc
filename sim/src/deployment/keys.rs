//! Keys: whatever can be said of a thing, each stated once with its name, meaning, unit, range,
//! default and place. Reading, writing, documenting and fitting are derived from them elsewhere; nothing
//! here knows how a file is written.
//!
//! ```text
//! Keyed::ROWS ── a row: a key and its place in a T ──► Record, the same without naming T
//!                                                        │ slot
//!                                                        ▼
//!                                              Slot: where the value is kept
//! ```

mod fitted;
mod key;
mod keyed;
mod record;
mod row;
mod value;

pub use fitted::{Search, Shown};
pub use key::{Key, Memory, Unit};
pub use keyed::Keyed;
pub use record::{Part, Parts, Record, Slot};
pub use row::Row;
pub use value::{Choice, Stored};
