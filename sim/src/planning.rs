//! The cheapest node counts with which deployments meet all goals.
//!
//! More nodes of a cluster are taken never to harm. So what is rejected rejects all that has no more nodes of any
//! cluster, and a candidate is the cheapest when it is accepted and every maximal one among those that are cheaper is
//! rejected (`search`). What cannot carry its load by rates and demands alone is rejected without simulation; of the
//! others as many replications are made as it takes to tell on which side of each limit it is, or that it is within the
//! indifference zone around it, where either answer is right (`candidate`, `standing`). That is a fully sequential check
//! of feasibility with tolerances (Andradóttir and Kim, Naval Research Logistics 57, 2010, pages 403 to 421) in a few
//! looks, each of which is held to its part of what may go wrong (Bonferroni), over all candidates of all deployments.

mod candidate;
mod search;
mod standing;

use std::sync::atomic::{AtomicBool, Ordering};

use crate::experiment::{ExperimentError, Progress};
use crate::quantity::Quantity;
use crate::results::Effort;
use crate::scenario::Scenario;

use candidate::Judge;
use search::Search;

/// What node counts are searched for.
#[derive(Clone, Debug, PartialEq)]
pub struct Planning {
    /// Names of patterns, and of deployments of one's own; empty: all patterns.
    pub patterns: Vec<String>,
    /// Most nodes of a cluster.
    pub most: u32,
    /// Confidence in all that is said of candidates together, 0.5..1.
    pub confidence: f64,
    /// What is closer to a limit than this share of it may be taken for either side of it.
    pub indifference: f64,
}

impl Default for Planning {
    fn default() -> Self {
        Self { patterns: Vec::new(), most: 12, confidence: 0.95, indifference: 0.05 }
    }
}

/// What was found of deployments with any node counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// One per deployment, in the order of the scenario.
    pub deployments: Vec<Planned>,
    /// Whether it was stopped before the end.
    pub is_partial: bool,
    /// Events simulated in all.
    pub events: u64,
}

impl Plan {
    /// The cheapest deployment that meets all goals, and with which node counts: fewest nodes of those that cost the
    /// same.
    pub fn chosen(&self) -> Option<(&Planned, &Candidate)> {
        let accepted = self.deployments.iter().filter_map(|one| Some((one, one.chosen()?)));
        accepted.min_by(|a, b| a.1.cost().total_cmp(&b.1.cost()))
    }
}

/// What was found of a deployment with any node counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Its name.
    pub name: String,
    /// Its pattern.
    pub pattern: String,
    /// Names of its clusters.
    pub clusters: Vec<String>,
    /// All that were looked at, in that order.
    pub candidates: Vec<Candidate>,
    /// Place of the cheapest that is accepted.
    pub chosen: Option<usize>,
    /// How the search ended.
    pub ended: Ended,
}

impl Planned {
    /// The cheapest that is accepted.
    pub fn chosen(&self) -> Option<&Candidate> {
        self.chosen.map(|place| &self.candidates[place])
    }
}

/// How a search ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// All that is cheaper than the chosen one is rejected.
    Cheapest,
    /// So many that are cheaper, or come before any that is accepted, are undecided.
    Undecided(u32),
    /// None within the most nodes meets the goals.
    NoneWithin,
    /// A backend alone misses this goal of this flow.
    OutOfReach(String, Quantity),
    /// More candidates are left than can be looked at.
    TooMany,
    /// It was stopped.
    Stopped,
}

/// Node counts of a deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Of each cluster.
    pub nodes: Vec<u32>,
    /// Price of all nodes for a month of 730 hours.
    pub price_per_month: f64,
    /// Whether it meets all goals.
    pub answer: Answer,
    /// The goal that it misses by most, or meets by least.
    pub binding: Option<Binding>,
    /// Replications that it took; none where rates and demands tell.
    pub replications: u32,
}

impl Candidate {
    /// What it is chosen by: its price, then its nodes.
    fn cost(&self) -> Cost {
        Cost { price: self.price_per_month, nodes: self.nodes.iter().sum() }
    }
}

/// What candidates are compared by.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cost {
    price: f64,
    nodes: u32,
}

impl Cost {
    fn total_cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.price.total_cmp(&other.price).then(self.nodes.cmp(&other.nodes))
    }

    fn is_below(&self, other: &Self) -> bool {
        self.total_cmp(other).is_lt()
    }
}

/// Whether a candidate meets all goals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Every interval is on the right side of its limit.
    Meets,
    /// Every number is on the right side, and some are known to be so close to their limits that it matters no more.
    MeetsWithinIndifference,
    /// An interval is on the wrong side.
    Misses,
    /// A number is on the wrong side, and known to be so close to its limit that it matters no more.
    MissesWithinIndifference,
    /// Rates and demands alone tell that it cannot carry what comes.
    Overloaded,
    /// Not known; what more effort would take.
    Undecided(Effort),
}

impl Answer {
    /// Whether it is taken to meet all goals.
    pub fn is_accepted(self) -> bool {
        matches!(self, Self::Meets | Self::MeetsWithinIndifference)
    }

    /// Whether it is taken to miss one.
    pub fn is_rejected(self) -> bool {
        matches!(self, Self::Misses | Self::MissesWithinIndifference | Self::Overloaded)
    }
}

/// The goal that tells most.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// What is limited.
    pub goal: Quantity,
    /// Of which flow.
    pub flow: String,
    /// In which situation.
    pub situation: String,
    /// The cluster that has most to do there, or is out longest.
    pub cluster: Option<usize>,
    /// What is left to the limit, as a share of it (of what may fail, for availability): negative where it is missed;
    /// none where nothing was found.
    pub margin: Option<f64>,
}

/// Searches the node counts of every deployment of a scenario, of which the counts that it states are the least.
///
/// # Errors
///
/// If one of them cannot be simulated.
pub fn plan(
    scenario: &Scenario,
    planning: &Planning,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Plan, ExperimentError> {
    let judge = Judge { scenario, planning, progress, stop };
    let mut deployments = Vec::new();
    let mut events = 0;
    for deployment in &scenario.deployments {
        let mut search = Search::new(&judge, deployment);
        search.run()?;
        events += search.events();
        deployments.push(search.into_planned());
    }
    Ok(Plan { deployments, is_partial: stop.load(Ordering::Relaxed), events })
}
