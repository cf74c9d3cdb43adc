//! Whole windows of failures with every request in them, by brute force: what the estimates of years are held against. What
//! is lost is put down to the same culprits, and beside what every episode loses stands what its excerpt does.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::Asked;
use super::calm::Calm;
use super::culprit::{Culprit, PerCulprit};
use super::episodes::{Episode, episodes};
use super::lives::Life;
use super::observed::Requests;
use super::outline::Outline;
use super::played;
use crate::engine::{self, Observations, Run};
use crate::stats::Histogram;
use crate::time::{SimDuration, SimTime};

const SECOND: u64 = 1_000_000_000;

/// What became of the requests of a flow in a window.
#[derive(Clone, Debug, Default)]
pub struct Endured {
    /// Requests that ended.
    pub ended: u64,
    /// Those of them that were lost, by what they are put down to.
    pub lost: PerCulprit,
    /// Sojourn times of the others.
    pub sojourn: Histogram,
    /// Every episode that begins and ends in the window.
    pub episodes: Vec<Retold>,
}

/// What an episode costs a flow, requests beyond those that are lost in calm, by what they are put down to.
#[derive(Clone, Copy, Debug)]
pub struct Retold {
    /// When it begins, from the start of the replication.
    pub begins: SimTime,
    /// How long it is, seconds.
    pub seconds: f64,
    /// What has happened first.
    pub first: Culprit,
    /// With every request.
    pub whole: PerCulprit,
    /// In its excerpt.
    pub excerpt: PerCulprit,
}

/// What the flows of a deployment see in so many replications of the window; none if `stop` is set before the end.
pub(crate) fn endure(
    asked: &Asked<'_>,
    replications: u32,
    warm_up: SimDuration,
    stop: &AtomicBool,
) -> Option<Vec<Vec<Endured>>> {
    let calm = Calm::observe(asked, stop)?;
    let window = |replication| Window::simulate(asked, replication, warm_up, stop);
    let of_window = |replication: u32| window(replication)?.endured(&calm, stop);
    (0..replications).into_par_iter().map(of_window).collect()
}

/// A window, and what happened in it.
struct Window<'a> {
    asked: &'a Asked<'a>,
    replication: u32,
    warm_up: SimDuration,
    seen: Observations,
    episodes: Vec<Episode>,
}

type Roots = Vec<(usize, Culprit, bool)>;

impl<'a> Window<'a> {
    fn simulate(
        asked: &'a Asked<'a>,
        replication: u32,
        warm_up: SimDuration,
        stop: &AtomicBool,
    ) -> Option<Self> {
        let run = Run {
            seed: asked.seed,
            replication,
            warm_up,
            window: asked.window,
            outages: &[],
            suppliers: &[],
            asked: engine::Asked { timeline: true, changes: true, ..engine::Asked::default() },
        };
        let mut seen = engine::simulate(asked.network, &run, stop)?;
        let life = Life {
            moments: std::mem::take(&mut seen.changes),
            suppliers: engine::outages_of_suppliers(asked.network, &run),
            begins: SimTime::ZERO,
            ends: SimTime(u64::MAX),
        };
        let episodes = episodes(asked, &life);
        Some(Self { asked, replication, warm_up, seen, episodes })
    }

    fn endured(&self, calm: &Calm, stop: &AtomicBool) -> Option<Vec<Endured>> {
        let requests = played::requests(self.asked, calm);
        let by_episode = self.by_episode(&requests);
        let flows = self.seen.flows.iter().enumerate().map(|(flow, seen)| {
            let mut endured = Endured {
                ended: seen.ended(),
                sojourn: seen.sojourn.clone(),
                ..Endured::default()
            };
            for of in &by_episode {
                add(&mut endured.lost, &of[flow], 1.0);
            }
            endured
        });
        let mut flows: Vec<Endured> = flows.collect();
        let window = SimTime(self.warm_up.0)..SimTime((self.warm_up + self.asked.window).0);
        for (index, episode) in self.episodes.iter().enumerate() {
            let over = episode.over(&self.asked.settling);
            if episode.began < window.start || over >= window.end {
                continue;
            }
            let outline = Outline::of(episode, self.asked.network, &self.asked.settling, (0, 0));
            let number = (self.replication << 16) + index as u32;
            let played = played::play(self.asked, &requests, episode, number, stop)?;
            let seconds = over.since(episode.began).as_seconds();
            for (flow, seen) in played.flows.iter().enumerate() {
                let rate = requests.rates[flow];
                let mut whole = by_episode[index][flow];
                whole[Culprit::Load as usize] -= requests.calm[flow] * seconds * rate;
                let mut excerpt = PerCulprit::default();
                for part in [&seen.played, &seen.left_out[0], &seen.left_out[1]] {
                    add(&mut excerpt, part, rate);
                }
                let (begins, first) = (episode.began, outline.kind.culprit());
                flows[flow].episodes.push(Retold { begins, seconds, first, whole, excerpt });
            }
        }
        Some(flows)
    }

    /// What each flow loses in each episode, and last of all in no episode.
    fn by_episode(&self, requests: &Requests<'_>) -> Vec<Vec<PerCulprit>> {
        let flows = self.seen.flows.len();
        let mut all = vec![vec![PerCulprit::default(); flows]; self.episodes.len() + 1];
        let roots: Vec<Roots> =
            self.episodes.iter().map(|episode| self.roots(requests, episode)).collect();
        for (flow, seen) in self.seen.flows.iter().enumerate() {
            for (second, of_second) in seen.timeline.iter().enumerate() {
                let begins = SimTime(self.warm_up.0 + second as u64 * SECOND);
                let ends = SimTime(begins.0 + SECOND - 1);
                let so_far = self.episodes.partition_point(|episode| episode.began <= ends);
                let present = so_far
                    .checked_sub(1)
                    .filter(|last| self.episodes[*last].over(&self.asked.settling) >= begins);
                let is_out = present.is_some_and(|present| {
                    let stays = self.episodes[present].stays_between(begins, ends);
                    stays.iter().any(|stay| stay.hits[flow] > 0.0)
                });
                let roots = present.map_or(&[][..], |present| &roots[present]);
                let lost = requests.lost_in(flow, second, of_second, roots, is_out);
                let place = present.unwrap_or(self.episodes.len());
                add(&mut all[place][flow], &lost, requests.rates[flow]);
            }
        }
        all
    }

    /// What has happened by itself in an episode: in which second of the window.
    fn roots(&self, requests: &Requests<'_>, episode: &Episode) -> Roots {
        requests.roots(episode, |at| {
            ((episode.began.0 + at.0).saturating_sub(self.warm_up.0) / SECOND) as usize
        })
    }
}

fn add(sum: &mut PerCulprit, lost: &PerCulprit, weight: f64) {
    sum.iter_mut().zip(lost).for_each(|(sum, lost)| *sum += weight * lost);
}
