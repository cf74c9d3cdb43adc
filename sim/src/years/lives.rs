//! The failure process alone: what becomes of nodes, and of what they call, over a horizon in which no
//! requests come.

use super::settling::Settling;
use crate::engine::{self, Asked, Candidate, Moment, Run};
use crate::network::{Arrivals, Network, RandomFailure, Station, SupplierOutage};
use crate::time::{SimDuration, SimTime};

/// A horizon begins so many of the longest mean outages after the start, when all was up: by then nothing
/// tells of that.
const FORGETS_AFTER: f64 = 20.0;

/// No more failures than these are simulated of one horizon.
const MOST_FAILURES: f64 = 200_000.0;
/// Where more failures are under way at once on average, calm hardly ever comes back.
const MOST_AT_ONCE: f64 = 2.0;

/// What happened over one horizon.
#[derive(Debug)]
pub(super) struct Life {
    /// To nodes, from the start of the replication.
    pub(super) moments: Vec<Moment>,
    /// To what they call, from the start of the replication.
    pub(super) suppliers: Vec<SupplierOutage>,
    /// When the horizon begins, and when it ends.
    pub(super) begins: SimTime,
    /// See `begins`.
    pub(super) ends: SimTime,
}

/// A network whose nodes live and die as ever, for whom nothing comes.
#[derive(Debug)]
pub(super) struct Unattended {
    network: Network,
    /// The same where what nodes call fails as it is told to.
    followed: Network,
    /// The time before a horizon, and after it, so that all that begins in it ends.
    margin: SimDuration,
}

impl Unattended {
    pub(super) fn new(network: &Network) -> Self {
        let mut network = network.clone();
        network.crowds.clear();
        for flow in &mut network.flows {
            (flow.arrivals, flow.crowd) = (Arrivals::silent(), None);
        }
        for station in &mut network.clusters {
            (station.gc, station.stalls, station.token_cache) = (None, None, None);
        }
        let margin = SimDuration::from_seconds(FORGETS_AFTER * longest_outage(&network));
        let mut followed = network.clone();
        followed.database_failures.clear();
        (followed.flows, followed.steps) = (Vec::new(), Vec::new());
        Self { network, followed, margin }
    }

    /// Whether anything ever happens.
    pub(super) fn is_ever_changed(&self) -> bool {
        may_fail(&self.network)
    }

    /// What becomes of nodes after these candidates, of which the last is over then, and nothing else happens by
    /// itself.
    pub(super) fn moments(
        &self,
        seed: u64,
        number: u32,
        over: u64,
        candidates: &[Candidate],
        suppliers: &[SupplierOutage],
    ) -> Vec<Moment> {
        let run = Run {
            seed,
            replication: number,
            warm_up: SimDuration::ZERO,
            window: SimDuration(over) + self.margin,
            outages: &[],
            suppliers,
            asked: Asked { changes: true, ..Asked::default() },
        };
        engine::lives(&self.followed, &run, Some(candidates))
    }

    /// One of many independent horizons.
    pub(super) fn life(&self, seed: u64, number: u32, horizon: SimDuration) -> Life {
        let run = Run {
            seed,
            replication: number,
            warm_up: self.margin,
            window: horizon + self.margin,
            outages: &[],
            suppliers: &[],
            asked: Asked { changes: true, ..Asked::default() },
        };
        let begins = SimTime(self.margin.0);
        Life {
            moments: engine::lives(&self.network, &run, None),
            suppliers: engine::outages_of_suppliers(&self.network, &run),
            begins,
            ends: SimTime(begins.0 + horizon.0),
        }
    }
}

/// Whether nodes, or what they call, fail at random or are restarted.
pub(crate) fn may_fail(network: &Network) -> bool {
    let changes = |station: &Station| !station.failures.is_empty() || station.restart.is_some();
    !network.zone_failures.is_empty()
        || !network.database_failures.is_empty()
        || network.clusters.iter().any(changes)
        || network.flows.iter().any(|flow| !flow.backend_failures.is_empty())
}

/// How often anything fails, or nodes are restarted, a second.
pub(crate) fn failures_per_second(network: &Network) -> f64 {
    let rate = |random: &RandomFailure| 1e9 / (random.between.mean_nanos + random.lasts.mean_nanos);
    let of_all = |failures: &[RandomFailure]| failures.iter().map(rate).sum::<f64>();
    let of_station = |station: &Station| {
        let restarts = station.restart.and_then(|restart| restart.every);
        let restarts = restarts.map_or(0.0, |every| 1.0 / every.as_seconds());
        station.nodes as f64 * of_all(&station.failures) + restarts
    };
    // At most; a zone that no cluster uses does not fail.
    let zones = network.clusters.iter().map(|station| station.zones).max().unwrap_or(0);
    network.clusters.iter().map(of_station).sum::<f64>()
        + zones as f64 * of_all(&network.zone_failures)
        + of_all(&network.database_failures)
        + network.flows.iter().map(|flow| of_all(&flow.backend_failures)).sum::<f64>()
}

/// Whether horizons can be divided into episodes: calm comes back again and again, and there are not too many.
pub(crate) fn can_be_foreseen(
    network: &Network,
    settling: &Settling,
    horizon: SimDuration,
) -> bool {
    let rate = failures_per_second(network);
    let lasts = settles_within(network, settling);
    rate * horizon.as_seconds() <= MOST_FAILURES && rate * lasts <= MOST_AT_ONCE
}

/// Within so many seconds all that follows a failure is mostly over.
pub(super) fn settles_within(network: &Network, settling: &Settling) -> f64 {
    longest_outage(network) + 2.0 * settling.longest().as_seconds()
}

/// The longest mean length of a failure with the start that may follow, seconds.
fn longest_outage(network: &Network) -> f64 {
    let length = |random: &RandomFailure| random.lasts.mean_nanos * 1e-9;
    // At most; those who have to wait for a repairer wait for all others.
    let waits =
        network.repairers.map_or(1, |repairers| network.nodes().div_ceil(repairers as usize));
    let repaired = |random: &RandomFailure| {
        let waits = if random.kind.ends_process() { waits as f64 } else { 1.0 };
        waits * length(random)
    };
    let of_nodes = network.clusters.iter().flat_map(|station| &station.failures).map(repaired);
    let of_backends = network.flows.iter().flat_map(|flow| &flow.backend_failures);
    let shared = network.zone_failures.iter().chain(&network.database_failures);
    let longest = of_nodes.chain(of_backends.chain(shared).map(length)).fold(0.0, f64::max);
    let starts = network.clusters.iter().map(Station::until_it_serves).fold(0.0, f64::max);
    longest + starts
}
