//! The calibrated behaviour of a kind of node.

use std::collections::BTreeMap;

use super::keys::{Keyed, Memory, Row, Slot, Unit};
use super::{
    Bursts, Database, Demand, Discipline, Failing, Failures, StartNeeds, Times, TokenStore,
    Uncertainty,
};
use crate::network::{
    AllocationBudget, ColdStart, Failure, Forgets, GarbageCollection, Network, RandomFailure,
    Stalls, TokenCache,
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
            stalls: None,
            crowding_mib: None,
            database: None,
            token_store: TokenStore::Database,
            token_cache: None,
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

impl Keyed for Profile {
    const NAME: &'static str = "Profile";
    const DOC: &'static str = "The behaviour of a kind of node. With the name of a shipped profile every \
                               key is optional and overrides that one's; with `from` it overrides \
                               another's; else `cores` and `demand` are needed.";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new(
            "cores",
            "CPU cores; a container may have a fraction.",
            Unit::Number { least: 0.01, most: 1024.0 },
            |profile| Slot::Number(&mut profile.cores),
        )
        .needed("2"),
        Row::<Self>::new(
            "workers",
            "Worker threads.",
            Unit::Count { least: 1, most: 1_000_000 },
            |profile| Slot::Count(&mut profile.workers),
        )
        .spelt(),
        Row::<Self>::new(
            "queue",
            "How many requests may wait for a worker.",
            Unit::Count { least: 0, most: 1_000_000_000 },
            |profile| Slot::Count(&mut profile.queue),
        )
        .or_none("any number"),
        Row::<Self>::new(
            "bursts",
            "Number of bursts that the demand of a request is cut into. With `reactor` a dispatcher \
             reads, a worker mediates and a dispatcher writes, each way.",
            Unit::Bursts { most: 64 },
            |profile| Slot::Bursts(&mut profile.bursts),
        )
        .spelt(),
        Row::<Self>::new("buffer", "I/O buffer of a dispatcher.", Unit::Size, |profile| {
            match &mut profile.bursts {
                Bursts::Reactor { buffer_kib } => Slot::Number(buffer_kib),
                Bursts::Equal(_) => Slot::Refused,
            }
        })
        .above_zero()
        .refused("without dispatchers", "write bursts = \"reactor\" with it")
        .spelt(),
        Row::<Self>::new(
            "discipline",
            "How bursts share the cores.",
            Unit::Choice("a discipline"),
            |profile| Slot::Choice(&mut profile.discipline),
        ),
        Row::<Self>::new("hop", "Network delay to the node, each way.", Unit::Law, |profile| {
            Slot::Law(&mut profile.hop)
        })
        .spelt()
        .fitted(1e-3, 1e3, |_, ms| ms > 0.0),
        Row::<Self>::new(
            "demand",
            "CPU demand of each operation.",
            Unit::Tables("demand", "demand.passthrough = \"0.5 ms\""),
            |profile| Slot::Tables(&mut profile.demands),
        )
        .needed("{ passthrough = \"0.5 ms\" }"),
        Row::<Self>::new(
            "demand_error",
            "Standard error of the demands, all in the same direction, beside what `uncertainty` says; \
             intervals hold it.",
            Unit::Share,
            |profile| Slot::Number(&mut profile.demand_error),
        ),
        Row::<Self>::new(
            "uncertainty",
            "What a calibration leaves open, as `calibrate` writes it; intervals hold it. For each key \
             that was fitted, by how much it moves along each of some independent directions where the \
             truth lies one standard error off: 0.02 is about 2 % more (its logarithm; of a share, that \
             of its odds).",
            Unit::Lists("uncertainty.demand.passthrough.mean = [0.02]"),
            |profile| Slot::Lists(&mut profile.uncertainty.shifts),
        )
        .or_none("nothing"),
        Row::<Self>::new(
            "heap",
            "The heap of the JVM (`-Xmx`), where `gc` says what part of it is young.",
            Unit::Memory(Memory::Mib),
            |profile| match profile.gc.as_mut().map(|gc| &mut gc.budget) {
                Some(AllocationBudget::Young(heap)) => Slot::Number(&mut heap.heap_mib),
                Some(AllocationBudget::Requests(_)) => Slot::Refused,
                None => Slot::Idle,
            },
        )
        .above_zero()
        .needed("\"2 GiB\"")
        .refused("where `gc` counts requests", "write gc.young = \"60 %\""),
        Row::<Self>::new(
            "gc",
            "Stop-the-world garbage collection.",
            Unit::Table("{ requests_per_pause = 3500, pause = \"55 ms\" }"),
            |profile| Slot::Table(&mut profile.gc),
        )
        .or_none("no pauses"),
        Row::<Self>::new(
            "stalls",
            "Stops that come with work and that no garbage collection log shows.",
            Unit::Table("{ every = \"1 s\", pause = \"30 ms\" }"),
            |profile| Slot::Table(&mut profile.stalls),
        )
        .or_none("there are none"),
        Row::<Self>::new(
            "crowding",
            "Memory of messages in flight on a node, and of what is retained for those that a worker has \
             begun with, at which its demands have doubled.",
            Unit::Memory(Memory::Mib),
            |profile| Slot::Number(&mut profile.crowding_mib),
        )
        .above_zero()
        .or_none("they do not grow")
        .fitted(1.0, 1e6, |shown, _| shown.many_users),
        Row::<Self>::new("mtbf", "Mean up time between crashes.", Unit::Duration, |profile| {
            Slot::Duration(&mut profile.mtbf)
        })
        .above_zero()
        .or_none("no crashes"),
        Row::<Self>::new(
            "mttr",
            "Mean time from a crash until the node is started again.",
            Unit::Duration,
            |profile| Slot::Duration(&mut profile.mttr),
        )
        .above_zero()
        .spelt(),
        Row::<Self>::new(
            "failures",
            "How a node fails at random; `mtbf` and `mttr` alone are those of its crashes.",
            Unit::Table("{ hang = { mtbf = \"90 d\", mttr = \"5 min\" } }"),
            |profile| Slot::Table(&mut profile.failures),
        )
        .or_none("in no other way"),
        Row::<Self>::new(
            "failing",
            "Which failures come at random.",
            Unit::Choice("which failures come"),
            |profile| Slot::Choice(&mut profile.failing),
        ),
        Row::<Self>::new(
            "usual_failures",
            "How such nodes usually fail, beside crashes: what comes with `failing = \"usual\"`.",
            Unit::Table("{ hang = { mtbf = \"90 d\", mttr = \"5 min\" } }"),
            |profile| Slot::Table(&mut profile.usual_failures),
        )
        .or_none("nothing is usual"),
        Row::<Self>::new(
            "start_up",
            "Time from the start of the process until it answers.",
            Unit::Law,
            |profile| Slot::Law(&mut profile.start_up),
        )
        .spelt(),
        Row::<Self>::new(
            "start_needs",
            "What must be there when a process starts; without it, the process ends after its start-up, and is \
             started again 10 s later.",
            Unit::Choice("what a start needs"),
            |profile| Slot::Choice(&mut profile.start_needs),
        ),
        Row::<Self>::new(
            "apis_per_second",
            "How many of the scenario's `apis` a gateway that has started loads each second, from control-plane \
             nodes, of which one must be up; several that start share them. Until it has all, it answers 404.",
            Unit::Number { least: 0.001, most: 1e6 },
            |profile| Slot::Number(&mut profile.apis_per_second),
        )
        .or_none("they are there at once"),
        Row::<Self>::new(
            "lazy_tenants",
            "How a gateway loads the `apis` of tenants but `default`: when they are called.",
            Unit::Table("{ idle = \"30 min\" }"),
            |profile| Slot::Table(&mut profile.lazy_tenants),
        )
        .or_none("it loads those of all tenants when it starts"),
        Row::<Self>::new(
            "cold_start",
            "What a freshly started JVM costs more.",
            Unit::Table("{ first = 100, requests = 1000 }"),
            |profile| Slot::Table(&mut profile.cold_start),
        )
        .or_none("nothing"),
        Row::<Self>::new(
            "database",
            "The database behind requests for tokens and portal pages, which the nodes of a cluster \
             share: the delay of its answer, or a table.",
            Unit::Table("{ delay = \"3 ms\" }"),
            |profile| Slot::Table(&mut profile.database),
        )
        .or_none("none"),
        Row::<Self>::new(
            "token_store",
            "Where a key manager keeps the tokens that it makes.",
            Unit::Choice("where tokens are kept"),
            |profile| Slot::Choice(&mut profile.token_store),
        ),
        Row::<Self>::new(
            "token_cache",
            "The cache of a gateway for opaque tokens.",
            Unit::Table("{ timeout = \"15 s\" }"),
            |profile| Slot::Table(&mut profile.token_cache),
        )
        .or_none("every token is checked each time"),
        Row::<Self>::new(
            "replication",
            "Work that a request for a token brings to each other node of its cluster, in multiples of \
             its own demand.",
            Unit::Number { least: 0.0, most: 100.0 },
            |profile| Slot::Number(&mut profile.replication),
        ),
        Row::<Self>::new("price", "Price of a node.", Unit::Price, |profile| {
            Slot::Number(&mut profile.price_per_hour)
        }),
    ];

    fn unstated() -> Self {
        Self::plain("", 1.0)
    }

    fn otherwise() -> Self {
        Self { bursts: Bursts::of_reactor(), ..Self::unstated() }
    }
}
