//! Which tests the results hold, and what of each is counted: stretches that overlap in time are one
//! test from several load generators; of each, the time in which all users ran is the window, without
//! the standstills in it.

use std::collections::BTreeSet;

use sim::stats::Silences;

use super::survey::{LEAST_SAMPLES, Stretch, Survey};
use super::threads::Plateau;
use crate::answers::Answers;
use crate::error;
use crate::options::Options;
use crate::timestamp::written;
use crate::tools::{Clock, Tool, Users};

/// Tests of which no more than this share of the shorter one overlaps came one after the other, by clocks
/// that differ.
const LEAST_OVERLAP: f64 = 0.1;

/// Nothing shorter is a standstill: what is shorter and comes again and again is counted by the silences.
const LEAST_STANDSTILL_MS: i64 = 2000;

/// A standstill is so many times as long as the mean interval between answers: by chance, one in e³⁰ is.
const BEYOND_CHANCE: f64 = 30.0;

/// A standstill is so many times as long as half of the answers take at most: answers that take as long
/// may come in clumps.
const BEYOND_TIMES: f64 = 4.0;

/// A standstill is so many steps of its clock long.
const BEYOND_STEPS: i64 = 5;

/// What comes so often is how the node behaves, and stays in.
pub(crate) const MOST_STANDSTILLS: usize = 10;

/// One load test.
pub(crate) struct Planned {
    /// By result and place in it.
    pub(crate) stretches: Vec<(usize, usize)>,
    /// None where requests come by themselves.
    pub(crate) users: Option<u32>,
    pub(crate) generators: usize,
    /// Samples count that end in it, the first instant excluded; ms since 1970.
    pub(crate) window: (i64, i64),
    /// Of a clock in steps, samples count that begin in this part of the window, the last instant
    /// excluded: it lies between steps, so that not one too many counts.
    steps: Option<(i64, i64)>,
    /// Samples count that begin in the window, both instants included: nobody waited for earlier ones.
    pub(crate) by_start: bool,
    /// From the last answer before to the first one after.
    pub(crate) standstills: Vec<(i64, i64)>,
    /// In which its clock counts.
    pub(crate) step_ms: u64,
    pub(crate) answers: Answers,
    /// What is wrong with it as a whole.
    pub(crate) flag: Option<String>,
    pub(crate) notes: Vec<String>,
}

/// A time in which all ran that is a smaller share of the whole is none to cut by.
const LEAST_LEVEL: f64 = 0.2;

/// A stretch and where it is from.
struct Part<'a> {
    place: (usize, usize),
    name: &'a str,
    tool: &'static Tool,
    stretch: &'a Stretch,
}

/// The tests that some results hold, by their beginning; and what is to be said of what is left out.
pub(crate) fn plan(results: &[(String, Survey)], options: &Options) -> (Vec<Planned>, Vec<String>) {
    let mut notes = Vec::new();
    let parts = parts(results, &mut notes);
    let groups = overlapping(parts);
    let planned: Vec<Planned> = groups.iter().map(|group| planned(group, options)).collect();
    for (result, (name, _)) in results.iter().enumerate() {
        let of_result = |test: &Planned| test.stretches.iter().any(|place| place.0 == result);
        let count = planned.iter().filter(|test| of_result(test)).count();
        if count > 1 {
            notes.push(format!(
                "{name} holds {count} tests one after the other, told apart by their headers or by pauses in \
                 which nothing was asked"
            ));
        }
    }
    (planned, notes)
}

/// The stretches that can be tests, each once, by their beginning.
fn parts<'a>(results: &'a [(String, Survey)], notes: &mut Vec<String>) -> Vec<Part<'a>> {
    let mut parts: Vec<Part> = Vec::new();
    let mut fingerprints = BTreeSet::new();
    for (result, (name, survey)) in results.iter().enumerate() {
        let mut few = 0;
        for (place, stretch) in survey.stretches.iter().enumerate() {
            let whole = survey.stretches.len() == 1;
            if stretch.samples < LEAST_SAMPLES && !whole {
                few += stretch.samples;
            } else if fingerprints.insert((stretch.fingerprint, stretch.samples, stretch.span)) {
                let tool = survey.tool;
                parts.push(Part { place: (result, place), name, tool, stretch });
            } else {
                notes.push(format!("{} holds the same samples again: left out", at(name, stretch)));
            }
        }
        if few > 0 {
            notes.push(format!(
                "{few} samples of {name} lie apart from all others, fewer than {LEAST_SAMPLES} \
                 together: left out"
            ));
        }
    }
    parts.sort_by_key(|part| (part.stretch.span.0, part.place));
    parts
}

fn at(name: &str, stretch: &Stretch) -> String {
    format!("{name}:{}-{}", stretch.lines.0, stretch.lines.1)
}

