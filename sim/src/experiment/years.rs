//! Years of failures of every deployment.

use std::sync::atomic::AtomicBool;

use super::Experiment;
use crate::deployment::{Role, Token};
use crate::network::Station;
use crate::results::overload;
use crate::scenario::Scenario;
use crate::study::{Situation, Study};
use crate::time::SimDuration;
use crate::years::{self, Asked, Endured, Settling, Years};

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
                let mut carries = asked.load.iter().zip(&situation.network.clusters);
                let does_carry = carries.all(|(load, station)| *load <= station.nodes as f64);
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

    /// What the flows of the first deployment see in windows with all failures in them, one per replication, each after
    /// that warm-up; none if `stop` is set before the end. What [`Self::foresee`] says of a year is an estimate of this.
    pub fn endure(
        &self,
        replications: u32,
        warm_up: SimDuration,
        stop: &AtomicBool,
    ) -> Option<Vec<Vec<Endured>>> {
        let situation = self.design.situations.first()?;
        years::endure(&self.asked(situation, 1), replications, warm_up, stop)
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
            load: load(scenario, situation),
            serves: clusters.map(|cluster| cluster.roles.iter().any(serves)).collect(),
            has_tokens_that_last: scenario
                .flows
                .iter()
                .map(|flow| flow.token == Token::Jwt)
                .collect(),
            limits: flows.map(|flow| scenario.goals_of(flow).availability).collect(),
            seed: scenario.run.seed,
            window: scenario.run.window,
            settling: Settling::of(network, scenario.run.window),
            horizon: scenario.horizon,
            horizons,
            confidence: scenario.run.confidence,
        }
    }
}

/// By cluster, how many nodes what comes on average keeps busy: none where one serves and carries it, however many stand
/// by.
fn load(scenario: &Scenario, situation: &Situation) -> Vec<f64> {
    let (network, rates) = (&situation.network, overload::rates(scenario, situation));
    let of = |(cluster, station): (usize, &Station)| {
        let (load, cores) = overload::load(network, cluster, &rates);
        let stand_by = cores < station.nodes as f64 * station.cores;
        match (stand_by, load <= cores) {
            (true, true) => 0.0,
            // More than there are.
            (true, false) => load / cores * station.nodes as f64,
            (false, _) => load / station.cores,
        }
    };
    network.clusters.iter().enumerate().map(of).collect()
}
