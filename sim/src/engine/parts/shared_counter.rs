//! What those who count by parts know of one another's counts.

use std::ops::Range;

use super::super::marks::{Mark, reached};
use super::counter::Counter;

/// A counter that several nodes share: each adds, every so often by a clock of its own, what it has counted since it
/// last did, and sees then what the others have added.
///
/// It catches up when it is asked: between two counts there is nothing to add but what they left.
#[derive(Clone, Debug)]
pub(super) struct SharedCounter {
    period: u64,
    first_node: usize,
    members: Vec<Member>,
    /// What all have added, whatever becomes of them.
    added: Counter,
    /// Who was told last.
    last_told: Option<usize>,
}

/// One of those who count.
#[derive(Clone, Copy, Debug)]
struct Member {
    /// When it next adds and sees.
    next: u64,
    /// What of its count it has added.
    added: Counter,
    /// What it has seen that it did not count itself.
    others: Counter,
}

impl SharedCounter {
    /// Of nodes from this one on, with the phase of the clock of each, 0..1.
    pub(super) fn new(period: u64, first_node: usize, phases: &[f64]) -> Self {
        let member = |phase: &f64| Member {
            next: (phase * period as f64) as u64,
            added: Counter::default(),
            others: Counter::default(),
        };
        Self {
            period,
            first_node,
            members: phases.iter().map(member).collect(),
            added: Counter::default(),
            last_told: None,
        }
    }

    /// The next in turn that accepts, where the node `own` does not count itself.
    pub(super) fn tells(&mut self, own: usize, accepts: impl Fn(usize) -> bool) -> Option<usize> {
        let nodes = self.nodes();
        if nodes.contains(&own) {
            return None;
        }
        let last = self.last_told.unwrap_or(nodes.end);
        let in_turn = (last + 1..nodes.end).chain(nodes);
        let told = in_turn.into_iter().find(|node| accepts(*node))?;
        self.last_told = Some(told);
        Some(told)
    }

    /// What a node knows at a time, no earlier than any before, of what the others have counted in its window. With
    /// the count of each node and the window of a time.
    pub(super) fn others(
        &mut self,
        node: usize,
        counts: &[Counter],
        now: u64,
        window: impl Fn(u64) -> u64,
    ) -> u32 {
        self.catch_up(counts, now, &window);
        self.members[node - self.first_node].others.count_of(window(now))
    }

    /// The count of a node is lost, and what it knows, but not what it has added until now.
    pub(super) fn forgets(
        &mut self,
        node: usize,
        counts: &[Counter],
        now: u64,
        window: impl Fn(u64) -> u64,
    ) {
        if self.nodes().contains(&node) {
            self.catch_up(counts, now, window);
            let member = &mut self.members[node - self.first_node];
            (member.added, member.others) = (Counter::default(), Counter::default());
        }
    }

    fn nodes(&self) -> Range<usize> {
        self.first_node..self.first_node + self.members.len()
    }

    /// All add and see as often as they were to until `now`, in the order of their clocks.
    fn catch_up(&mut self, counts: &[Counter], now: u64, window: impl Fn(u64) -> u64) {
        for member in &mut self.members {
            // What is left is added the first time and seen by all the second: of more, the last ones do.
            let periods = now.saturating_sub(member.next) / self.period;
            member.next += periods.saturating_sub(2) * self.period;
        }
        loop {
            let next = self.members.iter().enumerate().min_by_key(|(_, member)| member.next);
            let Some((index, member)) = next.filter(|(_, member)| member.next <= now) else {
                return;
            };
            let window = window(member.next);
            let own = counts[self.first_node + index].count_of(window);
            let more = own - member.added.count_of(window);
            let all = self.added.count_of(window).saturating_add(more);
            self.added = Counter { window, count: all };
            if all > own {
                reached(Mark::SeesOthers);
            }
            let member = &mut self.members[index];
            member.added = Counter { window, count: own };
            member.others = Counter { window, count: all - own };
            member.next = member.next.saturating_add(self.period);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    /// Nodes 1 and 2 compare their counts every second, the second of them half a second later.
    fn counter() -> SharedCounter {
        SharedCounter::new(SECOND, 1, &[0.0, 0.5])
    }

    fn counts(first: u32, second: u32) -> [Counter; 3] {
        [0, first, second].map(|count| Counter { window: 0, count })
    }

    #[test]
    fn those_who_accept_are_told_in_turn() {
        let mut counter = counter();
        let mut told = |own, dead| counter.tells(own, |node| node != dead);
        assert_eq!([told(0, 9), told(0, 9), told(0, 9)], [Some(1), Some(2), Some(1)]);
        assert_eq!([told(0, 2), told(0, 1)], [Some(1), Some(2)]);
        // Who counts itself tells nobody.
        assert_eq!([told(1, 9), told(0, 9)], [None, Some(1)]);
        assert_eq!(counter.tells(0, |_| false), None);
    }

    #[test]
    fn what_one_has_counted_is_seen_when_both_have_compared() {
        let mut counter = counter();
        let mut others = |node, counts: [Counter; 3], tenths| {
            counter.others(node, &counts, tenths * SECOND / 10, |_| 0)
        };
        // Counted since the comparisons at 0 and 0.5 s.
        assert_eq!(others(2, counts(0, 0), 6), 0);
        assert_eq!(others(2, counts(6, 0), 14), 0);
        assert_eq!(others(2, counts(6, 0), 15), 6);
        // The other sees at 2 s what was counted before 1.5 s.
        assert_eq!(others(1, counts(6, 1), 19), 0);
        assert_eq!(others(1, counts(6, 1), 20), 0);
        assert_eq!(others(1, counts(6, 1), 30), 1);
        // However long nobody has counted.
        assert_eq!(others(1, counts(6, 5), 100_000), 5);
        assert_eq!(others(2, counts(8, 5), 200_000), 8);
    }

    #[test]
    fn what_a_node_has_added_outlives_it_and_the_rest_is_lost() {
        let mut counter = counter();
        let mut forgets = |node, counts: [Counter; 3], tenths| {
            counter.forgets(node, &counts, tenths * SECOND / 10, |_| 0);
        };
        forgets(0, counts(0, 0), 0);
        // The first has added six of seven when it ends.
        forgets(2, counts(6, 0), 1);
        forgets(1, counts(6, 0), 12);
        forgets(1, counts(7, 0), 13);
        assert_eq!(counter.others(2, &counts(0, 0), 2 * SECOND, |_| 0), 6);
        // Back, it knows nothing until it looks, and then also of what it counted itself.
        counter.forgets(1, &counts(0, 3), 39 * SECOND / 10, |_| 0);
        assert_eq!(counter.others(1, &counts(0, 3), 39 * SECOND / 10, |_| 0), 0);
        assert_eq!(counter.others(1, &counts(0, 3), 4 * SECOND, |_| 0), 9);
    }

    #[test]
    fn a_window_begins_with_nothing() {
        let mut counter = counter();
        let window = |time| time / (10 * SECOND);
        let mut others =
            |second, counts: [Counter; 3]| counter.others(2, &counts, second * SECOND, window);
        assert_eq!(others(9, counts(6, 0)), 6);
        assert_eq!(others(10, counts(6, 0)), 0);
        assert_eq!(others(12, counts(6, 0)), 0);
        assert_eq!(others(14, [0, 2, 0].map(|count| Counter { window: 1, count })), 2);
    }
}
