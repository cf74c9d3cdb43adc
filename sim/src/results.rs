//! What a comparison found, as plain data; tables, CSV files and charts are made from it. The folder
//! makes it from a study.

mod calibrated;
mod database;
mod differences;
mod explaining;
mod explanation;
pub(crate) mod goals;
mod isolated;
mod isolation;
mod judgement;
mod memory;
mod out_of_reach;
pub(crate) mod overload;
mod sample;
mod sensitivity;
mod slower;
mod states;
mod summary;
mod together;

use crate::cause::PerCause;
use crate::deployment::FlowKind;
use crate::quantity::{Estimates, Quantity};
use crate::scenario::{LatencyMetric, Scenario};
use crate::stats::Estimate;
use crate::time::SimDuration;
use crate::years::Years;

pub use explanation::{Activity, ExplainedFlow, ExplainedPart, ExplainedQuantile, Explanation};
pub(crate) use goals::Hopeless;
pub use isolation::{Company, IsolatedFlow, IsolationResult};
pub(crate) use out_of_reach::out_of_reach as unreachable_goals;
pub(crate) use sample::Sample;
pub use sensitivity::{Bought, BoughtOfFlow};
pub(crate) use summary::results;

/// What a comparison found.
#[derive(Clone, Debug)]
pub struct Results {
    /// The scenario as understood.
    pub scenario: Scenario,
    /// Discarded time before the window, as used.
    pub warm_up: SimDuration,
    /// Whether the warm-up was found from the data.
    pub warm_up_found: bool,
    /// Completed replications of each deployment.
    pub replications: u32,
    /// Whether the run was stopped before all replications were complete.
    pub partial: bool,
    /// One per deployment, in the order of the scenario.
    pub deployments: Vec<DeploymentResult>,
    /// Paired differences between deployments.
    pub differences: Vec<Difference>,
    /// Goals that no number of nodes can meet.
    pub out_of_reach: Vec<OutOfReach>,
    /// Where the time of requests goes, where that was asked for.
    pub explanation: Option<Explanation>,
    /// How well tenants are kept apart, where that was asked for.
    pub isolation: Option<IsolationResult>,
    /// Events simulated in all.
    pub events: u64,
}

/// What was found of one deployment.
#[derive(Clone, Debug)]
pub struct DeploymentResult {
    /// Its name.
    pub name: String,
    /// Its pattern.
    pub pattern: String,
    /// One per flow, in the order of the scenario.
    pub flows: Vec<FlowResult>,
    /// One per cluster, in the order of the deployment.
    pub clusters: Vec<ClusterResult>,
    /// Price of all nodes for a month of 730 hours, in the user's currency.
    pub price_per_month: f64,
    /// What years of failures cost its flows, where that was asked for.
    pub years: Option<Years>,
    /// What each change of it would buy of these, where that was asked for.
    pub sensitivity: Option<Vec<Bought>>,
    /// The clusters that are offered more than they can do, the most loaded first.
    pub overloads: Vec<Overload>,
    /// Against the goals; none where no goal is stated.
    pub verdict: Option<Verdict>,
    /// One per flow, goal and situation.
    pub goal_checks: Vec<GoalCheck>,
    /// What a reader should know before trusting the numbers (two long-lived states, few samples…).
    pub notes: Vec<Note>,
}

impl DeploymentResult {
    /// Number of nodes in all.
    pub fn nodes(&self) -> u32 {
        self.clusters.iter().map(|cluster| cluster.nodes).sum()
    }

    /// The cluster whose cores are occupied most, by work and by stops.
    pub fn busiest_cluster(&self) -> Option<&ClusterResult> {
        let share = |cluster: &ClusterResult| cluster.found[Quantity::OccupiedShare].mean;
        self.clusters.iter().max_by(|a, b| share(a).total_cmp(&share(b)))
    }
}

/// What a reader should know before trusting the numbers of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it speaks of: notes of several deployments on the same are alike.
    pub about: About,
    /// A sentence, without its full stop.
    pub text: String,
}

