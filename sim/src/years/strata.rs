//! Estimates from episodes of which some are played: stratified sampling, where what is known of each episode
//! stands for a part of what it costs, and what was seen of some for the rest.
//!
//! Per stratum the rest is estimated by its mean over those that were played (a difference estimator), and what is
//! left out of long stays by ratios (Cochran, Sampling Techniques, 3rd ed., 1977, sections 5.3, 6.3 and 7.2). The
//! variance is that of the residuals, and that of what is known between horizons.

use std::collections::BTreeMap;

use super::culprit::PerCulprit;
use super::observed::Seen;
use super::outline::{Kind, Known, Outline};

/// Episodes that are alike.
#[derive(Debug, Default)]
pub(super) struct Stratum {
    /// Their places among all, in the order in which they are played.
    pub(super) members: Vec<usize>,
    /// What was seen of the first of them, by flow.
    pub(super) played: Vec<Vec<Seen>>,
    /// How many requests that took.
    pub(super) spent: f64,
}

/// The strata of episodes.
#[derive(Debug, Default)]
pub(super) struct Strata {
    pub(super) outlines: Vec<Outline>,
    pub(super) all: BTreeMap<Kind, Stratum>,
}

/// What a stratum tells of a flow.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// What is added to what is known of each episode, seconds.
    rest: f64,
    /// What a second that is left out costs, while a cluster is out and otherwise.
    ratios: [f64; 2],
    /// By how much each that was played is above what all this makes expected.
    pub(super) residuals: Vec<f64>,
    /// How many numbers were fitted to them.
    fitted: usize,
    /// The mean of the squares of what each lost.
    squares: f64,
    /// The share of each culprit.
    pub(super) shares: PerCulprit,
}

impl Told {
    /// What an episode costs a flow, by what is known of it.
    pub(super) fn cost(&self, known: &Known) -> f64 {
        let [out, others] = known.left_out;
        known.out + self.rest + self.ratios[0] * out + self.ratios[1] * others
    }

    /// Variance of the mean of what so many episodes cost, as far as it rests on those that were played.
    pub(super) fn variance(&self, members: usize) -> f64 {
        let played = self.residuals.len();
        if played >= members {
            return 0.0;
        }
        let rest = 1.0 - played as f64 / members as f64;
        if played <= self.fitted {
            // Residuals of as many numbers as were fitted say nothing.
            return self.squares / played as f64 * rest;
        }
        let squares: f64 = self.residuals.iter().map(|residual| residual * residual).sum();
        squares / self.freedom() / played as f64 * rest
    }

    /// The degrees of freedom of that variance.
    pub(super) fn freedom(&self) -> f64 {
        (self.residuals.len() as f64 - self.fitted as f64).max(1.0)
    }
}

impl Strata {
    /// Adds the episodes of further horizons, after those that are there. Those that are played are so the first of
    /// a random order within the horizons that were there when they were.
    pub(super) fn add(&mut self, outlines: Vec<Outline>, order: impl Fn(&Outline) -> u64) {
        let first = self.outlines.len();
        let mut places: Vec<usize> = (first..first + outlines.len()).collect();
        self.outlines.extend(outlines);
        places.sort_by_cached_key(|place| (order(&self.outlines[*place]), *place));
        for place in places {
            let stratum = self.all.entry(self.outlines[place].kind).or_default();
            stratum.members.push(place);
        }
    }

    /// How many requests were spent on what was played.
    pub(super) fn spent(&self) -> f64 {
        self.all.values().map(|stratum| stratum.spent).sum()
    }

    /// What a stratum tells of a flow; none where nothing of it has been played.
    pub(super) fn told(&self, kind: Kind, flow: usize) -> Option<Told> {
        let stratum = &self.all[&kind];
        let played: Vec<(&Seen, &Known)> = stratum
            .played
            .iter()
            .zip(&stratum.members)
            .map(|(seen, place)| (&seen[flow], &self.outlines[*place].flows[flow]))
            .collect();
        if played.is_empty() {
            return None;
        }
        let count = played.len() as f64;
        let above = |(seen, known): &(&Seen, &Known)| sum(&seen.played) - known.out;
        let rest = played.iter().map(above).sum::<f64>() / count;
        let ratio = |which: usize| {
            let lost: f64 = played.iter().map(|(seen, _)| sum(&seen.left_out[which])).sum();
            let seconds: f64 = played.iter().map(|(_, known)| known.left_out[which]).sum();
            if seconds > 0.0 { lost / seconds } else { f64::from(u8::from(which == 0)) }
        };
        let is_left_out =
            |which: usize| played.iter().any(|(_, known)| known.left_out[which] > 0.0);
        let mut told = Told {
            rest,
            ratios: [ratio(0), ratio(1)],
            residuals: Vec::new(),
            fitted: 1 + (0..2).filter(|which| is_left_out(*which)).count(),
            squares: played.iter().map(|(seen, _)| total(seen).powi(2)).sum::<f64>() / count,
            shares: PerCulprit::default(),
        };
        let residual = |(seen, known): &(&Seen, &Known)| total(seen) - told.cost(known);
        told.residuals = played.iter().map(residual).collect();
        let all: f64 = played.iter().map(|(seen, _)| total(seen)).sum();
        for (place, share) in told.shares.iter_mut().enumerate() {
            let of = |seen: &Seen| {
                seen.played[place] + seen.left_out[0][place] + seen.left_out[1][place]
            };
            let own: f64 = played.iter().map(|(seen, _)| of(seen)).sum();
            *share = if all > 0.0 { own / all } else { 0.0 };
        }
        if all <= 0.0 {
            // What others of them lose may not have been seen.
            told.shares[kind.culprit() as usize] = 1.0;
        }
        Some(told)
    }
}

/// What a flow lost in all.
pub(super) fn total(seen: &Seen) -> f64 {
    sum(&seen.played) + sum(&seen.left_out[0]) + sum(&seen.left_out[1])
}

fn sum(of: &PerCulprit) -> f64 {
    of.iter().sum()
}
