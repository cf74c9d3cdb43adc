//! A profile, when all that it inherits has been merged into one table.

use std::collections::BTreeMap;

use sim::deployment::{
    AllocationBudget, Bursts, ColdStart, Demand, Discipline, FullCollection, GarbageCollection,
    Profile, Stalls,
};
use sim::random::{Law, Shape};
use sim::time::SimDuration;

use crate::document::{Item, Value};
use crate::read::section::{Context, Section};
use crate::read::{database, demand, law};

/// The keys of a profile.
pub(crate) const KEYS: &[&str] = &[
    "from",
    "cores",
    "workers",
    "queue",
    "bursts",
    "buffer",
    "discipline",
    "hop",
    "demand",
    "demand_error",
    "heap",
    "gc",
    "stalls",
    "crowding",
    "mtbf",
    "mttr",
    "start_up",
    "cold_start",
    "database",
    "replication",
    "price",
];

/// The keys of `gc`.
pub(crate) const GC_KEYS: &[&str] = &[
    "requests_per_pause",
    "young",
    "resident",
    "background",
    "pause",
    "cv",
    "per_in_flight",
    "per_live_mib",
    "threads",
    "full",
];
/// The keys of `gc.full`.
pub(crate) const FULL_KEYS: &[&str] = &["every", "pause", "cv"];
/// The keys of `stalls`.
pub(crate) const STALLS_KEYS: &[&str] = &["every", "pause", "cv"];
/// The keys of `cold_start`.
pub(crate) const COLD_START_KEYS: &[&str] = &["factor", "decay"];

/// The worker threads of the product's pass-through transport.
const WORKERS: u32 = 400;
/// The I/O buffer of the product's pass-through transport (`io_buffer_size` in
/// `am.default.json`).
const BUFFER_KIB: f64 = 16.0;
/// Time to repair where nothing is stated.
const MTTR: SimDuration = SimDuration(120_000_000_000);

const DISCIPLINES: [(Discipline, &str); 2] =
    [(Discipline::ProcessorSharing, "ps"), (Discipline::FirstComeFirstServed, "fcfs")];

/// The profile of that name from its merged table.
pub(crate) fn read(context: Context<'_>, name: &str, item: &Item) -> Option<Profile> {
    let section = Section::open(context, item, KEYS)?;
    let cores = section.need("cores", "2").and_then(|item| cores(context, item));
    let gc = section.get("gc").map(|item| garbage_collection(section, item, cores));
    let demands = demands(section);
    let workers = section.get("workers").and_then(|item| context.integer(item, 1, 1_000_000));
    let workers = workers.map_or(WORKERS, |workers| workers as u32);
    let queue = section.get("queue").filter(|item| !Context::is_none(item));
    let queue = queue.and_then(|item| context.integer(item, 0, 1_000_000_000));
    let discipline = section
        .get("discipline")
        .and_then(|item| context.choice(item, "a discipline", &DISCIPLINES));
    let mtbf = section.get("mtbf").filter(|item| !Context::is_none(item));
    let mttr = section.get("mttr").and_then(|item| context.positive_duration(item));
    Some(Profile {
        name: name.to_owned(),
        workers,
        queue: queue.map(|queue| queue as u32),
        bursts: bursts(section, discipline)?,
        discipline: discipline.unwrap_or(Discipline::ProcessorSharing),
        hop: law_or_zero(section, "hop"),
        gc: gc.unwrap_or_default(),
        stalls: section.get("stalls").and_then(|item| stalls(context, item)),
        crowding_mib: section
            .get("crowding")
            .filter(|item| !Context::is_none(item))
            .and_then(|item| context.positive_memory(item))
            .map(|kib| kib / 1024.0),
        database: section
            .get("database")
            .filter(|item| !Context::is_none(item))
            .and_then(|item| database::read(context, item)),
        replication: section
            .get("replication")
            .and_then(|item| context.number(item, 0.0, 100.0))
            .unwrap_or(0.0),
        mtbf: mtbf.and_then(|item| context.positive_duration(item)),
        mttr: mttr.unwrap_or(MTTR),
        start_up: law_or_zero(section, "start_up"),
        cold_start: section.get("cold_start").and_then(|item| cold_start(context, item)),
        demand_error: section.get("demand_error").and_then(|item| context.share(item)),
        price_per_hour: section.get("price").and_then(|item| context.price(item)).unwrap_or(0.0),
        cores: cores?,
        demands: demands?,
    })
}

