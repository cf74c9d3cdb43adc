//! What acts on nodes from outside. An operator says when it acts next and what it wants changed; the
//! engine alone changes anything. A new operator is a file here and its line in [`all`].

mod drill;
mod failures;

use std::fmt::Debug;

use super::Run;
use super::parts::{Change, Condition};
use crate::network::Network;

/// Acts on nodes from outside.
pub(crate) trait Operator: Debug {
    /// When it acts next on a node; `u64::MAX` for never.
    fn next(&self, node: usize) -> u64;

    /// What it does to the node when that instant has come.
    fn act(&mut self, node: usize, now: u64) -> Change;

    /// Whether it may ever act.
    fn acts(&self) -> bool;

    /// The node is in this condition from now on.
    fn learn(&mut self, node: usize, now: u64, condition: Condition);
}

/// The operators of a replication. Those that act at the same instant act in this order.
pub(crate) fn all(network: &Network, run: &Run<'_>) -> Vec<Box<dyn Operator>> {
    vec![Box::new(failures::Failures::new(network, run)), Box::new(drill::Drill::new(network, run))]
}
