//! The calibrated behaviour of a kind of node.

mod keys;

use std::collections::BTreeMap;

use super::{
    Bursts, Database, Demand, Discipline, Failing, Failures, Redis, StartNeeds, Times, TokenStore,
    Uncertainty,
};
use crate::network::{
    ColdStart, Container, Failure, Forgets, GarbageCollection, Network, RandomFailure, Stalls,
    TokenCache,
};
use crate::random::Law;
use crate::time::SimDuration;

/// The behaviour of a kind of node: one JVM on one machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Name of the profile.
    pub name: String,
    /// CPU cores, above 0; a container may have a fraction.
    pub cores: f64,
    /// Worker threads, at least 1; one is held while a burst runs and while the request waits for a
    /// key manager or the database, and not while a backend answers.
    pub workers: u32,
    /// How many new requests may wait for a worker; none: any number. What does not fit is rejected.
    pub queue: Option<u32>,
    /// How the demand of a request is cut into bursts.
    pub bursts: Bursts,
    /// How bursts share the cores.
    pub discipline: Discipline,
    /// Network delay to a node of this profile, each way.
    pub hop: Law,
    /// CPU demand of each operation, by name.
    pub demands: BTreeMap<String, Demand>,
    /// Stop-the-world garbage collection; none: no pauses.
    pub gc: Option<GarbageCollection>,
    /// The memory of a node that its heap shares with all else; none: there is enough.
    pub container: Option<Container>,
    /// Stops that come with work and that no garbage collector reports; none: there are none.
    pub stalls: Option<Stalls>,
    /// Memory of messages in flight on a node, and of what is retained for those that a worker has
    /// begun with, at which its demands have doubled, MiB: caches and buffers hold less and less of
    /// it. None: demands do not grow.
    pub crowding_mib: Option<f64>,
    /// The database behind requests for tokens and portal pages; none: none is called.
    pub database: Option<Database>,
    /// Where a key manager keeps the tokens that it makes.
    pub token_store: TokenStore,
    /// The cache for opaque tokens that the key manager has checked; none: nothing is cached.
    pub token_cache: Option<TokenCache>,
    /// Where gateways count bursts together; none: each counts by itself.
    pub redis: Option<Redis>,
    /// Work that a request that makes a token brings to each other node of its cluster, as a share of
    /// its own demand: what it changes is made known there. 0: nodes know nothing of one another.
    pub replication: f64,
    /// Mean up time of a node between crashes (exponential); none: nodes do not crash.
    pub mtbf: Option<SimDuration>,
    /// Mean time from a crash until the node is started again (exponential), start-up not included.
    pub mttr: SimDuration,
    /// How a node fails at random beside that, or in another way.
    pub failures: Option<Failures>,
    /// Which of its failures come.
    pub failing: Failing,
    /// What is usual for such a node; it comes where that is asked for.
    pub usual_failures: Option<Failures>,
    /// Time from the start of the process until it answers.
    pub start_up: Law,
    /// How many APIs a gateway that has started loads each second, from control-plane nodes where it is none
    /// itself; none: they are there at once.
    pub apis_per_second: Option<f64>,
    /// When a gateway unloads a tenant that it has loaded as its APIs were called; none: it loads all tenants when it
    /// starts.
    pub lazy_tenants: Option<Forgets>,
    /// What must be there when a process starts.
    pub start_needs: StartNeeds,
    /// What a freshly started JVM costs more; none: nothing.
    pub cold_start: Option<ColdStart>,
    /// Standard error of its demands as a share of them, all in the same direction, beside what
    /// `uncertainty` says; none where nobody stated it.
    pub demand_error: Option<f64>,
    /// What a calibration leaves open of its keys; empty where nobody stated it.
    pub uncertainty: Uncertainty,
    /// Price of a node per hour, in the user's currency.
    pub price_per_hour: f64,
}

impl Profile {
    /// The same node with so many cores.
    #[must_use]
    pub fn with_cores(self, cores: f64) -> Self {
        Self { cores, gc: self.gc.map(|gc| gc.with_cores(cores)), ..self }
    }

    /// How a node fails at random, as a network knows it.
    pub(crate) fn random_failures(&self, network: &mut Network) -> Vec<RandomFailure> {
        let all = self.failing().into_iter();
        all.map(|(kind, times)| times.compile(network, kind)).collect()
    }

    /// How a node fails at random: a crash as `failures` or, where they do not say it, `mtbf` and `mttr` do; and of
    /// the kinds of which neither says anything as is usual, where that is asked for.
    pub(crate) fn failing(&self) -> Vec<(Failure, Times)> {
        let [stated, usual] = [&self.failures, &self.usual_failures]
            .map(|failures| failures.as_ref().map_or_else(Vec::new, Failures::all));
        let is_in = |all: &[(Failure, &Times)], kind: Failure| {
            all.iter().any(|(other, _)| other.place() == kind.place())
        };
        let crash = self.mtbf.filter(|_| !is_in(&stated, Failure::Crash));
        let crash = crash.map(|mtbf| (Failure::Crash, Times::exponential(mtbf, self.mttr)));
        let crashes = crash.is_some();
        let usual = usual.into_iter().filter(|(kind, _)| {
            let is_stated = is_in(&stated, *kind) || (crashes && *kind == Failure::Crash);
            self.failing == Failing::Usual && !is_stated
        });
        let others = stated.iter().copied().chain(usual);
        crash.into_iter().chain(others.map(|(kind, times)| (kind, times.clone()))).collect()
    }

    /// Gives failures of a kind that comes other times.
    pub(crate) fn set_failing(&mut self, kind: Failure, times: &Times) {
        let stated = self.failures.as_ref().is_some_and(|failures| failures.has(kind));
        if stated {
            self.failures.iter_mut().for_each(|failures| failures.set(kind, times));
        } else if kind == Failure::Crash && self.mtbf.is_some() {
            (self.mtbf, self.mttr) = (Some(times.mtbf), times.mttr);
        } else {
            self.usual_failures.iter_mut().for_each(|failures| failures.set(kind, times));
        }
    }

    /// A node that only works: processor sharing, one burst, 400 workers with an unbounded queue; no
    /// network, no garbage collection, no crashes, no price. Its demands are still to be given.
    pub fn plain(name: &str, cores: f64) -> Self {
        Self {
            name: name.to_owned(),
            cores,
            workers: 400,
            queue: None,
            bursts: Bursts::Equal(1),
            discipline: Discipline::ProcessorSharing,
            hop: Law::constant(SimDuration::ZERO),
            demands: BTreeMap::new(),
            gc: None,
            container: None,
            stalls: None,
            crowding_mib: None,
            database: None,
            token_store: TokenStore::Database,
            token_cache: None,
            redis: None,
            replication: 0.0,
            mtbf: None,
            mttr: SimDuration::from_seconds(120.0),
            failures: None,
            failing: Failing::Stated,
            usual_failures: None,
            start_up: Law::constant(SimDuration::ZERO),
            apis_per_second: None,
            lazy_tenants: None,
            start_needs: StartNeeds::Nothing,
            cold_start: None,
            demand_error: None,
            uncertainty: Uncertainty::default(),
            price_per_hour: 0.0,
        }
    }
}
