//! The pauses of a log, and what they say together.

use sim::measurement::{Collections, Known};
use sim::network::Collector;

use super::line::{Entry, Event, Kind, Pause};

/// More pauses are not kept.
const MOST_PAUSES: usize = 500_000;

/// Rates between two pauses that are further from the usual one than this factor are of another load.
const OF_ONE_LOAD: f64 = 2.0;

/// What pauses copy must differ so much, as a coefficient of variation, for them to show what it costs.
const LEAST_SPREAD: f64 = 0.15;

/// And what it costs must be known to this standard error, as a share.
const KNOWN_TO: f64 = 0.3;

/// No error is smaller: sizes are written in whole MiB or regions.
const LEAST_ERROR: f64 = 0.005;

/// The part of the young generation that is not eden, where a log does not tell: an eighth for each of two
/// spaces (`SurvivorRatio`).
const WITH_SURVIVORS: f64 = 1.25;

/// G1's young generation takes up to 60 % of the heap; where it never comes near that, something keeps it down.
const USUAL_YOUNG: f64 = 0.5;

/// As a heap does of which so large a share is left after pauses.
const FULL: f64 = 0.35;

/// What was said of the collection that has not ended yet; sizes in MiB or regions.
#[derive(Clone, Copy, Debug, Default)]
struct Current {
    number: u64,
    eden: Option<(f64, f64)>,
    survivors: Option<(f64, f64)>,
    old: Option<(f64, f64)>,
    in_regions: bool,
    exhausted: bool,
}

/// A pause of the young generation; sizes in MiB.
#[derive(Clone, Copy, Debug)]
struct Young {
    ms: f64,
    after: f64,
    committed: f64,
    eden: Option<f64>,
    /// What the young generation may be next, or is.
    may_be: Option<f64>,
    /// None where it is not told, or old regions were copied as well.
    copied: Option<f64>,
    survivors: Option<f64>,
}

/// From the end of a pause to the next: seconds and MiB.
#[derive(Clone, Copy, Debug)]
struct Interval {
    seconds: Option<f64>,
    allocated: f64,
    committed: f64,
}

/// What a log has said so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    collector: Option<Collector>,
    region: Option<f64>,
    initial: Option<f64>,
    most: Option<f64>,
    workers: Option<f64>,
    current: Current,
    young: Vec<Young>,
    intervals: Vec<Interval>,
    /// When the last pause ended, and what was there then.
    last: Option<(Option<f64>, f64)>,
    committed: f64,
    /// What was there after collections of all that was garbage.
    live: Vec<f64>,
    full: (f64, f64),
    full_pauses: usize,
    marking: (f64, f64),
    exhausted: usize,
}

impl Log {
    /// Pauses of the young generation, and of the whole heap.
    pub(super) fn count(&self) -> (usize, usize) {
        (self.young.len(), self.full_pauses)
    }

    pub(super) fn take(&mut self, entry: Entry) {
        match entry {
            Entry::Collector(name) => {
                self.collector = match name.as_str() {
                    "G1" => Some(Collector::G1),
                    "Parallel" => Some(Collector::Parallel),
                    "Serial" => Some(Collector::Serial),
                    _ => self.collector,
                };
            }
            Entry::Region(mib) => self.region = Some(mib),
            Entry::Initial(mib) => self.initial = Some(mib),
            Entry::Most(mib) => self.most = Some(mib),
            Entry::Workers(count) => {
                self.workers = Some(self.workers.map_or(count, |w| w.max(count)));
            }
            Entry::Of(number, event) => self.event(number, &event),
        }
    }

    fn event(&mut self, number: u64, event: &Event) {
        if self.current.number != number {
            self.current = Current { number, ..Current::default() };
        }
        let current = &mut self.current;
        match *event {
            Event::EdenRegions(before, next) => {
                (current.eden, current.in_regions) = (Some((before, next)), true);
            }
            Event::Eden(before, most) => current.eden = Some((before, most)),
            Event::SurvivorRegions(before, after) | Event::Survivors(before, after) => {
                current.survivors = Some((before, after));
            }
            Event::OldRegions(before, after) | Event::Old(before, after) => {
                current.old = Some((before, after));
            }
            Event::Exhausted => {
                current.exhausted = true;
                self.exhausted += 1;
            }
            Event::Marking(ms) => {
                if let Some((_, there)) = self.last {
                    self.marking = (self.marking.0 + ms, self.marking.1 + there);
                }
            }
            Event::Pause(at, ref pause) => self.pause(at, pause),
        }
    }

