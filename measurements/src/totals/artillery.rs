//! The report of artillery (`-o`): ms. Virtual users come by themselves, each with a connection of its own.
//! Quantiles are those of buckets, and its own work before it takes the time of an answer is in; the stated rate
//! is one of a part of the test.

use sim::measurement::Load;

use super::row::Row;
use super::{Summary, Total};
use crate::error::{Problem, Trouble};
use crate::figures::Figures;
use crate::found::Found;

pub(crate) const TOTAL: Total = Total {
    name: "a report of artillery",
    recognises: |head| {
        let known = head.first.starts_with('{')
            && head.contains("\"aggregate\"")
            && (head.contains("\"vusers.") || head.contains("\"http.response_time"));
        known.then(|| head.table()).into()
    },
    read,
};

/// How far a value may be from its bucket, as a share (`relativeAccuracy` of the `DDSketch` that it keeps).
const BUCKET: f64 = 0.01;

/// So much later than the answer its clock was seen to be read, seconds: 1.4 to 2.1 ms.
const LATE: f64 = 0.002_5;

fn read(summary: Summary) -> Result<Found, Trouble> {
    let figures = Figures::read(summary.input, |key| key == "intermediate" || key == "histograms")?;
    let counter = |name: &str| figures.number(&["aggregate", "counters", name]);
    let at = |name: &str| figures.number(&["aggregate", name]);
    let good = "http.response_time.2xx";
    let all = "http.response_time";
    let of = |times: &str, name: &str| figures.number(&["aggregate", "summaries", times, name]);
    let is_apart = of(good, "mean").is_some();
    let times = if is_apart { good } else { all };
    let nothing =
        "no `http.response_time` among `aggregate.summaries`, as versions from 2.0 on write it";
    let mean = of(times, "mean").ok_or_else(|| Problem::Nothing(nothing.to_owned()))?;
    let ms = |name: &str| of(times, name).map(|ms| ms / 1e3);
    let usual =
        [("p50", 0.5), ("p75", 0.75), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)];
    let asked = counter("http.requests").or(of(all, "count")).unwrap_or(0.0);
    let answered = of(times, "count").unwrap_or(asked);
    let begun = at("firstMetricAt").or(at("firstCounterAt"));
    let ended = at("lastMetricAt").or(at("lastCounterAt"));
    let seconds = begun.zip(ended).map(|(begun, ended)| (ended - begun) / 1e3);
    let rate = seconds.filter(|seconds| *seconds > 0.0).map(|seconds| asked / seconds);
    let row = Row {
        asked,
        failed: if is_apart { asked - answered } else { 0.0 },
        failed_are_in: !is_apart,
        rate,
        load: rate.map(|rate| Load::Open { rate }),
        mean: Some(mean / 1e3),
        max: ms("max"),
        quantiles: usual.into_iter().filter_map(|(name, p)| Some((p, ms(name)?))).collect(),
        rounded: |value| ((value * (1.0 - BUCKET) - LATE).max(0.0), value * (1.0 + BUCKET)),
        ..Row::default()
    };
    let notes = vec![format!(
        "{}: quantiles of artillery are those of buckets, and up to {} ms late: they are between bounds",
        summary.name,
        LATE * 1e3
    )];
    Ok(Found { measurements: vec![row.measurement(summary.name, summary.options)], notes })
}
