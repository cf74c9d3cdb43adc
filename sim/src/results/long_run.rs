//! What a window cannot show of nodes that crash: how often, and for how long all are down.

use crate::network::{Failure, Station};
use crate::study::Situation;
use crate::theory::availability::{availability, fewer_than};

/// With fewer crashes to be expected, those seen may well be half as many or twice as many.
const ENOUGH_CRASHES: f64 = 20.0;

/// What is known of the crashes of the nodes that a flow needs, without simulation.
pub(super) struct LongRun {
    /// Crashes to be expected in all that was observed.
    pub(super) crashes: f64,
    /// The cluster whose nodes are all down together for the largest share of the time.
    pub(super) weakest: usize,
    /// That share, as a share of the requests of the flow that meet it.
    pub(super) all_down: f64,
    /// The same of all clusters together.
    pub(super) total_all_down: f64,
}

impl LongRun {
    /// Of a flow in a situation that was observed for so many seconds; none where no node that it
    /// needs can crash by itself.
    pub(super) fn of(situation: &Situation, flow: usize, seconds: f64) -> Option<Self> {
        let network = &situation.network;
        let mut long_run: Option<Self> = None;
        for (index, station) in network.clusters.iter().enumerate() {
            let through = network.share_through(flow, index);
            let Some((up, down)) = times(station).filter(|_| through > 0.0) else { continue };
            let nodes = station.nodes as f64;
            let share = through * fewer_than(1, station.nodes as u32, availability(up, down));
            let crashes = seconds * nodes / (up + down);
            let found = long_run.get_or_insert(Self {
                crashes: 0.0,
                weakest: index,
                all_down: share,
                total_all_down: 0.0,
            });
            found.crashes += crashes;
            found.total_all_down += share;
            if share > found.all_down {
                (found.weakest, found.all_down) = (index, share);
            }
        }
        long_run
    }

    /// Whether what was observed says something of the long run.
    pub(super) fn was_seen(&self) -> bool {
        self.crashes >= ENOUGH_CRASHES
    }
}

/// Mean time up and mean time down of a node, seconds; none where it does not crash.
fn times(station: &Station) -> Option<(f64, f64)> {
    let start_up = station.start_up.mean_nanos * 1e-9;
    let crash = station.failures.iter().find(|random| random.kind == Failure::Crash);
    crash.map(|crash| (crash.between.mean_nanos * 1e-9, crash.lasts.mean_nanos * 1e-9 + start_up))
}
