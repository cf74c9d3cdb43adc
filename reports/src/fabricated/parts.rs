//! The parts of which fabricated results are put together.

use sim::cause::Cause;
use sim::deployment::{Cluster, ColdStart, Deployment, FlowKind, Profile, Role, SharedFailures};
use sim::quantity::Quantity;
use sim::random::Law;
use sim::results::{
    Activity, ClusterResult, DeploymentResult, Difference, Distinction, Effort, ExplainedFlow,
    ExplainedPart, ExplainedQuantile, Explanation, FlowResult, GoalCheck, IsolatedFlow,
    IsolationResult, Reason, Results, Verdict,
};
use sim::scenario::{Goals, LatencyMetric, Replications, RunSettings, Scenario};
use sim::stats::Estimate;
use sim::time::SimDuration;

/// Every estimate of a deployment.
pub(super) fn estimates(deployment: &mut DeploymentResult) -> Vec<&mut Estimate> {
    let flows = deployment.flows.iter_mut().flat_map(|flow| flow.found.iter_mut());
    let clusters = deployment.clusters.iter_mut().flat_map(|cluster| cluster.found.iter_mut());
    flows.chain(clusters).collect()
}

fn about(mean: f64, relative: f64) -> Estimate {
    Estimate::symmetric(mean, mean * relative)
}

/// A flow under so much load, of which a share ends in an error.
pub(super) fn flow(name: &str, tenant: &str, offered: f64, load: f64, errors: f64) -> FlowResult {
    let slow = 25.0 / (1.12 - load.min(1.05));
    let ms = |p: f64| slow * (0.4 + (1.0 / (1.0 - p)).ln() * 0.45);
    let found = |of| match of {
        Quantity::Offered => about(offered, 0.0007),
        Quantity::Throughput => about(offered * (1.0 - errors), 0.0009),
        Quantity::ErrorRate => about(errors, 0.06),
        Quantity::Errors(Cause::TimedOut) => about(errors * 0.75, 0.08),
        Quantity::Errors(Cause::Refused) => about(errors * 0.25, 0.1),
        Quantity::Wasted => about(errors * 0.5, 0.1),
        Quantity::Availability => Estimate::symmetric(1.0 - errors, errors * 0.06),
        Quantity::MEAN => about(slow * 0.85, 0.004),
        Quantity::Deviation => about(slow * 0.45, 0.011),
        Quantity::Latency(LatencyMetric::Quantile(p)) => about(ms(p), 0.003 / (1.0 - p).powf(0.35)),
        _ => about(0.0, 0.0),
    };
    FlowResult {
        name: name.to_owned(),
        tenant: tenant.to_owned(),
        kind: FlowKind::Api,
        found: Quantity::of_flows().map(|of| (of, Some(found(of)))).collect(),
        distribution: (0..=500)
            .map(|i| 1.0 - 10f64.powf(-f64::from(i) / 100.0))
            .map(|p| (p, ms(p)))
            .collect(),
        timeline: Vec::new(),
    }
}

/// A cluster so busy.
pub(super) fn cluster(name: &str, nodes: u32, utilisation: f64) -> ClusterResult {
    let found = |of| match of {
        Quantity::Utilisation => about(utilisation, 0.006),
        Quantity::GcShare => about(utilisation * 0.06, 0.03),
        Quantity::StallShare => about(utilisation * 0.01, 0.05),
        Quantity::OccupiedShare => about(utilisation * 1.07, 0.006),
        Quantity::InFlight => about(utilisation * 60.0, 0.02),
        Quantity::WorkersBusy => about(utilisation * 6.0, 0.01),
        Quantity::Entered => about(utilisation * 4000.0, 0.001),
        Quantity::Throughput => about(utilisation * 3990.0, 0.001),
        Quantity::Failed => about(utilisation * 8.0, 0.04),
        Quantity::Restarts => about(0.15, 1.2),
        Quantity::NodeAvailability => about(0.9991, 0.0002),
        _ => about(0.0, 0.0),
    };
    ClusterResult {
        name: name.to_owned(),
        tenant: name.split_once('@').map(|(_, tenant)| tenant.to_owned()),
        profile: "apim-4.5".to_owned(),
        nodes,
        cores: 4.0,
        found: Quantity::of_clusters().map(|of| (of, Some(found(of)))).collect(),
        peak_in_flight_per_node: (utilisation * 400.0) as u32,
        offered_load_cores: utilisation * f64::from(nodes) * 4.0,
        offered_load_with_stops_cores: utilisation * f64::from(nodes) * 4.28,
    }
}