/// What a note speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// The time that is discarded.
    WarmUp,
    /// Two long-lived states.
    States,
    /// Requests without an answer.
    Unanswered,
    /// A database that cannot answer as often as it is asked.
    Database,
    /// A heap that would not hold what is in flight.
    Memory,
    /// What a calibration leaves open.
    Calibration,
}

/// What was found of one flow. Sojourn times are those of correctly answered requests, from the
/// first attempt to the answer.
#[derive(Clone, Debug)]
pub struct FlowResult {
    /// Its name.
    pub name: String,
    /// Its tenant.
    pub tenant: String,
    /// Its kind.
    pub kind: FlowKind,
    /// What was found of each of [`Quantity::of_flows`].
    pub found: Estimates,
    /// The whole distribution of the sojourn time: (probability, ms) in increasing order.
    pub distribution: Vec<(f64, f64)>,
    /// One point a second of the window, where a drill is scripted or a restart planned in it; else empty.
    pub timeline: Vec<TimelinePoint>,
}

impl FlowResult {
    /// The estimate of one of [`crate::stats::QUANTILES`].
    pub fn quantile_ms(&self, probability: f64) -> Option<&Estimate> {
        self.found.get(Quantity::quantile(probability))
    }

    /// All quantiles that were found: (probability, ms) in increasing order; none where no request was
    /// answered.
    pub fn quantiles_ms(&self) -> impl Iterator<Item = (f64, &Estimate)> {
        self.found.iter().filter_map(|(quantity, found)| match quantity {
            Quantity::Latency(LatencyMetric::Quantile(probability)) => Some((probability, found?)),
            _ => None,
        })
    }

    /// The estimate that a latency goal speaks of.
    pub fn latency_ms(&self, metric: LatencyMetric) -> Option<&Estimate> {
        self.found.get(Quantity::Latency(metric))
    }
}

/// One second of a flow, over all replications.
#[derive(Clone, Copy, Debug)]
pub struct TimelinePoint {
    /// Start of the second, from the start of the window.
    pub second: u32,
    /// Requests answered correctly, per second and replication.
    pub throughput_rps: f64,
    /// Requests that ended in an error, per second and replication.
    pub errors_rps: f64,
    /// The same by cause.
    pub errors_by_cause_rps: PerCause<f64>,
    /// Answers that came after their client had left, per second and replication.
    pub wasted_rps: f64,
    /// The p99 of the sojourn time, ms; none where nothing was answered.
    pub p99_ms: Option<f64>,
}

/// What was found of one cluster, in the window, per node where that makes sense.
#[derive(Clone, Debug)]
pub struct ClusterResult {
    /// Its name.
    pub name: String,
    /// The only tenant that it serves.
    pub tenant: Option<String>,
    /// Name of its profile.
    pub profile: String,
    /// Number of nodes.
    pub nodes: u32,
    /// Cores of each node.
    pub cores: f64,
    /// What was found of each of [`Quantity::of_clusters`].
    pub found: Estimates,
    /// Most requests in flight on one node, in any replication.
    pub peak_in_flight_per_node: u32,
    /// Demand brought by the flows, in cores, from their mean rates and demands (not simulated).
    pub offered_load_cores: f64,
    /// The same with the cores that collections and stalls stop, while nothing waits.
    pub offered_load_with_stops_cores: f64,
}

/// A cluster that cannot carry what is offered, by mean rates over the window.
#[derive(Clone, Debug)]
pub struct Overload {
    /// Name of the cluster.
    pub cluster: String,
    /// The flows that bring it work, in the order of the scenario.
    pub flows: Vec<String>,
    /// Demand brought, in cores, as in [`ClusterResult`].
    pub offered_load_cores: f64,
    /// The same with the cores that collections and stalls stop: what does not fit.
    pub offered_load_with_stops_cores: f64,
    /// Cores that it has.
    pub cores: f64,
    /// The offered rate of these flows, requests per second.
    pub offered_rps: f64,
    /// The rate of these flows, in the same mix, that saturates the cluster.
    pub carried_rps: f64,
}

/// A judgement that respects the interval of what it judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// What was found is known to be on the right side.
    Met,
    /// What was found does not tell.
    Undecided,
    /// What was found is known to be on the wrong side, or will be.
    Missed,
}

