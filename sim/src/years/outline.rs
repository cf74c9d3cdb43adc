//! What is known of an episode without any request.

use super::culprit::Culprit;
use super::episodes::Episode;
use super::excerpt::left_out;
use super::settling::{Pace, Settling};
use crate::network::Network;
use crate::time::SimTime;

/// An episode in short, and where it is found.
#[derive(Clone, Debug)]
pub(super) struct Outline {
    /// In which horizon, or chain.
    pub(super) group: u32,
    /// Its number there.
    pub(super) number: u32,
    /// For how many it stands in its group.
    pub(super) weight: f64,
    /// How long it is from what begins it until calm has come back, seconds.
    pub(super) lasts: f64,
    /// How long it is, seconds: no flow loses more.
    pub(super) seconds: f64,
    /// What it is like.
    pub(super) kind: Kind,
    /// What each flow meets.
    pub(super) flows: Vec<Known>,
}

/// What a flow meets, seconds of its requests.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    /// While a cluster is out, in what is played.
    pub(super) out: f64,
    /// How much is left out while a cluster is out, and otherwise.
    pub(super) left_out: [f64; 2],
}

impl Known {
    /// For how long a cluster is out.
    pub(super) fn down(&self) -> f64 {
        self.out + self.left_out[0]
    }
}

/// Episodes that are alike, of which some stand for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    /// What has happened first, and to which cluster, if to one.
    first: Option<(Culprit, Option<usize>)>,
    /// Whether more has happened by itself.
    has_more: bool,
    /// What it comes to.
    worst: Worst,
}

impl Kind {
    /// What has happened first.
    pub(super) fn culprit(self) -> Culprit {
        self.first.map_or(Culprit::Load, |(culprit, _)| culprit)
    }

    /// The cluster to which a planned restart has come first; none where something else has.
    pub(super) fn restarted(self) -> Option<usize> {
        self.first.filter(|(culprit, _)| *culprit == Culprit::Restart)?.1
    }

    /// A number that no other kind has.
    pub(super) fn key(self) -> u64 {
        let cluster = self.first.and_then(|(_, cluster)| cluster).map_or(0, |cluster| cluster + 1);
        let worst = match self.worst {
            Worst::Carried(strain) => u64::from(strain),
            Worst::ByItself => 0b1000 | u64::from(self.has_more),
            Worst::Out => 0b1100 | u64::from(self.has_more),
        };
        (cluster as u64) << 8 | (self.culprit() as u64) << 4 | worst
    }
}

/// The worst that an episode comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worst {
    /// Those that are left carry what comes, with so many eighths of what they can do: the more, the more waits, and is
    /// turned away where there are few places.
    Carried(u8),
    /// Something takes its own time, or a backlog grows.
    ByItself,
    /// A cluster is out that a flow needs.
    Out,
}

impl Outline {
    pub(super) fn of(
        episode: &Episode,
        network: &Network,
        settling: &Settling,
        (group, number): (u32, u32),
    ) -> Self {
        let left_out = left_out(&episode.stays, settling);
        let mut flows = vec![Known::default(); network.flows.len()];
        for (stay, left_out) in episode.stays.iter().zip(left_out) {
            let (seconds, left_out) = (stay.lasts.as_seconds(), left_out as f64);
            for (known, hit) in flows.iter_mut().zip(&stay.hits) {
                known.out += hit * (seconds - left_out);
                known.left_out[usize::from(*hit == 0.0)] += left_out;
            }
        }
        let roots = roots(episode, network);
        let is_out = flows.iter().any(|known| known.out + known.left_out[0] > 0.0);
        let first = roots.first().map(|(_, culprit, cluster)| (*culprit, *cluster));
        let by_itself = episode.stays.iter().any(|stay| stay.pace == Pace::ByItself);
        let worst = match (is_out, by_itself) {
            (true, _) => Worst::Out,
            (false, true) => Worst::ByItself,
            (false, false) => Worst::Carried(eighths(episode)),
        };
        // Where those that are left carry what comes, one more that fails elsewhere changes little.
        let has_more = roots.len() > 1 && !matches!(worst, Worst::Carried(_));
        let kind = Kind { first, has_more, worst };
        let seconds = episode.stays.iter().map(|stay| stay.lasts.as_seconds()).sum();
        Self { group, number, weight: 1.0, lasts: 0.0, seconds, kind, flows }
    }
}

/// The most of what those that are left can do that they have to do, in whole eighths below all of it.
fn eighths(episode: &Episode) -> u8 {
    let most = episode.stays.iter().map(|stay| stay.strain).fold(0.0, f64::max);
    (8.0 * most).clamp(0.0, 7.0) as u8
}

/// What has happened by itself, and to which cluster: the nodes of a zone fail as one, and those of a cluster are
/// restarted as one.
fn roots(episode: &Episode, network: &Network) -> Vec<(SimTime, Culprit, Option<usize>)> {
    let of_nodes = episode.moments.iter().filter_map(|moment| {
        let culprit = Culprit::of_event(moment.event)?;
        let cluster = network.clusters.partition_point(|s| s.first_node <= moment.node) - 1;
        let cluster = (culprit != Culprit::Zone).then_some(cluster);
        Some((moment.at, culprit, cluster))
    });
    let of_suppliers = episode
        .suppliers
        .iter()
        .map(|outage| (SimTime(outage.at.0), Culprit::of_supplier(outage.of), None));
    let mut all: Vec<_> = of_nodes.chain(of_suppliers).collect();
    all.sort_by_key(|(at, ..)| *at);
    let mut roots: Vec<(SimTime, Culprit, Option<usize>)> = Vec::new();
    for root in all {
        let is_known = |known: &(SimTime, Culprit, Option<usize>)| match root.1 {
            Culprit::Restart => (known.1, known.2) == (root.1, root.2),
            _ => *known == root,
        };
        if !roots.iter().any(is_known) {
            roots.push(root);
        }
    }
    roots
}
