//! Processes that fetch what they serve. One that cannot fetch tries again: every 5 s for the first minute, then
//! after 30 s, 1 min, 2 min and so on, at most 1 h (`GatewayStartupListener` of WSO2 carbon-apimgt, 4.0 to 4.4,
//! read at 0105d86).

use super::super::marks::{Mark, reached};
use super::super::parts::{Change, Condition};
use super::Operator;
use crate::network::{Fetch, Network};

const SECOND: u64 = 1_000_000_000;

/// Nodes that fetch, and those that they fetch from.
#[derive(Debug)]
pub(super) struct Fetches {
    nodes: Vec<Node>,
    /// By cluster, how many of its nodes are up.
    up: Vec<usize>,
    /// When what is left to be fetched was worked out last, nanoseconds.
    updated: u64,
    woken: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    cluster: usize,
    fetch: Option<Fetch>,
    is_up: bool,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Idle,
    /// It tries to fetch then, after so many tries in vain.
    Tries {
        at: u64,
        failed: u32,
    },
    /// It fetches: so much is left, nanoseconds by itself.
    Fetches {
        left: f64,
        failed: u32,
    },
}

impl Fetches {
    pub(super) fn new(network: &Network) -> Self {
        let nodes = network.members().map(|(cluster, member, station)| Node {
            cluster,
            fetch: station.fetch,
            is_up: !station.is_absent(member),
            phase: Phase::Idle,
        });
        let up = network.clusters.iter().map(|station| station.nodes - station.absent).collect();
        Self { nodes: nodes.collect(), up, updated: 0, woken: Vec::new() }
    }

    /// How many nodes fetch from the same cluster as this one.
    fn sharing(&self, node: usize) -> f64 {
        let from = |node: &Node| node.fetch.and_then(|fetch| fetch.from);
        let Some(own) = from(&self.nodes[node]) else { return 1.0 };
        let fetching = |node: &&Node| matches!(node.phase, Phase::Fetches { .. });
        let same = |node: &&Node| from(node) == Some(own);
        self.nodes.iter().filter(fetching).filter(same).count().max(1) as f64
    }

    /// Works out what is left to be fetched by now.
    fn update(&mut self, now: u64) {
        let passed = (now - self.updated) as f64;
        for node in 0..self.nodes.len() {
            if let Phase::Fetches { left, failed } = self.nodes[node].phase {
                let left = (left - passed / self.sharing(node)).max(0.0);
                self.nodes[node].phase = Phase::Fetches { left, failed };
            }
        }
        self.updated = now;
    }

    /// Whether anybody has what a node fetches.
    fn is_there(&self, node: usize) -> bool {
        let from = self.nodes[node].fetch.and_then(|fetch| fetch.from);
        from.is_none_or(|cluster| self.up[cluster] > 0)
    }

    /// Who fetches from a cluster of which no node is up any more tries again later.
    fn stop_those_without(&mut self, now: u64) {
        for node in 0..self.nodes.len() {
            if let Phase::Fetches { failed, .. } = self.nodes[node].phase
                && !self.is_there(node)
            {
                self.nodes[node].phase = in_vain(now, failed);
            }
        }
    }

    /// Everybody who fetches may be through at another time than was said.
    fn wake_all(&mut self) {
        let fetching = self.nodes.iter().enumerate().filter(|(_, node)| node.phase != Phase::Idle);
        self.woken = fetching.map(|(node, _)| node).collect();
    }
}

/// A try has failed after so many before.
fn in_vain(now: u64, failed: u32) -> Phase {
    let wait = match failed {
        0..12 => 5,
        _ => (30_u64 << (failed - 12).min(7)).min(3600),
    };
    Phase::Tries { at: now.saturating_add(wait * SECOND), failed: failed.saturating_add(1) }
}

impl Operator for Fetches {
    fn next(&self, node: usize) -> u64 {
        match self.nodes[node].phase {
            Phase::Idle => u64::MAX,
            Phase::Tries { at, .. } => at,
            Phase::Fetches { left, .. } => {
                self.updated.saturating_add((left * self.sharing(node)).ceil() as u64)
            }
        }
    }

    fn act(&mut self, node: usize, now: u64) -> Option<Change> {
        self.update(now);
        match self.nodes[node].phase {
            Phase::Idle => None,
            Phase::Tries { failed, .. } => {
                self.nodes[node].phase = match self.nodes[node].fetch {
                    Some(fetch) if self.is_there(node) => {
                        Phase::Fetches { left: fetch.takes.as_nanos(), failed }
                    }
                    _ => {
                        reached(Mark::FetchesInVain);
                        in_vain(now, failed)
                    }
                };
                self.wake_all();
                None
            }
            Phase::Fetches { .. } => {
                reached(Mark::Fetches);
                self.nodes[node].phase = Phase::Idle;
                self.wake_all();
                Some(Change::Fetched)
            }
        }
    }

