//! What a scenario file may say: reading, checking, and the shipped files.
//!
//! A text becomes a tree whose every value knows its place (`document`), overrides are written into
//! it (`overrides`), and the readers (`read`) turn it into validated values of `sim`, noting every
//! problem on the way (`problems`). `spec` states the same form as types, for the JSON Schema.
//!
//! ```
//! let loaded = scenarios::load("launch-peak".as_ref(), &[]).expect("a shipped scenario");
//! assert_eq!(loaded.scenario.deployments.len(), 2);
//! ```

mod axis;
mod candidates;
pub mod catalogue;
mod document;
mod files;
#[cfg(test)]
mod keyed;
mod load;
mod overall;
mod overrides;
mod parse;
mod problems;
mod quantity;
mod read;
mod source;
pub mod spec;
mod write;

pub use axis::{Axis, Point, factorial, latin_hypercube};
pub use catalogue::starter;
pub use load::{Loaded, load, load_text, profile};
pub use overrides::Override;
pub use problems::Problems;
pub use quantity::{duration, memory_kib, share, size_kib};
pub use source::Source;
pub use write::profile_text;