/// One goal, for one flow, in one situation.
#[derive(Clone, Debug)]
pub struct GoalCheck {
    /// What is limited.
    pub goal: Quantity,
    /// The flow.
    pub flow: String,
    /// The tenant of the flow; empty where more than one flow is meant.
    pub tenant: String,
    /// `all nodes up`, or `one node of gateway down`.
    pub situation: String,
    /// The limit, in ms for latencies and 0..=1 for shares.
    pub limit: f64,
    /// What was found, in the unit of the limit; none where no request was answered.
    pub found: Option<Estimate>,
    /// The judgement.
    pub verdict: Verdict,
    /// What it rests on.
    pub reason: Reason,
    /// How likely so few (or so many) answers slower than the limit are, if the quantile were on the
    /// other side of it, 0..=1; 1 where none were counted.
    pub chance: f64,
}

/// What the judgement on a goal rests on.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// What was found: its interval is on one side of the limit, or around it.
    Found,
    /// What was found does not tell; with so many replications in all it would.
    MoreReplications(Effort),
    /// What calibrations leave open is more than what separates the number from its limit: replications do
    /// not tell, longer measurements would.
    Calibration,
    /// What was found would tell if it were the only one; among so many that are judged at once it may
    /// be chance.
    AmongMany(Among),
    /// Ever more requests of the flow wait at these clusters, which are overloaded.
    Backlog(Vec<String>),
    /// The backend of the flow alone misses the goal, whatever the nodes.
    Backend {
        /// What it brings, in the unit of the limit.
        alone: f64,
    },
    /// No request arrived in the window.
    NoRequest,
    /// Requests arrived, and none ended in the window.
    NoneEnded,
    /// Requests ended, and none was answered.
    NoneAnswered,
    /// The loss of this cluster's only node was asked for.
    OnlyNode(String),
    /// What was found over so many horizons does not tell; more of them, or more of their episodes played, would.
    MoreHorizons(u32),
    /// It is asked over horizons, which have not been simulated.
    NoHorizons,
}

/// What is judged at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// So many goals: one wrongly missed turns its deployment down.
    Goals(u32),
    /// So many deployments: each is said to meet all its goals.
    Deployments(u32),
}

/// A goal that the backend of a flow misses by itself, so that no number of nodes can meet it.
#[derive(Clone, Debug, PartialEq)]
pub struct OutOfReach {
    /// The flow.
    pub flow: String,
    /// Its tenant.
    pub tenant: String,
    /// What is limited.
    pub goal: Quantity,
    /// The limit, in ms for latencies and 0..=1 for shares.
    pub limit: f64,
    /// What the backend alone brings, in the unit of the limit.
    pub alone: f64,
}

/// How many replications would decide a goal, if what was found stayed as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// About so many, those done included.
    About(u32),
    /// More than so many: what was found is too close to the limit.
    MoreThan(u32),
    /// At least so many: so few requests lie beyond the quantile that its interval is open above.
    AtLeast(u32),
    /// Unknown: one replication has no interval.
    Unknown,
}

/// A paired difference of two deployments under the same arrivals, demands and failures.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The deployment.
    pub deployment: String,
    /// What it is compared with (the first deployment of the scenario).
    pub baseline: String,
    /// The flow.
    pub flow: String,
    /// The tenant of the flow.
    pub tenant: String,
    /// Throughput, p99 or the share of errors.
    pub quantity: Quantity,
    /// Deployment minus baseline.
    pub difference: Estimate,
    /// The least difference that matters, in the unit of the quantity.
    pub least: f64,
    /// How likely so large an excess over the least that matters is by chance, adjusted for all
    /// comparisons of the scenario, 0..=1.
    pub p_value: f64,
    /// What may be said of it, all comparisons of the scenario considered together.
    pub distinction: Distinction,
}

/// What a paired difference allows to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distinction {
    /// Larger than the least that matters, beyond chance.
    Real,
    /// Its interval lies within the least that matters: the two are the same.
    Negligible,
    /// It cannot be told.
    Unknown,
}
