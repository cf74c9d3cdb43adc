//! The database behind a cluster.

use super::keys::{Keyed, Row, Slot, Unit};
use crate::random::Law;
use crate::time::SimDuration;

/// A database that the nodes of a cluster share.
#[derive(Clone, Debug, PartialEq)]
pub struct Database {
    /// How long it takes to answer all calls of a request, once it serves them.
    pub delay: Law,
    /// Connections of a node: so many of its calls are under way at once, at least 1; the others wait
    /// for one, first come, first served.
    pub pool: u32,
    /// How many calls of all nodes it serves at once, at least 1, first come, first served; none: all.
    pub at_once: Option<u32>,
}

/// Connections to the database where nothing is stated: `maxActive` of `apim_db` (WSO2 carbon-apimgt,
/// `org.wso2.carbon.apimgt.core.default.json`).
pub const DATABASE_POOL: u32 = 50;

impl Database {
    /// A database that answers after this delay, however many ask, over the usual connections.
    pub fn answering_after(delay: Law) -> Self {
        Self { delay, pool: DATABASE_POOL, at_once: None }
    }
}

impl Keyed for Database {
    const NAME: &'static str = "Database";
    const DOC: &'static str = "A database that the nodes of a cluster share.";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new(
            "delay",
            "How long it takes to answer all calls of a request, once it serves them.",
            Unit::Law,
            |database| Slot::Law(&mut database.delay),
        )
        .needed("\"3 ms\""),
        Row::<Self>::new(
            "pool",
            "Connections of a node: so many of its calls are under way at once, the others wait.",
            Unit::Count { least: 1, most: 1_000_000 },
            |database| Slot::Count(&mut database.pool),
        )
        .spelt(),
        Row::<Self>::new(
            "at_once",
            "How many calls of all nodes of the cluster it serves at once.",
            Unit::Count { least: 1, most: 1_000_000 },
            |database| Slot::Count(&mut database.at_once),
        )
        .or_none("all"),
    ];
    const BARE: Option<&'static str> = Some("delay");

    fn unstated() -> Self {
        Self::answering_after(Law::constant(SimDuration::ZERO))
    }
}
