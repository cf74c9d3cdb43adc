//! Where a search begins: demands of the right order.

use super::parameter::is_wanted;
use super::trial::{expected, operations};
use crate::deployment::{Demand, FlowKind, Profile};
use crate::measurement::{LoadTest, Measurement};
use crate::random::Shape;
use crate::time::SimDuration;

/// A profile whose demands are of the right order: what the cores did per request where they were the
/// bottleneck, else the time that was measured. An operation that the profile does not know is like the
/// usual one of its kind. Where only parameters are wanted whose names begin in some way, other demands
/// stay as they are.
pub(super) fn first_guess(
    start: &Profile,
    kind: FlowKind,
    tests: &[LoadTest],
    names: &[String],
) -> Profile {
    let mut profile = start.clone();
    let rows = || tests.iter().flat_map(|test| test.operations.iter().map(move |row| (test, row)));
    let operations = operations(rows().map(|(_, row)| row));
    let wanted = |operation: &&String| is_wanted(&format!("demand.{operation}."), names);
    for operation in operations.iter().filter(wanted) {
        let size = |row: &Measurement| row.message().weighed(Demand::OF_ANSWER);
        let own = rows().filter(|(_, row)| row.operation == *operation);
        let mut own: Vec<(f64, f64)> =
            own.map(|(test, row)| (size(row), seconds(test, row, profile.cores))).collect();
        own.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (Some(smallest), Some(largest)) = (own.first(), own.last()) else { continue };
        let span = largest.0 - smallest.0;
        let per_kib = if span > 0.0 {
            ((largest.1 - smallest.1) / span).max(0.0)
        } else {
            profile.demands.get(operation).map_or(0.0, |demand| demand.per_kib.as_seconds())
        };
        let mean = (smallest.1 - per_kib * smallest.0).max(0.1 * smallest.1);
        let usual = start.demands.get(kind.operation()).or(start.demands.values().next());
        let template = start.demands.get(operation).or(usual);
        let mut demand = template
            .cloned()
            .unwrap_or_else(|| Demand::plain(SimDuration::ZERO, Shape::Gamma { cv: 1.0 }));
        demand.mean = SimDuration::from_seconds(mean);
        demand.per_kib = SimDuration::from_seconds(per_kib);
        profile.demands.insert(operation.clone(), demand);
    }
    profile.demands.retain(|name, _| operations.contains(name) || !names.is_empty());
    profile
}

/// Requests that come each second, as measured or by Little's law, failed ones included.
pub(super) fn requests_per_second(test: &LoadTest) -> f64 {
    test.throughput().unwrap_or_else(|| expected(test).0)
}

/// What an operation may have taken of the cores, seconds. Where they were the bottleneck, operations had
/// them in proportion to the time that they spent inside, as under processor sharing.
fn seconds(test: &LoadTest, row: &Measurement, cores: f64) -> f64 {
    let cores = row.cores.unwrap_or(cores) * f64::from(row.nodes.unwrap_or(1));
    let (rate, cycle) = expected(test);
    let inside = |row: &Measurement| {
        let alone = test.operations.len() == 1 && !test.thinks();
        let round_trip = if alone { cycle } else { row.mean.unwrap_or(cycle) };
        (round_trip - row.backend_seconds()).max(1e-6)
    };
    let of_all: f64 =
        test.operations.iter().map(|row| row.throughput.unwrap_or(rate) * inside(row)).sum();
    let share = if test.operations.len() == 1 { 1.0 } else { rate * inside(row) / of_all };
    let saturated = cores / rate * share;
    let busy = row.backend_seconds() < 0.1 * cycle && !test.thinks();
    match test.users() {
        Some(_) if busy => 0.95 * saturated,
        _ => inside(row).min(0.95 * saturated),
    }
}
