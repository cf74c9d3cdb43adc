//! The bursts in service on a node, by the virtual time at which each is complete.

use super::super::calendar::{MonotoneQueue, Timed};
use super::super::marks::{Mark, reached};

/// So many of the earliest are kept sorted; a node that is not congested needs no queue.
const SORTED: usize = 16;

/// A burst in service: when it is complete, in virtual time, and the slot of its request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Burst {
    /// Virtual time of completion, nanoseconds of work, not negative.
    pub(super) finish: f64,
    /// The slot of the request on its node.
    pub(super) slot: u32,
}

impl Timed for Burst {
    /// The bits of a float that is not negative order like the float.
    #[inline]
    fn time(&self) -> u64 {
        self.finish.to_bits()
    }
}

/// Bursts by virtual finish time, and among equal times first come, first out: the earliest in a small sorted
/// ring, the others in a queue.
///
/// A burst that has just begun is mostly one of the last to finish, so that few others move when it
/// is inserted from the end.
#[derive(Debug, Default)]
pub(super) struct ServiceList {
    /// `len` bursts from `head` on, earliest first; none is later than any elsewhere.
    ring: [Burst; SORTED],
    head: usize,
    len: usize,
    /// What the ring has given back and may be as early as the first in `others`, which came later. Latest first;
    /// none is later than any in `others`.
    returned: Vec<Burst>,
    /// None in `others` is earlier.
    others_from: f64,
    /// How many are in `others`, which is none before the ring has been too small.
    behind: u32,
    others: Option<Box<MonotoneQueue<Burst>>>,
}

impl ServiceList {
    #[inline]
    pub(super) fn insert(&mut self, burst: Burst) {
        if self.len == SORTED || self.has_others() {
            if self.len > 0 && burst.finish >= self.at(self.len - 1).finish {
                self.insert_behind(burst);
                return;
            }
            if self.len == SORTED {
                self.len -= 1;
                self.give_back(*self.at(self.len));
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
        if self.len == 0 && self.has_others() {
            self.refill();
        }
        Some(first)
    }

    #[inline]
    fn has_others(&self) -> bool {
        self.behind > 0
    }

    /// Every burst, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Burst> {
        let sorted = (0..self.len).map(|place| *self.at(place));
        sorted
            .chain(self.returned.iter().copied())
            .chain(self.others.iter().flat_map(|others| others.iter().copied()))
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

    /// The latest of the ring leaves it. It came before whoever is as late.
    fn give_back(&mut self, burst: Burst) {
        if self.returned.is_empty() && (!self.has_others() || burst.finish < self.others_from) {
            self.push_other(burst);
        } else {
            self.returned.push(burst);
            self.behind += 1;
        }
    }

    /// A burst has come that is no earlier than any of the ring.
    fn insert_behind(&mut self, burst: Burst) {
        if self.returned.first().is_some_and(|latest| burst.finish < latest.finish) {
            let place = self.returned.partition_point(|other| other.finish > burst.finish);
            self.returned.insert(place, burst);
            self.behind += 1;
        } else {
            self.push_other(burst);
        }
    }

    fn push_other(&mut self, burst: Burst) {
        reached(Mark::ManyInService);
        let others = self.others.get_or_insert_with(|| Box::new(MonotoneQueue::new()));
        if others.is_empty() {
            others.begin_anew();
            self.others_from = f64::INFINITY;
        }
        self.others_from = self.others_from.min(burst.finish);
        others.push(burst);
        self.behind += 1;
    }

    fn first_of_others(&mut self) -> Option<Burst> {
        let first = self.others.as_mut()?.take_first()?;
        self.others_from = first.finish;
        Some(first)
    }

    fn refill(&mut self) {
        while self.len < SORTED / 2
            && let Some(burst) = self.returned.pop().or_else(|| self.first_of_others())
        {
            *self.at_mut(self.len) = burst;
            self.len += 1;
            self.behind -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    #[test]
    fn bursts_leave_in_order_of_their_finish_and_equal_ones_as_they_came() {
        let stream = Stream::new(5, 0, Purpose::Requests, 0);
        let mut list = ServiceList::default();
        let mut sorted: Vec<Burst> = Vec::new();
        for round in 0..60_000 {
            // Some phases know few different times, so that many are equal.
            let times = [1e9, 3.0, 40.0][(round / 2000) as usize % 3];
            if stream.draw(round) % 9 < if (round / 500) % 2 == 0 { 5 } else { 4 } {
                let since = sorted.first().map_or(0.0, |first| first.finish);
                let finish = since + (stream.uniform(round) * times).floor() / times;
                let burst = Burst { finish, slot: round as u32 };
                list.insert(burst);
                sorted.insert(sorted.partition_point(|other| other.finish <= finish), burst);
            } else {
                assert_eq!(list.first().copied(), sorted.first().copied());
                let expected = (!sorted.is_empty()).then(|| sorted.remove(0));
                assert_eq!(list.pop(), expected);
            }
            assert_eq!(list.iter().count(), sorted.len());
        }
    }
}
