//! Planned restarts: one node after the other, or all at once.

use std::collections::VecDeque;

use super::super::Run;
use super::super::moments::{Candidate, Origin, Source};
use super::super::parts::{Change, Condition};
use super::Operator;
use crate::network::{Network, Restart, RestartKind};
use crate::random::{Purpose, QuantileTable, Stream};

/// The draws of a node's start-ups that are planned begin here in the stream of its failures, whose first
/// are those of unplanned ones.
const PLANNED: u64 = 1 << 61;

/// The restarts of every cluster.
#[derive(Debug)]
pub(super) struct Restarts {
    clusters: Vec<Rollout>,
    /// By node, its cluster and its place there.
    places: Vec<(usize, usize)>,
    /// Nodes whose next change is another since they were asked last.
    woken: Vec<usize>,
}

/// The restart of a cluster that is under way, or the next one.
#[derive(Debug)]
struct Rollout {
    restart: Option<Restart>,
    first_node: usize,
    /// How long a node starts: as a multiple of the mean, and the mean in nanoseconds.
    start_up: (QuantileTable, f64),
    /// When the next one begins.
    begins: u64,
    /// Nodes that are still to be restarted in this one.
    waiting: VecDeque<usize>,
    nodes: Vec<Node>,
}

/// A node of a cluster.
#[derive(Debug)]
struct Node {
    stream: Stream,
    /// How often it has been replaced.
    replaced: u64,
    /// Whether it has ever been there: what has not is not restarted.
    has_come: bool,
    phase: Phase,
}

/// Where a node is in its restart, and when it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    /// It drains from then on.
    Drains(u64),
    /// It ends then.
    Stops(u64),
    /// It is started then.
    Starts(u64),
    /// It is starting, until it answers.
    Awaited,
    /// A new process takes its place then.
    IsReplaced(u64),
}

impl Phase {
    fn next(self) -> u64 {
        match self {
            Self::Idle | Self::Awaited => u64::MAX,
            Self::Drains(at) | Self::Stops(at) | Self::Starts(at) | Self::IsReplaced(at) => at,
        }
    }
}

impl Restarts {
    pub(super) fn new(network: &Network, run: &Run<'_>) -> Self {
        let clusters = network.clusters.iter().enumerate().map(|(cluster, station)| {
            let node = |member| Node {
                stream: run.stream_of(Purpose::Failures, cluster, member),
                replaced: 0,
                has_come: !station.is_absent(member),
                phase: Phase::Idle,
            };
            Rollout {
                restart: station.restart,
                first_node: station.first_node,
                start_up: (
                    network.tables[usize::from(station.start_up.table)].clone(),
                    station.start_up.mean_nanos,
                ),
                begins: station.restart.map_or(u64::MAX, |restart| run.warm_up.0 + restart.at.0),
                waiting: VecDeque::new(),
                nodes: (0..station.nodes).map(node).collect(),
            }
        });
        let places = network.members().map(|(cluster, member, _)| (cluster, member));
        Self { clusters: clusters.collect(), places: places.collect(), woken: Vec::new() }
    }

    /// The nodes of a cluster whose turn it is begin.
    fn go_on(&mut self, cluster: usize, now: u64) {
        let rollout = &mut self.clusters[cluster];
        let Some(restart) = rollout.restart else { return };
        let (surge, unavailable) = match restart.kind {
            RestartKind::Recreate => (0, rollout.nodes.len()),
            RestartKind::Rolling { surge, unavailable } => (surge as usize, unavailable as usize),
        };
        loop {
            let replaced = |node: &&Node| matches!(node.phase, Phase::IsReplaced(_));
            let busy = rollout.nodes.iter().filter(|node| node.phase != Phase::Idle).count();
            let new = rollout.nodes.iter().filter(replaced).count();
            let starts_first = new < surge;
            if !starts_first && busy - new >= unavailable {
                return;
            }
            let Some(member) = rollout.waiting.pop_front() else { return };
            let node = &mut rollout.nodes[member];
            node.phase = if starts_first {
                let bits = node.stream.draw(PLANNED + node.replaced);
                node.replaced += 1;
                let (table, mean_nanos) = &rollout.start_up;
                let start_up = (table.sample(bits) * mean_nanos).round() as u64;
                Phase::IsReplaced(now.saturating_add(start_up))
            } else {
                Phase::Drains(now)
            };
            self.woken.push(rollout.first_node + member);
        }
    }
}

impl Operator for Restarts {
    fn next(&self, node: usize) -> u64 {
        let (cluster, member) = self.places[node];
        let rollout = &self.clusters[cluster];
        let own = rollout.nodes[member].phase.next();
        // The first node is asked for all of them.
        if member == 0 { own.min(rollout.begins) } else { own }
    }

    fn act(&mut self, node: usize, now: u64) -> Option<Change> {
        let (cluster, member) = self.places[node];
        let rollout = &mut self.clusters[cluster];
        let restart = rollout.restart?;
        if member == 0 && rollout.begins <= now {
            rollout.begins =
                restart.every.map_or(u64::MAX, |every| rollout.begins.saturating_add(every.0));
            // One that is still under way is given up for the new one.
            rollout.waiting = (0..rollout.nodes.len())
                .filter(|member| {
                    let node = &rollout.nodes[*member];
                    node.phase == Phase::Idle && node.has_come
                })
                .collect();
            self.go_on(cluster, now);
            return None;
        }
        let phase = &mut rollout.nodes[member].phase;
        match *phase {
            Phase::Drains(_) => {
                *phase = Phase::Stops(now.saturating_add(restart.drain.0));
                Some(Change::Drain)
            }
            Phase::Stops(_) => {
                *phase = Phase::Starts(now);
                Some(Change::Stop)
            }
            Phase::Starts(_) => {
                *phase = Phase::Awaited;
                Some(Change::Start)
            }
            Phase::IsReplaced(_) => {
                *phase = Phase::Idle;
                self.go_on(cluster, now);
                Some(Change::Replace)
            }
            Phase::Idle | Phase::Awaited => None,
        }
    }

    fn origin(&self) -> Origin {
        Origin::Restart
    }

    fn acts(&self) -> bool {
        self.clusters.iter().any(|rollout| rollout.restart.is_some())
    }

    fn learn(&mut self, node: usize, now: u64, condition: Condition) {
        let (cluster, member) = self.places[node];
        let node = &mut self.clusters[cluster].nodes[member];
        node.has_come |= condition.is_in_order();
        if condition.is_in_order() && node.phase == Phase::Awaited {
            node.phase = Phase::Idle;
            self.go_on(cluster, now);
        }
    }

    fn follow(&mut self, candidates: &[Candidate]) {
        for (cluster, rollout) in self.clusters.iter_mut().enumerate() {
            let own = Source::Restart { cluster };
            let first = candidates.iter().find(|candidate| candidate.of == own);
            rollout.begins = first.map_or(u64::MAX, |candidate| candidate.at);
            rollout.restart = rollout.restart.map(|restart| Restart { every: None, ..restart });
        }
    }

    fn woken(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.woken)
    }
}
