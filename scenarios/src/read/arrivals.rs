//! `arrivals`: how the requests of a flow arrive.

use sim::deployment::Arrivals;
use sim::random::Law;
use sim::time::{SimDuration, SimTime};

use crate::document::Item;
use crate::quantity::RATE;
use crate::read::csv::Table;
use crate::read::law;
use crate::read::section::{Context, Section};

/// Most users of a closed process.
const MOST_USERS: u64 = 1_000_000;
/// Most states of a modulated process.
const MOST_STATES: usize = 1000;

#[derive(Clone, Copy)]
enum Process {
    Poisson,
    Deterministic,
    Mmpp,
    Schedule,
    Trace,
    Closed,
}

const PROCESSES: [(Process, &str); 6] = [
    (Process::Poisson, "poisson"),
    (Process::Deterministic, "deterministic"),
    (Process::Mmpp, "mmpp"),
    (Process::Schedule, "schedule"),
    (Process::Trace, "trace"),
    (Process::Closed, "closed"),
];

/// The keys of every process.
pub(crate) const ALL_KEYS: &[&str] =
    &["process", "rate", "rates", "stays", "file", "users", "think"];

impl Process {
    /// The keys of one process.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Poisson | Self::Deterministic => &["process", "rate"],
            Self::Mmpp => &["process", "rates", "stays"],
            Self::Schedule | Self::Trace => &["process", "file"],
            Self::Closed => &["process", "users", "think"],
        }
    }
}

/// The keys of the process of that name.
#[cfg(test)]
pub(crate) fn keys_of(process: &str) -> &'static [&'static str] {
    PROCESSES.iter().find(|(_, name)| *name == process).map_or(&[], |(known, _)| known.keys())
}

/// An arrival process; `window` only serves warnings.
pub(crate) fn read(context: Context<'_>, item: &Item, window: SimDuration) -> Option<Arrivals> {
    let whole = Section::open_part(context, item, ALL_KEYS)?;
    let process = whole.need("process", "\"poisson\"")?;
    let process = context.choice(process, "an arrival process", &PROCESSES)?;
    let section = Section::open(context, item, process.keys())?;
    match process {
        Process::Poisson => Some(Arrivals::Poisson { rate: rate(section)? }),
        Process::Deterministic => Some(Arrivals::Deterministic { rate: rate(section)? }),
        Process::Mmpp => mmpp(section),
        Process::Schedule => schedule(section, window),
        Process::Trace => trace(section, window),
        Process::Closed => closed(section),
    }
}

fn rate(section: Section<'_>) -> Option<f64> {
    section.context.positive_rate(section.need("rate", "\"900 /s\"")?)
}

fn mmpp(section: Section<'_>) -> Option<Arrivals> {
    let context = section.context;
    let rates = section.need("rates", "[\"100 /s\", \"900 /s\"]");
    let stays = section.need("stays", "[\"50 s\", \"10 s\"]");
    let (rates_item, stays_item) = (rates?, stays?);
    let (rates, stays) = (context.list(rates_item)?, context.list(stays_item)?);
    if rates.len() != stays.len() || rates.is_empty() || rates.len() > MOST_STATES {
        let what = format!("{} rates and {} stays do not fit", rates.len(), stays.len());
        let help = "give a rate and a mean stay for each state, 1 to 1000 of them";
        context.log.problem(rates_item.place, what, help);
        return None;
    }
    // Collected twice so that one bad element does not hide the others.
    let rates: Vec<_> = rates.iter().map(|item| context.rate(item)).collect();
    let stays: Vec<_> = stays.iter().map(|item| context.positive_duration(item)).collect();
    let rates: Vec<f64> = rates.into_iter().collect::<Option<_>>()?;
    let stays = stays.into_iter().collect::<Option<_>>()?;
    if rates.iter().all(|rate| *rate <= 0.0) {
        context.log.problem(rates_item.place, "all rates are 0", "at least one is above 0");
        return None;
    }
    Some(Arrivals::Mmpp { rates, stays })
}

fn schedule(section: Section<'_>, window: SimDuration) -> Option<Arrivals> {
    let table = Table::open(section.context, section.need("file", "\"day.csv\"")?)?;
    let times = table.instants(false);
    let rates = table.column("rate_per_s").and_then(|c| table.numbers(c, RATE.largest()));
    let (times, rates) = (times?, rates?);
    if rates.iter().all(|(_, rate)| *rate <= 0.0) {
        return table.problem(None, "all rates are 0", "at least one is above 0");
    }
    if times.last().is_some_and(|last| *last > window.as_seconds()) {
        let name = table.name();
        section.context.log.warn(format!(
            "{name} goes on after the window of {window}; what comes later is not simulated"
        ));
    }
    let points = times.iter().zip(&rates).map(|(time, (_, rate))| (instant(*time), *rate));
    Some(Arrivals::Schedule { points: points.collect() })
}

fn trace(section: Section<'_>, window: SimDuration) -> Option<Arrivals> {
    let table = Table::open(section.context, section.need("file", "\"arrivals.csv\"")?)?;
    let times = table.instants(true)?;
    let late = times.iter().filter(|time| **time > window.as_seconds()).count();
    if late > 0 {
        let (name, all) = (table.name(), times.len());
        section.context.log.warn(format!(
            "{late} of the {all} arrivals of {name} come after the window of {window} and are not \
             simulated"
        ));
    }
    Some(Arrivals::Trace { times: times.into_iter().map(instant).collect() })
}

fn instant(seconds: f64) -> SimTime {
    SimTime::ZERO + SimDuration::from_seconds(seconds)
}

fn closed(section: Section<'_>) -> Option<Arrivals> {
    let context = section.context;
    let users = section.need("users", "100").and_then(|item| context.integer(item, 1, MOST_USERS));
    let think = section.get("think").map(|item| law::read(context, item));
    let think = think.unwrap_or_else(|| Some(Law::constant(SimDuration::ZERO)));
    Some(Arrivals::Closed { users: users? as u32, think: think? })
}
