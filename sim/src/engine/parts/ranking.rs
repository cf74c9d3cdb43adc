//! The nodes of a cluster by how many requests they have that are not yet answered.

use std::hint::select_unpredictable;

/// Where a key holds how recently a node was chosen: ties go to the least recently chosen, so that they
/// go round.
const RECENCY_BITS: u32 = 38;
const RECENCY: u64 = (1 << RECENCY_BITS) - 1;
/// One request that is not yet answered.
const OUTSTANDING: u64 = 1 << RECENCY_BITS;
/// The node is believed down, has refused the request that is being placed, or has as many requests as it
/// may have.
const BELIEVED_DOWN: u64 = 1 << 63;
const HAS_REFUSED: u64 = 1 << 62;
const IS_FULL: u64 = 1 << 61;
/// Nodes from this on can not be chosen.
const NOT_ELIGIBLE: u64 = IS_FULL;
/// Up to so many nodes it is quicker to look at each.
const FEW: usize = 16;

/// A key for each node. The least is the node to choose by least outstanding requests.
#[derive(Debug)]
pub(super) struct Ranking {
    keys: Vec<u64>,
    eligible: usize,
    /// Winners of a tournament between neighbours, the final first; none where every node is looked at.
    winners: Vec<u16>,
}

impl Ranking {
    /// All nodes are up and idle. Only a ranking that is `asked_often` keeps its first place up to date.
    pub(super) fn new(nodes: usize, asked_often: bool) -> Self {
        let leaves = nodes.next_power_of_two();
        let keys = vec![0; nodes];
        // Where nobody plays, a node wins that does not exist and loses against every other.
        let winners = if asked_often && nodes > FEW { vec![u16::MAX; leaves] } else { Vec::new() };
        let mut ranking = Self { keys, eligible: nodes, winners };
        if !ranking.winners.is_empty() {
            (0..nodes).for_each(|node| ranking.play(node));
        }
        ranking
    }

    pub(super) fn nodes(&self) -> usize {
        self.keys.len()
    }

    /// How many nodes can be chosen.
    pub(super) fn eligible(&self) -> usize {
        self.eligible
    }

    #[inline]
    pub(super) fn is_eligible(&self, node: usize) -> bool {
        self.keys[node] < NOT_ELIGIBLE
    }

    #[cfg(test)]
    fn is_believed_up(&self, node: usize) -> bool {
        self.keys[node] < BELIEVED_DOWN
    }

    /// Whether another node that can be chosen has as many requests.
    pub(super) fn is_tied(&self, node: usize) -> bool {
        let same = |key: u64| key & !RECENCY == self.keys[node] & !RECENCY;
        self.keys.iter().enumerate().any(|(other, key)| other != node && same(*key))
    }

    /// Whether a node has as many requests as it may have, and could be chosen otherwise.
    pub(super) fn has_full(&self) -> bool {
        self.keys.iter().any(|key| *key >= IS_FULL && *key & (BELIEVED_DOWN | HAS_REFUSED) == 0)
    }

    /// Whether a node has fewer requests than another.
    pub(super) fn has_fewer(&self, node: usize, other: usize) -> bool {
        outstanding(self.keys[node]) < outstanding(self.keys[other])
    }

    /// Whether a node comes before another.
    #[inline]
    pub(super) fn is_before(&self, node: usize, other: usize) -> bool {
        self.keys[node] < self.keys[other]
    }

    /// The node with the fewest requests that are not yet answered, if any can be chosen.
    #[inline]
    pub(super) fn first(&self) -> Option<usize> {
        let first = match self.winners.get(1) {
            Some(winner) => usize::from(*winner),
            None => self.least(),
        };
        self.is_eligible(first).then_some(first)
    }

    /// Looks at every node, without a branch: which is the least cannot be foretold.
    #[inline]
    fn least(&self) -> usize {
        let (mut first, mut least) = (0, self.keys[0]);
        for (node, key) in self.keys.iter().enumerate().skip(1) {
            first = select_unpredictable(*key < least, node, first);
            least = least.min(*key);
        }
        first
    }

