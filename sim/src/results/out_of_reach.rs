//! Goals that no number of nodes can meet, because the backend of a flow alone misses them.

use crate::deployment::{Flow, LatencyMetric};
use crate::quantity::Quantity;
use crate::random::Law;
use crate::results::OutOfReach;
use crate::scenario::Scenario;

/// With fewer late than this, the latency of those in time is that of all.
const MOST_LATE: f64 = 1e-3;

/// The goals that the backends alone miss. A request takes at least as long as its backend, so that a
/// deployment without any delay of its own would miss them, too.
pub(crate) fn out_of_reach(scenario: &Scenario) -> Vec<OutOfReach> {
    let flows = scenario.flows.iter().enumerate();
    flows.flat_map(|(index, flow)| of_flow(scenario, index, flow)).collect()
}

/// What the backend of a flow alone brings, in the unit of the goal, if that misses its limit.
pub(super) fn backend_misses(flow: &Flow, quantity: Quantity, limit: f64) -> Option<f64> {
    let alone = alone(quantity, flow, flow.backend.as_ref()?)?;
    quantity.misses(alone, limit).then_some(alone)
}

fn of_flow(scenario: &Scenario, index: usize, flow: &Flow) -> Vec<OutOfReach> {
    let goals = scenario.goals_of(index);
    let limited = Quantity::limited().filter_map(|q| Some((q, q.limit(&goals)?)));
    limited
        .filter_map(|(quantity, limit)| {
            let alone = backend_misses(flow, quantity, limit)?;
            let (flow, tenant) = (flow.name.clone(), flow.tenant.clone());
            Some(OutOfReach { flow, tenant, goal: quantity, limit, alone })
        })
        .collect()
}

/// What the backend alone would bring, in the unit of the goal: of its answers that come in time.
/// None where that is no bound, as for the mean of those answers that are left by a time-out.
fn alone(quantity: Quantity, flow: &Flow, backend: &Law) -> Option<f64> {
    let late = flow.timeout.map_or(0.0, |timeout| backend.share_longer(timeout.as_seconds()));
    let failed = late.powi(i32::from(flow.retries.max) + 1);
    match quantity {
        // Where many are late, what is left depends on how late the rest of the way makes them.
        Quantity::Latency(_) if late > MOST_LATE => None,
        Quantity::Latency(LatencyMetric::Mean) => Some(backend.mean.as_seconds() * 1e3),
        Quantity::Latency(LatencyMetric::Quantile(probability)) => {
            Some(backend.quantile_seconds(probability * (1.0 - late)) * 1e3)
        }
        Quantity::ErrorRate => Some(failed),
        Quantity::Availability => Some(1.0 - failed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::Goals;
    use crate::random::Shape;
    use crate::time::SimDuration;
    use crate::verification;

    fn found(goals: Goals, timeout: Option<f64>) -> Vec<(Quantity, f64)> {
        let mut scenario = verification::cases().swap_remove(0).scenario;
        let flow = &mut scenario.flows[0];
        flow.backend = Some(Law { mean: SimDuration::from_ms(100.0), shape: Shape::Exponential });
        flow.timeout = timeout.map(SimDuration::from_ms);
        flow.goals = goals;
        out_of_reach(&scenario).into_iter().map(|each| (each.goal, each.alone)).collect()
    }

    fn latency(metric: LatencyMetric, limit_ms: f64) -> Goals {
        Goals { latency: vec![(metric, SimDuration::from_ms(limit_ms))], ..Goals::default() }
    }

    #[test]
    fn a_limit_below_what_the_backend_takes_alone_is_out_of_reach() {
        let p99 = LatencyMetric::Quantile(0.99);
        // The p99 of an exponential law of 100 ms is 100 ln 100 = 460.5 ms.
        let missed = found(latency(p99, 460.0), None);
        assert_eq!(missed[0].0, Quantity::P99);
        assert!((missed[0].1 - 460.517).abs() < 0.01, "{missed:?}");
        assert_eq!(found(latency(p99, 461.0), None), []);
        assert_eq!(found(latency(LatencyMetric::Mean, 99.0), None)[0].0, Quantity::MEAN);
        assert_eq!(found(latency(LatencyMetric::Mean, 101.0), None), []);
    }

    #[test]
    fn answers_that_come_after_the_timeout_are_errors_that_no_node_prevents() {
        // A share of exp(-5) = 0.67 % takes longer than 500 ms.
        let errors = |limit| Goals { error_rate: Some(limit), ..Goals::default() };
        let available = |limit| Goals { availability: Some(limit), ..Goals::default() };
        let missed = found(errors(0.006), Some(500.0));
        assert!((missed[0].1 - (-5.0_f64).exp()).abs() < 1e-6, "{missed:?}");
        assert_eq!(found(errors(0.007), Some(500.0)), []);
        assert_eq!(found(available(0.994), Some(500.0))[0].0, Quantity::Availability);
        assert_eq!(found(available(0.993), Some(500.0)), []);
        // What is answered in time says little of those that were not.
        assert_eq!(found(latency(LatencyMetric::Quantile(0.99), 300.0), Some(450.0)), []);
    }

    #[test]
    fn where_hardly_any_answer_is_late_the_quantile_is_that_of_the_others() {
        // A share of exp(-7.1) = 0.083 % is late: p99 of the rest is at 98.918 % of all.
        let share = 0.99 * (1.0 - (-7.1_f64).exp());
        let missed = found(latency(LatencyMetric::Quantile(0.99), 450.0), Some(710.0));
        assert!((missed[0].1 + 100.0 * (1.0 - share).ln()).abs() < 0.01, "{missed:?}");
    }
}
