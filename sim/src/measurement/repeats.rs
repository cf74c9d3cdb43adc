//! Repeats of one configuration, and their medians.

use std::collections::BTreeMap;

use super::{Bounds, Failures, Key, Measurement, ThinkTimes, median};
use crate::stats::Silences;
use crate::time::SimDuration;

/// Measurements that differ in nothing that was set.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// How many measurements there are.
    pub repeats: usize,
    /// The median of each figure over the repeats that state it, and of the quantiles that all of
    /// them state; all silences together. `origin`, `source`, `version` and `test` are those of the
    /// first repeat.
    pub median: Measurement,
}

/// Groups measurements by what was asked at once, and in it by product, operation, what was observed, load, size, backend, cores, heap and
/// what shared the node; in this order, closed loads before open ones, numbers ascending and what is
/// not stated first. The version does not divide: give one family of versions at a time.
pub fn repeats(measurements: &[Measurement]) -> Vec<Configuration> {
    let mut tests: BTreeMap<&str, Vec<Key>> = BTreeMap::new();
    for measurement in measurements {
        if let Some(name) = &measurement.test {
            tests.entry(name).or_default().push(measurement.key());
        }
    }
    for keys in tests.values_mut() {
        keys.sort();
    }
    let mut groups: BTreeMap<(Vec<Key>, Key), Vec<&Measurement>> = BTreeMap::new();
    for measurement in measurements {
        let key = measurement.key();
        let test = measurement.test.as_deref().map(|name| tests[name].clone());
        groups
            .entry((test.unwrap_or_else(|| vec![key.clone()]), key))
            .or_default()
            .push(measurement);
    }
    groups.into_values().map(|group| configuration(&group)).collect()
}

fn configuration(group: &[&Measurement]) -> Configuration {
    let of = |figure: fn(&Measurement) -> Option<f64>| {
        median(group.iter().filter_map(|measurement| figure(measurement)).collect())
    };
    let median = Measurement {
        requests: of(|m| m.requests.map(|requests| requests as f64)).map(|count| count as u64),
        throughput: of(|m| m.throughput),
        mean: of(|m| m.mean),
        sd: of(|m| m.sd),
        quantiles: quantiles(group),
        bounds: bounds(group),
        max: of(|m| m.max),
        gc_share: of(|m| m.gc_share),
        cpu_idle: of(|m| m.cpu_idle),
        silences: silences(group),
        error_fraction: of(|m| m.error_fraction),
        failures: failures(group),
        think: think(group),
        flag: group.iter().find_map(|measurement| measurement.flag.clone()),
        ..group[0].clone()
    };
    Configuration { repeats: group.len(), median }
}

/// Those that every repeat states: medians of all of them ascend as each repeat's quantiles do.
fn quantiles(group: &[&Measurement]) -> Vec<(f64, f64)> {
    let at = |measurement: &Measurement, probability: f64| {
        measurement.quantiles.iter().find(|each| each.0 == probability).map(|each| each.1)
    };
    let of = |probability: f64| {
        let values: Option<Vec<f64>> =
            group.iter().map(|measurement| at(measurement, probability)).collect();
        median(values?).map(|value| (probability, value))
    };
    group[0].quantiles.iter().filter_map(|(probability, _)| of(*probability)).collect()
}

/// Of each figure that any repeat bounds, the medians over those that do.
fn bounds(group: &[&Measurement]) -> Vec<Bounds> {
    let mut found: Vec<Bounds> = Vec::new();
    for each in group.iter().flat_map(|measurement| &measurement.bounds) {
        if found.iter().any(|known| known.figure == each.figure) {
            continue;
        }
        let same = || {
            let all = group.iter().flat_map(|measurement| &measurement.bounds);
            all.filter(|other| other.figure == each.figure)
        };
        let low = median(same().map(|bounds| bounds.low).collect()).unwrap_or(each.low);
        let high = median(same().map(|bounds| bounds.high).collect()).unwrap_or(each.high);
        found.push(Bounds { figure: each.figure, low, high });
    }
    found
}

