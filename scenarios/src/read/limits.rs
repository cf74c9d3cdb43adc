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

/// Rates × (warm-up + window) × replications × deployments.
pub(crate) fn requests(scenario: &Scenario) -> f64 {
    let run = &scenario.run;
    let warm_up = run.warm_up.map_or(0.0, SimDuration::as_seconds);
    let seconds = run.window.as_seconds() + warm_up;
    let replications = match run.replications {
        Replications::Fixed(count) => count,
        Replications::Precision { max, .. } => max,
    };
    let per_run: f64 = scenario.flows.iter().map(|flow| arrivals(flow, seconds)).sum();
    per_run * f64::from(replications) * scenario.deployments.len() as f64
}

fn arrivals(flow: &Flow, seconds: f64) -> f64 {
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
