//! Paired differences of every deployment from the first, and which of them are real.

use super::sample::Sample;
use crate::engine::FlowObservations;
use crate::quantity::{FlowSample, Quantity};
use crate::results::{Difference, Distinction};
use crate::scenario::{Goals, Scenario};
use crate::stats::Estimate;
use crate::stats::multiple::{holm, p_value};

/// A difference in the share of errors matters from this part of what a goal allows …
const OF_ALLOWED_ERRORS: f64 = 0.1;
/// … and from this share of the requests where no goal speaks of errors.
const LEAST_SHARE: f64 = 0.001;

/// All differences of the scenario. They meet the same arrivals, demands and failures.
pub(super) fn differences(scenario: &Scenario, sample: &Sample<'_>) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (index, deployment) in scenario.deployments.iter().enumerate().skip(1) {
        for (flow_index, flow) in scenario.flows.iter().enumerate() {
            let (own, baseline) = (sample.flow(index, flow_index), sample.flow(0, flow_index));
            let goals = scenario.goals_of(flow_index);
            let compared = compared(scenario, &goals, sample.window_seconds(), &own, &baseline);
            differences.extend(compared.into_iter().map(|(quantity, difference, least)| {
                Difference {
                    deployment: deployment.name.clone(),
                    baseline: scenario.deployments[0].name.clone(),
                    flow: flow.name.clone(),
                    tenant: flow.tenant.clone(),
                    quantity,
                    difference,
                    least,
                    p_value: 1.0,
                    distinction: Distinction::Unknown,
                }
            }));
        }
    }
    distinguish(&mut differences, scenario.run.confidence, sample.replications());
    differences
}

/// The quantities of a flow that are compared: which, difference, and the least that matters.
pub(super) fn compared(
    scenario: &Scenario,
    goals: &Goals,
    window_seconds: f64,
    own: &FlowSample<'_>,
    baseline: &FlowSample<'_>,
) -> Vec<(Quantity, Estimate, f64)> {
    let relative = scenario.run.least_difference;
    let open = |quantity| own.open_against(baseline, quantity);
    let throughput = own
        .minus(baseline, |seen| Some(seen.answered as f64))
        .map(|difference| difference.scaled(1.0 / window_seconds));
    let carried = baseline.rate(|seen| seen.answered).mean;
    let p99 = own.quantile_minus_ms(baseline, 0.99);
    let baseline_p99 = baseline.pooled().quantile(0.99).unwrap_or(0.0) * 1e-6;
    let errors = own.minus(baseline, |seen: &FlowObservations| {
        (seen.ended() > 0).then(|| seen.failures() as f64 / seen.ended() as f64)
    });
    let found = [
        (Quantity::Throughput, throughput, relative * carried),
        (Quantity::P99, p99, relative * baseline_p99),
        (Quantity::ErrorRate, errors, least_share(goals)),
    ];
    let confidence = own.confidence;
    let known = |(of, difference, least): (_, Option<_>, _)| {
        Some((of, open(of).widens(difference?, confidence), least))
    };
    found.into_iter().filter_map(known).collect()
}

/// The least difference in the share of errors that matters.
fn least_share(goals: &Goals) -> f64 {
    let unavailable = goals.availability.map(|limit| 1.0 - limit);
    let allowed = [goals.error_rate, unavailable].into_iter().flatten().filter(|a| *a > 0.0);
    allowed.map(|allowed| OF_ALLOWED_ERRORS * allowed).fold(LEAST_SHARE, f64::min)
}

