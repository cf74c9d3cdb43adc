//! What probes find out of one node, and when.

use super::Condition;
use crate::network::{HealthCheck, Probe, Station};
use crate::random::Stream;

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
        Self::probing_at(station.balancing.check, stream.uniform(u64::MAX))
    }

    fn probing_at(check: HealthCheck, phase: f64) -> Self {
        Self { check, phase, sight: Sight::Good, changes: 0 }
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
            HealthCheck::Active { .. } => self.found_out(now),
        }
    }

    fn sight_of(&self, condition: Condition) -> Sight {
        let asks = match self.check {
            HealthCheck::Active { probe, .. } => probe,
            HealthCheck::Perfect | HealthCheck::Passive { .. } => Probe::Http,
        };
        match (condition, asks) {
            (Condition::Up | Condition::Draining, _)
            | (Condition::Hung | Condition::FailsFast, Probe::Port) => Sight::Good,
            (Condition::Hung, Probe::Http) => Sight::Unanswered,
            (Condition::Vanished, _) => Sight::Gone,
            (Condition::FailsFast, Probe::Http)
            | (Condition::Absent | Condition::Starting | Condition::Down, _) => Sight::Refused,
        }
    }

    /// When as many probes in a row as it takes have found the same, from `now` on.
    fn found_out(&self, now: u64) -> Finding {
        let HealthCheck::Active {
            interval,
            unhealthy,
            healthy,
            timeout,
            counts_from_end,
            lost_after,
            ..
        } = self.check
        else {
            return Finding::Never;
        };
        let phase = (self.phase * interval.as_nanos()) as u64;
        let since_probe = (now + interval.0 - phase) % interval.0;
        let first = now + interval.0 - since_probe;
        let waits = match self.sight {
            Sight::Good | Sight::Refused => 0,
            Sight::Unanswered | Sight::Gone => timeout.0,
        };
        let more = u64::from(if self.is_good() { healthy } else { unhealthy } - 1);
        let each = if counts_from_end { interval.0 + waits } else { interval.0 };
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
    use crate::time::SimDuration;

    fn active(probe: Probe, counts_from_end: bool) -> HealthCheck {
        HealthCheck::Active {
            interval: SimDuration(100),
            unhealthy: 3,
            healthy: 2,
            probe,
            timeout: SimDuration(100),
            counts_from_end,
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
