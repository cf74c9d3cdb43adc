//! A profile, when all that it inherits has been merged into one table.

use std::collections::BTreeMap;

use sim::deployment::{ColdStart, Demand, Discipline, GarbageCollection, Profile};
use sim::random::{Law, Shape};
use sim::time::SimDuration;

use crate::document::{Item, Value};
use crate::read::section::{Context, Section};
use crate::read::{demand, law};

/// The keys of a profile.
pub(crate) const KEYS: &[&str] = &[
    "from",
    "cores",
    "workers",
    "queue",
    "bursts",
    "discipline",
    "hop",
    "demand",
    "gc",
    "mtbf",
    "mttr",
    "start_up",
    "cold_start",
    "database",
    "price",
];

/// The keys of `gc`.
pub(crate) const GC_KEYS: &[&str] = &["requests_per_pause", "pause", "cv", "per_in_flight"];
/// The keys of `cold_start`.
pub(crate) const COLD_START_KEYS: &[&str] = &["factor", "decay"];

/// The worker threads of the product's pass-through transport.
const WORKERS: u32 = 400;
/// Time to repair where nothing is stated.
const MTTR: SimDuration = SimDuration(120_000_000_000);

const DISCIPLINES: [(Discipline, &str); 2] =
    [(Discipline::ProcessorSharing, "ps"), (Discipline::FirstComeFirstServed, "fcfs")];

/// The profile of that name from its merged table.
pub(crate) fn read(context: Context<'_>, name: &str, item: &Item) -> Option<Profile> {
    let section = Section::open(context, item, KEYS)?;
    let cores = section.need("cores", "2").and_then(|item| cores(context, item));
    let demands = demands(section);
    let whole = |key, most| {
        let item = section.get(key).filter(|item| !Context::is_none(item))?;
        context.integer(item, 1, most)
    };
    let workers = whole("workers", 1_000_000).map_or(WORKERS, |workers| workers as u32);
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
        bursts: whole("bursts", 64).map_or(1, |bursts| bursts as u8),
        discipline: discipline.unwrap_or(Discipline::ProcessorSharing),
        hop: law_or_zero(section, "hop"),
        gc: section.get("gc").and_then(|item| garbage_collection(context, item)),
        database: section
            .get("database")
            .filter(|item| !Context::is_none(item))
            .and_then(|item| law::read(context, item)),
        mtbf: mtbf.and_then(|item| context.positive_duration(item)),
        mttr: mttr.unwrap_or(MTTR),
        start_up: law_or_zero(section, "start_up"),
        cold_start: section.get("cold_start").and_then(|item| cold_start(context, item)),
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
        let demand = demand::read(context, &entry.item).unwrap_or(Demand {
            mean: SimDuration(1),
            per_kib: SimDuration::ZERO,
            shape: Shape::Constant,
        });
        named.then(|| (entry.key.clone(), demand))
    });
    Some(read.collect())
}

fn garbage_collection(context: Context<'_>, item: &Item) -> Option<GarbageCollection> {
    if off(context, item, "{ requests_per_pause = 3500, pause = \"55 ms\" }") {
        return None;
    }
    let section = Section::open(context, item, GC_KEYS)?;
    let requests =
        section.need("requests_per_pause", "3500").and_then(|i| context.number(i, 1.0, 1e12));
    let pause = section.need("pause", "\"55 ms\"").and_then(|item| context.duration(item));
    let cv = section.get("cv").map(|item| context.number(item, 0.0, 100.0));
    let per_in_flight = section.get("per_in_flight").map(|item| context.duration(item));
    Some(GarbageCollection {
        requests_per_pause: requests?,
        pause: pause?,
        cv: cv.unwrap_or(Some(0.0))?,
        per_in_flight: per_in_flight.unwrap_or(Some(SimDuration::ZERO))?,
    })
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
