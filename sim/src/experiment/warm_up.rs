//! What is known of the warm-up before anything is simulated.

use crate::deployment::{Arrivals, Flow};
use crate::scenario::Scenario;
use crate::time::SimDuration;

/// Replications from which the warm-up is found.
pub(super) const PILOTS: u32 = 5;

/// Whether anything happens before the window; traces begin with it, schedules stand still at their
/// first rate.
pub(super) fn settles(scenario: &Scenario) -> bool {
    let is_trace = |flow: &Flow| matches!(flow.arrivals, Arrivals::Trace { .. });
    !scenario.flows.iter().all(is_trace)
}

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
