//! All episodes that there can be: of whole horizons, or of chains of failures.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::Asked;
use super::chains::Chains;
use super::episodes::{Episode, episodes};
use super::lives::{Unattended, failures_per_second, settles_within};
use super::outline::Outline;
use super::sources::Sources;

/// No more episodes are gathered than this.
const MOST_EPISODES: usize = 1_000_000;
/// Nor more horizons.
const MOST_HORIZONS: u32 = 1_000_000;
/// Fewer horizons say too little of a single one, unless so much fails in each that fewer must do.
const LEAST_HORIZONS: u32 = 1000;
/// See [`LEAST_HORIZONS`].
const LEAST_OF_ALL: u32 = 10;
/// So many chains are begun with.
const LEAST_CHAINS: u32 = 2000;

/// Where episodes come from, in groups that know nothing of one another: chains of failures, or where what has happened
/// tells what will, horizons.
#[derive(Debug)]
pub(super) struct Population<'a> {
    pub(super) asked: &'a Asked<'a>,
    alone: Unattended,
    chains: Option<Chains>,
}

impl<'a> Population<'a> {
    /// None where nothing ever happens.
    pub(super) fn of(asked: &'a Asked<'a>) -> Option<Self> {
        let alone = Unattended::new(asked.network);
        let settles = settles_within(asked.network, &asked.settling);
        let sources = Sources::of(asked.network, asked.horizon, settles);
        alone.is_ever_changed().then(|| Self {
            asked,
            alone,
            chains: sources.map(|sources| Chains { sources }),
        })
    }

    /// So many groups to begin with.
    pub(super) fn first_groups(&self) -> u32 {
        if self.chains.is_some() {
            return LEAST_CHAINS;
        }
        let each = failures_per_second(self.asked.network) * self.asked.horizon.as_seconds();
        let affordable = (MOST_EPISODES as f64 / each) as u32;
        self.asked.horizons.max(LEAST_HORIZONS.min(affordable).max(LEAST_OF_ALL))
    }

    /// Whether twice as many groups are too many.
    pub(super) fn is_exhausted(groups: u32, episodes: usize) -> bool {
        2 * episodes > MOST_EPISODES || groups > MOST_HORIZONS / 2
    }

    /// The episodes of these groups; none if `stop` is set before.
    pub(super) fn outlines(&self, groups: Range<u32>, stop: &AtomicBool) -> Option<Vec<Outline>> {
        let of_group = |group: u32| {
            (!stop.load(Ordering::Relaxed)).then(|| match &self.chains {
                Some(chains) => chains.outlines(self.asked, &self.alone, group),
                None => self.of_horizon(group),
            })
        };
        let all: Vec<Option<Vec<Outline>>> = groups.into_par_iter().map(of_group).collect();
        let all: Vec<Vec<Outline>> = all.into_iter().collect::<Option<_>>()?;
        Some(all.into_iter().flatten().collect())
    }

    /// An episode as a whole.
    pub(super) fn episode(&self, outline: &Outline) -> Option<Episode> {
        let Outline { group, number, .. } = *outline;
        match &self.chains {
            Some(chains) => chains.episode(self.asked, &self.alone, (group, number)),
            None => self.episodes_of_horizon(group).into_iter().nth(number as usize),
        }
    }

    /// How many groups come in a horizon, where one lasts so long on average, seconds.
    pub(super) fn groups_in_horizon(&self, mean_lasts: f64) -> f64 {
        self.chains.as_ref().map_or(1.0, |chains| {
            let calm = 1e-9 / chains.sources.rate();
            self.asked.horizon.as_seconds() / (calm + mean_lasts)
        })
    }

    /// Whether groups are chains of failures, not horizons.
    pub(super) fn has_chains(&self) -> bool {
        self.chains.is_some()
    }

    fn of_horizon(&self, horizon: u32) -> Vec<Outline> {
        let Asked { network, settling, .. } = self.asked;
        let all = self.episodes_of_horizon(horizon);
        let outline = |(number, episode): (usize, &Episode)| {
            Outline::of(episode, network, settling, (horizon, number as u32))
        };
        all.iter().enumerate().map(outline).collect()
    }

    fn episodes_of_horizon(&self, horizon: u32) -> Vec<Episode> {
        let Asked { seed, horizon: lasts, .. } = *self.asked;
        episodes(self.asked, &self.alone.life(seed, horizon, lasts))
    }
}
