//! `arrivals`: how the requests of a flow arrive.

use sim::deployment::Arrivals;
use sim::random::Law;
use sim::scenario::RunSettings;
use sim::time::{SimDuration, SimTime};

use crate::document::Item;
use crate::quantity::{RATE, shown};
use crate::read::csv::Table;
use crate::read::names::suggestion;
use crate::read::section::{Context, Section};
use crate::read::times::DAY;
use crate::read::{law, times};

/// Most users of a closed process.
pub(crate) const MOST_USERS: u64 = 1_000_000;
/// Most times as often.
const MOST_SCALE: f64 = 1000.0;
/// Seconds of an hour.
const HOUR: f64 = 3600.0;
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
    UsersOf,
}

const PROCESSES: [(Process, &str); 7] = [
    (Process::Poisson, "poisson"),
    (Process::Deterministic, "deterministic"),
    (Process::Mmpp, "mmpp"),
    (Process::Schedule, "schedule"),
    (Process::Trace, "trace"),
    (Process::Closed, "closed"),
    (Process::UsersOf, "users-of"),
];

/// The keys of every process.
pub(crate) const ALL_KEYS: &[&str] =
    &["process", "rate", "rates", "stays", "file", "users", "think", "scale", "flow", "share"];

impl Process {
    /// The keys of one process.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Poisson | Self::Deterministic => &["process", "rate", "scale"],
            Self::Mmpp => &["process", "rates", "stays", "scale"],
            Self::Schedule | Self::Trace => &["process", "file", "scale"],
            Self::Closed => &["process", "users", "think", "scale"],
            Self::UsersOf => &["process", "flow", "share"],
        }
    }
}

/// The keys of the process of that name.
#[cfg(test)]
pub(crate) fn keys_of(process: &str) -> &'static [&'static str] {
    PROCESSES.iter().find(|(_, name)| *name == process).map_or(&[], |(known, _)| known.keys())
}

/// An arrival process; `run` says when the window begins and how long it is, `flows` are the names of all
/// flows.
pub(crate) fn read(
    context: Context<'_>,
    item: &Item,
    run: &RunSettings,
    flows: &[&str],
) -> Option<Arrivals> {
    let whole = Section::open_part(context, item, ALL_KEYS)?;
    let process = whole.need("process", "\"poisson\"")?;
    let process = context.choice(process, "an arrival process", &PROCESSES)?;
    let section = Section::open(context, item, process.keys())?;
    let arrivals = match process {
        Process::Poisson => Some(Arrivals::Poisson { rate: rate(section)? }),
        Process::Deterministic => Some(Arrivals::Deterministic { rate: rate(section)? }),
        Process::Mmpp => mmpp(section),
        Process::Schedule => schedule(section, run),
        Process::Trace => trace(section, run),
        Process::Closed => closed(section),
        Process::UsersOf => return users_of(section, flows),
    };
    let scale = section.get("scale").map_or(Some(1.0), |item| scale(context, item));
    let (arrivals, scale) = (arrivals?, scale?);
    Some(if scale == 1.0 { arrivals } else { arrivals.times(scale) })
}

