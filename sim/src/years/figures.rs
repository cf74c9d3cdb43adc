//! From what is known of all episodes, and seen of some, to what a year costs.

use std::collections::BTreeMap;

use super::calm::{CALM_FREEDOM, Calm, CalmFlow};
use super::culprit::{Culprit, PerCulprit};
use super::outline::Kind;
use super::strata::{Strata, Stratum, Told};
use super::{Asked, FlowYears, MINUTES_OF_A_YEAR, Years};
use crate::random::{Purpose, Stream};
use crate::stats::{Estimate, Histogram, standard_normal, student_t};

/// As many degrees of freedom as make Student's distribution a normal one.
const MOST_FREEDOM: f64 = 1e4;
/// Seconds of a year of 365 days.
const YEAR: f64 = 60.0 * MINUTES_OF_A_YEAR;

/// Whether what is lost in horizons is known within this share of it, as far as they differ, of every flow.
pub(super) fn are_known(
    asked: &Asked<'_>,
    calm: &Calm,
    strata: &Strata,
    horizons: u32,
    precision: f64,
) -> bool {
    (0..asked.network.flows.len()).all(|flow| {
        let cost = Bench::new(asked, calm, strata, flow, horizons).cost();
        let all = cost.mean + calm.flows[flow].lost.mean * asked.horizon.as_seconds();
        // Nothing at all may be what is too rare to be seen.
        all > 0.0 && standard_normal(asked.confidence) * cost.between.sqrt() <= precision * all
    })
}

/// A flow, and what its strata tell.
struct Bench<'a> {
    asked: &'a Asked<'a>,
    calm: &'a CalmFlow,
    strata: &'a Strata,
    flow: usize,
    horizons: u32,
    told: BTreeMap<Kind, Told>,
}

/// What failures cost a horizon, seconds, and of what the error of that is made.
struct Cost {
    /// Of each horizon.
    of_each: Vec<f64>,
    mean: f64,
    /// Variance of the mean: of what differs between horizons, and of each stratum.
    between: f64,
    within: Vec<(Kind, f64, f64)>,
}

impl<'a> Bench<'a> {
    fn new(
        asked: &'a Asked<'a>,
        calm: &'a Calm,
        strata: &'a Strata,
        flow: usize,
        horizons: u32,
    ) -> Self {
        let told = strata.all.keys();
        let told = told.filter_map(|kind| Some((*kind, strata.told(*kind, flow)?)));
        Self { asked, calm: &calm.flows[flow], strata, flow, horizons, told: told.collect() }
    }

    fn cost(&self) -> Cost {
        let horizons = f64::from(self.horizons);
        let mut of_each = vec![0.0; self.horizons as usize];
        for outline in &self.strata.outlines {
            if let Some(told) = self.told.get(&outline.kind) {
                of_each[outline.horizon as usize] += told.cost(&outline.flows[self.flow]);
            }
        }
        let mean = of_each.iter().sum::<f64>() / horizons;
        let squares: f64 = of_each.iter().map(|cost| (cost - mean).powi(2)).sum();
        let within = self.told.iter().map(|(kind, told)| {
            let members = self.strata.all[kind].members.len();
            let share = members as f64 / horizons;
            (*kind, share * share * told.variance(members), told.freedom())
        });
        Cost {
            mean,
            between: squares / (horizons - 1.0).max(1.0) / horizons,
            within: within.collect(),
            of_each,
        }
    }

    /// The share of requests that is lost.
    fn lost(&self, cost: &Cost) -> Estimate {
        let horizon = self.asked.horizon.as_seconds();
        let mean = self.calm.lost.mean + cost.mean / horizon;
        let t = student_t(self.asked.confidence, CALM_FREEDOM);
        let in_calm = (self.calm.lost.half_width.unwrap_or(0.0) / t).powi(2);
        let mut parts = vec![
            (in_calm, CALM_FREEDOM),
            (cost.between / horizon.powi(2), f64::from(self.horizons) - 1.0),
        ];
        parts.extend(cost.within.iter().map(|(_, v, n)| (v / horizon.powi(2), *n)));
        let variance: f64 = parts.iter().map(|(variance, _)| variance).sum();
        // Welch and Satterthwaite.
        let by_freedom: f64 =
            parts.iter().map(|(variance, freedom)| variance * variance / freedom).sum();
        let freedom = if by_freedom > 0.0 { variance * variance / by_freedom } else { 1.0 };
        // With more it is a normal one, whose quantiles take a library for ever as one of Student's.
        let freedom = freedom.clamp(1.0, MOST_FREEDOM);
        let half_width = student_t(self.asked.confidence, freedom) * variance.sqrt();
        Estimate::between(
            mean.clamp(0.0, 1.0),
            Some((mean - half_width).clamp(0.0, 1.0)),
            Some((mean + half_width).clamp(0.0, 1.0)),
        )
    }

