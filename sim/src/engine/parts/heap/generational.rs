//! A heap in generations: a handful of numbers, which change at pauses alone.
//!
//! G1 as its sources have it (`HotSpot` of JDK 17: `g1Policy.cpp`, `g1YoungGenSizer.cpp`, `g1IHOPControl.cpp`,
//! `g1SurvRateGroup.cpp`, `g1HeapSizingPolicy.cpp`) and its logs show it. A pause copies what is alive of what came
//! since the last one, and of what survived that. A part of it stays young, in the survivor space of an eighth of the
//! young generation; the rest becomes old, and is garbage there as soon as its request is answered. When that
//! fills the old generation, marking runs beside the requests, and finds the garbage: regions that hold nothing else
//! are free at its end, all but a twentieth of the heap, for which no pause is worth it. The young generation gets
//! what is left of the heap for the next pause to copy with certainty. Where nothing is left all is compacted, and
//! where that finds no room the process has run out of memory.

use super::forecast::Forecast;
use super::survivors::Survivors;
use crate::network::{Collector, Generations, RESERVE, collector_threads};

/// More than this share of the survivor space taken: what has survived twice becomes old
/// (`TargetSurvivorRatio`).
const SURVIVORS_AIM: f64 = 0.5;
/// Garbage of the old generation that is not worth a pause (`G1HeapWastePercent`).
const WASTE: f64 = 0.05;
/// Of what is thought to be copied, so many times is kept free: 2 as `G1ConfidencePercent` is 50, and a tenth more for
/// what buffers waste (`TargetPLABWastePct`).
const SAFETY: f64 = 2.2;
/// Until it has seen any, G1 takes a byte to take 60 ns on one thread, and 30 on two (`cost_per_byte_ms_defaults` in
/// `g1Analytics.cpp`): ms for each MiB.
const NEW_COST: f64 = 6e-5 * 1024.0 * 1024.0;
/// After so many markings the collector knows how long they take (`G1AdaptiveIHOPNumInitialSamples`).
const KNOWN_AFTER: u32 = 3;
/// What is thought to be free at the end of a marking: all but `G1ReservePercent` and `G1HeapWastePercent`.
const AIM: f64 = 1.0 - RESERVE - WASTE;
/// Above this share of time in pauses the heap grows: 1 in 13, as `GCTimeRatio` is 12.
const BUSY: f64 = 1.0 / 13.0;
/// After so many such pauses in a row (`G1HeapSizingPolicy::MinOverThresholdForGrowth`).
const BUSY_FOR: u32 = 4;
/// By so much of what is not committed (`G1ExpandByPercentOfAvailable`), and up to twice that.
const GROWTH: f64 = 0.2;
/// After a collection of the whole heap at least so much is free (`MinHeapFreeRatio`).
const FREE: f64 = 0.4;

/// What is alive when a pause begins, MiB.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alive {
    /// All of it, what always is included.
    pub(super) all: f64,
    /// Of what came since the last pause.
    pub(super) fresh: f64,
    /// Of what came before that, and may be in the survivor space.
    pub(super) aged: f64,
    /// So much came since the last pause, and was alive when it came.
    pub(super) kept: f64,
}

/// What a pause has done.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pause {
    /// MiB that were copied.
    pub(super) copied: f64,
    /// MiB of live data that were compacted.
    pub(super) compacted: Option<f64>,
    /// All was compacted at once, and nothing copied before.
    pub(super) is_whole: bool,
    /// Marking begins: core-time that it takes, nanoseconds.
    pub(super) marking: Option<f64>,
    /// What survived the pause before is old now.
    pub(super) has_tenured: bool,
    /// There is no room for what is alive.
    pub(super) is_fatal: bool,
}

/// Where a marking stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Phase {
    /// There is none.
    Young,
    /// The next pause begins one.
    Due,
    /// It runs. So much garbage will be found.
    Marking(f64),
    /// It is over; the next pause prepares the mixed ones.
    Marked,
    /// The next pause is a mixed one, as soon as may be.
    Mixed,
}

