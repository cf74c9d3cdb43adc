//! The statistics of Locust as JSON (`--json`): an entry for each name, with how often each time came; ms, of
//! two digits from 100 on. Requests that failed are among the others; so is the ramp-up.

use super::locust_csv::two_digits;
use super::row::Row;
use super::{Summary, Total};
use crate::error::{Problem, Trouble};
use crate::figures::Figures;
use crate::found::Found;

pub(crate) const TOTAL: Total = Total {
    name: "the statistics of Locust (`--json`)",
    recognises: |head| {
        let known = head.first.starts_with('[')
            && head.contains("\"num_requests\"")
            && head.contains("\"response_times\"");
        known.then(|| head.table()).into()
    },
    read,
};

/// Quantiles that are made of the counts.
const QUANTILES: [f64; 10] = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999];

fn read(summary: Summary) -> Result<Found, Trouble> {
    let figures = Figures::read(summary.input, |key| key.ends_with("_per_sec"))?;
    let entries = figures.first_keys();
    let rows = entries.iter().filter_map(|entry| row(&figures, entry));
    let measurements: Vec<_> =
        rows.map(|row| row.measurement(summary.name, summary.options)).collect();
    if measurements.is_empty() {
        return Err(Problem::Nothing("no entry has requests".to_owned()).into());
    }
    Ok(Found { measurements, notes: Vec::new() })
}

fn row(figures: &Figures, entry: &str) -> Option<Row> {
    let of = |name: &str| figures.number(&[entry, name]);
    let asked = of("num_requests").filter(|asked| *asked > 0.0)?;
    let seconds = of("last_request_timestamp").zip(of("start_time")).map(|(to, from)| to - from);
    let timed = asked - of("num_none_requests").unwrap_or(0.0);
    let mut times: Vec<(f64, f64)> = figures
        .below(&[entry, "response_times"])
        .filter_map(|(ms, count)| Some((ms.parse::<f64>().ok()?, count)))
        .collect();
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = times.iter().map(|(_, count)| count).sum();
    let quantile = |probability: f64| {
        let mut below = 0.0;
        let (ms, _) = times.iter().find(|(_, count)| {
            below += count;
            below >= probability * all
        })?;
        Some((probability, ms / 1e3))
    };
    Some(Row {
        operation: figures.word(&[entry, "name"]).unwrap_or("request").to_owned(),
        asked,
        failed: of("num_failures").unwrap_or(0.0),
        rate: seconds.filter(|seconds| *seconds > 0.0).map(|seconds| asked / seconds),
        mean: of("total_response_time").map(|ms| ms / timed.max(1.0) / 1e3),
        max: of("max_response_time").map(|ms| ms / 1e3),
        quantiles: QUANTILES.into_iter().filter_map(quantile).collect(),
        rounded: two_digits,
        ..Row::default()
    })
}
