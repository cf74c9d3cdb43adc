//! The bursts in service on a node, by the virtual time at which each is complete.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::marks::{Mark, reached};

/// So many of the earliest are kept sorted; a node that is not congested needs no heap.
const SORTED: usize = 16;

/// A burst in service: when it is complete, in virtual time, and the slot of its request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Burst {
    /// Virtual time of completion, nanoseconds of work, not negative.
    pub(super) finish: f64,
    /// The slot of the request on its node.
    pub(super) slot: u32,
}

/// Bursts by virtual finish time: the earliest in a small sorted ring, the others in a heap.
///
/// A burst that has just begun is mostly one of the last to finish, so that few others move when it
/// is inserted from the end.
#[derive(Debug, Default)]
pub(super) struct ServiceList {
    /// `len` bursts from `head` on, earliest first; none is later than any in `others`.
    ring: [Burst; SORTED],
    head: usize,
    len: usize,
    /// The bits of a float that is not negative order like the float.
    others: BinaryHeap<Reverse<(u64, u32)>>,
}

impl ServiceList {
    #[inline]
    pub(super) fn insert(&mut self, burst: Burst) {
        if self.len == SORTED || !self.others.is_empty() {
            if self.len > 0 && burst.finish >= self.at(self.len - 1).finish {
                self.push_other(burst);
                return;
            }
            if self.len == SORTED {
                self.len -= 1;
                self.push_other(*self.at(self.len));
            }
        }
        let mut place = self.len;
        while place > 0 && self.at(place - 1).finish > burst.finish {
            *self.at_mut(place) = *self.at(place - 1);
            place -= 1;
        }
        *self.at_mut(place) = burst;
        self.len += 1;
    }

    /// The burst that is complete first.
    #[inline]
    pub(super) fn first(&self) -> Option<&Burst> {
        (self.len > 0).then(|| self.at(0))
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Burst> {
        let first = *self.first()?;
        self.head = (self.head + 1) % SORTED;
        self.len -= 1;
        if self.len == 0 && !self.others.is_empty() {
            self.refill();
        }
        Some(first)
    }

    /// Every burst, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Burst> {
        let sorted = (0..self.len).map(|place| *self.at(place));
        let others = self.others.iter();
        sorted.chain(
            others
                .map(|Reverse((bits, slot))| Burst { finish: f64::from_bits(*bits), slot: *slot }),
        )
    }

    /// Takes every burst out, in order.
    pub(super) fn take_all(&mut self) -> Vec<Burst> {
        std::iter::from_fn(|| self.pop()).collect()
    }

    #[inline]
    fn at(&self, place: usize) -> &Burst {
        &self.ring[(self.head + place) % SORTED]
    }

    #[inline]
    fn at_mut(&mut self, place: usize) -> &mut Burst {
        &mut self.ring[(self.head + place) % SORTED]
    }

    fn push_other(&mut self, burst: Burst) {
        reached(Mark::ManyInService);
        self.others.push(Reverse((burst.finish.to_bits(), burst.slot)));
    }

    fn refill(&mut self) {
        while self.len < SORTED / 2
            && let Some(Reverse((bits, slot))) = self.others.pop()
        {
            *self.at_mut(self.len) = Burst { finish: f64::from_bits(bits), slot };
            self.len += 1;
        }
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
