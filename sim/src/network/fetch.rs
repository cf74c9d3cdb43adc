//! What a process has to fetch before it serves.

use crate::time::SimDuration;

/// What a process that has started has to fetch before it serves: until then it answers that it has nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fetch {
    /// The cluster that has it, of which one node must be up; none: the process has it by itself.
    pub from: Option<usize>,
    /// How long that takes while nothing else is fetched from there; several share the time of the cluster.
    pub takes: SimDuration,
}

/// What a process fetches only when it is asked for, in lots. Who asks for a lot that is not there is told so, and so
/// is whoever asks until it has been fetched.
#[derive(Clone, Debug, PartialEq)]
pub struct Lots {
    /// As in [`Fetch`].
    pub from: Option<usize>,
    /// When they are forgotten.
    pub forgets: Forgets,
    /// Each lot.
    pub all: Vec<Lot>,
}

/// When a process forgets what nobody asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forgets {
    /// A sweep takes away what nobody has asked for so long.
    pub idle: SimDuration,
    /// From one sweep to the next, above 0; the first comes so long after the start of the process.
    pub sweep: SimDuration,
}

/// What is fetched together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lot {
    /// As in [`Fetch`].
    pub takes: SimDuration,
    /// How often each node is asked for it, per second, as it is expected.
    pub uses: f64,
}