/// The generations of a heap, MiB.
#[derive(Clone, Debug)]
pub(super) struct Generational {
    pub(super) heap: Generations,
    collector: Collector,
    pub(super) committed: f64,
    /// What may be allocated until the next pause.
    pub(super) eden: f64,
    pub(super) survivors: f64,
    /// Of the parallel collector.
    pub(super) sizes: Survivors,
    /// Garbage included.
    pub(super) old: f64,
    /// What of those who came before the last pause is in the survivor space.
    in_survivors: f64,
    /// So much was promoted by the last pause.
    pub(super) promoted: f64,
    pub(super) phase: Phase,
    /// What comes first after a pause is alive at the next: 1 where all was, 0 where none.
    oldest: Forecast,
    /// The largest eden so far, and what is thought of what a larger one would hold first.
    longest: f64,
    beyond: f64,
    /// So much of what is young is alive whatever comes.
    reach: f64,
    /// What of all that is allocated is kept alive at first.
    density: f64,
    /// Milliseconds a MiB that is copied takes.
    cost: Forecast,
    /// MiB that become old each second.
    promotion: Forecast,
    /// Seconds from the beginning of a marking to the first mixed pause.
    marking: Forecast,
    marking_began: u64,
    marked: u32,
    /// Share of time in pauses, and how often in a row it was too much.
    busy: Forecast,
    too_busy: u32,
    last_pause: u64,
}

impl Generational {
    /// That of a process that has served for long, so that it is somewhere between two collections of the whole heap,
    /// as a share of the way; or of one that has only just begun.
    pub(super) fn new(heap: Generations, cores: f64, since: Option<f64>) -> Self {
        let has_served = since.is_some();
        let committed = heap.committed_mib();
        let collector = heap.collector(cores);
        let eden = match collector {
            Collector::G1 if !has_served => heap.least_young * committed,
            _ => heap.calm_eden_mib(cores),
        };
        // Half of what may come before a marking, or what has come since the old generation was full.
        let (full, share) = match collector {
            Collector::Parallel => ((1.0 - heap.young) * committed, since.unwrap_or(0.0)),
            Collector::G1 | Collector::Serial => (heap.marking_at * committed, 0.5),
        };
        let room = (full - heap.resident_mib).max(0.0);
        let garbage = if has_served { share * room } else { 0.0 };
        Self {
            heap,
            collector,
            committed,
            eden,
            survivors: 0.0,
            sizes: Survivors::of(heap.young * committed, has_served),
            old: heap.resident_mib + garbage,
            in_survivors: 0.0,
            promoted: 0.0,
            phase: Phase::Young,
            // Who has seen nothing yet takes all to survive.
            oldest: Forecast::of(if has_served { 0.0 } else { 1.0 }),
            longest: if has_served { f64::INFINITY } else { 0.0 },
            beyond: 1.0,
            reach: 0.0,
            density: 1.0,
            cost: Forecast::of(if has_served {
                heap.per_copied_mib.as_ms()
            } else {
                NEW_COST / collector_threads(cores)
            }),
            promotion: Forecast::of(0.0),
            marking: Forecast::of(0.0),
            marking_began: 0,
            marked: 0,
            busy: Forecast::of(0.0),
            too_busy: 0,
            last_pause: 0,
        }
    }

    /// Collects at `now` after so much has been allocated.
    pub(super) fn collect(&mut self, now: u64, allocated: f64, alive: Alive) -> Pause {
        if self.collector == Collector::Parallel && !self.may_promote(allocated) {
            // Nothing is copied that would not fit.
            return self.collect_all(alive.all, Pause { is_whole: true, ..Pause::default() });
        }
        let aged = alive.aged * self.in_survivors;
        let capacity = self.capacity();
        let has_tenured = self.has_tenured(capacity);
        let again = if has_tenured { 0.0 } else { aged - self.tenured(aged) };
        let stays = alive.fresh + again;
        let copied = alive.fresh + aged + self.heap.tenured * allocated;
        let survivors = stays.min(capacity);
        let before = self.phase;
        self.promoted = copied - survivors;
        self.old += self.promoted;
        let young = if has_tenured { alive.fresh } else { alive.fresh + alive.aged };
        self.in_survivors = if young > 0.0 { survivors / young } else { 0.0 };
        self.survivors = survivors;
        if self.collector == Collector::Parallel {
            self.sizes.learn(alive.fresh, again, survivors, self.promoted);
        }
        self.learn(now, allocated, &alive);
        let mut pause = Pause { copied, has_tenured, ..Pause::default() };
        match before {
            Phase::Due => pause.marking = Some(self.begin_marking(now, alive.all)),
            Phase::Marked => self.phase = Phase::Mixed,
            Phase::Mixed => {
                self.marking.add((now - self.marking_began) as f64 * 1e-9);
                self.marked += 1;
                self.phase = Phase::Young;
            }
            Phase::Young | Phase::Marking(_) => {}
        }
        if self.resize() { pause } else { self.collect_all(alive.all, pause) }
    }

