//! What a health check finds out of one node, and when.

use crate::network::{HealthCheck, Station};
use crate::random::Stream;

/// The health check of a node.
#[derive(Clone, Debug)]
pub(crate) struct Health {
    check: HealthCheck,
    /// When active probes look at the node, as a share of their interval.
    phase: f64,
    /// Failed attempts in the current period of a passive check, and when it began.
    fails: u32,
    first_fail: u64,
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
        Self::probing_at(station.health, stream.uniform(u64::MAX))
    }

    fn probing_at(check: HealthCheck, phase: f64) -> Self {
        Self { check, phase, fails: 0, first_fail: 0 }
    }

    /// A node begins or ceases to answer at `now`. Active probes count in a row from the next instant of
    /// their rhythm on.
    pub(crate) fn finds_out(&self, now: u64, answers: bool) -> Finding {
        match self.check {
            HealthCheck::Perfect => Finding::AtOnce,
            HealthCheck::Passive { .. } => Finding::Never,
            HealthCheck::Active { interval, unhealthy, healthy } => {
                let phase = (self.phase * interval.as_nanos()) as u64;
                let since_probe = (now + interval.0 - phase) % interval.0;
                let first = now + interval.0 - since_probe;
                let more = u64::from(if answers { healthy } else { unhealthy } - 1);
                Finding::At(first.saturating_add(more.saturating_mul(interval.0)))
            }
        }
    }

    /// An attempt at the node has failed at `now`. Returns until when a passive check takes it out, if it
    /// now does.
    pub(crate) fn failed(&mut self, now: u64) -> Option<u64> {
        let HealthCheck::Passive { max_fails, fail_timeout } = self.check else { return None };
        if self.fails == 0 || now - self.first_fail > fail_timeout.0 {
            self.fails = 0;
            self.first_fail = now;
        }
        self.fails += 1;
        if self.fails < max_fails {
            return None;
        }
        self.fails = 0;
        Some(now + fail_timeout.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    #[test]
    fn a_passive_check_counts_failures_within_its_period() {
        let check = HealthCheck::Passive { max_fails: 2, fail_timeout: SimDuration(10) };
        let mut health = Health::probing_at(check, 0.0);
        assert_eq!((health.failed(5), health.failed(16)), (None, None));
        assert_eq!(health.failed(26), Some(36));
        assert_eq!(health.finds_out(5, false), Finding::Never);
    }

    #[test]
    fn active_probes_need_so_many_in_a_row() {
        let check = HealthCheck::Active { interval: SimDuration(100), unhealthy: 3, healthy: 2 };
        let health = Health::probing_at(check, 0.25);
        assert_eq!(health.finds_out(30, false), Finding::At(325));
        assert_eq!(health.finds_out(30, true), Finding::At(225));
        assert_eq!(health.finds_out(25, true), Finding::At(225));
    }
}
