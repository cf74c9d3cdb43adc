//! Fabricated results for the tests: realistic, degenerate and hostile.

mod parts;
mod years;

use std::sync::LazyLock;

use sim::cause::{Cause, PerCause};
use sim::deployment::{Restart, RestartKind};
use sim::quantity::Quantity;
use sim::results::{About, FlowResult, Note, Overload, Reason, Results, TimelinePoint, Verdict};
use sim::scenario::{Drill, Failure, Goals};
use sim::stats::{Estimate, QUANTILES};
use sim::time::SimDuration;

use self::parts::{cluster, deployment, estimates, finished, flow};
use crate::Context;

static INPUTS: LazyLock<serde_json::Value> =
    LazyLock::new(|| serde_json::json!({ "goal": { "p99": "300 ms", "error_rate": "0.1 %" } }));

/// The context of a run of `results`.
pub(crate) fn context(results: &Results) -> Context<'_> {
    let (scenario_name, version, wall_seconds) = ("retail", "0.1.0", 12.5);
    Context { scenario_name, results, inputs: &INPUTS, version, wall_seconds }
}

/// The files with this ending, with their names.
pub(crate) fn written(results: &Results, ending: &str) -> Vec<(&'static str, Vec<u8>)> {
    let reports = crate::all().into_iter().filter(|report| report.applies(results));
    reports
        .filter(|report| report.file_name().ends_with(ending))
        .map(|report| {
            let mut bytes = Vec::new();
            report.write(&context(results), &mut bytes).expect("memory takes everything");
            (report.file_name(), bytes)
        })
        .collect()
}

/// Every fabricated result with its name.
pub(crate) fn every() -> Vec<(&'static str, Results)> {
    vec![
        ("launch", launch()),
        ("drill", drill()),
        ("restarted", restarted(RestartKind::Rolling { surge: 1, unavailable: 1 })),
        ("partial", partial()),
        ("single", single()),
        ("silent", silent()),
        ("crowd", crowd(6, 8)),
        ("dozen", crowd(12, 3)),
        ("hostile", hostile()),
        ("explained", explained()),
        ("isolated", isolated()),
        ("foreseen", foreseen()),
    ]
}

/// The same, whose requests have been followed.
pub(crate) fn explained() -> Results {
    Results { explanation: Some(parts::explanation()), ..launch() }
}

/// The same, of which it is asked how well tenants are kept apart.
pub(crate) fn isolated() -> Results {
    let launch = launch();
    Results { isolation: Some(parts::isolation(&launch)), ..launch }
}

/// The launch with years of failures.
pub(crate) fn foreseen() -> Results {
    with_years(launch())
}

/// The results with years of failures of all deployments but the second.
fn with_years(mut results: Results) -> Results {
    for (place, deployment) in results.deployments.iter_mut().enumerate() {
        deployment.years = (place != 1).then(|| years::years(deployment, place));
        let cluster = &deployment.clusters[0].name;
        let known = deployment.years.as_ref();
        deployment.sensitivity = known.map(|known| years::sensitivity(known, cluster));
    }
    results.scenario.goals.availability = Some(0.9995);
    results
}

/// Three deployments and two flows: one overloaded, one undecided, one that meets the goals.
pub(crate) fn launch() -> Results {
    let flows = |load: f64, errors: f64| {
        vec![
            flow("orders", "acme", 3000.0, load, errors),
            flow("catalogue", "default", 1000.0, load * 0.9, errors / 4.0),
        ]
    };
    let mut ha = deployment("ha", "standard-ha", flows(1.02, 0.128), &[("all-in-one", 2, 0.93)]);
    ha.clusters.push(cluster("micro-integrator", 2, 0.41));
    ha.verdict = Some(Verdict::Missed);
    ha.overloads.push(Overload {
        cluster: "all-in-one".to_owned(),
        flows: vec!["orders".to_owned(), "catalogue".to_owned()],
        offered_load_cores: 8.5,
        offered_load_with_stops_cores: 9.2,
        cores: 8.0,
        offered_rps: 4000.0,
        carried_rps: 3478.3,
    });
    let text = "the latency of an overloaded deployment grows with the window".to_owned();
    ha.notes.push(Note { about: About::Unanswered, text });
    let clusters = [("all-in-one", 2, 0.81), ("micro-integrator@acme", 2, 0.38)];
    let mut tenant =
        deployment("per-tenant", "standard-ha-multitenant", flows(0.872, 0.0004), &clusters);
    tenant.clusters.push(cluster("micro-integrator@default", 2, 0.07));
    tenant.verdict = Some(Verdict::Undecided);
    let clusters =
        [("control-plane", 2, 0.05), ("gateway", 3, 0.62), ("micro-integrator", 2, 0.42)];
    let mut scalable = deployment("scalable", "simple-scalable", flows(0.6, 0.0), &clusters);
    scalable.verdict = Some(Verdict::Met);
    finished(vec![ha, tenant, scalable])
}

