//! The keys of what makes a node stop or slow down.

use super::keys::{Choice, Keyed, Memory, Row, Slot, Unit};
use crate::network::{
    AllocationBudget, ColdStart, Collector, FullCollection, GarbageCollection, Generations, Stalls,
};
use crate::time::SimDuration;

/// Coefficients of variation.
const CV: Unit = Unit::Number { least: 0.0, most: 100.0 };
/// Numbers of requests or pauses.
const MANY: Unit = Unit::Number { least: 1.0, most: 1e12 };

/// A heap of which nothing is known yet.
const YOUNG: AllocationBudget = AllocationBudget::Young(Generations::of(0.0));
/// What a key of a heap is refused with where there is none.
const WITHOUT: &str = "without `young`";
/// And what to do then.
const WITH: &str = "write young = \"60 %\" with it";

/// The place of a key of the heap.
fn of_heap(gc: &mut GarbageCollection, place: fn(&mut Generations) -> Slot<'_>) -> Slot<'_> {
    match &mut gc.budget {
        AllocationBudget::Requests(_) => Slot::Refused,
        AllocationBudget::Young(heap) => place(heap),
    }
}

impl Keyed for GarbageCollection {
    const NAME: &'static str = "GarbageCollection";
    const DOC: &'static str = "Stop-the-world garbage collection.";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new("requests_per_pause", "A pause after so many requests.", MANY, |gc| {
            match &mut gc.budget {
                AllocationBudget::Requests(requests) => Slot::Number(requests),
                AllocationBudget::Young(_) => Slot::Refused,
            }
        })
        .needed("3500, or young = \"60 %\"")
        .refused("beside `young`", "remove one of the two")
        .fitted(1.0, 1e9, |_, _| true)
        .of_pauses(),
        Row::<Self>::new(
            "young",
            "In place of `requests_per_pause`: the heap is divided as the JVM does it, and the young generation \
             takes at most this share of what is committed (`G1MaxNewSizePercent`); that of the parallel collector \
             takes just this share (`NewRatio`).",
            Unit::Share,
            |gc| of_heap(gc, |heap| Slot::Number(&mut heap.young)),
        )
        .above_zero()
        .needed("\"60 %\"")
        .begins(|gc| gc.budget = YOUNG),
        Row::<Self>::new(
            "least_young",
            "And at least this (`G1NewSizePercent`).",
            Unit::Share,
            |gc| of_heap(gc, |heap| Slot::Number(&mut heap.least_young)),
        )
        .above_zero()
        .refused(WITHOUT, WITH),
        Row::<Self>::new(
            "survivor_ratio",
            "What survives a pause has this part of the young generation; what is more becomes old \
             (`SurvivorRatio`).",
            Unit::Number { least: 1.0, most: 100.0 },
            |gc| of_heap(gc, |heap| Slot::Number(&mut heap.survivor_ratio)),
        )
        .refused(WITHOUT, WITH),
        Row::<Self>::new(
            "marking_at",
            "Marking begins when old objects fill this share of what is committed \
             (`InitiatingHeapOccupancyPercent`), until the collector has seen how long it takes.",
            Unit::Share,
            |gc| of_heap(gc, |heap| Slot::Number(&mut heap.marking_at)),
        )
        .above_zero()
        .refused(WITHOUT, WITH),
        Row::<Self>::new(
            "pause_target",
            "The young generation is kept so small that pauses take no longer (`MaxGCPauseMillis`).",
            Unit::Duration,
            |gc| of_heap(gc, |heap| Slot::Duration(&mut heap.pause_target)),
        )
        .above_zero()
        .refused(WITHOUT, WITH),
        Row::<Self>::new(
            "collector",
            "Who collects.",
            Unit::Choice("a collector"),
            |gc| of_heap(gc, |heap| Slot::Choice(&mut heap.collector)),
        )
        .refused(WITHOUT, WITH),
        Row::<Self>::new(
            "initial",
            "What of the heap is committed when the process starts (`-Xms`); it grows while pauses take more than a \
             thirteenth of the time, or where there is no room.",
            Unit::Memory(Memory::Mib),
            |gc| of_heap(gc, |heap| Slot::Number(&mut heap.initial_mib)),
        )
        .above_zero()
        .refused(WITHOUT, WITH)
        .or_none("the whole heap"),
        Row::<Self>::new(
            "resident",
            "What of the heap is always alive.",
            Unit::Memory(Memory::Mib),
            |gc| of_heap(gc, |heap| Slot::Number(&mut heap.resident_mib)),
        )
        .refused(WITHOUT, WITH)
        .spelt(),
        Row::<Self>::new(
            "background",
            "What is allocated each second without any request.",
            Unit::Memory(Memory::Mib),
            |gc| of_heap(gc, |heap| Slot::Number(&mut heap.background_mib)),
        )
        .refused(WITHOUT, WITH)
        .fitted(0.01, 1e5, |_, mib| mib > 0.0)
        .of_pauses(),
        Row::<Self>::new(
            "tenured",
            "What of all that is allocated outlives its request, becomes old, and is garbage there until the old \
             generation is collected. A log of collections shows it; load tests alone show it where whole collections \
             come often enough.",
            Unit::Share,
            |gc| of_heap(gc, |heap| Slot::Number(&mut heap.tenured)),
        )
        .refused(WITHOUT, WITH),
        Row::<Self>::new("pause", "Mean pause of an idle node.", Unit::Duration, |gc| {
            Slot::Duration(&mut gc.pause)
        })
        .needed("\"55 ms\"")
        .fitted(0.1, 1e5, |_, _| true)
        .of_pauses(),
        Row::<Self>::new("cv", "Coefficient of variation of a pause.", CV, |gc| Slot::Number(&mut gc.cv))
            .spelt()
            .fitted(0.05, 5.0, |_, _| true)
            .of_pauses(),
        Row::<Self>::new(
            "per_in_flight",
            "Added to the mean pause for each request in flight.",
            Unit::Duration,
            |gc| Slot::Duration(&mut gc.per_in_flight),
        )
        .fitted(1e-4, 1e3, |shown, ms| shown.many_users && !shown.bytes && ms > 0.0)
        .of_pauses(),
        Row::<Self>::new(
            "per_copied_mib",
            "Added to the mean pause for each MiB that is copied: what is alive of what has come since the last \
             pause, or survived it. A log of collections shows it; load tests alone show its product with \
             `retains`.",
            Unit::Duration,
            |gc| of_heap(gc, |heap| Slot::Duration(&mut heap.per_copied_mib)),
        )
        .refused(WITHOUT, WITH)
        .fitted(1e-3, 100.0, |shown, _| shown.many_users && shown.bytes && shown.large)
        .of_pauses(),
        Row::<Self>::new(
            "full_per_live_mib",
            "How long a collection of the whole heap takes, for each MiB that is alive. Only a log of collections \
             shows it, or load tests of a parallel collector that large messages make collect all.",
            Unit::Duration,
            |gc| of_heap(gc, |heap| Slot::Duration(&mut heap.full_per_live_mib)),
        )
        .refused(WITHOUT, WITH)
        .fitted(0.01, 100.0, |shown, _| shown.whole && shown.many_users && shown.large)
        .of_pauses(),
        Row::<Self>::new(
            "marking_per_live_mib",
            "Core-time that marking takes beside the requests, for each MiB that is alive. Only a log of \
             collections shows it.",
            Unit::Duration,
            |gc| of_heap(gc, |heap| Slot::Duration(&mut heap.marking_per_live_mib)),
        )
        .refused(WITHOUT, WITH),
        Row::<Self>::new(
            "restart",
            "A process ends when what is alive does not fit into the heap, and is started again after so long.",
            Unit::Duration,
            |gc| of_heap(gc, |heap| Slot::Duration(&mut heap.restart)),
        )
        .refused(WITHOUT, WITH),
        Row::<Self>::new(
            "threads",
            "Threads of the collector when the pauses were measured: with more cores it has more, and \
             they are shorter; where nothing is stated they do not change.",
            Unit::Number { least: 1.0, most: 1024.0 },
            |gc| Slot::Number(&mut gc.threads),
        ),
        Row::<Self>::new(
            "full",
            "Collections of the whole heap.",
            Unit::Table("{ every = 50, pause = \"2 s\" }"),
            |gc| match &gc.budget {
                AllocationBudget::Requests(_) => Slot::Table(&mut gc.full),
                AllocationBudget::Young(_) => Slot::Refused,
            },
        )
        .refused("beside `young`", "remove it: they come when the heap is full")
        .or_none("there are none"),
    ];

    fn unstated() -> Self {
        Self {
            budget: AllocationBudget::Requests(1.0),
            pause: SimDuration::ZERO,
            cv: 0.0,
            per_in_flight: SimDuration::ZERO,
            full: None,
            threads: None,
        }
    }

    fn otherwise() -> Self {
        Self { budget: YOUNG, ..Self::unstated() }
    }
}

