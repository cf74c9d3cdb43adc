//! Processes that fetch what they serve: all of it after their start, or lots of it when somebody asks. One that cannot
//! fetch tries again: every 5 s for the first minute, then after 30 s, 1 min, 2 min and so on, at most 1 h
//! (`GatewayStartupListener` of WSO2 carbon-apimgt, 4.0 to 4.4, read at 0105d86; lots are fetched alike, each in a
//! thread of its own).

use super::super::Run;
use super::super::marks::{Mark, reached};
use super::super::moments::Origin;
use super::super::parts::{Asked, Change, Condition, Shelf};
use super::Operator;
use crate::network::{Network, Station};
use crate::random::Purpose;
use crate::time::SimDuration;

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

#[derive(Debug)]
struct Node {
    cluster: usize,
    /// The cluster that has what it fetches, unless it has that by itself.
    from: Option<usize>,
    is_up: bool,
    is_starting: bool,
    /// What it fetches after its start.
    whole: Option<Job>,
    /// What it fetches when it is asked for, and what it has of that.
    lots: Vec<Job>,
    shelf: Option<Shelf>,
}

/// Something that is fetched.
#[derive(Clone, Copy, Debug)]
struct Job {
    takes: SimDuration,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Idle,
    /// It is tried then, after so many tries in vain.
    Tries {
        at: u64,
        failed: u32,
    },
    /// It is being fetched: so much is left, nanoseconds by itself.
    Fetches {
        left: f64,
        failed: u32,
    },
}

impl Job {
    fn new(takes: SimDuration) -> Self {
        Self { takes, phase: Phase::Idle }
    }

    /// A try begins, after so many in vain.
    fn begin(&mut self, now: u64, failed: u32, is_there: bool) {
        self.phase = if is_there {
            Phase::Fetches { left: self.takes.as_nanos(), failed }
        } else {
            reached(Mark::FetchesInVain);
            in_vain(now, failed)
        };
    }

    fn is_fetched(&self) -> bool {
        matches!(self.phase, Phase::Fetches { .. })
    }
}

impl Node {
    fn new(station: &Station, cluster: usize, member: usize, shelf: Option<Shelf>) -> Self {
        let from_whole = station.fetch.and_then(|fetch| fetch.from);
        let lots = station.lots.as_ref();
        let jobs = lots.iter().flat_map(|lots| &lots.all).map(|lot| Job::new(lot.takes));
        Self {
            cluster,
            from: from_whole.or_else(|| lots.and_then(|lots| lots.from)),
            is_up: !station.is_absent(member),
            is_starting: false,
            whole: station.fetch.map(|fetch| Job::new(fetch.takes)),
            lots: jobs.collect(),
            shelf,
        }
    }

    fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.whole.iter().chain(&self.lots)
    }

    fn jobs_mut(&mut self) -> impl Iterator<Item = &mut Job> {
        self.whole.iter_mut().chain(&mut self.lots)
    }

    /// There is another process, or none: nothing has been fetched.
    fn begin_anew(&mut self, now: u64) {
        self.jobs_mut().for_each(|job| job.phase = Phase::Idle);
        self.shelf.iter_mut().for_each(|shelf| shelf.begin_anew(now));
    }
}

impl Fetches {
    pub(super) fn new(network: &Network, run: &Run<'_>) -> Self {
        let nodes = network.members().map(|(cluster, member, station)| {
            let stream = run.stream_of(Purpose::Lots, cluster, member);
            let shelf = station.lots.as_ref().map(|lots| Shelf::new(lots, stream));
            Node::new(station, cluster, member, shelf)
        });
        let up = network.clusters.iter().map(|station| station.nodes - station.absent).collect();
        Self { nodes: nodes.collect(), up, updated: 0, woken: Vec::new() }
    }

