//! What a calibration leaves open of a profile: how its keys move together when the truth lies one
//! standard error off.

use std::collections::BTreeMap;

/// The errors of keys that were fitted together, as the sum of some independent directions: each list
/// says, for a key by the names that lead to it, by how much it moves along each of the directions where
/// the truth lies one standard error off. Together they are a factor of the covariance of the fit.
///
/// A key is moved on the scale on which it is fitted: by 0.02, it is exp(0.02) times what it was, a share
/// has exp(0.02) times its odds. Parameters that tests cannot tell apart move against each other in one
/// direction, by far more than what they do together is uncertain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Uncertainty {
    /// The shifts of each key, one for each direction.
    pub shifts: BTreeMap<Vec<String>, Vec<f64>>,
}

impl Uncertainty {
    /// How many directions there are.
    pub fn directions(&self) -> usize {
        self.shifts.values().map(Vec::len).max().unwrap_or(0)
    }

    /// Whether both state the same of a key: numbers of several digits that agree come from one fit.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        let moves = |shifts: &[f64]| shifts.iter().any(|shift| *shift != 0.0);
        self.shifts
            .iter()
            .any(|(path, shifts)| moves(shifts) && other.shifts.get(path) == Some(shifts))
    }
}
