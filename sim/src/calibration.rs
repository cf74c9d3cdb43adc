//! Parameters of a profile from measurements: each load test is simulated as it was measured, and the
//! parameters are those whose simulated figures differ least from the measured ones.

mod collections;
mod figures;
mod fit;
mod fitted;
mod guess;
mod model;
mod objection;
mod parameter;
mod silences;
mod trial;

pub use figures::Errors;
pub use fit::{
    Calibration, Configured, DETERMINED, FitError, Wanted, calibrate, calibrate_some, compare,
};
pub use fitted::Fitted;
pub use objection::{MOST_OFF, Objection};
pub use parameter::Parameter;
pub use trial::{Effort, Outcome, Trial, trial};
