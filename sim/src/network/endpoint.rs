//! How nodes deal with a backend that does not answer.

use crate::time::SimDuration;

/// What each node does by itself about the backend of a flow that it calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Endpoint {
    /// How long a call waits for its answer at least; none: for ever.
    pub timeout: Option<SimDuration>,
    /// Calls whose time is over are noticed so often, above 0; the first time anywhere within it.
    pub sweep: SimDuration,
    /// For how long nobody is called after a call that could not be made or had no answer; none: not at all.
    pub suspension: Option<Suspension>,
}

/// For how long a backend is not called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suspension {
    /// After a call that failed when the one before had not, above 0.
    pub first: SimDuration,
    /// So many times as long after each further one without an answer in between, 1 or above.
    pub factor: f64,
    /// At most; none: any time.
    pub longest: Option<SimDuration>,
}

impl Suspension {
    /// The suspension that follows one of this length, or the first.
    pub(crate) fn after(self, last: Option<SimDuration>) -> SimDuration {
        let next = last.map_or(self.first.as_nanos(), |last| last.as_nanos() * self.factor);
        let longest = self.longest.map_or(f64::INFINITY, SimDuration::as_nanos);
        SimDuration(next.min(longest) as u64)
    }
}
