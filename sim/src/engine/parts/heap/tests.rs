//! What a heap does by itself.

use super::generational::{Alive, Generational, Phase};
use crate::network::{Collector, Generations, RESERVE};

/// What is alive, MiB, all of it fresh.
fn fresh(alive: f64, allocated: f64) -> Alive {
    Alive { all: HEAP.resident_mib + alive, fresh: alive, aged: 0.0, kept: allocated }
}

/// Collects so often after all of eden has been allocated, a tenth of a second each, with so much alive of it.
fn collect(generational: &mut Generational, now: &mut u64, pauses: u64, alive: f64) {
    for _ in 0..pauses {
        *now += 100_000_000;
        let eden = generational.eden;
        let seen = generational.collect(*now, eden, fresh(alive.min(eden), eden));
        generational.took(*now, 1.0, (0.1, None), seen.copied);
        if let Some(work) = seen.marking {
            assert!(work > 0.0);
            generational.end_marking();
        }
    }
}

const HEAP: Generations = Generations { resident_mib: 50.0, ..Generations::of(512.0) };

/// The log of a start: eden stays at a twentieth of the heap for eight pauses and grows from there on, as copying is
/// taken to be dear until it was seen. With survivors of 4 MiB these were 25, seven of 21 to 22, 27 and 277 MiB.
#[test]
fn a_new_process_begins_with_a_small_eden() {
    let mut now = 0;
    let mut generational = Generational::new(HEAP, 2.0, None);
    assert_eq!(generational.eden, 0.05 * 512.0);
    for pauses in 1..=6 {
        collect(&mut generational, &mut now, 1, 20.0);
        assert!(generational.eden < 23.0, "{} after {pauses}", generational.eden);
    }
    collect(&mut generational, &mut now, 6, 20.0);
    assert!(generational.eden > 150.0, "{}", generational.eden);
    assert!(Generational::new(HEAP, 2.0, Some(0.5)).eden > 300.0);
}

/// What survives has an eighth of the young generation: nothing becomes old while that is enough.
#[test]
fn nothing_becomes_old_that_survives() {
    let mut now = 0;
    let mut generational = Generational::new(HEAP, 2.0, Some(0.5));
    collect(&mut generational, &mut now, 100, 30.0);
    assert_eq!(generational.phase, Phase::Young);
    let calm = generational.eden;
    // 39 MiB survive of 307; what is more is promoted, until marking is due.
    let mut pauses = 0;
    while generational.phase == Phase::Young {
        collect(&mut generational, &mut now, 1, 50.0);
        pauses += 1;
        assert!(pauses < 40);
    }
    assert!(generational.eden < calm);
}

/// What the next pause is thought to copy is kept free twice, and a tenth of the heap.
#[test]
fn eden_leaves_room_for_what_is_copied() {
    let mut now = 0;
    let mut generational = Generational::new(HEAP, 2.0, Some(0.5));
    collect(&mut generational, &mut now, 3, 38.0);
    let used = generational.eden + 38.0 + 2.2 * 38.0 + RESERVE * 512.0;
    assert!(used <= 512.0 - 50.0 - 89.0, "{used}");
}

/// Long pauses make eden small: of 200 ms, at 10 ms a MiB, 20 MiB may be copied.
#[test]
fn eden_shrinks_to_meet_the_target_of_pauses() {
    let mut generational = Generational::new(HEAP, 2.0, Some(0.5));
    for pause in 1..=20 {
        let eden = generational.eden;
        let seen = generational.collect(pause * 1_000_000_000, eden, fresh(0.5 * eden, eden));
        generational.took(
            pause * 1_000_000_000,
            10.0 * seen.copied,
            (10.0 * seen.copied, None),
            seen.copied,
        );
    }
    // Half of it is young enough to be alive, and the older half was never.
    assert!((15.0..60.0).contains(&generational.eden), "{}", generational.eden);
}

/// Where everything that is alive does not fit, the process has run out of memory; not before.
#[test]
fn memory_has_run_out_when_what_is_alive_does_not_fit() {
    for (alive, is_fatal) in [(300.0, false), (450.0, false), (463.0, true)] {
        let mut generational = Generational::new(HEAP, 2.0, Some(0.5));
        let all = Alive { all: 50.0 + alive, fresh: alive, aged: 0.0, kept: alive };
        let fatal = (1..=200_u64).any(|pause| {
            let eden = generational.eden.max(0.0);
            generational.collect(pause * 100_000_000, eden, all).is_fatal
        });
        assert_eq!(fatal, is_fatal, "{alive}");
    }
}

