//! Time average of a whole number that goes up and down.

/// A level (requests in flight, nodes down) and its integral over time. The integral is kept modulo
/// 2⁶⁴, so that a change costs one addition; differences of it are exact.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimeAverage {
    level: u32,
    peak: u32,
    area: u64,
    since: u64,
    area_since: u64,
}

impl TimeAverage {
    /// The level goes up by one at `now`, in nanoseconds.
    #[inline]
    pub fn up(&mut self, now: u64) {
        self.level += 1;
        self.peak = self.peak.max(self.level);
        self.area = self.area.wrapping_sub(now);
    }

    /// The level goes down by one at `now`, in nanoseconds.
    #[inline]
    pub fn down(&mut self, now: u64) {
        self.level -= 1;
        self.area = self.area.wrapping_add(now);
    }

    /// The level.
    pub fn level(&self) -> u32 {
        self.level
    }

    /// The highest level since the last restart.
    pub fn peak(&self) -> u32 {
        self.peak
    }

    /// Forgets what was before `now`.
    pub fn restart(&mut self, now: u64) {
        self.since = now;
        self.area_since = self.integral(now);
        self.peak = self.level;
    }

    /// The average level from the last restart until `now`; the level where no time has passed.
    pub fn average(&self, now: u64) -> f64 {
        let elapsed = now - self.since;
        if elapsed == 0 {
            return f64::from(self.level);
        }
        self.integral(now).wrapping_sub(self.area_since) as f64 / elapsed as f64
    }

    fn integral(&self, now: u64) -> u64 {
        self.area.wrapping_add(now.wrapping_mul(u64::from(self.level)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_is_the_area_over_the_time() {
        let mut level = TimeAverage::default();
        level.up(10);
        level.up(20);
        level.restart(20);
        level.down(30);
        assert_eq!(level.average(40), 1.5);
        assert_eq!((level.level(), level.peak()), (1, 2));
    }
}
