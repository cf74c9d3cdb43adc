//! The bursts in service on a node, by the virtual time at which each is complete.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// So many of the earliest are kept sorted; a node that is not congested needs no heap.
const SORTED: usize = 16;

/// A burst in service: when it is complete, in virtual time, and the slot of its request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Burst {
    /// Virtual time of completion, nanoseconds of work, not negative.
    pub(super) finish: f64,
    /// The slot of the request on its node.
    pub(super) slot: u32,
}

/// Bursts by virtual finish time: the earliest in a small sorted array, the others in a heap.
#[derive(Debug, Default)]
pub(super) struct ServiceList {
    /// Latest first; none is later than any in `others`.
    earliest: Vec<Burst>,
    /// The bits of a float that is not negative order like the float.
    others: BinaryHeap<Reverse<(u64, u32)>>,
}

impl ServiceList {
    #[inline]
    pub(super) fn insert(&mut self, burst: Burst) {
        let belongs_to_others = match self.earliest.first() {
            Some(last) if self.earliest.len() >= SORTED || !self.others.is_empty() => {
                burst.finish >= last.finish
            }
            _ => false,
        };
        if belongs_to_others {
            self.push_other(burst);
            return;
        }
        let later = self.earliest.iter().rposition(|other| other.finish > burst.finish);
        self.earliest.insert(later.map_or(0, |index| index + 1), burst);
        if self.earliest.len() > SORTED {
            let last = self.earliest.remove(0);
            self.push_other(last);
        }
    }

    /// The burst that is complete first.
    #[inline]
    pub(super) fn first(&self) -> Option<&Burst> {
        self.earliest.last()
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Burst> {
        let first = self.earliest.pop();
        if self.earliest.is_empty() && !self.others.is_empty() {
            self.refill();
        }
        first
    }

    fn push_other(&mut self, burst: Burst) {
        self.others.push(Reverse((burst.finish.to_bits(), burst.slot)));
    }

    fn refill(&mut self) {
        while self.earliest.len() < SORTED / 2
            && let Some(Reverse((bits, slot))) = self.others.pop()
        {
            self.earliest.push(Burst { finish: f64::from_bits(bits), slot });
        }
        self.earliest.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    #[test]
    fn bursts_leave_in_order_of_their_finish() {
        let stream = Stream::new(5, 0, Purpose::Requests, 0);
        let mut list = ServiceList::default();
        let mut sorted: Vec<f64> = Vec::new();
        for round in 0..20_000 {
            if stream.draw(round) % 9 < if (round / 500) % 2 == 0 { 5 } else { 4 } {
                let finish = stream.uniform(round);
                list.insert(Burst { finish, slot: round as u32 });
                sorted.insert(sorted.partition_point(|other| *other <= finish), finish);
            } else {
                assert_eq!(list.first().map(|burst| burst.finish), sorted.first().copied());
                let expected = (!sorted.is_empty()).then(|| sorted.remove(0));
                assert_eq!(list.pop().map(|burst| burst.finish), expected);
            }
        }
    }
}
