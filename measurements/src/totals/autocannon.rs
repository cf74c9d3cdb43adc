//! The result of autocannon (`-j`): whole ms, requests that failed among the others. With `-R` and without `-C`
//! it adds times that nobody waited for (coordinated omission), and more of them than there were requests.

use sim::measurement::Load;

use super::row::{Row, to_a_millisecond};
use super::{Summary, Total};
use crate::error::{Problem, Trouble};
use crate::figures::Figures;
use crate::found::Found;

pub(crate) const TOTAL: Total = Total {
    name: "the result of autocannon",
    recognises: |head| {
        let known = head.first.starts_with('{')
            && head.contains("\"latency\"")
            && head.contains("\"p97_5\"")
            && head.contains("\"connections\"");
        known.then(|| head.table()).into()
    },
    read,
};

/// More times than requests by this share are none that anybody waited for.
const ADDED: f64 = 0.02;

/// Connections wait for nothing but answers where so large a share of them is busy on average.
const MOSTLY_BUSY: f64 = 0.8;

fn read(summary: Summary) -> Result<Found, Trouble> {
    let figures = Figures::read(summary.input, |key| key == "throughput")?;
    let of = |path: &[&str]| figures.number(path);
    let latency = |name: &str| of(&["latency", name]).map(|ms| ms / 1e3);
    let mean = latency("mean").or(latency("average"));
    let nothing = "no `latency.average`";
    let mean = mean.ok_or_else(|| Problem::Nothing(nothing.to_owned()))?;
    let asked = of(&["requests", "total"]).unwrap_or(0.0);
    let timed = of(&["latency", "totalCount"]).unwrap_or(asked);
    if timed > (1.0 + ADDED) * asked {
        let reason = format!(
            "autocannon was run with `-R`: it added {} times that nobody waited for to those of {asked} \
             requests, to correct for coordinated omission, which cannot be undone; run it with `-R` and `-C`, \
             or without either",
            timed - asked
        );
        return Err(Problem::Nothing(reason).into());
    }
    let connections = of(&["connections"]).unwrap_or(0.0) * of(&["pipelining"]).unwrap_or(1.0);
    // The test goes on for up to a second after its last request: the usual second says how many there were.
    let usual = of(&["requests", "p50"]).filter(|rate| *rate > 0.0);
    let rate = usual.or(of(&["requests", "average"]));
    let is_busy = rate.is_some_and(|rate| rate * mean >= MOSTLY_BUSY * connections);
    let overall = of(&["requests", "average"]);
    let (load, rate) = if is_busy && connections >= 1.0 {
        let users = connections.min(f64::from(u32::MAX)) as u32;
        (Some(Load::Closed { users }), Some(connections / mean))
    } else {
        (overall.map(|rate| Load::Open { rate }), overall)
    };
    let quantile = |(key, ms): (&str, f64)| {
        let percent = key.strip_prefix('p')?.replace('_', ".").parse::<f64>().ok()?;
        (50.0..100.0).contains(&percent).then(|| ((percent * 1e6).round() / 1e8, ms / 1e3))
    };
    let row = Row {
        asked,
        failed: of(&["non2xx"]).unwrap_or(0.0),
        rate,
        load,
        mean: Some(mean),
        sd: latency("stddev"),
        max: latency("max"),
        quantiles: figures.below(&["latency"]).filter_map(quantile).collect(),
        rounded: to_a_millisecond,
        ..Row::default()
    };
    Ok(Found {
        measurements: vec![row.measurement(summary.name, summary.options)],
        notes: Vec::new(),
    })
}
