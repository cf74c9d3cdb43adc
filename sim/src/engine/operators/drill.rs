//! Scripted changes: a node dies, hangs or drains at a given instant, and comes back after a given time.

use super::super::Run;
use super::super::moments::Origin;
use super::super::parts::{Change, Condition};
use super::Operator;
use crate::network::Network;

/// What is scripted for each node, the next change last.
#[derive(Debug)]
pub(super) struct Drill {
    nodes: Vec<Vec<(u64, Change)>>,
}

impl Drill {
    pub(super) fn new(network: &Network, run: &Run<'_>) -> Self {
        let mut nodes = vec![Vec::new(); network.nodes()];
        for outage in run.outages {
            let begin = run.warm_up.0 + outage.at.0;
            let end = begin.saturating_add(outage.lasts.0);
            nodes[outage.node].extend([(begin, outage.begins), (end, outage.ends())]);
        }
        for changes in &mut nodes {
            // Stable, so that an outage of no length begins before it ends.
            changes.sort_by_key(|(at, _)| *at);
            changes.reverse();
        }
        Self { nodes }
    }
}

impl Operator for Drill {
    fn next(&self, node: usize) -> u64 {
        self.nodes[node].last().map_or(u64::MAX, |(at, _)| *at)
    }

    fn act(&mut self, node: usize, _now: u64) -> Option<Change> {
        self.nodes[node].pop().map(|(_, change)| change)
    }

    fn origin(&self) -> Origin {
        Origin::Drill
    }

    fn acts(&self) -> bool {
        self.nodes.iter().any(|changes| !changes.is_empty())
    }

    fn learn(&mut self, _node: usize, _now: u64, _condition: Condition) {}
}