    /// Collects the whole heap.
    fn collect_all(&mut self, alive: f64, pause: Pause) -> Pause {
        self.compact(alive);
        let is_fatal = match self.collector {
            Collector::Parallel => !self.resize_compacted(),
            Collector::G1 | Collector::Serial => !self.resize(),
        };
        Pause { compacted: Some(alive), marking: None, is_fatal, ..pause }
    }

    /// Whether what has survived twice becomes old now.
    fn has_tenured(&self, capacity: f64) -> bool {
        match self.collector {
            Collector::Parallel => self.sizes.tenures_all(),
            Collector::G1 | Collector::Serial => self.survivors > SURVIVORS_AIM * capacity,
        }
    }

    /// What of so much in the survivor space becomes old now, where not all of it does.
    fn tenured(&self, aged: f64) -> f64 {
        if self.collector == Collector::Parallel { self.sizes.tenured(aged) } else { 0.0 }
    }

    /// Learns from what has survived.
    fn learn(&mut self, now: u64, allocated: f64, alive: &Alive) {
        let seconds = (now - self.last_pause) as f64 * 1e-9;
        if allocated > 0.0 {
            self.density = (alive.kept / allocated).clamp(0.0, 1.0);
        }
        // Mixed pauses come too soon to tell.
        if self.phase != Phase::Mixed {
            let is_whole = alive.kept > 0.0 && alive.fresh > 0.99 * alive.kept;
            let oldest = f64::from(is_whole);
            self.oldest.add(oldest);
            if allocated > self.longest {
                let known = (self.longest - alive.fresh).max(0.0);
                self.oldest.mix(known / (allocated - alive.fresh).max(1e-9), oldest);
                (self.longest, self.beyond) = (allocated, oldest);
            }
            self.reach = if is_whole { self.reach.max(alive.fresh) } else { alive.fresh };
            if seconds > 0.0 {
                self.promotion.add(self.promoted / seconds);
            }
        }
    }

    /// Begins to mark. Returns the core-time that it takes, nanoseconds.
    fn begin_marking(&mut self, now: u64, alive: f64) -> f64 {
        // What becomes old from here on counts as alive.
        let garbage = self.old - (alive - self.survivors) - WASTE * self.committed;
        self.phase = Phase::Marking(garbage.max(0.0));
        self.marking_began = now;
        self.heap.marking_per_live_mib.as_nanos() * alive
    }

    /// Marking is over: regions without anything alive are free.
    pub(super) fn end_marking(&mut self) {
        if let Phase::Marking(garbage) = self.phase {
            self.old -= garbage;
            self.phase = Phase::Marked;
        }
    }

    /// Compacts the whole heap.
    fn compact(&mut self, alive: f64) {
        self.phase = Phase::Young;
        (self.survivors, self.in_survivors, self.promoted) = (0.0, 0.0, 0.0);
        self.old = alive;
        let needed = alive / (1.0 - FREE);
        self.committed = self.committed.max(needed).min(self.heap.heap_mib);
    }

