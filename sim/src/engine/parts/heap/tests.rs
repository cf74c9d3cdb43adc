//! What a heap does by itself.

use super::generational::{Alive, Generational, Phase};
use crate::network::{Generations, RESERVE};

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
        generational.took(*now, 1.0, 0.1, seen.copied);
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
    let mut generational = Generational::new(HEAP, 2.0, false);
    assert_eq!(generational.eden, 0.05 * 512.0);
    for pauses in 1..=6 {
        collect(&mut generational, &mut now, 1, 20.0);
        assert!(generational.eden < 23.0, "{} after {pauses}", generational.eden);
    }
    collect(&mut generational, &mut now, 6, 20.0);
    assert!(generational.eden > 150.0, "{}", generational.eden);
    assert!(Generational::new(HEAP, 2.0, true).eden > 300.0);
}

/// What survives has an eighth of the young generation: nothing becomes old while that is enough.
#[test]
fn nothing_becomes_old_that_survives() {
    let mut now = 0;
    let mut generational = Generational::new(HEAP, 2.0, true);
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
    let mut generational = Generational::new(HEAP, 2.0, true);
    collect(&mut generational, &mut now, 3, 38.0);
    let used = generational.eden + 38.0 + 2.2 * 38.0 + RESERVE * 512.0;
    assert!(used <= 512.0 - 50.0 - 89.0, "{used}");
}

/// Long pauses make eden small: of 200 ms, at 10 ms a MiB, 20 MiB may be copied.
#[test]
fn eden_shrinks_to_meet_the_target_of_pauses() {
    let mut generational = Generational::new(HEAP, 2.0, true);
    for pause in 1..=20 {
        let eden = generational.eden;
        let seen = generational.collect(pause * 1_000_000_000, eden, fresh(0.5 * eden, eden));
        generational.took(
            pause * 1_000_000_000,
            10.0 * seen.copied,
            10.0 * seen.copied,
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
        let mut generational = Generational::new(HEAP, 2.0, true);
        let all = Alive { all: 50.0 + alive, fresh: alive, aged: 0.0, kept: alive };
        let fatal = (1..=200_u64).any(|pause| {
            let eden = generational.eden.max(0.0);
            generational.collect(pause * 100_000_000, eden, all).is_fatal
        });
        assert_eq!(fatal, is_fatal, "{alive}");
    }
}