/// The names of the collectors with their meanings; the first is whom the JVM would choose.
const COLLECTORS: [(&str, &str); 4] = [
    ("ergonomic", "G1, or the serial collector where there is one core or less."),
    ("g1", "G1."),
    ("serial", "The serial collector."),
    (
        "parallel",
        "The parallel collector, whom Java 8 takes on two cores or more; write young = \"33.3 %\" with it (`NewRatio`).",
    ),
];

impl Choice for Option<Collector> {
    fn options(&self) -> &'static [(&'static str, &'static str)] {
        &COLLECTORS
    }

    fn chosen(&self) -> usize {
        match self {
            None => 0,
            Some(Collector::G1) => 1,
            Some(Collector::Serial) => 2,
            Some(Collector::Parallel) => 3,
        }
    }

    fn choose(&mut self, index: usize) {
        let chosen =
            [None, Some(Collector::G1), Some(Collector::Serial), Some(Collector::Parallel)];
        *self = chosen[index];
    }
}

impl Keyed for FullCollection {
    const NAME: &'static str = "FullCollection";
    const DOC: &'static str = "Collections of the whole heap, each in place of an ordinary pause.";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new("every", "One of so many pauses is one.", MANY, |full| {
            Slot::Number(&mut full.every)
        })
        .needed("50"),
        Row::<Self>::new("pause", "Its mean.", Unit::Duration, |full| {
            Slot::Duration(&mut full.pause)
        })
        .needed("\"2 s\""),
        Row::<Self>::new("cv", "Its coefficient of variation.", CV, |full| {
            Slot::Number(&mut full.cv)
        })
        .spelt(),
    ];

    fn unstated() -> Self {
        Self { every: 1.0, pause: SimDuration::ZERO, cv: 0.0 }
    }
}

