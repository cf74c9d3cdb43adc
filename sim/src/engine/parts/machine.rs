//! Whether a node is there and answers, and what it has in flight.

use super::condition::Condition;
use crate::network::{ColdStart, Depth, Failure, Need, Network, Station};
use crate::random::Stream;
use crate::stats::TimeAverage;
use crate::time::SimDuration;

/// What an operator does to a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// Starts the process, unless another operator keeps it down.
    Start,
    /// Makes it hang.
    Hang,
    /// Lets it finish what it has, while the balancer sends it nothing more.
    Drain,
    /// Makes it answer new requests with an error.
    FailFast {
        /// After so long.
        delay: SimDuration,
    },
    /// The machine is gone; when it is started again, what it had is lost.
    Vanish,
    /// Lets a process that hangs, fails or drains go on as before.
    Resume,
    /// A new process takes its place, and is cold; what the old one has it finishes.
    Replace,
    /// Cuts it off from the nodes of other clusters, not from balancers that clients reach.
    CutOff,
    /// Ends that.
    Reconnect,
    /// Multiplies the demands of bursts that begin from now on by a factor.
    Slow {
        /// The factor; 1 for as usual.
        factor: f64,
    },
    /// It has fetched what it serves.
    Fetched,
    /// It serves from now on, and has stood by until now.
    TakeOver,
    /// It stands by from now on; what it has is lost.
    StandBy,
    /// A new process has started, as its start-up probe finds.
    Admit,
    /// Its probes end it, whether it has answered yet or not; what it has is lost.
    Kill,
    /// Ends it; what it has is lost.
    Stop,
    /// It dies; what it has is lost.
    Crash,
}

impl Change {
    /// What begins a failure.
    pub fn of(failure: Failure) -> Self {
        match failure {
            Failure::Crash => Self::Crash,
            Failure::Vanish => Self::Vanish,
            Failure::Hang => Self::Hang,
            Failure::FailFast { delay } => Self::FailFast { delay },
            Failure::Slow { factor } => Self::Slow { factor },
            Failure::CutOff => Self::CutOff,
        }
    }

    /// What ends a failure of a node in this condition, where that still is as the failure has made it.
    pub(in crate::engine) fn that_ends(failure: Failure, condition: Condition) -> Option<Self> {
        match failure {
            Failure::Crash | Failure::Vanish => Some(Self::Start),
            Failure::Hang => (condition == Condition::Hung).then_some(Self::Resume),
            Failure::FailFast { .. } => (condition == Condition::FailsFast).then_some(Self::Resume),
            Failure::Slow { .. } => Some(Self::Slow { factor: 1.0 }),
            Failure::CutOff => Some(Self::Reconnect),
        }
    }
}

/// A node's place in its cluster, its condition and what it has in flight. Its fields stay in this order: what
/// every request touches comes first and is close together.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Machine {
    cluster: u16,
    /// Its place in the cluster.
    member: u16,
    condition: Condition,
    /// Nodes of other clusters do not reach it.
    is_cut_off: bool,
    /// Requests sent to it and not yet answered.
    in_flight: TimeAverage,
    /// By what an operator has its demands multiplied.
    slowed: f64,
    /// When the process answered first; before the replication for those up from the start.
    started_at: Option<u64>,
    cold: Option<ColdStart>,
    /// Work that the process has done, by what the demand was drawn for, in requests.
    worked: [f32; Need::COUNT],
    /// After how long it answers with an error, nanoseconds, while it does.
    fails_after: u64,
    /// How many operators keep it down.
    holds: u32,
    /// Starts, those included that came to nothing, and ends of a process that ran.
    starts: u64,
    ends: u64,
    /// How long starts take.
    stream: Stream,
    crashes: u64,
    crashes_before_window: u64,
    down: TimeAverage,
    /// In what condition a process is that has started.
    starts_as: Condition,
}

/// What becomes of an attempt to connect to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Greeting {
    Accepts,
    Refuses,
    /// There is no reaction.
    Silent,
}

