//! Statistics of simulation output.

mod batches;
mod estimate;
mod histogram;
pub mod multiple;
pub mod quantile;
mod rare;
mod silences;
pub(crate) mod skewed;
mod span;
mod sparse;
mod time_average;
pub mod warmup;

pub use batches::Batches;
pub use estimate::Estimate;
pub(crate) use estimate::{Ratio, standard_normal, student_t};
pub use histogram::Histogram;
pub use quantile::QUANTILES;
pub use rare::{poisson_at_least, poisson_at_most, poisson_bounds};
pub use silences::{ENOUGH_SILENCES, Longer, Silences};
pub use time_average::TimeAverage;
