//! Estimates from episodes of which some are played: stratified sampling, where what is known of each episode
//! stands for a part of what it costs, and what was seen of some for the rest.
//!
//! Per stratum the rest is estimated by its mean over those that were played, which are drawn with probabilities
//! as their weights (a difference estimator; Hansen and Hurwitz, Annals of Mathematical Statistics 14, 1943), and what is
//! left out of long stays by ratios (Cochran, Sampling Techniques, 3rd ed., 1977, sections 5.3, 6.3, 7.2 and 9A.3). The
//! variance is that of the residuals, and that of what is known between groups.

use std::collections::BTreeMap;

use super::culprit::PerCulprit;
use super::observed::Seen;
use super::outline::{Kind, Known, Outline};
use crate::random::Stream;

/// Episodes that are alike.
#[derive(Debug, Default)]
pub(super) struct Stratum {
    /// Their places among all.
    pub(super) members: Vec<usize>,
    /// The weight of each and of those before it.
    weights: Vec<f64>,
    /// How long all are together, seconds by their weights.
    pub(super) seconds: f64,
    /// Those that were played, as they were drawn.
    pub(super) played: Vec<Play>,
    /// How many requests that took.
    pub(super) spent: f64,
}

/// What was seen of an episode.
#[derive(Debug)]
pub(super) struct Play {
    /// Its place among all.
    pub(super) place: usize,
    /// By flow.
    pub(super) flows: Vec<Seen>,
}

/// The strata of episodes.
#[derive(Debug, Default)]
pub(super) struct Strata {
    pub(super) outlines: Vec<Outline>,
    pub(super) all: BTreeMap<Kind, Stratum>,
    /// So many groups there are.
    pub(super) groups: u32,
    /// So many come in a horizon.
    pub(super) in_horizon: f64,
}

/// What is asked of episodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Seconds of requests that are lost.
    Lost,
    /// Seconds in which the flow is out.
    Down,
}

/// What is known of an episode, or was seen: as it was played, and for what was left out while a cluster was out, and
/// otherwise.
#[derive(Clone, Copy, Debug)]
struct Parts {
    own: f64,
    left_out: [f64; 2],
}

/// What a stratum tells of a flow.
#[derive(Clone, Debug)]
pub(super) struct Told {
    measure: Measure,
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

impl Stratum {
    /// The weight of all of its members.
    pub(super) fn weight(&self) -> f64 {
        self.weights.last().copied().unwrap_or(0.0)
    }

    /// The place of the member that a number in 0..1 stands for.
    fn member(&self, uniform: f64) -> usize {
        let weight = uniform * self.weight();
        let index = self.weights.partition_point(|below| *below <= weight);
        self.members[index.min(self.members.len() - 1)]
    }
}

impl Strata {
    /// Adds the episodes of further groups, after those that are there.
    pub(super) fn add(&mut self, outlines: Vec<Outline>, groups: u32) {
        for outline in outlines {
            let stratum = self.all.entry(outline.kind).or_default();
            stratum.members.push(self.outlines.len());
            stratum.weights.push(stratum.weight() + outline.weight);
            stratum.seconds += outline.weight * outline.seconds;
            self.outlines.push(outline);
        }
        self.groups = groups;
    }

    /// Seconds that a group lasts on average.
    pub(super) fn mean_lasts(&self) -> f64 {
        let all = self.outlines.iter().map(|outline| outline.weight * outline.lasts);
        all.sum::<f64>() / f64::from(self.groups)
    }

    /// For how many of a horizon an episode of weight one stands.
    pub(super) fn scale(&self) -> f64 {
        self.in_horizon / f64::from(self.groups)
    }

    /// The place of the episode that is played as that of this number of a stratum: drawn from all of those that there
    /// are by then, with probabilities as their weights.
    pub(super) fn drawn(&self, kind: Kind, number: usize, stream: Stream) -> usize {
        self.all[&kind].member(stream.uniform(kind.key() << 32 | number as u64))
    }

    /// How many requests were spent on what was played.
    pub(super) fn spent(&self) -> f64 {
        self.all.values().map(|stratum| stratum.spent).sum()
    }