    fn pause(&mut self, at: Option<f64>, pause: &Pause) {
        self.committed = pause.committed;
        // A clock at the end of a pause; what was allocated came before it began.
        if let Some((before, there)) = self.last {
            let seconds = at.zip(before).map(|(at, before)| at - before).filter(|s| *s > 0.0);
            let allocated = (pause.before - there).max(0.0);
            if self.intervals.len() < MOST_PAUSES {
                self.intervals.push(Interval { seconds, allocated, committed: pause.committed });
            }
        }
        self.last = Some((at, pause.after));
        match pause.kind {
            Kind::Full => {
                self.full = (self.full.0 + pause.ms, self.full.1 + pause.after);
                self.full_pauses += 1;
                self.live.push(pause.after);
                self.live.truncate(MOST_PAUSES);
            }
            Kind::Young | Kind::Mixed if self.young.len() < MOST_PAUSES => {
                let young = self.of_current(pause);
                self.young.push(young);
            }
            Kind::Young | Kind::Mixed | Kind::Other => {}
        }
    }

    fn of_current(&self, pause: &Pause) -> Young {
        let Current { eden, survivors, old, in_regions, exhausted, .. } = self.current;
        let unit = if in_regions { self.region.unwrap_or(f64::NAN) } else { 1.0 };
        let mib = |value: f64| Some(value * unit).filter(|mib| mib.is_finite());
        let survived = survivors.map(|(_, after)| after);
        let may_be = eden.zip(survived).and_then(|((_, most), survived)| {
            // Of the other collectors, both survivor spaces are as large as what one may hold.
            mib(most + if in_regions { survived } else { 0.0 })
        });
        let copied = survived
            .zip(old)
            .and_then(|(survived, (before, after))| mib(survived + (after - before).max(0.0)));
        Young {
            ms: pause.ms,
            after: pause.after,
            committed: pause.committed,
            eden: eden.and_then(|(before, _)| mib(before)),
            may_be,
            copied: copied.filter(|_| pause.kind == Kind::Young && !exhausted),
            survivors: survived.and_then(mib),
        }
    }

    pub(super) fn collections(&self) -> Collections {
        let heap = self.most.or(Some(self.largest_committed())).filter(|mib| *mib > 0.0);
        let (pause_ms, pause_cv, ms_per_copied_mib) = self.pauses();
        let copied: Vec<f64> = self.young.iter().filter_map(|young| young.copied).collect();
        let per = |(ms, mib): (f64, f64)| (mib > 0.0).then(|| ms / mib);
        Collections {
            collector: self.collector,
            threads: self.workers,
            heap_mib: heap,
            initial_mib: self.initial.filter(|initial| Some(*initial) != heap),
            committed_mib: self.committed,
            resident_mib: self.resident(),
            pauses: self.young.len(),
            allocated_mib_per_s: self.rate(),
            eden_mib: self.eden(),
            young: self.share(),
            pause_ms,
            pause_cv,
            copied_mib: mean(&copied),
            ms_per_copied_mib,
            full_pauses: self.full_pauses,
            full_ms_per_live_mib: per(self.full),
            marking_ms_per_live_mib: per(self.marking),
            exhausted: self.exhausted,
        }
    }

    fn largest_committed(&self) -> f64 {
        self.young.iter().map(|young| young.committed).fold(self.committed, f64::max)
    }

    /// What is always alive: the least that collections of all garbage left, or that stayed old.
    fn resident(&self) -> Option<f64> {
        let later = self.young.get(self.young.len() / 2..).unwrap_or_default();
        let old = later.iter().map(|young| (young.after - young.survivors.unwrap_or(0.0)).max(0.0));
        self.live.iter().copied().chain(old).reduce(f64::min)
    }

    /// What is allocated each second while one load lasts: half of all bytes come at the usual rate or above.
    fn rate(&self) -> Option<Known> {
        let timed = |interval: &Interval| Some((interval.seconds?, interval.allocated));
        let all: Vec<(f64, f64)> =
            self.intervals.iter().filter_map(timed).filter(|(_, mib)| *mib > 0.0).collect();
        let mut rates: Vec<(f64, f64)> = all.iter().map(|(s, mib)| (mib / s, *mib)).collect();
        rates.sort_by(|a, b| a.0.total_cmp(&b.0));
        let half = rates.iter().map(|(_, mib)| mib).sum::<f64>() / 2.0;
        let mut below = 0.0;
        let (usual, _) = rates.iter().find(|(_, mib)| {
            below += mib;
            below >= half
        })?;
        let like = |rate: f64| (usual / OF_ONE_LOAD..=usual * OF_ONE_LOAD).contains(&rate);
        let kept: Vec<(f64, f64)> = all.iter().copied().filter(|(s, mib)| like(mib / s)).collect();
        let (seconds, mib) =
            kept.iter().fold((0.0, 0.0), |sum, each| (sum.0 + each.0, sum.1 + each.1));
        let value = mib / seconds;
        // Of a ratio of sums (Cochran, Sampling Techniques, 1977, equation 6.13).
        let squares: f64 = kept.iter().map(|(s, mib)| (mib - value * s).powi(2)).sum();
        let error = (squares / mib.powi(2)).sqrt().max(LEAST_ERROR);
        value.is_finite().then_some(Known { value, error })
    }

