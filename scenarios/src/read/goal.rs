//! `[goal]` and the `goal` of a flow: what a deployment must reach.

use sim::scenario::{Goals, LatencyMetric};
use sim::time::SimDuration;

use crate::document::{Entry, Item, Value};
use crate::read::section::{Context, Section};

/// The keys of `[goal]`.
pub(crate) const KEYS: &[&str] = &[
    "mean",
    "p50",
    "p75",
    "p90",
    "p95",
    "p98",
    "p99",
    "p99.9",
    "p99.99",
    "error_rate",
    "availability",
    "survive",
];

/// The keys of the `goal` of a flow: all of these but `survive`.
pub(crate) const FLOW_KEYS: &[&str] = KEYS.split_at(KEYS.len() - 1).0;

const METRICS: [(&str, LatencyMetric); 9] = [
    ("mean", LatencyMetric::Mean),
    ("p50", LatencyMetric::Quantile(0.5)),
    ("p75", LatencyMetric::Quantile(0.75)),
    ("p90", LatencyMetric::Quantile(0.9)),
    ("p95", LatencyMetric::Quantile(0.95)),
    ("p98", LatencyMetric::Quantile(0.98)),
    ("p99", LatencyMetric::Quantile(0.99)),
    ("p99.9", LatencyMetric::Quantile(0.999)),
    ("p99.99", LatencyMetric::Quantile(0.9999)),
];

/// What every flow must reach, and how many nodes may be lost; all is optional.
pub(crate) fn read(context: Context<'_>, item: Option<&Item>) -> (Goals, u32) {
    let Some(section) = item.and_then(|item| Section::open_part(context, item, KEYS)) else {
        return (Goals::default(), 0);
    };
    let survive = section.get("survive").and_then(|item| survive(context, item));
    (limits(section, KEYS), survive.unwrap_or(0))
}

/// What a flow must reach, where that is not what every flow must.
pub(crate) fn of_flow(context: Context<'_>, item: &Item) -> Goals {
    let Some(section) = Section::open_part(context, item, FLOW_KEYS) else {
        return Goals::default();
    };
    limits(section, FLOW_KEYS)
}

fn limits(section: Section<'_>, keys: &'static [&'static str]) -> Goals {
    let context = section.context;
    let mut goals = Goals::default();
    for entry in &section.table.entries {
        match entry.key.as_str() {
            "p99" => dotted(context, entry, &mut goals),
            "horizon" => {
                let what = "there is no `horizon`";
                let help = "availability is judged in the window in this version; set run.window";
                context.log.problem(entry.place, what, help);
            }
            "survive" if !keys.contains(&"survive") => {
                let what = "a flow has no `survive` of its own";
                let help = "what is lost is lost for every flow; write it in [goal]";
                context.log.problem(entry.place, what, help);
            }
            key if !keys.contains(&key) => context.unknown_key(entry, keys),
            _ => {}
        }
    }
    let latency = METRICS.iter().filter_map(|(key, metric)| {
        let item = section.get(key).filter(|item| *key != "p99" || item.table().is_none())?;
        Some((*metric, context.positive_duration(item)?))
    });
    let latency: Vec<_> = latency.collect();
    goals.latency.extend(latency);
    goals.latency.sort_by(|a, b| a.0.rank().total_cmp(&b.0.rank()));
    goals.error_rate = section.get("error_rate").and_then(|item| context.share(item));
    goals.availability = section.get("availability").and_then(|item| context.share(item));
    goals
}

/// Reads `p99.9` written without quotes, which TOML takes for a key `9` in a table `p99`.
fn dotted(context: Context<'_>, entry: &Entry, goals: &mut Goals) {
    for inner in entry.item.table().map_or(&[][..], |table| &table.entries) {
        let quantile = match inner.key.as_str() {
            "9" => 0.999,
            "99" => 0.9999,
            _ => {
                let help = "write p99 = \"300 ms\", and \"p99.9\" = \"1 s\" in quotes";
                context.log.problem(inner.place, "`p99` is not a table", help);
                continue;
            }
        };
        if let Some(limit) = context.positive_duration(&inner.item) {
            goals.latency.push((LatencyMetric::Quantile(quantile), limit));
        }
    }
}

fn survive(context: Context<'_>, item: &Item) -> Option<u32> {
    if let Value::Integer(2..) = item.value {
        let what = format!("`survive = {}` is more than is simulated", item.written());
        let help = "it is 0 or 1; for more use a drill with `nodes`";
        context.log.problem(item.place, what, help);
        return None;
    }
    context.integer(item, 0, 1).map(|nodes| nodes as u32)
}

/// The goals on latency as `key, limit`, as the file writes them.
pub(crate) fn written(goals: &Goals) -> Vec<(&'static str, SimDuration)> {
    let key = |metric| METRICS.iter().find(|(_, known)| *known == metric).map(|(key, _)| *key);
    goals.latency.iter().filter_map(|(metric, limit)| Some((key(*metric)?, *limit))).collect()
}
