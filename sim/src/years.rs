//! Years of failures: what they cost each flow, from two time scales.
//!
//! The failure process alone, which is that of the engine, runs over many horizons without any request (`lives`) and
//! is divided into episodes (`episodes`). Of those that are alike some are played with requests, without the long
//! stays in which nothing changes (`excerpt`, `observed`). Both are put together by stratified estimates (`strata`,
//! `figures`).

mod calm;
mod culprit;
mod episodes;
mod excerpt;
mod figures;
mod lives;
mod observed;
mod outline;
mod played;
mod settling;
mod state;
mod strata;

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::network::Network;
use crate::random::{Purpose, Stream};
use crate::stats::Estimate;
use crate::time::SimDuration;

pub use culprit::{Culprit, PerCulprit};
pub(crate) use lives::{can_be_foreseen, failures_per_second, may_fail};
pub(crate) use settling::Settling;

use calm::Calm;
use lives::Unattended;
use outline::Outline;
use played::Player;
use strata::Strata;

/// Horizons are added until what is lost in them is known within this share of it, as far as they differ.
const PRECISION_OF_LIVES: f64 = 0.03;
/// No more episodes are gathered than this.
const MOST_EPISODES: usize = 500_000;
/// Nor more horizons.
const MOST_HORIZONS: u32 = 1_000_000;
/// Fewer horizons say too little of a single one, unless so much fails in each that fewer must do.
const LEAST_HORIZONS: u32 = 1000;
/// See [`LEAST_HORIZONS`].
const LEAST_OF_ALL: u32 = 10;

/// What is asked of the years of a deployment.
pub(crate) struct Asked<'a> {
    pub(crate) network: &'a Network,
    /// By cluster, how many nodes carry what comes.
    pub(crate) needed: Vec<usize>,
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
    /// The share of seconds in which at least as many are answered as fail.
    pub time_available: Estimate,
    /// Outages, which are times in which more fail than are answered, a year.
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
    let unattended = Unattended::new(asked.network);
    let mut strata = Strata::default();
    let order = |outline: &Outline| {
        let stream = Stream::new(asked.seed, outline.horizon, Purpose::Episodes, 0);
        stream.draw(u64::from(outline.number))
    };
    let (mut horizons, mut unsettled) = (asked.horizons.max(1), 0);
    if unattended.is_ever_changed() {
        let each = failures_per_second(asked.network) * asked.horizon.as_seconds();
        let affordable = (MOST_EPISODES as f64 / each) as u32;
        horizons = horizons.max(LEAST_HORIZONS.min(affordable).max(LEAST_OF_ALL));
        strata.add(outlines(asked, &unattended, 0..horizons, stop)?, order);
        loop {
            let player = Player { asked, calm: &calm, unattended: &unattended, horizons };
            unsettled += player.play(&mut strata, stop)?;
            let is_known = figures::are_known(asked, &calm, &strata, horizons, PRECISION_OF_LIVES);
            let episodes = 2 * strata.outlines.len();
            if is_known || episodes > MOST_EPISODES || horizons > MOST_HORIZONS / 2 {
                break;
            }
            strata.add(outlines(asked, &unattended, horizons..2 * horizons, stop)?, order);
            horizons *= 2;
        }
    }
    Some(figures::years(asked, &calm, &strata, horizons, unsettled))
}

/// The episodes of these horizons.
fn outlines(
    asked: &Asked<'_>,
    unattended: &Unattended,
    horizons: std::ops::Range<u32>,
    stop: &AtomicBool,
) -> Option<Vec<Outline>> {
    let of_each: Vec<Option<Vec<Outline>>> = horizons
        .into_par_iter()
        .map(|number| {
            (!stop.load(Ordering::Relaxed)).then(|| of_horizon(asked, unattended, number))
        })
        .collect();
    let of_each: Vec<Vec<Outline>> = of_each.into_iter().collect::<Option<_>>()?;
    Some(of_each.into_iter().flatten().collect())
}

fn of_horizon(asked: &Asked<'_>, unattended: &Unattended, horizon: u32) -> Vec<Outline> {
    let life = unattended.life(asked.seed, horizon, asked.horizon);
    let episodes = episodes::episodes(asked, &life);
    let outline = |(number, episode): (usize, &episodes::Episode)| {
        Outline::of(episode, asked.network, &asked.settling, (horizon, number as u32))
    };
    episodes.iter().enumerate().map(outline).collect()
}
