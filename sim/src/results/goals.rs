//! Goals against what was found, with respect for its interval.

use super::judgement::{Found, Judgement};
use super::out_of_reach::backend_misses;
use super::overload::{self, Overloaded};
use super::sample::Sample;
use super::together;
use crate::deployment::{Arrivals, Goals, LatencyMetric};
use crate::quantity::{FlowSample, Quantity};
use crate::results::{GoalCheck, Reason, Verdict};
use crate::scenario::Scenario;
use crate::stats::Estimate;
use crate::study::{Design, Situation, lost_node};
use crate::years::{self, Years};

/// With fewer failures to be expected, those seen may well be half as many or twice as many.
const ENOUGH_FAILURES: f64 = 20.0;

/// A deployment in one situation, and what was seen there.
struct Bench<'a> {
    scenario: &'a Scenario,
    situation: &'a Situation,
    index: usize,
    sample: &'a Sample<'a>,
    /// What years of failures cost; none where that is not known.
    years: Option<&'a Years>,
    /// Those clusters of which calibrations do not leave it open.
    overloaded: Vec<Overloaded>,
}

/// Every goal of every flow in every situation of a deployment. Availability is that of the deployment as it
/// is, over horizons; the others also hold in its reduced situations.
pub(crate) fn checks(
    scenario: &Scenario,
    design: &Design,
    sample: &Sample<'_>,
    deployment: usize,
    years: Option<&Years>,
) -> Vec<GoalCheck> {
    let situations = design.situations.iter().enumerate();
    let own = situations.filter(|(_, s)| s.deployment == deployment && s.kind.is_judged());
    let benches: Vec<Bench<'_>> = own
        .map(|(index, situation)| {
            let mut overloaded = overload::of(scenario, situation);
            overloaded.retain(|one| overload::is_certain(scenario, design, index, one));
            Bench { scenario, situation, index, sample, years, overloaded }
        })
        .collect();
    let goals: Vec<Goals> = (0..scenario.flows.len()).map(|f| scenario.goals_of(f)).collect();
    let mut checks = Vec::new();
    for quantity in Quantity::limited() {
        let limited = goals.iter().enumerate();
        let limits: Vec<(usize, f64)> =
            limited.filter_map(|(flow, goals)| Some((flow, quantity.limit(goals)?))).collect();
        let check = |bench: &Bench<'_>, (flow, limit): &(usize, f64)| {
            let judgement = bench.judge(*flow, quantity, *limit);
            bench.checked(*flow, quantity, *limit, judgement)
        };
        if quantity.is_of_horizons() {
            for bench in benches.iter().filter(|bench| bench.situation.is_whole()) {
                let over =
                    |(flow, limit): &(usize, f64)| bench.over_horizons(*flow, quantity, *limit);
                checks.extend(limits.iter().filter_map(over));
                let in_window = limits.iter().filter(|_| bench.is_judged_in_window(quantity));
                checks.extend(in_window.map(|limit| check(bench, limit)));
            }
            continue;
        }
        for bench in &benches {
            checks.extend(limits.iter().map(|limit| check(bench, limit)));
        }
        if let Some(whole) = benches.first() {
            checks.extend(whole.lost_for_good(quantity, &limits));
        }
    }
    checks
}

