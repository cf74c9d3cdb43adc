//! An Aggregate Report or a Summary Report of JMeter as CSV, from its window or from a plugin: ms, a row for each
//! label and one for all; ramp-up and requests that failed are among the others.

use super::row::{Row, to_a_millisecond};
use super::{Summary, Total};
use crate::error::{Problem, Trouble};
use crate::format::Format;
use crate::found::Found;
use crate::table::Table;

pub(crate) const TOTAL: Total = Total {
    name: "an Aggregate Report of JMeter",
    recognises: |head| {
        let by_window = head.has(&["Label", "# Samples", "Average"]);
        let by_plugin = head.has(&["sampler_label", "aggregate_report_count"]);
        (by_window || by_plugin).then(|| head.table()).into()
    },
    read,
};

/// How all labels together are called.
const ALL: [&str; 2] = ["TOTAL", "All"];

fn read(summary: Summary) -> Result<Found, Trouble> {
    let table = Table::open(summary.input, summary.layout)?;
    let column = |names: &[&str]| table.column(names);
    let label = column(&["Label", "sampler_label"]);
    let count = column(&["# Samples", "aggregate_report_count"]);
    let mean = column(&["Average", "average"]);
    let max = column(&["Max", "Maximum", "aggregate_report_max"]);
    let sd = column(&["Std. Dev.", "aggregate_report_stddev"]);
    let errors = column(&["Error %", "aggregate_report_error%"]);
    let rate = column(&["Throughput", "aggregate_report_rate"]);
    let needed = [("`Average`", mean), ("`Throughput`", rate), ("`# Samples`", count)];
    table.require(Format::Figures(TOTAL.name), &needed)?;
    let quantiles = table.quantile_columns(probability);
    let options = summary.options;
    let mut found = table.measurements(|table, line| {
        let asked = table.number(count)?.ok_or("no number of samples")?;
        let failed = table.text(errors)?.map(share).transpose()?.unwrap_or(0.0);
        let row = Row {
            operation: table.owned(label)?.ok_or("no label")?,
            asked,
            failed: asked * failed,
            rate: table.text(rate)?.map(per_second).transpose()?,
            mean: table.seconds(mean)?,
            sd: table.seconds(sd)?,
            max: table.seconds(max)?,
            quantiles: table.quantiles(&quantiles)?,
            rounded: to_a_millisecond,
            ..Row::default()
        };
        Ok(row.measurement(&format!("{}:{line}", summary.name), options))
    })?;
    found.measurements.retain(|row| !ALL.contains(&row.operation.as_str()));
    if found.measurements.is_empty() {
        return Err(Problem::Nothing("there is no row of a label".to_owned()).into());
    }
    Ok(found)
}

/// 0.5 of `median`, 0.9 of `90% line` and of `aggregate_report_90%_line`.
fn probability(header: &str) -> Option<f64> {
    let header = header.strip_prefix("aggregate_report_").unwrap_or(header);
    if header == "median" {
        return Some(0.5);
    }
    let percent = header.strip_suffix("% line").or(header.strip_suffix("%_line"))?;
    let percent = percent.trim().parse::<f64>().ok()?;
    (0.0..100.0).contains(&percent).then(|| (percent * 1e6).round() / 1e8)
}

/// 0.0108 of `1.08%` and of `0.0108`.
fn share(text: &str) -> Result<f64, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| (0.0..=100.0).contains(n));
    let found = match text.strip_suffix('%') {
        Some(percent) => number(percent).map(|percent| percent / 100.0),
        None => number(text).filter(|share| *share <= 1.0),
    };
    found.ok_or_else(|| format!("`{}` is no share of errors", crate::error::shown(text)))
}

/// 3 of `3.0/sec`, of `180/min` and of `3`.
fn per_second(text: &str) -> Result<f64, String> {
    let (number, unit) = text.split_once('/').unwrap_or((text, "sec"));
    let seconds = match unit.trim() {
        "sec" | "s" => 1.0,
        "min" => 60.0,
        "hour" | "h" => 3600.0,
        _ => f64::NAN,
    };
    let rate = number.trim().parse::<f64>().unwrap_or(f64::NAN) / seconds;
    if rate.is_finite() && rate >= 0.0 {
        return Ok(rate);
    }
    Err(format!("`{}` is no throughput like `3.0/sec`", crate::error::shown(text)))
}