impl Machine {
    pub(crate) fn new(station: &Station, cluster: usize, member: usize, stream: Stream) -> Self {
        let machine = Self::of(cluster, member, station.cold_start, stream);
        let starts_as = match (station.standby, station.fetch) {
            (Some(_), _) => Condition::Standby,
            (None, Some(_)) => Condition::Fetching,
            (None, None) => Condition::Up,
        };
        let mut machine = Self { starts_as, ..machine };
        if station.is_absent(member) {
            return machine.absent();
        }
        if station.standby.is_some() && member > 0 {
            machine.enter(0, Condition::Standby);
        }
        machine
    }

    /// The same, not there before an operator starts it.
    fn absent(mut self) -> Self {
        self.enter(0, Condition::Absent);
        // Whoever starts it again after a failure does not bring it.
        self.holds = 1;
        self
    }

    fn of(cluster: usize, member: usize, cold: Option<ColdStart>, stream: Stream) -> Self {
        Self {
            cluster: cluster as u16,
            member: member as u16,
            condition: Condition::Up,
            holds: 0,
            starts: 0,
            ends: 0,
            stream,
            crashes: 0,
            crashes_before_window: 0,
            down: TimeAverage::default(),
            in_flight: TimeAverage::default(),
            started_at: None,
            cold,
            slowed: 1.0,
            worked: [0.0; Need::COUNT],
            fails_after: 0,
            starts_as: Condition::Up,
            is_cut_off: false,
        }
    }

    /// What becomes of an attempt to connect from a client's balancer or, at a depth above 0, from another
    /// node.
    #[inline]
    pub(crate) fn greets(&self, depth: Depth) -> Greeting {
        if self.is_cut_off && depth > 0 {
            return Greeting::Silent;
        }
        match self.condition {
            Condition::Vanished => Greeting::Silent,
            condition if condition.accepts() => Greeting::Accepts,
            _ => Greeting::Refuses,
        }
    }

    /// After how long it answers a new request with an error, nanoseconds, if it does.
    #[inline]
    pub(crate) fn fails_after(&self) -> Option<u64> {
        (self.condition == Condition::FailsFast).then_some(self.fails_after)
    }

    /// The cluster, and the place in it.
    #[inline]
    pub(crate) fn place(&self) -> (usize, usize) {
        (usize::from(self.cluster), usize::from(self.member))
    }

    #[inline]
    pub(crate) fn cluster(&self) -> usize {
        usize::from(self.cluster)
    }

    #[inline]
    pub(crate) fn condition(&self) -> Condition {
        self.condition
    }

    /// Which of its starts the present one is.
    pub(crate) fn start(&self) -> u64 {
        self.starts
    }

    /// How long the present start takes, nanoseconds: the same for each attempt after one end.
    pub(crate) fn start_up(&self, network: &Network, station: &Station) -> u64 {
        let bits = self.stream.draw(u64::MAX - self.ends);
        let draw = network.tables[usize::from(station.start_up.table)].sample(bits);
        (draw * station.start_up.mean_nanos).round() as u64
    }

