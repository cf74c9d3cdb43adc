//! When the next request on a node must leave it unfinished: at its deadline.
//!
//! Such instants nearly never come, so an arrival costs one `min`. Only when the earliest of them is
//! reached are all of them listed and sorted; requests that have arrived since then are covered by
//! their own earliest instant until the list is made again. A request is so sorted about once a
//! timeout, however many expire.

use std::cmp::Reverse;

use super::super::request::Name;

/// The instants at which requests on a node expire.
#[derive(Debug)]
pub(super) struct Expiry {
    /// Instants and slots known at the last listing, latest first.
    listed: Vec<Expiring>,
    /// The earliest instant of the requests that arrived since.
    unlisted: u64,
}

/// A request that expires.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expiring {
    /// When.
    pub(super) at: u64,
    /// The slot of the request.
    pub(super) slot: u32,
    /// The use of the slot: a slot that has been used again is another request.
    pub(super) usage: u32,
}

impl Expiry {
    pub(super) fn new() -> Self {
        Self { listed: Vec::new(), unlisted: u64::MAX }
    }

    /// Notes that a request on the node expires at `at`.
    #[inline]
    pub(super) fn note(&mut self, at: u64) {
        self.unlisted = self.unlisted.min(at);
    }

    /// No request expires before this instant; it may be a false alarm.
    #[inline]
    pub(super) fn next(&self) -> u64 {
        self.listed.last().map_or(self.unlisted, |first| first.at.min(self.unlisted))
    }

    /// Whether the list has to be made again to know who expires at `now`.
    pub(super) fn is_stale(&self, now: u64) -> bool {
        self.unlisted <= now
    }

    /// Makes the list again from everything on the node. Those who expire at the same instant do so in the
    /// order of their names.
    pub(super) fn list(&mut self, all: impl Iterator<Item = (Expiring, Name)>) {
        self.unlisted = u64::MAX;
        let mut all: Vec<_> = all.filter(|(expiring, _)| expiring.at < u64::MAX).collect();
        all.sort_by_key(|(each, name)| Reverse((each.at, *name, each.slot)));
        self.listed.clear();
        self.listed.extend(all.into_iter().map(|(expiring, _)| expiring));
    }

    /// Takes the next of those that expire at `now` or before.
    pub(super) fn pop_due(&mut self, now: u64) -> Option<Expiring> {
        self.listed.pop_if(|first| first.at <= now)
    }
}
