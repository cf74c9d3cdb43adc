//! The summary of oha (`--output-format json`): seconds, requests that failed among the others; a 503 is one,
//! whatever its `successRate` says. How many connections there were is not told.

use super::row::Row;
use super::{Summary, Total};
use crate::error::{Problem, Trouble};
use crate::figures::Figures;
use crate::found::Found;

pub(crate) const TOTAL: Total = Total {
    name: "the summary of oha",
    recognises: |head| {
        let known = head.first.starts_with('{')
            && head.contains("\"latencyPercentiles\"")
            && head.contains("\"requestsPerSec\"");
        known.then(|| head.table()).into()
    },
    read,
};

fn read(summary: Summary) -> Result<Found, Trouble> {
    let figures = Figures::read(summary.input, |key| key.ends_with("Histogram") || key == "rps")?;
    let of = |name: &str| figures.number(&["summary", name]);
    let mean = of("average").ok_or_else(|| Problem::Nothing("no `summary.average`".to_owned()))?;
    let statuses: Vec<(&str, f64)> = figures.below(&["statusCodeDistribution"]).collect();
    let count = |good: bool| -> f64 {
        let is_good = |status: &str| status.parse::<u16>().is_ok_and(|s| (100..400).contains(&s));
        statuses.iter().filter(|(status, _)| is_good(status) == good).map(|(_, n)| n).sum()
    };
    let (good, bad) = (count(true), count(false));
    // What had no answer at all has no time either, nor is it in the rate.
    let quantile = |(key, seconds): (&str, f64)| {
        let percent = key.strip_prefix('p')?.parse::<f64>().ok()?;
        (0.0..100.0).contains(&percent).then(|| ((percent * 1e6).round() / 1e8, seconds))
    };
    let row = Row {
        asked: good + bad,
        failed: bad,
        rate: of("requestsPerSec"),
        mean: Some(mean),
        max: of("slowest"),
        quantiles: figures.below(&["latencyPercentiles"]).filter_map(quantile).collect(),
        ..Row::default()
    };
    Ok(Found {
        measurements: vec![row.measurement(summary.name, summary.options)],
        notes: Vec::new(),
    })
}
