//! Probes by which processes live or die, by the rules of the kubelet of Kubernetes (`prober/worker.go`): a
//! process that has begun is asked by its start-up probe until that has succeeded once, and by its liveness
//! probe from then on. As many failures in a row as it takes end the process, and it is started anew: at
//! once the first time, and after 10 s, 20 s and so on up to 5 min where that goes on (`CrashLoopBackOff`).

use super::super::Run;
use super::super::marks::{Mark, reached};
use super::super::moments::Origin;
use super::super::parts::{Change, Condition, Rhythm};
use super::Operator;
use crate::network::{Network, Probe, Probing, Watch};

/// The wait before the second start in a row, and the longest, nanoseconds.
const FIRST_BACK_OFF: u64 = 10_000_000_000;
const LONGEST_BACK_OFF: u64 = 300_000_000_000;

/// The probes of every node.
#[derive(Debug)]
pub(super) struct Probes {
    nodes: Vec<Watched>,
}

/// A node and what its probes have seen.
#[derive(Debug)]
struct Watched {
    probing: Probing,
    rhythms: [Rhythm; 2],
    condition: Condition,
    /// When the process began, if that is not long ago.
    began: Option<u64>,
    /// Its start-up probe has succeeded, or there is none.
    has_started: bool,
    /// Failures in a row.
    failures: u32,
    next: Next,
    back_off: BackOff,
    /// How long the answer to the next probe takes, nanoseconds, should the process give one.
    takes: f64,
}

/// What comes next for a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Nothing,
    /// It is asked.
    Asks(u64),
    /// A probe has not been answered until then.
    GivesUp(u64),
    /// It ends.
    Ends(u64),
    /// It is started anew.
    Starts(u64),
}

/// How long a process waits before it is started again and again.
#[derive(Clone, Copy, Debug, Default)]
struct BackOff {
    /// When it was started last after an end, and how long the next start is waited for.
    last: Option<(u64, u64)>,
}

impl Probes {
    pub(super) fn new(network: &Network, run: &Run<'_>) -> Self {
        let nodes = network.members().map(|(cluster, member, station)| {
            let [startup, liveness] = Rhythm::of_probes(&station.probing, run, (cluster, member));
            let mut node = Watched {
                probing: station.probing,
                rhythms: [startup, liveness],
                // Who is up from the start has been so for long.
                condition: Condition::Up,
                began: None,
                has_started: true,
                failures: 0,
                next: Next::Nothing,
                back_off: BackOff::default(),
                takes: 0.0,
            };
            if node.probing.liveness.is_some() {
                node.next = Next::Asks(liveness.next(0));
            }
            node
        });
        Self { nodes: nodes.collect() }
    }
}

impl Watched {
    /// The probe whose turn it is, and its rhythm.
    fn watch(&self) -> Option<(Watch, Rhythm)> {
        let (watch, rhythm) = if self.has_started {
            (self.probing.liveness, self.rhythms[1])
        } else {
            (self.probing.startup, self.rhythms[0])
        };
        watch.map(|watch| (watch, rhythm))
    }

    /// The next probe is made at the earliest then.
    fn ask_from(&mut self, earliest: u64) {
        let asks = self.watch().map(|(watch, rhythm)| {
            let begins = self.began.map_or(0, |began| began.saturating_add(watch.delay.0));
            Next::Asks(rhythm.next(earliest.max(begins)))
        });
        self.next = asks.unwrap_or(Next::Nothing);
    }

    /// The process is asked, and answers or not. Returns what is to be done.
    fn ask(&mut self, now: u64) -> Option<Change> {
        let (watch, _) = self.watch()?;
        let is_late = self.takes > watch.timeout.as_nanos();
        match (self.condition, watch.probe) {
            (Condition::Starting, _)
            | (Condition::FailsFast | Condition::Fetching, Probe::Http) => self.fail(now),
            (Condition::Hung, Probe::Http) => self.wait(now, watch),
            (Condition::Up | Condition::Draining, Probe::Http) if is_late => {
                reached(Mark::KillsLate);
                self.wait(now, watch)
            }
            _ => self.succeed(now),
        }
    }

