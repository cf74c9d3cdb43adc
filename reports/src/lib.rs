//! Results as a table on the terminal, CSV files, JSON, charts and an HTML page.
//!
//! A report is one file behind the one-method trait [`Report`] and writes to any
//! [`std::io::Write`]; the program makes the files. Every number on screen passes through
//! [`number`]; every number in a file goes through unrounded. [`calibration`] is the same for a profile
//! beside the measurements it is meant for.

mod bought;
pub mod calibration;
mod chart;
mod conclusion;
mod csv;
mod every;
#[cfg(test)]
mod fabricated;
mod figure;
mod grid;
mod harm;
mod html;
mod json;
mod jtl;
pub mod number;
mod phrases;
mod plan;
mod planned;
mod report;
mod sweep;
mod swept;
mod table;

pub use every::all;
pub use html::{Origin, page};
pub use json::json;
pub use jtl::jtl;
pub use plan::{PlanContext, nodes_by_cluster, plan_chart, plan_csv, plan_json, plan_table};
pub use report::{Context, Picture, Report, ReportError};
pub use sweep::{Coordinate, Sweep, SweptAxis, SweptPoint};
pub use table::table;
