//! The domain: what people who run WSO2 API Manager talk about. Nothing here knows events.

mod cluster;
mod flow;
mod goals;
mod profile;
pub mod routes;
mod station;

pub use cluster::{Cluster, Deployment, Role};
pub use flow::{Flow, FlowKind, Runtime, Token};
pub use goals::{Goals, LatencyMetric};
pub use profile::{Bursts, DATABASE_POOL, Database, Demand, Discipline, PerSize, Profile};

pub use crate::network::{
    AllocationBudget, Arrivals, ColdStart, FullCollection, GarbageCollection, HealthCheck,
    LEAST_YOUNG, Policy, Retries, Stalls, collector_threads,
};
