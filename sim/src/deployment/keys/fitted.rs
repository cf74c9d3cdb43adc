//! How a key is searched when a profile is fitted to load tests.

/// Where a calibration looks for the value of a key, and when.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// Least value, in the unit of the key; milliseconds of a duration.
    pub least: f64,
    /// Largest value.
    pub most: f64,
    /// Whether tests that show this tell something of a key that has this value.
    pub when: fn(Shown, f64) -> bool,
    /// Whether it says how often or for how long a node pauses.
    pub of_pauses: bool,
    /// Whether all operations have it in common, where it is a key of each.
    pub common: bool,
}

/// What load tests together show something of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, true or not")]
pub struct Shown {
    /// Messages of sizes that differ.
    pub sizes: bool,
    /// Answers that are not of the size of their requests.
    pub answers: bool,
    /// Large messages.
    pub large: bool,
    /// Quantiles of the times.
    pub tails: bool,
    /// Numbers of users that differ.
    pub many_users: bool,
    /// At least twice as many users as workers, of which not all bursts need one.
    pub crowd: bool,
    /// Allocated bytes, as the garbage collection of the profile counts them.
    pub bytes: bool,
    /// Collections of the whole heap, as of a collector that knows no others of what is old.
    pub whole: bool,
}
