//! A monotone radix queue of records by value: the event list of requests that are on their way, and the
//! bursts of a node that many share.
//!
//! Order: by time; among equal times, first in first out. Cost of a push and a pop together: constant
//! on average, whatever the law of the times (Ahuja, Mehlhorn, Orlin and Tarjan, Faster algorithms
//! for the shortest path problem, 1990, with a sorted bottom as in a ladder queue).

use std::cmp::Reverse;

use super::super::marks::{Mark, reached};
use super::super::request::Request;

/// Bits of a digit.
const DIGIT_BITS: u32 = 6;
const DIGITS: usize = 1 << DIGIT_BITS;
const LEVELS: usize = 64_usize.div_ceil(DIGIT_BITS as usize);
/// A slot with at most so many requests is sorted at once instead of split further.
const SORT_AT_MOST: usize = 12;
/// A bottom that grows beyond this gives its later half back to the slots.
const BOTTOM_AT_MOST: usize = 48;
/// A slot of more is emptied from its end, so that it gives back on the way what others need for its records.
const LARGE: usize = 1024;

/// What has a time at which it comes out of a queue.
pub(in crate::engine) trait Timed: Copy {
    fn time(&self) -> u64;
}

impl Timed for Request {
    #[inline]
    fn time(&self) -> u64 {
        self.time
    }
}

/// Records by their time. Time must not run back: nothing is pushed that is earlier than the last record
/// popped.
#[derive(Debug)]
pub(in crate::engine) struct MonotoneQueue<T> {
    /// The earliest records, latest first; everything before `bottom_end` is here.
    bottom: Vec<T>,
    bottom_end: u64,
    /// Records from `bottom_end` on, by the highest digit in which they differ from `base`, and by
    /// that digit.
    slots: Vec<Vec<T>>,
    /// For each level, which slots hold something.
    occupied: [u64; LEVELS],
    /// Which levels hold something.
    levels: u16,
    base: u64,
    /// No record in a slot is earlier.
    slots_from: u64,
    /// Emptied buffers of slots, to be used again.
    spare: Vec<Vec<T>>,
}

impl<T: Timed> MonotoneQueue<T> {
    pub(in crate::engine) fn new() -> Self {
        Self {
            bottom: Vec::with_capacity(BOTTOM_AT_MOST + 1),
            bottom_end: 0,
            slots: vec![Vec::new(); LEVELS * DIGITS],
            occupied: [0; LEVELS],
            levels: 0,
            base: 0,
            slots_from: u64::MAX,
            spare: Vec::new(),
        }
    }

    /// Adds a record under its time.
    #[inline]
    pub(in crate::engine) fn push(&mut self, record: T) {
        if record.time() < self.bottom_end {
            self.push_bottom(record);
        } else {
            self.push_slot(record);
        }
    }

    pub(in crate::engine) fn is_empty(&self) -> bool {
        self.bottom.is_empty() && self.levels == 0
    }

    /// Where nothing is left in it, time begins anew.
    pub(in crate::engine) fn begin_anew(&mut self) {
        debug_assert!(self.is_empty(), "what is left has a time");
        (self.base, self.bottom_end, self.slots_from) = (0, 0, u64::MAX);
    }

    /// Takes out the earliest record. What is pushed thereafter may be earlier.
    pub(in crate::engine) fn take_first(&mut self) -> Option<T> {
        self.take_before(u64::MAX)
    }

    /// Takes out the earliest record, if it is before `limit`. Up to there and no further the queue is opened:
    /// nothing may be pushed thereafter that is earlier than `limit` and all that is left.
    #[inline]
    pub(in crate::engine) fn take_before(&mut self, limit: u64) -> Option<T> {
        while self.bottom.is_empty() && self.slots_from < limit {
            self.open();
        }
        self.bottom.pop_if(|first| first.time() < limit)
    }

    /// Every record, in no particular order.
    pub(in crate::engine) fn iter(&self) -> impl Iterator<Item = &T> {
        self.bottom.iter().chain(self.slots.iter().flatten())
    }