/// Of all repeats: numbers add up, and rates and times are those of a repeat on average.
fn failures(group: &[&Measurement]) -> Option<Failures> {
    let stated: Vec<Failures> =
        group.iter().filter_map(|measurement| measurement.failures).collect();
    let requests: u64 = stated.iter().map(|each| each.requests).sum();
    let rate: f64 = stated.iter().map(|each| each.rate).sum();
    let busy: f64 = stated.iter().map(|each| each.rate * each.mean).sum();
    let mean = if rate > 0.0 { busy / rate } else { 0.0 };
    (!stated.is_empty()).then(|| Failures { requests, rate: rate / group.len() as f64, mean })
}

/// The medians of mean and cv.
fn think(group: &[&Measurement]) -> Option<ThinkTimes> {
    let of = |figure: fn(ThinkTimes) -> f64| {
        median(group.iter().filter_map(|measurement| measurement.think).map(figure).collect())
    };
    let mean = SimDuration::from_seconds(of(|think| think.mean.as_seconds())?);
    Some(ThinkTimes { mean, cv: of(|think| think.cv)? })
}

/// Those of all repeats that state them: counts add up.
fn silences(group: &[&Measurement]) -> Option<Silences> {
    let mut stated = group.iter().filter_map(|measurement| measurement.silences.as_ref());
    let mut all = stated.next()?.clone();
    stated.for_each(|more| all.merge(more));
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::super::{Load, fabricated::measurement};
    use super::*;

    #[test]
    fn repeats_are_one_configuration_with_the_median_of_each_figure() {
        let of = |throughput: f64, p99: f64| Measurement {
            throughput: Some(throughput),
            quantiles: vec![(0.5, 0.045), (0.99, p99)],
            ..measurement()
        };
        let found = repeats(&[of(1900.0, 0.14), of(2100.0, 0.12), of(1950.0, 0.15)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].repeats, 3);
        assert_eq!(found[0].median.throughput, Some(1950.0));
        assert_eq!(found[0].median.quantiles, [(0.5, 0.045), (0.99, 0.14)]);
    }

    #[test]
    fn configurations_come_in_one_order_whatever_the_order_given() {
        let of = |users: u32, size: f64| Measurement {
            load: Load::Closed { users },
            size_kib: Some(size),
            ..measurement()
        };
        let open = Measurement { load: Load::Open { rate: 3.0 }, ..measurement() };
        let given = [of(500, 1.0), open, of(100, 100.0), of(100, 0.05), of(100, 100.0)];
        let order = |given: Vec<Measurement>| {
            repeats(&given)
                .iter()
                .map(|each| (each.median.load, each.median.size_kib, each.repeats))
                .collect::<Vec<_>>()
        };
        let expected = [
            (Load::Closed { users: 100 }, Some(0.05), 1),
            (Load::Closed { users: 100 }, Some(100.0), 2),
            (Load::Closed { users: 500 }, Some(1.0), 1),
            (Load::Open { rate: 3.0 }, Some(1.0), 1),
        ];
        assert_eq!(order(given.to_vec()), expected);
        assert_eq!(order(given.into_iter().rev().collect()), expected);
    }

    /// The second test asked for writes as well; the third repeats it.
    #[test]
    fn tests_that_asked_for_other_operations_are_no_repeats() {
        let of = |test: &str, operation: &str| Measurement {
            test: Some(test.to_owned()),
            operation: operation.to_owned(),
            ..measurement()
        };
        let given =
            [of("a", "read"), of("b", "read"), of("b", "write"), of("c", "write"), of("c", "read")];
        let found = repeats(&given);
        let shown: Vec<_> = found
            .iter()
            .map(|each| (each.median.test.as_deref(), &each.median.operation[..], each.repeats))
            .collect();
        assert_eq!(
            shown,
            [(Some("a"), "read", 1), (Some("b"), "read", 2), (Some("b"), "write", 2)]
        );
    }

    #[test]
    fn a_quantile_that_one_repeat_lacks_has_no_median() {
        let mut lacking = measurement();
        lacking.quantiles.pop();
        let found = repeats(&[measurement(), lacking]);
        assert_eq!(found[0].median.quantiles.len(), 2);
    }
}
