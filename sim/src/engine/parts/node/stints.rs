//! Stints: bursts of a visit that are in service as one.
//!
//! Under processor sharing, bursts that follow one another are complete when one burst of all of their
//! work would be. What lies between them matters where somebody waits for a worker. So they are in service as one
//! while fewer requests are on the node than it has workers; with more, each stint is split where it is,
//! and bursts are in service alone until half as many are there.
//!
//! A stint reads how slow the node is when it begins, keeps alive from its beginning what its request does,
//! and has allocated when it is complete.

use super::super::super::request::Request;
use super::{Burst, Node, State, Work};

/// How bursts that begin now are in service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Regime {
    /// Each alone.
    Alone,
    /// Those of a visit as one.
    Stints,
    /// Each alone, once the stints that are under way have been split.
    Splits,
}

/// A stint in service.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct UnderWay {
    pub(in crate::engine) slot: u32,
    /// Where it is: in the first burst of its stint.
    pub(in crate::engine) request: Request,
    /// All of its work, and what is done of it, nanoseconds of one core.
    pub(in crate::engine) nanos: f64,
    pub(in crate::engine) done: f64,
}

impl Node {
    /// How bursts that begin now are in service; to be asked before each begins.
    #[inline]
    pub(in crate::engine) fn regime(&mut self) -> Regime {
        if !self.shares {
            return Regime::Alone;
        }
        let present = self.in_service + self.waiting_count + self.kept;
        let most = self.workers.min(self.in_service_limit);
        if self.is_crowded && present > most / 2 {
            return Regime::Alone;
        }
        self.is_crowded = false;
        if present < most { Regime::Stints } else { Regime::Splits }
    }

    /// The stints in service, and what is done of each.
    pub(in crate::engine) fn under_way(&mut self, now: u64) -> Vec<UnderWay> {
        self.advance(now);
        let virtual_time = self.virtual_time;
        let slots = &self.slots;
        let stints = self.service.iter().filter(|burst| {
            let place = &slots[burst.slot as usize];
            place.state == State::InService && place.burst.is_stint
        });
        let mut all: Vec<UnderWay> = stints
            .map(|burst| {
                let Burst { finish, slot } = burst;
                let place = &slots[slot as usize];
                let nanos = place.burst.nanos;
                let done = nanos - (finish - virtual_time);
                UnderWay { slot, request: place.request, nanos, done }
            })
            .collect();
        all.sort_by_key(|stint| stint.request.name());
        all
    }

    /// From here on each burst is in service alone: of each stint, the one that it is in, with what will be
    /// done of the stint when that is complete.
    pub(in crate::engine) fn split(&mut self, present: &[(u32, Request, Work)]) {
        self.is_crowded = true;
        let mut sooner = vec![0.0; self.slots.len()];
        for (slot, request, work) in present {
            let place = &mut self.slots[*slot as usize];
            sooner[*slot as usize] = place.burst.nanos - work.nanos;
            place.request = *request;
            place.burst = *work;
        }
        self.ghosts = 0;
        for Burst { finish, slot } in self.service.take_all() {
            if self.slots[slot as usize].state == State::Ghost {
                self.release(slot);
            } else {
                let finish = (finish - sooner[slot as usize]).max(0.0);
                self.service.insert(Burst { finish, slot });
            }
        }
        self.count_workers();
    }
}
