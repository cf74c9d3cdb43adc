//! Years of failures: what they cost each flow, from two time scales.
//!
//! The failure process alone, which is that of the engine, runs without any request: in chains of failures of which each
//! next one is forced (`sources`, `chains`), or where what has happened tells when the next will come, over whole
//! horizons (`lives`, `population`). What happens is divided into episodes (`episodes`). Of those that are alike some are
//! played with requests, without the long stays in which nothing changes (`excerpt`, `observed`, `played`). Both are put
//! together by stratified estimates (`strata`, `figures`), and single horizons drawn from them (`drawn`). Whole windows with
//! every request (`endured`) are what all this is held against.

mod calm;
mod chains;
mod culprit;
mod drawn;
mod endured;
mod episodes;
mod excerpt;
mod figures;
mod lives;
mod observed;
mod outline;
mod played;
mod population;
mod settling;
mod sources;
mod state;
mod strata;

use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use crate::network::Network;
use crate::stats::Estimate;
use crate::time::SimDuration;

pub use culprit::{Culprit, PerCulprit};
pub(crate) use endured::endure;
pub use endured::{Endured, Retold};
pub(crate) use lives::{can_be_foreseen, failures_per_second, may_fail};
pub(crate) use settling::Settling;

use calm::Calm;
use played::Player;
use population::Population;
use strata::Strata;

/// Episodes are added until what is lost in them is known within this share of it, as far as they differ.
const PRECISION_OF_EPISODES: f64 = 0.04;

/// What is asked of the years of a deployment.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) network: &'a Network,
    /// By cluster, how many nodes what comes keeps busy.
    pub(crate) load: Vec<f64>,
    /// By cluster, whether the requests of flows pass it on their way.
    pub(crate) serves: Vec<bool>,
    /// By flow, whether its tokens are valid wherever they come.
    pub(crate) has_tokens_that_last: Vec<bool>,
    /// By flow, the availability that is asked for.
    pub(crate) limits: Vec<Option<f64>>,
    pub(crate) seed: u64,
    pub(crate) window: SimDuration,
    pub(crate) settling: Settling,
    pub(crate) horizon: SimDuration,
    /// So many horizons at least.
    pub(crate) horizons: u32,
    pub(crate) confidence: f64,
}

/// What years of failures cost the flows of a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Years {
    /// So many horizons have passed.
    pub horizons: u32,
    /// With so many episodes.
    pub episodes: u64,
    /// Of which so many were played with requests.
    pub played: u32,
    /// So many of those had not settled when they were left.
    pub unsettled: u32,
    /// One per flow.
    pub flows: Vec<FlowYears>,
}

/// What years of failures cost a flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowYears {
    /// The share of requests that are answered correctly and in time.
    pub availability: Estimate,
    /// The share of time that is no outage.
    pub time_available: Estimate,
    /// Outages a year: each begins with a second in which more requests fail than are answered, and ends with the last
    /// such second before ten in a row that are not so.
    pub outages_per_year: f64,
    /// How long they last, seconds: the mean, and what 19 of 20 stay below; none where there are none.
    pub outage_seconds: Option<(f64, f64)>,
    /// Requests lost a year.
    pub lost_per_year: Estimate,
    /// The share of horizons that meet the goal; none where none is stated.
    pub meets_goal: Option<Estimate>,
    /// p99 and p99.9 of all answers of a year, ms.
    pub latency_ms: Option<(f64, f64)>,
    /// Minutes a year in which the flow is down, as many as all requests that are lost take to come, by what they are
    /// put down to.
    pub minutes: PerCulprit,
}

/// Minutes of a year of 365 days.
pub const MINUTES_OF_A_YEAR: f64 = 525_600.0;

impl Years {
    /// Whether its numbers can be what a simulation saw.
    pub(crate) fn is_sound(&self) -> bool {
        self.flows.iter().all(FlowYears::is_sound)
    }
}

impl FlowYears {
    fn is_sound(&self) -> bool {
        let shares = [self.availability, self.time_available].into_iter().chain(self.meets_goal);
        let is_share = |found: Estimate| (0.0..=1.0).contains(&found.mean);
        let counts = [self.outages_per_year, self.lost_per_year.mean].into_iter();
        let pairs = [self.outage_seconds, self.latency_ms].into_iter().flatten();
        let mut numbers = counts.chain(pairs.flat_map(|(one, other)| [one, other]));
        shares.into_iter().all(is_share)
            && numbers.all(|number| number.is_finite() && number >= 0.0)
            && self.minutes.iter().all(|minutes| minutes.is_finite())
    }

    /// Minutes a year, as many as all requests that are lost take to come.
    pub fn downtime_minutes(&self) -> Estimate {
        self.availability.complement().scaled(MINUTES_OF_A_YEAR)
    }
}

/// What years cost; none if `stop` is set before it is known.
pub(crate) fn observe(asked: &Asked<'_>, stop: &AtomicBool) -> Option<Years> {
    let calm = Calm::observe(asked, stop)?;
    let mut strata = Strata::default();
    let Some(population) = Population::of(asked) else {
        return Some(figures::years(asked, &calm, None, &strata, 0));
    };
    let player = Player::new(&population, &calm);
    let (mut groups, mut unsettled) = (population.first_groups(), 0);
    let mut from = 0;
    loop {
        strata.add(population.outlines(from..groups, stop)?, groups);
        strata.in_horizon = population.groups_in_horizon(strata.mean_lasts());
        unsettled += player.play(&mut strata, stop)?;
        let is_known = figures::are_known(asked, &calm, &strata, PRECISION_OF_EPISODES);
        if is_known || Population::is_exhausted(groups, strata.outlines.len()) {
            break;
        }
        (from, groups) = (groups, 2 * groups);
    }
    Some(figures::years(asked, &calm, Some(&population), &strata, unsettled))
}