    /// Takes out every record that fulfils a condition. Costs as much as the queue is long.
    pub(in crate::engine) fn take_all(
        &mut self,
        is_meant: impl Fn(&T) -> bool,
        taken: &mut Vec<T>,
    ) {
        taken.extend(self.bottom.extract_if(.., |record| is_meant(record)));
        for (level, occupied) in self.occupied.iter().enumerate() {
            let mut left = *occupied;
            while left != 0 {
                let slot = &mut self.slots[level * DIGITS + left.trailing_zeros() as usize];
                taken.extend(slot.extract_if(.., |record| is_meant(record)));
                left &= left - 1;
            }
        }
    }

    #[inline]
    fn push_bottom(&mut self, record: T) {
        let later = self.bottom.iter().rposition(|other| other.time() > record.time());
        self.bottom.insert(later.map_or(0, |index| index + 1), record);
        if self.bottom.len() > BOTTOM_AT_MOST {
            self.spill();
        }
    }

    /// Gives the later half of the bottom back to the slots, which take nothing before their base. Equal
    /// times stay together.
    #[cold]
    fn spill(&mut self) {
        let split = self.bottom[self.bottom.len() / 2].time().max(self.base);
        let keep_from = self.bottom.partition_point(|record| record.time() >= split);
        if keep_from == self.bottom.len() {
            return;
        }
        reached(Mark::QueueSpills);
        let kept = self.bottom.split_off(keep_from);
        let spilled = std::mem::replace(&mut self.bottom, kept);
        self.bottom_end = split;
        // Latest first in the bottom, first in first out in a slot.
        spilled.into_iter().rev().for_each(|record| self.push_slot(record));
    }

    #[inline]
    fn push_slot(&mut self, record: T) {
        debug_assert!(record.time() >= self.base, "time runs forward");
        let differing = record.time() ^ self.base;
        let level = ((differing | 1).ilog2() / DIGIT_BITS) as usize;
        let digit = (record.time() >> (level as u32 * DIGIT_BITS)) as usize % DIGITS;
        let slot = &mut self.slots[level * DIGITS + digit];
        if slot.capacity() == 0
            && let Some(buffer) = self.spare.pop()
        {
            *slot = buffer;
        }
        if slot.len() == slot.capacity() {
            grow(slot);
        }
        slot.push(record);
        self.slots_from = self.slots_from.min(record.time());
        self.occupied[level] |= 1 << digit;
        self.levels |= 1 << level;
    }

    #[inline]
    fn first_slot(&self) -> Option<(usize, usize)> {
        if self.levels == 0 {
            return None;
        }
        let level = self.levels.trailing_zeros() as usize;
        Some((level, self.occupied[level].trailing_zeros() as usize))
    }

    /// The earliest time that belongs into a slot.
    #[inline]
    fn start(&self, level: usize, digit: usize) -> u64 {
        let shift = level as u32 * DIGIT_BITS;
        let above = self.base.checked_shr(shift + DIGIT_BITS).unwrap_or(0);
        (above.checked_shl(shift + DIGIT_BITS).unwrap_or(0)) | ((digit as u64) << shift)
    }

    /// Sorts the records of the first slot, or divides them among slots of a lower level.
    fn open(&mut self) {
        let Some((level, digit)) = self.first_slot() else {
            self.slots_from = u64::MAX;
            return;
        };
        self.base = self.base.max(self.start(level, digit));
        self.occupied[level] &= !(1 << digit);
        self.levels &= !(u16::from(self.occupied[level] == 0) << level);
        let mut buffer = std::mem::take(&mut self.slots[level * DIGITS + digit]);
        if buffer.len() > LARGE && level > 0 {
            self.divide(buffer, level);
            return self.look_at_slots();
        }
        if level == 0 || buffer.len() <= SORT_AT_MOST {
            let width = 1_u64.checked_shl(level as u32 * DIGIT_BITS).unwrap_or(u64::MAX);
            self.bottom_end = self.start(level, digit).saturating_add(width);
            // A stable sort of the reversed slot keeps equal times first in first out.
            self.bottom.extend(buffer.drain(..).rev());
            self.bottom.sort_by_key(|record| Reverse(record.time()));
        } else {
            buffer.drain(..).for_each(|record| self.push_slot(record));
        }
        if self.spare.len() < DIGITS && buffer.capacity() <= LARGE {
            self.spare.push(buffer);
        }
        self.look_at_slots();
    }

