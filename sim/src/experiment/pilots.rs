//! Replications that are not observed, from which the warm-up is found.

use super::in_order;
use super::plan::Plan;
use super::progress::Watched;
use super::warm_up::{PILOTS, least_warm_up, pilot_length};
use crate::engine::{Asked, Observations, Run};
use crate::scenario::Scenario;
use crate::stats::warmup::mser5;
use crate::study::{Situation, WarmUp};
use crate::time::{SimDuration, SimTime};

/// Parts of the series from which the warm-up is found.
const SERIES: u32 = 500;

/// Pilots are other replications than those observed, so that what they find does not depend on it.
const FIRST_PILOT: u32 = 1 << 31;
/// Finds the warm-up that suits every deployment that is not overloaded, so that all observe the same
/// arrivals. Pilot replications (see [`pilot_length`]) are pooled per deployment; schedules stand
/// still at their first rate.
pub(super) fn find_warm_up(
    scenario: &Scenario,
    situations: &[Situation],
    plan: &Plan<'_>,
    watched: &Watched<'_>,
) -> WarmUp {
    let length = pilot_length(scenario);
    let runs: Vec<(usize, u32)> = plan
        .pilots
        .iter()
        .flat_map(|candidate| (0..PILOTS).map(move |pilot| (*candidate, pilot)))
        .collect();
    let pilots = in_order(&runs, |(candidate, pilot)| {
        let run = Run {
            seed: scenario.run.seed,
            replication: FIRST_PILOT + *pilot,
            warm_up: length,
            window: SimDuration(1),
            outages: &[],
            suppliers: &[],
            asked: Asked { series: SERIES, ..Asked::default() },
        };
        let expected =
            |now: SimTime| plan.workloads[*candidate].until(length, now.min(SimTime(length.0)));
        watched.simulate(&situations[*candidate].network, &run, &expected)
    });
    let part = length.as_nanos() / f64::from(SERIES);
    let cuts: Vec<Option<usize>> = pilots.chunks(PILOTS as usize).map(cut).collect();
    let settled = cuts.iter().all(Option::is_some);
    let longest = cuts.iter().map(|cut| cut.unwrap_or(SERIES as usize / 2)).max().unwrap_or(0);
    let found = SimDuration((longest as f64 * part).round() as u64);
    WarmUp { span: found.max(least_warm_up(scenario)), settled }
}

/// How many parts of the pooled series of pilots are cut off; none where it does not settle.
fn cut(pilots: &[Option<Observations>]) -> Option<usize> {
    let series: Vec<&[f64]> =
        pilots.iter().flatten().map(|pilot| pilot.series.as_slice()).collect();
    let parts = series.iter().map(|each| each.len()).min().unwrap_or(0);
    let pooled: Vec<f64> =
        (0..parts).map(|part| series.iter().map(|each| each[part]).sum()).collect();
    mser5(&pooled)
}