impl Bench<'_> {
    fn checked(
        &self,
        flow: usize,
        quantity: Quantity,
        limit: f64,
        judgement: Judgement,
    ) -> GoalCheck {
        GoalCheck {
            goal: quantity,
            flow: self.scenario.flows[flow].name.clone(),
            tenant: self.scenario.flows[flow].tenant.clone(),
            situation: self.situation.name.clone(),
            limit,
            found: judgement.found,
            verdict: judgement.verdict,
            reason: judgement.reason,
            chance: judgement.chance,
        }
    }

    fn judge(&self, flow: usize, quantity: Quantity, limit: f64) -> Judgement {
        let sample = self.sample.flow(self.index, flow);
        let judgement = judgement(quantity, &sample, limit);
        self.known_otherwise(flow, quantity, limit, judgement)
    }

    /// A judgement, unless it is known without any number that the goal is missed.
    fn known_otherwise(
        &self,
        flow: usize,
        quantity: Quantity,
        limit: f64,
        judgement: Judgement,
    ) -> Judgement {
        let backlog = self.backlog(flow, quantity, limit);
        if !backlog.is_empty() {
            // What was found grows with the window.
            return judgement.replaced(Verdict::Missed, Reason::Backlog(backlog));
        }
        let backend = backend_misses(&self.scenario.flows[flow], quantity, limit);
        if let Some(alone) = backend.filter(|_| judgement.found.is_some()) {
            // Known without any simulation.
            return judgement.replaced(Verdict::Missed, Reason::Backend { alone });
        }
        judgement
    }

    /// Names of the clusters at which ever more requests of a flow wait, so that it misses this limit in time.
    fn backlog(&self, flow: usize, quantity: Quantity, limit: f64) -> Vec<String> {
        let clusters = &self.scenario.deployments[self.situation.deployment].clusters;
        let growing =
            growing(self.scenario, self.situation, &self.overloaded, (flow, quantity, limit));
        growing.map(|cluster| clusters[cluster].name.clone()).collect()
    }

    fn is_judged_in_window(&self, quantity: Quantity) -> bool {
        let is_seen = self.years.is_none() && self.is_seen_in_windows();
        quantity == Quantity::Availability && (is_seen || is_seen_in_window(self.situation))
    }

    /// Whether so much fails that the windows show it.
    fn is_seen_in_windows(&self) -> bool {
        let seconds = self.sample.window_seconds() * f64::from(self.sample.replications());
        seconds * years::failures_per_second(&self.situation.network) >= ENOUGH_FAILURES
    }

    /// What is asked for over horizons; none where nothing fails in them.
    fn over_horizons(&self, flow: usize, quantity: Quantity, limit: f64) -> Option<GoalCheck> {
        let network = &self.situation.network;
        if !years::may_fail(network) || (self.years.is_none() && self.is_seen_in_windows()) {
            return None;
        }
        let years = self.years.map(|years| (years, &years.flows[flow]));
        let found = years.and_then(|(_, years)| match quantity {
            Quantity::Availability => Some(years.availability),
            _ => years.meets_goal,
        });
        let verdict = match found {
            Some(found) if found.is_at_least(limit) => Verdict::Met,
            Some(found) if found.is_below(limit) => Verdict::Missed,
            _ => Verdict::Undecided,
        };
        let reason = match (verdict, years) {
            (Verdict::Undecided, Some((years, _))) => Reason::MoreHorizons(years.horizons),
            (Verdict::Undecided, None) => Reason::NoHorizons,
            _ => Reason::Found,
        };
        let judgement = Judgement { found, verdict, reason, chance: 1.0 };
        let judgement = self.known_otherwise(flow, quantity, limit, judgement);
        let situation = format!("over {}", self.scenario.horizon);
        Some(GoalCheck { situation, ..self.checked(flow, quantity, limit, judgement) })
    }

    /// A cluster of one node cannot lose it; the flows that need it fail.
    fn lost_for_good(&self, quantity: Quantity, limits: &[(usize, f64)]) -> Vec<GoalCheck> {
        let clusters = &self.scenario.deployments[self.situation.deployment].clusters;
        let single = clusters
            .iter()
            .enumerate()
            .filter(|(_, cluster)| self.scenario.survive > 0 && cluster.nodes == 1);
        let check = |(index, flow, limit): (usize, usize, f64)| GoalCheck {
            goal: quantity,
            flow: self.scenario.flows[flow].name.clone(),
            tenant: self.scenario.flows[flow].tenant.clone(),
            situation: lost_node(&clusters[index].name),
            limit,
            found: None,
            verdict: Verdict::Missed,
            reason: Reason::OnlyNode(clusters[index].name.clone()),
            chance: 1.0,
        };
        single
            .flat_map(|(index, _)| limits.iter().map(move |(flow, limit)| (index, *flow, *limit)))
            .filter(|(index, flow, _)| self.situation.network.share_through(*flow, *index) > 0.0)
            .map(check)
            .collect()
    }
}

