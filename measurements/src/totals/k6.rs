//! The summary of k6, as `handleSummary` gets it or `--summary-export` writes it: ms, and the times of the
//! good requests apart. In a closed loop, the rate of the whole test counts ramp-up and ramp-down in: users and
//! the length of their iterations tell what it is while all of them run.

use sim::measurement::Load;

use super::row::Row;
use super::{Summary, Total};
use crate::error::{Problem, Trouble};
use crate::figures::Figures;
use crate::found::Found;

pub(crate) const TOTAL: Total = Total {
    name: "a summary of k6",
    recognises: |head| {
        let known = head.first.starts_with('{')
            && (head.contains("\"http_req_duration\"") || head.contains("\"grpc_req_duration\""))
            && head.contains("\"metrics\"");
        known.then(|| head.table()).into()
    },
    read,
};

/// Users are as many as run at most where so large a share of them is busy with iterations on average.
const MOSTLY_BUSY: f64 = 0.8;

fn read(summary: Summary) -> Result<Found, Trouble> {
    let figures = Figures::read(summary.input, |key| key == "root_group" || key == "thresholds")?;
    let of = |metric: &str, name: &str| {
        let nested = figures.number(&["metrics", metric, "values", name]);
        nested.or(figures.number(&["metrics", metric, name]))
    };
    let protocol = ["http", "grpc"]
        .into_iter()
        .find(|protocol| of(&format!("{protocol}_req_duration"), "avg").is_some());
    let protocol = protocol.ok_or_else(|| Problem::Nothing("no `http_req_duration`".to_owned()))?;
    let all = format!("{protocol}_req_duration");
    let good = format!("{all}{{expected_response:true}}");
    let failed = of("http_req_failed", "passes").unwrap_or(0.0);
    let is_apart = of(&good, "avg").is_some();
    let times = if is_apart { &good } else { &all };
    let quantile = |(key, ms): (&str, f64)| Some((probability(key)?, ms / 1e3));
    let mut quantiles: Vec<(f64, f64)> =
        figures.below(&["metrics", times, "values"]).filter_map(quantile).collect();
    quantiles.extend(figures.below(&["metrics", times]).filter_map(quantile));
    let iterations = of("iterations", "count");
    let asked = of("http_reqs", "count").or(iterations).unwrap_or(0.0);
    let overall = of("http_reqs", "rate").or(of("iterations", "rate"));
    let busy = of("iterations", "rate").zip(of("iteration_duration", "avg"));
    let busy = busy.map(|(rate, ms)| rate * ms / 1e3);
    let users = of("vus", "max").filter(|users| *users >= 1.0);
    let is_open = of("dropped_iterations", "count").is_some()
        || users.zip(busy).is_some_and(|(users, busy)| busy < MOSTLY_BUSY * users);
    let mut notes = Vec::new();
    let (load, rate) = if is_open {
        notes.push(format!(
            "{}: iterations began whether or not users were busy (an open load), since {:.1} of {} users were on \
             average; where users waited for answers, say how many with `--users N`",
            summary.name,
            busy.unwrap_or(0.0),
            users.unwrap_or(0.0)
        ));
        (overall.map(|rate| Load::Open { rate }), overall)
    } else {
        let each = iterations.filter(|count| *count > 0.0).map(|count| asked / count);
        let full = users.zip(of("iteration_duration", "avg")).zip(each);
        let full = full.map(|((users, ms), each)| users * each * 1e3 / ms);
        let load = users.map(|users| Load::Closed { users: users.min(f64::from(u32::MAX)) as u32 });
        (load, full.or(overall))
    };
    let row = Row {
        asked,
        failed,
        failed_are_in: !is_apart,
        rate,
        load,
        mean: of(times, "avg").map(|ms| ms / 1e3),
        max: of(times, "max").map(|ms| ms / 1e3),
        quantiles,
        ..Row::default()
    };
    Ok(Found { measurements: vec![row.measurement(summary.name, summary.options)], notes })
}

/// 0.5 of `med`, 0.95 of `p(95)`.
fn probability(key: &str) -> Option<f64> {
    if key == "med" {
        return Some(0.5);
    }
    let percent = key.strip_prefix("p(")?.strip_suffix(')')?.parse::<f64>().ok()?;
    (0.0..100.0).contains(&percent).then(|| (percent * 1e6).round() / 1e8)
}