/// Those that overlap in time, directly or through others.
fn overlapping(parts: Vec<Part>) -> Vec<Vec<Part>> {
    let mut groups: Vec<Vec<Part>> = Vec::new();
    for part in parts {
        let meets = |group: &Vec<Part>| group.iter().any(|other| meet(&part, other));
        let met: Vec<usize> =
            groups.iter().enumerate().filter(|(_, group)| meets(group)).map(|(at, _)| at).collect();
        let Some((first, others)) = met.split_first() else {
            groups.push(vec![part]);
            continue;
        };
        for other in others.iter().rev() {
            let moved = groups.remove(*other);
            groups[*first].extend(moved);
        }
        groups[*first].push(part);
    }
    groups
}

/// Whether two were taken at once, as far as their clocks can be compared.
fn meet(a: &Part, b: &Part) -> bool {
    let comparable = [a, b].iter().all(|part| part.tool.clock == Clock::Epoch);
    comparable && overlap(a.stretch, b.stretch)
}

fn overlap(a: &Stretch, b: &Stretch) -> bool {
    let both = a.span.1.min(b.span.1) - a.span.0.max(b.span.0);
    let shorter = (a.span.1 - a.span.0).min(b.span.1 - b.span.0);
    both as f64 > LEAST_OVERLAP * shorter as f64
}

/// The users of a stretch, by the load generators that had them, and when all of them ran; no users where
/// requests came by themselves.
struct Loops {
    generators: Vec<(String, u32)>,
    window: (i64, i64),
    users: Option<u32>,
}

fn loops(part: &Part, options: &Options) -> Loops {
    let stretch = part.stretch;
    let starts = (stretch.span.0, stretch.last_start);
    let open = || Loops { generators: Vec::new(), window: starts, users: None };
    if part.tool.users == Users::Open && options.users.is_none() {
        return open();
    }
    let told: Vec<(&str, Plateau)> = stretch
        .threads()
        .into_iter()
        .filter_map(|(name, threads)| Some((name, threads.plateau()?)))
        .collect();
    let either = part.tool.users == Users::Either && options.users.is_none();
    if told.is_empty() {
        let level = stretch.running.shown();
        let Some(level) = level.filter(|level| level.is_steady || !either) else { return open() };
        let generators = vec![(part.name.to_owned(), level.most)];
        let length = |(from, to): (i64, i64)| (to - from) as f64;
        // The first instant of a window is left out.
        let whole = (stretch.span.0 - 1, stretch.span.1);
        let is_short = length(level.window) < LEAST_LEVEL * length(whole);
        let window = if is_short { whole } else { level.window };
        return Loops { generators, window, users: Some(level.most) };
    }
    if either && stretch.running.told().is_some_and(|level| !level.is_steady) {
        return open();
    }
    let window = told.iter().map(|(_, plateau)| plateau.window).reduce(both);
    let users = told.iter().map(|(_, plateau)| plateau.threads).sum();
    let name = |name: &str| if name.is_empty() { part.name.to_owned() } else { name.to_owned() };
    let generators = told.iter().map(|(of, plateau)| (name(of), plateau.threads)).collect();
    Loops { generators, window: window.unwrap_or(stretch.span), users: Some(users) }
}

/// The time that lies in both.
fn both(a: (i64, i64), b: (i64, i64)) -> (i64, i64) {
    (a.0.max(b.0), a.1.min(b.1))
}

fn planned(group: &[Part], options: &Options) -> Planned {
    let all: Vec<Loops> = group.iter().map(|part| loops(part, options)).collect();
    let generators: Vec<String> = all
        .iter()
        .flat_map(|each| &each.generators)
        .map(|(name, users)| format!("{name} ({users} users)"))
        .collect();
    let counted: Option<u32> = all.iter().map(|each| each.users).sum();
    let users = options.users.or(counted);
    let window = all.iter().map(|each| each.window).reduce(both);
    let mut answers = Answers::default();
    let mut step_ms = 1;
    for part in group {
        answers.merge(&part.stretch.answers);
        step_ms = step_ms.max(part.stretch.clock.step_ms());
    }
    let together = window.unwrap_or((0, 0));
    let flag = (together.1 < together.0).then(|| {
        "its load generators overlap, but never ran all their users at the same time".to_owned()
    });
    // A millennium is as good as more, and can be added to.
    let discard = options.discard.as_ms().min(3e13) as i64;
    let window = (together.0 + discard, together.1);
    let mut test = Planned {
        stretches: group.iter().map(|part| part.place).collect(),
        users,
        generators: generators.len().max(group.len()),
        window,
        steps: steps(window, step_ms as i64),
        by_start: users.is_none(),
        standstills: Vec::new(),
        step_ms,
        answers,
        flag,
        notes: Vec::new(),
    };
    if let Some(users) = test.users.filter(|_| generators.len() > 1) {
        test.notes.push(format!(
            "{} load generators overlap in time and are one test of {users} users: {}; silences between \
             answers are not told, since their clocks may differ by milliseconds",
            generators.len(),
            error::few(&generators)
        ));
    }
    if test.users.is_none() {
        test.notes.push(format!(
            "{}: requests came by themselves, whether or not earlier ones were answered (an open load); \
             where users waited for answers, say how many with `--users N`",
            group.first().map_or("", |part| part.name),
        ));
    }
    if test.is_shorter_than_its_clock() {
        test.notes.push(format!(
            "{}: it lasts less than {BEYOND_STEPS} steps of its clock, so that nobody knows how many requests \
             there were a second",
            group.first().map_or("", |part| part.name)
        ));
    }
    if step_ms > 1 {
        test.notes.push(format!(
            "{}: its clock goes in steps of {}, so that silences between answers are not told: each \
             would begin and end on a step",
            group.first().map_or("", |part| part.name),
            if step_ms % 1000 == 0 { format!("{} s", step_ms / 1000) } else { format!("{step_ms} ms") }
        ));
    }
    stand_still(&mut test, group);
    test
}

