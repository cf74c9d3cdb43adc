//! Laws of durations: a bare duration, or a table of law, mean and cv.

use sim::random::{Law, LawError, Shape};
use sim::time::SimDuration;

use crate::document::{Item, Value};
use crate::read::csv;
use crate::read::section::{Context, Section};

/// The keys of a law.
pub(crate) const KEYS: &[&str] = &["law", "mean", "cv", "file", "column", "unit"];

/// The names of the laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Constant,
    Exponential,
    Erlang,
    Gamma,
    Lognormal,
    Hyperexponential,
    Weibull,
    Pareto,
    Empirical,
}

/// Every law with the name that files use.
pub(crate) const NAMES: [(Name, &str); 9] = [
    (Name::Constant, "constant"),
    (Name::Exponential, "exponential"),
    (Name::Erlang, "erlang"),
    (Name::Gamma, "gamma"),
    (Name::Lognormal, "lognormal"),
    (Name::Hyperexponential, "hyperexponential"),
    (Name::Weibull, "weibull"),
    (Name::Pareto, "pareto"),
    (Name::Empirical, "empirical"),
];

/// A law; a bare duration is constant.
pub(crate) fn read(context: Context<'_>, item: &Item) -> Option<Law> {
    if !matches!(item.value, Value::Table(_)) {
        return context.duration(item).map(Law::constant);
    }
    let section = Section::open(context, item, KEYS)?;
    let name = section.need("law", "\"lognormal\"").and_then(|item| name(context, item))?;
    if name == Name::Empirical {
        section.refuse(&["mean", "cv"], "with an empirical law", "the file fixes both; remove it");
        return empirical(section);
    }
    let help = "only `law = \"empirical\"` reads a file; remove it";
    section.refuse(&["file", "column", "unit"], "with this law", help);
    let mean = section.need("mean", "\"40 ms\"").and_then(|item| context.duration(item));
    let shape = shape(section, name, "cv");
    Some(Law { mean: mean?, shape: shape? })
}

/// The name of a law.
pub(crate) fn name(context: Context<'_>, item: &Item) -> Option<Name> {
    context.choice(item, "a law", &NAMES)
}

/// The shape of a law that two moments fix, with the cv that stands in the section under this key.
pub(crate) fn shape(section: Section<'_>, name: Name, cv_key: &'static str) -> Option<Shape> {
    let fixed = match name {
        Name::Constant => Some(Shape::Constant),
        Name::Exponential => Some(Shape::Exponential),
        _ => None,
    };
    if fixed.is_some() {
        let help = format!("its mean fixes it; remove `{cv_key}`");
        section.refuse(&[cv_key], "with this law", &help);
        return fixed;
    }
    let item = section.need(cv_key, "0.8")?;
    let cv = section.context.number(item, 0.0, 100.0)?;
    let checked = match name {
        Name::Erlang => Shape::erlang(cv),
        Name::Gamma => Shape::gamma(cv),
        Name::Hyperexponential => Shape::hyperexponential(cv),
        Name::Weibull => Shape::weibull(cv),
        Name::Pareto => Shape::pareto(cv),
        Name::Constant | Name::Exponential | Name::Empirical | Name::Lognormal => {
            Shape::lognormal(cv)
        }
    };
    checked.map_err(|error| note(section.context, item, &error)).ok()
}

fn note(context: Context<'_>, item: &Item, error: &LawError) {
    let message = error.to_string();
    let (what, help) = message.split_once("; ").unwrap_or((&message, ""));
    context.log.problem(item.place, what, help);
}

/// Reads one column of observed durations; its name ends in their unit, or `unit` states it.
fn empirical(section: Section<'_>) -> Option<Law> {
    let context = section.context;
    let file = section.need("file", "\"observed.csv\"")?;
    let column = section.get("column").and_then(|column| context.text(column));
    let unit = section.get("unit").and_then(|item| context.choice(item, "a unit", &csv::UNITS));
    let table = csv::Table::open(context, file)?;
    let column = match column {
        Some(column) => table.column(column)?,
        None => table.only_column()?,
    };
    let Some(seconds) = unit.or_else(|| csv::unit_of(table.header(column))) else {
        let what = format!("{}: the column `{}` has no unit", table.name(), table.header(column));
        let help = "end its name in a unit, like `latency_ms`, or add unit = \"ms\"";
        context.log.problem(file.place, what, help);
        return None;
    };
    let values = table.durations(column, seconds)?;
    match Shape::empirical(values) {
        Ok((mean, shape)) => Some(Law { mean: SimDuration::from_seconds(mean), shape }),
        Err(error) => {
            let what = format!("{}: {error}", table.name());
            context.log.problem(file.place, what, "give at least one duration above 0");
            None
        }
    }
}