    /// Makes a change at `now`. Returns the condition that the node is in now, if it is another.
    pub(crate) fn change(&mut self, now: u64, change: Change) -> Option<Condition> {
        let runs =
            !matches!(self.condition, Condition::Absent | Condition::Down | Condition::Vanished);
        let answers = matches!(self.condition, Condition::Up);
        let next = match change {
            Change::Start => {
                self.holds = self.holds.saturating_sub(1);
                if runs || self.holds > 0 {
                    return None;
                }
                self.starts += 1;
                Condition::Starting
            }
            Change::Hang if answers => Condition::Hung,
            Change::FailFast { delay } if answers => {
                self.fails_after = delay.0;
                Condition::FailsFast
            }
            Change::Drain if answers => Condition::Draining,
            Change::Resume if self.condition.can_go_on() => Condition::Up,
            Change::Fetched if self.condition == Condition::Fetching => Condition::Up,
            Change::TakeOver if self.condition == Condition::Standby => Condition::Up,
            Change::StandBy if answers => Condition::Standby,
            // Of an admission those who send it requests learn, who know no more of its process.
            Change::Hang
            | Change::FailFast { .. }
            | Change::Drain
            | Change::Resume
            | Change::Fetched
            | Change::TakeOver
            | Change::StandBy
            | Change::Admit => return None,
            Change::CutOff | Change::Reconnect => {
                self.is_cut_off = change == Change::CutOff;
                return None;
            }
            Change::Replace => {
                if answers {
                    self.starts += 1;
                    self.begins_anew(now);
                }
                return None;
            }
            Change::Slow { factor } => {
                self.slowed = factor;
                return None;
            }
            Change::Stop | Change::Crash | Change::Kill | Change::Vanish => {
                self.holds += 1;
                // A start that is under way comes to nothing.
                self.starts += 1;
                if !runs {
                    return None;
                }
                // Who dies while starting has died once already, but for whom its own probes end.
                let dies = self.condition != Condition::Starting || change == Change::Kill;
                self.ends += u64::from(dies);
                self.crashes += u64::from(dies && change != Change::Stop);
                match change {
                    Change::Crash | Change::Kill => Condition::Down,
                    Change::Vanish => Condition::Vanished,
                    _ => Condition::Absent,
                }
            }
        };
        self.enter(now, next);
        Some(next)
    }

    /// Whether it is still in the start of this number.
    pub(crate) fn is_starting(&self, start: u64) -> bool {
        self.condition == Condition::Starting && self.starts == start
    }

    /// The process answers, if it is still in the start of this number. Returns the condition that it is in.
    pub(crate) fn started(&mut self, now: u64, start: u64) -> Option<Condition> {
        self.is_starting(start).then(|| {
            self.begins_anew(now);
            self.enter(now, self.starts_as);
            self.condition
        })
    }

    /// A new process answers: it is cold.
    fn begins_anew(&mut self, now: u64) {
        self.started_at = Some(now);
        self.worked = [0.0; Need::COUNT];
    }

    fn enter(&mut self, now: u64, next: Condition) {
        match (self.condition.is_in_order(), next.is_in_order()) {
            (true, false) => self.down.up(now),
            (false, true) => self.down.down(now),
            _ => {}
        }
        self.condition = next;
    }

    pub(crate) fn in_flight(&self) -> &TimeAverage {
        &self.in_flight
    }

    /// A request is sent to it.
    #[inline]
    pub(crate) fn take_on(&mut self, now: u64) {
        self.in_flight.up(now);
    }

    /// A request is answered, or will never be.
    #[inline]
    pub(crate) fn let_go(&mut self, now: u64) {
        self.in_flight.down(now);
    }

    /// It has done this share of the work of a kind for a request; returns whether the process has been started,
    /// so that this counts.
    #[inline]
    pub(crate) fn worked(&mut self, need: Need, share: f32) -> bool {
        let counts = self.started_at.is_some();
        if counts {
            self.worked[usize::from(need.number())] += share;
        }
        counts
    }

    /// By what a demand of that kind is multiplied at `now`: above 1 on a freshly started node, and on a
    /// slow one.
    #[inline]
    pub(crate) fn slowness(&self, now: u64, need: Need) -> f64 {
        match (self.started_at, self.cold) {
            (Some(started_at), Some(cold)) => {
                // Shares of one request need not add up to it exactly.
                let served = (self.worked[usize::from(need.number())] + 1e-3) as u32;
                self.slowed * cold.multiplier(now - started_at, served)
            }
            _ => self.slowed,
        }
    }

    /// How long the answer to a probe would take, nanoseconds, while so much more is in service on so many
    /// cores and nothing changes.
    pub(crate) fn answers_probe_after(&self, work: f64, crowding: f64, sharing: f64) -> f64 {
        work * self.slowed * crowding * sharing.max(1.0)
    }

