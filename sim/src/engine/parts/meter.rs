//! How many requests of a flow have been admitted and counted, and what was decided.

use std::ops::Range;

use crate::network::{Limit, Network, Throttle};
use crate::random::Purpose;
use crate::time::SimDuration;

use super::super::Run;
use super::counter::Counter;
use super::shared_counter::SharedCounter;

const SECOND: u64 = 1_000_000_000;

/// The meters of one flow.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    rules: Option<Throttle>,
    /// The clock shows so much more than the time of the replication.
    ahead: u64,
    /// All that were admitted.
    admitted: Counter,
    /// What all nodes admitted in a second.
    together: Counter,
    /// By node: what it admitted in a second, and what it was told of.
    bursts: Vec<Counter>,
    told: Vec<Counter>,
    /// The last second in which nodes have asked whether they may admit.
    asking: Option<u64>,
    /// By node, how many it has been told of and not counted yet.
    waiting: Vec<u32>,
    /// From when until when nodes admit none.
    closed: (u64, u64),
    /// Where those who count put together what each has counted.
    shared: Option<SharedCounter>,
}

impl Meter {
    /// By flow. The clock of a replication stands anywhere at its start.
    pub(crate) fn of_flows(network: &Network, run: &Run<'_>) -> Vec<Self> {
        let clock = run.stream(Purpose::Clock, 0);
        let flows = network.flows.iter().map(|source| {
            let window = source.throttle.and_then(|throttle| throttle.limit);
            let window = window.map_or(SimDuration(SECOND), |limit| limit.window);
            let ahead = (clock.uniform(0) * window.as_nanos()) as u64;
            let shared = source.throttle.and_then(|throttle| throttle.limit).and_then(|limit| {
                let station = &network.clusters[limit.counted_by];
                let nodes = station.first_node..station.first_node + station.nodes;
                // A node compares the counters of all flows at once.
                let phases: Vec<f64> = nodes.map(|node| clock.uniform(1 + node as u64)).collect();
                Some(SharedCounter::new(limit.sync?.0, station.first_node, &phases))
            });
            Self::new(source.throttle, ahead, network.nodes(), shared)
        });
        flows.collect()
    }

    fn new(
        rules: Option<Throttle>,
        ahead: u64,
        nodes: usize,
        shared: Option<SharedCounter>,
    ) -> Self {
        let nodes = if rules.is_some() { nodes } else { 0 };
        Self {
            rules,
            ahead,
            admitted: Counter::default(),
            together: Counter::default(),
            asking: None,
            bursts: vec![Counter::default(); nodes],
            told: vec![Counter::default(); nodes],
            waiting: vec![0; nodes],
            closed: (0, 0),
            shared,
        }
    }

    /// Whom of the nodes that count the node `own` tells of a request: all of them or, where these put together what
    /// they count, the next in turn that accepts. One that counts itself has done so.
    pub(crate) fn tells(
        &mut self,
        nodes: Range<usize>,
        own: usize,
        accepts: impl Fn(usize) -> bool,
    ) -> Range<usize> {
        match &mut self.shared {
            None => nodes,
            Some(shared) => shared.tells(own, accepts).map_or(0..0, |node| node..node + 1),
        }
    }

    /// Whether a node has to ask whether it may admit a request: where all count together, from when one of them has
    /// admitted its quota of a second until it is known that they may admit no more.
    pub(crate) fn asks(&mut self, node: usize, now: u64) -> bool {
        let burst = self.rules.and_then(|rules| rules.burst);
        let Some(quota) = burst.and_then(|burst| burst.quota) else { return false };
        let second = (now + self.ahead) / SECOND;
        if self.bursts[node].count_of(second) >= quota {
            self.asking = Some(second);
        }
        self.asking == Some(second) && !self.is_shut(node, now)
    }

    /// Whether it is known on a node that it may admit no more.
    fn is_shut(&self, node: usize, now: u64) -> bool {
        let (from, until) = self.closed;
        let second = (now + self.ahead) / SECOND;
        let is_full = self.rules.and_then(|rules| rules.burst).is_some_and(|burst| {
            let counter = if burst.quota.is_some() { self.together } else { self.bursts[node] };
            counter.count_of(second) >= burst.number
        });
        is_full || (from..until).contains(&now)
    }

    /// Whether a node admits a request; if so, whether that is one more than the limit allows.
    pub(crate) fn admits(&mut self, node: usize, now: u64) -> Option<bool> {
        let Some(rules) = self.rules else { return Some(false) };
        if self.is_shut(node, now) {
            return None;
        }
        let second = (now + self.ahead) / SECOND;
        self.bursts[node].add(second);
        self.together.add(second);
        let Some(limit) = rules.limit else { return Some(false) };
        let window = (now + self.ahead) / limit.window.0;
        Some(self.admitted.add(window) > limit.number)
    }

    /// A node is told of an admitted request. Returns whether it has room to count it later.
    pub(crate) fn tell(&mut self, node: usize) -> bool {
        let limit = self.rules.and_then(|rules| rules.limit);
        let has_room = limit.is_none_or(|limit| self.waiting[node] < limit.buffer);
        if limit.is_some() && has_room {
            self.waiting[node] += 1;
        }
        has_room
    }

    /// A node counts a request that it was told of.
    pub(crate) fn count_told(&mut self, node: usize, now: u64) {
        if let Some(waiting) = self.waiting.get_mut(node) {
            *waiting = waiting.saturating_sub(1);
        }
        self.count(node, now);
    }

