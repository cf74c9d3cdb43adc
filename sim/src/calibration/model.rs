//! What is fitted: the profile of the node, and the backends of which nobody said how long they take.

use std::collections::BTreeMap;

use crate::deployment::{FlowKind, Profile};
use crate::measurement::{BackendTimes, LoadTest, Measurement, Observed, ThinkTimes};
use crate::time::SimDuration;

/// A backend of which nothing is known takes, at first, such a share of the shortest mean.
const SHARE_OF_MEAN: f64 = 0.5;
/// And is so unequal.
const CV: f64 = 0.5;

/// A profile, and backends by operation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Model {
    pub(super) profile: Profile,
    pub(super) backends: BTreeMap<String, BackendTimes>,
}

impl Model {
    /// A profile with a guess of the backends that the tests do not state.
    pub(super) fn new(profile: Profile, kind: FlowKind, tests: &[LoadTest]) -> Self {
        let mut backends: BTreeMap<String, BackendTimes> = BTreeMap::new();
        let rows = tests.iter().flat_map(|test| &test.operations);
        for row in rows.filter(|row| is_unknown(row, kind)) {
            let mean = SimDuration::from_seconds(SHARE_OF_MEAN * row.mean.unwrap_or(0.0));
            let known =
                backends.entry(row.operation.clone()).or_insert(BackendTimes { mean, cv: CV });
            known.mean = known.mean.min(mean);
        }
        Self { profile, backends }
    }

    /// A test with the backends of this model where it states none, and with the think time that Little's
    /// law leaves where none is known.
    pub(super) fn complete(&self, test: &LoadTest) -> LoadTest {
        let left = test.think_seconds().filter(|_| test.thinks()).map(SimDuration::from_seconds);
        let mut test = test.clone();
        for row in &mut test.operations {
            row.backend = row.backend.or(self.backends.get(&row.operation).copied());
            row.think = row.think.or(left.map(|mean| ThinkTimes { mean, cv: 1.0 }));
        }
        test
    }
}

/// Whether an operation calls a backend that nobody has stated.
fn is_unknown(row: &Measurement, kind: FlowKind) -> bool {
    kind == FlowKind::Api
        && row.observed == Observed::RoundTrip
        && row.backend.is_none()
        && row.mean.is_some()
}
