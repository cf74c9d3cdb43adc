//! How often intervals cover the truth: the same short experiment with many seeds.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::found;
use super::systems::{poisson, service, station};
use crate::deployment::{AllocationBudget, Discipline, GarbageCollection, Policy, Profile};
use crate::experiment::{ExperimentError, Unwatched, compare};
use crate::quantity::Quantity;
use crate::random::Shape;
use crate::results::Results;
use crate::scenario::{Replications, Scenario};
use crate::stats::{Estimate, QUANTILES};
use crate::theory;
use crate::time::SimDuration;

/// Windows, seconds, and replications of the experiments: a short and a long one, few and many.
pub const PLANS: [(f64, u32); 4] = [(60.0, 6), (60.0, 20), (600.0, 6), (600.0, 20)];
const CONFIDENCE: f64 = 0.95;
/// Mean service time, seconds, so long that the short window has few requests.
const SERVICE: f64 = 0.01;
/// Long against the relaxation time of every system.
const WARM_UP: f64 = 30.0;
/// Where nobody knows the exact value, that of so long a run stands for it: its error is a sixth of
/// that of the longest experiment. No experiment has its seed.
const REFERENCE: (f64, u32, u64) = (10_000.0, 40, 1 << 40);

/// A system whose quantities are estimated again and again.
#[derive(Clone, Debug)]
pub struct System {
    /// In Kendall's notation where it has one.
    pub name: &'static str,
    scenario: Scenario,
    truths: Vec<(Quantity, f64)>,
}

/// What became of the intervals of one quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// The quantity.
    pub quantity: Quantity,
    /// Intervals with both ends …
    pub closed: u32,
    /// … of which so many cover the truth.
    pub covering: u32,
    /// Intervals with one end …
    pub open: u32,
    /// … of which so many say what is true.
    pub holding: u32,
    /// Estimates without an interval.
    pub unknown: u32,
}

impl Coverage {
    fn of(quantity: Quantity, truth: f64, estimates: &[Option<Estimate>]) -> Self {
        let mut coverage =
            Self { quantity, closed: 0, covering: 0, open: 0, holding: 0, unknown: 0 };
        for estimate in estimates {
            match estimate.map(|found| (found.lower.is_some(), found.upper.is_some(), found)) {
                Some((true, true, found)) => {
                    coverage.closed += 1;
                    coverage.covering += u32::from(found.covers(truth));
                }
                Some((false, false, _)) | None => coverage.unknown += 1,
                Some((_, _, found)) => {
                    coverage.open += 1;
                    coverage.holding += u32::from(found.covers(truth));
                }
            }
        }
        coverage
    }

    /// Share of the intervals with both ends that cover the truth; none where there is none.
    pub fn share(&self) -> Option<f64> {
        (self.closed > 0).then(|| f64::from(self.covering) / f64::from(self.closed))
    }

    /// Whether so many misses may be chance where intervals cover with a probability of `least`: they
    /// are no more than three standard deviations above their number.
    pub fn is_at_least(&self, least: f64) -> bool {
        let (of, misses) = (f64::from(self.closed), f64::from(self.closed - self.covering));
        misses <= of * (1.0 - least) + 3.0 * (of * least * (1.0 - least)).sqrt()
    }
}

/// The systems: those whose truth is known exactly, one whose service times vary widely, and one core
/// that is shared and stands still now and then.
///
/// # Errors
///
/// If it was stopped while those whose truth nobody knows were simulated.
pub fn systems(stop: &AtomicBool) -> Result<Vec<System>, ExperimentError> {
    let pausing = System {
        truths: vec![(Quantity::Throughput, 0.5 / SERVICE)],
        ..system("M/M/1 PS with pauses, load 0.5", 0.5, pausing())
    };
    let referred: Result<Vec<System>, _> =
        [heavy(), pausing].into_iter().map(|system| system.with_reference(stop)).collect();
    Ok([known(), referred?].concat())
}

/// One whose service times vary widely, of which the mean is known exactly.
pub fn heavy() -> System {
    let fcfs = Discipline::FirstComeFirstServed;
    let lognormal = Profile { discipline: fcfs, ..slow(1.0, Shape::Lognormal { cv: 3.0 }) };
    let mean = 1e3 * theory::mg1::mean_sojourn(0.5 / SERVICE, SERVICE, 3.0);
    System {
        truths: vec![(Quantity::MEAN, mean), (Quantity::Throughput, 0.5 / SERVICE)],
        ..system("M/G/1, cv 3, load 0.5", 0.5, lognormal)
    }
}