    fn acts(&self) -> bool {
        self.nodes.iter().any(|node| node.fetch.is_some())
    }

    fn learn(&mut self, node: usize, now: u64, condition: Condition) {
        self.update(now);
        let Node { cluster, is_up, phase, .. } = &mut self.nodes[node];
        let (was_up, cluster) = (*is_up, *cluster);
        *is_up = condition == Condition::Up;
        *phase = match condition {
            Condition::Fetching => Phase::Tries { at: now, failed: 0 },
            _ => Phase::Idle,
        };
        match (was_up, condition == Condition::Up) {
            (true, false) => self.up[cluster] -= 1,
            (false, true) => self.up[cluster] += 1,
            _ => {}
        }
        self.stop_those_without(now);
        self.wake_all();
    }

    fn woken(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.woken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    /// Two nodes that fetch for 10 s from a third, which is up.
    fn fetches() -> Fetches {
        let fetch = Fetch { from: Some(1), takes: SimDuration::from_seconds(10.0) };
        let node = Node { cluster: 0, fetch: Some(fetch), is_up: true, phase: Phase::Idle };
        let supplier = Node { cluster: 1, fetch: None, ..node };
        Fetches { nodes: vec![node, node, supplier], up: vec![2, 1], updated: 0, woken: vec![] }
    }

    fn starts(fetches: &mut Fetches, node: usize, second: u64) {
        fetches.learn(node, second * SECOND, Condition::Starting);
        fetches.learn(node, second * SECOND, Condition::Fetching);
        assert_eq!(fetches.act(node, second * SECOND), None);
    }

    #[test]
    fn who_fetches_alone_takes_its_time_and_two_take_turns() {
        let mut fetches = fetches();
        starts(&mut fetches, 0, 100);
        assert_eq!(fetches.next(0), 110 * SECOND);
        // After 4 s another comes: the 6 s that are left take 12, and 4 of the other's 10 remain.
        starts(&mut fetches, 1, 104);
        assert_eq!((fetches.next(0), fetches.next(1)), (116 * SECOND, 124 * SECOND));
        assert!(fetches.woken().contains(&0));
        assert_eq!(fetches.act(0, 116 * SECOND), Some(Change::Fetched));
        assert_eq!((fetches.next(0), fetches.next(1)), (u64::MAX, 120 * SECOND));
        assert_eq!(fetches.act(1, 120 * SECOND), Some(Change::Fetched));
    }

    #[test]
    fn who_finds_nobody_tries_every_5_s_for_a_minute_and_then_ever_less_often() {
        let mut fetches = fetches();
        fetches.learn(2, 0, Condition::Down);
        starts(&mut fetches, 0, 0);
        let mut tries = Vec::new();
        for _ in 0..22 {
            let at = fetches.next(0);
            assert_eq!(fetches.act(0, at), None);
            tries.push(at / SECOND);
        }
        let minute = (1..=12).map(|count| 5 * count);
        let later = [90, 150, 270, 510, 990, 1950, 3870, 7470, 11_070, 14_670];
        assert_eq!(tries, minute.chain(later).collect::<Vec<_>>());
        // And then somebody is there.
        let at = fetches.next(0);
        fetches.learn(2, at - SECOND, Condition::Up);
        fetches.act(0, at);
        assert_eq!(fetches.next(0), at + 10 * SECOND);
    }

    #[test]
    fn what_is_fetched_from_one_that_dies_begins_anew() {
        let mut fetches = fetches();
        starts(&mut fetches, 0, 0);
        fetches.learn(2, 4 * SECOND, Condition::Down);
        assert_eq!(fetches.next(0), 9 * SECOND);
        fetches.learn(2, 6 * SECOND, Condition::Up);
        assert_eq!(fetches.act(0, 9 * SECOND), None);
        assert_eq!(fetches.next(0), 19 * SECOND);
    }

    #[test]
    fn who_has_it_by_itself_waits_for_nobody() {
        let mut fetches = fetches();
        let takes = SimDuration::from_seconds(3.0);
        fetches.nodes[0].fetch = Some(Fetch { from: None, takes });
        fetches.learn(2, 0, Condition::Down);
        starts(&mut fetches, 0, 7);
        assert_eq!(fetches.next(0), 10 * SECOND);
    }

    #[test]
    fn who_dies_meanwhile_fetches_no_more() {
        let mut fetches = fetches();
        starts(&mut fetches, 0, 0);
        fetches.learn(0, SECOND, Condition::Down);
        assert_eq!(fetches.next(0), u64::MAX);
    }
}
