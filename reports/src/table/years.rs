//! What years of failures cost a deployment, as a sentence about the flow that loses most.

use sim::results::DeploymentResult;
use sim::years::{Culprit, FlowYears};

use crate::number::{self, Unit};
use crate::phrases;

/// So many causes are named.
const MOST: usize = 3;

/// None where they have not been simulated.
pub(super) fn said(deployment: &DeploymentResult) -> Option<String> {
    let years = deployment.years.as_ref()?;
    let horizons = number::exact(f64::from(years.horizons), 0);
    let flows = deployment.flows.iter().zip(&years.flows);
    let lost = |years: &FlowYears| years.availability.mean;
    let (flow, worst) = flows.min_by(|a, b| lost(a.1).total_cmp(&lost(b.1)))?;
    if years.episodes == 0 {
        let said = format!(
            "over {horizons} horizons: nothing failed; `{}` is {} available",
            flow.name,
            number::estimate(&worst.availability, Unit::Percent)
        );
        return Some(said);
    }
    let minutes = number::estimate(&worst.downtime_minutes(), Unit::One);
    let outages = outages(worst);
    let meets = worst.meets_goal.as_ref().map_or(String::new(), |meets| {
        format!("; {} of the horizons reach the goal", number::estimate(meets, Unit::Percent))
    });
    let more = if years.flows.len() > 1 { "; the other flows are in availability.csv" } else { "" };
    Some(format!(
        "over {horizons} horizons with failures: `{}` is {} available, as if down for {minutes} min a year{}; {outages}{meets}{more}",
        flow.name,
        number::estimate(&worst.availability, Unit::Percent),
        causes(worst),
    ))
}

/// `, most by crashes (80 %) and detection (20 %)`.
fn causes(years: &FlowYears) -> String {
    let all: f64 = years.minutes.iter().sum();
    let mut causes: Vec<(f64, Culprit)> = Culprit::ALL
        .into_iter()
        .map(|culprit| (years.minutes[culprit as usize] / all, culprit))
        .filter(|(share, _)| *share >= 0.005)
        .collect();
    causes.sort_by(|a, b| b.0.total_cmp(&a.0));
    let named: Vec<String> = causes
        .iter()
        .take(MOST)
        .map(|(share, culprit)| format!("{} ({:.0} %)", culprit.words(), 100.0 * share))
        .collect();
    if named.is_empty() { String::new() } else { format!(", most by {}", phrases::list(&named)) }
}

/// `1.3 outages a year of 40 s, 19 of 20 below 120 s`.
fn outages(years: &FlowYears) -> String {
    let Some((mean, longest)) = years.outage_seconds else {
        return "no outage of a second or more".to_owned();
    };
    let number = |value| number::plain(value, Unit::One);
    format!(
        "{} outages a year of {} s, 19 of 20 at most {} s",
        number(years.outages_per_year),
        number(mean),
        number(longest)
    )
}
