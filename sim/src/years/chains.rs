//! Episodes from chains of failures, of which each next one is forced.
//!
//! From calm, the next that happens by itself comes after an exponential time, and what follows knows nothing of what
//! was before: episodes are the cycles of a regenerative process, and what a horizon costs is what one of them costs on
//! average over how long one and the calm before it last. Of an episode in which several things happen there are too
//! few to wait for. So a chain begins with one; then the next is drawn under the condition that it comes before the
//! episode is over, and the chain divides into an episode without it and one with it, which weigh as their
//! probabilities do. No weight is ever above that of the first times the bounded likelihood ratios of the sources
//! (forcing: Lewis and Boehm, Nuclear Engineering and Design 77, 1984, pages 49 to 62; Nicola, Shahabuddin and
//! Nakayama, IEEE Transactions on Reliability 50, 2001, pages 246 to 264).

use super::Asked;
use super::episodes::{Episode, episodes};
use super::lives::{Life, Unattended};
use super::outline::Outline;
use super::sources::{Drawn, Of, One, Sources, uniform};
use crate::engine::Candidate;
use crate::network::SupplierOutage;
use crate::random::{Purpose, Stream};
use crate::time::{SimDuration, SimTime};

/// So many are forced one after the other; what comes then comes as it does.
const FORCED: usize = 3;
/// After three, only one in so many chains goes on to force the next, and stands for all.
const ROULETTE: f64 = 3.0;
/// What has less weight is left to come as it does.
const LEAST_WEIGHT: f64 = 1e-12;
/// No more than this happens in an episode.
const MOST: usize = 1000;
/// An episode begins so long after the start of its replication, and up to as much later: the clocks of health checks
/// do not know when.
const BEGINS: u64 = 60_000_000_000;
/// The stream of a chain.
const CHAIN: u64 = 1 << 40;

/// Chains of failures of a network.
#[derive(Debug)]
pub(super) struct Chains {
    pub(super) sources: Sources,
}

/// From the first that happens until calm has come back.
struct Cycle {
    episodes: Vec<Episode>,
    /// Seconds.
    lasts: f64,
    weight: f64,
}

/// What has happened by itself so far.
#[derive(Debug, Default)]
struct So {
    candidates: Vec<Candidate>,
    suppliers: Vec<SupplierOutage>,
    sources: Vec<One>,
}

impl Chains {
    /// The episodes of a chain, in short.
    pub(super) fn outlines(
        &self,
        asked: &Asked<'_>,
        alone: &Unattended,
        chain: u32,
    ) -> Vec<Outline> {
        let mut all: Vec<Outline> = Vec::new();
        self.grow(asked, alone, chain, &mut |cycle| {
            let weight = cycle.weight;
            for (index, episode) in cycle.episodes.iter().enumerate() {
                let lasts = if index == 0 { cycle.lasts } else { 0.0 };
                let number = (chain, all.len() as u32);
                let outline = Outline::of(episode, asked.network, &asked.settling, number);
                all.push(Outline { weight, lasts, ..outline });
            }
        });
        all
    }

    /// The episode of a chain that has this number.
    pub(super) fn episode(
        &self,
        asked: &Asked<'_>,
        alone: &Unattended,
        (chain, number): (u32, u32),
    ) -> Option<Episode> {
        let mut all = Vec::new();
        self.grow(asked, alone, chain, &mut |cycle| all.extend(cycle.episodes));
        all.into_iter().nth(number as usize)
    }

    fn grow(
        &self,
        asked: &Asked<'_>,
        alone: &Unattended,
        chain: u32,
        found: &mut dyn FnMut(Cycle),
    ) {
        let rate = self.sources.rate();
        let stream = Stream::new(asked.seed, chain, Purpose::Episodes, CHAIN);
        let mut draws = stream.sequence();
        let began = BEGINS + (uniform(&mut draws) * BEGINS as f64) as u64;
        let (mut so, mut now) = (So::default(), began);
        let mut drawn = self.sources.first(&mut draws);
        let mut weight = 1.0;
        for happened in 1..=MOST {
            so.add(now, &drawn);
            weight *= drawn.ratio;
            let episodes = episodes(asked, &so.life(asked, alone, chain));
            let over = episodes.last().map_or(now, |episode| episode.over(&asked.settling).0);
            let left = over.saturating_sub(now) as f64;
            let lasts = over.saturating_sub(began) as f64 * 1e-9;
            let not_over = -(-rate * left).exp_m1();
            let is_forced = happened <= FORCED && weight * not_over > LEAST_WEIGHT;
            if is_forced {
                found(Cycle { episodes, lasts, weight: weight * (1.0 - not_over) });
                weight *= not_over;
                if happened >= 3 {
                    if uniform(&mut draws) * ROULETTE > 1.0 {
                        return;
                    }
                    weight *= ROULETTE;
                }
                now += (-(-uniform(&mut draws) * not_over).ln_1p() / rate) as u64;
                drawn = self.sources.next(&mut draws, &so.sources);
                continue;
            }
            let later = -(1.0 - uniform(&mut draws)).ln() / rate;
            if later >= left || happened == MOST {
                found(Cycle { episodes, lasts, weight });
                return;
            }
            now += later as u64;
            drawn = self.sources.any(&mut draws);
        }
    }
}

impl So {
    fn add(&mut self, at: u64, drawn: &Drawn) {
        let Drawn { source, lasts, .. } = *drawn;
        match source.of {
            Of::Nodes(of) => self.candidates.push(Candidate { of, at, lasts }),
            Of::Supplier(of, kind) => {
                let (at, lasts) = (SimDuration(at), SimDuration(lasts));
                let is_out = |other: &SupplierOutage| {
                    (other.of, other.kind) == (of, kind) && other.at + other.lasts > at
                };
                // What is out does not go out.
                if !self.suppliers.iter().any(is_out) {
                    self.suppliers.push(SupplierOutage { of, kind, at, lasts });
                }
            }
        }
        self.sources.push(source);
    }

    fn life(&self, asked: &Asked<'_>, alone: &Unattended, chain: u32) -> Life {
        // Whoever has to wait for a repairer waits for no more than all others together.
        let at = self.candidates.iter().map(|candidate| candidate.at).max();
        let lasts: u64 = self.candidates.iter().map(|candidate| candidate.lasts).sum();
        let of_nodes = at.map(|at| at.saturating_add(lasts)).into_iter();
        let of_suppliers = self.suppliers.iter().map(|outage| (outage.at + outage.lasts).0);
        let last = of_nodes.chain(of_suppliers).max().unwrap_or(0);
        let moments = alone.moments(asked.seed, chain, last, &self.candidates, &self.suppliers);
        let suppliers = self.suppliers.clone();
        Life { moments, suppliers, begins: SimTime::ZERO, ends: SimTime(u64::MAX) }
    }
}
