//! The operations that are wanted, with what their file does not say.

use std::collections::{BTreeMap, BTreeSet};

use sim::measurement::Measurement;

use crate::error::{Problem, Trouble, listed};
use crate::options::Options;

/// An operation with so large a share of the requests of its test had the node for itself.
const ALONE: f64 = 0.95;

/// The operations that are wanted, under the name that is wanted.
pub(crate) fn chosen(
    mut measurements: Vec<Measurement>,
    options: &Options,
) -> Result<Vec<Measurement>, Trouble> {
    let names = |measurements: &[Measurement]| {
        let names: BTreeSet<&str> =
            measurements.iter().map(|measurement| measurement.operation.as_str()).collect();
        listed(names.into_iter())
    };
    if let Some(only) = &options.only {
        let found = names(&measurements);
        let whole = requests_by_test(&measurements);
        measurements.retain(|measurement| measurement.operation == *only);
        for measurement in &mut measurements {
            // Silences are those of all that were served.
            let all = measurement.test.as_ref().and_then(|test| whole.get(test).copied());
            let own = measurement.requests.unwrap_or(0) as f64;
            if all.is_some_and(|all| own < ALONE * all as f64) {
                measurement.silences = None;
            }
        }
        if measurements.is_empty() {
            return Err(Problem::NoSuchOperation { wanted: only.clone(), found }.into());
        }
    }
    if let Some(name) = &options.operation {
        let several = measurements.windows(2).any(|pair| pair[0].operation != pair[1].operation);
        if several {
            let found = names(&measurements);
            return Err(Problem::SeveralOperations { wanted: name.clone(), found }.into());
        }
        for measurement in &mut measurements {
            measurement.operation.clone_from(name);
        }
    }
    Ok(measurements)
}

fn requests_by_test(measurements: &[Measurement]) -> BTreeMap<String, u64> {
    let mut requests = BTreeMap::new();
    for measurement in measurements {
        let Some(test) = measurement.test.clone() else { continue };
        *requests.entry(test).or_default() += measurement.requests.unwrap_or(0);
    }
    requests
}

/// Adds what the file of a measurement does not say.
pub(crate) fn fill(measurement: &mut Measurement, options: &Options) {
    let of = |operation: Option<&str>| {
        let mut backends = options.backends.iter();
        backends.find(|each| each.operation.as_deref() == operation).map(|each| each.times)
    };
    let stated = of(Some(&measurement.operation)).or(of(None));
    measurement.cores = measurement.cores.or(options.cores);
    measurement.heap_gib = measurement.heap_gib.or(options.heap_gib);
    measurement.size_kib = measurement.size_kib.or(options.size_kib);
    measurement.backend = measurement.backend.or(stated);
    measurement.nodes = measurement.nodes.or(options.nodes);
}
