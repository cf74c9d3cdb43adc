//! Who acts next: a tournament of packed minima. Its competitors are nodes, arrival processes and lanes.
//!
//! A match is one `min` of two packed (time, competitor) words, so that ties go to the lower index and
//! the path to the root has no branch. An update costs one `min` per level.

/// Bits of a packed word that hold the competitor.
const INDEX_BITS: u32 = 11;

/// The latest time that can be packed; what lies beyond never happens (104 days).
pub(in crate::engine) const LATEST: u64 = (1 << (64 - INDEX_BITS)) - 1;
/// How many competitors there may be.
pub(in crate::engine) const MOST_COMPETITORS: usize = 1 << INDEX_BITS;
const MOST_WORDS: usize = 2 * MOST_COMPETITORS;

/// The next event of every competitor.
#[derive(Debug)]
pub(in crate::engine) struct Tournament {
    /// A heap-shaped tree: the children of `i` are `2i` and `2i + 1`. Its size is fixed, so that a
    /// masked index needs no check.
    words: Box<[u64; MOST_WORDS]>,
    /// Where the leaves begin: a power of two.
    leaves: usize,
}

impl Tournament {
    pub(in crate::engine) fn new(competitors: usize) -> Self {
        assert!(competitors <= MOST_COMPETITORS, "the competitor fits into its bits");
        let words = vec![u64::MAX; MOST_WORDS].try_into().expect("as many as there are");
        Self { words, leaves: competitors.next_power_of_two().max(1) }
    }

    /// Sets the time of a competitor's next event; `u64::MAX` for none.
    #[inline]
    pub(in crate::engine) fn set(&mut self, competitor: usize, time: u64) {
        let mut place = (self.leaves + competitor) % MOST_WORDS;
        let packed = (time << INDEX_BITS) | competitor as u64;
        // The best climbs in a register: reading back what was just written would wait for it.
        let mut best = if time > LATEST { u64::MAX } else { packed };
        self.words[place] = best;
        while place > 1 {
            best = best.min(self.words[(place ^ 1) % MOST_WORDS]);
            place /= 2;
            self.words[place] = best;
        }
    }

    /// The time of the earliest event of all competitors; beyond [`LATEST`] if there is none.
    #[inline]
    pub(in crate::engine) fn time(&self) -> u64 {
        if self.words[1] == u64::MAX { u64::MAX } else { self.words[1] >> INDEX_BITS }
    }

    /// The competitor with the earliest event.
    #[inline]
    pub(in crate::engine) fn winner(&self) -> usize {
        (self.words[1] & (MOST_COMPETITORS as u64 - 1)) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_competitor_wins_and_ties_go_to_the_lower_index() {
        let mut tournament = Tournament::new(5);
        assert_eq!(tournament.time(), u64::MAX);
        tournament.set(4, 10);
        tournament.set(2, 10);
        tournament.set(0, 11);
        assert_eq!((tournament.time(), tournament.winner()), (10, 2));
        tournament.set(2, u64::MAX);
        assert_eq!((tournament.time(), tournament.winner()), (10, 4));
    }

    #[test]
    fn a_single_competitor_is_a_tournament() {
        let mut tournament = Tournament::new(1);
        tournament.set(0, 3);
        assert_eq!((tournament.time(), tournament.winner()), (3, 0));
    }
}
