//! Generations of fixed sizes, as the serial collector has them.

use super::generational::Generational;
use crate::network::SERIAL_EDEN;

/// Old and survivor space (`NewRatio` 2, `SurvivorRatio` 8), as shares of the heap.
const OLD: f64 = 2.0 / 3.0;
const SURVIVORS: f64 = 0.1 / 3.0;

impl Generational {
    /// Room for what survives a pause.
    pub(super) fn fixed_survivors(&self) -> f64 {
        SURVIVORS * self.committed
    }

    /// Sizes the young generation; false where there is no room for it.
    pub(super) fn resize_fixed(&mut self) -> bool {
        let guarantee = self.promoted.min(SERIAL_EDEN * self.committed);
        if self.old + guarantee > OLD * self.committed {
            self.committed = self.heap.heap_mib;
        }
        self.eden = SERIAL_EDEN * self.committed;
        // What does not fit into the old generation when all is compacted stays in eden.
        let over = (self.old - OLD * self.committed).max(0.0);
        if self.promoted == 0.0 && over > 0.0 {
            self.eden -= over;
            return self.eden > self.heap.region_mib();
        }
        self.old + guarantee <= OLD * self.committed
    }
}
