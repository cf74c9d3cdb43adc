//! What becomes of nodes: who changed which, the condition that it came into, and what balancers believe.

use super::super::moments::{Event, Moment};
use crate::time::SimTime;

/// Everything that has happened to nodes, in order.
#[derive(Debug, Default)]
pub(super) struct Changes(Vec<Moment>);

impl Changes {
    pub(super) fn happened(&mut self, now: u64, node: usize, event: Event) {
        self.0.push(Moment { at: SimTime(now), node, event });
    }

    pub(super) fn into_vec(self) -> Vec<Moment> {
        self.0
    }
}
