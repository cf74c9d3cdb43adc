//! What happens by itself to nodes, and to what they call: how often, and for how long.

use crate::engine::Source;
use crate::engine::parts::Laws;
use crate::network::{Network, RandomFailure, Station, Supplier, SupplierFailure, Variate};
use crate::random::Sequence;
use crate::time::SimDuration;

/// Of sources with bounded likelihood ratios this share is drawn as it comes: no ratio is above its inverse.
const AS_THEY_COME: f64 = 0.5;
/// Lengths are drawn from so many, the longer the likelier, as what follows is mostly as much as they are long.
const LENGTHS: usize = 8;
/// Of those this share is drawn as it comes.
const AS_LONG_AS_THEY_COME: f64 = 0.5;
/// Restarts come so seldom that hardly ever two come at once with anything else: seen from an instant, the next one is
/// as good as exponentially far away.
const RESTARTS_APART: f64 = 200.0;

/// All that happens by itself, as one Poisson process.
#[derive(Debug)]
pub(super) struct Sources {
    all: Vec<One>,
    /// How often any of them would act, a nanosecond.
    rate: f64,
    laws: Laws,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct One {
    pub(super) of: Of,
    /// How often it would act, a nanosecond.
    rate: f64,
    lasts: Option<Variate>,
    /// Those that are alike, of one cluster, have the same number.
    class: usize,
    /// The cluster to which alone it happens; none for what is shared.
    cluster: Option<usize>,
    /// The zone in which it happens; none where it happens in several.
    zone: Option<usize>,
}

/// To whom it happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Of {
    Nodes(Source),
    Supplier(Supplier, SupplierFailure),
}

/// Something that has been drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drawn {
    pub(super) source: One,
    /// Nanoseconds.
    pub(super) lasts: u64,
    /// How much likelier it is to come than it was to be drawn.
    pub(super) ratio: f64,
}

impl Sources {
    /// None where what has happened tells when the next will: times between failures that are not exponential, or
    /// restarts that come again after hardly longer than what follows one takes.
    pub(super) fn of(network: &Network, horizon: SimDuration, settles: f64) -> Option<Self> {
        let mut all = Vec::new();
        let mut class = 0;
        let mut add = |random: Option<&RandomFailure>, cluster: Option<usize>, of: &[Of]| {
            let rate = random.map(|random| 1.0 / random.between.mean_nanos);
            let lasts = random.map(|random| random.lasts);
            let rate = rate.unwrap_or(0.0);
            let one =
                |of: &Of| One { of: *of, rate, lasts, class, cluster, zone: zone(network, *of) };
            all.extend(of.iter().map(one));
            class += 1;
        };
        for (cluster, station) in network.clusters.iter().enumerate() {
            let members = (0..station.nodes).filter(|member| !station.is_absent(*member));
            for random in &station.failures {
                let place = random.kind.place();
                let of =
                    |member| Of::Nodes(Source::Node { node: station.first_node + member, place });
                add(Some(random), Some(cluster), &members.clone().map(of).collect::<Vec<_>>());
            }
            if station.restart.is_some() {
                add(None, Some(cluster), &[Of::Nodes(Source::Restart { cluster })]);
            }
        }
        let zones = network.clusters.iter().map(|station| station.zones.min(station.nodes)).max();
        for random in &network.zone_failures {
            let place = random.kind.place();
            let of = |zone| Of::Nodes(Source::Zone { zone, place });
            add(Some(random), None, &(0..zones.unwrap_or(0)).map(of).collect::<Vec<_>>());
        }
        for random in &network.database_failures {
            add(Some(random), None, &[Of::Supplier(Supplier::Database, random.kind.into())]);
        }
        for (flow, source) in network.flows.iter().enumerate() {
            for random in &source.backend_failures {
                let of = Of::Supplier(Supplier::Backend(flow), random.kind.into());
                add(Some(random), None, &[of]);
            }
        }
        for one in &mut all {
            let Of::Nodes(Source::Restart { cluster }) = one.of else { continue };
            let every = every(&network.clusters[cluster], horizon);
            if every.as_seconds() < RESTARTS_APART * settles {
                return None;
            }
            one.rate = 1e-9 / every.as_seconds();
        }
        let failures = failures(network);
        if failures.clone().any(|random| random.between.table != network.exponential) {
            return None;
        }
        let rate = all.iter().map(|one| one.rate).sum();
        Some(Self { all, rate, laws: Laws::of(network, failures) })
    }

    /// How often any of them would act, a nanosecond.
    pub(super) fn rate(&self) -> f64 {
        self.rate
    }

    /// The first that acts. Half are drawn as they come, the other half from classes that are all as likely, so that
    /// what is rare is seen as well.
    pub(super) fn first(&self, draws: &mut Sequence) -> Drawn {
        let of_class = of_class(self.all.iter());
        let present = of_class.iter().filter(|rate| **rate > 0.0).count() as f64;
        self.draw(draws, |one| one.rate / of_class[one.class] / present)
    }