fn cores(context: Context<'_>, item: &Item) -> Option<f64> {
    context.number(item, 0.01, 1024.0)
}

fn law_or_zero(section: Section<'_>, key: &'static str) -> Law {
    let read = section.get(key).and_then(|item| law::read(section.context, item));
    read.unwrap_or(Law::constant(SimDuration::ZERO))
}

fn demands(section: Section<'_>) -> Option<BTreeMap<String, Demand>> {
    let context = section.context;
    let item = section.need("demand", "{ passthrough = \"0.5 ms\" }")?;
    let table = context.table(item)?;
    if table.entries.is_empty() {
        context.log.problem(
            item.place,
            "there is no demand",
            "add demand.passthrough = \"0.5 ms\"",
        );
        return None;
    }
    let read = table.entries.iter().filter_map(|entry| {
        let named = context.checked_name(entry.place, &entry.key);
        // A demand that is wrong is there all the same, so that nobody is told that it is missing.
        let stand_in = || Demand::plain(SimDuration(1), Shape::Constant);
        let demand = demand::read(context, &entry.item).unwrap_or_else(stand_in);
        named.then(|| (entry.key.clone(), demand))
    });
    Some(read.collect())
}

/// So many equal bursts, or `reactor`.
fn bursts(section: Section<'_>, discipline: Option<Discipline>) -> Option<Bursts> {
    let context = section.context;
    let item = section.get("bursts");
    let Some(item) = item.filter(|item| item.text() == Some("reactor")) else {
        section.refuse(&["buffer"], "without dispatchers", "write bursts = \"reactor\" with it");
        let equal = item.map_or(Some(1), |item| match item.value {
            Value::Text(_) => context.not(item, "a number of bursts", "write 8, or \"reactor\""),
            _ => context.integer(item, 1, 64),
        });
        return equal.map(|bursts| Bursts::Equal(bursts as u8));
    };
    if discipline == Some(Discipline::FirstComeFirstServed) {
        let help = "dispatchers and workers share the cores: discipline = \"ps\"";
        context.log.problem(item.place, "`reactor` makes no sense under fcfs", help);
        return None;
    }
    let buffer = section.get("buffer").map_or(Some(BUFFER_KIB), |item| context.positive_size(item));
    Some(Bursts::Reactor { buffer_kib: buffer? })
}

fn garbage_collection(
    section: Section<'_>,
    item: &Item,
    cores: Option<f64>,
) -> Option<GarbageCollection> {
    let (context, profile) = (section.context, section);
    if off(context, item, "{ requests_per_pause = 3500, pause = \"55 ms\" }") {
        return None;
    }
    let section = Section::open(context, item, GC_KEYS)?;
    let budget = budget(profile, section);
    let pause = section.need("pause", "\"55 ms\"").and_then(|item| context.duration(item));
    let cv = section.get("cv").map(|item| context.number(item, 0.0, 100.0));
    let time =
        |key| section.get(key).map_or(Some(SimDuration::ZERO), |item| context.duration(item));
    let (per_in_flight, per_live_mib) = (time("per_in_flight"), time("per_live_mib"));
    let threads = section.get("threads").map(|item| context.number(item, 1.0, 1024.0));
    let full = match section.get("full") {
        Some(item) if !off(context, item, "{ every = 50, pause = \"2 s\" }") => {
            Some(full_collection(context, item)?)
        }
        _ => None,
    };
    let gc = GarbageCollection {
        budget: budget?,
        pause: pause?,
        cv: cv.unwrap_or(Some(0.0))?,
        per_in_flight: per_in_flight?,
        per_live_mib: per_live_mib?,
        full,
        threads: threads.unwrap_or(None),
    };
    Some(cores.map_or(gc, |cores| gc.with_cores(cores)))
}