    /// A node, which may have so many requests, gets the one of the choice of this number; it may keep its
    /// turn among equals.
    #[inline]
    pub(super) fn sent(&mut self, node: usize, choice: u64, limit: u32, keeps_turn: bool) {
        let before = self.keys[node];
        let turn = select_unpredictable(keeps_turn, before & RECENCY, choice);
        let key = (before & !RECENCY | turn) + OUTSTANDING;
        if outstanding(key) == limit {
            return self.mark(node, key | IS_FULL);
        }
        self.set(node, key);
    }

    /// A node, which may have so many requests, has one less.
    #[inline]
    pub(super) fn answered(&mut self, node: usize, limit: u32) {
        let key = self.keys[node];
        if outstanding(key) == limit {
            return self.mark(node, (key & !IS_FULL) - OUTSTANDING);
        }
        self.set(node, key - OUTSTANDING);
    }

    /// A node has refused the request of the choice of this number.
    pub(super) fn refused(&mut self, node: usize, choice: u64) {
        self.mark(node, (self.keys[node] & !RECENCY) | choice | HAS_REFUSED);
    }

    pub(super) fn forget_refusals(&mut self) {
        for node in 0..self.keys.len() {
            if self.keys[node] & HAS_REFUSED != 0 {
                self.mark(node, self.keys[node] & !HAS_REFUSED);
            }
        }
    }

    pub(super) fn believe(&mut self, node: usize, up: bool) {
        let key = self.keys[node];
        self.mark(node, if up { key & !BELIEVED_DOWN } else { key | BELIEVED_DOWN });
    }

    /// Sets a key with other marks.
    fn mark(&mut self, node: usize, key: u64) {
        self.eligible -= usize::from(self.is_eligible(node));
        self.set(node, key);
        self.eligible += usize::from(self.is_eligible(node));
    }

    #[inline]
    fn set(&mut self, node: usize, key: u64) {
        self.keys[node] = key;
        if !self.winners.is_empty() {
            self.play(node);
        }
    }

    /// Plays the matches of a node again: up to the final, or to the first that it has lost before and loses
    /// to the same.
    fn play(&mut self, node: usize) {
        let leaves = self.winners.len();
        let mut place = usize::midpoint(leaves, node);
        let mut pair = [node & !1, node | 1];
        while place > 0 {
            let winner = self.winner(pair);
            if winner != node && self.winners[place] == winner as u16 {
                return;
            }
            self.winners[place] = winner as u16;
            pair = if place > 1 {
                [place & !1, place | 1].map(|each| usize::from(self.winners[each]))
            } else {
                pair
            };
            place /= 2;
        }
    }

    /// Who of two comes first; one of them may not exist.
    #[inline]
    fn winner(&self, [one, other]: [usize; 2]) -> usize {
        let key = |node: usize| self.keys.get(node).copied().unwrap_or(u64::MAX);
        select_unpredictable(key(other) < key(one), other, one)
    }
}

/// Requests of a key that are not yet answered.
#[inline]
fn outstanding(key: u64) -> u32 {
    ((key & (IS_FULL - 1)) >> RECENCY_BITS) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    #[test]
    fn the_first_is_the_least_outstanding_whatever_happens() {
        let stream = Stream::new(9, 0, Purpose::Balancing, 0);
        for (nodes, limit) in
            [1, 2, 3, 16, 17, 40, 64, 65].into_iter().flat_map(|nodes| [(nodes, 3), (nodes, 100)])
        {
            let mut ranking = Ranking::new(nodes, true);
            for round in 0..4000 {
                let node = (stream.draw(round) >> 8) as usize % nodes;
                match stream.draw(round) % 7 {
                    0..3 if outstanding(ranking.keys[node]) < limit => {
                        ranking.sent(node, round, limit, round % 2 == 0);
                    }
                    3 | 4 if outstanding(ranking.keys[node]) > 0 => ranking.answered(node, limit),
                    5 => ranking.believe(node, !ranking.is_believed_up(node)),
                    6 => ranking.refused(node, round),
                    _ => ranking.forget_refusals(),
                }
                let eligible = (0..nodes).filter(|node| ranking.is_eligible(*node));
                assert_eq!(ranking.eligible(), eligible.clone().count());
                assert_eq!(ranking.first(), eligible.min_by_key(|node| ranking.keys[*node]));
            }
        }
    }
}
