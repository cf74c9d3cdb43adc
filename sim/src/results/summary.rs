//! From the observations of all replications to the results that reports show.

use super::differences::differences;
use super::explaining::explanation;
use super::isolated::isolation;
use super::out_of_reach::out_of_reach;
use super::sample::Sample;
use super::{calibrated, database, goals, memory, overload, sensitivity, states, together};
use crate::cause::PerCause;
use crate::engine::SecondObservations;
use crate::quantity::Quantity;
use crate::results::{
    About, ClusterResult, DeploymentResult, FlowResult, Note, Results, TimelinePoint,
};
use crate::scenario::Scenario;
use crate::stats::Histogram;
use crate::study::{Design, Situation, Study, WarmUp};
use crate::years::Years;

/// Hours in a month.
const HOURS_PER_MONTH: f64 = 730.0;

/// What a study shows of a scenario.
pub(crate) fn results(scenario: &Scenario, design: &Design, study: &Study) -> Results {
    let (sample, warm_up) = (&Sample::new(scenario, design, study, u32::MAX), &study.warm_up());
    let mut deployments: Vec<DeploymentResult> = design
        .situations
        .iter()
        .enumerate()
        .filter(|(_, situation)| situation.is_whole())
        .map(|(index, situation)| {
            let years = study.years().get(situation.deployment).and_then(Option::as_ref);
            deployment(scenario, design, sample, warm_up, index, years)
        })
        .collect();
    sensitivity::buy(&mut deployments, study, scenario.run.confidence);
    let checks = deployments.iter_mut().map(|deployment| &mut deployment.goal_checks);
    together::judge(checks, scenario.run.confidence, sample.replications());
    for deployment in &mut deployments {
        deployment.verdict = goals::verdict(&deployment.goal_checks);
    }
    Results {
        out_of_reach: out_of_reach(scenario),
        scenario: scenario.clone(),
        warm_up: warm_up.span,
        warm_up_found: scenario.run.warm_up.is_none(),
        replications: sample.replications(),
        partial: !study.is_complete(scenario.run.replications),
        deployments,
        differences: differences(scenario, sample),
        explanation: explanation(scenario, design, study),
        isolation: isolation(scenario, design, sample),
        events: sample.events(),
    }
}

fn deployment(
    scenario: &Scenario,
    design: &Design,
    sample: &Sample<'_>,
    warm_up: &WarmUp,
    index: usize,
    years: Option<&Years>,
) -> DeploymentResult {
    let situations = &design.situations[..];
    let situation = &situations[index];
    let deployment = &scenario.deployments[situation.deployment];
    let overloaded = overload::of(scenario, situation);
    let goal_checks = goals::checks(scenario, design, sample, situation.deployment, years);
    let clusters = deployment.clusters.iter();
    let price_per_hour: f64 =
        clusters.map(|cluster| f64::from(cluster.nodes) * cluster.profile.price_per_hour).sum();
    let is_hit = |flow: usize| {
        let network = &situation.network;
        overloaded.iter().any(|cluster| network.share_through(flow, cluster.cluster) > 0.0)
    };
    let mut notes = notes(scenario, situations, sample, warm_up, index, &is_hit);
    let held = memory::shortages(deployment, sample, index, &overloaded);
    let on = |about| move |text| Note { about, text };
    notes.extend(database::shortages(scenario, situation).into_iter().map(on(About::Database)));
    notes.extend(held.into_iter().map(on(About::Memory)));
    let flows: Vec<FlowResult> =
        (0..scenario.flows.len()).map(|f| flow(scenario, sample, index, f)).collect();
    notes.extend(calibrated::note(deployment, &flows).map(on(About::Calibration)));
    DeploymentResult {
        name: deployment.name.clone(),
        pattern: deployment.pattern.clone(),
        flows,
        clusters: (0..deployment.clusters.len())
            .map(|cluster_index| cluster(scenario, situation, sample, index, cluster_index))
            .collect(),
        // Sums of prices have no more decimals than prices.
        price_per_month: (price_per_hour * HOURS_PER_MONTH * 1e4).round() / 1e4,
        // Known when all deployments are.
        verdict: None,
        notes,
        years: years.cloned(),
        // Known when all deployments are.
        sensitivity: None,
        overloads: overloaded.iter().map(|each| each.result(scenario, situation)).collect(),
        goal_checks,
    }
}

fn flow(scenario: &Scenario, sample: &Sample<'_>, situation: usize, index: usize) -> FlowResult {
    let flow = &scenario.flows[index];
    let observed = sample.flow(situation, index);
    FlowResult {
        name: flow.name.clone(),
        tenant: flow.tenant.clone(),
        kind: flow.kind,
        found: Quantity::of_flows().map(|of| (of, of.of_flow(&observed))).collect(),
        distribution: distribution(observed.pooled()),
        timeline: timeline(scenario, sample, situation, index),
    }
}

/// The quantiles of every per cent, and of the upper tail as far as ten values support them.
fn distribution(pooled: &Histogram) -> Vec<(f64, f64)> {
    let resolution = 10.0 / pooled.total().max(1) as f64;
    let tail = (1..=40).map(|tenth| 0.01 * 10_f64.powf(-f64::from(tenth) / 10.0));
    let upper = tail.filter(|share| *share >= resolution).map(|share| 1.0 - share);
    let whole = (1..=99).map(|per_cent| f64::from(per_cent) / 100.0);
    whole
        .chain(upper)
        .filter_map(|probability| Some((probability, pooled.quantile(probability)? / 1e6)))
        .collect()
}