    pub(crate) fn start_window(&mut self, now: u64) {
        self.crashes_before_window = self.crashes;
        self.down.restart(now);
        self.in_flight.restart(now);
    }

    pub(crate) fn crashes_in_window(&self) -> u64 {
        self.crashes - self.crashes_before_window
    }

    /// Share of time, since the window began, in which the node did not answer.
    pub(crate) fn down_share(&self, now: u64) -> f64 {
        self.down.average(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    fn machine() -> Machine {
        let stream = Stream::new(1, 0, Purpose::Failures, 0);
        Machine::of(0, 0, None, stream)
    }

    #[test]
    fn a_process_starts_when_nobody_keeps_it_down_any_more() {
        let mut machine = machine();
        assert_eq!(machine.change(1, Change::Crash), Some(Condition::Down));
        assert_eq!(machine.change(2, Change::Crash), None);
        assert_eq!(machine.change(3, Change::Start), None);
        assert_eq!(machine.change(4, Change::Start), Some(Condition::Starting));
        assert_eq!(machine.started(5, machine.start()), Some(Condition::Up));
        assert_eq!(machine.crashes, 1);
    }

    #[test]
    fn a_start_that_is_interrupted_comes_to_nothing() {
        let mut machine = machine();
        machine.change(1, Change::Crash);
        machine.change(2, Change::Start);
        let start = machine.start();
        assert_eq!(machine.change(3, Change::Stop), Some(Condition::Absent));
        assert_eq!(machine.started(4, start), None);
        machine.change(5, Change::Start);
        assert_eq!(machine.started(6, start), None);
        assert_eq!(machine.started(6, machine.start()), Some(Condition::Up));
        // A process that has not answered has not crashed again.
        assert_eq!(machine.crashes, 1);
    }

    #[test]
    fn a_process_that_starts_again_is_as_cold_as_at_first_at_each_kind_of_work() {
        let cold = ColdStart::ByRequests { first: 100.0, requests: 1000.0 };
        let stream = Stream::new(1, 0, Purpose::Failures, 0);
        let mut machine = Machine::of(0, 0, Some(cold), stream);
        let slowness = |machine: &Machine, need| machine.slowness(9, need);
        // What is up from the start is warm.
        assert_eq!(slowness(&machine, Need::work(0)), 1.0);
        for now in [1, 11] {
            machine.change(now, Change::Crash);
            machine.change(now + 1, Change::Start);
            machine.started(now + 1, machine.start());
            let slowness = |machine: &Machine, need| machine.slowness(now + 9, need);
            assert_eq!(slowness(&machine, Need::work(0)), 100.0);
            for _ in 0..6 {
                assert_eq!(slowness(&machine, Need::work(0)), 100.0);
                assert!(machine.worked(Need::work(0), 1.0 / 6.0));
            }
            assert!((slowness(&machine, Need::work(0)) - 14.0).abs() < 1e-9);
            assert_eq!(slowness(&machine, Need::work(1)), 100.0);
            for _ in 0..1000 {
                machine.worked(Need::work(0), 1.0);
            }
            assert_eq!(slowness(&machine, Need::work(0)), 1.0);
        }
    }

    #[test]
    fn what_hangs_or_drains_can_go_on() {
        for (change, condition) in
            [(Change::Hang, Condition::Hung), (Change::Drain, Condition::Draining)]
        {
            let mut machine = machine();
            assert_eq!(machine.change(1, Change::Resume), None);
            assert_eq!(machine.change(1, change), Some(condition));
            assert_eq!(machine.change(2, change), None);
            assert_eq!(machine.change(3, Change::Start), None);
            assert_eq!(machine.change(3, Change::Resume), Some(Condition::Up));
            machine.change(4, change);
            assert_eq!(machine.change(5, Change::Crash), Some(Condition::Down));
            assert_eq!(machine.crashes, 1);
        }
    }
}