/// How many times as often requests come.
fn scale(context: Context<'_>, item: &Item) -> Option<f64> {
    let scale = context.number(item, 0.0, MOST_SCALE)?;
    if scale == 0.0 {
        let help = "it is above 0; leave the flow out instead";
        context.log.problem(item.place, "`scale = 0` leaves no requests", help);
        return None;
    }
    Some(scale)
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

fn schedule(section: Section<'_>, run: &RunSettings) -> Option<Arrivals> {
    let table = Table::open(section.context, section.need("file", "\"day.csv\"")?)?;
    let times = times::read(&table, false);
    let rates = table.needed("rate_per_s", "requests per second");
    let rates = rates.and_then(|column| table.numbers(column, RATE.largest()));
    let (times, rates) = (times?, rates?);
    if rates.iter().all(|rate| *rate <= 0.0) {
        return table.problem(None, "all rates are 0", "at least one is above 0");
    }
    let start = times.start(&table, run)?;
    let mut line: Vec<(f64, f64)> = times.seconds.iter().copied().zip(rates).collect();
    if run.begins.is_some() {
        repeat_days(&mut line, times.midnight(), start + run.window.as_seconds());
    }
    warn_of_ends(&table, &line, start, run);
    Some(Arrivals::Schedule { points: from(&line, start) })
}

/// Lets a schedule of one whole day, but for an hour at its ends, begin again at each midnight.
fn repeat_days(line: &mut Vec<(f64, f64)>, midnight: f64, end: f64) {
    let day = line.clone();
    let (first, last) = (day.first().map_or(0.0, |p| p.0), day.last().map_or(0.0, |p| p.0));
    let is_whole = first - midnight <= HOUR && (DAY - HOUR..=DAY).contains(&(last - midnight));
    let mut shift = DAY;
    while is_whole && line.last().is_some_and(|point| point.0 < end) {
        let known = line.last().map_or(0.0, |point| point.0);
        let again = day.iter().map(|(time, rate)| (time + shift, *rate));
        line.extend(again.filter(|(time, _)| *time > known));
        shift += DAY;
    }
}

/// What is held where a schedule does not reach, and what of it is not simulated.
fn warn_of_ends(table: &Table<'_>, line: &[(f64, f64)], start: f64, run: &RunSettings) {
    let (Some((first, first_rate)), Some((last, last_rate))) = (line.first(), line.last()) else {
        return;
    };
    let (window, name) = (run.window, table.name());
    let end = start + window.as_seconds();
    let shown = |seconds: f64| SimDuration::from_seconds(seconds.max(0.0));
    if *last < end {
        let what =
            format!("a schedule that ends before the window of {window} holds its last rate");
        table.warn(what, format!("{name} ({last_rate} /s from {} on)", shown(last - start)));
    }
    if *first > start {
        let what = "a schedule that begins after the window holds its first rate until then";
        table.warn(what, format!("{name} ({first_rate} /s for {})", shown(first.min(end) - start)));
    }
    // Who says from when to when knows that there is more.
    if *last > end && run.begins.is_none() {
        let what = format!(
            "what a schedule says beyond the window of {window} is not simulated; set run.window, or \
             run.from and run.to"
        );
        table.warn(what, name);
    }
}

/// A schedule from an instant on, from which its times then count.
fn from(line: &[(f64, f64)], start: f64) -> Vec<(SimTime, f64)> {
    let later = line.partition_point(|(time, _)| *time <= start);
    let here = later.checked_sub(1).map(|before| {
        let (begin, low) = line[before];
        let rate = line
            .get(later)
            .map_or(low, |(end, high)| low + (high - low) * (start - begin) / (end - begin));
        (SimTime::ZERO, rate)
    });
    let rest = line[later..].iter().map(|(time, rate)| (instant(time - start), *rate));
    here.into_iter().chain(rest).collect()
}

fn trace(section: Section<'_>, run: &RunSettings) -> Option<Arrivals> {
    let table = Table::open(section.context, section.need("file", "\"arrivals.csv\"")?)?;
    let times = times::read(&table, true)?;
    let start = times.start(&table, run)?;
    let end = start + run.window.as_seconds();
    let outside = times.seconds.iter().filter(|time| !(start..=end).contains(*time)).count();
    if outside > 0 {
        let what = format!("arrivals outside of the window of {} are not simulated", run.window);
        table.warn(what, format!("{outside} of the {} of {}", times.seconds.len(), table.name()));
    }
    let inside = times.seconds.iter().filter(|time| **time >= start);
    Some(Arrivals::Trace { times: inside.map(|time| instant(time - start)).collect() })
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

fn users_of(section: Section<'_>, flows: &[&str]) -> Option<Arrivals> {
    let context = section.context;
    let named =
        section.need("flow", "\"orders\"").and_then(|item| Some((item, context.name(item)?)));
    let share = section.need("share", "\"25 %\"");
    let share = share.and_then(|item| {
        let share = context.share(item)?;
        if share > 0.0 && share < 1.0 {
            return Some(share);
        }
        let what = "a share of no requests, or of all";
        context.log.problem(item.place, what, "it lies between 0 % and 100 %");
        None
    });
    let (item, name) = named?;
    let flow = flows.iter().position(|known| *known == name);
    if flow.is_none() {
        let what = format!("there is no flow `{}`", shown(&name));
        context.log.problem(item.place, what, suggestion(&name, flows));
    }
    Some(Arrivals::OfUsers { flow: flow?, share: share? })
}