fn timeline(
    scenario: &Scenario,
    sample: &Sample<'_>,
    situation: usize,
    flow: usize,
) -> Vec<TimelinePoint> {
    let timeline = sample.timeline(situation);
    let Some(seconds) = timeline.flows.get(flow).filter(|_| scenario.is_eventful()) else {
        return Vec::new();
    };
    let replications = f64::from(sample.replications().max(1));
    let rate = |count: u64| count as f64 / replications;
    // A last second that is not whole would look like a drop.
    let whole = sample.window_seconds().floor() as usize;
    let nothing = SecondObservations::default();
    (0..whole)
        .map(|second| {
            let seen = seconds.get(second).unwrap_or(&nothing);
            TimelinePoint {
                second: second as u32,
                throughput_rps: rate(seen.answered),
                errors_rps: rate(seen.failed.total()),
                errors_by_cause_rps: PerCause::of_each(|cause| rate(seen.failed[cause])),
                wasted_rps: rate(seen.wasted),
                p99_ms: seen.sojourn.quantile(0.99).map(|nanos| nanos * 1e-6),
            }
        })
        .collect()
}

fn cluster(
    scenario: &Scenario,
    situation: &Situation,
    sample: &Sample<'_>,
    index: usize,
    cluster_index: usize,
) -> ClusterResult {
    let cluster = &scenario.deployments[situation.deployment].clusters[cluster_index];
    let observed = sample.cluster(index, cluster_index);
    let rates = overload::rates(scenario, situation);
    ClusterResult {
        name: cluster.name.clone(),
        tenant: cluster.tenant.clone(),
        profile: cluster.profile.name.clone(),
        nodes: cluster.nodes,
        cores: cluster.profile.cores,
        found: Quantity::of_clusters().map(|of| (of, of.of_cluster(&observed))).collect(),
        peak_in_flight_per_node: observed.peak_in_flight(),
        offered_load_cores: situation.network.offered_load(cluster_index, &rates),
        offered_load_with_stops_cores: overload::with_stops(
            &situation.network,
            cluster_index,
            &rates,
        ),
    }
}

/// What a reader should know before trusting the numbers. Of flows that an overloaded cluster hits it is
/// known why they do not settle and differ.
fn notes(
    scenario: &Scenario,
    situations: &[Situation],
    sample: &Sample<'_>,
    warm_up: &WarmUp,
    situation: usize,
    is_hit: &impl Fn(usize) -> bool,
) -> Vec<Note> {
    let mut notes = Vec::new();
    if !warm_up.settled && !(0..scenario.flows.len()).any(is_hit) {
        let text = format!(
            "no steady state was found in the pilot runs; half of their length, {}, is discarded: \
             lengthen the window or set `warm_up`",
            warm_up.span
        );
        notes.push(Note { about: About::WarmUp, text });
    }
    for (index, flow) in scenario.flows.iter().enumerate() {
        let observed = sample.flow(situation, index);
        if !is_hit(index) {
            let of_replications = states::of_replications(&flow.name, &observed);
            let kept =
                || states::after_drills(scenario, &situations[situation], sample, situation, index);
            let states = of_replications.or_else(kept);
            notes.extend(states.map(|text| Note { about: About::States, text }));
        }
    }
    let unanswered = unanswered(scenario, sample, situation);
    notes.extend(unanswered.map(|text| Note { about: About::Unanswered, text }));
    notes
}

/// So many flows are named in a note.
const MOST_NAMED: usize = 4;

/// A backlog that grows hides in numbers that speak only of requests that have ended.
fn unanswered(scenario: &Scenario, sample: &Sample<'_>, situation: usize) -> Option<String> {
    let flows = scenario.flows.iter().enumerate();
    let mut left: Vec<(f64, &str)> = flows
        .map(|(index, flow)| (sample.flow(situation, index).backlog_share(), flow.name.as_str()))
        .filter(|(share, _)| *share > 0.0)
        .collect();
    left.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (shown, rest) = left.split_at(left.len().min(MOST_NAMED));
    let each = shown.iter().map(|(share, name)| format!("{:.0} % of `{name}`", 100.0 * share));
    let more = (!rest.is_empty()).then(|| format!("less of {} more flows", rest.len()));
    let parts: Vec<_> = each.chain(more).collect();
    (!parts.is_empty()).then(|| {
        format!(
            "still unanswered at the end of the window, of the requests of a flow: {}; they count as \
             not available, and latency speaks of the others",
            parts.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_reaches_as_far_as_ten_values_do() {
        let mut pooled = Histogram::default();
        assert_eq!(distribution(&pooled), []);
        (1..=12_000).for_each(|tenth| pooled.record(tenth * 100_000));
        let found = distribution(&pooled);
        // 99 per cents, and tenths of a decade from 1 % down to 0.1 %: less are no ten of 12 000.
        assert_eq!(found.len(), 99 + 10);
        for (index, (probability, ms)) in found.iter().enumerate() {
            let exact = match index as f64 + 1.0 {
                per_cent if per_cent < 100.0 => per_cent / 100.0,
                tenth => 1.0 - 0.01 * 10_f64.powf((99.0 - tenth) / 10.0),
            };
            assert!((probability - exact).abs() < 1e-12, "{index}: {probability}");
            assert!((ms / (exact * 1200.0) - 1.0).abs() < 0.01, "{probability}: {ms}");
        }
    }
}
