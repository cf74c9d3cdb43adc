//! The event list of requests that are on their way: a monotone radix queue of records by value.
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

/// Requests by the time of their next event. Time must not run back: nothing is pushed that is
/// earlier than the last request popped.
#[derive(Debug)]
pub(in crate::engine) struct MonotoneQueue {
    /// The earliest requests, latest first; everything before `bottom_end` is here.
    bottom: Vec<Request>,
    bottom_end: u64,
    /// Requests from `bottom_end` on, by the highest digit in which they differ from `base`, and by
    /// that digit.
    slots: Vec<Vec<Request>>,
    /// For each level, which slots hold something.
    occupied: [u64; LEVELS],
    /// Which levels hold something.
    levels: u16,
    base: u64,
    len: usize,
    /// Emptied buffers of slots, to be used again.
    spare: Vec<Vec<Request>>,
}

impl MonotoneQueue {
    pub(in crate::engine) fn new() -> Self {
        Self {
            bottom: Vec::with_capacity(BOTTOM_AT_MOST + 1),
            bottom_end: 0,
            slots: vec![Vec::new(); LEVELS * DIGITS],
            occupied: [0; LEVELS],
            levels: 0,
            base: 0,
            len: 0,
            spare: Vec::new(),
        }
    }

    /// Adds a request under its `time`.
    #[inline]
    pub(in crate::engine) fn push(&mut self, request: Request) {
        debug_assert!(request.time >= self.base, "time runs forward");
        self.len += 1;
        if request.time < self.bottom_end {
            self.push_bottom(request);
        } else {
            self.push_slot(request);
        }
    }

    /// A time before which nothing happens; exact where the queue is settled.
    #[inline]
    pub(in crate::engine) fn bound(&self) -> u64 {
        match self.bottom.last() {
            Some(request) => request.time,
            None => self.first_slot().map_or(u64::MAX, |(level, digit)| self.start(level, digit)),
        }
    }

    /// Whether the bound is the time of a request.
    #[inline]
    pub(in crate::engine) fn is_settled(&self) -> bool {
        !self.bottom.is_empty()
    }

    /// Takes out the earliest request of a settled queue.
    #[inline]
    pub(in crate::engine) fn pop(&mut self) -> Option<Request> {
        let request = self.bottom.pop()?;
        self.len -= 1;
        Some(request)
    }

    /// Every request, in no particular order.
    pub(in crate::engine) fn iter(&self) -> impl Iterator<Item = &Request> {
        self.bottom.iter().chain(self.slots.iter().flatten())
    }

    /// Takes out every request that fulfils a condition. Costs as much as the queue is long.
    pub(in crate::engine) fn take_all(
        &mut self,
        is_meant: impl Fn(&Request) -> bool,
        taken: &mut Vec<Request>,
    ) {
        let before = taken.len();
        taken.extend(self.bottom.extract_if(.., |request| is_meant(request)));
        for slot in &mut self.slots {
            taken.extend(slot.extract_if(.., |request| is_meant(request)));
        }
        self.len -= taken.len() - before;
    }

    #[inline]
    fn push_bottom(&mut self, request: Request) {
        let later = self.bottom.iter().rposition(|other| other.time > request.time);
        self.bottom.insert(later.map_or(0, |index| index + 1), request);
        if self.bottom.len() > BOTTOM_AT_MOST {
            self.spill();
        }
    }

    /// Gives the later half of the bottom back to the slots. Equal times stay together.
    #[cold]
    fn spill(&mut self) {
        let split = self.bottom[self.bottom.len() / 2].time;
        let keep_from = self.bottom.partition_point(|request| request.time >= split);
        if keep_from == self.bottom.len() {
            return;
        }
        reached(Mark::QueueSpills);
        let kept = self.bottom.split_off(keep_from);
        let spilled = std::mem::replace(&mut self.bottom, kept);
        self.bottom_end = split;
        // Latest first in the bottom, first in first out in a slot.
        spilled.into_iter().rev().for_each(|request| self.push_slot(request));
    }

