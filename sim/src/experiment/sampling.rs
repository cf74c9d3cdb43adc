//! Whether a sample of a window tells of the whole: where rates change so slowly that every cluster is
//! always near the steady state of the rate that it has (the pointwise stationary approximation: Green and
//! Kolesar, Management Science 37, 1991; Whitt, ibid., shows that it becomes exact as rates change more
//! slowly).

use thiserror::Error;

use crate::network::rate_at;
use crate::results::overload;
use crate::scenario::Scenario;
use crate::study::Situation;
use crate::time::SimDuration;

/// Instants of the window at which loads are looked at.
const INSTANTS: usize = 1024;
/// By so much of its distance from saturation a load may be behind its rate, on average over the window.
const MOST_LAG: f64 = 0.01;

/// Why a sample does not tell of the whole window.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum Unsteady {
    /// A backlog grows at some time of it.
    #[error(
        "`sample` cannot show a backlog that grows for hours: where rates are highest, `{cluster}` of \
         `{deployment}` ({situation}) is offered {load:.1} of its {cores} cores; leave `sample` out, or take \
         those hours alone with `from` and `to`"
    )]
    Overloaded {
        /// Name of the deployment.
        deployment: String,
        /// Name of the situation.
        situation: String,
        /// Name of the cluster.
        cluster: String,
        /// What it is offered, stops included, in cores.
        load: f64,
        /// What it has.
        cores: f64,
    },
    /// Rates change faster than a cluster settles.
    #[error(
        "in a `sample` so short rates change faster than `{cluster}` of `{deployment}` ({situation}) \
         settles: its load is {:.1} % behind on average, where {} % are allowed; take `sample` {:.1} times as \
         long, or leave it out",
        100.0 * lag, 100.0 * MOST_LAG, lag / MOST_LAG
    )]
    Changing {
        /// Name of the deployment.
        deployment: String,
        /// Name of the situation.
        situation: String,
        /// Name of the cluster.
        cluster: String,
        /// By how much of its distance from saturation its load is behind its rate, 0..=1.
        lag: f64,
    },
}

/// Looks at every cluster in every situation, where a sample is asked for.
///
/// # Errors
///
/// If the sample would not tell of the whole window.
pub(super) fn check(scenario: &Scenario, situations: &[Situation]) -> Result<(), Unsteady> {
    if scenario.run.whole.is_none() {
        return Ok(());
    }
    for situation in situations {
        let rates = rates(scenario, situation);
        for cluster in 0..situation.network.clusters.len() {
            check_cluster(scenario, situation, cluster, &rates)?;
        }
    }
    Ok(())
}

fn check_cluster(
    scenario: &Scenario,
    situation: &Situation,
    cluster: usize,
    rates: &[Vec<f64>],
) -> Result<(), Unsteady> {
    let described = &scenario.deployments[situation.deployment];
    let (deployment, named) = (described.name.clone(), situation.name.clone());
    let name = described.clusters[cluster].name.clone();
    let loads: Vec<(f64, f64)> =
        rates.iter().map(|rates| overload::load(&situation.network, cluster, rates)).collect();
    let most = loads.iter().max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((load, cores)) = most.filter(|(load, cores)| load >= cores) {
        let (load, cores) = (*load, *cores);
        let (situation, cluster) = (named, name);
        return Err(Unsteady::Overloaded { deployment, situation, cluster, load, cores });
    }
    let visits = |rates: &Vec<f64>| {
        let through =
            |(flow, rate): (usize, &f64)| rate * situation.network.share_through(flow, cluster);
        rates.iter().enumerate().map(through).sum::<f64>()
    };
    let states = rates.iter().zip(&loads).map(|(rates, &(load, cores))| {
        let visits = visits(rates);
        let demand = if visits > 0.0 { load / visits } else { 0.0 };
        State { load: load / cores, relaxation: relaxation(load / cores, demand, cores) }
    });
    let lag = lag(&states.collect::<Vec<_>>(), scenario.run.window);
    if lag > MOST_LAG {
        return Err(Unsteady::Changing { deployment, situation: named, cluster: name, lag });
    }
    Ok(())
}

/// The rate of each flow at instants of the window.
fn rates(scenario: &Scenario, situation: &Situation) -> Vec<Vec<f64>> {
    let window = scenario.run.window;
    let constant = overload::rates(scenario, situation);
    let at = |instant: usize| {
        let seconds = (instant as f64 + 0.5) / INSTANTS as f64 * window.as_seconds();
        let flows = situation.network.flows.iter().zip(&constant);
        flows
            .map(|(flow, mean)| match &flow.arrivals {
                crate::deployment::Arrivals::Schedule { points } => rate_at(points, seconds),
                _ => *mean,
            })
            .collect()
    };
    (0..INSTANTS).map(at).collect()
}

/// A cluster at an instant.
#[derive(Clone, Copy)]
struct State {
    /// Share of its cores that is asked for, 0..1.
    load: f64,
    /// Seconds that it takes to settle.
    relaxation: f64,
}

/// Time in which a cluster forgets its past: that of an M/M/c queue (Morse, Stochastic properties of waiting
/// lines, Operations Research 3, 1955), or of one service where that is longer.
fn relaxation(load: f64, demand: f64, cores: f64) -> f64 {
    (demand / (cores * (1.0 - load.sqrt()).powi(2))).max(demand)
}

/// How far the load is behind its rate on average over the window: its change within a relaxation time,
/// relative to its distance from saturation.
fn lag(states: &[State], window: SimDuration) -> f64 {
    let steps = states.windows(2).map(|pair| {
        let (before, after) = (pair[0], pair[1]);
        let nearer = before.load.max(after.load);
        let change = ((after.load - before.load).abs() / (1.0 - nearer)).min(1.0);
        change * before.relaxation.max(after.relaxation)
    });
    steps.sum::<f64>() / window.as_seconds()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_forgets_its_past_the_more_slowly_the_nearer_it_is_to_saturation() {
        // (1 - √0.81)² is a hundredth.
        assert!((relaxation(0.81, 0.01, 1.0) - 1.0).abs() < 1e-9);
        assert!((relaxation(0.81, 0.01, 4.0) - 0.25).abs() < 1e-9);
        assert_eq!(relaxation(0.0, 0.01, 4.0), 0.01);
    }

    #[test]
    fn a_load_is_behind_by_what_it_changes_while_the_queue_settles() {
        let state = |load: f64| State { load, relaxation: 2.0 };
        let window = SimDuration::from_seconds(100.0);
        // From 0.2 to 0.6: by 0.4 of 0.4, for 2 s of 100; back again the same.
        let found = lag(&[state(0.2), state(0.6), state(0.6), state(0.2)], window);
        assert!((found - 0.04).abs() < 1e-12, "{found}");
        assert_eq!(lag(&[state(0.7), state(0.7)], window), 0.0);
        // A jump is no more than all of it.
        assert!((lag(&[state(0.0), state(0.9)], window) - 0.02).abs() < 1e-12);
    }
}
