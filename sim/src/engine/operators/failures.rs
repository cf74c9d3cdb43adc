//! Failures at random, one kind at a time: of nodes, each by itself, and of the nodes of a zone as one.

use super::super::Run;
use super::super::moments::{Candidate, Origin, Source};
use super::super::parts::{Change, Condition, Laws, Renewal};
use super::Operator;
use super::crew::SharedCrew;
use crate::network::{Failure, Network, RandomFailure};
use crate::random::Purpose;

/// From here on the streams of failures are those of zones.
const ZONES: u64 = 1 << 63;

/// The failures of one kind of each node.
#[derive(Debug)]
pub(super) struct Failures {
    laws: Laws,
    nodes: Vec<Clock>,
    /// Whether they go on whatever becomes of the nodes.
    of_zones: bool,
    /// The place of their kind among the names.
    place: usize,
    /// Who repairs nodes whose process has ended; none: whoever it takes.
    crew: Option<SharedCrew>,
}

/// When a node fails or is repaired next.
#[derive(Debug)]
struct Clock {
    /// What it is that fails.
    source: Source,
    /// None: it never fails so.
    renewal: Option<Renewal>,
    next: u64,
    /// It has failed and is not repaired.
    has_failed: bool,
    condition: Condition,
}

impl Failures {
    /// Those of nodes, of the kind that stands at this place among the names.
    pub(super) fn of_nodes(
        network: &Network,
        run: &Run<'_>,
        place: usize,
        crew: Option<&SharedCrew>,
    ) -> Self {
        let is_meant = |random: &&RandomFailure| random.kind.place() == place;
        let all = network.clusters.iter().flat_map(|station| &station.failures);
        let laws = Laws::of(network, all.filter(is_meant));
        let nodes = network.members().enumerate().map(|(node, (cluster, member, station))| {
            // Each kind draws for itself, so that one more changes nothing of the others.
            let stream = run.stream_of(Purpose::Failures, cluster, member | place << 16);
            let random = station.failures.iter().find(is_meant);
            let renewal = random.map(|random| Renewal::new(*random, stream));
            Clock::new(Source::Node { node, place }, renewal, &laws)
        });
        Self { nodes: nodes.collect(), laws, of_zones: false, place, crew: crew.cloned() }
    }

    /// Those of zones. All nodes of a zone draw the same.
    pub(super) fn of_zones(network: &Network, run: &Run<'_>, place: usize) -> Self {
        let random = network.zone_failures.iter().find(|random| random.kind.place() == place);
        let laws = Laws::of(network, random.into_iter());
        let nodes = network.members().map(|(_, member, station)| {
            let zone = member % station.zones;
            let stream = run.stream(Purpose::Failures, ZONES | (place as u64) << 32 | zone as u64);
            let renewal = random.map(|random| Renewal::new(*random, stream));
            Clock::new(Source::Zone { zone, place }, renewal, &laws)
        });
        Self { nodes: nodes.collect(), laws, of_zones: true, place, crew: None }
    }
}

impl Clock {
    fn new(source: Source, mut renewal: Option<Renewal>, laws: &Laws) -> Self {
        let next = renewal.as_mut().map_or(u64::MAX, |renewal| renewal.first(laws));
        Self { source, renewal, next, has_failed: false, condition: Condition::Up }
    }

    fn begin_time_between(&mut self, laws: &Laws, now: u64) {
        self.next = self.renewal.as_mut().map_or(u64::MAX, |renewal| renewal.fails(laws, now));
    }

    /// Whether a process that has started anew is free of it.
    fn ends_with_process(&self) -> bool {
        let kind = self.renewal.as_ref().map(|renewal| renewal.random.kind);
        kind.is_none_or(Failure::keeps_from_answering)
    }
}

impl Operator for Failures {
    fn next(&self, node: usize) -> u64 {
        self.nodes[node].next
    }

    fn act(&mut self, node: usize, now: u64) -> Option<Change> {
        let (laws, clock) = (&self.laws, &mut self.nodes[node]);
        let renewal = clock.renewal.as_mut()?;
        clock.has_failed = !clock.has_failed;
        if clock.has_failed {
            let (recovers, kind) = (renewal.recovers(laws, now), renewal.random.kind);
            let crew = self.crew.as_ref().filter(|_| kind.ends_process());
            clock.next =
                crew.map_or(recovers, |crew| crew.borrow_mut().finish(now, recovers - now));
            return Some(Change::of(kind));
        }
        clock.next = u64::MAX;
        // A process that has not ended goes on, and so does the time to its next failure; of one that is
        // started, its condition tells.
        if self.of_zones || !clock.ends_with_process() || clock.condition.is_in_order() {
            clock.begin_time_between(&self.laws, now);
        }
        let clock = &self.nodes[node];
        let kind = clock.renewal.as_ref()?.random.kind;
        Change::that_ends(kind, clock.condition)
    }

    fn origin(&self) -> Origin {
        if self.of_zones { Origin::Zone(self.place) } else { Origin::Node(self.place) }
    }

    fn acts(&self) -> bool {
        self.nodes.iter().any(|clock| clock.renewal.is_some())
    }

    fn follow(&mut self, candidates: &[Candidate]) {
        for clock in &mut self.nodes {
            let own = candidates.iter().filter(|candidate| candidate.of == clock.source);
            let own = own.map(|candidate| (candidate.at, candidate.lasts)).collect();
            clock.next = clock.renewal.as_mut().map_or(u64::MAX, |renewal| renewal.follow(own));
        }
    }

    fn learn(&mut self, node: usize, now: u64, condition: Condition) {
        let clock = &mut self.nodes[node];
        let before = std::mem::replace(&mut clock.condition, condition);
        if before.is_in_order() && condition.is_in_order() {
            return;
        }
        if self.of_zones || !clock.ends_with_process() {
            return;
        }
        match condition {
            Condition::Up | Condition::Standby => {
                clock.has_failed = false;
                clock.begin_time_between(&self.laws, now);
            }
            // What does not run cannot fail; a node that has failed is still to be repaired.
            Condition::Absent | Condition::Starting | Condition::Vanished | Condition::Down
                if !clock.has_failed =>
            {
                clock.next = u64::MAX;
            }
            _ => {}
        }
    }
}
