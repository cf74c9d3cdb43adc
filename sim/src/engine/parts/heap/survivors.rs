//! Survivor spaces of the parallel collector: how large they are, and how often what is in them survives before it
//! becomes old (`psAdaptiveSizePolicy.cpp`, `gcUtil.cpp`, `globals.hpp` of JDK 8).

/// Per cent that a sample counts for, once there were some: of sizes (`AdaptiveSizePolicyWeight`), and of times
/// (`AdaptiveTimeWeight`).
const WEIGHT: u32 = 10;
const TIME_WEIGHT: u32 = 25;
/// So many mean deviations are added (`SurvivorPadding`, `PromotedPadding`).
const PADDING: f64 = 3.0;
/// A survivor space at first, and at most, as parts of the young generation (`InitialSurvivorRatio`,
/// `MinSurvivorRatio`).
const INITIAL_RATIO: f64 = 8.0;
const LEAST_RATIO: f64 = 3.0;
/// So many collections of the young generation go by before sizes change (`AdaptiveSizePolicyReadyThreshold`).
const READY_AFTER: u32 = 5;
/// Pauses that an object survives before it is old: at first, and at most (`InitialTenuringThreshold`,
/// `MaxTenuringThreshold`).
const INITIAL_THRESHOLD: usize = 7;
const MOST_PAUSES: usize = 15;
/// By so much one kind of collection has to cost more than the other before the threshold moves
/// (`ThresholdTolerance`).
const TOLERANCE: f64 = 1.1;
/// The smallest survivor space, MiB (`SpaceAlignment`).
pub(super) const LEAST_SPACE: f64 = 0.5;

/// What has survived and what was promoted, and so the size of a survivor space, MiB.
#[derive(Clone, Debug)]
pub(super) struct Survivors {
    survived: Padded,
    promoted: Padded,
    pub(super) space: f64,
    /// Pauses until it changes.
    unready: u32,
    /// Who has survived so many pauses becomes old at the next.
    threshold: usize,
    /// What has survived one pause, two, and so on.
    ages: [f64; MOST_PAUSES],
    young: Cost,
    whole: Cost,
}

impl Survivors {
    /// Those of a young generation of that size, of a process that has served for long or has only just begun.
    pub(super) fn of(young: f64, has_served: bool) -> Self {
        Self {
            survived: Padded::default(),
            promoted: Padded::default(),
            space: young / INITIAL_RATIO,
            unready: if has_served { 0 } else { READY_AFTER },
            threshold: if has_served { 1 } else { INITIAL_THRESHOLD },
            ages: [0.0; MOST_PAUSES],
            young: Cost::default(),
            whole: Cost::default(),
        }
    }

    /// Whether whoever survives a second time becomes old.
    pub(super) fn tenures_all(&self) -> bool {
        self.threshold == 1
    }

    /// Of so much that is left in the survivor space, what has survived often enough to become old.
    pub(super) fn tenured(&self, left: f64) -> f64 {
        let all: f64 = self.ages.iter().sum();
        let old: f64 = self.ages[self.threshold - 1..].iter().sum();
        if all > 0.0 { left * old / all } else { 0.0 }
    }

    /// Learns from a pause that so much came through for the first time, and so much again without becoming old, of
    /// which so much was kept in the survivor space.
    pub(super) fn learn(&mut self, first: f64, again: f64, survived: f64, promoted: f64) {
        let stays = first + again;
        let has_overflown = stays > survived;
        self.survived.add(if has_overflown { survived + promoted } else { survived });
        self.promoted.add_sparing(promoted);
        let kept = if has_overflown { survived / stays } else { 1.0 };
        let young: f64 = self.ages[..self.threshold - 1].iter().sum();
        let share = if young > 0.0 { again / young } else { 0.0 };
        for age in (1..MOST_PAUSES).rev() {
            let comes = if age < self.threshold { self.ages[age - 1] } else { 0.0 };
            self.ages[age] = kept * share * comes;
        }
        self.ages[0] = kept * first;
        if self.is_ready() {
            self.move_threshold(has_overflown);
        }
    }

    fn is_ready(&self) -> bool {
        self.survived.average.samples >= self.unready
    }

    fn move_threshold(&mut self, has_overflown: bool) {
        let (young, whole) = (self.young.average.value, self.whole.average.value);
        if has_overflown || young > TOLERANCE * whole {
            self.threshold = (self.threshold - 1).max(1);
        } else if whole > TOLERANCE * young {
            self.threshold = (self.threshold + 1).min(MOST_PAUSES);
        }
    }

    /// What is thought to be promoted by a pause, MiB.
    pub(super) fn promoted(&self) -> f64 {
        self.promoted.value()
    }

    /// Sizes survivor spaces of a young generation of that size.
    pub(super) fn resize(&mut self, young: f64) {
        let most = young / LEAST_RATIO;
        if self.is_ready() {
            let wanted = self.survived.value();
            if wanted > most {
                self.threshold = (self.threshold - 1).max(1);
            }
            self.space = wanted.min(most).max(LEAST_SPACE);
        }
    }

    /// All was compacted: nothing is left in the survivor space.
    pub(super) fn empty(&mut self) {
        self.ages = [0.0; MOST_PAUSES];
    }

    /// What began at `now` has taken so many milliseconds: first a collection of the young generation, then one of all.
    pub(super) fn took(&mut self, now: u64, young: f64, whole: Option<f64>) {
        let begins = now as f64 * 1e-6;
        if young > 0.0 {
            self.young.add(begins, young);
        }
        if let Some(whole) = whole {
            self.whole.add(begins + young, whole);
        }
    }
}

/// A decaying average whose first samples count for more, so that what was believed before is soon forgotten
/// (`AdaptiveWeightedAverage`).
#[derive(Clone, Copy, Debug, Default)]
struct Weighted {
    samples: u32,
    value: f64,
}

impl Weighted {
    /// One more sample, of which the later ones count for so many per cent. Returns what this one counts for.
    fn add(&mut self, value: f64, weight: u32) -> f64 {
        self.samples = self.samples.saturating_add(1);
        let counts = f64::from(weight.max(100 / self.samples)) / 100.0;
        self.value += counts * (value - self.value);
        counts
    }
}

/// Such an average with a mean deviation on top (`AdaptivePaddedAverage`).
#[derive(Clone, Copy, Debug, Default)]
struct Padded {
    average: Weighted,
    deviation: f64,
}

impl Padded {
    fn add(&mut self, value: f64) {
        let counts = self.average.add(value, WEIGHT);
        self.deviation += counts * ((value - self.average.value).abs() - self.deviation);
    }

    /// The same, but what is nothing tells nothing of the deviation (`AdaptivePaddedNoZeroDevAverage`).
    fn add_sparing(&mut self, value: f64) {
        if value > 0.0 {
            self.add(value);
        } else {
            self.average.add(value, WEIGHT);
        }
    }

    fn value(&self) -> f64 {
        self.average.value + PADDING * self.deviation
    }
}

/// The share of the time that collections take, from the end of each to the end of the next.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    average: Weighted,
    /// When the last one was over, milliseconds.
    over: f64,
}

impl Cost {
    fn add(&mut self, begins: f64, takes: f64) {
        let interval = (begins - self.over).max(0.0) + takes;
        if takes > 0.0 {
            self.average.add(takes / interval, TIME_WEIGHT);
        }
        self.over = begins + takes;
    }
}
