//! How much of the intervals comes from calibrations, in words.

use std::collections::BTreeSet;

use crate::deployment::Deployment;
use crate::quantity::{Quantity, Unit};
use crate::results::FlowResult;
use crate::scenario::LatencyMetric;
use crate::stats::Estimate;

/// What a calibration leaves open is in the intervals; how much that is where it is most.
pub(super) fn note(deployment: &Deployment, flows: &[FlowResult]) -> Option<String> {
    let open = deployment.clusters.iter().map(|cluster| &cluster.profile);
    let open: BTreeSet<&str> = open
        .filter(|profile| profile.directions().next().is_some())
        .map(|profile| profile.name.as_str())
        .collect();
    if open.is_empty() {
        return None;
    }
    let names: Vec<String> = open.iter().map(|name| format!("`{name}`")).collect();
    let plural =
        if names.len() > 1 { "calibrations of profiles" } else { "calibration of profile" };
    let verb = if names.len() > 1 { "leave" } else { "leaves" };
    let named = format!("what the {plural} {} {verb} open", names.join(", "));
    let shown = [Quantity::Throughput, Quantity::P99, Quantity::Latency(LatencyMetric::Mean)];
    let most = flows
        .iter()
        .flat_map(|flow| shown.map(|quantity| (flow, quantity, flow.found.get(quantity))))
        .filter_map(|(flow, quantity, found)| Some((flow, quantity, part(found?)?)))
        .max_by(|a, b| a.2.share.total_cmp(&b.2.share));
    Some(match most {
        Some((flow, quantity, part)) if part.share > 0.0 => format!(
            "{named} is in the intervals: with any number of replications, {} of `{}` would be known to \
             ± {} at best, and is to ± {}",
            quantity.words(),
            flow.name,
            digits(part.remaining, quantity.unit()),
            digits(part.whole, quantity.unit())
        ),
        Some(_) => format!("{named} does not show in the intervals"),
        None => format!("{named} is not in the intervals: one replication has none"),
    })
}

/// How much of an interval comes from calibrations.
struct Part {
    /// Of its size.
    share: f64,
    remaining: f64,
    whole: f64,
}

fn part(found: &Estimate) -> Option<Part> {
    let whole = found.half_width?;
    let share = found.of_calibration / found.mean.abs().max(f64::MIN_POSITIVE);
    Some(Part { share, remaining: found.of_calibration, whole })
}

/// Three digits with the unit.
fn digits(value: f64, unit: Unit) -> String {
    let decimals = (2 - value.abs().max(1e-9).log10().floor() as i32).clamp(0, 9) as usize;
    let name = if unit == Unit::PerSecond { "/s" } else { unit.name() };
    format!("{value:.decimals$} {name}")
}