    /// A pause has taken so long, milliseconds, of which so much went into what was copied, MiB, and so much into what
    /// was compacted.
    pub(super) fn took(&mut self, now: u64, whole: f64, parts: (f64, Option<f64>), copied: f64) {
        let (copying, full) = parts;
        self.sizes.took(now, whole - full.unwrap_or(0.0), full);
        if copied > 1.0 {
            self.cost.add(copying / copied);
        }
        let since = (now - self.last_pause) as f64 * 1e-6;
        self.last_pause = now;
        self.busy.add((whole / since.max(whole)).min(1.0));
        self.too_busy = if self.busy.average() > BUSY { self.too_busy + 1 } else { 0 };
        if self.too_busy >= BUSY_FOR && self.committed < self.heap.heap_mib {
            let times = (self.busy.average() / BUSY).clamp(1.0, 2.0);
            self.committed += GROWTH * times * (self.heap.heap_mib - self.committed);
            self.too_busy = 0;
        }
    }

    /// What survives a pause has so much room.
    fn capacity(&self) -> f64 {
        match self.collector {
            Collector::G1 => {
                let region = self.heap.region_mib();
                let share = (self.eden + self.survivors) / self.heap.survivor_ratio;
                (share / region).ceil() * region
            }
            Collector::Serial => self.fixed_survivors(),
            Collector::Parallel => self.sizes.space,
        }
    }

    /// Sizes the young generation; false where there is no room for it.
    fn resize(&mut self) -> bool {
        let is_there = match self.collector {
            Collector::G1 => self.resize_young(),
            Collector::Serial => self.resize_fixed(),
            Collector::Parallel => self.resize_parallel(),
        };
        let is_due = self.collector == Collector::G1
            && self.phase == Phase::Young
            && self.old > self.marking_threshold();
        if is_due {
            self.phase = Phase::Due;
        }
        is_there
    }

    fn resize_young(&mut self) -> bool {
        let least =
            (self.heap.least_young * self.committed - self.survivors).max(self.heap.region_mib());
        // What the next pause copies has to have room, whatever else is wanted.
        if self.fitting(self.free() - self.survivors, 1.0) < least {
            self.committed = self.heap.heap_mib;
        }
        let possible = self.fitting(self.free() - self.survivors, 1.0);
        let wanted = if matches!(self.phase, Phase::Mixed) {
            least
        } else {
            let safe = self.fitting(self.free() - RESERVE * self.committed, SAFETY);
            let most = self.heap.young * self.committed - self.survivors;
            safe.min(self.quick_enough()).min(most).max(least)
        };
        // While there is room for a region and a copy of it, one more is tried.
        let region = self.heap.region_mib();
        self.eden = wanted.min(possible).max(region);
        self.free() - self.survivors >= region
    }

    fn free(&self) -> f64 {
        self.committed - self.old - self.survivors
    }

    /// The largest eden that fits into so much room, with so many times what it is thought will be copied.
    fn fitting(&self, room: f64, times: f64) -> f64 {
        self.largest(room, 1.0, times)
    }

    /// The largest eden with which a pause is thought to take no longer than it should.
    fn quick_enough(&self) -> f64 {
        let most = self.heap.pause_target.as_ms() / self.cost.expected().max(1e-9);
        self.largest(most, 0.0, 1.0)
    }

    /// The largest eden of which so many times what it takes, and so many times what is thought will be
    /// copied of it, are no more than that. What is copied grows with it up to what is young enough to be alive,
    /// then as what was found of what is older, then as what was found of the oldest ever.
    fn largest(&self, most: f64, itself: f64, times: f64) -> f64 {
        let density = self.density.max(1e-9);
        let oldest = self.oldest.expected().min(1.0);
        let parts =
            [(self.reach / density, 1.0), (self.longest, oldest), (f64::INFINITY, self.beyond)];
        let (mut eden, mut left) = (0.0, most);
        for (until, survives) in parts {
            let takes = (itself + times * density * survives).max(1e-9);
            let length = left / takes;
            if eden + length <= until {
                return eden + length;
            }
            left -= (until - eden).max(0.0) * takes;
            eden = until.max(eden);
        }
        eden
    }

    /// With more than this in the old generation the next pause begins a marking.
    fn marking_threshold(&self) -> f64 {
        if self.marked < KNOWN_AFTER {
            return self.heap.marking_at * self.committed;
        }
        let aim = (AIM * self.heap.heap_mib).min((1.0 - WASTE) * self.committed);
        let meanwhile = self.promotion.expected() * self.marking.expected();
        (aim - meanwhile - self.eden - self.survivors).max(0.0)
    }
}
