//! Replications that are not observed, from which the warm-up is found.

use super::in_order;
use super::plan::Plan;
use super::progress::Watched;
use crate::deployment::{Arrivals, Flow};
use crate::engine::{Asked, Observations, Run};
use crate::scenario::Scenario;
use crate::stats::warmup::mser5;
use crate::study::{Situation, WarmUp};
use crate::time::{SimDuration, SimTime};

/// Replications and parts of the series from which the warm-up is found.
pub(super) const PILOTS: u32 = 5;
const SERIES: u32 = 500;

/// Whether anything happens before the window; traces begin with it, schedules stand still at their
/// first rate.
pub(super) fn settles(scenario: &Scenario) -> bool {
    let is_trace = |flow: &Flow| matches!(flow.arrivals, Arrivals::Trace { .. });
    !scenario.flows.iter().all(is_trace)
}

/// Pilots are other replications than those observed, so that what they find does not depend on it.
const FIRST_PILOT: u32 = 1 << 31;
/// The least warm-up that is found, as a share of the window: where a transient is as small as the
/// noise, MSER tends to see none.
const LEAST_WARM_UP: f64 = 0.1;

/// The least warm-up that is found.
pub(super) fn least_warm_up(scenario: &Scenario) -> SimDuration {
    SimDuration((LEAST_WARM_UP * scenario.run.window.as_nanos()).round() as u64)
}

/// Half of the window, at least 20 s and at most 10 min, but never more than the window.
pub(super) fn pilot_length(scenario: &Scenario) -> SimDuration {
    let second = |seconds: f64| SimDuration::from_seconds(seconds);
    let half = SimDuration(scenario.run.window.0 / 2);
    half.clamp(second(20.0), second(600.0)).min(scenario.run.window)
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verification;

    #[test]
    fn a_pilot_is_half_of_the_window_from_20_s_to_10_min_and_no_longer_than_it() {
        let mut scenario = verification::cases().swap_remove(0).scenario;
        let mut pilot = |seconds: f64| {
            scenario.run.window = SimDuration::from_seconds(seconds);
            pilot_length(&scenario).as_seconds()
        };
        assert_eq!([10.0, 30.0, 60.0, 7200.0].map(&mut pilot), [10.0, 20.0, 30.0, 600.0]);
    }

    #[test]
    fn before_a_window_of_traces_alone_nothing_settles() {
        let mut scenario = verification::cases().swap_remove(0).scenario;
        assert!(settles(&scenario));
        let trace =
            Flow { arrivals: Arrivals::Trace { times: Vec::new() }, ..scenario.flows[0].clone() };
        scenario.flows.push(trace);
        assert!(settles(&scenario));
        scenario.flows.remove(0);
        assert!(!settles(&scenario));
    }
}
