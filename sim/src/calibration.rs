//! Parameters of a profile from measurements: each load test is simulated as it was measured, and the
//! parameters are those whose simulated figures differ least from the measured ones.

mod fit;
mod parameter;
mod silences;
mod trial;

pub use fit::{Calibration, Configured, DETERMINED, Errors, FitError, Fitted, calibrate, compare};
pub use parameter::Parameter;
pub use trial::{Effort, Outcome, trial};
