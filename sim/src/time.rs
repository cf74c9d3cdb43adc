//! Simulated time: whole nanoseconds, so that order is total and sums are exact.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

/// Nanoseconds in a second.
const NANOS: f64 = 1e9;

/// An instant of simulated time, in nanoseconds since the start of a replication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(pub u64);

/// A span of simulated time, in nanoseconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct SimDuration(pub u64);

impl SimTime {
    /// The start of a replication.
    pub const ZERO: Self = Self(0);
    /// Later than anything that happens.
    pub const NEVER: Self = Self(u64::MAX);

    /// Seconds since the start of the replication.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / NANOS
    }

    /// The span since `earlier`.
    ///
    /// # Panics
    ///
    /// If `earlier` is later.
    pub fn since(self, earlier: Self) -> SimDuration {
        assert!(earlier <= self, "time runs forward");
        SimDuration(self.0 - earlier.0)
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// The nearest whole number of nanoseconds; negative and non-finite values become zero or the
    /// longest span.
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * NANOS).round() as u64)
    }

    /// As [`Self::from_seconds`], from milliseconds.
    pub fn from_ms(milliseconds: f64) -> Self {
        Self((milliseconds * 1e6).round() as u64)
    }

    /// The span in seconds.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / NANOS
    }

    /// The span in milliseconds.
    pub fn as_ms(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// The span in nanoseconds.
    pub fn as_nanos(self) -> f64 {
        self.0 as f64
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;

    fn add(self, span: SimDuration) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Add for SimDuration {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for SimDuration {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for SimDuration {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for SimDuration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.as_seconds();
        match seconds {
            0.0 => write!(formatter, "0 s"),
            s if s < 1e-3 => write!(formatter, "{} us", s * 1e6),
            s if s < 1.0 => write!(formatter, "{} ms", s * 1e3),
            s if s < 120.0 => write!(formatter, "{s} s"),
            s if s < 7200.0 => write!(formatter, "{} min", s / 60.0),
            s if s < 172_800.0 => write!(formatter, "{} h", s / 3600.0),
            s => write!(formatter, "{} d", s / 86_400.0),
        }
    }
}