/// The systems whose truth is known exactly: one whose tail is, and one that rejects what does not fit.
pub fn known() -> Vec<System> {
    let rate = |load: f64| load / SERVICE;
    let fcfs = Discipline::FirstComeFirstServed;
    let single = Profile { discipline: fcfs, ..slow(1.0, Shape::Exponential) };
    let mut exact = vec![
        (Quantity::MEAN, 1e3 * theory::mm1::mean_sojourn(rate(0.7), rate(1.0))),
        (Quantity::Throughput, rate(0.7)),
    ];
    exact.extend(QUANTILES.map(|p| {
        (Quantity::quantile(p), 1e3 * theory::mm1::sojourn_quantile(rate(0.7), rate(1.0), p))
    }));
    let losing =
        Profile { workers: 2, queue: Some(8), discipline: fcfs, ..slow(2.0, Shape::Exponential) };
    let lost = theory::mmck::bounded(rate(1.9), rate(1.0), 2, 10);
    let lossy =
        vec![(Quantity::MEAN, 1e3 * lost.mean_sojourn), (Quantity::ErrorRate, lost.blocking)];
    vec![
        System { truths: exact, ..system("M/M/1, load 0.7", 0.7, single) },
        System { truths: lossy, ..system("M/M/2/10, load 0.95", 1.9, losing) },
    ]
}

fn system(name: &'static str, load: f64, profile: Profile) -> System {
    let scenario = station(poisson(load / SERVICE), profile, 1, Policy::RoundRobin);
    System { name, scenario, truths: Vec::new() }
}

/// A station of the given mean service time.
fn slow(cores: f64, shape: Shape) -> Profile {
    let mut profile = service(cores, shape);
    for demand in profile.demands.values_mut() {
        demand.mean = SimDuration::from_seconds(SERVICE);
    }
    profile
}

/// A core that stands still for a quarter of a second after every 700 requests, longer with more in
/// flight.
fn pausing() -> Profile {
    let gc = GarbageCollection {
        budget: AllocationBudget::Requests(700.0),
        pause: SimDuration::from_ms(250.0),
        cv: 0.5,
        per_in_flight: SimDuration::from_ms(5.0),
        full: None,
        threads: None,
    };
    Profile { gc: Some(gc), ..slow(1.0, Shape::Exponential) }
}

impl System {
    /// The same, with what a very long run finds of what is not known exactly.
    fn with_reference(self, stop: &AtomicBool) -> Result<Self, ExperimentError> {
        let (window, replications, seed) = REFERENCE;
        let results = self.results(window, replications, seed, stop)?;
        let mut truths = self.truths.clone();
        for quantity in [Quantity::MEAN].into_iter().chain(QUANTILES.map(Quantity::quantile)) {
            if truths.iter().all(|(known, _)| *known != quantity) {
                truths.extend(found(quantity, &results).map(|found| (quantity, found.mean)));
            }
        }
        Ok(Self { truths, ..self })
    }

    /// The coverage of the intervals of as many experiments as there are seeds, which count from 1.
    ///
    /// # Errors
    ///
    /// If it was stopped.
    pub fn coverage(
        &self,
        (window, replications): (f64, u32),
        seeds: u32,
        stop: &AtomicBool,
    ) -> Result<Vec<Coverage>, ExperimentError> {
        let results: Result<Vec<Results>, _> = (1..=u64::from(seeds))
            .into_par_iter()
            .map(|seed| self.results(window, replications, seed, stop))
            .collect();
        let results = results?;
        let coverage = |(quantity, truth): &(Quantity, f64)| {
            let estimates: Vec<_> =
                results.iter().map(|results| found(*quantity, results)).collect();
            Coverage::of(*quantity, *truth, &estimates)
        };
        Ok(self.truths.iter().map(coverage).collect())
    }

    fn results(
        &self,
        window: f64,
        replications: u32,
        seed: u64,
        stop: &AtomicBool,
    ) -> Result<Results, ExperimentError> {
        let mut scenario = self.scenario.clone();
        scenario.run.window = SimDuration::from_seconds(window);
        scenario.run.warm_up = Some(SimDuration::from_seconds(WARM_UP));
        scenario.run.replications = Replications::Fixed(replications);
        scenario.run.seed = seed;
        scenario.run.confidence = CONFIDENCE;
        compare(&scenario, &Unwatched, stop)
    }
}