/// Finds the standstills of a test, and says what becomes of them.
fn stand_still(test: &mut Planned, group: &[Part]) {
    let (first, last) = test.window;
    let samples: u64 = group.iter().map(|part| part.stretch.times.count()).sum();
    let medians = group.iter().map(|part| part.stretch.times.median_ms());
    let median = medians.fold(0.0, f64::max);
    let long = LEAST_STANDSTILL_MS
        .max((BEYOND_TIMES * median) as i64)
        .max(BEYOND_STEPS * test.step_ms as i64);
    let gaps = test.answers.gaps((first, last), long, 100_000);
    let silent: i64 = gaps.iter().map(|gap| gap.1 - gap.0).sum();
    let spans = group.iter().map(|part| part.stretch.span);
    let whole: i64 = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).map_or(0, |s| s.1 - s.0);
    let interval = (whole - silent).max(1) as f64 / (samples as f64).max(1.0);
    let beyond = |gap: &(i64, i64)| (gap.1 - gap.0) as f64 > BEYOND_CHANCE * interval;
    let found: Vec<(i64, i64)> = gaps.into_iter().filter(beyond).collect();
    let Some(longest) = found.iter().map(|gap| gap.1 - gap.0).max() else { return };
    let seconds = |ms: i64| format!("{:.1} s", ms as f64 / 1000.0);
    if found.len() > MOST_STANDSTILLS {
        test.notes.push(format!(
            "nothing was answered {} times for up to {}: so often that it is left in, as the way this \
             node behaves",
            found.len(),
            seconds(longest)
        ));
        return;
    }
    for (from, to) in &found {
        test.notes.push(format!(
            "a standstill: nothing was answered for {}{} (from {} to {} after the window began); it is left \
             out with the samples that waited, so that the profile knows nothing of it",
            seconds(to - from),
            dated(*from, *to),
            seconds(from - first),
            seconds(to - first)
        ));
    }
    test.standstills = found;
}

/// From when to when, where a clock counts since 1970.
fn dated(from: i64, to: i64) -> String {
    const LATER: i64 = 100_000_000_000;
    if from < LATER {
        return String::new();
    }
    format!(", from {} to {}", written(from), &written(to)[11..])
}

/// The whole steps of a clock within a window, where there are enough of them. The end of a sample is
/// known to a step.
fn steps(window: (i64, i64), step: i64) -> Option<(i64, i64)> {
    let first = (window.0.saturating_add(2 * step - 1)).div_euclid(step) * step;
    let last = window.1.div_euclid(step) * step;
    (step > 1 && last - first >= BEYOND_STEPS * step).then_some((first, last))
}

impl Planned {
    /// Whether a sample counts.
    pub(crate) fn counts(&self, start: i64, end: i64) -> bool {
        match self.steps {
            Some((first, last)) => (first..last).contains(&start),
            None if self.by_start => self.window.0 <= start && start <= self.window.1,
            None => self.window.0 < end && end <= self.window.1,
        }
    }

    /// Whether it lasts only a few steps of its clock, so that nobody knows how long.
    pub(crate) fn is_shorter_than_its_clock(&self) -> bool {
        self.step_ms > 1 && self.steps.is_none()
    }

    /// Whether the time from one instant to another meets a standstill.
    pub(crate) fn stood_still(&self, start: i64, end: i64) -> bool {
        self.standstills.iter().any(|(from, to)| start < *to && end > *from)
    }

    /// The length of the window without its standstills, seconds.
    pub(crate) fn seconds(&self) -> f64 {
        let (first, last) = self.steps.unwrap_or(self.window);
        self.seconds_of(first, last)
    }

    /// The same of a part of it.
    pub(crate) fn seconds_of(&self, first: i64, last: i64) -> f64 {
        let within = |(from, to): &(i64, i64)| ((*to).min(last) - (*from).max(first)).max(0);
        let still: i64 = self.standstills.iter().map(within).sum();
        (last - first - still).max(0) as f64 / 1000.0
    }

    /// The silences between answers from one instant to another, standstills left out; none where they
    /// are not known to the millisecond.
    pub(crate) fn silences(&self, first: i64, last: i64) -> Option<Silences> {
        if self.generators > 1 || self.step_ms > 1 {
            return None;
        }
        let mut all = Silences::default();
        let mut begin = first;
        for (from, to) in &self.standstills {
            all.merge(&self.answers.silences(begin, *from)?);
            begin = *to;
        }
        all.merge(&self.answers.silences(begin, last)?);
        Some(all)
    }
}