    fn wait(&mut self, now: u64, watch: Watch) -> Option<Change> {
        self.next = Next::GivesUp(now.saturating_add(watch.timeout.0));
        None
    }

    fn succeed(&mut self, now: u64) -> Option<Change> {
        self.failures = 0;
        let starts = !self.has_started;
        self.has_started = true;
        self.ask_from(now + 1);
        starts.then_some(Change::Admit)
    }

    /// A probe has failed: nothing happens to the process yet, or it is to end.
    fn fail(&mut self, now: u64) -> Option<Change> {
        let (watch, _) = self.watch()?;
        self.failures += 1;
        if self.failures < watch.failures {
            self.ask_from(now + 1);
            return None;
        }
        if self.condition == Condition::Hung && watch.grace.0 > 0 {
            self.next = Next::Ends(now.saturating_add(watch.grace.0));
            return None;
        }
        Some(self.end(now))
    }

    fn end(&mut self, now: u64) -> Change {
        reached(Mark::Kills);
        self.next = Next::Starts(now.saturating_add(self.back_off.after(now)));
        Change::Kill
    }
}

impl BackOff {
    /// How long a process that ends now waits until it is started.
    fn after(&mut self, now: u64) -> u64 {
        // What has run for twice as long as the longest wait begins anew.
        let is_recent = |at: u64| now.saturating_sub(at) <= 2 * LONGEST_BACK_OFF;
        let wait = self.last.filter(|(at, _)| is_recent(*at)).map_or(0, |(_, wait)| wait);
        let next = (2 * wait).clamp(FIRST_BACK_OFF, LONGEST_BACK_OFF);
        self.last = Some((now.saturating_add(wait), next));
        wait
    }
}

impl Operator for Probes {
    fn next(&self, node: usize) -> u64 {
        match self.nodes[node].next {
            Next::Nothing => u64::MAX,
            Next::Asks(at) | Next::GivesUp(at) | Next::Ends(at) | Next::Starts(at) => at,
        }
    }

    fn asks_for(&self, node: usize) -> Option<f64> {
        let node = &self.nodes[node];
        let asks = matches!(node.next, Next::Asks(_));
        node.watch().filter(|_| asks).map(|(watch, _)| watch.demand.as_nanos())
    }

    fn hears(&mut self, node: usize, takes: f64) {
        self.nodes[node].takes = takes;
    }

    fn act(&mut self, node: usize, now: u64) -> Option<Change> {
        let node = &mut self.nodes[node];
        match node.next {
            Next::Nothing => None,
            Next::Asks(_) => node.ask(now),
            Next::GivesUp(_) => node.fail(now),
            Next::Ends(_) => Some(node.end(now)),
            Next::Starts(_) => {
                node.next = Next::Nothing;
                Some(Change::Start)
            }
        }
    }

    fn origin(&self) -> Origin {
        Origin::Probes
    }

    fn acts(&self) -> bool {
        self.nodes.iter().any(|node| node.probing != Probing::default())
    }

    fn learn(&mut self, node: usize, now: u64, condition: Condition) {
        let node = &mut self.nodes[node];
        let before = std::mem::replace(&mut node.condition, condition);
        match condition {
            Condition::Starting => {
                (node.began, node.failures) = (Some(now), 0);
                node.has_started = node.probing.startup.is_none();
                node.ask_from(now);
            }
            // Somebody else starts it, unless it is to be started here.
            Condition::Absent | Condition::Down | Condition::Vanished => {
                if !matches!(node.next, Next::Starts(_)) {
                    node.next = Next::Nothing;
                }
            }
            // What hung and goes on answers the probe that waits.
            Condition::Up if before == Condition::Hung && matches!(node.next, Next::GivesUp(_)) => {
                node.next = Next::Asks(now);
            }
            Condition::Up
            | Condition::Hung
            | Condition::FailsFast
            | Condition::Fetching
            | Condition::Standby
            | Condition::Draining => {}
        }
    }
}
