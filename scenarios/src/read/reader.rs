//! Values that have defaults.

use sim::deployment::Probe;
use sim::time::SimDuration;

use crate::read::section::Section;

/// Reads values that have defaults; none where what is stated is wrong, which is noted.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(pub(crate) Section<'a>);

impl Reader<'_> {
    /// A whole number.
    pub(crate) fn count(
        self,
        key: &'static str,
        least: u64,
        most: u64,
        otherwise: u32,
    ) -> Option<u32> {
        match self.0.get(key) {
            Some(item) => self.0.context.integer(item, least, most).map(|count| count as u32),
            None => Some(otherwise),
        }
    }

    /// Whether something is so; it is not where nothing is stated.
    pub(crate) fn flag(self, key: &'static str) -> Option<bool> {
        self.0.get(key).map_or(Some(false), |item| self.0.context.boolean(item))
    }

    /// A time above 0; the default in seconds.
    pub(crate) fn span(self, key: &'static str, otherwise: f64) -> Option<SimDuration> {
        match self.0.get(key) {
            Some(item) => self.0.context.positive_duration(item),
            None => Some(SimDuration::from_seconds(otherwise)),
        }
    }

    /// A time that may be 0; the default in seconds.
    pub(crate) fn time(self, key: &'static str, otherwise: f64) -> Option<SimDuration> {
        match self.0.get(key) {
            Some(item) => self.0.context.duration(item),
            None => Some(SimDuration::from_seconds(otherwise)),
        }
    }

    /// What a probe asks for.
    pub(crate) fn check(self, otherwise: Probe) -> Option<Probe> {
        match self.0.get("check") {
            Some(item) => self.0.context.choice(item, "a check", &Probe::ALL),
            None => Some(otherwise),
        }
    }
}