    /// What a stratum tells of a flow; none where nothing of it has been played.
    pub(super) fn told(&self, kind: Kind, flow: usize, measure: Measure) -> Option<Told> {
        let played = &self.all[&kind].played;
        if played.is_empty() {
            return None;
        }
        let pairs: Vec<(Parts, Parts)> = played
            .iter()
            .map(|play| {
                let known = &self.outlines[play.place].flows[flow];
                (measure.seen(&play.flows[flow]), measure.known(known))
            })
            .collect();
        let count = pairs.len() as f64;
        let rest = pairs.iter().map(|(seen, known)| seen.own - known.own).sum::<f64>() / count;
        let ratio = |which: usize| {
            let lost: f64 = pairs.iter().map(|(seen, _)| seen.left_out[which]).sum();
            let seconds: f64 = pairs.iter().map(|(_, known)| known.left_out[which]).sum();
            if seconds > 0.0 { lost / seconds } else { f64::from(u8::from(which == 0)) }
        };
        let is_left_out =
            |which: &usize| pairs.iter().any(|(_, known)| known.left_out[*which] > 0.0);
        let mut told = Told {
            measure,
            rest,
            ratios: [ratio(0), ratio(1)],
            residuals: Vec::new(),
            fitted: 1 + (0..2).filter(is_left_out).count(),
            squares: pairs.iter().map(|(seen, _)| seen.all().powi(2)).sum::<f64>() / count,
            shares: shares(played.iter().map(|play| &play.flows[flow]), kind),
        };
        told.residuals = pairs.iter().map(|(seen, known)| seen.all() - told.of(*known)).collect();
        Some(told)
    }
}

impl Measure {
    fn known(self, known: &Known) -> Parts {
        match self {
            Self::Lost => Parts { own: known.out, left_out: known.left_out },
            Self::Down => Parts { own: known.down(), left_out: [0.0; 2] },
        }
    }

    fn seen(self, seen: &Seen) -> Parts {
        match self {
            Self::Lost => Parts {
                own: sum(&seen.played),
                left_out: [sum(&seen.left_out[0]), sum(&seen.left_out[1])],
            },
            Self::Down => Parts { own: seen.outages.iter().sum(), left_out: [0.0; 2] },
        }
    }
}

impl Parts {
    fn all(self) -> f64 {
        self.own + self.left_out[0] + self.left_out[1]
    }
}

impl Told {
    /// What an episode costs a flow, by what is known of it.
    pub(super) fn cost(&self, known: &Known) -> f64 {
        self.of(self.measure.known(known))
    }

    fn of(&self, known: Parts) -> f64 {
        let [out, others] = known.left_out;
        known.own + self.rest + self.ratios[0] * out + self.ratios[1] * others
    }

    /// Variance of the mean of what its episodes cost, as far as it rests on those that were played.
    pub(super) fn variance(&self) -> f64 {
        let played = self.residuals.len();
        if played <= self.fitted {
            // Residuals of as many numbers as were fitted say nothing.
            return self.squares / played as f64;
        }
        let squares: f64 = self.residuals.iter().map(|residual| residual * residual).sum();
        squares / self.freedom() / played as f64
    }

    /// The degrees of freedom of that variance.
    pub(super) fn freedom(&self) -> f64 {
        (self.residuals.len() as f64 - self.fitted as f64).max(1.0)
    }

    /// Whether none of its episodes costs anything, as far as was seen.
    pub(super) fn is_nothing(&self) -> bool {
        self.squares == 0.0
    }
}

/// The share of each culprit in what these lost.
fn shares<'a>(played: impl Iterator<Item = &'a Seen>, kind: Kind) -> PerCulprit {
    let mut shares = PerCulprit::default();
    for seen in played {
        for of in [&seen.played, &seen.left_out[0], &seen.left_out[1]] {
            shares.iter_mut().zip(of).for_each(|(share, own)| *share += own);
        }
    }
    let all: f64 = shares.iter().sum();
    if all > 0.0 {
        shares = shares.map(|share| share / all);
    } else {
        // What others of them lose may not have been seen.
        shares = PerCulprit::default();
        shares[kind.culprit() as usize] = 1.0;
    }
    shares
}

fn sum(of: &PerCulprit) -> f64 {
    of.iter().sum()
}
