//! Nodes that stand by and take over: who leads a cluster, since when it has been silent, and what its successor
//! has to do again.
//!
//! ```text
//! the leader falls silent ─► its last heartbeat is too old, which one that stands by finds at a heartbeat of its
//! own and leads ─► it asks whether it does ─► it reads the last snapshot ─► it serves
//! ```

use super::super::Run;
use super::super::marks::{Mark, reached};
use super::super::moments::Origin;
use super::super::parts::{Change, Condition, Rhythm};
use super::Operator;
use crate::network::{DEPTHS, Network, Standby, Step};

/// Who leads each cluster in which nodes stand by.
#[derive(Debug)]
pub(super) struct TakeOvers {
    /// By cluster.
    groups: Vec<Option<Group>>,
    /// By node, its cluster and its place there.
    places: Vec<(usize, usize)>,
    woken: Vec<usize>,
    done_again: Vec<DoneAgain>,
}

/// What a take-over means for requests of a flow that had been taken before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DoneAgain {
    pub(crate) flow: usize,
    pub(crate) requests: u64,
    /// Nobody who takes over has heard of them, so that they are not done again.
    pub(crate) are_forgotten: bool,
}

/// The nodes of a cluster.
#[derive(Debug)]
struct Group {
    standby: Standby,
    first_node: usize,
    leader: usize,
    /// The last heartbeat of a leader that is silent.
    silent_since: Option<u64>,
    journal: Journal,
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    heartbeats: Rhythm,
    polls: Rhythm,
    condition: Condition,
    /// From then on the leader tells it of what it takes; never, while it does not stand by.
    hears_from: u64,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    /// It will find the leader silent then.
    Elects(u64),
    /// It will serve then.
    TakesOver(u64),
    /// Somebody else leads meanwhile.
    StandsBy(u64),
}

/// What the leader has taken since its last snapshot.
#[derive(Debug)]
struct Journal {
    /// Nanoseconds of a core that a request takes, by flow.
    demands: Vec<f64>,
    taken: Vec<u64>,
    next_snapshot: u64,
    /// Another snapshot is made when the leader learns of a node that stands by.
    extra: Option<u64>,
}

impl Journal {
    /// Forgets what is in the snapshots that have been made by now.
    fn roll(&mut self, now: u64, interval: u64) {
        if self.extra.is_some_and(|at| at <= now) {
            self.extra = None;
            self.taken.fill(0);
        }
        if self.next_snapshot <= now {
            self.taken.fill(0);
            let passed = (now - self.next_snapshot) / interval + 1;
            self.next_snapshot = self.next_snapshot.saturating_add(passed.saturating_mul(interval));
        }
    }

    /// A single thread does everything again.
    fn takes(&self) -> u64 {
        let work =
            self.taken.iter().zip(&self.demands).map(|(taken, demand)| *taken as f64 * demand);
        work.sum::<f64>().round() as u64
    }

    fn begin_anew(&mut self, now: u64, interval: u64) {
        self.taken.fill(0);
        (self.next_snapshot, self.extra) = (now.saturating_add(interval), None);
    }
}

/// Whether a process in this condition writes that it is alive.
fn is_alive(condition: Condition) -> bool {
    match condition {
        Condition::Up
        | Condition::Standby
        | Condition::FailsFast
        | Condition::Fetching
        | Condition::Draining => true,
        Condition::Absent
        | Condition::Starting
        | Condition::Hung
        | Condition::Vanished
        | Condition::Down => false,
    }
}

