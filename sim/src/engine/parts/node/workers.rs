//! Workers of a node: who has one, who waits for one.

use super::{Node, State, Work};
use crate::network::Stint;

impl Node {
    /// Whether a new request would be rejected. While bursts are in service as one, everybody there could
    /// have a worker, and so could one more.
    #[inline]
    pub(in crate::engine) fn is_full(&self) -> bool {
        if let Some(line) = &self.line {
            return line.present() >= self.places;
        }
        (self.is_crowded || !self.shares)
            && self.working + self.kept + self.waiting_count >= self.places
    }

    /// A request no longer keeps its worker.
    pub(in crate::engine) fn free_worker(&mut self, now: u64) {
        self.advance(now);
        self.kept -= 1;
        self.start_waiting();
    }

    /// Whether a burst can begin at once.
    #[inline]
    pub(super) fn has_worker_for(&self, burst: Work) -> bool {
        let is_free = burst.kept || self.working + self.kept < self.workers;
        burst.on_workers == 0 || burst.is_stint || (is_free && self.working < self.in_service_limit)
    }

    /// The burst of a slot waits until it can begin.
    pub(super) fn wait_for_worker(&mut self, slot: u32, burst: Work) {
        self.slots[slot as usize].state = State::Waiting;
        self.queued += 1;
        if burst.kept {
            self.returning.push_back((self.queued, slot));
        } else {
            self.waiting.push_back((self.queued, slot));
            self.waiting_count += 1;
        }
    }

    /// Those who wait begin, as far as there are workers for them.
    #[inline]
    pub(super) fn start_waiting(&mut self) {
        while self.working < self.in_service_limit
            && let Some(slot) = self.next_in_line()
        {
            let place = &mut self.slots[slot as usize];
            if place.state == State::Waiting {
                place.state = State::InService;
                let burst = place.burst;
                self.waiting_count -= u32::from(!burst.kept);
                self.start(slot, burst);
            } else {
                self.release(slot);
            }
        }
    }

    /// Who has waited longest of those who have a worker or would get one.
    #[inline]
    fn next_in_line(&mut self) -> Option<u32> {
        let has_worker = self.working + self.kept < self.workers;
        let first = self.waiting.front().filter(|_| has_worker).map(|first| first.0);
        let returns = self.returning.front().map(|first| first.0);
        let line = if returns.is_some_and(|returns| first.is_none_or(|first| returns < first)) {
            &mut self.returning
        } else {
            first?;
            &mut self.waiting
        };
        line.pop_front().map(|(_, slot)| slot)
    }

    /// Counts anew who holds a worker, when each burst is in service alone again.
    pub(super) fn count_workers(&mut self) {
        let in_service = self.slots.iter().filter(|slot| slot.state == State::InService);
        self.working = in_service.filter(|slot| slot.burst.on_workers > 0).count() as u32;
        self.held = u64::from(self.working) * u64::from(Stint::ALL);
    }
}