    /// The share of horizons in which no more is lost than the goal allows. What differs between episodes that are
    /// alike is drawn from what was seen of those that were played.
    fn meets_goal(&self, cost: &Cost, limit: f64) -> Estimate {
        let allowed = (1.0 - limit - self.calm.lost.mean) * self.asked.horizon.as_seconds();
        let mut costs = cost.of_each.clone();
        for outline in &self.strata.outlines {
            let Some(told) = self.told.get(&outline.kind) else { continue };
            let stream = Stream::new(
                self.asked.seed,
                outline.horizon,
                Purpose::Episodes,
                1 + self.flow as u64,
            );
            let drawn = stream.uniform(u64::from(outline.number)) * told.residuals.len() as f64;
            costs[outline.horizon as usize] += told.residuals[drawn as usize];
        }
        let good = costs.iter().filter(|cost| **cost <= allowed).count() as f64;
        wilson(good, f64::from(self.horizons), self.asked.confidence)
    }

    /// Minutes a year, by what they are put down to.
    fn minutes(&self) -> PerCulprit {
        let seconds = f64::from(self.horizons) * self.asked.horizon.as_seconds();
        let mut minutes = PerCulprit::default();
        for outline in &self.strata.outlines {
            let Some(told) = self.told.get(&outline.kind) else { continue };
            let cost = told.cost(&outline.flows[self.flow]) / seconds * MINUTES_OF_A_YEAR;
            let shares = minutes.iter_mut().zip(&told.shares);
            shares.for_each(|(minutes, share)| *minutes += cost * share);
        }
        minutes[Culprit::Load as usize] += self.calm.lost.mean * MINUTES_OF_A_YEAR;
        minutes
    }

    /// Outages of every episode, with how many a year are like it: as long as is known, and as what was played is
    /// longer.
    fn outages(&self) -> Vec<(f64, f64)> {
        let years = f64::from(self.horizons) * self.asked.horizon.as_seconds() / YEAR;
        let mut all = Vec::new();
        for stratum in self.strata.all.values() {
            let lengths: Vec<&[f64]> =
                stratum.played.iter().map(|seen| &seen[self.flow].outages[..]).collect();
            let hit = lengths.iter().filter(|outages| !outages.is_empty()).count() as f64;
            if hit == 0.0 {
                continue;
            }
            // So many in an episode that has any, and so much longer in all than is known.
            let in_one = lengths.iter().map(|outages| outages.len()).sum::<usize>() as f64 / hit;
            let longer = self.longer(stratum, true);
            let longer = longer.iter().sum::<f64>() / hit;
            let weight = hit / lengths.len() as f64 * in_one / years;
            let length = |place: &usize| {
                let known = self.strata.outlines[*place].flows[self.flow].down();
                ((known + longer) / in_one).max(1.0)
            };
            all.extend(stratum.members.iter().map(|place| (length(place), weight)));
        }
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        all
    }

    /// By how many seconds the flow was not served longer than is known, in each episode that was played; or in those
    /// with an outage.
    fn longer(&self, stratum: &Stratum, only_with_outage: bool) -> Vec<f64> {
        let played = stratum.played.iter().zip(&stratum.members);
        let played =
            played.filter(|(seen, _)| !only_with_outage || !seen[self.flow].outages.is_empty());
        played
            .map(|(seen, place)| {
                let known = self.strata.outlines[*place].flows[self.flow].down();
                seen[self.flow].outages.iter().sum::<f64>() - known
            })
            .collect()
    }

    /// The share of time in which the flow is served.
    fn time_available(&self) -> Estimate {
        let horizon = self.asked.horizon.as_seconds();
        let mut of_each = vec![0.0; self.horizons as usize];
        let mut within = 0.0;
        for stratum in self.strata.all.values() {
            let longer = self.longer(stratum, false);
            if longer.is_empty() {
                continue;
            }
            let (count, played) = (stratum.members.len() as f64, longer.len() as f64);
            let mean = longer.iter().sum::<f64>() / played;
            for place in &stratum.members {
                let outline = &self.strata.outlines[*place];
                of_each[outline.horizon as usize] += outline.flows[self.flow].down() + mean;
            }
            let squares: f64 = longer.iter().map(|longer| (longer - mean).powi(2)).sum();
            let spread = squares / (played - 1.0).max(1.0) / played * (1.0 - played / count);
            within += (count / f64::from(self.horizons)).powi(2) * spread;
        }
        let mean = of_each.iter().sum::<f64>() / f64::from(self.horizons);
        let squares: f64 = of_each.iter().map(|seconds| (seconds - mean).powi(2)).sum();
        let between =
            squares / (f64::from(self.horizons) - 1.0).max(1.0) / f64::from(self.horizons);
        let width = standard_normal(self.asked.confidence) * (between + within).sqrt() / horizon;
        let share = mean / horizon + self.calm.unserved;
        Estimate::between(
            (1.0 - share).clamp(0.0, 1.0),
            Some((1.0 - share - width).clamp(0.0, 1.0)),
            Some((1.0 - share + width).clamp(0.0, 1.0)),
        )
    }