/// Says of each difference what may be said of all together. It is real where it is larger than the
/// least that matters beyond chance: a minimum-effect test (Murphy and Myors, Testing the hypothesis
/// that treatments have negligible effects, Journal of Applied Psychology 84, 1999), by Holm's
/// procedure over all differences. It is negligible where its interval lies within the least that
/// matters, either way (Schuirmann's two one-sided tests, Journal of Pharmacokinetics and
/// Biopharmaceutics 15, 1987).
pub(super) fn distinguish(differences: &mut [Difference], confidence: f64, replications: u32) {
    let freedom = f64::from(replications.max(2)) - 1.0;
    let p_values: Vec<f64> = differences
        .iter()
        .map(|d| p_value(&d.difference, d.difference.mean.abs() - d.least, confidence, freedom))
        .collect();
    for (difference, adjusted) in differences.iter_mut().zip(holm(&p_values)) {
        let size = difference.difference.mean.abs();
        let within = difference.difference.half_width.map(|width| size + width <= difference.least);
        difference.p_value = adjusted;
        difference.distinction = match within {
            Some(true) => Distinction::Negligible,
            _ if adjusted <= 1.0 - confidence => Distinction::Real,
            _ => Distinction::Unknown,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::{Cause, PerCause};

    fn difference(values: &[f64], least: f64) -> Difference {
        Difference {
            deployment: "b".to_owned(),
            baseline: "a".to_owned(),
            flow: "orders".to_owned(),
            tenant: "default".to_owned(),
            quantity: Quantity::Throughput,
            difference: Estimate::of_mean(values, 0.95),
            least,
            p_value: 1.0,
            distinction: Distinction::Unknown,
        }
    }

    fn distinctions(mut differences: Vec<Difference>, replications: u32) -> Vec<Distinction> {
        distinguish(&mut differences, 0.95, replications);
        differences.iter().map(|difference| difference.distinction).collect()
    }

    #[test]
    fn one_request_more_in_every_replication_is_no_difference_that_matters() {
        let one_request = [1.0 / 60.0; 4];
        assert_eq!(distinctions(vec![difference(&one_request, 3.0)], 4), [Distinction::Negligible]);
        assert_eq!(distinctions(vec![difference(&[0.0; 4], 0.0)], 4), [Distinction::Negligible]);
    }

    #[test]
    fn what_stands_out_alone_need_not_stand_out_among_many() {
        // The mean 10 of four with a half-width of 6.5: p = 0.016 alone.
        let values = [6.0, 8.0, 11.0, 15.0];
        let alone = distinctions(vec![difference(&values, 0.5)], 4);
        assert_eq!(alone, [Distinction::Real]);
        let noise = || difference(&[-9.0, 3.0, 8.0, -1.0], 0.5);
        let mut many: Vec<Difference> = (0..9).map(|_| noise()).collect();
        many.push(difference(&values, 0.5));
        assert_eq!(distinctions(many, 4), [Distinction::Unknown; 10]);
    }

    #[test]
    fn a_difference_must_pass_the_least_that_matters_by_more_than_chance() {
        let values = [9.9, 10.0, 10.1, 10.0];
        assert_eq!(distinctions(vec![difference(&values, 5.0)], 4), [Distinction::Real]);
        assert_eq!(distinctions(vec![difference(&values, 10.0)], 4), [Distinction::Unknown]);
        assert_eq!(distinctions(vec![difference(&values, 11.0)], 4), [Distinction::Negligible]);
        let below = values.map(|value| -value);
        assert_eq!(distinctions(vec![difference(&below, 5.0)], 4), [Distinction::Real]);
    }

    #[test]
    fn one_replication_tells_nothing_apart() {
        assert_eq!(distinctions(vec![difference(&[50.0], 1.0)], 1), [Distinction::Unknown]);
    }

    #[test]
    fn errors_matter_from_a_tenth_of_what_a_goal_allows() {
        let goals =
            |error_rate, availability| Goals { error_rate, availability, ..Goals::default() };
        assert_eq!(least_share(&goals(None, None)), 0.001);
        assert_eq!(least_share(&goals(Some(0.05), None)), 0.001);
        assert!((least_share(&goals(Some(0.001), Some(0.999_5))) - 0.000_05).abs() < 1e-12);
        assert_eq!(least_share(&goals(Some(0.0), None)), 0.001);
    }

    #[test]
    fn what_is_compared_is_per_second_in_milliseconds_and_a_share_of_what_ended() {
        let of = |answered: u64, failed: u64, ms: u64| {
            let mut seen = FlowObservations {
                answered,
                failed: PerCause::only(Cause::TimedOut, failed),
                ..Default::default()
            };
            (0..answered).for_each(|_| seen.sojourn.record(ms * 1_000_000));
            seen
        };
        let scenario = crate::verification::cases().swap_remove(0).scenario;
        let goals = Goals { error_rate: Some(0.001), ..Goals::default() };
        let compared = |own: &[FlowObservations], baseline: &[FlowObservations]| {
            let (own, baseline) = (FlowSample::fabricated(own), FlowSample::fabricated(baseline));
            let found = compared(&scenario, &goals, 4.0, &own, &baseline);
            found
                .into_iter()
                .map(|(name, found, least)| (name, found.mean, least))
                .collect::<Vec<_>>()
        };
        let (own, baseline) =
            ([of(60, 40, 250), of(80, 20, 250)], [of(90, 10, 100), of(90, 10, 100)]);
        let relative = scenario.run.least_difference;
        let found = compared(&own, &baseline);
        let expected = [
            (Quantity::Throughput, -20.0 / 4.0, relative * 90.0),
            (Quantity::P99, 150.0, relative * 100.0),
            (Quantity::ErrorRate, 0.2, 0.0001),
        ];
        assert_eq!(found.len(), 3);
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found.0, expected.0);
            assert!(
                (found.1 - expected.1).abs() < 1e-9 && (found.2 - expected.2).abs() < 1e-9,
                "{found:?}"
            );
        }
        // Nothing has ended in one of them: there is no share, and no p99.
        let names: Vec<_> =
            compared(&[of(0, 0, 0), of(0, 0, 0)], &baseline).iter().map(|f| f.0).collect();
        assert_eq!(names, [Quantity::Throughput]);
    }

    #[test]
    fn each_replication_more_makes_the_same_interval_tell_more() {
        // Two of the same difference at 12.2 half-widths of 10: p is above 0.025 with 5 degrees of freedom
        // (t = 3.163 at 12.30), and below it with 6 (t = 2.969 at 12.13).
        let two = || {
            let found = Estimate::symmetric(12.2, 10.0);
            vec![Difference { difference: found, ..difference(&[1.0], 0.0) }; 2]
        };
        assert_eq!(distinctions(two(), 6), [Distinction::Unknown; 2]);
        assert_eq!(distinctions(two(), 7), [Distinction::Real; 2]);
    }
}
