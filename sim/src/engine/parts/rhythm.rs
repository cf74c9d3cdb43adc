//! Instants that come again and again, the same time apart.

use super::super::Run;
use crate::network::{Probing, Standby, Watch};
use crate::random::Purpose;
use crate::time::SimDuration;

/// Instants of one period.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rhythm {
    period: u64,
    /// The first, below the period.
    phase: u64,
}

/// The probes of a node draw when they are made as a kind of failure would.
const PROBES: usize = 15;
/// So does one that stands by draw when it shows that it is alive.
const STANDBY: usize = 14;

impl Rhythm {
    /// Instants of that period, of which the first is at that share of it.
    pub(crate) fn new(period: SimDuration, share: f64) -> Self {
        let period = period.0.max(1);
        Self { period, phase: (share * period as f64) as u64 % period }
    }

    /// Those of the start-up and of the liveness probe of a node.
    pub(crate) fn of_probes(
        probing: &Probing,
        run: &Run<'_>,
        (cluster, member): (usize, usize),
    ) -> [Self; 2] {
        let stream = run.stream_of(Purpose::Failures, cluster, member | PROBES << 16);
        let period = |watch: Option<Watch>| watch.map_or(SimDuration(1), |watch| watch.period);
        [(probing.startup, 0), (probing.liveness, 1)]
            .map(|(watch, index)| Self::new(period(watch), stream.uniform(index)))
    }

    /// Those in which a node shows that it is alive, asks whether it leads, and saves its state.
    pub(crate) fn of_standby(
        standby: &Standby,
        run: &Run<'_>,
        (cluster, member): (usize, usize),
    ) -> [Self; 3] {
        let stream = run.stream_of(Purpose::Failures, cluster, member | STANDBY << 16);
        [(standby.heartbeat, 0), (standby.polling, 1), (standby.snapshot, 2)]
            .map(|(period, index)| Self::new(period, stream.uniform(index)))
    }

    /// The last of them that is not after `latest`; the start of time, where none is.
    pub(crate) fn last(self, latest: u64) -> u64 {
        let next = self.next(latest);
        if next == latest { latest } else { next.saturating_sub(self.period) }
    }

    /// The first of them that is not before `earliest`.
    pub(crate) fn next(self, earliest: u64) -> u64 {
        let behind = (earliest % self.period + self.period - self.phase) % self.period;
        if behind == 0 { earliest } else { earliest.saturating_add(self.period - behind) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_instant_is_of_the_rhythm_and_at_most_a_period_away() {
        let rhythm = Rhythm::new(SimDuration(100), 0.25);
        for (earliest, next) in [(0, 25), (25, 25), (26, 125), (124, 125), (125, 125), (300, 325)] {
            assert_eq!(rhythm.next(earliest), next);
        }
        for (latest, last) in [(10, 0), (25, 25), (26, 25), (124, 25), (125, 125), (300, 225)] {
            assert_eq!(rhythm.last(latest), last);
        }
    }
}