    #[inline]
    fn push_slot(&mut self, request: Request) {
        let differing = request.time ^ self.base;
        let level = ((differing | 1).ilog2() / DIGIT_BITS) as usize;
        let digit = (request.time >> (level as u32 * DIGIT_BITS)) as usize % DIGITS;
        let slot = &mut self.slots[level * DIGITS + digit];
        if slot.capacity() == 0
            && let Some(buffer) = self.spare.pop()
        {
            *slot = buffer;
        }
        if slot.len() == slot.capacity() {
            grow(slot);
        }
        slot.push(request);
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

    /// Brings the bound nearer to the earliest request. To be called only when nothing earlier than
    /// the bound can be pushed any more.
    pub(in crate::engine) fn open(&mut self) {
        let Some((level, digit)) = self.first_slot() else { return };
        self.base = self.base.max(self.start(level, digit));
        self.occupied[level] &= !(1 << digit);
        self.levels &= !(u16::from(self.occupied[level] == 0) << level);
        let mut buffer = std::mem::take(&mut self.slots[level * DIGITS + digit]);
        if level == 0 || buffer.len() <= SORT_AT_MOST {
            let width = 1_u64.checked_shl(level as u32 * DIGIT_BITS).unwrap_or(u64::MAX);
            self.bottom_end = self.start(level, digit).saturating_add(width);
            // A stable sort of the reversed slot keeps equal times first in first out.
            self.bottom.extend(buffer.drain(..).rev());
            self.bottom.sort_by_key(|request| Reverse(request.time));
        } else {
            buffer.drain(..).for_each(|request| self.push_slot(request));
        }
        if self.spare.len() < DIGITS {
            self.spare.push(buffer);
        }
    }
}

/// Makes room for more: for as many again in a small buffer, for a quarter more in one of which the others
/// together would hold memory for nobody.
#[cold]
fn grow(slot: &mut Vec<Request>) {
    let has = slot.capacity();
    slot.reserve_exact(if has < 64 { has.max(4) } else { has / 4 });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    fn request(time: u64, number: u32) -> Request {
        Request { time, ..Request::new(0, number, 0, 0) }
    }

    fn pop(queue: &mut MonotoneQueue) -> Option<Request> {
        while queue.len > 0 && !queue.is_settled() {
            queue.open();
        }
        queue.pop()
    }

    #[test]
    fn requests_leave_by_time_and_among_equal_times_in_order_of_arrival() {
        let mut queue = MonotoneQueue::new();
        let times = [5, 1 << 40, 5, 0, 7, 1 << 40, 0];
        times.iter().enumerate().for_each(|(i, t)| queue.push(request(*t, i as u32)));
        let order: Vec<u32> = std::iter::from_fn(|| pop(&mut queue)).map(|r| r.number).collect();
        assert_eq!(order, [3, 6, 0, 2, 4, 1, 5]);
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
                    queue.push(request(time, number));
                    let place = list.partition_point(|(other, _)| *other <= time);
                    list.insert(place, (time, number));
                    number += 1;
                } else if !list.is_empty() {
                    let expected = list.remove(0);
                    assert!(queue.bound() <= expected.0);
                    let found = pop(&mut queue).expect("as many as in the list");
                    assert_eq!((found.time, found.number), expected, "scale {scale}");
                    now = expected.0;
                }
            }
            let mut taken = Vec::new();
            queue.take_all(|request| request.number % 3 == 0, &mut taken);
            let (meant, left): (Vec<_>, Vec<_>) = list.iter().partition(|(_, n)| n % 3 == 0);
            assert_eq!(taken.len(), meant.len());
            for expected in left {
                let found = pop(&mut queue).map(|found| (found.time, found.number));
                assert_eq!(found, Some(expected), "scale {scale}");
            }
            assert_eq!(queue.iter().count(), 0);
        }
    }
}
