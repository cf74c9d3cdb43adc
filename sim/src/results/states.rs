//! Whether a flow has two long-lived states at one load: with timeouts and retries a high load has, and an
//! average over both misleads (Bronson, Aghayev, Charapko and Zhu, "Metastable failures in distributed
//! systems", `HotOS` 2021).

use super::overload;
use super::sample::Sample;
use crate::deployment::{Arrivals, Flow};
use crate::engine::{Change, SecondObservations};
use crate::network::Station;
use crate::quantity::FlowSample;
use crate::scenario::Scenario;
use crate::study::Situation;
use crate::time::SimDuration;

/// A flow has collapsed from this share of errors on, and is healthy up to that one.
const COLLAPSED: f64 = 0.2;
const HEALTHY: f64 = 0.05;
/// Seconds that a state is seen for at least.
const LEAST_SECONDS: usize = 5;
/// Loads are the same up to this factor.
const SAME: f64 = 1.05;

/// Tells replications that collapsed from healthy ones.
pub(super) fn of_replications(flow: &str, observed: &FlowSample<'_>) -> Option<String> {
    let shares: Vec<f64> = observed
        .seen
        .iter()
        .filter(|seen| seen.ended() > 0)
        .map(|seen| seen.failures() as f64 / seen.ended() as f64)
        .collect();
    let collapsed: Vec<f64> = shares.iter().copied().filter(|share| *share > COLLAPSED).collect();
    let healthy: Vec<f64> = shares.iter().copied().filter(|share| *share < HEALTHY).collect();
    if collapsed.is_empty() || healthy.is_empty() {
        return None;
    }
    let mean = |shares: &[f64]| 100.0 * shares.iter().sum::<f64>() / shares.len() as f64;
    Some(format!(
        "flow `{flow}` has two states: {} of {} replications collapsed ({:.0} % errors), {} stayed \
         healthy ({:.2} % errors); their average describes neither",
        collapsed.len(),
        shares.len(),
        mean(&collapsed),
        healthy.len(),
        mean(&healthy),
    ))
}

/// What drills leave behind: a flow that was healthy before the first, and that has collapsed at the end of the
/// window, when the last is long over, at the same load or less. Clients that come back bring what keeps it so.
pub(super) fn after_drills(
    scenario: &Scenario,
    situation: &Situation,
    sample: &Sample<'_>,
    index: usize,
    flow: usize,
) -> Option<String> {
    let seconds = sample.timeline(index).flows.get(flow)?;
    let spans = Spans::of(&scenario.flows[flow], situation, scenario.run.window)?;
    let (before, after) = (share(seconds, spans.before)?, share(seconds, spans.after)?);
    if before >= HEALTHY || after <= COLLAPSED {
        return None;
    }
    let Flow { name, retries, arrivals, .. } = &scenario.flows[flow];
    let (rate_before, rate_after) = (rate(arrivals, spans.before)?, rate(arrivals, spans.after)?);
    let attempts = 1.0 + f64::from(retries.max);
    let mut rates = overload::rates(scenario, situation);
    rates[flow] = attempts * rate_after;
    let cluster = overload::exceeded(situation, &rates)?;
    let cluster = &scenario.deployments[situation.deployment].clusters[cluster].name;
    let [first, last] = [spans.before, spans.after].map(|(from, until)| until - from);
    (rate_after <= SAME * rate_before).then(|| {
        format!(
            "flow `{name}` has two states at one load: {:.1} % errors in the {first} s before the drill, \
             {:.0} % in the last {last} s of the window, which begin {:.0} s after all is as it was before; \
             clients that give up and come back bring `{cluster}` up to {attempts} times {rate_after:.0} /s, \
             more than it can do, so that it stays there: let fewer wait (`queue`), or retry less",
            100.0 * before,
            100.0 * after,
            spans.after.0 as f64 - spans.over,
        )
    })
}

/// Whole seconds of the window, before drills and long after them.
struct Spans {
    before: (usize, usize),
    after: (usize, usize),
    /// When the last drill is over and its nodes answer again.
    over: f64,
}

impl Spans {
    /// None where clients never come back, or where one of them is too short: what ends after drills must have
    /// begun after them, and they get half of what is left for what is left of them to pass.
    fn of(flow: &Flow, situation: &Situation, window: SimDuration) -> Option<Self> {
        let patience = (1.0 + f64::from(flow.retries.max)) * flow.timeout?.as_seconds();
        let begins = situation.outages.iter().map(|outage| outage.at.as_seconds());
        let first = begins.reduce(f64::min)?.floor() as usize;
        let over = over(situation);
        let window = window.as_seconds();
        let from = (over + f64::max(patience, 0.5 * (window - over))).ceil() as usize;
        let until = window.floor() as usize;
        let is_long = first >= LEAST_SECONDS && until >= from + LEAST_SECONDS;
        let spans = Self { before: (0, first), after: (from, until), over };
        (flow.retries.max > 0 && is_long).then_some(spans)
    }
}

