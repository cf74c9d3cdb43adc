//! The domain: what people who run WSO2 API Manager talk about. Nothing here knows events.

mod bursts;
mod cluster;
mod container;
mod database;
mod demand;
mod discipline;
mod failing;
mod failures;
mod flow;
mod goals;
pub mod keys;
mod lazy_tenants;
mod profile;
mod redis;
pub mod routes;
mod shifted;
mod start_needs;
mod station;
mod stops;
mod token_cache;
mod token_store;
mod uncertainty;
pub(crate) mod work;

pub use bursts::Bursts;
pub use cluster::{Cluster, Deployment, Role};
pub use database::{DATABASE_POOL, Database};
pub use demand::{Demand, PerSize};
pub use discipline::Discipline;
pub use failing::Failing;
pub use failures::{FAIL_OVER, FailFastTimes, Failures, SharedFailures, SlowTimes, Times};
pub use flow::{Flow, FlowKind, Message, Method, RateLimit, Runtime, Throttle, Token, Tokens};
pub use goals::{Goals, LatencyMetric};
pub use lazy_tenants::LAZY_TENANTS;
pub use profile::Profile;
pub use redis::Redis;
pub(crate) use shifted::Direction;
pub use start_needs::StartNeeds;
pub use token_cache::TOKEN_CACHE;
pub use token_store::TokenStore;
pub use uncertainty::Uncertainty;

pub use crate::network::{
    AllocationBudget, Arrivals, Balancing, Beside, ColdStart, Collector, Container, Endpoint,
    Forgets, FullCollection, GarbageCollection, Generations, HealthCheck, NodeLimit, PassOn,
    Policy, Probe, Probing, Restart, RestartKind, Retries, Retry, Stalls, Standby, Suspension,
    TokenCache, Watch, collector_threads,
};