/// A log of a server with the parallel collector and 256 MiB, two thirds of them old, whose survivor spaces have kept
/// the size of the start: of the first 64 MiB of eden 58 survive, of which 48.5 become old; of the next, and of what is
/// young already, 73.6 survive, and 63.1 become old. From 48.5 and 63.1 it expects 66.7, more than the 59.4 that are
/// free. From then on each time that eden is full nothing is copied, and all 147 MiB that are alive are compacted,
/// which frees nothing else. (JDK 8 does so at once, and not only when eden is full again, as the logged JDK 17.)
#[test]
fn where_what_is_promoted_does_not_fit_the_whole_heap_is_collected_each_time() {
    let young = 85.33 / 256.0;
    let heap =
        Generations { young, collector: Some(Collector::Parallel), ..Generations::of(256.0) };
    let mut generational = Generational::new(heap, 2.0, None);
    let space = |generational: &Generational| generational.sizes.space;
    assert!((space(&generational) - 10.5).abs() < 0.2, "{}", space(&generational));
    let alive = |all, fresh| Alive { all, fresh, aged: 0.0, kept: fresh };
    let first = generational.collect(1, 64.0, alive(59.0, 59.0));
    assert!(first.compacted.is_none());
    assert!((generational.promoted - 48.5).abs() < 0.5, "{}", generational.promoted);
    let second = generational.collect(2, 64.0, Alive { aged: 58.0, ..alive(122.0, 63.1) });
    assert_eq!((second.compacted, second.is_whole), (Some(122.0), false));
    assert!((second.copied - 73.6).abs() < 0.5, "{}", second.copied);
    for pause in 3..10 {
        let seen = generational.collect(pause, generational.eden, alive(147.0, 25.0));
        assert_eq!((seen.compacted, seen.is_fatal), (Some(147.0), false));
        // The first after a compaction is tried where there may be room.
        assert!(seen.is_whole || pause == 3, "{pause}");
        assert!((generational.eden - 64.0).abs() < 0.2, "{}", generational.eden);
        assert!((space(&generational) - 10.7).abs() < 0.1);
    }
}

/// An average that counts as `AdaptiveSizePolicy` does, of a survivor space that is a third at most; what survives a
/// second time is old as soon as pauses cost more than collections of all, and stays young while they cost less.
#[test]
fn what_survives_twice_becomes_old_while_that_is_cheaper() {
    let heap = Generations {
        young: 1.0 / 3.0,
        resident_mib: 100.0,
        collector: Some(Collector::Parallel),
        ..Generations::of(900.0)
    };
    let run = |young: f64, whole: Option<f64>| {
        let mut generational = Generational::new(heap, 2.0, None);
        let alive = Alive { all: 150.0, fresh: 20.0, aged: 20.0, kept: 20.0 };
        let promoted = (1..=30_u64).map(|pause| {
            let now = pause * 1_000_000_000;
            let seen = generational.collect(now, generational.eden, alive);
            let full = whole.filter(|_| pause % 4 == 0);
            generational.took(now, young + full.unwrap_or(0.0), (young, full), seen.copied);
            generational.promoted
        });
        promoted.collect::<Vec<f64>>()
    };
    // Survivor spaces of an eighth are enough for four, then the threshold of seven falls by one each time.
    let cheap = run(10.0, None);
    assert!(cheap[..4].iter().all(|promoted| *promoted == 0.0), "{cheap:?}");
    assert!(cheap[20..].iter().all(|promoted| (*promoted - 20.0).abs() < 1e-9), "{cheap:?}");
    let dear = run(10.0, Some(1000.0));
    assert!(dear[20..].iter().all(|promoted| *promoted < 10.0), "{dear:?}");
}

/// What outlives its request fills the old generation: of 600 MiB 100 are always alive, and of each 300 MiB of eden a
/// hundredth becomes old, so that one of 167 pauses is of the whole heap; survivors are next to nothing.
#[test]
fn what_outlives_its_request_fills_the_old_generation() {
    let heap = Generations {
        young: 1.0 / 3.0,
        resident_mib: 100.0,
        tenured: 0.01,
        collector: Some(Collector::Parallel),
        ..Generations::of(900.0)
    };
    let mut generational = Generational::new(heap, 2.0, Some(0.0));
    let alive = Alive { all: 101.0, fresh: 1.0, aged: 0.0, kept: 1.0 };
    let whole = (1..=5000_u64).filter(|pause| {
        let seen = generational.collect(*pause * 100_000_000, generational.eden, alive);
        seen.compacted.is_some()
    });
    // Survivor spaces of 1 MiB each leave 298 of eden.
    let expected = 5000.0 / (500.0 / 2.98);
    let found = whole.count() as f64;
    assert!((found / expected - 1.0).abs() < 0.05, "{found} and {expected}");
}
