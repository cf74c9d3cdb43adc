//! `statistics.json` of JMeter's dashboard: ms, an entry for each label and one for all; ramp-up and requests that
//! failed are among the others. Quantiles are those of the last 20,000 samples only.

use super::row::{Row, to_a_millisecond};
use super::{Summary, Total};
use crate::error::{Problem, Trouble};
use crate::figures::Figures;
use crate::found::Found;

pub(crate) const TOTAL: Total = Total {
    name: "the statistics.json of JMeter's dashboard",
    recognises: |head| {
        let known = head.first.starts_with('{')
            && head.contains("\"sampleCount\"")
            && head.contains("\"meanResTime\"");
        known.then(|| head.table()).into()
    },
    read,
};

/// The window of which quantiles are made (`jmeter.reportgenerator.statistic_window`).
const WINDOW: f64 = 20_000.0;

/// How all labels together are called.
const ALL: &str = "Total";

fn read(summary: Summary) -> Result<Found, Trouble> {
    let figures = Figures::read(summary.input, |_| false)?;
    let labels = figures.first_keys();
    let count = |label: &str| figures.number(&[label, "sampleCount"]).unwrap_or(0.0);
    let only = labels.len() == 1;
    let mut measurements = Vec::new();
    for label in labels.iter().copied().filter(|label| *label != ALL || only) {
        if count(label) > WINDOW {
            let reason = format!(
                "JMeter's dashboard makes the quantiles of `{}` of its last {WINDOW} samples only, of {}; calibrate \
                 with the samples themselves, `jmeter -n -t PLAN -l results.jtl`",
                crate::error::shown(label),
                count(label)
            );
            return Err(Problem::Nothing(reason).into());
        }
        let of = |name: &str| figures.number(&[label, name]);
        let ms = |name: &str| of(name).map(|ms| ms / 1e3);
        let usual = [
            ("medianResTime", 0.5),
            ("pct1ResTime", 0.9),
            ("pct2ResTime", 0.95),
            ("pct3ResTime", 0.99),
        ];
        let row = Row {
            operation: label.to_owned(),
            asked: count(label),
            failed: of("errorCount").unwrap_or(0.0),
            rate: of("throughput"),
            mean: ms("meanResTime"),
            max: ms("maxResTime"),
            quantiles: usual.into_iter().filter_map(|(name, p)| Some((p, ms(name)?))).collect(),
            rounded: to_a_millisecond,
            ..Row::default()
        };
        measurements.push(row.measurement(summary.name, summary.options));
    }
    if measurements.is_empty() {
        return Err(Problem::Nothing("there is no label".to_owned()).into());
    }
    Ok(Found { measurements, notes: Vec::new() })
}
