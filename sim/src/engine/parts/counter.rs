//! A count of one window of time.

/// So many in the window of this number.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counter {
    pub(super) window: u64,
    pub(super) count: u32,
}

impl Counter {
    /// One more in the window of this number. Returns how many there are.
    pub(super) fn add(&mut self, window: u64) -> u32 {
        if self.window != window {
            *self = Self { window, count: 0 };
        }
        self.count += 1;
        self.count
    }

    /// How many there are in the window of this number.
    pub(super) fn count_of(self, window: u64) -> u32 {
        if self.window == window { self.count } else { 0 }
    }
}