/// The overloaded clusters at which ever more requests of a flow wait, so that it misses this
/// limit in time. Where a queue is bounded none waits long, and where the client gives up sooner
/// than the limit none that is answered has waited longer: what was found tells.
fn growing<'a>(
    scenario: &'a Scenario,
    situation: &'a Situation,
    overloaded: &'a [Overloaded],
    (flow, quantity, limit): (usize, Quantity, f64),
) -> impl Iterator<Item = usize> + 'a {
    let network = &situation.network;
    let asks = &scenario.flows[flow];
    let grows = move |overloaded: &&Overloaded| {
        let through = network.share_through(flow, overloaded.cluster);
        let unbounded = network.clusters[overloaded.cluster].places == u32::MAX;
        let hit = match quantity {
            Quantity::Latency(_) => {
                let gives_up = asks.timeout.is_some_and(|timeout| timeout.as_ms() <= limit);
                if gives_up { 0.0 } else { through }
            }
            // Users who wait for their answer bring no more than is carried.
            _ if matches!(asks.arrivals, Arrivals::Closed { .. }) => 0.0,
            _ => through * overloaded.excess(),
        };
        unbounded && hit > tolerated(quantity, limit)
    };
    overloaded.iter().filter(grows).map(|overloaded| overloaded.cluster)
}

/// A goal that is missed whatever is seen: ever more requests of a flow wait at a cluster that cannot carry its load.
#[derive(Clone, Debug)]
pub(crate) struct Hopeless {
    pub(crate) goal: Quantity,
    /// Index of the flow, and of the cluster.
    pub(crate) flow: usize,
    pub(crate) cluster: usize,
    /// Name of the situation.
    pub(crate) situation: String,
}

/// The first goal of a scenario that is so; none where only a simulation can tell.
pub(crate) fn hopeless(scenario: &Scenario, design: &Design) -> Option<Hopeless> {
    let judged = design.situations.iter().enumerate().filter(|(_, s)| s.kind.is_judged());
    judged.into_iter().find_map(|(index, situation)| {
        let mut overloaded = overload::of(scenario, situation);
        overloaded.retain(|one| overload::is_certain(scenario, design, index, one));
        let of_flow = |flow: usize| {
            let goals = scenario.goals_of(flow);
            let limits = Quantity::limited()
                .filter(|quantity| !quantity.is_of_horizons())
                .filter_map(move |quantity| Some((quantity, quantity.limit(&goals)?)));
            limits
                .collect::<Vec<_>>()
                .into_iter()
                .map(move |(quantity, limit)| (flow, quantity, limit))
        };
        let mut limits = (0..scenario.flows.len()).flat_map(of_flow);
        limits.find_map(|limit| {
            let cluster = growing(scenario, situation, &overloaded, limit).next()?;
            let (flow, goal, _) = limit;
            Some(Hopeless { goal, flow, cluster, situation: situation.name.clone() })
        })
    })
}

/// The judgement over all goals: none where there are none.
pub(crate) fn verdict(checks: &[GoalCheck]) -> Option<Verdict> {
    let any = |verdict: Verdict| checks.iter().any(|check| check.verdict == verdict);
    if checks.is_empty() {
        return None;
    }
    Some(match () {
        () if any(Verdict::Missed) => Verdict::Missed,
        () if any(Verdict::Undecided) => Verdict::Undecided,
        () => Verdict::Met,
    })
}

/// Whether no goal is undecided that more replications could decide, all goals judged together.
pub(crate) fn are_decided(
    scenario: &Scenario,
    design: &Design,
    sample: &Sample<'_>,
    confidence: f64,
) -> bool {
    let all = 0..scenario.deployments.len();
    let mut checks: Vec<Vec<GoalCheck>> =
        all.map(|index| checks(scenario, design, sample, index, None)).collect();
    together::judge(checks.iter_mut(), confidence, sample.replications());
    let is_open =
        |reason: &Reason| matches!(reason, Reason::MoreReplications(_) | Reason::AmongMany(_));
    !checks
        .iter()
        .flatten()
        .any(|check| check.verdict == Verdict::Undecided && is_open(&check.reason))
}

