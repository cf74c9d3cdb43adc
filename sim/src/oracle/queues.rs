//! Requests that wait in a balancer of the plain engine for a node with room.

use super::Plain;
use super::event::Event;
use crate::cause::Cause;
use crate::engine::parts::Whose;

impl Plain<'_> {
    pub(super) fn wait_in_queue(&mut self, handle: usize, balancer: usize, number: u64) {
        self.customers[handle].queued = true;
        let queue = &mut self.queues[balancer];
        let place = queue.partition_point(|(other, _)| *other < number);
        queue.insert(place, (number, handle));
        let deadline = self.customers[handle].deadline();
        self.schedule(deadline, Event::LeavesQueue { balancer, number });
    }

    pub(super) fn leave_queue(&mut self, balancer: usize, number: u64) {
        let place = self.queues[balancer].iter().position(|(queued, _)| *queued == number);
        let waits = place.and_then(|place| self.queues[balancer].remove(place));
        let Some((_, handle)) = waits else { return };
        self.customers[handle].queued = false;
        let customer = &self.customers[handle];
        match customer.whose(self.now) {
            Whose::Balancer(depth) if customer.nodes[depth].is_none() => {
                self.fail(handle, Cause::Rejected);
            }
            _ => {
                // Where it goes on alone, it goes on waiting.
                self.customers[handle].until = u64::MAX;
                self.expire(handle);
                if !self.customers[handle].ended && self.customers[handle].orphan {
                    self.wait_in_queue(handle, balancer, number);
                }
            }
        }
    }

    /// The first who waits in a balancer goes on, if there is room.
    pub(super) fn call_next(&mut self, which: usize) -> bool {
        if !self.balancers[which].has_room() {
            return false;
        }
        let Some((_, handle)) = self.queues[which].pop_front() else { return false };
        let customer = &mut self.customers[handle];
        customer.queued = false;
        let depth = self.network.steps[customer.step].depth().unwrap_or(0);
        customer.limits[depth] = u64::MAX;
        self.ready.push(handle);
        true
    }

    pub(super) fn call_all(&mut self, which: usize) {
        for _ in 0..self.queues[which].len() {
            self.call_next(which);
            while let Some(handle) = self.ready.pop() {
                self.proceed(handle);
            }
        }
    }
}