impl Group {
    fn new(network: &Network, run: &Run<'_>, cluster: usize) -> Option<Self> {
        let station = &network.clusters[cluster];
        let standby = station.standby?;
        let member = |member| {
            let [heartbeats, polls, _] = Rhythm::of_standby(&standby, run, (cluster, member));
            let is_absent = station.is_absent(member);
            let condition = match member {
                0 => Condition::Up,
                _ if is_absent => Condition::Absent,
                _ => Condition::Standby,
            };
            let hears_from = if condition == Condition::Standby { 0 } else { u64::MAX };
            Member { heartbeats, polls, condition, hears_from, phase: Phase::Idle }
        };
        let [_, _, snapshots] = Rhythm::of_standby(&standby, run, (cluster, 0));
        let journal = Journal {
            demands: demands(network, cluster),
            taken: vec![0; network.flows.len()],
            next_snapshot: snapshots.next(1),
            extra: None,
        };
        Some(Self {
            standby,
            first_node: station.first_node,
            leader: 0,
            silent_since: None,
            journal,
            members: (0..station.nodes).map(member).collect(),
        })
    }

    /// The age at which the last heartbeat of the leader is still good.
    fn patience(&self) -> u64 {
        self.standby.heartbeat.0.saturating_mul(u64::from(self.standby.missed))
    }

    /// The leader is silent from now on.
    fn falls_silent(&mut self, now: u64) {
        self.journal.roll(now, self.standby.snapshot.0);
        self.silent_since = Some(self.members[self.leader].heartbeats.last(now));
        for member in &mut self.members {
            if member.hears_from > now {
                member.hears_from = u64::MAX;
            }
        }
        (0..self.members.len()).for_each(|member| self.waits_for_silence(member, now));
    }

    /// Who stands by will find the leader silent, if it stays so.
    fn waits_for_silence(&mut self, member: usize, now: u64) {
        let patience = self.patience();
        let is_candidate = member != self.leader
            && self.members[member].condition == Condition::Standby
            && self.members[member].phase == Phase::Idle;
        if let Some(last) = self.silent_since.filter(|_| is_candidate) {
            let found = last.saturating_add(patience).saturating_add(1).max(now);
            let member = &mut self.members[member];
            member.phase = Phase::Elects(member.heartbeats.next(found));
        }
    }

    /// The leader is heard of again.
    fn is_heard(&mut self) {
        self.silent_since = None;
        for member in &mut self.members {
            if matches!(member.phase, Phase::Elects(_)) {
                member.phase = Phase::Idle;
            }
        }
    }

    /// One that stands by leads from now on, and learns so when it asks.
    fn leads(&mut self, member: usize, now: u64) {
        self.leader = member;
        self.is_heard();
        let Standby { restore, repeats, .. } = self.standby;
        let has_heard = self.members[member].hears_from != u64::MAX;
        let again = if has_heard && !repeats { self.journal.takes() } else { 0 };
        let asks = self.members[member].polls.next(now);
        self.members[member].phase =
            Phase::TakesOver(asks.saturating_add(restore.0).saturating_add(again));
    }

    /// A process has started, or one that led until somebody else did is back.
    fn joins(&mut self, member: usize, now: u64) {
        let too_old = |last: u64| now - last.min(now) > self.patience();
        let nobody_leads = self.silent_since.is_some_and(too_old);
        if member == self.leader || nobody_leads {
            // It reads the last snapshot as it starts.
            self.leader = member;
            self.is_heard();
            self.members[member].phase = Phase::TakesOver(now);
        } else if self.silent_since.is_some() {
            self.waits_for_silence(member, now);
        } else {
            self.hears(member, now);
        }
    }

    /// The leader finds a new member at its next heartbeat, learns of it when it asks, and saves its state.
    fn hears(&mut self, member: usize, now: u64) {
        let leader = &self.members[self.leader];
        let from = leader.polls.next(leader.heartbeats.next(now));
        self.members[member].hears_from = from;
        self.journal.extra = Some(self.journal.extra.map_or(from, |at| at.min(from)));
    }

