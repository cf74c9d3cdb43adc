//! How bursts pass on a node, for those who ask.

use super::super::super::request::Request;
use super::{Begun, Node};

/// How a burst has passed on its node.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Passed {
    /// When it began.
    pub(in crate::engine) began: u64,
    /// Its own work, nanoseconds of one core.
    pub(in crate::engine) work: f64,
    /// How long its node has collected and stalled since it began, nanoseconds.
    pub(in crate::engine) collection: f64,
    pub(in crate::engine) stall: f64,
}

impl Node {
    /// How long it is still stopped, nanoseconds, and how many times as long as alone one burst more would
    /// take thereafter.
    pub(in crate::engine) fn stopped_and_shared(&mut self, now: u64) -> (f64, f64) {
        self.advance(now);
        let stopped = self.updated_at.saturating_sub(now) as f64;
        (stopped, f64::from(self.in_service + 1) * self.per_core)
    }

    /// The same, which can tell how bursts have passed.
    pub(in crate::engine) fn watched(self) -> Self {
        Self { begun: Some(Vec::new()), ..self }
    }

    #[inline]
    pub(in crate::engine) fn is_watched(&self) -> bool {
        self.begun.is_some()
    }

    /// How the burst of a slot that is just complete has passed, and whose it is.
    pub(in crate::engine) fn passed(&mut self, now: u64, slot: u32) -> (Request, Passed) {
        let usage = self.usage(now);
        let place = &self.slots[slot as usize];
        let begun = self.begun.as_ref().and_then(|begun| begun.get(slot as usize));
        let begun = begun.copied().unwrap_or(Begun { at: now, usage });
        let passed = Passed {
            began: begun.at,
            work: place.burst.nanos,
            collection: usage.paused - begun.usage.paused,
            stall: usage.stalled - begun.usage.stalled,
        };
        (place.request, passed)
    }

    /// Notes how a burst begins.
    #[cold]
    pub(super) fn note_begin(&mut self, slot: u32) {
        let at = self.counted_at;
        let begun = Begun { at, usage: self.usage(at) };
        if let Some(all) = &mut self.begun {
            all.resize(self.slots.len(), begun);
            all[slot as usize] = begun;
        }
    }
}
