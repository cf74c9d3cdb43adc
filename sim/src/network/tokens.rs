//! The tokens that requests carry, and the caches of nodes that know them.

use crate::time::SimDuration;

/// The tokens of a flow, each used as often as the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tokens {
    /// How many there are, at least 1.
    pub number: u32,
    /// The cluster whose nodes have to know them; none: no node has to.
    pub known_to: Option<usize>,
    /// The place of the first among all tokens that such a node can know.
    pub first: u32,
    /// For how long one holds before its owner asks for another; none: for ever.
    pub lifetime: Option<SimDuration>,
    /// How often one is expected to be used on each node, per second: caches begin as they would be by then.
    pub uses: f64,
}

/// A cache of tokens, as each node has one. Its rules are those of `CacheImpl` of WSO2 carbon-kernel (read at
/// 07cb6ae): who reads never looks at the age of an entry; a sweep takes away what has been written long
/// enough ago, however often it is read. The capacity is soft: where a sweep finds more, it also evicts the
/// excess and a quarter of the capacity, the least recently read first; and where there are 1.75 times as
/// many, nothing more is taken in until then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenCache {
    /// A sweep takes away what was written so long ago.
    pub timeout: SimDuration,
    /// From one sweep to the next, above 0; the first one so long after the start of the process.
    pub sweep: SimDuration,
    /// How many tokens it is meant for, at least 1.
    pub capacity: u32,
}

impl TokenCache {
    /// From so many on, nothing more is taken in.
    pub(crate) fn most(self) -> usize {
        self.capacity as usize + self.capacity as usize * 3 / 4
    }

    /// How many a sweep evicts that finds so many.
    pub(crate) fn evicts(self, held: usize) -> usize {
        let capacity = self.capacity as usize;
        if held > capacity { held - capacity + capacity / 4 } else { 0 }
    }
}