/// A deployment as the scenario has it: its first nodes are gateways that start up so long and are cold
/// then.
pub(super) fn restarting(result: &DeploymentResult, start_up: f64) -> Deployment {
    let mut profile = Profile::plain("apim-4.5", 4.0);
    profile.start_up = Law::constant(SimDuration::from_seconds(start_up));
    profile.cold_start =
        Some(ColdStart::ByTime { factor: 3.0, decay: SimDuration::from_seconds(60.0) });
    let cluster = Cluster { nodes: 2, ..Cluster::plain("gateway", &[Role::Gateway], profile) };
    let (name, pattern) = (result.name.clone(), result.pattern.clone());
    Deployment { name, pattern, clusters: vec![cluster], failures: SharedFailures::default() }
}

/// A deployment that meets its goals.
pub(super) fn deployment(
    name: &str,
    pattern: &str,
    flows: Vec<FlowResult>,
    clusters: &[(&str, u32, f64)],
) -> DeploymentResult {
    let clusters: Vec<_> =
        clusters.iter().map(|(name, n, busy)| cluster(name, *n, *busy)).collect();
    DeploymentResult {
        name: name.to_owned(),
        pattern: pattern.to_owned(),
        flows,
        price_per_month: f64::from(clusters.iter().map(|c| c.nodes).sum::<u32>()) * 124.1,
        clusters,
        years: None,
        sensitivity: None,
        overloads: Vec::new(),
        verdict: Some(Verdict::Met),
        goal_checks: Vec::new(),
        notes: Vec::new(),
    }
}

/// Adds what follows from the rest: prices, checks and differences.
pub(super) fn finished(mut deployments: Vec<DeploymentResult>) -> Results {
    for deployment in &mut deployments {
        deployment.price_per_month = f64::from(deployment.nodes()) * 124.1;
        deployment.goal_checks = deployment.flows.iter().flat_map(checks).collect();
        for overload in &deployment.overloads {
            for check in &mut deployment.goal_checks {
                if overload.flows.contains(&check.flow) {
                    check.verdict = Verdict::Missed;
                    check.reason = Reason::Backlog(vec![overload.cluster.clone()]);
                }
            }
        }
    }
    let differences =
        deployments[1..].iter().flat_map(|d| differences(d, &deployments[0])).collect();
    let (latency, survive) =
        (vec![(LatencyMetric::Quantile(0.99), SimDuration::from_ms(300.0))], 1);
    Results {
        scenario: Scenario {
            title: "Retail launch".to_owned(),
            question: "Does standard HA carry the launch peak, or do we need the scalable pattern?"
                .to_owned(),
            flows: Vec::new(),
            deployments: Vec::new(),
            drills: Vec::new(),
            goals: Goals {
                latency,
                error_rate: Some(0.001),
                availability: Some(0.9995),
                probability: None,
            },
            survive,
            horizon: sim::scenario::YEAR,
            isolation: None,
            run: RunSettings {
                whole: None,
                begins: None,
                window: SimDuration::from_seconds(600.0),
                warm_up: None,
                replications: Replications::Fixed(20),
                seed: 1,
                confidence: 0.95,
                least_difference: 0.01,
            },
        },
        warm_up: SimDuration::from_seconds(12.345_678),
        warm_up_found: true,
        replications: 20,
        partial: false,
        deployments,
        differences,
        out_of_reach: Vec::new(),
        explanation: None,
        isolation: None,
        events: 123_456_789,
    }
}

fn shares(flow: &FlowResult) -> (Estimate, Estimate) {
    (flow.found[Quantity::ErrorRate], flow.found[Quantity::Availability])
}

fn checks(flow: &FlowResult) -> Vec<GoalCheck> {
    let check = |goal: Quantity, limit: f64, found: Estimate, situation: &str| {
        let verdict = match found.mean - limit {
            by if by.abs() <= found.half_width.unwrap_or(0.0) => Verdict::Undecided,
            by if (by < 0.0) != goal.is_better_higher() => Verdict::Met,
            _ => Verdict::Missed,
        };
        GoalCheck {
            goal,
            flow: flow.name.clone(),
            tenant: flow.tenant.clone(),
            situation: situation.to_owned(),
            limit,
            found: Some(found),
            verdict,
            reason: match verdict {
                Verdict::Undecided => Reason::MoreReplications(Effort::About(48)),
                Verdict::Met | Verdict::Missed => Reason::Found,
            },
            chance: 1.0,
        }
    };
    let p99 = flow.found[Quantity::P99];
    let (errors, available) = shares(flow);
    let down = about(p99.mean * 1.2, 0.02);
    vec![
        check(Quantity::P99, 300.0, p99, "all nodes up"),
        check(Quantity::P99, 300.0, down, "one node of all-in-one down"),
        check(Quantity::ErrorRate, 0.001, errors, "all nodes up"),
        check(Quantity::Availability, 0.9995, available, "all nodes up"),
    ]
}

