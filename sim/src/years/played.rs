//! Which episodes are played, and playing them.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::Asked;
use super::calm::Calm;
use super::episodes::episodes;
use super::excerpt::Excerpt;
use super::figures;
use super::lives::Unattended;
use super::observed::{Requests, Seen};
use super::outline::Kind;
use super::strata::Strata;
use crate::time::SimDuration;

/// So many of each stratum are played in any case: one more than the numbers that are fitted to them.
const PILOTS: usize = 4;
/// Then as many as it takes until what comes of it is known within this share of it.
const PRECISION: f64 = 0.04;
/// Episodes of about so many requests are added at a time.
const BATCH: f64 = 1e6;
/// So many requests are spent on it at most, but for the first of each stratum.
const MOST_REQUESTS: f64 = 6e6;
/// An excerpt that has not settled is played again, so much longer.
const LONGER: SimDuration = SimDuration(120_000_000_000);

/// Plays episodes of a deployment.
pub(super) struct Player<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) calm: &'a Calm,
    pub(super) unattended: &'a Unattended,
    pub(super) horizons: u32,
}

/// What came of an episode, and how many requests it took.
struct Played {
    flows: Vec<Seen>,
    requests: f64,
    is_settled: bool,
}

impl Player<'_> {
    /// Plays as many episodes of each stratum as it takes. Returns how many had not settled when they were left; none
    /// if `stop` is set.
    pub(super) fn play(&self, strata: &mut Strata, stop: &AtomicBool) -> Option<u32> {
        let mut unsettled = 0;
        let mut next: Vec<(Kind, usize)> = strata
            .all
            .iter()
            .flat_map(|(kind, stratum)| {
                let pilots = PILOTS.min(stratum.members.len());
                (stratum.played.len()..pilots).map(move |index| (*kind, index))
            })
            .collect();
        if next.is_empty() {
            next = self.next(strata);
        }
        while !next.is_empty() {
            let of: Vec<(Kind, usize)> = next
                .iter()
                .map(|(kind, index)| (*kind, strata.all[kind].members[*index]))
                .collect();
            let done: Vec<Option<Played>> =
                of.par_iter().map(|(_, place)| self.play_one(strata, *place, stop)).collect();
            for ((kind, _), played) in of.into_iter().zip(done) {
                let played = played?;
                unsettled += u32::from(!played.is_settled);
                if let Some(stratum) = strata.all.get_mut(&kind) {
                    stratum.played.push(played.flows);
                    stratum.spent += played.requests;
                }
            }
            next = self.next(strata);
        }
        Some(unsettled)
    }

    /// Those that tell most, while not enough is known: from each stratum as many as its part of the variance calls
    /// for, and what one of it takes allows (Cochran, section 5.5).
    fn next(&self, strata: &Strata) -> Vec<(Kind, usize)> {
        if strata.spent() >= MOST_REQUESTS {
            return Vec::new();
        }
        let parts = figures::open(self.asked, self.calm, strata, self.horizons, PRECISION);
        let takes = |kind: &Kind| {
            let stratum = &strata.all[kind];
            (stratum.spent / stratum.played.len() as f64).max(1.0)
        };
        let all: f64 = parts.iter().map(|(kind, part)| (part * takes(kind)).sqrt()).sum();
        if all <= 0.0 {
            return Vec::new();
        }
        let mut next = Vec::new();
        for (kind, part) in parts {
            let stratum = &strata.all[&kind];
            let count = BATCH * (part / takes(&kind)).sqrt() / all;
            let played = stratum.played.len();
            // Where one of each takes more than a batch none is added, and the interval stays as wide as it is.
            let until = (played + count.round() as usize).min(stratum.members.len());
            next.extend((played..until).map(|index| (kind, index)));
        }
        next
    }

    fn play_one(&self, strata: &Strata, place: usize, stop: &AtomicBool) -> Option<Played> {
        let outline = &strata.outlines[place];
        let Asked { seed, horizon, network, settling, .. } = self.asked;
        let life = self.unattended.life(*seed, outline.horizon, *horizon);
        let all = episodes(self.asked, &life);
        let episode = &all[outline.number as usize];
        let mut excerpt = Excerpt::of(episode, network, settling);
        let requests = Requests {
            network: &self.calm.network,
            seed: *seed,
            rates: self.calm.flows.iter().map(|flow| flow.rate).collect(),
            calm: self.calm.flows.iter().map(|flow| flow.lost.mean).collect(),
            serves: self.asked.serves.clone(),
            has_tokens_that_last: self.asked.has_tokens_that_last.clone(),
        };
        let rate: f64 = requests.rates.iter().sum();
        let takes = |excerpt: &Excerpt| rate * (settling.warm_up + excerpt.window).as_seconds();
        let mut spent = takes(&excerpt);
        let mut flows = requests.see(episode, &excerpt, settling, place as u32, stop)?;
        if flows.iter().any(|seen| seen.goes_on) {
            excerpt.window += LONGER;
            spent += takes(&excerpt);
            flows = requests.see(episode, &excerpt, settling, place as u32, stop)?;
        }
        let is_settled = !flows.iter().any(|seen| seen.goes_on);
        Some(Played { flows, requests: spent, is_settled })
    }
}
