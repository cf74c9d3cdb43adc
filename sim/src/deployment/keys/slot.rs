//! Where a record keeps the value of a key.

use super::{Part, Parts};
use crate::deployment::Bursts;
use crate::random::{Law, Shape};
use crate::time::SimDuration;

/// The place of a value.
pub enum Slot<'a> {
    /// A number, in the unit of its key.
    Number(&'a mut dyn Stored<f64>),
    /// A whole number.
    Count(&'a mut dyn Stored<u32>),
    /// A duration.
    Duration(&'a mut dyn Stored<SimDuration>),
    /// A law of durations.
    Law(&'a mut Law),
    /// The shape of a law.
    Shape(&'a mut Shape),
    /// Bursts.
    Bursts(&'a mut Bursts),
    /// One of several names.
    Choice(&'a mut dyn Choice),
    /// A table with keys of its own.
    Table(&'a mut dyn Part),
    /// Tables by their names, each with keys of its own.
    Tables(&'a mut dyn Parts),
    /// None: the key means nothing here, and may be stated all the same.
    Idle,
    /// None: the key makes no sense here.
    Refused,
}

impl Slot<'_> {
    /// Whether there is a place.
    pub fn is_there(&self) -> bool {
        !matches!(self, Self::Idle | Self::Refused)
    }

    /// A number that can be fitted: milliseconds of a duration, of the mean of a law.
    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => number.stored(),
            Self::Duration(time) => time.stored().map(SimDuration::as_ms),
            Self::Law(law) => Some(law.mean.as_ms()),
            _ => None,
        }
    }

    /// Stores a number that was fitted, in the unit of [`Self::number`].
    pub(crate) fn put(self, value: f64) {
        match self {
            Self::Number(number) => number.store(value),
            Self::Duration(time) => time.store(SimDuration::from_ms(value)),
            Self::Law(law) => law.mean = SimDuration::from_ms(value),
            _ => {}
        }
    }
}

/// A value that may be absent.
pub trait Stored<V> {
    /// The value; none where it is absent.
    fn stored(&self) -> Option<V>;

    /// Replaces the value.
    fn store(&mut self, value: V);
}

impl<V: Copy> Stored<V> for V {
    fn stored(&self) -> Option<V> {
        Some(*self)
    }

    fn store(&mut self, value: V) {
        *self = value;
    }
}

impl<V: Copy> Stored<V> for Option<V> {
    fn stored(&self) -> Option<V> {
        *self
    }

    fn store(&mut self, value: V) {
        *self = Some(value);
    }
}

/// One of several names.
pub trait Choice {
    /// Every name with its meaning.
    fn options(&self) -> &'static [(&'static str, &'static str)];

    /// The index of the name that is chosen.
    fn chosen(&self) -> usize;

    /// Chooses a name by its index.
    fn choose(&mut self, index: usize);
}
