//! The formats that are read, and how a file of one is laid out.

use std::fmt;

/// How a file is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table of load tests, one row each, with columns as `concurrent_users`, `throughput_rps` and
    /// `latency_p99_ms`.
    Table,
    /// The `summary.csv` of WSO2's performance tests.
    Summary,
    /// Requests one by one, as the load generator of this name writes them.
    Requests(&'static str),
    /// Figures of a whole load test, as the load generator of this name sums them up.
    Figures(&'static str),
    /// The gateway's `correlation.log`.
    Correlation,
    /// The gateway's `apim_metrics.log`.
    Metrics,
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Table => "a table of load tests",
            Self::Summary => "a summary of performance tests",
            Self::Requests(name) | Self::Figures(name) => name,
            Self::Correlation => "a correlation log",
            Self::Metrics => "a metrics log",
        })
    }
}

/// How a file is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Between the fields of a table.
    pub(crate) separator: u8,
    /// The header, where the file leaves it out.
    pub(crate) header: Option<&'static str>,
}
