//! The statistics of Locust (`_stats.csv`): a row for each name and one for all, ms; quantiles of two digits from
//! 100 on. Requests that failed are among the others, and so is the ramp-up; the last second or so is not.

use super::row::Row;
use super::{Summary, Total};
use crate::error::{Problem, Trouble};
use crate::format::Format;
use crate::found::Found;
use crate::table::Table;

pub(crate) const TOTAL: Total = Total {
    name: "the statistics of Locust (`_stats.csv`)",
    recognises: |head| {
        let columns = ["Type", "Name", "Request Count", "Failure Count"];
        head.has(&columns).then(|| head.table()).into()
    },
    read,
};

/// How all names together are called.
const ALL: &str = "Aggregated";

fn read(summary: Summary) -> Result<Found, Trouble> {
    let table = Table::open(summary.input, summary.layout)?;
    let column = |name: &str| table.column(&[name]);
    let (name, count, failed) = (column("Name"), column("Request Count"), column("Failure Count"));
    let (mean, max) = (column("Average Response Time"), column("Max Response Time"));
    let rate = column("Requests/s");
    let needed = [("`Average Response Time`", mean), ("`Requests/s`", rate)];
    table.require(Format::Figures(TOTAL.name), &needed)?;
    let quantiles = table.quantile_columns(|header| {
        let percent = header.strip_suffix('%')?.parse::<f64>().ok()?;
        (0.0..100.0).contains(&percent).then(|| (percent * 1e6).round() / 1e8)
    });
    let options = summary.options;
    let mut found = table.measurements(|table, line| {
        let row = Row {
            operation: table.owned(name)?.ok_or("no `Name`")?,
            asked: table.number(count)?.unwrap_or(0.0),
            failed: table.number(failed)?.unwrap_or(0.0),
            rate: table.number(rate)?,
            mean: table.seconds(mean)?,
            max: table.seconds(max)?,
            quantiles: table.quantiles(&quantiles)?,
            rounded: two_digits,
            ..Row::default()
        };
        Ok(row.measurement(&format!("{}:{line}", summary.name), options))
    })?;
    found.measurements.retain(|row| row.operation != ALL);
    if found.measurements.is_empty() {
        return Err(Problem::Nothing("there is no row of a name".to_owned()).into());
    }
    Ok(found)
}

/// So much later than the answer its clock was seen to be read, seconds: 0.9 ms on average.
const LATE: f64 = 0.001_5;

/// Whole ms up to 100, tens of them up to 1000, then hundreds.
pub(super) fn two_digits(value: f64) -> (f64, f64) {
    let half = match value {
        ..0.099_5 => 0.000_5,
        ..0.995 => 0.005,
        ..9.95 => 0.05,
        _ => value * 0.005,
    };
    ((value - half - LATE).max(0.0), value + half)
}