/// The launch with a scripted failure and its timeline.
pub(crate) fn drill() -> Results {
    let mut results = struck(launch());
    results.scenario.title = "Retail launch, a gateway lost".to_owned();
    results
}

/// The same, where nothing fails and all gateways are restarted as planned.
pub(crate) fn restarted(kind: RestartKind) -> Results {
    let mut results = struck(launch());
    let drill = results.scenario.drills.remove(0);
    let drain = SimDuration::from_seconds(30.0);
    let restart = Restart { at: drill.at, every: None, kind, drain };
    let deployments = results.scenario.deployments.iter_mut();
    for cluster in deployments.flat_map(|deployment| &mut deployment.clusters) {
        cluster.restart = Some(restart);
    }
    results.scenario.title = "Retail launch, gateways restarted".to_owned();
    results
}

/// The results with a scripted failure and its timeline.
fn struck(mut results: Results) -> Results {
    let (at, lasts) = (SimDuration::from_seconds(120.0), SimDuration::from_seconds(60.0));
    results.scenario.drills =
        vec![Drill { at, kind: Failure::Crash, what: "gateway".to_owned(), nodes: 1, lasts }];
    let start_up = |index: usize| if index == 2 { 80.0 } else { 85.0 };
    results.scenario.deployments = results
        .deployments
        .iter()
        .enumerate()
        .map(|(index, deployment)| parts::restarting(deployment, start_up(index)))
        .collect();
    for (index, deployment) in results.deployments.iter_mut().enumerate() {
        for flow in &mut deployment.flows {
            let rate = flow.found[Quantity::Throughput].mean;
            let index = (index % 4) as f64;
            flow.timeline = (0..600).map(|second| point(second, rate, index)).collect();
        }
    }
    results
}

fn point(second: u32, rate: f64, index: f64) -> TimelinePoint {
    let wave = (f64::from(second) * 0.7).sin() * 0.02 + (f64::from(second) * 0.13).cos() * 0.01;
    let hit =
        if (120..180 + index as u32 * 20).contains(&second) { 0.4 - index * 0.1 } else { 0.0 };
    TimelinePoint {
        second,
        throughput_rps: rate * (1.0 + wave - hit),
        errors_rps: rate * hit * 0.3,
        errors_by_cause_rps: PerCause::of_each(|cause| match cause {
            Cause::Refused => rate * hit * 0.2,
            Cause::Reset => rate * hit * 0.1,
            _ => 0.0,
        }),
        wasted_rps: rate * hit * 0.05,
        p99_ms: (second != 125).then_some(120.0 * (1.0 + wave * 4.0 + hit * (9.0 - index))),
    }
}

/// The launch, stopped early.
pub(crate) fn partial() -> Results {
    Results { partial: true, replications: 7, ..launch() }
}

/// One deployment, one flow, one replication: no half-widths; and no goals.
pub(crate) fn single() -> Results {
    let flows = vec![flow("hello", "default", 50.0, 0.4, 0.0)];
    let mut only = deployment("just-a-queue", "custom", flows, &[("server", 1, 0.4)]);
    only.price_per_month = 0.0;
    only.verdict = None;
    let mut results = finished(vec![only]);
    results.scenario.goals = Goals::default();
    results.replications = 1;
    let deployment = &mut results.deployments[0];
    deployment.goal_checks.clear();
    for estimate in estimates(deployment) {
        *estimate = Estimate::unknown(estimate.mean);
    }
    results
}

/// Nothing was answered, and some means are not numbers.
pub(crate) fn silent() -> Results {
    let mut results = drill();
    for deployment in &mut results.deployments {
        for estimate in estimates(deployment) {
            *estimate = Estimate::symmetric(0.0, 0.0);
        }
        for flow in &mut deployment.flows {
            unanswered(flow);
            let errors = Some(Estimate::symmetric(1.0, f64::INFINITY));
            flow.found.set(Quantity::ErrorRate, errors);
            flow.found.set(Quantity::Availability, None);
            flow.found.set(Quantity::Retries, None);
        }
        for check in &mut deployment.goal_checks {
            (check.found, check.reason) = (None, Reason::NoneAnswered);
        }
        deployment.verdict = Some(Verdict::Missed);
    }
    results
}

/// Many deployments and flows, all with long names.
pub(crate) fn crowd(deployments: usize, flows: usize) -> Results {
    let of = |index: usize| {
        let flows = (0..flows)
            .map(|f| {
                let name = format!("order-history-of-the-shop-no-{f}");
                flow(
                    &name,
                    "default",
                    40.0 * 3f64.powf((f % 5) as f64),
                    0.3 + 0.1 * index as f64,
                    0.0,
                )
            })
            .collect();
        let name = format!("scalable-with-{index}-more-gateways");
        let gateway = ("gateway", 2 + index as u32, 0.95 / (1.0 + index as f64 * 0.2));
        let clusters =
            [("control-plane", 2, 0.05), gateway, ("micro-integrator@a-long-tenant", 2, 0.3)];
        deployment(&name, "simple-scalable", flows, &clusters)
    };
    finished((0..deployments).map(of).collect())
}

