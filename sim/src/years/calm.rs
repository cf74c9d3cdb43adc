//! What requests experience while nothing fails.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::Asked;
use super::excerpt::scripted;
use super::observed::{FIRST_REPLICATION, is_served};
use crate::engine::{self, Run};
use crate::network::Network;
use crate::stats::{Estimate, Histogram};
use crate::time::SimDuration;

/// Replications of the window without failures.
const REPLICATIONS: u32 = 4;
/// The degrees of freedom of what they show.
pub(super) const CALM_FREEDOM: f64 = REPLICATIONS as f64 - 1.0;
/// So many requests are enough in each.
const REQUESTS: f64 = 200_000.0;

/// What calm is like.
#[derive(Debug)]
pub(super) struct Calm {
    /// The network on which nothing happens by itself.
    pub(super) network: Network,
    /// One per flow.
    pub(super) flows: Vec<CalmFlow>,
}

/// A flow in calm.
#[derive(Debug)]
pub(super) struct CalmFlow {
    /// Requests that end, a second.
    pub(super) rate: f64,
    /// The share of them that is lost.
    pub(super) lost: Estimate,
    /// The share of seconds in which it is not served.
    pub(super) unserved: f64,
    /// Sojourn times, and the seconds in which they were seen.
    pub(super) sojourn: Histogram,
    pub(super) seconds: f64,
}

impl Calm {
    /// None if `stop` is set.
    pub(super) fn observe(asked: &Asked<'_>, stop: &AtomicBool) -> Option<Self> {
        let network = scripted(asked.network, asked.window);
        let rates = network.flows.iter().map(|flow| flow.arrivals.mean_rate(asked.window));
        let rate: f64 = rates.map(|rate| rate.unwrap_or(0.0)).sum();
        let enough = SimDuration::from_seconds((REQUESTS / rate.max(1.0)).ceil());
        let window = asked.window.min(enough);
        let run = |replication: u32| Run {
            seed: asked.seed,
            replication: 2 * FIRST_REPLICATION + replication,
            warm_up: asked.settling.warm_up,
            window,
            outages: &[],
            suppliers: &[],
            asked: engine::Asked { timeline: true, ..engine::Asked::default() },
        };
        let all: Vec<Option<engine::Observations>> = (0..REPLICATIONS)
            .into_par_iter()
            .map(|replication| engine::simulate(&network, &run(replication), stop))
            .collect();
        let all: Vec<engine::Observations> = all.into_iter().collect::<Option<_>>()?;
        let seconds = window.as_seconds() * f64::from(REPLICATIONS);
        let flow = |flow: usize| {
            let seen: Vec<&engine::FlowObservations> =
                all.iter().map(|seen| &seen.flows[flow]).collect();
            let ended = |seen: &&engine::FlowObservations| (seen.answered + seen.failures()) as f64;
            let pairs: Vec<(f64, f64)> =
                seen.iter().map(|seen| (seen.failures() as f64, ended(seen))).collect();
            let mut sojourn = Histogram::default();
            for seen in &seen {
                sojourn.merge(&seen.sojourn);
            }
            let all_seconds = seen.iter().flat_map(|seen| &seen.timeline);
            let unserved = all_seconds.filter(|second| !is_served(second)).count();
            // Known exactly where it is stated: users who wait for their answers have none.
            let stated = network.flows[flow].arrivals.mean_rate(window).filter(|rate| *rate > 0.0);
            CalmFlow {
                rate: stated.unwrap_or(seen.iter().map(ended).sum::<f64>() / seconds),
                lost: Estimate::of_ratio(&pairs, asked.confidence)
                    .unwrap_or(Estimate::symmetric(0.0, 0.0)),
                unserved: unserved as f64 / seconds,
                sojourn,
                seconds,
            }
        };
        let flows = (0..network.flows.len()).map(flow).collect();
        Some(Self { network, flows })
    }
}