    /// What eden holds when it is collected, MiB: told, or what has come since the last pause.
    fn eden(&self) -> f64 {
        let told: Vec<f64> = self.young.iter().filter_map(|young| young.eden).collect();
        let came =
            || self.intervals.iter().map(|interval| interval.allocated).collect::<Vec<f64>>();
        mean(&told).or_else(|| mean(&came())).unwrap_or(0.0)
    }

    /// The most that the young generation takes of what is committed; G1 makes it smaller where the heap is full.
    fn share(&self) -> Option<Known> {
        let told = self.young.iter().filter_map(|young| {
            let parts = if self.collector == Some(Collector::G1) { 1.0 } else { WITH_SURVIVORS };
            Some(young.may_be? * parts / young.committed.max(1.0))
        });
        let told = told.reduce(f64::max);
        let came = self.intervals.iter().map(|each| {
            let parts = if self.collector == Some(Collector::G1) { 1.0 } else { WITH_SURVIVORS };
            each.allocated * parts / each.committed.max(1.0)
        });
        let came = came.fold(0.0, f64::max);
        let error = if told.is_some() { 0.02 } else { 0.1 };
        let value = told.unwrap_or(came).clamp(0.01, 0.95);
        let full = |young: &Young| young.after / young.committed.max(1.0);
        let full = mean(&self.young.iter().map(full).collect::<Vec<f64>>()).unwrap_or(0.0);
        let is_held_down = self.collector == Some(Collector::G1)
            && value < USUAL_YOUNG
            && (full > FULL || self.exhausted > 0);
        (!is_held_down).then_some(Known { value, error })
    }

    /// The mean pause that copies nothing, in ms, its coefficient of variation, and what each MiB that is copied
    /// adds; the mean of all where that is not known.
    fn pauses(&self) -> (Known, f64, Option<Known>) {
        let all: Vec<f64> = self.young.iter().map(|young| young.ms).collect();
        let count = all.len().max(1) as f64;
        let average = mean(&all).unwrap_or(0.0);
        let points: Vec<(f64, f64)> =
            self.young.iter().filter_map(|young| Some((young.copied?, young.ms))).collect();
        if let Some(line) = Line::through(&points) {
            let cv = deviation(points.iter().map(|(mib, ms)| ms / line.at(*mib)));
            let pause = Known { value: line.at(0.0).max(0.1), error: line.error_at_nothing };
            return (pause, cv, Some(line.slope));
        }
        let cv = deviation(all.iter().map(|ms| ms / average.max(1e-9)));
        let error = (cv / count.sqrt()).max(LEAST_ERROR);
        (Known { value: average.max(0.01), error }, cv, None)
    }
}

/// Least squares of pauses over what they copy.
struct Line {
    intercept: f64,
    slope: Known,
    error_at_nothing: f64,
}

impl Line {
    fn through(points: &[(f64, f64)]) -> Option<Self> {
        let count = points.len() as f64;
        let (x, y) = (mean_of(points, |p| p.0)?, mean_of(points, |p| p.1)?);
        let squares: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
        if points.len() < 10 || (squares / count).sqrt() < LEAST_SPREAD * x {
            return None;
        }
        let slope = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>() / squares;
        let intercept = y - slope * x;
        let left: f64 = points.iter().map(|p| (p.1 - intercept - slope * p.0).powi(2)).sum();
        let variance = left / (count - 2.0);
        let error = (variance / squares).sqrt() / slope.abs().max(1e-12);
        if slope <= 0.0 || error > KNOWN_TO || intercept <= 0.0 {
            return None;
        }
        let at_nothing = (variance * (1.0 / count + x * x / squares)).sqrt() / intercept;
        let slope = Known { value: slope, error: error.max(LEAST_ERROR) };
        Some(Self { intercept, slope, error_at_nothing: at_nothing.max(LEAST_ERROR) })
    }

    fn at(&self, mib: f64) -> f64 {
        self.intercept + self.slope.value * mib
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn mean_of(points: &[(f64, f64)], of: fn(&(f64, f64)) -> f64) -> Option<f64> {
    mean(&points.iter().map(of).collect::<Vec<f64>>())
}

/// Standard deviation around 1.
fn deviation(ratios: impl Iterator<Item = f64>) -> f64 {
    let (count, squares) = ratios
        .fold((0.0, 0.0), |(count, squares), ratio| (count + 1.0, squares + (ratio - 1.0).powi(2)));
    if count > 0.0 { (squares / count).sqrt() } else { 0.0 }
}