    /// A node serves. Returns what it does again of each flow, and whether that is forgotten.
    fn takes_over(&mut self, member: usize, now: u64) -> Vec<DoneAgain> {
        let are_forgotten = self.members[member].hears_from == u64::MAX;
        let taken = self.journal.taken.iter().enumerate().filter(|(_, taken)| **taken > 0);
        let again = taken.map(|(flow, taken)| DoneAgain { flow, requests: *taken, are_forgotten });
        let again = again.collect();
        self.journal.begin_anew(now, self.standby.snapshot.0);
        self.members[member].hears_from = u64::MAX;
        for other in (0..self.members.len()).filter(|other| *other != member) {
            if self.members[other].condition == Condition::Standby {
                self.hears(other, now);
            }
        }
        again
    }

    fn learn(&mut self, member: usize, now: u64, condition: Condition) {
        let before = std::mem::replace(&mut self.members[member].condition, condition);
        if before == condition {
            return;
        }
        let (was_alive, is_alive) = (is_alive(before), is_alive(condition));
        if !is_alive {
            self.members[member].phase = Phase::Idle;
            self.members[member].hears_from = u64::MAX;
            if was_alive && member == self.leader {
                self.falls_silent(now);
            }
            return;
        }
        match condition {
            Condition::Standby => self.joins(member, now),
            _ if was_alive => {}
            _ if member == self.leader => self.is_heard(),
            _ => self.members[member].phase = Phase::StandsBy(now),
        }
    }
}

impl TakeOvers {
    pub(super) fn new(network: &Network, run: &Run<'_>) -> Self {
        let clusters = 0..network.clusters.len();
        Self {
            groups: clusters.map(|cluster| Group::new(network, run, cluster)).collect(),
            places: network.members().map(|(cluster, member, _)| (cluster, member)).collect(),
            woken: Vec::new(),
            done_again: Vec::new(),
        }
    }

    fn group(&mut self, node: usize) -> Option<(&mut Group, usize)> {
        let (cluster, member) = self.places[node];
        Some((self.groups[cluster].as_mut()?, member))
    }

    /// All nodes of a group may act at another instant than was said.
    fn wake(&mut self, node: usize) {
        if let Some((group, _)) = self.group(node) {
            let nodes = group.first_node..group.first_node + group.members.len();
            self.woken.extend(nodes);
        }
    }
}

impl Operator for TakeOvers {
    fn next(&self, node: usize) -> u64 {
        let (cluster, member) = self.places[node];
        let phase = self.groups[cluster].as_ref().map(|group| group.members[member].phase);
        match phase {
            None | Some(Phase::Idle) => u64::MAX,
            Some(Phase::Elects(at) | Phase::TakesOver(at) | Phase::StandsBy(at)) => at,
        }
    }

    fn act(&mut self, node: usize, now: u64) -> Option<Change> {
        let (group, member) = self.group(node)?;
        let phase = std::mem::replace(&mut group.members[member].phase, Phase::Idle);
        let change = match phase {
            Phase::Idle => None,
            Phase::Elects(_) => {
                reached(Mark::Elects);
                group.leads(member, now);
                None
            }
            Phase::TakesOver(_) => {
                reached(Mark::TakesOver);
                let again = group.takes_over(member, now);
                self.done_again.extend(again);
                Some(Change::TakeOver)
            }
            Phase::StandsBy(_) => {
                reached(Mark::StandsBy);
                Some(Change::StandBy)
            }
        };
        self.wake(node);
        change
    }

    fn origin(&self) -> Origin {
        Origin::TakeOvers
    }

    fn acts(&self) -> bool {
        self.groups.iter().any(Option::is_some)
    }

    fn learn(&mut self, node: usize, now: u64, condition: Condition) {
        if let Some((group, member)) = self.group(node) {
            group.learn(member, now, condition);
            self.wake(node);
        }
    }

