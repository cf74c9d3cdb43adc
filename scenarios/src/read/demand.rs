//! `demand.NAME`: the CPU demand of one operation.

use sim::deployment::Demand;
use sim::random::Shape;
use sim::time::SimDuration;

use crate::document::{Item, Value};
use crate::read::law;
use crate::read::section::{Context, Section};

/// The keys of a demand.
pub(crate) const KEYS: &[&str] = &["mean", "per_kib", "law", "cv"];

/// A demand; a bare duration is constant, and so is a table without `law`.
pub(crate) fn read(context: Context<'_>, item: &Item) -> Option<Demand> {
    if !matches!(item.value, Value::Table(_)) {
        let mean = context.duration(item)?;
        return Some(Demand { mean, per_kib: SimDuration::ZERO, shape: Shape::Constant });
    }
    let section = Section::open(context, item, KEYS)?;
    let mean = section.need("mean", "\"0.5 ms\"").and_then(|item| context.duration(item));
    let per_kib = section.get("per_kib").map(|item| context.duration(item));
    let shape = shape(section);
    let per_kib = per_kib.unwrap_or(Some(SimDuration::ZERO));
    Some(Demand { mean: mean?, per_kib: per_kib?, shape: shape? })
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
