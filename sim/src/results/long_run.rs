//! What a window cannot show of nodes that fail: how often, and for how long all are out.

use crate::network::{Network, RandomFailure, Station};
use crate::study::Situation;
use crate::theory::availability::{availability, fewer_than};

/// With fewer failures to be expected, those seen may well be half as many or twice as many.
const ENOUGH_CRASHES: f64 = 20.0;

/// What is known of the failures of the nodes that a flow needs, without simulation.
pub(super) struct LongRun {
    /// Failures to be expected in all that was observed: of nodes or of zones, whichever are fewer.
    pub(super) crashes: f64,
    /// The cluster whose nodes are all out together for the largest share of the time.
    pub(super) weakest: usize,
    /// That share, as a share of the requests of the flow that meet it.
    pub(super) all_down: f64,
    /// The same of all clusters together.
    pub(super) total_all_down: f64,
}

impl LongRun {
    /// Of a flow in a situation that was observed for so many seconds; none where no node that it
    /// needs can fail by itself or with its zone.
    pub(super) fn of(situation: &Situation, flow: usize, seconds: f64) -> Option<Self> {
        let network = &situation.network;
        let mut of_nodes = 0.0;
        let mut long_run: Option<Self> = None;
        for (index, station) in network.clusters.iter().enumerate() {
            let through = network.share_through(flow, index);
            let fails = Outs::of(&station.failures, station);
            let with_zone = Outs::of(&network.zone_failures, station);
            if through == 0.0 || fails.per_second + with_zone.per_second == 0.0 {
                continue;
            }
            let share = through * all_out(station, &fails, &with_zone);
            of_nodes += seconds * station.nodes as f64 * fails.per_second;
            let found = long_run.get_or_insert(Self {
                crashes: 0.0,
                weakest: index,
                all_down: share,
                total_all_down: 0.0,
            });
            found.total_all_down += share;
            if share > found.all_down {
                (found.weakest, found.all_down) = (index, share);
            }
        }
        let of_zones = seconds * zone_failures_per_second(network);
        let found = long_run.as_mut()?;
        let both = [of_nodes, of_zones].into_iter().filter(|expected| *expected > 0.0);
        found.crashes = both.fold(f64::INFINITY, f64::min);
        long_run
    }

    /// Whether what was observed says something of the long run.
    pub(super) fn was_seen(&self) -> bool {
        self.crashes >= ENOUGH_CRASHES
    }
}

/// How often something keeps a node from answering, and how much of the time nothing does.
struct Outs {
    per_second: f64,
    available: f64,
}

impl Outs {
    /// By failures that come independently of each other to nodes of a station.
    fn of(failures: &[RandomFailure], station: &Station) -> Self {
        let mut outs = Self { per_second: 0.0, available: 1.0 };
        for random in failures {
            if !random.kind.keeps_from_answering() {
                continue;
            }
            let starts = random.kind.ends_process();
            let start_up = if starts { station.until_it_serves() } else { 0.0 };
            let up = random.between.mean_nanos * 1e-9;
            let down = random.lasts.mean_nanos * 1e-9 + start_up;
            outs.per_second += 1.0 / (up + down);
            outs.available *= availability(up, down);
        }
        outs
    }
}

/// The share of time in which all nodes of a station are out: zones are independent, and so are the nodes of
/// one that is up.
fn all_out(station: &Station, fails: &Outs, with_zone: &Outs) -> f64 {
    let of_zone = |zone: usize| {
        let nodes = (zone..station.nodes).step_by(station.zones).count() as u32;
        1.0 - with_zone.available + with_zone.available * fewer_than(1, nodes, fails.available)
    };
    (0..station.zones.min(station.nodes)).map(of_zone).product()
}

/// Failures of all zones that have nodes, together.
fn zone_failures_per_second(network: &Network) -> f64 {
    let zones = network.clusters.iter().map(|station| station.zones.min(station.nodes)).max();
    let each = network.zone_failures.iter();
    let rate = |random: &RandomFailure| 1e9 / (random.between.mean_nanos + random.lasts.mean_nanos);
    zones.unwrap_or(0) as f64 * each.map(rate).sum::<f64>()
}
