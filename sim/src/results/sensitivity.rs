//! What changes of a deployment would buy of its years of failures, and which of them do beyond chance.

use super::{DeploymentResult, Distinction};
use crate::sensitivity::{Changed, Lever};
use crate::stats::Estimate;
use crate::stats::multiple::{holm, p_value};
use crate::study::Study;
use crate::years::Years;

/// What a change of a deployment would buy.
#[derive(Clone, Debug, PartialEq)]
pub struct Bought {
    /// What is changed.
    pub lever: Lever,
    /// One per flow; none where the deployment would not carry what comes, or its years cannot be foreseen.
    pub flows: Option<Vec<BoughtOfFlow>>,
}

/// What a change would buy a flow.
#[derive(Clone, Debug, PartialEq)]
pub struct BoughtOfFlow {
    /// Minutes a year in which it is down.
    pub now: Estimate,
    /// The same with the change.
    pub then: Estimate,
    /// By how much that is less. The interval is that of two estimates that know nothing of each other, which errs on
    /// the side of caution: what they draw is the same where nothing is changed.
    pub bought: Estimate,
    /// What may be said of it, all changes of all deployments considered together: real, or not seen to differ.
    pub distinction: Distinction,
}

/// As many degrees of freedom as make Student's distribution a normal one: intervals of years rest on many horizons.
const FREEDOM: f64 = 1e4;

/// Adds to the deployments what a study knows of their changes.
pub(super) fn buy(deployments: &mut [DeploymentResult], study: &Study, confidence: f64) {
    for (deployment, known) in deployments.iter_mut().zip(study.sensitivity()) {
        let (Some(years), Some(known)) = (&deployment.years, known) else { continue };
        let bought = known.changes.iter().map(|changed| bought(years, changed));
        deployment.sensitivity = Some(bought.collect());
    }
    let all = deployments.iter_mut().filter_map(|deployment| deployment.sensitivity.as_mut());
    let mut all: Vec<&mut BoughtOfFlow> =
        all.flatten().filter_map(|bought| bought.flows.as_mut()).flatten().collect();
    let p_values: Vec<f64> = all
        .iter()
        .map(|one| p_value(&one.bought, one.bought.mean.abs(), confidence, FREEDOM))
        .collect();
    for (one, adjusted) in all.iter_mut().zip(holm(&p_values)) {
        let is_real = adjusted <= 1.0 - confidence;
        one.distinction = if is_real { Distinction::Real } else { Distinction::Unknown };
    }
}

fn bought(years: &Years, changed: &Changed) -> Bought {
    let flows = changed.minutes.as_ref().map(|minutes| {
        let flows = years.flows.iter().zip(minutes);
        flows.map(|(now, then)| of_flow(now.downtime_minutes(), *then)).collect()
    });
    Bought { lever: changed.lever.clone(), flows }
}

fn of_flow(now: Estimate, then: Estimate) -> BoughtOfFlow {
    let half_width = now.half_width.zip(then.half_width).map(|(now, then)| now.hypot(then));
    let bought = now.mean - then.mean;
    let bought = half_width
        .map_or(Estimate::unknown(bought), |half_width| Estimate::symmetric(bought, half_width));
    BoughtOfFlow { now, then, bought, distinction: Distinction::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_bought_is_the_difference_with_both_errors() {
        let found = of_flow(Estimate::symmetric(50.0, 3.0), Estimate::symmetric(20.0, 4.0));
        assert_eq!(found.bought, Estimate::symmetric(30.0, 5.0));
        let open = of_flow(Estimate::symmetric(50.0, 3.0), Estimate::unknown(60.0));
        assert_eq!((open.bought.mean, open.bought.half_width), (-10.0, None));
    }
}
