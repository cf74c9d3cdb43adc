//! What takes requests off a node before they are done: clients who give up, processes that end; and what keeps all of them.

use super::super::super::marks::{Mark, reached};
use super::super::super::request::Request;
use super::super::expiry::Expiring;
use super::super::pool::ConnectionPool;
use super::super::stops::{Stop, Stops};
use super::{NEVER, Node, Slot, State};
use crate::network::Station;

impl Node {
    /// The slot of a request whose client gives up at `now`, if there is one.
    #[cold]
    pub(in crate::engine) fn expire(&mut self, now: u64) -> Option<u32> {
        if self.expiry.is_stale(now) {
            let slots = self.slots.iter().enumerate();
            self.expiry.list(slots.filter(|(_, slot)| slot.is_live()).map(|(index, slot)| {
                let at = slot.request.deadline;
                (Expiring { at, slot: index as u32, usage: slot.usage }, slot.request.name())
            }));
        }
        while let Some(due) = self.expiry.pop_due(now) {
            let slot = &self.slots[due.slot as usize];
            if slot.usage == due.usage && slot.is_live() {
                return Some(due.slot);
            }
        }
        None
    }

    /// The request of a slot goes on alone, and others wait for it until its deadline.
    pub(in crate::engine) fn leave_alone(&mut self, slot: u32, request: Request) {
        self.expiry.note(request.deadline);
        self.slots[slot as usize].request = request;
    }

    /// All cores stop for `nanos`, after a stop that is under way, unless nothing goes on there anyway.
    pub(in crate::engine) fn stop(&mut self, now: u64, nanos: f64, stop: Stop) {
        if self.updated_at == NEVER {
            return;
        }
        self.advance(now);
        self.updated_at = self.updated_at.max(now) + nanos as u64;
        self.stops.add(now, self.updated_at, stop);
        *self.usage.stopped(stop) += nanos;
    }

    /// Nothing goes on until the process ends. Requests are still taken.
    pub(in crate::engine) fn hang(&mut self, now: u64) {
        self.advance(now);
        self.usage = self.usage(now);
        self.stops = Stops::default();
        self.updated_at = NEVER;
    }

    /// A node that has hung, or only drained, goes on.
    pub(in crate::engine) fn resume(&mut self, now: u64) {
        self.advance(now);
        if self.updated_at == NEVER {
            self.updated_at = now;
        }
    }

    /// The process is gone. Returns every request that was on it.
    pub(in crate::engine) fn end(&mut self, now: u64, station: &Station) -> Vec<Request> {
        self.advance(now);
        // The rest of a stop is gone with the process.
        let usage = self.usage(now);
        let lost = self.requests().copied().collect();
        let mut connections = std::mem::take(&mut self.connections);
        connections.iter_mut().for_each(ConnectionPool::forget_waiting);
        let mut heap = self.heap.clone();
        heap.renew(station.cores);
        // What requests elsewhere hold here, they give back as they end.
        *self = Self {
            updated_at: now,
            counted_at: now,
            usage,
            kept: self.kept,
            connections,
            uses: self.uses,
            begun: self.begun.take(),
            ..Self::new(station, heap, self.stalls)
        };
        lost
    }

    /// Takes out the requests that occupy a node that has just ended, and are here.
    pub(in crate::engine) fn lose(&mut self, now: u64, ended: u16, lost: &mut Vec<Request>) {
        let occupies = |slot: &Slot| slot.is_live() && slot.request.occupies(ended).is_some();
        let slots: Vec<usize> =
            (0..self.slots.len()).filter(|slot| occupies(&self.slots[*slot])).collect();
        lost.extend(slots.into_iter().map(|slot| self.abandon(now, slot as u32)));
    }

    /// A request leaves unfinished.
    pub(in crate::engine) fn abandon(&mut self, now: u64, slot: u32) -> Request {
        self.advance(now);
        let place = &mut self.slots[slot as usize];
        let state = std::mem::replace(&mut place.state, State::Ghost);
        let request = place.request;
        match state {
            State::InService => {
                reached(Mark::TimesOutInService);
                place.burst.keeps = false;
                self.ghosts += 1;
                self.drop_ghosts();
                self.end_service(slot);
            }
            State::Waiting => self.waiting_count -= u32::from(!place.burst.kept),
            State::Calling | State::Free | State::Ghost => {}
        }
        request
    }
}
