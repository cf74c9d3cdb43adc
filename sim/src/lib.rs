//! The simulator: pure computation. No file, terminal, format, environment or wall clock.
//!
//! A request's way through the code is the way through the folders: `random`, `deployment`,
//! `network`, `engine`, `stats`, `study`, `experiment`, `results`.

pub mod calibration;
pub mod cause;
pub mod deployment;
pub mod engine;
pub mod experiment;
pub mod measurement;
pub mod network;
pub mod oracle;
pub mod planning;
pub mod quantity;
pub mod random;
pub mod results;
pub mod scenario;
pub mod sensitivity;
pub mod stats;
pub mod study;
pub mod theory;
pub mod time;
pub mod verification;
pub mod years;
