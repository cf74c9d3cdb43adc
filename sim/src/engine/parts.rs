//! What a replication is made of. Each part owns its state and says what happened; the engine acts.

mod arrivals;
mod balancer;
mod circle;
mod database;
mod expiry;
mod health;
mod heap;
mod line;
mod machine;
mod node;
mod passive;
mod pool;
mod ranking;
mod renewal;
mod rhythm;
mod service;
mod stops;
mod suppliers;
mod waits;

pub(crate) use arrivals::ArrivalProcess;
pub(crate) use balancer::Balancer;
pub(super) use database::{Database, Ticket};
pub(crate) use health::{Finding, Health};
pub(crate) use heap::{BACKGROUND_STEP, Heap};
pub use machine::Change;
pub(crate) use machine::{Condition, Greeting, Machine};
pub(super) use node::{Node, NodeUsage, Passed, Regime, Work};
pub(crate) use renewal::{Laws, Renewal};
pub(crate) use rhythm::Rhythm;
pub(crate) use stops::{StallClock, Stop};
pub(crate) use suppliers::{Called, Suppliers};
pub(super) use waits::Waits;
pub(crate) use waits::Whose;
