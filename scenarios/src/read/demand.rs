//! `demand.NAME`: the CPU demand of one operation.

use sim::deployment::{Demand, PerSize};
use sim::random::Shape;
use sim::time::SimDuration;

use crate::document::{Item, Value};
use crate::read::law;
use crate::read::section::{Context, Section};

/// The keys of a demand.
pub(crate) const KEYS: &[&str] = &[
    "mean",
    "per_kib",
    "law",
    "cv",
    "on_workers",
    "per_kib_on_workers",
    "allocates",
    "allocates_per_kib",
    "retains",
    "retains_per_kib",
];

/// What a request allocates where nothing is stated: about what a call of the gateway does.
const ALLOCATES_KIB: f64 = 300.0;

/// A demand; a bare duration is constant, and so is a table without `law`.
pub(crate) fn read(context: Context<'_>, item: &Item) -> Option<Demand> {
    if !matches!(item.value, Value::Table(_)) {
        let mean = context.duration(item)?;
        let plain = Demand::plain(mean, Shape::Constant);
        return Some(Demand { allocates: PerSize { base: ALLOCATES_KIB, per_kib: 0.0 }, ..plain });
    }
    let section = Section::open(context, item, KEYS)?;
    let mean = section.need("mean", "\"0.5 ms\"").and_then(|item| context.duration(item));
    let per_kib = section.get("per_kib").map(|item| context.duration(item));
    let shape = shape(section);
    let per_kib = per_kib.unwrap_or(Some(SimDuration::ZERO));
    let share = |key| section.get(key).map_or(Some(1.0), |item| context.share(item));
    let size = |key| section.get(key).map_or(Some(0.0), |item| context.memory(item));
    let (on_workers, per_kib_on_workers) = (share("on_workers"), share("per_kib_on_workers"));
    let allocates = section.get("allocates");
    let allocates = allocates.map_or(Some(ALLOCATES_KIB), |item| context.memory(item));
    let allocates_per_kib = size("allocates_per_kib");
    let (retains, retains_per_kib) = (size("retains"), size("retains_per_kib"));
    Some(Demand {
        mean: mean?,
        per_kib: per_kib?,
        shape: shape?,
        on_workers: on_workers?,
        per_kib_on_workers: per_kib_on_workers?,
        allocates: PerSize { base: allocates?, per_kib: allocates_per_kib? },
        retains: PerSize { base: retains?, per_kib: retains_per_kib? },
    })
}

fn shape(section: Section<'_>) -> Option<Shape> {
    let context = section.context;
    let Some(item) = section.get("law") else {
        return law::shape(section, law::Name::Constant);
    };
    let name = law::name(context, item)?;
    if name == law::Name::Empirical {
        let help = "a demand grows with the message, so it has a mean; use a law of mean and cv";
        context.log.problem(item.place, "a demand cannot be empirical", help);
        return None;
    }
    law::shape(section, name)
}