fn differences(deployment: &DeploymentResult, baseline: &DeploymentResult) -> Vec<Difference> {
    let pairs = deployment.flows.iter().zip(&baseline.flows);
    pairs
        .flat_map(|(ours, theirs)| {
            let of = |quantity, a: &Estimate, b: &Estimate| {
                let (size, least) = ((a.mean - b.mean).abs(), b.mean * 0.01);
                let half_width = a.mean.max(b.mean) * 0.03;
                Difference {
                    deployment: deployment.name.clone(),
                    baseline: baseline.name.clone(),
                    flow: ours.name.clone(),
                    tenant: ours.tenant.clone(),
                    quantity,
                    difference: Estimate::symmetric(a.mean - b.mean, half_width),
                    least,
                    p_value: if size > half_width { 0.001 } else { 0.4 },
                    distinction: match () {
                        () if size + half_width <= least => Distinction::Negligible,
                        () if size - least > half_width => Distinction::Real,
                        () => Distinction::Unknown,
                    },
                }
            };
            let p99 = of(Quantity::P99, &ours.found[Quantity::P99], &theirs.found[Quantity::P99]);
            let throughput = Quantity::Throughput;
            let throughput = of(throughput, &ours.found[throughput], &theirs.found[throughput]);
            [throughput, p99, of(Quantity::ErrorRate, &shares(ours).0, &shares(theirs).0)]
        })
        .collect()
}

/// Where the time of `orders` goes through two deployments: in the second, hardly anyone was answered.
pub(super) fn explanation() -> Explanation {
    let part = |activity, cluster: Option<&str>, mean, half_width| ExplainedPart {
        activity,
        role: cluster.map(|_| "gateway"),
        cluster: cluster.map(str::to_owned),
        ms: Estimate::symmetric(mean, half_width),
    };
    let quantile = |name, ms: f64| ExplainedQuantile {
        name,
        requests: 1234,
        sojourn_ms: Estimate::symmetric(ms, 0.05 * ms),
        parts: vec![
            part(Activity::Network, None, 2.0, 0.0),
            part(Activity::Backend, None, 30.0, 0.4),
            part(Activity::Work, Some("all-in-one"), 1.0, 0.02),
            part(Activity::WaitingForWorker, Some("all-in-one"), 0.75 * (ms - 33.0), 4.0),
            part(Activity::Stall, Some("all-in-one"), 0.25 * (ms - 33.0), 3.0),
        ],
    };
    let flow = |deployment: &str, quantiles| ExplainedFlow {
        deployment: deployment.to_owned(),
        flow: "orders".to_owned(),
        tenant: "acme".to_owned(),
        quantiles,
    };
    let quantiles = vec![quantile("p50", 43.0), quantile("p99", 433.0)];
    Explanation {
        replications: 6,
        flows: vec![flow("ha", quantiles), flow("per-tenant", Vec::new())],
    }
}

/// `orders` beside a noisy `default`: hurt on the first deployment, not on the second, and of the third it
/// cannot be told.
pub(super) fn isolation(results: &Results) -> IsolationResult {
    let flow = |deployment: &DeploymentResult, place: usize, flow: &FlowResult| {
        let found = |factor: f64| {
            let of = |of: Quantity| (of, flow.found.get(of).map(|found| found.scaled(factor)));
            IsolatedFlow::SHOWN.map(of).into_iter().collect()
        };
        let (more, distinction) = match place {
            0 => (400.0, Distinction::Real),
            1 => (0.1, Distinction::Negligible),
            _ => (3.0, Distinction::Unknown),
        };
        let difference = |quantity, more, half_width| Difference {
            deployment: deployment.name.clone(),
            baseline: "together".to_owned(),
            flow: flow.name.clone(),
            tenant: flow.tenant.clone(),
            quantity,
            difference: Estimate::symmetric(more, half_width),
            least: 1.0,
            p_value: 0.01,
            distinction,
        };
        let harm = vec![
            difference(Quantity::P99, more, 12.0),
            difference(Quantity::ErrorRate, more / 8000.0, 0.002),
        ];
        IsolatedFlow {
            deployment: deployment.name.clone(),
            flow: flow.name.clone(),
            tenant: flow.tenant.clone(),
            found: [found(0.7), found(1.0), found(1.0 + more / 100.0)],
            harm: if flow.tenant == "default" { Vec::new() } else { harm },
        }
    };
    let flows = results.deployments.iter().enumerate().flat_map(|(place, deployment)| {
        deployment.flows.iter().map(move |one| flow(deployment, place, one))
    });
    IsolationResult { noisy: "default".to_owned(), factor: 10.0, flows: flows.collect() }
}
