//! Randomness: named streams, and laws compiled to one table format.

mod law;
mod stream;
mod table;

pub use law::{Law, LawError, Shape};
pub use stream::{Purpose, Sequence, Stream};
pub use table::{QuantileTable, Quantiles};
