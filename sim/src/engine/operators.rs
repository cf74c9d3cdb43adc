//! What acts on nodes from outside. An operator says when it acts next and what it wants changed; the
//! engine alone changes anything. A new operator is a file here and its line in [`all`].

mod crew;
mod drill;
mod failures;
mod fetches;
mod probes;
mod restarts;
mod takeovers;

use std::fmt::Debug;

use super::Run;
use super::moments::{Candidate, Origin};
use super::parts::{Change, Condition};
use crate::network::{Failure, Network, Station};
use crew::Crew;
use failures::Failures;
pub(crate) use takeovers::DoneAgain;

/// Acts on nodes from outside.
pub(crate) trait Operator: Debug {
    /// When it acts next on a node; `u64::MAX` for never.
    fn next(&self, node: usize) -> u64;

    /// What it does to the node when that instant has come; none: nothing is left to do.
    fn act(&mut self, node: usize, now: u64) -> Option<Change>;

    /// Whether it may ever act.
    fn acts(&self) -> bool;

    /// As what its acts are known.
    fn origin(&self) -> Origin;

    /// The node is in this condition from now on.
    fn learn(&mut self, node: usize, now: u64, condition: Condition);

    /// Another process has taken the place of that of the node, whose condition is as before.
    fn is_replaced(&mut self, _node: usize, _now: u64) {}

    /// Whether a node that is asked for a lot has fetched it; if not, it does so from now on.
    fn finds(&mut self, _node: usize, _now: u64, _lot: usize) -> bool {
        true
    }

    /// Whether the next thing that it does to a node depends on how long an answer of it takes, and how much
    /// work that answer is, nanoseconds of a core.
    fn asks_for(&self, _node: usize) -> Option<f64> {
        None
    }

    /// What it does by itself it does at these instants, in order, and not as it would.
    fn follow(&mut self, _candidates: &[Candidate]) {}

    /// Such an answer of the node would take so long, nanoseconds.
    fn hears(&mut self, _node: usize, _takes: f64) {}

    /// Other nodes on which it acts at another instant than it has said, since it was asked last.
    fn woken(&mut self) -> Vec<usize> {
        Vec::new()
    }

    /// A node takes a request of a flow, where nodes stand by.
    fn takes(&mut self, _node: usize, _now: u64, _flow: usize) {}

    /// What has been done again since it was asked last, as a node has taken over.
    fn done_again(&mut self) -> Vec<DoneAgain> {
        Vec::new()
    }
}

/// The operators of a replication. Those that act at the same instant act in this order.
pub(crate) fn all(network: &Network, run: &Run<'_>) -> Vec<Box<dyn Operator>> {
    let kinds = 0..Failure::NAMES.len();
    let crew = Crew::of(network);
    let of_nodes =
        kinds.clone().map(|place| Failures::of_nodes(network, run, place, crew.as_ref()));
    let failures = of_nodes.chain(kinds.map(|place| Failures::of_zones(network, run, place)));
    let acting = failures.filter(Operator::acts);
    let mut all: Vec<Box<dyn Operator>> =
        acting.map(|failures| Box::new(failures) as Box<dyn Operator>).collect();
    let restarts = restarts::Restarts::new(network, run);
    if restarts.acts() {
        all.push(Box::new(restarts));
    }
    let probes = probes::Probes::new(network, run);
    if probes.acts() {
        all.push(Box::new(probes));
    }
    let fetches = fetches::Fetches::new(network, run);
    if fetches.acts() {
        all.push(Box::new(fetches));
    }
    let takeovers = takeovers::TakeOvers::new(network, run);
    if takeovers.acts() {
        all.push(Box::new(takeovers));
    }
    all.push(Box::new(drill::Drill::new(network, run)));
    all
}

/// Whether any of them may ever act on nodes, or processes may end by themselves.
pub(crate) fn anybody_acts(network: &Network, operators: &[Box<dyn Operator>]) -> bool {
    let ends = network.clusters.iter().any(Station::may_run_out_of_memory);
    ends || operators.iter().any(|operator| operator.acts())
}
