//! What probes find out of one node, and when.

use super::{Condition, Rhythm};
use crate::network::{HealthCheck, Probe, Station};
use crate::random::Stream;
use crate::time::SimDuration;

/// Spread over the nodes of a machine that is gone: how often the node controller of Kubernetes looks at
/// what it knows, `--node-monitor-period`, nanoseconds.
const NODE_MONITOR_PERIOD: f64 = 5e9;

/// The probes of a node.
#[derive(Clone, Debug)]
pub(crate) struct Health {
    check: HealthCheck,
    /// When active probes look at the node, as a share of their interval.
    phase: f64,
    /// What they would find now.
    sight: Sight,
    /// How often they have begun or ceased to be good.
    changes: u64,
    /// Whether a start-up probe comes first, and whether it has succeeded.
    awaits_startup: bool,
    is_admitted: bool,
    /// When the process began, if it has begun since the start of the replication.
    began: Option<u64>,
}

/// What becomes of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    Good,
    /// It fails at once.
    Refused,
    /// It waits out its time.
    Unanswered,
    /// So does it, and where probes run they see nothing more.
    Gone,
}

/// When a change of a node is found out without any request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// At the instant of the change.
    AtOnce,
    /// Then, unless the node changes again before.
    At(u64),
    /// Never.
    Never,
}

impl Health {
    /// Probes of different nodes are not made at the same instant: the stream of a node says when.
    pub(crate) fn new(station: &Station, stream: Stream) -> Self {
        let check = station.balancing.check;
        let is_on_machine = matches!(check, HealthCheck::Active { after_start: Some(_), .. });
        let awaits_startup = is_on_machine && station.probing.startup.is_some();
        Self { awaits_startup, ..Self::probing_at(check, stream.uniform(u64::MAX)) }
    }

    fn probing_at(check: HealthCheck, phase: f64) -> Self {
        Self {
            check,
            phase,
            sight: Sight::Good,
            changes: 0,
            awaits_startup: false,
            is_admitted: true,
            began: None,
        }
    }

    /// How often probes have begun or ceased to be good.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Whether what they would find is good.
    pub(crate) fn is_good(&self) -> bool {
        self.sight == Sight::Good
    }

    /// The node is in this condition from now on. Probes count in a row from the next instant of their
    /// rhythm on.
    pub(crate) fn sees(&mut self, now: u64, condition: Condition) -> Finding {
        if condition == Condition::Starting {
            self.began = Some(now);
            self.is_admitted = !self.awaits_startup;
        }
        self.looks_at(now, condition, false)
    }

    /// The start-up probe of a node in this condition has succeeded: other probes follow, the first at once.
    pub(crate) fn admits(&mut self, now: u64, condition: Condition) -> Finding {
        self.is_admitted = true;
        self.looks_at(now, condition, self.awaits_startup)
    }

    fn looks_at(&mut self, now: u64, condition: Condition, at_once: bool) -> Finding {
        let was_good = self.is_good();
        self.sight = self.sight_of(condition);
        // Probes that fail in another way go on counting.
        if self.is_good() == was_good {
            return Finding::Never;
        }
        self.changes += 1;
        match self.check {
            HealthCheck::Perfect => Finding::AtOnce,
            HealthCheck::Passive { .. } => Finding::Never,
            HealthCheck::Active { .. } => self.found_out(now, at_once),
        }
    }

    fn sight_of(&self, condition: Condition) -> Sight {
        let asks = match self.check {
            HealthCheck::Active { probe, .. } => probe,
            HealthCheck::Perfect | HealthCheck::Passive { .. } => Probe::Http,
        };
        match (condition, asks) {
            (condition, _) if condition.accepts() && !self.is_admitted => Sight::Refused,
            (Condition::Up | Condition::Draining, _)
            | (Condition::Hung | Condition::FailsFast | Condition::Fetching, Probe::Port) => {
                Sight::Good
            }
            (Condition::Hung, Probe::Http) => Sight::Unanswered,
            (Condition::Vanished, _) => Sight::Gone,
            (Condition::FailsFast | Condition::Fetching, Probe::Http)
            | (Condition::Absent | Condition::Starting | Condition::Standby | Condition::Down, _) => {
                Sight::Refused
            }
        }
    }

    /// When as many probes in a row as it takes have found the same, from `now` on.
    fn found_out(&self, now: u64, at_once: bool) -> Finding {
        let HealthCheck::Active {
            interval,
            unhealthy,
            healthy,
            timeout,
            counts_from_end,
            lost_after,
            after_start,
            ..
        } = self.check
        else {
            return Finding::Never;
        };
        let rhythm = Rhythm::new(interval, self.phase);
        let delay = after_start.filter(|delay| *delay > SimDuration::ZERO);
        let first = match self.began.zip(delay).map(|(began, delay)| began + delay.0) {
            Some(earliest) if earliest > now => rhythm.next(earliest),
            _ if at_once => now,
            _ => rhythm.next(now + 1),
        };
        let waits = match self.sight {
            Sight::Good | Sight::Refused => 0,
            Sight::Unanswered | Sight::Gone => timeout.0,
        };
        let more = u64::from(if self.is_good() { healthy } else { unhealthy } - 1);
        let each = if counts_from_end { interval.0 + waits } else { interval.0 };
        // The first may come between two of the rhythm, the others do not.
        let (first, more) =
            if first == now && more > 0 { (rhythm.next(now + 1), more - 1) } else { (first, more) };
        let probed = first.saturating_add(more.saturating_mul(each)).saturating_add(waits);
        Finding::At(match lost_after.filter(|_| self.sight == Sight::Gone) {
            Some(lost) => now + lost.0 + (self.phase * NODE_MONITOR_PERIOD) as u64,
            None => probed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn active(probe: Probe, counts_from_end: bool) -> HealthCheck {
        HealthCheck::Active {
            interval: SimDuration(100),
            unhealthy: 3,
            healthy: 2,
            probe,
            timeout: SimDuration(100),
            counts_from_end,
            after_start: None,
            lost_after: None,
        }
    }

    #[test]
    fn a_passive_check_sees_nothing_by_itself() {
        let check = HealthCheck::Passive { max_fails: 2, fail_timeout: SimDuration(10) };
        assert_eq!(Health::probing_at(check, 0.0).sees(5, Condition::Down), Finding::Never);
    }

    #[test]
    fn active_probes_need_so_many_in_a_row() {
        let mut health = Health::probing_at(active(Probe::Http, false), 0.25);
        assert_eq!(health.sees(30, Condition::Down), Finding::At(325));
        assert_eq!(health.sees(30, Condition::Up), Finding::At(225));
        health.sees(24, Condition::Down);
        assert_eq!(health.sees(25, Condition::Up), Finding::At(225));
    }

    #[test]
    fn a_probe_of_a_node_that_hangs_waits_out_its_time() {
        // HAProxy, checks by HTTP: (2 + U) intervals and three times the time of a probe.
        let mut health = Health::probing_at(active(Probe::Http, true), 0.25);
        assert_eq!(health.sees(30, Condition::Hung), Finding::At(125 + 200 + 300));
        let mut health = Health::probing_at(active(Probe::Port, true), 0.25);
        assert_eq!(health.sees(30, Condition::Hung), Finding::Never);
        assert_eq!(health.sees(30, Condition::Vanished), Finding::At(125 + 200 + 300));
        assert_eq!((health.sees(40, Condition::Down), health.changes()), (Finding::Never, 1));
    }
}
