//! The seconds of the flows of a deployment, over all replications.

use serde::{Deserialize, Serialize};

use crate::engine::SecondObservations;

/// Seconds of the window by flow, each summed over replications, which keeps memory flat. Sums of
/// counts do not depend on the order. Empty where seconds are not asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Timeline {
    pub(crate) flows: Vec<Vec<SecondObservations>>,
}

impl Timeline {
    /// Adds the seconds of other replications, by flow.
    pub(crate) fn add(&mut self, others: &[Vec<SecondObservations>]) {
        if others.iter().all(Vec::is_empty) {
            return;
        }
        self.flows.resize(self.flows.len().max(others.len()), Vec::new());
        for (seconds, others) in self.flows.iter_mut().zip(others) {
            if others.len() > seconds.len() {
                seconds.resize(others.len(), SecondObservations::default());
            }
            seconds.iter_mut().zip(others).for_each(|(second, other)| second.merge(other));
        }
    }

    /// Whether no second is kept.
    pub(crate) fn is_empty(&self) -> bool {
        self.flows.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeline_adds_up_the_seconds_of_all_replications() {
        let second =
            |answered: &u64| SecondObservations { answered: *answered, ..Default::default() };
        let mut timeline = Timeline::default();
        timeline.add(&[Vec::new(), Vec::new()]);
        assert!(timeline.is_empty());
        for answered in [&[1, 2][..], &[10, 20, 30], &[100]] {
            timeline.add(&[answered.iter().map(second).collect()]);
        }
        let answered: Vec<u64> = timeline.flows[0].iter().map(|second| second.answered).collect();
        assert_eq!(answered, [111, 22, 30]);
    }
}