/// No request of a flow was answered.
fn unanswered(flow: &mut FlowResult) {
    for quantity in Quantity::of_flows() {
        if matches!(quantity, Quantity::Latency(_) | Quantity::Deviation) {
            flow.found.set(quantity, None);
        }
    }
    (flow.distribution, flow.timeline) = (vec![], vec![]);
}

/// From one to forty deployments and flows with a drill, as they come and with what is extreme: names
/// that differ in the middle only, an idle flow, a flow that is never answered, intervals without an
/// end, and values far apart.
pub(crate) fn sizes() -> Vec<(String, Results)> {
    let sizes =
        [(1, 1), (1, 40), (2, 2), (2, 40), (3, 12), (6, 6), (12, 1), (12, 12), (40, 2), (40, 40)];
    let mut all = Vec::new();
    for (deployments, flows) in sizes {
        let ordinary = with_years(struck(crowd(deployments, flows)));
        all.push((format!("{deployments}x{flows}-extreme"), extreme(ordinary.clone())));
        all.push((format!("{deployments}x{flows}"), ordinary));
    }
    all
}

fn extreme(mut results: Results) -> Results {
    for (place, deployment) in results.deployments.iter_mut().enumerate() {
        deployment.name =
            format!("a-long-name-that-differs-in-its-middle-{place}-and-then-no-more-at-all");
        for (index, flow) in deployment.flows.iter_mut().enumerate() {
            match (index + place) % 6 {
                0 => {
                    let p99 = flow.found[Quantity::P99].mean;
                    let open = Estimate::between(p99, Some(p99 / 50.0), None);
                    flow.found.set(Quantity::P99, Some(open));
                    change(flow, Quantity::quantile(0.9999), |found| found.mean *= 400.0);
                    flow.distribution.truncate(150);
                }
                1 => {
                    for rate in [Quantity::Offered, Quantity::Throughput] {
                        flow.found.set(rate, Some(Estimate::unknown(0.0)));
                    }
                    unanswered(flow);
                }
                2 => {
                    let errors = Estimate::between(0.97, None, Some(1.0));
                    flow.found.set(Quantity::ErrorRate, Some(errors));
                }
                3 => {
                    for quantile in QUANTILES.map(Quantity::quantile) {
                        change(flow, quantile, |found| *found = found.scaled(1e9));
                    }
                }
                4 => change(flow, Quantity::Throughput, |found| *found = found.scaled(1e12)),
                _ => {
                    flow.name = "京".repeat(40) + &flow.name;
                    flow.found.set(Quantity::P99, Some(Estimate::symmetric(3.0, 9e5)));
                }
            }
        }
        for cluster in &mut deployment.clusters {
            let occupied = Some(Estimate::symmetric(0.99, 0.4));
            cluster.found.set(Quantity::OccupiedShare, occupied);
        }
    }
    results
}

/// Changes what was found of a quantity.
fn change(flow: &mut FlowResult, quantity: Quantity, change: impl Fn(&mut Estimate)) {
    let mut found = flow.found[quantity];
    change(&mut found);
    flow.found.set(quantity, Some(found));
}

/// Names and numbers that break what is careless.
pub(crate) fn hostile() -> Results {
    let mut results = drill();
    let names = ["=HYPERLINK(\"http://x\")", "", "東京-шлюз-ß😀, \"quoted\"\nsecond line"];
    for (deployment, name) in results.deployments.iter_mut().zip(names) {
        deployment.name = name.to_owned();
        deployment.pattern = "+1".to_owned();
        deployment.flows[0].name = "@SUM(A1) ".repeat(12);
        deployment.flows[1].name = String::new();
        deployment.clusters[0].name = "-".to_owned();
        let flows = &mut deployment.flows;
        change(&mut flows[0], Quantity::Throughput, |found| found.mean = 1e300);
        change(&mut flows[0], Quantity::P99, |found| found.mean = f64::MAX);
        change(&mut flows[1], Quantity::ErrorRate, |found| found.half_width = Some(f64::NAN));
        deployment.flows[0].distribution = vec![(0.5, 3.0), (0.5, 3.0), (0.9, 3.0)];
        deployment.flows[1].distribution = vec![(0.9, f64::INFINITY), (1.0, 1e200)];
        for share in [Quantity::Utilisation, Quantity::OccupiedShare] {
            let found = deployment.clusters[0].found[share];
            let unknown = Estimate { mean: f64::NAN, ..found };
            deployment.clusters[0].found.set(share, Some(unknown));
        }
        deployment.price_per_month = f64::NAN;
    }
    results.scenario.title = "Ünïcode 東京 ".repeat(20);
    results.scenario.drills[0].lasts = SimDuration(u64::MAX / 2);
    results
}