/// Share of errors of what ended in a span; none where nothing did.
fn share(seconds: &[SecondObservations], (from, until): (usize, usize)) -> Option<f64> {
    let seen = seconds.get(from..until.min(seconds.len()))?;
    let failed: u64 = seen.iter().map(|second| second.failed.total()).sum();
    let ended = failed + seen.iter().map(|second| second.answered).sum::<u64>();
    (ended > 0).then(|| failed as f64 / ended as f64)
}

/// When the last outage is over, with the start-up after a crash.
fn over(situation: &Situation) -> f64 {
    let end = |outage: &crate::engine::Outage| {
        let stations = situation.network.clusters.iter();
        let station = stations.take_while(|station| station.first_node <= outage.node).last();
        let start_up = match outage.begins {
            Change::Crash => station.map_or(0.0, Station::until_it_serves),
            _ => 0.0,
        };
        outage.at.as_seconds() + outage.lasts.as_seconds() + start_up
    };
    situation.outages.iter().map(end).fold(0.0, f64::max)
}

/// Mean rate of arrivals in these seconds of the window; none where users decide.
fn rate(arrivals: &Arrivals, (from, until): (usize, usize)) -> Option<f64> {
    let brought = |seconds: usize| match seconds {
        0 => Some(0.0),
        seconds => {
            let seconds = seconds as f64;
            Some(arrivals.mean_rate(SimDuration::from_seconds(seconds))? * seconds)
        }
    };
    Some((brought(until)? - brought(from)?) / (until - from) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::{Cause, PerCause};
    use crate::engine::FlowObservations;

    /// Of 1000 requests of each replication, so many failed.
    fn found(failed: &[u64]) -> Option<String> {
        let of = |failed: &u64| FlowObservations {
            answered: 1000 - failed,
            failed: PerCause::only(Cause::TimedOut, *failed),
            ..Default::default()
        };
        let seen: Vec<_> = failed.iter().map(of).collect();
        of_replications("orders", &FlowSample::fabricated(&seen))
    }

    #[test]
    fn replications_that_collapsed_are_told_from_healthy_ones() {
        let text = found(&[10, 610, 0, 20]).expect("two states");
        assert_eq!(
            text,
            "flow `orders` has two states: 1 of 4 replications collapsed (61 % errors), 3 stayed \
             healthy (1.00 % errors); their average describes neither"
        );
    }

    #[test]
    fn replications_that_are_alike_have_one_state() {
        assert_eq!(found(&[10, 20, 0, 40]), None);
        assert_eq!(found(&[610, 700, 300, 900]), None);
        assert_eq!(found(&[100, 120, 90, 110]), None);
    }

    #[test]
    fn a_replication_in_which_nothing_ended_has_no_state() {
        let ended = |answered, failed| FlowObservations {
            answered,
            failed: PerCause::of_each(|_| failed),
            ..Default::default()
        };
        let seen = [ended(10, 0), ended(0, 2), ended(0, 0)];
        let text = of_replications("orders", &FlowSample::fabricated(&seen)).expect("two states");
        assert!(text.contains("1 of 2 replications collapsed (100 % errors), 1 stayed"), "{text}");
    }

    #[test]
    fn a_share_at_the_edge_is_of_neither_state() {
        // Collapsed is above 20 % of errors, healthy below 5 %.
        assert_eq!(found(&[0, 200]), None);
        assert_eq!(found(&[50, 900]), None);
        assert!(found(&[49, 201]).is_some());
    }

    #[test]
    fn a_schedule_brings_in_a_span_what_lies_under_its_line() {
        use crate::time::SimTime;
        let at = |seconds: f64| SimTime(SimDuration::from_seconds(seconds).0);
        let points = vec![(at(0.0), 100.0), (at(10.0), 100.0), (at(20.0), 300.0)];
        let arrivals = Arrivals::Schedule { points };
        assert_eq!(rate(&arrivals, (0, 10)), Some(100.0));
        assert_eq!(rate(&arrivals, (10, 20)), Some(200.0));
        assert_eq!(rate(&arrivals, (20, 25)), Some(300.0));
        assert_eq!(rate(&Arrivals::Poisson { rate: 7.0 }, (3, 5)), Some(7.0));
    }
}
