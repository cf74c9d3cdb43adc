//! Gateways of many cores on which everything costs nearly nothing, before a backend of 20 ms: what they do is
//! what balancers and failures make of them.

use std::collections::BTreeMap;

use sim::deployment::{Arrivals, Balancing, Cluster, Demand, Flow, Profile, Role};
use sim::random::{Law, Shape};
use sim::time::SimDuration;

/// So many of them, behind such a balancer.
pub(crate) fn gateways(nodes: u32, balancing: Balancing) -> Cluster {
    let demand = Demand::plain(SimDuration::from_ms(0.001), Shape::Constant);
    let demands = BTreeMap::from([("work".to_owned(), demand)]);
    Cluster {
        nodes,
        balancing,
        ..Cluster::plain(
            "gateway",
            &[Role::Gateway],
            Profile { demands, ..Profile::plain("node", 16.0) },
        )
    }
}

/// Calls of them at so many per second.
pub(crate) fn calls(rate: f64) -> Flow {
    let backend = Some(Law::constant(SimDuration::from_ms(20.0)));
    Flow { backend, ..Flow::plain("flow", "work", Arrivals::Poisson { rate }) }
}
