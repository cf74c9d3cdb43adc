//! Fabricated years of failures.

use sim::results::{Bought, BoughtOfFlow, DeploymentResult, Distinction};
use sim::sensitivity::{Lever, Setting, What};
use sim::stats::Estimate;
use sim::time::SimDuration;
use sim::years::{Culprit, FlowYears, MINUTES_OF_A_YEAR, PerCulprit, Years};

/// What it may cost the flows of the deployment at this place: the first loses most, the last hardly anything.
pub(super) fn years(deployment: &DeploymentResult, place: usize) -> Years {
    let flow = |index: usize| {
        let scale = 3000.0 / 30f64.powi(place as i32) / (1.0 + index as f64);
        let minutes: PerCulprit = std::array::from_fn(|at| match Culprit::ALL[at] {
            Culprit::Crash => 0.4 * scale,
            Culprit::Zone => 0.05 * scale,
            Culprit::Database => 0.1 * scale,
            Culprit::Detection => 0.3 * scale,
            Culprit::Overload => 0.15 * scale,
            _ => 0.0,
        });
        let lost = scale / MINUTES_OF_A_YEAR;
        FlowYears {
            availability: Estimate::symmetric(1.0 - lost, 0.04 * lost),
            time_available: Estimate::symmetric(1.0 - 0.9 * lost, 0.05 * lost),
            outages_per_year: 0.01 * scale,
            outage_seconds: Some((40.0, 120.0)),
            lost_per_year: Estimate::symmetric(1e6 * scale, 4e4 * scale),
            meets_goal: Some(Estimate::symmetric(0.6, 0.02)),
            latency_ms: Some((140.0, 900.0)),
            minutes,
        }
    };
    let flows = (0..deployment.flows.len()).map(flow).collect();
    Years { horizons: 1000, episodes: 12_000, played: 300, unsettled: 0, flows }
}

/// What changes may buy of such years: one buys most, one something that is not seen, one makes it worse, and one is
/// too much.
pub(super) fn sensitivity(years: &Years, cluster: &str) -> Vec<Bought> {
    let change = |what, failure: Option<&str>, from, to, share: Option<f64>| Bought {
        lever: Lever {
            what,
            failure: failure.map(str::to_owned),
            cluster: (!failure.is_some_and(|of| of.contains(' '))).then(|| cluster.to_owned()),
            from,
            to,
        },
        flows: share.map(|share| years.flows.iter().map(|flow| of_flow(flow, share)).collect()),
    };
    let time = |seconds: f64| Setting::Time(SimDuration::from_seconds(seconds));
    let policy = |name: &str| Setting::Policy(name.to_owned());
    let robin = || policy("round-robin");
    let (crash, vanish) = (Some("crash"), Some("zone vanish"));
    vec![
        change(What::Mtbf, crash, time(2_592_000.0), time(5_184_000.0), Some(0.35)),
        change(What::Mttr, crash, time(120.0), time(60.0), Some(0.17)),
        change(What::Detection, None, time(10.0), time(5.0), Some(0.02)),
        change(What::Nodes, None, Setting::Nodes(2), Setting::Nodes(3), Some(0.93)),
        change(What::Balancer, None, robin(), policy("random"), Some(-0.4)),
        change(What::Balancer, None, robin(), policy("active-passive"), None),
        change(What::Mttr, vanish, time(7200.0), time(3600.0), Some(0.1)),
    ]
}

fn of_flow(years: &FlowYears, share: f64) -> BoughtOfFlow {
    let now = years.downtime_minutes();
    let bought = Estimate::symmetric(share * now.mean, 0.05 * now.mean);
    let then = Estimate::symmetric((1.0 - share) * now.mean, 0.03 * now.mean);
    let is_real = share.abs() > 0.05;
    let distinction = if is_real { Distinction::Real } else { Distinction::Unknown };
    BoughtOfFlow { now, then, bought, distinction }
}