    fn woken(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.woken)
    }

    fn takes(&mut self, node: usize, now: u64, flow: usize) {
        if let Some((group, member)) = self.group(node)
            && member == group.leader
            && matches!(group.members[member].condition, Condition::Up | Condition::Draining)
        {
            group.journal.roll(now, group.standby.snapshot.0);
            group.journal.taken[flow] += 1;
        }
    }

    fn done_again(&mut self) -> Vec<DoneAgain> {
        std::mem::take(&mut self.done_again)
    }
}

/// Nanoseconds of a core that a request of each flow takes on a node of the cluster, on average.
fn demands(network: &Network, cluster: usize) -> Vec<f64> {
    let of_step = |step: u16| match network.steps[usize::from(step)] {
        Step::Work { burst, first, end, .. } => burst.mean_nanos * f64::from(end - first),
        _ => 0.0,
    };
    let of_flow = |first_step| {
        let route = network.route_on_nodes(first_step, [0; DEPTHS]);
        route.filter(|(_, at)| *at == cluster).map(|(step, _)| of_step(step)).sum()
    };
    network.flows.iter().map(|flow| of_flow(flow.first_step)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    const SECOND: u64 = 1_000_000_000;
    const MS: u64 = 1_000_000;

    /// Two nodes as shipped: the first shows that it is alive at 1, 6, 11 … s, the other at 3, 8 … s, and asks
    /// whether it leads at 2, 7 … s; a snapshot is made at 20, 80 … s. A request takes 2 ms of a core.
    fn pair(repeats: bool) -> TakeOvers {
        let rhythm = |second: f64| Rhythm::new(SimDuration(5 * SECOND), second / 5.0);
        let member = |beat, poll, condition, hears_from| Member {
            heartbeats: rhythm(beat),
            polls: rhythm(poll),
            condition,
            hears_from,
            phase: Phase::Idle,
        };
        let group = Group {
            standby: Standby { repeats, ..Standby::SHIPPED },
            first_node: 0,
            leader: 0,
            silent_since: None,
            journal: Journal {
                demands: vec![2e6],
                taken: vec![0],
                next_snapshot: 20 * SECOND,
                extra: None,
            },
            members: vec![
                member(1.0, 0.0, Condition::Up, u64::MAX),
                member(3.0, 2.0, Condition::Standby, 0),
            ],
        };
        TakeOvers {
            groups: vec![Some(group)],
            places: vec![(0, 0), (0, 1)],
            woken: Vec::new(),
            done_again: Vec::new(),
        }
    }

    /// The first node takes a request every 100 ms between two instants.
    fn takes(pair: &mut TakeOvers, from: u64, until: u64) {
        (from..until).step_by(100 * MS as usize).for_each(|now| pair.takes(0, now, 0));
    }

    /// Acts on a node when it has said that it would, in seconds, and lets it know what becomes of it.
    fn acts(pair: &mut TakeOvers, node: usize) -> (f64, Option<Change>) {
        let at = pair.next(node);
        let change = pair.act(node, at);
        match change {
            Some(Change::TakeOver) => pair.learn(node, at, Condition::Up),
            Some(Change::StandBy) => pair.learn(node, at, Condition::Standby),
            _ => {}
        }
        (at as f64 / SECOND as f64, change)
    }

    #[test]
    fn who_stands_by_takes_over_once_the_last_heartbeat_is_too_old_and_does_again_what_came_since()
    {
        // The leader dies at 42.5 s: its last heartbeat, at 41 s, is older than 25 s after 66 s; that is found at
        // 68 s, and asked for at 72 s. Then it reads the snapshot. The last was made at 20 s: 225 requests, 0.45 s.
        for (repeats, serves) in [(true, 74.0), (false, 74.45)] {
            let mut pair = pair(repeats);
            takes(&mut pair, 0, 42_500 * MS);
            pair.learn(0, 42_500 * MS, Condition::Down);
            assert_eq!(acts(&mut pair, 1), (68.0, None));
            let (at, change) = acts(&mut pair, 1);
            assert!((at - serves).abs() < 1e-6, "{at}");
            assert_eq!(change, Some(Change::TakeOver));
            let again = DoneAgain { flow: 0, requests: 225, are_forgotten: false };
            assert_eq!(pair.done_again(), [again]);
        }
    }

    #[test]
    fn a_leader_that_is_back_soon_leads_on_without_what_it_had_since_the_snapshot() {
        let mut pair = pair(true);
        takes(&mut pair, 0, 42_500 * MS);
        pair.learn(0, 42_500 * MS, Condition::Down);
        pair.learn(0, 50 * SECOND, Condition::Starting);
        pair.learn(0, 60 * SECOND, Condition::Standby);
        assert_eq!(pair.next(1), u64::MAX);
        assert_eq!(acts(&mut pair, 0), (60.0, Some(Change::TakeOver)));
        let again = DoneAgain { flow: 0, requests: 225, are_forgotten: true };
        assert_eq!(pair.done_again(), [again]);
    }

    #[test]
    fn a_leader_that_hangs_for_too_long_stands_by_when_it_goes_on() {
        let mut pair = pair(true);
        pair.learn(0, 42 * SECOND, Condition::Hung);
        // It accepts, and passes nothing on.
        takes(&mut pair, 42 * SECOND, 50 * SECOND);
        assert_eq!(acts(&mut pair, 1), (68.0, None));
        assert_eq!(acts(&mut pair, 1), (74.0, Some(Change::TakeOver)));
        assert_eq!(pair.done_again(), []);
        pair.learn(0, 90 * SECOND, Condition::Up);
        assert_eq!(acts(&mut pair, 0), (90.0, Some(Change::StandBy)));
        // Had it gone on before, it would lead on.
        let mut pair = self::pair(true);
        pair.learn(0, 42 * SECOND, Condition::Hung);
        pair.learn(0, 67 * SECOND, Condition::Up);
        assert_eq!((pair.next(0), pair.next(1)), (u64::MAX, u64::MAX));
    }

    #[test]
    fn who_has_come_back_is_told_from_when_the_leader_knows_of_it_and_a_snapshot_is_made() {
        let mut pair = pair(true);
        pair.learn(1, 30 * SECOND, Condition::Down);
        takes(&mut pair, 30 * SECOND, 50 * SECOND);
        pair.learn(1, 50 * SECOND, Condition::Starting);
        pair.learn(1, 52 * SECOND, Condition::Standby);
        // The leader finds it at 56 s and asks at 60 s.
        takes(&mut pair, 50 * SECOND, 61 * SECOND);
        pair.learn(0, 61 * SECOND, Condition::Down);
        acts(&mut pair, 1);
        acts(&mut pair, 1);
        let again = DoneAgain { flow: 0, requests: 10, are_forgotten: false };
        assert_eq!(pair.done_again(), [again]);
    }

    #[test]
    fn who_starts_where_nobody_has_led_for_long_enough_serves_at_once_and_knows_nothing() {
        let mut pair = pair(true);
        pair.learn(1, 30 * SECOND, Condition::Down);
        takes(&mut pair, 30 * SECOND, 40 * SECOND);
        pair.learn(0, 40 * SECOND, Condition::Down);
        pair.learn(1, 41 * SECOND, Condition::Starting);
        pair.learn(1, 80 * SECOND, Condition::Standby);
        assert_eq!(acts(&mut pair, 1), (80.0, Some(Change::TakeOver)));
        let again = DoneAgain { flow: 0, requests: 100, are_forgotten: true };
        assert_eq!(pair.done_again(), [again]);
    }

    #[test]
    fn snapshots_go_on_while_nothing_is_taken() {
        let mut pair = pair(true);
        takes(&mut pair, 0, 42 * SECOND);
        pair.learn(0, 81 * SECOND, Condition::Down);
        acts(&mut pair, 1);
        acts(&mut pair, 1);
        assert_eq!(pair.done_again(), []);
    }
}
