//! Nodes that stand by until they take over.

use crate::time::SimDuration;

/// Of a cluster one node serves, the others stand by: they accept no connection, hear of every request that the
/// first takes, and one of them takes over when its heartbeats stay away. Until then it serves nothing.
///
/// As two nodes of WSO2 Streaming Integrator agree on it in a database (`RDBMSCoordinationStrategy` of
/// carbon-coordination 0fcbd0c, `HAManager` of carbon-analytics d6a8f3e).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standby {
    /// Each node writes that it is alive this often, and looks then whether the leader is.
    pub heartbeat: SimDuration,
    /// Who has not done so for more than so many intervals leads no longer.
    pub missed: u32,
    /// How often a node asks whether it leads.
    pub polling: SimDuration,
    /// How often the leader saves its state; what it has taken since then is done again by whoever takes over.
    pub snapshot: SimDuration,
    /// How long it takes to read that state.
    pub restore: SimDuration,
    /// Whether requests are accepted before those since the last snapshot have been done again, so that what
    /// comes of these is published twice; otherwise it is published by nobody.
    pub repeats: bool,
}

impl Standby {
    /// As documented and shipped: 5 s, 5 times, polled every 5 s; state saved every minute. How long it takes to
    /// read is judged.
    pub const SHIPPED: Self = Self {
        heartbeat: SimDuration(5_000_000_000),
        missed: 5,
        polling: SimDuration(5_000_000_000),
        snapshot: SimDuration(60_000_000_000),
        restore: SimDuration(2_000_000_000),
        repeats: true,
    };
}