impl Keyed for Stalls {
    const NAME: &'static str = "Stalls";
    const DOC: &'static str = "Stops that come with work and that no garbage collection log shows.";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new("every", "One after so much work, core-time.", Unit::Duration, |stalls| {
            Slot::Duration(&mut stalls.every)
        })
        .above_zero()
        .needed("\"1 s\"")
        .fitted(0.1, 1e8, |_, _| true)
        .of_pauses(),
        Row::<Self>::new("pause", "Its mean.", Unit::Duration, |stalls| {
            Slot::Duration(&mut stalls.pause)
        })
        .needed("\"30 ms\"")
        .fitted(0.1, 1e5, |_, _| true)
        .of_pauses(),
        Row::<Self>::new("cv", "Its coefficient of variation.", CV, |stalls| {
            Slot::Number(&mut stalls.cv)
        })
        .spelt()
        .fitted(0.05, 5.0, |_, _| true)
        .of_pauses(),
    ];

    fn unstated() -> Self {
        Self { every: SimDuration(1), pause: SimDuration::ZERO, cv: 0.0 }
    }
}

/// A multiplier of demands.
const TIMES: Unit = Unit::Number { least: 1.0, most: 1000.0 };
/// By time, where nothing is stated yet.
const BY_TIME: ColdStart = ColdStart::ByTime { factor: 1.0, decay: SimDuration(1) };

impl Keyed for ColdStart {
    const NAME: &'static str = "ColdStart";
    const DOC: &'static str = "What a freshly started JVM costs more: by the number of requests that it has \
        served (`first`, `requests`), or by time (`factor`, `decay`).";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new("first", "Multiplier of the first demand of each kind of work.", TIMES, |cold| {
            match cold {
                Self::ByRequests { first, .. } => Slot::Number(first),
                Self::ByTime { .. } => Slot::Refused,
            }
        })
        .needed("100")
        .refused("beside `factor` or `decay`", "state both or neither of `first` and `requests`"),
        Row::<Self>::new(
            "requests",
            "From so many of a kind on the node is warm. With 100 and 1000 the second costs 14, the tenth 5, \
             the hundredth 1.7 times as much as when warm: as measured.",
            MANY,
            |cold| match cold {
                Self::ByRequests { requests, .. } => Slot::Number(requests),
                Self::ByTime { .. } => Slot::Refused,
            },
        )
        .needed("1000")
        .refused("beside `factor` or `decay`", "state both or neither of `first` and `requests`"),
        Row::<Self>::new(
            "factor",
            "In place of `first`: demands are multiplied by `1 + (factor - 1) exp(-age / decay)`.",
            TIMES,
            |cold| match cold {
                Self::ByRequests { .. } => Slot::Idle,
                Self::ByTime { factor, .. } => Slot::Number(factor),
            },
        )
        .needed("3")
        .begins(|cold| *cold = BY_TIME),
        Row::<Self>::new(
            "decay",
            "In place of `requests`: time in which the excess falls to 1/e.",
            Unit::Duration,
            |cold| match cold {
                Self::ByRequests { .. } => Slot::Idle,
                Self::ByTime { decay, .. } => Slot::Duration(decay),
            },
        )
        .above_zero()
        .needed("\"60 s\"")
        .begins(|cold| *cold = BY_TIME),
    ];

    fn unstated() -> Self {
        Self::ByRequests { first: 1.0, requests: 1.0 }
    }

    fn otherwise() -> Self {
        BY_TIME
    }
}