    /// Sojourn times of a horizon, each for so many of its like.
    fn sojourn(&self) -> Vec<(f64, &Histogram)> {
        let horizons = f64::from(self.horizons);
        let mut all = Vec::new();
        let mut in_episodes = 0.0;
        for stratum in self.strata.all.values() {
            let weight =
                stratum.members.len() as f64 / stratum.played.len().max(1) as f64 / horizons;
            for (own, sojourn) in stratum.played.iter().flat_map(|seen| &seen[self.flow].sojourn) {
                in_episodes += weight * own * sojourn.total() as f64;
                all.push((weight * own, sojourn));
            }
        }
        let answered = self.calm.sojourn.total() as f64;
        if answered > 0.0 {
            let of_horizon = answered / self.calm.seconds * self.asked.horizon.as_seconds();
            let rest = (of_horizon - in_episodes).max(0.0);
            all.push((rest / answered, &self.calm.sojourn));
        }
        all
    }

    fn years(&self) -> FlowYears {
        let cost = self.cost();
        let lost = self.lost(&cost);
        let outages = self.outages();
        let count: f64 = outages.iter().map(|(_, weight)| weight).sum();
        let length: f64 = outages.iter().map(|(length, weight)| length * weight).sum();
        let sojourn = self.sojourn();
        let quantile = |probability| Some(weighted_quantile(&sojourn, probability)? / 1e6);
        FlowYears {
            availability: lost.complement(),
            time_available: self.time_available(),
            outages_per_year: count,
            outage_seconds: (count > 0.0)
                .then(|| (length / count, longest(&outages, 0.95 * count))),
            lost_per_year: lost.scaled(self.calm.rate * YEAR),
            meets_goal: self.asked.limits[self.flow].map(|limit| self.meets_goal(&cost, limit)),
            latency_ms: quantile(0.99).zip(quantile(0.999)),
            minutes: self.minutes(),
        }
    }
}

/// What years cost every flow.
pub(super) fn years(
    asked: &Asked<'_>,
    calm: &Calm,
    strata: &Strata,
    horizons: u32,
    unsettled: u32,
) -> Years {
    let flows = 0..asked.network.flows.len();
    Years {
        horizons,
        episodes: strata.outlines.len() as u64,
        played: strata.all.values().map(|stratum| stratum.played.len() as u32).sum(),
        unsettled,
        flows: flows.map(|flow| Bench::new(asked, calm, strata, flow, horizons).years()).collect(),
    }
}

/// By stratum, its part of the variance of what is lost, as a share of the square of that, of the flow of which it is the
/// largest; nothing where every flow is known within the precision.
pub(super) fn open(
    asked: &Asked<'_>,
    calm: &Calm,
    strata: &Strata,
    horizons: u32,
    precision: f64,
) -> Vec<(Kind, f64)> {
    let mut parts: BTreeMap<Kind, f64> = BTreeMap::new();
    for flow in 0..asked.network.flows.len() {
        let bench = Bench::new(asked, calm, strata, flow, horizons);
        let cost = bench.cost();
        let all = cost.mean + calm.flows[flow].lost.mean * asked.horizon.as_seconds();
        let within: f64 = cost.within.iter().map(|(_, variance, _)| variance).sum();
        let width = standard_normal(asked.confidence) * within.sqrt();
        if all <= 0.0 || width <= precision * all {
            continue;
        }
        for (kind, variance, _) in cost.within {
            let played = strata.all[&kind].played.len();
            // One more of few tells more than one more of many.
            let part = variance * played as f64 / (all * all);
            if played < strata.all[&kind].members.len() {
                let known = parts.entry(kind).or_insert(0.0);
                *known = known.max(part);
            }
        }
    }
    parts.into_iter().collect()
}

/// The length that outages of so many a year stay below.
fn longest(outages: &[(f64, f64)], most: f64) -> f64 {
    let mut so_far = 0.0;
    let found = outages.iter().find(|(_, weight)| {
        so_far += weight;
        so_far >= most
    });
    found.or(outages.last()).map_or(0.0, |(length, _)| *length)
}

/// The value that a share of values stays below which each stand for so many of their like.
fn weighted_quantile(parts: &[(f64, &Histogram)], probability: f64) -> Option<f64> {
    let all: f64 = parts.iter().map(|(weight, part)| weight * part.total() as f64).sum();
    let most = parts.iter().filter_map(|(_, part)| part.most()).max()? as f64;
    let below = |nanos: f64| -> f64 {
        parts.iter().map(|(weight, part)| weight * part.count_below(nanos)).sum()
    };
    let (mut low, mut high) = (0.0, most);
    while high - low > 1e3_f64.max(1e-5 * high) {
        let middle = 0.5 * (low + high);
        if below(middle) < probability * all { low = middle } else { high = middle }
    }
    Some(high)
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
