//! What reports say of a plan: words for its candidates, and how the search ended.

use std::collections::BTreeMap;

use sim::planning::{Answer, Binding, Candidate, Ended, Plan, Planned, Planning};
use sim::results::Effort;
use sim::stats::Estimate;

use crate::number::{self, Unit};
use crate::phrases;

/// What a plan is shown with.
#[derive(Clone, Copy, Debug)]
pub struct PlanContext<'a> {
    /// Stem of the scenario's file name.
    pub scenario_name: &'a str,
    /// Its title.
    pub title: &'a str,
    /// What was asked.
    pub planning: &'a Planning,
    /// What was found.
    pub plan: &'a Plan,
    /// Version of the program.
    pub version: &'a str,
    /// Seed of every random number.
    pub seed: u64,
}

/// The candidates of a deployment: the chosen one first, then by price.
pub(crate) fn in_order(planned: &Planned) -> impl Iterator<Item = &Candidate> {
    let mut all: Vec<(bool, &Candidate)> = planned
        .candidates
        .iter()
        .enumerate()
        .map(|(place, candidate)| (planned.chosen != Some(place), candidate))
        .collect();
    let nodes = |candidate: &Candidate| candidate.nodes.iter().sum::<u32>();
    all.sort_by(|(a, one), (b, other)| {
        let by_price = one.price_per_month.total_cmp(&other.price_per_month);
        a.cmp(b)
            .then(by_price)
            .then(nodes(one).cmp(&nodes(other)))
            .then(one.nodes.cmp(&other.nodes))
    });
    all.into_iter().map(|(_, candidate)| candidate)
}

/// Nodes of a candidate, by cluster.
pub fn nodes_by_cluster(planned: &Planned, candidate: &Candidate) -> BTreeMap<String, u32> {
    planned.clusters.iter().cloned().zip(candidate.nodes.iter().copied()).collect()
}

/// `gateway=3 micro-integrator=2`.
pub(crate) fn nodes(planned: &Planned, candidate: &Candidate) -> String {
    let each = planned.clusters.iter().zip(&candidate.nodes);
    each.map(|(cluster, nodes)| format!("{cluster}={nodes}")).collect::<Vec<_>>().join(" ")
}

/// Name of the cluster that binds.
pub(crate) fn cluster<'a>(planned: &'a Planned, binding: &Binding) -> Option<&'a str> {
    binding.cluster.map(|cluster| planned.clusters[cluster].as_str())
}

/// The word for an answer.
pub(crate) fn verdict(answer: Answer) -> &'static str {
    match answer {
        Answer::Meets => "meets",
        Answer::MeetsWithinIndifference => "meets (within indifference)",
        Answer::Misses => "misses",
        Answer::MissesWithinIndifference => "misses (within indifference)",
        Answer::Overloaded => "overloaded",
        Answer::Undecided(_) => "undecided",
    }
}

/// `p99 of `orders` at gateway: 23 % left`.
pub(crate) fn binding(planned: &Planned, binding: &Binding) -> String {
    let at = cluster(planned, binding).map_or(String::new(), |cluster| format!(" at {cluster}"));
    format!("{} of `{}`{at}", phrases::goal(binding.goal), binding.flow)
}

/// `23 %`.
pub(crate) fn margin(binding: &Binding) -> String {
    let rounded = |margin| number::rounded(&Estimate::unknown(margin), Unit::Percent);
    binding.margin.map_or(number::ABSENT.to_owned(), |margin| rounded(margin) + " %")
}

/// How the search of a deployment ended, in a sentence.
pub(crate) fn ended(planned: &Planned, planning: &Planning) -> String {
    let most = phrases::count(planning.most, "node");
    match &planned.ended {
        Ended::Cheapest => "all that is cheaper is rejected".to_owned(),
        Ended::Undecided(count) => {
            let effort = planned.candidates.iter().find_map(|candidate| match candidate.answer {
                Answer::Undecided(Effort::About(more)) => {
                    Some(format!("about {more} replications would decide"))
                }
                Answer::Undecided(Effort::AtLeast(more)) => {
                    Some(format!("at least {more} replications would"))
                }
                Answer::Undecided(Effort::MoreThan(more)) => {
                    Some(format!("more than {more} replications would"))
                }
                _ => None,
            });
            let effort =
                effort.unwrap_or("longer measurements or more horizons would decide".to_owned());
            format!("{} undecided: {effort}", phrases::count(*count, "cheaper candidate"))
        }
        Ended::NoneWithin => {
            format!("no candidate with at most {most} of each cluster meets the goals")
        }
        Ended::OutOfReach(flow, goal) => {
            format!("the backend of `{flow}` alone misses {}", phrases::goal(*goal))
        }
        Ended::TooMany => "more candidates are left than are looked at".to_owned(),
        Ended::Stopped => "stopped before the end".to_owned(),
    }
}
