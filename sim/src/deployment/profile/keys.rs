//! The keys of a profile.

use crate::deployment::Bursts;
use crate::deployment::keys::{Keyed, Memory, Row, Slot, Unit};
use crate::deployment::profile::Profile;
use crate::network::AllocationBudget;

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
            "container",
            "The memory of a node, which its heap shares with all else: a limit, or a table.",
            Unit::Table("{ memory = \"3 GiB\" }"),
            |profile| Slot::Table(&mut profile.container),
        )
        .or_none("there is enough"),
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
            "redis",
            "Where gateways count `burst` of `throttle` together: how long a call takes, or a table.",
            Unit::Table("{ delay = \"0.25 ms\" }"),
            |profile| Slot::Table(&mut profile.redis),
        )
        .or_none("each counts by itself"),
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