/// Whether every goal's quantity is known well enough; throughput and p99 where no goal is stated. What
/// calibrations leave open is not asked for: replications do not make it less.
pub(crate) fn are_precise(
    scenario: &Scenario,
    design: &Design,
    sample: &Sample<'_>,
    relative: f64,
) -> bool {
    let small = |found: &Estimate| {
        found.mean == 0.0 || found.relative_half_width().is_some_and(|width| width <= relative)
    };
    let is_known = |flow: &FlowSample<'_>, goals: &Goals, is_seen: bool| {
        if goals.is_empty() {
            let found =
                [Quantity::P99, Quantity::Throughput].map(|quantity| quantity.seen_of_flow(flow));
            return found.iter().flatten().all(small);
        }
        let seen = |of: &Quantity| *of != Quantity::Availability || is_seen;
        Quantity::limited().filter(seen).all(|quantity| {
            let limit = quantity.limit(goals);
            let seen = || quantity.seen_of_flow(flow);
            limit.is_none_or(|limit| is_precise(quantity, limit, seen(), relative))
        })
    };
    let goals: Vec<Goals> = (0..scenario.flows.len()).map(|f| scenario.goals_of(f)).collect();
    let situations = design.situations.iter().enumerate();
    let mut judged = situations.filter(|(_, situation)| situation.kind.is_judged());
    judged.all(|situation| {
        let (situation, judged) = situation;
        let is_seen = judged.is_whole() && is_seen_in_window(judged);
        let mut flows = goals.iter().enumerate();
        flows.all(|(flow, goals)| is_known(&sample.flow(situation, flow), goals, is_seen))
    })
}

/// Whether availability is to be seen in the window: where drills are scripted, which are of the window alone, and
/// where nothing ever fails by itself.
fn is_seen_in_window(situation: &Situation) -> bool {
    let is_drilled = !situation.outages.is_empty() || !situation.suppliers.is_empty();
    is_drilled || !years::may_fail(&situation.network)
}

fn judgement(quantity: Quantity, flow: &FlowSample<'_>, limit: f64) -> Judgement {
    let found = match quantity {
        Quantity::Latency(metric) => Found::latency(flow, metric, limit),
        Quantity::ErrorRate => Found::error_rate(flow),
        Quantity::Availability => Found::availability(flow),
        other => unreachable!("no goal limits {}", other.name()),
    };
    found.judge(limit)
}

/// The share of requests that may be as slow as they like, or fail, without the goal being missed.
fn tolerated(quantity: Quantity, limit: f64) -> f64 {
    match quantity {
        Quantity::Latency(LatencyMetric::Quantile(probability)) => 1.0 - probability,
        Quantity::ErrorRate => limit,
        Quantity::Availability => 1.0 - limit,
        _ => 0.0,
    }
}

/// Whether the half-width is small enough: relative to the value, of shares to the errors that the
/// goal allows.
fn is_precise(quantity: Quantity, limit: f64, found: Option<Estimate>, relative: f64) -> bool {
    let Some(found) = found else { return true };
    let scale = match quantity {
        Quantity::ErrorRate => limit.max(found.mean),
        Quantity::Availability => (1.0 - limit).max(1.0 - found.mean),
        _ => found.mean,
    };
    found.half_width.is_some_and(|half_width| half_width <= relative * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    const P99: Quantity = Quantity::P99;

    #[test]
    fn so_many_requests_may_be_slow_or_fail_as_the_goal_leaves() {
        let left = [(Quantity::MEAN, 0.0), (P99, 0.01), (Quantity::ErrorRate, 0.002)];
        for (quantity, share) in left.into_iter().chain([(Quantity::Availability, 0.998)]) {
            assert!((tolerated(quantity, 0.002) - share).abs() < 1e-12);
        }
    }

    #[test]
    fn precision_is_relative_to_a_latency_and_to_the_errors_that_are_allowed_or_found() {
        // The least relative half-width that is precise enough.
        let least = |quantity: Quantity, limit, mean, half_width| {
            let found = Some(Estimate::symmetric(mean, half_width));
            let is_precise = |per_cent: &i32| {
                is_precise(quantity, limit, found, f64::from(*per_cent) * 0.01 + 1e-9)
            };
            (1..200).find(is_precise)
        };
        assert_eq!(least(P99, 300.0, 100.0, 5.0), Some(5));
        assert_eq!(least(Quantity::ErrorRate, 0.01, 0.002, 0.001), Some(10));
        assert_eq!(least(Quantity::ErrorRate, 0.01, 0.02, 0.001), Some(5));
        assert_eq!(least(Quantity::Availability, 0.99, 0.998, 0.001), Some(10));
        assert_eq!(least(Quantity::Availability, 0.99, 0.98, 0.001), Some(5));
        assert!(!is_precise(P99, 300.0, Some(Estimate::unknown(100.0)), 0.5));
        assert!(is_precise(P99, 300.0, None, 0.01));
    }
}
