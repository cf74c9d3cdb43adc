//! What a log of garbage collection says of a profile: it stands fast while the rest is fitted.

use super::fitted::Fitted;
use super::guess::requests_per_second;
use crate::deployment::{AllocationBudget, Profile};
use crate::measurement::{Collections, LoadTest};
use crate::network::{GarbageCollection, Generations};
use crate::time::SimDuration;

/// A pause is more than copying by the rest of it at least.
const MOST_COPYING: f64 = 0.8;

/// What a log has determined.
#[derive(Clone, Debug, Default)]
pub(super) struct Determined {
    pub(super) parameters: Vec<Fitted>,
}

impl Determined {
    /// The names of what is not fitted any more.
    pub(super) fn has(&self, name: &str) -> bool {
        self.parameters.iter().any(|one| one.name == name)
            // What a message adds is in what is said of all.
            || name.strip_suffix("_per_kib").is_some_and(|base| {
                base.ends_with(".allocates") && self.parameters.iter().any(|one| one.name == base)
            })
    }

    fn push(&mut self, name: &str, unit: &'static str, value: f64, start: f64, error: f64) {
        let (name, tied_to) = (name.to_owned(), Vec::new());
        self.parameters.push(Fitted { name, unit, value, start, uncertainty: error, tied_to });
    }
}

/// Takes what a log shows into a profile.
///
/// # Errors
///
/// How many load tests there are, if not one: the log does not say to which a pause belongs.
pub(super) fn apply(
    profile: &mut Profile,
    log: &Collections,
    tests: &[LoadTest],
) -> Result<Determined, usize> {
    let [test] = tests else { return Err(tests.len()) };
    let before = heap_of(profile, log);
    let mut gc = profile.gc.unwrap_or(GarbageCollection {
        budget: AllocationBudget::Young(before),
        pause: SimDuration::ZERO,
        cv: 0.0,
        per_in_flight: SimDuration::ZERO,
        full: None,
        threads: None,
    });
    let mut found = Determined::default();
    let mut heap = before;
    let ms = SimDuration::from_ms;
    heap.collector = log.collector.or(heap.collector);
    heap.heap_mib = log.heap_mib.unwrap_or(heap.heap_mib);
    heap.initial_mib = log.initial_mib;
    heap.resident_mib = log.resident_mib.unwrap_or(heap.resident_mib).min(0.9 * heap.heap_mib);
    if let Some(young) = log.young {
        heap.young = young.value;
        heap.least_young = heap.least_young.min(heap.young);
        found.push("gc.young", "", heap.young, before.young, young.error);
    }
    if let Some(cost) = log.ms_per_copied_mib {
        heap.per_copied_mib = ms(cost.value);
        found.push(
            "gc.per_copied_mib",
            "ms",
            cost.value,
            before.per_copied_mib.as_ms(),
            cost.error,
        );
    }
    if let Some(cost) = log.full_ms_per_live_mib {
        heap.full_per_live_mib = ms(cost);
        let start = before.full_per_live_mib.as_ms();
        let error = 1.0 / (log.full_pauses as f64).sqrt();
        found.push("gc.full_per_live_mib", "ms", cost, start, error);
    }
    if let Some(cost) = log.marking_ms_per_live_mib {
        heap.marking_per_live_mib = ms(cost);
    }
    let copying = copying_ms(&mut heap, log);
    let pause = log.pause_ms.value - copying;
    found.push("gc.pause", "ms", pause, gc.pause.as_ms(), log.pause_ms.error);
    let error = 1.0 / (2.0 * log.pauses as f64).sqrt();
    found.push("gc.cv", "", log.pause_cv, gc.cv, error);
    gc.pause = ms(pause);
    gc.cv = log.pause_cv;
    gc.per_in_flight = SimDuration::ZERO;
    gc.full = None;
    gc.threads = log.threads.or(gc.threads);
    gc.budget = AllocationBudget::Young(heap);
    profile.gc = Some(gc);
    allocate(profile, log, test, &mut found);
    Ok(found)
}

/// What copying takes of the mean pause, ms, where the log says how much is copied and not what that costs: at
/// most [`MOST_COPYING`] of it.
fn copying_ms(heap: &mut Generations, log: &Collections) -> f64 {
    let Some(copied) = log.copied_mib.filter(|_| log.ms_per_copied_mib.is_none()) else {
        return 0.0;
    };
    let most = MOST_COPYING * log.pause_ms.value / copied.max(1e-9);
    heap.per_copied_mib = heap.per_copied_mib.min(SimDuration::from_ms(most));
    heap.per_copied_mib.as_ms() * copied
}

/// The heap of a profile, or one as large as the log says of which nothing else is known.
fn heap_of(profile: &Profile, log: &Collections) -> Generations {
    match profile.gc.map(|gc| gc.budget) {
        Some(AllocationBudget::Young(heap)) => heap,
        _ => Generations::of(log.heap_mib.unwrap_or(log.committed_mib)),
    }
}

/// What requests allocate: what is allocated each second over the requests of a node, the same for all
/// operations of the test.
fn allocate(profile: &mut Profile, log: &Collections, test: &LoadTest, found: &mut Determined) {
    let nodes = f64::from(test.operations[0].nodes.unwrap_or(1));
    let requests = requests_per_second(test) / nodes;
    let Some(rate) = log.allocated_mib_per_s.filter(|_| requests > 0.0) else { return };
    let kib = rate.value * 1024.0 / requests;
    for row in &test.operations {
        let Some(demand) = profile.demands.get_mut(&row.operation) else { continue };
        let size = demand.size_kib(row.message());
        let before = demand.allocates;
        let of_size = (before.per_kib * size).min(kib);
        demand.allocates.base = kib - of_size;
        if size > 0.0 {
            demand.allocates.per_kib = of_size / size;
        }
        let name = format!("demand.{}.allocates", row.operation);
        found.push(&name, "KiB", demand.allocates.base, before.base, rate.error);
    }
}
