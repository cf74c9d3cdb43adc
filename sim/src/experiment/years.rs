//! Years of failures of every deployment.

use std::sync::atomic::AtomicBool;

use super::Experiment;
use crate::deployment::{Role, Token};
use crate::results::overload;
use crate::scenario::Scenario;
use crate::study::{Situation, Study};
use crate::years::{self, Asked, Settling, Years};

impl Experiment<'_> {
    /// Adds to a study what failures cost over so many horizons at least, unless it has that. Where it is stopped
    /// before the end nothing is added.
    pub fn foresee(&self, study: &mut Study, horizons: u32, stop: &AtomicBool) {
        let is_known =
            |years: &Option<Years>| years.as_ref().is_none_or(|years| years.horizons >= horizons);
        if !study.years().is_empty() && study.years().iter().all(is_known) {
            return;
        }
        let whole = self.design.situations.iter().filter(|situation| situation.is_whole());
        let all: Option<Vec<Option<Years>>> = whole
            .map(|situation| {
                let asked = self.asked(situation, horizons);
                // What cannot carry what comes is not available, whatever fails.
                let mut carries = asked.needed.iter().zip(&situation.network.clusters);
                let does_carry = carries.all(|(needed, station)| *needed <= station.nodes);
                let Asked { network, settling, horizon, .. } = &asked;
                if !does_carry || !years::can_be_foreseen(network, settling, *horizon) {
                    return Some(None);
                }
                years::observe(&asked, stop).map(Some)
            })
            .collect();
        if let Some(all) = all {
            study.set_years(all);
        }
    }

    fn asked<'a>(&'a self, situation: &'a Situation, horizons: u32) -> Asked<'a> {
        let scenario = self.scenario;
        let network = &situation.network;
        let serves = |role: &Role| {
            matches!(role, Role::Gateway | Role::MicroIntegrator | Role::StreamingIntegrator)
        };
        let clusters = situation.placed.clusters.iter();
        let flows = 0..scenario.flows.len();
        Asked {
            network,
            needed: needed(scenario, situation),
            serves: clusters.map(|cluster| cluster.roles.iter().any(serves)).collect(),
            has_tokens_that_last: scenario
                .flows
                .iter()
                .map(|flow| flow.token == Token::Jwt)
                .collect(),
            limits: flows.map(|flow| scenario.goals_of(flow).availability).collect(),
            seed: scenario.run.seed,
            window: scenario.run.window,
            settling: Settling::of(network),
            horizon: scenario.horizon,
            horizons,
            confidence: scenario.run.confidence,
        }
    }
}

/// By cluster, how many nodes carry what comes on average.
fn needed(scenario: &Scenario, situation: &Situation) -> Vec<usize> {
    let (network, rates) = (&situation.network, overload::rates(scenario, situation));
    let clusters = 0..network.clusters.len();
    let of = |cluster: usize| {
        let station = &network.clusters[cluster];
        let (load, cores) = overload::load(network, cluster, &rates);
        let active = (cores / station.cores).max(1.0);
        // Above all of its nodes, where they cannot.
        if active < station.nodes as f64 && load <= cores { 1.0 } else { load / station.cores }
    };
    clusters.map(|cluster| (of(cluster).ceil() as usize).max(1)).collect()
}
