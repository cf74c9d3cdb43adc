//! How much work a scenario asks for, roughly: enough to stop what would never end.

use sim::deployment::{Arrivals, Flow};
use sim::scenario::{Replications, Scenario};
use sim::time::SimDuration;

use crate::document::Place;
use crate::read::section::Context;

/// More requests than this would take days.
const MOST_REQUESTS: f64 = 1e11;

/// A user that neither thinks nor waits for a backend still waits for nodes: about so long.
const LEAST_CYCLE_SECONDS: f64 = 0.01;

/// Notes that a scenario asks for too many requests.
pub(crate) fn check(context: Context<'_>, scenario: &Scenario, place: Place) {
    let requests = requests(scenario);
    if requests <= MOST_REQUESTS {
        return;
    }
    let what = format!("about {requests:.0e} requests would be simulated");
    let help = "at most 1e11 are: shorten run.window, take fewer run.replications or deployments, \
                or lower the rates";
    context.log.problem(place, what, help);
}

/// Rates × (warm-up + window) × replications × deployments; where isolation is asked for, once more with each
/// tenant alone and with one that is noisy.
pub(crate) fn requests(scenario: &Scenario) -> f64 {
    let run = &scenario.run;
    let warm_up = run.warm_up.map_or(0.0, SimDuration::as_seconds);
    let seconds = run.window.as_seconds() + warm_up;
    let replications = match run.replications {
        Replications::Fixed(count) => count,
        Replications::Precision { max, .. } => max,
    };
    let runs = |flow: &Flow| match &scenario.isolation {
        None => 1.0,
        Some(isolation) if isolation.noisy == flow.tenant => 2.0 + isolation.factor,
        Some(_) => 3.0,
    };
    let per_run: f64 = scenario.flows.iter().map(|flow| runs(flow) * arrivals(flow, seconds)).sum();
    per_run * f64::from(replications) * scenario.deployments.len() as f64
}

/// About so many requests of a flow in so many seconds.
pub(crate) fn arrivals(flow: &Flow, seconds: f64) -> f64 {
    match &flow.arrivals {
        Arrivals::Poisson { rate } | Arrivals::Deterministic { rate } => rate * seconds,
        Arrivals::Mmpp { rates, stays } => {
            let weights = stays.iter().map(|stay| stay.as_seconds());
            let weighted: f64 = rates.iter().zip(weights.clone()).map(|(r, s)| r * s).sum();
            weighted / weights.sum::<f64>() * seconds
        }
        Arrivals::Schedule { points } => {
            points.iter().map(|(_, rate)| *rate).fold(0.0, f64::max) * seconds
        }
        Arrivals::Trace { times } => times.len() as f64,
        Arrivals::Closed { users, think } => {
            let backend = flow.backend.as_ref().map_or(0.0, |law| law.mean.as_seconds());
            let cycle = think.mean.as_seconds() + backend + LEAST_CYCLE_SECONDS;
            f64::from(*users) / cycle * seconds
        }
        // They are among the requests of the users' own flow.
        Arrivals::OfUsers { .. } => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use sim::random::Law;
    use sim::scenario::Isolation;
    use sim::time::SimTime;

    use super::*;

    /// One flow in windows of a minute after 20 s, five replications of two deployments: 800 s.
    fn scenario() -> Scenario {
        let text = "[run]\nwindow = \"1 min\"\nwarm_up = \"20 s\"\nreplications = 5\n\
                    [[flow]]\nname = \"a\"\nkind = \"api\"\n\
                    arrivals = { process = \"poisson\", rate = \"9 /s\" }\n\
                    [[deployment]]\nname = \"d\"\npattern = \"standard-ha\"\n\
                    nodes = { all-in-one = 2 }\n\
                    [[deployment]]\nname = \"e\"\npattern = \"standard-ha\"\n\
                    nodes = { all-in-one = 3 }\n";
        crate::load_text("case.toml", text, ".".as_ref(), &[]).expect("it is right").scenario
    }

    #[test]
    fn the_requests_of_a_scenario_are_those_of_all_its_runs() {
        let mut scenario = scenario();
        assert_eq!(requests(&scenario), 9.0 * 800.0);
        scenario.run.replications = Replications::Precision { relative: 0.1, max: 7 };
        assert_eq!(requests(&scenario), 9.0 * 80.0 * 7.0 * 2.0);
        let noisy = scenario.flows[0].tenant.clone();
        scenario.isolation = Some(Isolation { noisy, factor: 10.0 });
        assert_eq!(requests(&scenario), 9.0 * 80.0 * 7.0 * 2.0 * 12.0);
        scenario.isolation = Some(Isolation { noisy: "other".to_owned(), factor: 10.0 });
        assert_eq!(requests(&scenario), 9.0 * 80.0 * 7.0 * 2.0 * 3.0);
        scenario.isolation = None;
        scenario.run.warm_up = None;
        assert_eq!(requests(&scenario), 9.0 * 60.0 * 7.0 * 2.0);
    }

    #[test]
    fn every_process_brings_its_mean_or_its_most() {
        let mut scenario = scenario();
        let seconds = SimDuration::from_seconds;
        let mut per_second = |arrivals: Arrivals| {
            scenario.flows[0].arrivals = arrivals;
            requests(&scenario) / 800.0
        };
        let stays = vec![seconds(50.0), seconds(10.0)];
        let bursts = Arrivals::Mmpp { rates: vec![100.0, 400.0], stays };
        assert!((per_second(bursts) - 150.0).abs() < 1e-9);
        let points = vec![(SimTime(0), 5.0), (SimTime(1), 20.0), (SimTime(2), 8.0)];
        assert_eq!(per_second(Arrivals::Schedule { points }), 20.0);
        // A trace is as long in each of ten runs.
        let times = vec![SimTime(1); 160];
        assert_eq!(per_second(Arrivals::Trace { times }), 2.0);
        scenario.flows[0].backend = Some(Law::constant(seconds(0.49)));
        let think = Law::constant(seconds(1.5));
        scenario.flows[0].arrivals = Arrivals::Closed { users: 30, think };
        assert!((requests(&scenario) / 800.0 - 15.0).abs() < 1e-9);
    }
}
