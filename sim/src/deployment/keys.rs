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
mod record;
mod slot;

pub use fitted::{Search, Shown};
pub use key::{Key, Memory, Row, Unit};
pub use record::{Keyed, Part, Parts, Record};
pub use slot::{Choice, Slot, Stored};
