//! A flat queueing network: clusters, nodes and routes as arrays. All that the engine knows.

mod arrivals;
mod balancing;
mod burst;
mod container;
mod draw;
mod endpoint;
mod failure;
mod fetch;
mod generations;
mod load;
mod plain;
mod probing;
mod restart;
mod standby;
mod station;
mod step;
mod stops;
mod throttle;
mod tokens;
mod traffic;

use std::ops::Range;

use crate::random::{Law, QuantileTable, Quantiles, Shape};

pub use arrivals::Arrivals;
pub(crate) use arrivals::rate_at;
pub use balancing::{Balancing, HealthCheck, NodeLimit, PassOn, Policy, Probe, Retry};
pub(crate) use burst::{Burst, Stint, Stints};
pub use container::{Beside, Container};
pub use draw::{Need, Variate};
pub use endpoint::{Endpoint, Suspension};
pub use failure::{
    Failure, Number, RandomFailure, Supplier, SupplierFailure, SupplierOutage, Told,
};
pub use fetch::{Fetch, Forgets, Lot, Lots};
pub use generations::{Collector, Generations, RESERVE, SERIAL_EDEN, collector_threads};
pub use load::{Crowd, Memory, Retries, Source};
pub use probing::{Probing, Watch};
pub use restart::{Restart, RestartKind};
pub use standby::Standby;
pub use station::Station;
pub use step::{DEPTHS, Depth, Miss, Pool, Step};
pub use stops::{AllocationBudget, ColdStart, FullCollection, GarbageCollection, Stalls};
pub use throttle::{BurstLimit, Limit, Throttle};
pub use tokens::{TokenCache, Tokens};

/// Routes of flows through clusters of nodes.
#[derive(Clone, Debug)]
pub struct Network {
    /// The clusters, in the order of the deployment.
    pub clusters: Vec<Station>,
    /// The flows, in the order of the scenario.
    pub flows: Vec<Source>,
    /// The users of flows with closed arrivals, in the order of these flows.
    pub crowds: Vec<Crowd>,
    /// The routes of the flows, one after the other. Flows whose routes are alike share one.
    pub steps: Vec<Step>,
    /// One table per shape in use.
    pub tables: Vec<QuantileTable>,
    /// How zones fail at random, each by itself, with all their nodes as one; each kind at most once.
    pub zone_failures: Vec<RandomFailure>,
    /// So many nodes at once are repaired whose process has ended, first come, first served; none: all.
    pub repairers: Option<u32>,
    /// How all databases fail at random, as one; each kind at most once.
    pub database_failures: Vec<RandomFailure>,
    /// Index of the table of the exponential law, of which arrivals are made.
    pub exponential: u16,
}

impl Network {
    /// A network of nothing.
    pub fn empty() -> Self {
        let mut network = Self {
            clusters: Vec::new(),
            flows: Vec::new(),
            crowds: Vec::new(),
            steps: Vec::new(),
            tables: Vec::new(),
            zone_failures: Vec::new(),
            repairers: None,
            database_failures: Vec::new(),
            exponential: 0,
        };
        network.exponential = network.scaled(&Shape::Exponential, 1.0).table;
        network
    }

    /// What is drawn from, by table.
    pub(crate) fn quantiles(&self) -> Vec<Quantiles<'_>> {
        self.tables.iter().map(QuantileTable::quantiles).collect()
    }

    /// Number of nodes in all.
    pub fn nodes(&self) -> usize {
        self.clusters.last().map_or(0, |last| last.first_node + last.nodes)
    }

    /// Every node in order: its cluster, its place in the cluster, and what the cluster is like.
    pub(crate) fn members(&self) -> impl Iterator<Item = (usize, usize, &Station)> {
        self.clusters.iter().enumerate().flat_map(|(cluster, station)| {
            (0..station.nodes).map(move |member| (cluster, member, station))
        })
    }

    /// The balancers of a cluster, which are neighbours.
    pub(crate) fn balancers_of(&self, cluster: usize) -> Range<usize> {
        let workers = |station: &Station| station.balancing.workers as usize;
        let first = self.clusters[..cluster].iter().map(workers).sum();
        first..first + workers(&self.clusters[cluster])
    }

    /// The length of a delay that does not vary, whole nanoseconds above 0.
    pub(crate) fn constant(&self, delay: Variate) -> Option<u64> {
        let is_constant = *self.tables[usize::from(delay.table)].shape() == Shape::Constant;
        let nanos = (delay.mean_nanos + 0.5) as u64;
        (is_constant && nanos > 0).then_some(nanos)
    }

    /// Compiles a law, sharing the table of a shape that is there already.
    pub fn variate(&mut self, law: &Law) -> Variate {
        self.scaled(&law.shape, law.mean.as_nanos())
    }

    /// As [`Self::variate`], for a shape and a mean in nanoseconds.
    pub fn scaled(&mut self, shape: &Shape, mean_nanos: f64) -> Variate {
        let known = self.tables.iter().position(|table| table.shape() == shape);
        let table = known.unwrap_or_else(|| {
            self.tables.push(QuantileTable::new(shape));
            self.tables.len() - 1
        });
        Variate { table: table as u16, mean_nanos }
    }

    /// Shares its tables with other networks, whose tables these are.
    pub(crate) fn share_tables(&mut self, known: &mut Vec<QuantileTable>) {
        for table in &mut self.tables {
            match known.iter().find(|other| other.shape() == table.shape()) {
                Some(other) => *table = other.clone(),
                None => known.push(table.clone()),
            }
        }
    }
}

/// Bytes of a MiB.
pub(crate) const MIB: f64 = 1_048_576.0;
