//! Tokens and limits of rate in the plain engine.

use super::Plain;
use crate::cause::Cause;
use crate::engine::operators::Operator;
use crate::engine::parts::Condition;
use crate::network::{Depth, Step};

impl Plain<'_> {
    /// False where the request does not go on.
    pub(super) fn check(&mut self, handle: usize, step: Step) -> bool {
        let at = self.customers[handle].step;
        self.customers[handle].step = at + 1;
        let jumps = match step {
            Step::LookUp { depth, miss, to } => self.looks_up(handle, depth, miss).then_some(to),
            Step::Renew { to, .. } => self.token_holds(handle).then_some(to),
            Step::Ask { depth, to, .. } => (!self.asks(handle, depth)).then_some(to),
            Step::Store { depth } => {
                self.store(handle, depth);
                None
            }
            Step::Renewed if self.customers[handle].orphan => {
                self.answer(handle);
                return false;
            }
            Step::Renewed => {
                self.renewed(handle);
                None
            }
            Step::Find { depth, lot } if !self.finds(handle, depth, lot) => {
                self.attempt_failed(handle, depth, Cause::NotDeployed);
                return false;
            }
            Step::Admit { depth } if !self.admits(handle, depth) => {
                self.attempt_failed(handle, depth, Cause::Throttled);
                return false;
            }
            Step::Count => {
                self.count(handle);
                None
            }
            _ => None,
        };
        if let Some(to) = jumps {
            self.customers[handle].step = usize::from(to);
        }
        true
    }

    fn finds(&mut self, handle: usize, depth: Depth, lot: u16) -> bool {
        let Some(node) = self.customers[handle].nodes[depth] else { return true };
        if self.machines[node].condition() == Condition::Hung {
            return true;
        }
        let (now, lot) = (self.now, usize::from(lot));
        let lacks = |operator: &mut Box<dyn Operator>| !operator.finds(node, now, lot);
        let lacking = self.operators.iter_mut().position(lacks);
        if let Some(operator) = lacking {
            self.wake(operator);
        }
        lacking.is_none()
    }

    fn asks(&mut self, handle: usize, depth: Depth) -> bool {
        let (flow, now) = (self.customers[handle].flow(), self.now);
        let node = self.customers[handle].nodes[depth];
        node.is_some_and(|node| self.meters[flow].asks(node, now))
    }

    fn admits(&mut self, handle: usize, depth: Depth) -> bool {
        let flow = self.customers[handle].flow();
        let Some(node) = self.customers[handle].nodes[depth] else { return true };
        let Some(is_beyond) = self.meters[flow].admits(node, self.now) else { return false };
        self.flows[flow].over_limit += u64::from(is_beyond && self.observing);
        let limit = self.network.flows[flow].throttle.and_then(|throttle| throttle.limit);
        if limit.is_some_and(|limit| limit.counted_by == self.servers[node].cluster) {
            self.meters[flow].count(node, self.now);
        }
        true
    }

    fn count(&mut self, handle: usize) {
        let flow = self.customers[handle].flow();
        if let Some(node) = self.customers[handle].nodes[0] {
            self.meters[flow].count_told(node, self.now);
        }
    }
}
