//! Single horizons, drawn from what episodes cost: how many of them lose no more than a goal allows.

use rand_distr::weighted::WeightedAliasIndex;
use rand_distr::{Distribution, Poisson};
use rayon::prelude::*;

use super::outline::Outline;
use super::population::Population;
use super::sources;
use super::strata::Strata;
use crate::random::{Purpose, Sequence, Stream};
use crate::stats::{Estimate, standard_normal};

/// Of episodes and horizons so many parts are made, each on its own: what differs between them tells how well the share
/// is known.
const PARTS: u32 = 20;
/// So many episodes are drawn at most, unless more horizons are asked for.
const MOST_DRAWN: f64 = 2e6;
/// So many horizons are drawn at most, unless more are asked for.
const MOST_HORIZONS: f64 = 100_000.0;
/// The streams of drawn horizons, by flow.
const HORIZONS: u64 = 1 << 41;

/// An episode that costs a flow something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Costly<'a> {
    pub(super) outline: &'a Outline,
    /// On average over those that are alike, seconds.
    pub(super) cost: f64,
    /// By how much single ones of these are above that.
    pub(super) residuals: &'a [f64],
}

/// Horizons to be drawn for a flow.
pub(super) struct Drawing<'a> {
    pub(super) population: &'a Population<'a>,
    pub(super) strata: &'a Strata,
    pub(super) flow: usize,
    pub(super) horizons: u32,
}

/// Episodes that come in a horizon, one of them as often as it weighs.
struct Urn<'a> {
    episodes: Vec<&'a Costly<'a>>,
    index: WeightedAliasIndex<f64>,
    count: Count,
}

/// How many come in a horizon.
enum Count {
    Random(Poisson<f64>),
    /// So many, or one more, as planned restarts do.
    Planned(f64),
}

/// So many horizons are drawn: as many as are asked for at least, and no fewer than there were.
pub(super) fn horizons(population: &Population<'_>, strata: &Strata) -> u32 {
    if !population.has_chains() {
        return strata.groups;
    }
    let affordable = (MOST_DRAWN / strata.in_horizon).clamp(1000.0, MOST_HORIZONS) as u32;
    population.asked.horizons.max(affordable).div_ceil(PARTS) * PARTS
}

impl Drawing<'_> {
    /// The share of horizons that lose no more than is allowed, seconds.
    pub(super) fn share_within(&self, costly: &[Costly<'_>], allowed: f64) -> Estimate {
        let confidence = self.population.asked.confidence;
        if !self.population.has_chains() {
            let costs = self.of_horizons(costly);
            let good = costs.iter().filter(|cost| **cost <= allowed).count() as f64;
            return wilson(good, costs.len() as f64, confidence);
        }
        let parts: Vec<f64> = (0..PARTS)
            .into_par_iter()
            .map(|part| self.share_of_part(costly, allowed, part))
            .collect();
        let count = f64::from(PARTS);
        let share = parts.iter().sum::<f64>() / count;
        let squares: f64 = parts.iter().map(|part| (part - share).powi(2)).sum();
        let variance = squares / (count - 1.0) / count;
        // As many trials as would leave as much unknown.
        let spread = share * (1.0 - share);
        let trials = f64::from(self.horizons);
        let trials = if variance > 0.0 { trials.min(spread / variance) } else { trials };
        wilson(share * trials, trials, confidence)
    }

    /// What each simulated horizon costs.
    fn of_horizons(&self, costly: &[Costly<'_>]) -> Vec<f64> {
        let mut costs = vec![0.0; self.strata.groups as usize];
        for one in costly {
            let Outline { group, number, .. } = *one.outline;
            let residual = self.stream(group).uniform(u64::from(number));
            costs[group as usize] += one.cost(residual);
        }
        costs
    }

    fn stream(&self, number: u32) -> Stream {
        let seed = self.population.asked.seed;
        Stream::new(seed, number, Purpose::Episodes, HORIZONS + self.flow as u64)
    }

    fn share_of_part(&self, costly: &[Costly<'_>], allowed: f64, part: u32) -> f64 {
        let own = costly.iter().filter(|one| one.outline.group % PARTS == part);
        let scale = self.strata.scale() * f64::from(PARTS);
        let clusters = self.population.asked.network.clusters.len();
        let whose = [None].into_iter().chain((0..clusters).map(Some));
        let urns: Vec<Urn<'_>> = whose
            .filter_map(|restarted| {
                let own = own.clone().filter(|one| one.outline.kind.restarted() == restarted);
                Urn::of(own.collect(), scale, restarted.is_some())
            })
            .collect();
        let horizons = self.horizons / PARTS;
        let mut draws = self.stream(part).sequence();
        let good = (0..horizons).filter(|_| {
            urns.iter().map(|urn| urn.cost_of_horizon(&mut draws)).sum::<f64>() <= allowed
        });
        good.count() as f64 / f64::from(horizons)
    }
}

impl<'a> Urn<'a> {
    /// None where nothing comes.
    fn of(episodes: Vec<&'a Costly<'a>>, scale: f64, is_planned: bool) -> Option<Self> {
        let weights: Vec<f64> = episodes.iter().map(|one| one.outline.weight).collect();
        let mean = scale * weights.iter().sum::<f64>();
        let index = WeightedAliasIndex::new(weights).ok()?;
        let count =
            if is_planned { Count::Planned(mean) } else { Count::Random(Poisson::new(mean).ok()?) };
        Some(Self { episodes, index, count })
    }

    fn cost_of_horizon(&self, draws: &mut Sequence) -> f64 {
        let count = match &self.count {
            Count::Random(law) => law.sample(draws),
            Count::Planned(mean) => (mean + sources::uniform(draws)).floor(),
        };
        let one = |draws: &mut Sequence| {
            let episode = self.episodes[self.index.sample(draws)];
            episode.cost(sources::uniform(draws))
        };
        (0..count as u64).map(|_| one(draws)).sum()
    }
}

impl Costly<'_> {
    /// What one costs that differs from its like as this number in 0..1 says.
    fn cost(&self, uniform: f64) -> f64 {
        self.cost + self.residuals[(uniform * self.residuals.len() as f64) as usize]
    }
}

/// A share of trials with Wilson's interval (Journal of the American Statistical Association 22, 1927).
fn wilson(good: f64, trials: f64, confidence: f64) -> Estimate {
    let (share, z) = (good / trials, standard_normal(confidence));
    let scale = 1.0 + z * z / trials;
    let middle = (share + z * z / (2.0 * trials)) / scale;
    let width =
        z * (share * (1.0 - share) / trials + z * z / (4.0 * trials * trials)).sqrt() / scale;
    Estimate::between(share, Some((middle - width).max(0.0)), Some((middle + width).min(1.0)))
}
