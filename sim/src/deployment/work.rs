//! The kinds of work on nodes, as the network numbers them, and the roles for which they are done.

use crate::network::Need;

/// Demand at the gateway.
pub(crate) const GATEWAY: Need = Need::work(0);
/// Demand of a token check or a token request.
pub(crate) const KEY_MANAGER: Need = Need::work(1);
/// Demand of an asynchronous event.
pub(crate) const TRAFFIC_MANAGER: Need = Need::work(2);
/// Demand of a portal page.
pub(crate) const PORTAL: Need = Need::work(3);
/// Demand of a mediation.
pub(crate) const MICRO_INTEGRATOR: Need = Need::work(4);
/// Demand of a stream event.
pub(crate) const STREAMING_INTEGRATOR: Need = Need::work(5);
/// Work that a request brings to the other nodes of its cluster.
pub(crate) const REPLICATION: Need = Need::work(6);

/// The role for which a node works.
pub(crate) fn role(need: Need) -> Option<&'static str> {
    match need {
        GATEWAY => Some("gateway"),
        KEY_MANAGER => Some("key-manager"),
        TRAFFIC_MANAGER => Some("traffic-manager"),
        PORTAL => Some("portal"),
        MICRO_INTEGRATOR => Some("micro-integrator"),
        STREAMING_INTEGRATOR => Some("streaming-integrator"),
        _ => None,
    }
}