/// What may be allocated until the next pause: so many requests, or the young part of the heap.
fn budget(profile: Section<'_>, section: Section<'_>) -> Option<AllocationBudget> {
    let context = section.context;
    let Some(young) = section.get("young") else {
        section.refuse(
            &["resident", "background"],
            "without `young`",
            "write young = \"60 %\" with it",
        );
        profile.refuse(&["heap"], "where `gc` counts requests", "write gc.young = \"60 %\"");
        let requests = section.need("requests_per_pause", "3500, or young = \"60 %\"");
        let requests = requests.and_then(|item| context.number(item, 1.0, 1e12))?;
        return Some(AllocationBudget::Requests(requests));
    };
    section.refuse(&["requests_per_pause"], "beside `young`", "remove one of the two");
    let share = context.positive_share(young);
    let heap = profile.need("heap", "\"2 GiB\"").and_then(|item| context.positive_memory(item));
    let resident = section.get("resident").map_or(Some(0.0), |item| context.memory(item));
    let background = section.get("background").map_or(Some(0.0), |item| context.memory(item));
    let (heap, resident, background) = (heap?, resident?, background?);
    if resident >= heap {
        let help = "`resident` is what is always alive, less than `heap`";
        section.problem("nothing is left of the heap", help);
        return None;
    }
    let (heap_mib, resident_mib) = (heap / 1024.0, resident / 1024.0);
    let background_mib = background / 1024.0;
    Some(AllocationBudget::Young { heap_mib, resident_mib, share: share?, background_mib })
}

fn full_collection(context: Context<'_>, item: &Item) -> Option<FullCollection> {
    let section = Section::open(context, item, FULL_KEYS)?;
    let every = section.need("every", "50").and_then(|item| context.number(item, 1.0, 1e12));
    let pause = section.need("pause", "\"2 s\"").and_then(|item| context.duration(item));
    let cv = section.get("cv").map_or(Some(0.0), |item| context.number(item, 0.0, 100.0));
    Some(FullCollection { every: every?, pause: pause?, cv: cv? })
}

fn stalls(context: Context<'_>, item: &Item) -> Option<Stalls> {
    if off(context, item, "{ every = \"1 s\", pause = \"30 ms\" }") {
        return None;
    }
    let section = Section::open(context, item, STALLS_KEYS)?;
    let every = section.need("every", "\"1 s\"").and_then(|item| context.positive_duration(item));
    let pause = section.need("pause", "\"30 ms\"").and_then(|item| context.duration(item));
    let cv = section.get("cv").map_or(Some(0.0), |item| context.number(item, 0.0, 100.0));
    Some(Stalls { every: every?, pause: pause?, cv: cv? })
}

fn cold_start(context: Context<'_>, item: &Item) -> Option<ColdStart> {
    if off(context, item, "{ factor = 3, decay = \"60 s\" }") {
        return None;
    }
    let section = Section::open(context, item, COLD_START_KEYS)?;
    let factor = section.need("factor", "3").and_then(|item| context.number(item, 1.0, 1000.0));
    let decay = section.need("decay", "\"60 s\"").and_then(|item| context.positive_duration(item));
    Some(ColdStart { factor: factor?, decay: decay? })
}

/// Whether a feature is off: `none`, or some other text, which is a problem.
fn off(context: Context<'_>, item: &Item, example: &str) -> bool {
    let text = matches!(item.value, Value::Text(_));
    if text && !Context::is_none(item) {
        let help = format!("write \"none\" or {example}");
        context.not::<()>(item, "a table", &help);
    }
    text
}
