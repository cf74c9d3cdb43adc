//! Where the time of requests goes, from what was booked for each: what those around a quantile have spent
//! it on.

use std::collections::{BTreeMap, BTreeSet};

use super::{Activity, ExplainedFlow, ExplainedPart, ExplainedQuantile, Explanation};
use crate::deployment::work;
use crate::engine::{Alike, Attributed, Place};
use crate::scenario::Scenario;
use crate::stats::Estimate;
use crate::study::{Design, Study};

/// Which requests stand for a quantile: those whose ranks lie between two shares.
const BANDS: [(&str, f64, f64); 3] =
    [("p50", 0.45, 0.55), ("p99", 0.985, 0.995), ("p99.9", 0.9985, 0.9995)];

/// So many requests at least must stand for a quantile, in all replications together.
const FEWEST: f64 = 20.0;

/// Where the time goes in the replications in which requests were followed; none where there are none.
pub(super) fn explanation(
    scenario: &Scenario,
    design: &Design,
    study: &Study,
) -> Option<Explanation> {
    let followed: Vec<&[Attributed]> = study.followed().collect();
    if followed.is_empty() {
        return None;
    }
    let flows = design.whole().enumerate().flat_map(|(place, index)| {
        let seen: Vec<&Attributed> = followed.iter().map(|seen| &seen[place]).collect();
        explained(scenario, design.situations[index].deployment, &seen)
    });
    Some(Explanation { replications: followed.len() as u32, flows: flows.collect() })
}

/// Every flow through a deployment.
fn explained(scenario: &Scenario, deployment: usize, seen: &[&Attributed]) -> Vec<ExplainedFlow> {
    let deployment = &scenario.deployments[deployment];
    let confidence = scenario.run.confidence;
    let clusters: Vec<&str> =
        deployment.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
    let explained = |flow: usize| {
        let replications: Vec<&BTreeMap<u32, Alike>> =
            seen.iter().map(|attributed| &attributed[flow]).collect();
        let quantiles = BANDS.iter().filter_map(|(name, from, to)| {
            let bands: Vec<Band> =
                replications.iter().map(|alike| Band::of(alike, (*from, *to))).collect();
            explained_quantile(name, &bands, &clusters, confidence)
        });
        ExplainedFlow {
            deployment: deployment.name.clone(),
            flow: scenario.flows[flow].name.clone(),
            tenant: scenario.flows[flow].tenant.clone(),
            quantiles: quantiles.collect(),
        }
    };
    (0..scenario.flows.len()).map(explained).collect()
}

/// What the requests that stand for a quantile have spent their time on; none where they are too few.
fn explained_quantile(
    name: &'static str,
    bands: &[Band],
    clusters: &[&str],
    confidence: f64,
) -> Option<ExplainedQuantile> {
    let requests: f64 = bands.iter().map(|band| band.requests).sum();
    if requests < FEWEST {
        return None;
    }
    // Milliseconds of a request.
    let mean = |nanos: &dyn Fn(&Band) -> f64| {
        let pair = |band: &Band| (nanos(band) / 1e6, band.requests);
        let pairs: Vec<(f64, f64)> = bands.iter().map(pair).collect();
        Estimate::of_ratio(&pairs, confidence)
    };
    let all: BTreeSet<Key> =
        bands.iter().flat_map(|band| band.nanos.keys()).map(|place| Key::of(*place)).collect();
    let part = |key: Key| {
        let of_key = |band: &Band| -> f64 {
            let its = band.nanos.iter().filter(|(place, _)| Key::of(**place) == key);
            its.map(|(_, nanos)| nanos).sum()
        };
        Some(ExplainedPart {
            activity: key.activity,
            role: key.role,
            cluster: key.cluster.map(|cluster| clusters[cluster].to_owned()),
            ms: mean(&of_key)?,
        })
    };
    Some(ExplainedQuantile {
        name,
        requests: requests.round() as u64,
        sojourn_ms: mean(&|band| band.nanos.values().sum())?,
        parts: all.into_iter().filter_map(part).collect(),
    })
}

/// What is shown as one part: like hops are one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    activity: Activity,
    role: Option<&'static str>,
    cluster: Option<usize>,
}

impl Key {
    fn of(place: Place) -> Self {
        let role = place.need.and_then(work::role);
        Self { activity: Activity::at(place), role, cluster: place.cluster }
    }
}

/// The requests of one replication that stand for a quantile.
#[derive(Default)]
struct Band {
    requests: f64,
    nanos: BTreeMap<Place, f64>,
}

impl Band {
    /// Of cells that are only partly between the two ranks, that part.
    fn of(cells: &BTreeMap<u32, Alike>, (from, to): (f64, f64)) -> Self {
        let all: u64 = cells.values().map(|alike| alike.requests).sum();
        let (from, to) = (from * all as f64, to * all as f64);
        let (mut band, mut below) = (Self::default(), 0.0);
        for alike in cells.values() {
            let requests = alike.requests as f64;
            let within = (to.min(below + requests) - from.max(below)).max(0.0);
            below += requests;
            if within > 0.0 {
                band.requests += within;
                for (place, nanos) in &alike.nanos {
                    *band.nanos.entry(*place).or_default() += *nanos as f64 * within / requests;
                }
            }
        }
        band
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Part;

    const WORK: Place = Place { part: Part::Work, need: None, cluster: Some(0) };
    const WAIT: Place = Place { part: Part::Worker, need: None, cluster: Some(0) };

    /// Ninety requests that only work for 1 ms, and ten that also wait for 9 ms.
    fn cells() -> BTreeMap<u32, Alike> {
        let quick = Alike { requests: 90, nanos: [(WORK, 90_000_000)].into() };
        let slow = Alike { requests: 10, nanos: [(WORK, 10_000_000), (WAIT, 90_000_000)].into() };
        [(1, quick), (2, slow)].into()
    }

    #[test]
    fn a_band_takes_its_part_of_the_cells_at_its_ends() {
        let band = Band::of(&cells(), (0.85, 0.95));
        assert!((band.requests - 10.0).abs() < 1e-9);
        assert!((band.nanos[&WORK] - 10e6).abs() < 1.0);
        assert!((band.nanos[&WAIT] - 45e6).abs() < 1.0);
    }

    #[test]
    fn the_parts_of_a_quantile_add_up_and_those_of_the_tail_wait() {
        let band = || Band::of(&cells(), (0.91, 0.99));
        let explained = |bands: &[Band]| explained_quantile("p99", bands, &["node"], 0.95);
        assert!(explained(&[band(), band()]).is_none(), "sixteen requests are too few");
        let explained = explained(&[band(), band(), band()]).expect("24 requests");
        assert_eq!((explained.requests, explained.parts.len()), (24, 2));
        assert!((explained.sojourn_ms.mean - 10.0).abs() < 1e-9);
        let is_wait = |part: &&ExplainedPart| part.activity == Activity::WaitingForWorker;
        let wait = explained.parts.iter().find(is_wait).expect("they wait");
        assert!((wait.ms.mean - 9.0).abs() < 1e-9, "{:?}", wait.ms);
    }
}
