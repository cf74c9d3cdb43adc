//! Which episodes are played, and playing them.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::Asked;
use super::calm::Calm;
use super::episodes::Episode;
use super::excerpt::Excerpt;
use super::figures;
use super::observed::{Requests, Seen};
use super::outline::Kind;
use super::population::Population;
use super::strata::{Play, Strata};
use crate::random::{Purpose, Stream};
use crate::time::SimDuration;

/// So many of each stratum are played in any case: mostly one more than the numbers that are fitted to them.
const PILOTS: usize = 3;
/// But for those that cost less than this share of all that is lost, even if nothing of what comes in them is answered,
const NEGLIGIBLE: f64 = 0.01;
/// which is known once those are played that may cost most: at a time those that may cost this share of the most.
const LARGE: f64 = 0.1;
/// Then as many as it takes until what comes of it is known within this share of it.
const PRECISION: f64 = 0.03;
/// Episodes of about so many requests are added at a time.
const BATCH: f64 = 1e6;
/// So many requests are spent on it at most, but for the first of each stratum.
const MOST_REQUESTS: f64 = 4e6;
/// An excerpt that has not settled is played again, so much longer.
const LONGER: SimDuration = SimDuration(120_000_000_000);

/// The stream of which episodes are played.
const PLAYED: u64 = 1 << 42;

/// Plays episodes of a deployment.
pub(super) struct Player<'a> {
    population: &'a Population<'a>,
    calm: &'a Calm,
    requests: Requests<'a>,
}

/// What came of an episode, and how many requests it took.
pub(super) struct Played {
    pub(super) flows: Vec<Seen>,
    requests: f64,
    is_settled: bool,
}

/// The requests of a deployment, of which this is what they meet in calm.
pub(super) fn requests<'a>(asked: &'a Asked<'a>, calm: &'a Calm) -> Requests<'a> {
    Requests {
        network: &calm.network,
        seed: asked.seed,
        rates: calm.flows.iter().map(|flow| flow.rate).collect(),
        calm: calm.flows.iter().map(|flow| flow.lost.mean).collect(),
        serves: &asked.serves,
        has_tokens_that_last: &asked.has_tokens_that_last,
    }
}

/// Plays an episode under this number; none if `stop` is set before the end.
pub(super) fn play(
    asked: &Asked<'_>,
    requests: &Requests<'_>,
    episode: &Episode,
    number: u32,
    stop: &AtomicBool,
) -> Option<Played> {
    let Asked { network, settling, .. } = asked;
    let mut excerpt = Excerpt::of(episode, network, settling);
    let rate: f64 = requests.rates.iter().sum();
    let takes = |excerpt: &Excerpt| rate * (settling.warm_up + excerpt.window).as_seconds();
    let mut spent = takes(&excerpt);
    let mut flows = requests.see(episode, &excerpt, settling, number, stop)?;
    if flows.iter().any(|seen| seen.goes_on) {
        excerpt.window += LONGER;
        spent += takes(&excerpt);
        flows = requests.see(episode, &excerpt, settling, number, stop)?;
    }
    let is_settled = !flows.iter().any(|seen| seen.goes_on);
    Some(Played { flows, requests: spent, is_settled })
}

impl<'a> Player<'a> {
    pub(super) fn new(population: &'a Population<'a>, calm: &'a Calm) -> Self {
        let requests = requests(population.asked, calm);
        Self { population, calm, requests }
    }

    /// Plays as many episodes of each stratum as it takes. Returns how many had not settled when they were left; none
    /// if `stop` is set.
    pub(super) fn play(&self, strata: &mut Strata, stop: &AtomicBool) -> Option<u32> {
        let mut unsettled = 0;
        loop {
            let mut next = self.pilots(strata);
            if next.is_empty() {
                next = self.next(strata);
            }
            if next.is_empty() {
                return Some(unsettled);
            }
            unsettled += self.play_all(strata, &next, stop)?;
        }
    }

    /// The first of those strata that may cost most, unless all that have none cost next to nothing.
    fn pilots(&self, strata: &Strata) -> Vec<(Kind, usize)> {
        let unplayed = strata.all.iter().filter(|(_, stratum)| stratum.played.is_empty());
        let most: Vec<(Kind, f64)> =
            unplayed.map(|(kind, stratum)| (*kind, strata.scale() * stratum.seconds)).collect();
        let all: f64 = most.iter().map(|(_, most)| most).sum();
        let lost = figures::least_lost(self.population.asked, self.calm, strata);
        if all <= NEGLIGIBLE * lost {
            return Vec::new();
        }
        let largest = most.iter().map(|(_, most)| *most).fold(0.0, f64::max);
        let large = most.iter().filter(|(_, most)| *most >= LARGE * largest);
        large.flat_map(|(kind, _)| (0..PILOTS).map(|number| (*kind, number))).collect()
    }

    /// Plays these of each stratum. Returns how many had not settled.
    fn play_all(
        &self,
        strata: &mut Strata,
        next: &[(Kind, usize)],
        stop: &AtomicBool,
    ) -> Option<u32> {
        let mut unsettled = 0;
        let stream = Stream::new(self.population.asked.seed, 0, Purpose::Episodes, PLAYED);
        let place = |(kind, number): &(Kind, usize)| strata.drawn(*kind, *number, stream);
        let of: Vec<(Kind, usize, usize)> =
            next.iter().map(|next| (next.0, next.1, place(next))).collect();
        let one = |(kind, number, place): &(Kind, usize, usize)| {
            self.play_one(strata, *place, (kind.key() << 16 | *number as u64) as u32, stop)
        };
        let done: Vec<Option<Played>> = of.par_iter().map(one).collect();
        for ((kind, _, place), played) in of.into_iter().zip(done) {
            let Played { flows, requests, is_settled } = played?;
            unsettled += u32::from(!is_settled);
            if let Some(stratum) = strata.all.get_mut(&kind) {
                stratum.played.push(Play { place, flows });
                stratum.spent += requests;
            }
        }
        Some(unsettled)
    }

    /// Those that tell most, while not enough is known: from each stratum as many as its part of the variance calls
    /// for, and what one of it takes allows (Cochran, section 5.5).
    fn next(&self, strata: &Strata) -> Vec<(Kind, usize)> {
        if strata.spent() >= MOST_REQUESTS {
            return Vec::new();
        }
        let parts = figures::open(self.population.asked, self.calm, strata, PRECISION);
        let takes = |kind: &Kind| {
            let stratum = &strata.all[kind];
            (stratum.spent / stratum.played.len() as f64).max(1.0)
        };
        let worth = |(kind, part): &(Kind, f64)| (part / takes(kind)).sqrt();
        let all: f64 = parts.iter().map(|one| worth(one) * takes(&one.0)).sum();
        if all <= 0.0 {
            return Vec::new();
        }
        let most = parts.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(kind, _)| *kind);
        let mut next = Vec::new();
        for one in &parts {
            let played = strata.all[&one.0].played.len();
            // However much it takes, one at least of that of which least is known.
            let count =
                ((BATCH * worth(one) / all).round() as usize).max(usize::from(Some(one.0) == most));
            next.extend((played..played + count).map(|number| (one.0, number)));
        }
        next
    }

    fn play_one(
        &self,
        strata: &Strata,
        place: usize,
        number: u32,
        stop: &AtomicBool,
    ) -> Option<Played> {
        let episode = self.population.episode(&strata.outlines[place])?;
        play(self.population.asked, &self.requests, &episode, number, stop)
    }
}
