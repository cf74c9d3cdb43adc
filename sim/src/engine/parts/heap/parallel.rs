//! The generations of the parallel collector, whom Java 8 takes on machines with two cores or more.
//!
//! As the sources of `HotSpot` of JDK 8 have it (`psScavenge.cpp`, `psAdaptiveSizePolicy.cpp`, `gcUtil.cpp`,
//! `globals.hpp`): the young generation is a third of the heap. Survivor spaces are as large as what has survived,
//! with some room, up to a third of it each, and eden has the rest. What does not fit there becomes old, and what has
//! survived as many pauses as a threshold says, which moves so that collections of the young generation and of all
//! take the same share of the time. When what is thought to be promoted does not fit into the old generation, the
//! whole heap is collected, and nothing runs beside the requests.
//!
//! Eden is taken to have all the room that there is: while collections take less than a hundredth of the time
//! (`GCTimeRatio`) the real one gives some of it back.

use super::generational::Generational;
use super::survivors::LEAST_SPACE;

/// With less than this share of the heap free after all was collected it has run out (`GCHeapFreeLimit`), as such
/// collections then take nearly all of the time.
const FREE_LIMIT: f64 = 0.02;

impl Generational {
    fn young_mib(&self) -> f64 {
        self.heap.young * self.committed
    }

    fn old_mib(&self) -> f64 {
        self.committed - self.young_mib()
    }

    /// Whether a pause after so much was allocated is thought to find room for what it promotes
    /// (`should_attempt_scavenge`).
    pub(super) fn may_promote(&self, allocated: f64) -> bool {
        let most = allocated + self.survivors;
        self.sizes.promoted().min(most) < self.old_mib() - self.old
    }

    /// Whether the old generation has room for what is thought to be promoted (`should_full_GC`).
    fn has_room_to_promote(&self) -> bool {
        self.sizes.promoted() <= self.old_mib() - self.old
    }

    /// Sizes survivor spaces and eden; false where the whole heap has to be collected.
    pub(super) fn resize_parallel(&mut self) -> bool {
        if !self.has_room_to_promote() {
            self.committed = self.heap.heap_mib;
        }
        self.sizes.resize(self.young_mib());
        self.eden = self.young_mib() - 2.0 * self.sizes.space;
        self.has_room_to_promote()
    }

    /// Makes room after all was compacted: what does not fit into the old generation stays in eden. False where the
    /// process has run out of memory.
    pub(super) fn resize_compacted(&mut self) -> bool {
        if !self.has_room_to_promote() {
            self.committed = self.heap.heap_mib;
        }
        self.sizes.empty();
        let free = self.old_mib() - self.old;
        self.eden = self.young_mib() - 2.0 * self.sizes.space - (-free).max(0.0);
        self.eden + free.max(0.0) > FREE_LIMIT * self.committed && self.eden > LEAST_SPACE
    }
}
