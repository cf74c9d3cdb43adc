//! Requests that wait on a node for a connection or for the database.

use super::super::super::request::Request;
use super::{Node, State, Work};
use crate::network::Pool;

impl Node {
    /// Takes a connection for a request; without a free one the request waits here and comes back
    /// from [`Self::disconnect`].
    pub(in crate::engine) fn connect(&mut self, pool: Pool, request: &Request) -> bool {
        if self.connections[pool as usize].take() {
            return true;
        }
        let (slot, _) = self.park(request);
        self.connections[pool as usize].wait(slot);
        false
    }

    /// Gives a connection back, and so perhaps to the next in line.
    pub(in crate::engine) fn disconnect(&mut self, pool: Pool) -> Option<Request> {
        while let Some(slot) = self.connections[pool as usize].next_in_line() {
            if self.slots[slot as usize].state == State::Calling {
                return Some(self.take(slot));
            }
            self.release(slot);
        }
        self.connections[pool as usize].give_back();
        None
    }

    /// A request waits here for what is not the node's. Returns its slot and the use of it.
    pub(in crate::engine) fn park(&mut self, request: &Request) -> (u32, u32) {
        let slot = self.take_slot(request, Work::NOTHING);
        let place = &mut self.slots[slot as usize];
        place.state = State::Calling;
        (slot, place.usage)
    }

    /// Takes a request that waits out of its slot, if it is still there in that use of the slot.
    pub(in crate::engine) fn unpark(&mut self, slot: u32, usage: u32) -> Option<Request> {
        // A crash takes the slots with it.
        let place = self.slots.get(slot as usize).filter(|place| place.usage == usage)?;
        if place.state == State::Calling {
            return Some(self.take(slot));
        }
        self.release(slot);
        None
    }
}
