//! The keys of the cache in which a gateway keeps tokens that it knows.

use super::keys::{Keyed, Row, Slot, Unit};
use crate::network::TokenCache;
use crate::time::SimDuration;

/// As WSO2 API Manager has it where nothing is configured: 15 min (`Caching.getDefaultCacheTimeout`), 10 000
/// entries, and a sweep every 30 s (WSO2 carbon-kernel, `CacheManagerFactoryImpl`, read at 00f507d).
pub const TOKEN_CACHE: TokenCache = TokenCache {
    timeout: SimDuration(900_000_000_000),
    sweep: SimDuration(30_000_000_000),
    capacity: 10_000,
};

impl Keyed for TokenCache {
    const NAME: &'static str = "TokenCache";
    const DOC: &'static str = "The cache of a node for opaque tokens that the key manager has checked; each \
        node has its own, which is empty after a start. Entries end in sweeps alone, however often they are \
        read.";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new(
            "timeout",
            "A sweep takes away what was put in so long ago: 15 s as separate gateways are shipped, 15 min \
             as an all-in-one node is.",
            Unit::Duration,
            |cache| Slot::Duration(&mut cache.timeout),
        )
        .spelt(),
        Row::<Self>::new("sweep", "From one sweep to the next.", Unit::Duration, |cache| {
            Slot::Duration(&mut cache.sweep)
        })
        .above_zero()
        .spelt(),
        Row::<Self>::new(
            "capacity",
            "Where a sweep finds more entries it evicts the excess and a quarter of this, the least \
             recently read first; where there are 1.75 times as many, nothing more is taken in.",
            Unit::Count { least: 1, most: 1_000_000_000 },
            |cache| Slot::Count(&mut cache.capacity),
        )
        .spelt(),
    ];

    fn unstated() -> Self {
        TOKEN_CACHE
    }
}
