//! From the tree of a document to a validated scenario, noting every problem on the way. One file
//! per section of the scenario file.

pub(crate) mod arrivals;
pub(crate) mod balancer;
pub(crate) mod cluster;
mod csv;
mod custom;
pub(crate) mod deployment;
pub(crate) mod drill;
mod endpoint;
mod failures;
pub(crate) mod flow;
pub(crate) mod goal;
pub(crate) mod isolation;
pub(crate) mod law;
mod limits;
pub(crate) mod names;
mod patience;
pub(crate) mod pattern;
pub(crate) mod placement;
pub(crate) mod probes;
pub(crate) mod profile;
pub(crate) mod profiles;
mod reader;
pub(crate) mod record;
pub(crate) mod restart;
pub(crate) mod retries;
mod routes;
pub(crate) mod run;
pub(crate) mod scenario;
pub(crate) mod section;
pub(crate) mod standby;
mod surroundings;
mod throttle;
mod times;
mod uncertainty;
mod users;
mod values;