    /// Divides many records among the slots below their level, all of which are empty.
    #[cold]
    fn divide(&mut self, mut buffer: Vec<T>, level: usize) {
        while let Some(record) = buffer.pop() {
            self.push_slot(record);
            if buffer.len().is_multiple_of(LARGE) {
                buffer.shrink_to_fit();
            }
        }
        // First in first out again.
        self.slots[..level * DIGITS].iter_mut().for_each(|slot| slot.reverse());
    }

    #[inline]
    fn look_at_slots(&mut self) {
        let first = self.first_slot();
        self.slots_from = first.map_or(u64::MAX, |(level, digit)| self.start(level, digit));
    }
}

/// Makes room for more: for as many again in a small buffer, for a quarter more in one of which the others
/// together would hold memory for nobody.
#[cold]
fn grow<T>(slot: &mut Vec<T>) {
    let has = slot.capacity();
    slot.reserve_exact(if has < 64 { has.max(4) } else { has / 4 });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    #[derive(Clone, Copy)]
    struct Record {
        time: u64,
        number: u32,
    }

    impl Timed for Record {
        fn time(&self) -> u64 {
            self.time
        }
    }

    #[test]
    fn requests_leave_by_time_and_among_equal_times_in_order_of_arrival() {
        let mut queue = MonotoneQueue::new();
        let times = [5, 1 << 40, 5, 0, 7, 1 << 40, 0];
        times
            .iter()
            .enumerate()
            .for_each(|(i, t)| queue.push(Record { time: *t, number: i as u32 }));
        let order: Vec<u32> = std::iter::from_fn(|| queue.take_first()).map(|r| r.number).collect();
        assert_eq!(order, [3, 6, 0, 2, 4, 1, 5]);
    }

    #[test]
    fn a_large_slot_keeps_equal_times_in_order_of_arrival() {
        let stream = Stream::new(5, 0, Purpose::Requests, 0);
        let mut queue = MonotoneQueue::new();
        let mut list: Vec<(u64, u32)> = Vec::new();
        for number in 0..5 * LARGE as u32 {
            let time = (1 << 40) + ((stream.draw(number.into()) % 1000) << 20);
            queue.push(Record { time, number });
            list.push((time, number));
        }
        list.sort_by_key(|(time, _)| *time);
        let found = std::iter::from_fn(|| queue.take_first());
        assert!(found.map(|record| (record.time, record.number)).eq(list));
    }

    /// Against the plainest queue there is: a stable sort of everything that is in.
    #[test]
    fn a_long_random_run_equals_a_sorted_list() {
        let stream = Stream::new(3, 0, Purpose::Requests, 0);
        for scale in [0, 3, 12, 25, 40] {
            let mut queue = MonotoneQueue::new();
            let mut list: Vec<(u64, u32)> = Vec::new();
            let (mut now, mut number) = (0, 0);
            for round in 0..20_000 {
                let draw = stream.draw(round);
                // More pushes than pops for a while, then the reverse.
                let filling = (round / 2000) % 2 == 0;
                if draw % 8 < if filling { 5 } else { 3 } {
                    let time =
                        now + (draw >> 20) % (1 << scale) * u64::from(!draw.is_multiple_of(3));
                    queue.push(Record { time, number });
                    let place = list.partition_point(|(other, _)| *other <= time);
                    list.insert(place, (time, number));
                    number += 1;
                } else if !list.is_empty() {
                    let expected = list.remove(0);
                    assert!(queue.take_before(expected.0).is_none());
                    let found = queue.take_first().expect("as many as in the list");
                    assert_eq!((found.time, found.number), expected, "scale {scale}");
                    now = expected.0;
                }
            }
            let mut taken = Vec::new();
            queue.take_all(|record| record.number % 3 == 0, &mut taken);
            let (meant, left): (Vec<_>, Vec<_>) = list.iter().partition(|(_, n)| n % 3 == 0);
            assert_eq!(taken.len(), meant.len());
            for expected in left {
                let found = queue.take_first().map(|found| (found.time, found.number));
                assert_eq!(found, Some(expected), "scale {scale}");
            }
            assert_eq!(queue.iter().count(), 0);
        }
    }
}
