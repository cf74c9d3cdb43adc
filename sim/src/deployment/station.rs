//! What the engine needs to know of a cluster: its profile and its balancer as a station.

use super::{Cluster, Discipline, Profile, Role, Runtime, StartNeeds, work};
use crate::network::{Fetch, Forgets, Lots, MIB, Need, Network, Station};
use crate::random::Shape;

/// How many key-manager connections a node has: `default_max_per_route` of its HTTP client pool
/// (WSO2 carbon-apimgt, `org.wso2.carbon.apimgt.core.default.json`).
const KEY_MANAGER_CONNECTIONS: u32 = 50;

/// Adds a cluster to the network.
pub(super) fn add(network: &mut Network, cluster: &Cluster) {
    let profile = &cluster.profile;
    let database = profile.database.as_ref();
    let database_connections = database.map_or(0, |database| database.pool);
    let full = profile.gc.and_then(|gc| gc.full);
    let full_nanos = full.map_or(0.0, |full| full.pause.as_nanos());
    let stall_nanos = profile.stalls.map_or(0.0, |stalls| stalls.pause.as_nanos());
    let station = Station {
        first_node: network.nodes(),
        nodes: cluster.nodes as usize,
        absent: 0,
        zones: cluster.zones as usize,
        cores: profile.cores,
        in_service_limit: in_service_limit(profile),
        workers: profile.workers,
        places: profile.queue.map_or(u32::MAX, |queue| queue.saturating_add(profile.workers)),
        connections: [KEY_MANAGER_CONNECTIONS, database_connections],
        database_limit: database.and_then(|database| database.at_once),
        balancing: cluster.balancing,
        container: profile.container,
        gc: profile.gc,
        pause: network.scaled(&varying(profile.gc.map(|gc| gc.cv)), 1.0),
        full_pause: network.scaled(&varying(full.map(|full| full.cv)), full_nanos),
        stalls: profile.stalls,
        stall: network.scaled(&varying(profile.stalls.map(|stalls| stalls.cv)), stall_nanos),
        crowding: profile.crowding_mib.map(|mib| mib * MIB),
        failures: profile.random_failures(network),
        restart: cluster.restart,
        standby: cluster.standby,
        probing: cluster.probing,
        token_cache: profile.token_cache,
        tokens: 0,
        start_up: network.variate(&profile.start_up),
        starts_with_database: profile.start_needs == StartNeeds::Database,
        fetch: None,
        lots: None,
        cold_start: profile.cold_start,
    };
    network.clusters.push(station);
}

/// What the nodes of a cluster have to fetch after a start: gateways their APIs, from the nodes that publish them
/// where they are not of these.
pub(super) fn fetch(cluster: &Cluster, clusters: &[Cluster]) -> Option<Fetch> {
    let takes = cluster.loads_at_start_for()?;
    Some(Fetch { from: publishers(cluster, clusters), takes })
}

/// What they fetch when it is asked for, of which nothing is known yet.
pub(super) fn lots(cluster: &Cluster, clusters: &[Cluster], forgets: Forgets) -> Lots {
    Lots { from: publishers(cluster, clusters), forgets, all: Vec::new() }
}

/// The nodes that publish APIs, where those of a cluster are not of these.
fn publishers(cluster: &Cluster, clusters: &[Cluster]) -> Option<usize> {
    let with = |role: Role| clusters.iter().position(|other| other.roles.contains(&role));
    let publishes = with(Role::Publisher).or_else(|| with(Role::KeyManager));
    publishes.filter(|index| clusters[*index].name != cluster.name)
}

fn in_service_limit(profile: &Profile) -> u32 {
    match profile.discipline {
        Discipline::ProcessorSharing => profile.workers,
        Discipline::FirstComeFirstServed => profile.workers.min(profile.cores.ceil() as u32),
    }
}

/// The need of a runtime's work.
pub(super) fn need_of(runtime: Runtime) -> Need {
    match runtime {
        Runtime::MicroIntegrator => work::MICRO_INTEGRATOR,
        Runtime::StreamingIntegrator => work::STREAMING_INTEGRATOR,
    }
}

/// Lognormal of this cv; constant without one.
fn varying(cv: Option<f64>) -> Shape {
    match cv {
        Some(cv) if cv > 0.0 => Shape::Lognormal { cv },
        _ => Shape::Constant,
    }
}