    /// The next that acts after those. Half are drawn as they come, the other half from those that may hit others of the
    /// same clusters: as often as they come, and from classes that are all as likely.
    pub(super) fn next(&self, draws: &mut Sequence, before: &[One]) -> Drawn {
        let may_hit = |one: &One| {
            let is_near = one.cluster.is_none()
                || before
                    .iter()
                    .any(|other| other.cluster.is_none() || other.cluster == one.cluster);
            is_near && !before.iter().any(|other| other.has_hit(one))
        };
        let near: Vec<&One> = self.all.iter().filter(|one| may_hit(one)).collect();
        let rate: f64 = near.iter().map(|one| one.rate).sum();
        if rate <= 0.0 {
            return self.any(draws);
        }
        let of_class = of_class(near.iter().copied());
        let present = of_class.iter().filter(|rate| **rate > 0.0).count() as f64;
        let liked = |one: &One| 0.5 * (one.rate / rate + one.rate / of_class[one.class] / present);
        self.draw(draws, |one| if may_hit(one) { liked(one) } else { 0.0 })
    }

    /// Any of them, as they come.
    pub(super) fn any(&self, draws: &mut Sequence) -> Drawn {
        self.draw(draws, |one| one.rate / self.rate)
    }

    fn draw(&self, draws: &mut Sequence, liked: impl Fn(&One) -> f64) -> Drawn {
        let share =
            |one: &One| AS_THEY_COME * one.rate / self.rate + (1.0 - AS_THEY_COME) * liked(one);
        let mut left = uniform(draws) * self.all.iter().map(share).sum::<f64>();
        let found = self.all.iter().position(|one| {
            left -= share(one);
            left < 0.0
        });
        let source = self.all[found.unwrap_or(self.all.len() - 1)];
        let (lasts, longer) = source.lasts.map_or((0.0, 1.0), |lasts| self.length(lasts, draws));
        let ratio = source.rate / self.rate / share(&source) * longer;
        Drawn { source, lasts: lasts.round() as u64, ratio }
    }

    /// A length, nanoseconds, and how much likelier it is to come than it was to be drawn. One of several is taken with
    /// probabilities that depend on all of them: on average over those it stands for one of them taken blindly
    /// (resampling; Rubin, in Bayesian Statistics 3, 1988, pages 395 to 402).
    fn length(&self, lasts: Variate, draws: &mut Sequence) -> (f64, f64) {
        let all: [f64; LENGTHS] = std::array::from_fn(|_| self.laws.draw(lasts, draws));
        let mean = all.iter().sum::<f64>() / LENGTHS as f64;
        if mean <= 0.0 {
            return (0.0, 1.0);
        }
        let longer =
            |length: f64| AS_LONG_AS_THEY_COME + (1.0 - AS_LONG_AS_THEY_COME) * length / mean;
        let mut left = uniform(draws) * LENGTHS as f64;
        let found = all.iter().find(|length| {
            left -= longer(**length);
            left < 0.0
        });
        let length = *found.unwrap_or(&all[LENGTHS - 1]);
        (length, 1.0 / longer(length))
    }
}

impl One {
    /// Whether that for which another would be the next is out already, as far as this goes.
    fn has_hit(&self, other: &Self) -> bool {
        let is_of_zone = matches!(self.of, Of::Nodes(Source::Zone { .. }));
        (self.node().is_some() && self.node() == other.node())
            || (is_of_zone && self.zone == other.zone)
    }

    /// The node to which alone it happens.
    fn node(&self) -> Option<usize> {
        match self.of {
            Of::Nodes(Source::Node { node, .. }) => Some(node),
            Of::Nodes(_) | Of::Supplier(..) => None,
        }
    }
}

/// The zone of a node, or that which fails.
fn zone(network: &Network, of: Of) -> Option<usize> {
    match of {
        Of::Nodes(Source::Node { node, .. }) => {
            let before = network.clusters.partition_point(|station| station.first_node <= node);
            let station = &network.clusters[before - 1];
            Some((node - station.first_node) % station.zones)
        }
        Of::Nodes(Source::Zone { zone, .. }) => Some(zone),
        Of::Nodes(Source::Restart { .. }) | Of::Supplier(..) => None,
    }
}

/// By class, how often any of these would act, a nanosecond.
fn of_class<'a>(all: impl Iterator<Item = &'a One>) -> Vec<f64> {
    let mut of_class = Vec::new();
    for one in all {
        if of_class.len() <= one.class {
            of_class.resize(one.class + 1, 0.0);
        }
        of_class[one.class] += one.rate;
    }
    of_class
}

/// Uniform in 0..1.
pub(super) fn uniform(draws: &mut Sequence) -> f64 {
    (draws.draw() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
}

/// Time from one restart to the next; a single one comes once in a horizon.
pub(super) fn every(station: &Station, horizon: SimDuration) -> SimDuration {
    station.restart.and_then(|restart| restart.every).unwrap_or(horizon)
}

/// All that fails at random.
fn failures(network: &Network) -> impl Iterator<Item = &RandomFailure> + Clone {
    let of_nodes = network.clusters.iter().flat_map(|station| &station.failures);
    let of_backends = network.flows.iter().flat_map(|flow| &flow.backend_failures);
    let shared = network.zone_failures.iter().chain(&network.database_failures);
    of_nodes.chain(of_backends).chain(shared)
}
