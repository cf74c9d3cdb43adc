//! What requests draw: laws, and what each number is for.

use serde::{Deserialize, Serialize};

/// A law as the engine draws it: `mean_nanos` times a draw of the table.
#[derive(Clone, Copy, Debug)]
pub struct Variate {
    /// Index of the table of the shape.
    pub table: u16,
    /// The mean, in nanoseconds.
    pub mean_nanos: f64,
}

/// What a request draws a number for. The same request draws the same numbers for the same needs in
/// every deployment, whatever its route there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Need {
    /// Demand at the gateway.
    Gateway = 0,
    /// Demand of a token check or a token request.
    KeyManager,
    /// Demand of an asynchronous event.
    TrafficManager,
    /// Demand of a portal page.
    Portal,
    /// Demand of a mediation.
    MicroIntegrator,
    /// Demand of a stream event.
    StreamingIntegrator,
    /// Delay of the backend.
    Backend,
    /// Delay of the database.
    Database,
    /// Network to the node at depth 0 and back, at depth 1 and back, of an event.
    HopIn,
    /// See [`Need::HopIn`].
    HopOut,
    /// See [`Need::HopIn`].
    InnerHopIn,
    /// See [`Need::HopIn`].
    InnerHopOut,
    /// See [`Need::HopIn`].
    EventHop,
    /// Whether the gateway's cache misses.
    CacheMiss,
    /// Jitter of the wait before a retry.
    BackOff,
    /// Which session an open request belongs to.
    Session,
    /// Think time.
    Think,
    /// Which flow of their users' it belongs to.
    Flow,
    /// Work that a request brings to the other nodes of its cluster.
    Replication,
    /// Which of several balancers a request goes through.
    Worker,
}

impl Need {
    /// So many there are.
    pub(crate) const COUNT: usize = Self::Replication as usize + 1;
}
