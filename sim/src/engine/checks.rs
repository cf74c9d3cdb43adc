//! What a request is checked for on its way: its token, and the limit of its rate. Nodes admit requests or not, and
//! others count what was admitted.

use super::Engine;
use super::marks::{Mark, reached};
use super::parts::Condition;
use super::request::Request;
use crate::cause::Cause;
use crate::network::{Depth, Step};

impl Engine<'_> {
    /// A request takes a step of its checks; false where it does not go on.
    pub(super) fn check(&mut self, request: &mut Request, step: Step) -> bool {
        let mut next = request.step + 1;
        match step {
            Step::LookUp { depth, miss, to } if self.looks_up(request, depth, miss) => next = to,
            Step::Store { depth } => self.store(request, depth),
            Step::Renew { to, .. } if self.token_holds(request) => next = to,
            Step::Renewed if request.is(Request::ORPHAN) => {
                // Whoever has given up sends nothing with it.
                self.answer(request);
                return false;
            }
            Step::Renewed => self.renewed(request),
            Step::Find { depth, lot } if !self.finds(request, depth, lot) => {
                request.step = next;
                self.attempt_failed(*request, depth, Cause::NotDeployed);
                return false;
            }
            Step::Ask { depth, to, .. } if !self.asks(request, depth) => next = to,
            Step::Admit { depth } if !self.admits(request, depth) => {
                request.step = next;
                self.attempt_failed(*request, depth, Cause::Throttled);
                return false;
            }
            Step::Count => self.count(request),
            _ => {}
        }
        request.step = next;
        true
    }

    /// Whether the node at `depth` has fetched the lot that a request is for. One that hangs does not even look.
    fn finds(&mut self, request: &Request, depth: Depth, lot: u16) -> bool {
        let node = usize::from(request.nodes[depth]);
        if self.machines[node].condition() == Condition::Hung {
            return true;
        }
        for operator in 0..self.operators.len() {
            if !self.operators[operator].finds(node, self.now, usize::from(lot)) {
                reached(Mark::HasNothing);
                self.wake(operator);
                return false;
            }
        }
        true
    }

    /// Whether the node at `depth` asks whether it may admit a request.
    fn asks(&mut self, request: &Request, depth: Depth) -> bool {
        let (flow, node) = (usize::from(request.flow), usize::from(request.nodes[depth]));
        let asks = self.meters[flow].asks(node, self.now);
        if asks {
            reached(Mark::AsksToAdmit);
        }
        asks
    }

    /// Whether the node at `depth` admits a request. Where it counts by itself, it has counted it then.
    fn admits(&mut self, request: &Request, depth: Depth) -> bool {
        let (flow, node) = (usize::from(request.flow), usize::from(request.nodes[depth]));
        let Some(is_beyond) = self.meters[flow].admits(node, self.now) else {
            reached(Mark::Throttles);
            return false;
        };
        self.observers.admitted(flow, is_beyond);
        let limit = self.network.flows[flow].throttle.and_then(|throttle| throttle.limit);
        if limit.is_some_and(|limit| limit.counted_by == self.machines[node].cluster()) {
            self.meters[flow].count(node, self.now);
        }
        true
    }

    /// The node of an event counts what it was told of.
    fn count(&mut self, request: &Request) {
        self.meters[usize::from(request.flow)].count_told(usize::from(request.nodes[0]), self.now);
    }
}
