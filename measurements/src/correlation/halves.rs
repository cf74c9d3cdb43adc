//! The two times of a request, which a log tells in whichever order.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::tally::LONGEST_MS;

/// A half whose other half is more ids away is alone.
pub(crate) const MOST_IDS: usize = 200_000;

/// Both times of a request, in ms.
pub(crate) struct Pair {
    pub(crate) path: String,
    pub(crate) round_trip: u64,
    pub(crate) backend: u64,
}

/// Times that wait for their other half, by id. An id is known by its hash of 64 bits: two of a full
/// table agree once in a billion.
pub(crate) struct Halves {
    waiting: HashMap<u64, Half>,
    /// The ids of the last [`MOST_IDS`] halves, each with the number of its half.
    ids: VecDeque<(u64, u64)>,
    most: usize,
    number: u64,
    paired: u64,
    without_backend: u64,
    without_round_trip: u64,
}

struct Half {
    number: u64,
    kind: Kind,
}

enum Kind {
    RoundTrip { ms: u64, path: String },
    Backend { ms: u64 },
}

impl Halves {
    /// Nothing waits yet; of no more than `most` ids is a half kept.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            waiting: HashMap::new(),
            ids: VecDeque::new(),
            most,
            number: 0,
            paired: 0,
            without_backend: 0,
            without_round_trip: 0,
        }
    }

    /// A request and its whole time; both times where its backend's has been told.
    pub(crate) fn round_trip(&mut self, id: &str, ms: u64, path: &str) -> Option<Pair> {
        let key = key(id);
        if let Some(Half { kind: Kind::Backend { ms: backend }, .. }) = self.waiting.get(&key) {
            let pair = Pair { path: path.to_owned(), round_trip: ms, backend: *backend };
            self.waiting.remove(&key);
            self.paired += 1;
            return Some(pair);
        }
        self.wait(key, Kind::RoundTrip { ms, path: path.to_owned() });
        None
    }

    /// A call to a backend, of which a request may make several; both times where the whole one has been
    /// told.
    pub(crate) fn backend(&mut self, id: &str, ms: u64) -> Option<Pair> {
        let key = key(id);
        match self.waiting.get_mut(&key) {
            Some(Half { kind: Kind::Backend { ms: before }, .. }) => {
                *before = before.saturating_add(ms).min(LONGEST_MS);
                None
            }
            Some(Half { kind: Kind::RoundTrip { ms: round_trip, path }, .. }) => {
                let pair =
                    Pair { path: std::mem::take(path), round_trip: *round_trip, backend: ms };
                self.waiting.remove(&key);
                self.paired += 1;
                Some(pair)
            }
            None => {
                self.wait(key, Kind::Backend { ms });
                None
            }
        }
    }

    /// The request of this id does not count.
    pub(crate) fn forget(&mut self, id: &str) {
        self.waiting.remove(&key(id));
    }

    fn wait(&mut self, key: u64, kind: Kind) {
        self.number += 1;
        self.ids.push_back((key, self.number));
        if let Some(half) = self.waiting.insert(key, Half { number: self.number, kind }) {
            self.alone(&half);
        }
        while self.ids.len() > self.most {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let Some((key, number)) = self.ids.pop_front() else { return };
        if self.waiting.get(&key).is_some_and(|half| half.number == number)
            && let Some(half) = self.waiting.remove(&key)
        {
            self.alone(&half);
        }
    }

    fn alone(&mut self, half: &Half) {
        match half.kind {
            Kind::RoundTrip { .. } => self.without_backend += 1,
            Kind::Backend { .. } => self.without_round_trip += 1,
        }
    }

    /// What is to be said of those that were alone.
    pub(crate) fn note(&mut self) -> Option<String> {
        while !self.ids.is_empty() {
            self.drop_oldest();
        }
        let (paired, requests, backends) =
            (self.paired, self.without_backend, self.without_round_trip);
        (requests + backends > 0).then(|| {
            format!(
                "{paired} requests have both times; {requests} have no BACKEND LATENCY (answered by \
                 the gateway, refused, or cut off) and {backends} no ROUND-TRIP LATENCY"
            )
        })
    }
}

fn key(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_bounded_and_the_oldest_goes_first() {
        let mut halves = Halves::new(100);
        for i in 0..1000 {
            assert!(halves.backend(&format!("id{i}"), 1).is_none());
            assert!(halves.ids.len() <= 100 && halves.waiting.len() <= 100);
        }
        assert!(halves.round_trip("id899", 2, "/a").is_none());
        assert!(halves.round_trip("id950", 2, "/a").is_some());
        halves.note();
        assert_eq!((halves.paired, halves.without_backend), (1, 1));
        assert_eq!(halves.without_round_trip, 999);
    }
}
