//! What was measured: reads results and logs of load tests into measurements of `sim`.
//!
//! [`read`] finds the format by what a file begins with ([`Format`]), never by its name. Files are
//! read once, line by line: memory does not grow with them. [`published`] is what WSO2 has published
//! of its own products, read the same way.
//!
//! ```
//! use measurements::{Format, Options, read_from};
//!
//! let text = "scenario,concurrent_users,throughput_rps,latency_avg_ms\nlogin,50,500,100\n";
//! let reading = read_from(text.as_bytes(), "mine.csv", &Options::default()).expect("a table");
//! assert_eq!(reading.format, Format::Table);
//! assert_eq!(reading.measurements[0].mean, Some(0.1));
//! ```

mod answers;
mod columns;
mod correlation;
mod error;
mod figures;
mod foreign;
mod format;
mod found;
mod gateway;
mod gc_log;
mod head;
mod lines;
mod metrics;
mod options;
mod published;
mod reading;
mod recognition;
mod sample;
mod samples;
mod selection;
mod source;
mod summary;
mod table;
mod tally;
mod tidy;
mod timestamp;
mod tools;
mod totals;

pub use error::{Problem, ReadError};
pub use format::Format;
pub use gc_log::{read_collections, read_collections_from};
pub use options::{BackendOf, Options};
pub use published::{Family, published, published_clusters};
pub use reading::{Reading, read, read_all, read_from};
pub use timestamp::DayOrder;