    /// A node counts a request. Where the limit is reached, none is admitted until the window ends.
    pub(crate) fn count(&mut self, node: usize, now: u64) {
        let Some(limit) = self.rules.and_then(|rules| rules.limit) else { return };
        let window = (now + self.ahead) / limit.window.0;
        let ends = (window + 1) * limit.window.0 - self.ahead;
        let is_decided = self.closed.1 == ends;
        let others = self.others(node, now, limit);
        if self.told[node].add(window).saturating_add(others) >= limit.number && !is_decided {
            self.closed = (now.saturating_add(limit.delay.0), ends);
        }
    }

    /// What a node that counts knows of what the others have counted in the window of `now`.
    fn others(&mut self, node: usize, now: u64, limit: Limit) -> u32 {
        let window = |time| (time + self.ahead) / limit.window.0;
        let shared = self.shared.as_mut();
        shared.map_or(0, |shared| shared.others(node, &self.told, now, window))
    }

    /// A process has started or ended: what it has counted is lost.
    pub(crate) fn begin_anew(&mut self, node: usize, now: u64) {
        let Some(rules) = self.rules else { return };
        if let (Some(shared), Some(limit)) = (&mut self.shared, rules.limit) {
            let window = |time| (time + self.ahead) / limit.window.0;
            shared.forgets(node, &self.told, now, window);
        }
        self.bursts[node] = Counter::default();
        self.told[node] = Counter::default();
        self.waiting[node] = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::BurstLimit;

    /// 10 in 60 s, of which node 1 decides and those who admit hear 2 s later; by a clock that is 30 s ahead.
    fn meter(burst: Option<BurstLimit>) -> Meter {
        let seconds = SimDuration::from_seconds;
        let limit = Limit {
            number: 10,
            window: seconds(60.0),
            counted_by: 1,
            delay: seconds(2.0),
            sync: None,
            buffer: 3,
        };
        Meter::new(Some(Throttle { limit: Some(limit), burst }), 30 * SECOND, 2, None)
    }

    #[test]
    fn what_comes_while_the_decision_is_on_its_way_is_admitted_beyond_the_limit() {
        let mut meter = meter(None);
        // Two a second, counted at once: ten after 4.5 s, known after 6.5 s.
        let admitted: Vec<_> = (0..20)
            .map(|half| {
                let now = half * SECOND / 2;
                let admits = meter.admits(0, now);
                admits.inspect(|_| meter.count(1, now))
            })
            .collect();
        assert!(admitted[..10].iter().all(|admits| *admits == Some(false)));
        assert!(admitted[10..13].iter().all(|admits| *admits == Some(true)));
        assert!(admitted[13..].iter().all(Option::is_none));
        // The window ends at the full minute of the clock.
        assert_eq!(meter.admits(0, 30 * SECOND - 1), None);
        assert_eq!(meter.admits(0, 30 * SECOND), Some(false));
    }

    #[test]
    fn a_window_does_not_slide_so_that_twice_the_limit_fits_about_its_end() {
        let mut meter = meter(None);
        let mut admits = |now| meter.admits(0, now).inspect(|_| meter.count(1, now)).is_some();
        assert_eq!((0..10).filter(|tick| admits(29 * SECOND + tick)).count(), 10);
        assert_eq!((0..10).filter(|tick| admits(30 * SECOND + tick)).count(), 10);
    }

    #[test]
    fn where_nobody_counts_all_are_admitted() {
        let mut meter = meter(None);
        assert!((0..1000).all(|tick| meter.admits(0, tick).is_some()));
    }

    #[test]
    fn bursts_are_counted_by_each_node_alone() {
        let mut meter = meter(Some(BurstLimit { number: 3, quota: None }));
        let mut admitted = |node| (0..5).filter(|tick| meter.admits(node, *tick).is_some()).count();
        assert_eq!((admitted(0), admitted(1)), (3, 3));
        assert!(meter.admits(0, SECOND).is_some());
    }

    #[test]
    fn who_counts_together_asks_from_the_first_quota_that_is_used_up_until_all_is() {
        let mut meter = meter(Some(BurstLimit { number: 5, quota: Some(2) }));
        let mut admits = |node| (meter.asks(node, 0), meter.admits(node, 0).is_some());
        let seen = [0, 0, 1, 0, 1, 0, 1].map(&mut admits);
        let [by_itself, asks, shut] = [(false, true), (true, true), (false, false)];
        assert_eq!(seen, [by_itself, by_itself, by_itself, asks, asks, shut, shut]);
        // The next second begins with new quotas.
        assert!(!meter.asks(0, SECOND) && meter.admits(0, SECOND).is_some());
        // Who has been told of a limit asks no more.
        (0..10).for_each(|_| meter.count(1, 2 * SECOND));
        assert!((0..2).all(|_| meter.admits(0, 3 * SECOND).is_some()));
        assert!(meter.asks(0, 3 * SECOND) && !meter.asks(0, 4 * SECOND));
    }

    #[test]
    fn who_is_told_of_too_many_hears_no_more_until_it_has_counted_some() {
        let mut meter = meter(None);
        assert_eq!([(); 5].map(|()| meter.tell(1)), [true, true, true, false, false]);
        meter.count_told(1, 0);
        assert!(meter.tell(1) && !meter.tell(1));
        meter.begin_anew(1, 0);
        assert!(meter.tell(1));
    }
}
