//! The domain: what people who run WSO2 API Manager talk about. Nothing here knows events.

mod arrivals;
mod cluster;
mod flow;
mod goals;
mod profile;
pub mod routes;

pub use arrivals::Arrivals;
pub(crate) use arrivals::rate_at;
pub use cluster::{Cluster, Deployment, HealthCheck, Policy, Role};
pub use flow::{Flow, FlowKind, Retries, Runtime, Token};
pub use goals::{Goals, LatencyMetric};
pub use profile::{
    AllocationBudget, Bursts, ColdStart, DATABASE_POOL, Database, Demand, Discipline,
    FullCollection, GarbageCollection, LEAST_YOUNG, PerSize, Profile, Stalls, collector_threads,
};