    /// How much is fetched at once from where this node fetches.
    fn sharing(&self, node: usize) -> f64 {
        let from = self.nodes[node].from;
        let alike = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(other, each)| *other == node || from.is_some() && each.from == from);
        let fetched = alike.flat_map(|(_, node)| node.jobs()).filter(|job| job.is_fetched());
        fetched.count().max(1) as f64
    }

    /// Works out what is left to be fetched by now.
    fn update(&mut self, now: u64) {
        let passed = (now - self.updated) as f64;
        for node in 0..self.nodes.len() {
            if self.nodes[node].jobs().any(Job::is_fetched) {
                let done = passed / self.sharing(node);
                for job in self.nodes[node].jobs_mut() {
                    if let Phase::Fetches { left, .. } = &mut job.phase {
                        *left = (*left - done).max(0.0);
                    }
                }
            }
        }
        self.updated = now;
    }

    /// When something happens to each thing that a node fetches.
    fn due(&self, node: usize) -> impl Iterator<Item = u64> {
        let is_any_fetched = self.nodes[node].jobs().any(Job::is_fetched);
        let sharing = if is_any_fetched { self.sharing(node) } else { 1.0 };
        self.nodes[node].jobs().map(move |job| match job.phase {
            Phase::Idle => u64::MAX,
            Phase::Tries { at, .. } => at,
            Phase::Fetches { left, .. } => {
                self.updated.saturating_add((left * sharing).ceil() as u64)
            }
        })
    }

    /// Whether anybody has what a node fetches.
    fn is_there(&self, node: usize) -> bool {
        self.nodes[node].from.is_none_or(|cluster| self.up[cluster] > 0)
    }

    /// Who fetches from a cluster of which no node is up any more tries again later.
    fn stop_those_without(&mut self, now: u64) {
        for node in 0..self.nodes.len() {
            if self.is_there(node) {
                continue;
            }
            for job in self.nodes[node].jobs_mut() {
                if let Phase::Fetches { failed, .. } = job.phase {
                    job.phase = in_vain(now, failed);
                }
            }
        }
    }

    /// Everybody who fetches may be through at another time than was said.
    fn wake_all(&mut self) {
        let busy = |node: &Node| node.jobs().any(|job| job.phase != Phase::Idle);
        let busy = self.nodes.iter().enumerate().filter(|(_, node)| busy(node));
        self.woken = busy.map(|(node, _)| node).collect();
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
        self.due(node).min().unwrap_or(u64::MAX)
    }

    fn act(&mut self, node: usize, now: u64) -> Option<Change> {
        let due: Vec<bool> = self.due(node).map(|due| due <= now).collect();
        self.update(now);
        let is_there = self.is_there(node);
        let Node { whole, lots, shelf, .. } = &mut self.nodes[node];
        let lots = lots.iter_mut().enumerate().map(|(lot, job)| (Some(lot), job));
        let jobs = whole.iter_mut().map(|job| (None, job)).chain(lots);
        let mut change = None;
        for ((lot, job), _) in jobs.zip(due).filter(|(_, is_due)| *is_due) {
            match (job.phase, lot) {
                (Phase::Idle, _) => {}
                (Phase::Tries { failed, .. }, _) => job.begin(now, failed, is_there),
                (Phase::Fetches { .. }, None) => {
                    reached(Mark::Fetches);
                    job.phase = Phase::Idle;
                    change = Some(Change::Fetched);
                }
                (Phase::Fetches { .. }, Some(lot)) => {
                    reached(Mark::FetchesLot);
                    job.phase = Phase::Idle;
                    if let Some(shelf) = shelf {
                        shelf.comes(lot, now);
                    }
                }
            }
        }
        self.wake_all();
        change
    }

    fn origin(&self) -> Origin {
        Origin::Fetches
    }

    fn acts(&self) -> bool {
        self.nodes.iter().any(|node| node.jobs().next().is_some())
    }

    /// What was asked for is fetched on while a process hangs: requests do, not the threads that fetch.
    fn learn(&mut self, node: usize, now: u64, condition: Condition) {
        self.update(now);
        let known = &mut self.nodes[node];
        let (was_up, was_starting) = (known.is_up, known.is_starting);
        known.is_up = condition == Condition::Up;
        known.is_starting = condition == Condition::Starting;
        if was_starting || !condition.is_of_a_process() {
            known.begin_anew(now);
        }
        if let Some(whole) = &mut known.whole {
            whole.phase = match condition {
                Condition::Fetching => Phase::Tries { at: now, failed: 0 },
                _ => Phase::Idle,
            };
        }
        let cluster = known.cluster;
        match (was_up, condition == Condition::Up) {
            (true, false) => self.up[cluster] -= 1,
            (false, true) => self.up[cluster] += 1,
            _ => {}
        }
        self.stop_those_without(now);
        self.wake_all();
    }

    fn is_replaced(&mut self, node: usize, now: u64) {
        self.update(now);
        self.nodes[node].begin_anew(now);
        self.wake_all();
    }

    fn finds(&mut self, node: usize, now: u64, lot: usize) -> bool {
        let Some(shelf) = &mut self.nodes[node].shelf else { return true };
        let asked = shelf.asks(lot, now);
        if asked == Asked::Fetch {
            self.update(now);
            let is_there = self.is_there(node);
            self.nodes[node].lots[lot].begin(now, 0, is_there);
            self.wake_all();
        }
        asked == Asked::IsThere
    }

    fn woken(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.woken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Forgets, Lot, Lots};
    use crate::random::Stream;

    /// Two nodes that fetch for 10 s from a third, which is up.
    fn fetches() -> Fetches {
        let node = || Node {
            cluster: 0,
            from: Some(1),
            is_up: true,
            is_starting: false,
            whole: Some(Job::new(SimDuration::from_seconds(10.0))),
            lots: vec![],
            shelf: None,
        };
        let supplier = Node { cluster: 1, from: None, whole: None, ..node() };
        Fetches { nodes: vec![node(), node(), supplier], up: vec![2, 1], updated: 0, woken: vec![] }
    }

    /// The same, and each has two lots of 6 s each, which nobody has asked for; they are forgotten by a sweep a minute
    /// when they have been idle for 2 min.
    fn in_lots() -> Fetches {
        let seconds = SimDuration::from_seconds;
        let forgets = Forgets { idle: seconds(120.0), sweep: seconds(60.0) };
        let lot = Lot { takes: seconds(6.0), uses: 0.0 };
        let lots = Lots { from: Some(1), forgets, all: vec![lot; 2] };
        let mut fetches = fetches();
        for node in &mut fetches.nodes[..2] {
            let stream = Stream::new(1, 0, Purpose::Lots, 0);
            node.lots = vec![Job::new(lot.takes); 2];
            node.shelf = Some(Shelf::new(&lots, stream));
        }
        fetches
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
        fetches.nodes[0].from = None;
        fetches.nodes[0].whole = Some(Job::new(SimDuration::from_seconds(3.0)));
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

    /// All that is due on a node until `end`, seconds.
    fn goes_on(fetches: &mut Fetches, node: usize, end: u64) {
        while fetches.next(node) <= end * SECOND {
            fetches.act(node, fetches.next(node));
        }
    }

    #[test]
    fn who_asks_first_and_while_a_lot_is_fetched_is_told_so() {
        let mut fetches = in_lots();
        let mut finds = |second| {
            goes_on(&mut fetches, 0, second);
            fetches.finds(0, second * SECOND, 1)
        };
        assert_eq!([100, 101, 105, 106, 107].map(&mut finds), [false, false, false, true, true]);
    }

    #[test]
    fn what_is_asked_for_at_once_shares_what_has_it() {
        let mut fetches = in_lots();
        assert!(!fetches.finds(0, 100 * SECOND, 0) && !fetches.finds(1, 100 * SECOND, 0));
        assert_eq!((fetches.next(0), fetches.next(1)), (112 * SECOND, 112 * SECOND));
        // A third takes its part from 106 s on, when each of the others has half of it: 9 s for 3 s and for 3 s.
        assert!(!fetches.finds(1, 106 * SECOND, 1));
        assert_eq!((fetches.next(0), fetches.next(1)), (115 * SECOND, 115 * SECOND));
        goes_on(&mut fetches, 0, 115);
        goes_on(&mut fetches, 1, 115);
        assert_eq!((fetches.next(0), fetches.next(1)), (u64::MAX, 118 * SECOND));
    }

    #[test]
    fn a_lot_waits_for_somebody_who_has_it() {
        let mut fetches = in_lots();
        fetches.learn(2, 0, Condition::Down);
        assert!(!fetches.finds(0, 100 * SECOND, 0));
        goes_on(&mut fetches, 0, 107);
        fetches.learn(2, 108 * SECOND, Condition::Up);
        goes_on(&mut fetches, 0, 110);
        assert_eq!(fetches.next(0), 116 * SECOND);
    }

    #[test]
    fn another_process_has_no_lots_but_one_that_hung_keeps_them() {
        let mut fetches = in_lots();
        let mut finds_again = |second: u64, changes: &mut dyn FnMut(&mut Fetches, u64)| {
            assert!(!fetches.finds(0, second * SECOND, 0), "{second}");
            goes_on(&mut fetches, 0, second + 6);
            assert!(fetches.finds(0, (second + 6) * SECOND, 0), "{second}");
            changes(&mut fetches, (second + 7) * SECOND);
            let finds = fetches.finds(0, (second + 8) * SECOND, 0);
            fetches.learn(0, (second + 9) * SECOND, Condition::Down);
            finds
        };
        assert!(finds_again(100, &mut |fetches, now| {
            fetches.learn(0, now, Condition::Hung);
            fetches.learn(0, now, Condition::Up);
        }));
        assert!(!finds_again(200, &mut |fetches, now| fetches.is_replaced(0, now)));
        assert!(!finds_again(300, &mut |fetches, now| {
            fetches.learn(0, now, Condition::Down);
            fetches.learn(0, now, Condition::Starting);
            fetches.learn(0, now, Condition::Up);
        }));
    }
}
