//! `[goal]` and the `goal` of a flow: what a deployment must reach.

use sim::scenario::{Goals, LatencyMetric, YEAR};
use sim::time::SimDuration;

use crate::document::{Entry, Item, Value};
use crate::quantity::shown;
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
    "probability",
    "horizon",
    "survive",
];

/// The keys of the `goal` of a flow: all of these but the last two.
pub(crate) const FLOW_KEYS: &[&str] = KEYS.split_at(KEYS.len() - 2).0;

/// A horizon is at least an hour, and at most ten years, in seconds.
const HORIZON: (f64, f64) = (3600.0, 10.0 * 365.0 * 86_400.0);

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

/// What every flow must reach, over which time, and how many nodes may be lost.
pub(crate) struct OfEveryFlow {
    pub(crate) goals: Goals,
    pub(crate) horizon: SimDuration,
    pub(crate) survive: u32,
}

/// Reads `[goal]`, in which all is optional.
pub(crate) fn read(context: Context<'_>, item: Option<&Item>) -> OfEveryFlow {
    let section = item.and_then(|item| Section::open_part(context, item, KEYS));
    let get = |key| section.and_then(|section| section.get(key));
    OfEveryFlow {
        goals: section.map(|section| limits(section, KEYS)).unwrap_or_default(),
        horizon: get("horizon").and_then(|item| horizon(context, item)).unwrap_or(YEAR),
        survive: get("survive").and_then(|item| survive(context, item)).unwrap_or(0),
    }
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
            "horizon" if !keys.contains(&"horizon") => {
                let what = "a flow has no `horizon` of its own";
                let help = "availability is asked for over the same time of every flow; write it in [goal]";
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
    goals.probability = section.get("probability").and_then(|item| probability(section, item));
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

/// The share of horizons that reach the availability beside it.
fn probability(section: Section<'_>, item: &Item) -> Option<f64> {
    let context = section.context;
    let probability = context.share(item)?;
    if section.get("availability").is_none() {
        let what = "`probability` is that of an availability";
        context.log.problem(item.place, what, "write `availability` beside it");
        return None;
    }
    if probability <= 0.0 || probability >= 1.0 {
        let what = format!("no number of years shows that {} of them reach it", item.written());
        context.log.problem(item.place, what, "it is between 0 % and 100 %, both excluded");
        return None;
    }
    Some(probability)
}

fn horizon(context: Context<'_>, item: &Item) -> Option<SimDuration> {
    let horizon = context.positive_duration(item)?;
    let seconds = horizon.as_seconds();
    if seconds < HORIZON.0 || seconds > HORIZON.1 {
        let what = format!("`{}` is no time to ask availability over", shown(&item.written()));
        context.log.problem(item.place, what, "it is from \"1 h\" to \"3650 d\"");
        return None;
    }
    Some(horizon)
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
