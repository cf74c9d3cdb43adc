//! From what is known of all episodes, and seen of some, to what a year costs.

use std::collections::BTreeMap;

use super::calm::{CALM_FREEDOM, Calm, CalmFlow};
use super::culprit::{Culprit, PerCulprit};
use super::drawn::{self, Costly};
use super::outline::Kind;
use super::population::Population;
use super::strata::{Measure, Strata, Stratum, Told};
use super::{Asked, FlowYears, MINUTES_OF_A_YEAR, Years};
use crate::stats::{Estimate, Histogram, standard_normal, student_t};

/// As many degrees of freedom as make Student's distribution a normal one.
const MOST_FREEDOM: f64 = 1e4;
/// Seconds of a year of 365 days.
const YEAR: f64 = 60.0 * MINUTES_OF_A_YEAR;

/// Whether what is lost in horizons is known within this share of it, as far as groups differ, of every flow.
pub(super) fn are_known(asked: &Asked<'_>, calm: &Calm, strata: &Strata, precision: f64) -> bool {
    (0..asked.network.flows.len()).all(|flow| {
        let cost = Bench::new(asked, calm, strata, flow).cost(Measure::Lost);
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
    lost: BTreeMap<Kind, Told>,
    down: BTreeMap<Kind, Told>,
}

/// What failures cost a horizon, seconds, and of what the error of that is made.
struct Cost {
    mean: f64,
    /// As far as it was played.
    played: f64,
    /// Variance of the mean: of what differs between groups, and of each stratum, with degrees of freedom.
    between: f64,
    within: Vec<(Kind, f64, f64)>,
    /// That of what was not played, and so may cost anything between nothing and all that comes in it.
    unplayed: f64,
}

impl<'a> Bench<'a> {
    fn new(asked: &'a Asked<'a>, calm: &'a Calm, strata: &'a Strata, flow: usize) -> Self {
        let told = |measure: Measure| {
            let kinds = strata.all.keys();
            kinds.filter_map(|kind| Some((*kind, strata.told(*kind, flow, measure)?))).collect()
        };
        let (lost, down) = (told(Measure::Lost), told(Measure::Down));
        Self { asked, calm: &calm.flows[flow], strata, flow, lost, down }
    }

    fn told(&self, measure: Measure) -> &BTreeMap<Kind, Told> {
        match measure {
            Measure::Lost => &self.lost,
            Measure::Down => &self.down,
        }
    }

    /// Strata so small that none of them has been played.
    fn unplayed(&self) -> impl Iterator<Item = (&Kind, &Stratum)> {
        self.strata.all.iter().filter(|(_, stratum)| stratum.played.is_empty())
    }

    fn cost(&self, measure: Measure) -> Cost {
        let told = self.told(measure);
        let (groups, scale) = (f64::from(self.strata.groups), self.strata.scale());
        let mut of_group = vec![0.0; self.strata.groups as usize];
        for outline in &self.strata.outlines {
            if let Some(told) = told.get(&outline.kind) {
                let cost = told.cost(&outline.flows[self.flow]);
                of_group[outline.group as usize] += outline.weight * cost;
            }
        }
        let sum: f64 = of_group.iter().sum();
        let squares: f64 = of_group.iter().map(|cost| (cost - sum / groups).powi(2)).sum();
        let within = told.iter().map(|(kind, told)| {
            let stands_for = scale * self.strata.all[kind].weight();
            (*kind, stands_for * stands_for * told.variance(), told.freedom())
        });
        let unplayed = scale * self.unplayed().map(|(_, stratum)| stratum.seconds).sum::<f64>();
        Cost {
            mean: scale * sum + 0.5 * unplayed,
            played: scale * sum,
            between: scale * scale * squares * groups / (groups - 1.0).max(1.0),
            within: within.collect(),
            unplayed: unplayed * unplayed / 12.0,
        }
    }

    /// The share of time, or of requests, that this is of a horizon, beside what it is in calm, of which the
    /// variance is known, too.
    fn share(&self, cost: &Cost, in_calm: (f64, f64)) -> Estimate {
        let horizon = self.asked.horizon.as_seconds();
        let mean = in_calm.0 + cost.mean / horizon;
        let groups = f64::from(self.strata.groups);
        let mut parts = vec![
            (in_calm.1, CALM_FREEDOM),
            (cost.between / horizon.powi(2), groups - 1.0),
            (cost.unplayed / horizon.powi(2), MOST_FREEDOM),
        ];
        parts.extend(cost.within.iter().map(|(_, v, n)| (v / horizon.powi(2), *n)));
        let half_width = half_width(&parts, self.asked.confidence);
        Estimate::between(
            mean.clamp(0.0, 1.0),
            Some((mean - half_width).clamp(0.0, 1.0)),
            Some((mean + half_width).clamp(0.0, 1.0)),
        )
    }

    /// The share of requests that is lost.
    fn lost(&self) -> Estimate {
        let t = student_t(self.asked.confidence, CALM_FREEDOM);
        let variance = (self.calm.lost.half_width.unwrap_or(0.0) / t).powi(2);
        self.share(&self.cost(Measure::Lost), (self.calm.lost.mean, variance))
    }

    /// The share of time in which the flow is served.
    fn time_available(&self) -> Estimate {
        self.share(&self.cost(Measure::Down), (self.calm.unserved, 0.0)).complement()
    }

    /// The share of horizons in which no more is lost than the goal allows. What differs between episodes that are
    /// alike is drawn from what was seen of those that were played.
    fn meets_goal(&self, population: &Population<'_>, limit: f64, horizons: u32) -> Estimate {
        let allowed = (1.0 - limit - self.calm.lost.mean) * self.asked.horizon.as_seconds();
        let outlines = self.strata.outlines.iter();
        let costly = outlines.filter_map(|outline| {
            let told = self.lost.get(&outline.kind).filter(|told| !told.is_nothing())?;
            Some(Costly {
                outline,
                cost: told.cost(&outline.flows[self.flow]),
                residuals: &told.residuals,
            })
        });
        let costly: Vec<Costly<'_>> = costly.collect();
        let drawing = drawn::Drawing { population, strata: self.strata, flow: self.flow, horizons };
        drawing.share_within(&costly, allowed)
    }

    /// Minutes a year, by what they are put down to.
    fn minutes(&self) -> PerCulprit {
        let in_year = self.strata.scale() / self.asked.horizon.as_seconds() * MINUTES_OF_A_YEAR;
        let mut minutes = PerCulprit::default();
        for outline in &self.strata.outlines {
            let Some(told) = self.lost.get(&outline.kind) else { continue };
            let cost = outline.weight * told.cost(&outline.flows[self.flow]) * in_year;
            let shares = minutes.iter_mut().zip(&told.shares);
            shares.for_each(|(minutes, share)| *minutes += cost * share);
        }
        for (kind, stratum) in self.unplayed() {
            minutes[kind.culprit() as usize] += 0.5 * stratum.seconds * in_year;
        }
        minutes[Culprit::Load as usize] += self.calm.lost.mean * MINUTES_OF_A_YEAR;
        minutes
    }

    /// Outages of every episode, with how many a year are like it: as long as is known, and as what was played is
    /// longer.
    fn outages(&self) -> Vec<(f64, f64)> {
        let in_year = self.strata.scale() / self.asked.horizon.as_seconds() * YEAR;
        let mut all = Vec::new();
        for stratum in self.strata.all.values() {
            let with_outage: Vec<(f64, &[f64])> = stratum
                .played
                .iter()
                .map(|play| (self.known_down(play.place), &play.flows[self.flow].outages[..]))
                .filter(|(_, outages)| !outages.is_empty())
                .collect();
            if with_outage.is_empty() {
                continue;
            }
            // So many in an episode that has any, and so much longer in all than is known.
            let hit = with_outage.len() as f64;
            let in_one =
                with_outage.iter().map(|(_, outages)| outages.len()).sum::<usize>() as f64 / hit;
            let longer = |(known, outages): &(f64, &[f64])| outages.iter().sum::<f64>() - known;
            let longer = with_outage.iter().map(longer).sum::<f64>() / hit;
            let share = hit / stratum.played.len() as f64 * in_one * in_year;
            all.extend(stratum.members.iter().map(|place| {
                let length = ((self.known_down(*place) + longer) / in_one).max(1.0);
                (length, self.strata.outlines[*place].weight * share)
            }));
        }
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        all
    }

    /// For how long a cluster is out that the flow needs, in the episode at this place, seconds.
    fn known_down(&self, place: usize) -> f64 {
        self.strata.outlines[place].flows[self.flow].down()
    }

    /// Sojourn times of a horizon, each for so many of its like.
    fn sojourn(&self) -> Vec<(f64, &'a Histogram)> {
        let mut all = Vec::new();
        let mut in_episodes = 0.0;
        let sojourn = |stratum: &'a Stratum| {
            stratum.played.iter().flat_map(|play| &play.flows[self.flow].sojourn)
        };
        for stratum in self.strata.all.values() {
            let weight =
                self.strata.scale() * stratum.weight() / stratum.played.len().max(1) as f64;
            for (own, sojourn) in sojourn(stratum) {
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

    fn years(&self, population: Option<&Population<'_>>, horizons: u32) -> FlowYears {
        let lost = self.lost();
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
            meets_goal: self.asked.limits[self.flow].map(|limit| match population {
                Some(population) => self.meets_goal(population, limit, horizons),
                None => Estimate::symmetric(f64::from(u8::from(lost.mean <= 1.0 - limit)), 0.0),
            }),
            latency_ms: quantile(0.99).zip(quantile(0.999)),
            minutes: self.minutes(),
        }
    }
}

/// What years cost every flow; no population is where nothing ever happens.
pub(super) fn years(
    asked: &Asked<'_>,
    calm: &Calm,
    population: Option<&Population<'_>>,
    strata: &Strata,
    unsettled: u32,
) -> Years {
    let flows = 0..asked.network.flows.len();
    let horizons =
        population.map_or(asked.horizons, |population| drawn::horizons(population, strata));
    let of_flow = |flow| Bench::new(asked, calm, strata, flow).years(population, horizons);
    Years {
        horizons,
        episodes: strata.outlines.len() as u64,
        played: strata.all.values().map(|stratum| stratum.played.len() as u32).sum(),
        unsettled,
        flows: flows.map(of_flow).collect(),
    }
}

/// The least that any flow loses in a horizon by what was played, seconds, calm included.
pub(super) fn least_lost(asked: &Asked<'_>, calm: &Calm, strata: &Strata) -> f64 {
    let flows = 0..asked.network.flows.len();
    let lost = flows.map(|flow| {
        let in_calm = calm.flows[flow].lost.mean * asked.horizon.as_seconds();
        Bench::new(asked, calm, strata, flow).cost(Measure::Lost).played + in_calm
    });
    lost.fold(f64::INFINITY, f64::min)
}

/// By stratum, its part of the variance of what is lost, as a share of the square of that, of the flow of which it is the
/// largest; nothing where every flow is known within the precision.
pub(super) fn open(
    asked: &Asked<'_>,
    calm: &Calm,
    strata: &Strata,
    precision: f64,
) -> Vec<(Kind, f64)> {
    let mut parts: BTreeMap<Kind, f64> = BTreeMap::new();
    for flow in 0..asked.network.flows.len() {
        let cost = Bench::new(asked, calm, strata, flow).cost(Measure::Lost);
        let all = cost.mean + calm.flows[flow].lost.mean * asked.horizon.as_seconds();
        let within: Vec<(f64, f64)> = cost.within.iter().map(|(_, v, n)| (*v, *n)).collect();
        let width = half_width(&within, asked.confidence);
        if all <= 0.0 || width <= precision * all {
            continue;
        }
        for (kind, variance, _) in cost.within {
            // One more of few tells more than one more of many.
            let part = variance * strata.all[&kind].played.len() as f64 / (all * all);
            let known = parts.entry(kind).or_insert(0.0);
            *known = known.max(part);
        }
    }
    parts.into_iter().collect()
}

/// That of a sum whose parts have these variances, each known with so many degrees of freedom (Welch and Satterthwaite).
fn half_width(parts: &[(f64, f64)], confidence: f64) -> f64 {
    let variance: f64 = parts.iter().map(|(variance, _)| variance).sum();
    let by_freedom: f64 =
        parts.iter().map(|(variance, freedom)| variance * variance / freedom).sum();
    let freedom = if by_freedom > 0.0 { variance * variance / by_freedom } else { 1.0 };
    // With more it is a normal one, whose quantiles take a library for ever as one of Student's.
    let freedom = freedom.clamp(1.0, MOST_FREEDOM);
    student_t(confidence, freedom) * variance.sqrt()
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
