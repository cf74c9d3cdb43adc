//! Calls of backends and of the database by nodes: they may be out, slow or suspended, and nodes do not wait for
//! ever.

use super::Engine;
use super::marks::{Mark, reached};
use super::parts::Called;
use super::request::Request;
use crate::cause::Cause;
use crate::network::{Need, Variate};

impl Engine<'_> {
    /// A node calls a backend or the database. Returns false where that is a delay and no more.
    #[cold]
    pub(super) fn call_out(&mut self, request: &mut Request, delay: Variate, need: Need) -> bool {
        let flow = usize::from(request.flow);
        let is_watched = need == Need::BACKEND && self.endpoints.watch(flow);
        let called = self.suppliers.called(self.now, flow, need);
        if called.is_none() && !is_watched {
            return false;
        }
        request.step += 1;
        let depth = request.deepest();
        let node = usize::from(request.nodes[depth]);
        if is_watched && !self.endpoints.calls(flow, node, self.now) {
            reached(Mark::Suspended);
            self.attempt_failed(*request, depth, Cause::Suspended);
            return true;
        }
        let draws = self.draws[flow];
        let nanos = draws.nanos(&self.tables, request, need, request.burst, delay);
        let mut end = self.ends(request, called, nanos);
        if is_watched {
            let gives_up = self.endpoints.gives_up(flow, node, self.now);
            if called == Some(Called::Refused) {
                self.endpoints.failed(flow, node, self.now);
            } else if gives_up < end {
                request.flags |= Request::LATE;
                end = gives_up;
            } else {
                request.flags |= Request::CALLS;
            }
        }
        self.wait_until(request, end);
        true
    }

    /// When there is an answer to a call that begins now, which may be an error.
    fn ends(&self, request: &mut Request, called: Option<Called>, nanos: f64) -> u64 {
        if called.is_some() {
            reached(Mark::MissesSupplier);
        }
        match called {
            None => self.now.saturating_add((nanos + 0.5) as u64),
            Some(Called::Longer(factor)) => self.now.saturating_add((nanos * factor + 0.5) as u64),
            Some(Called::From(start)) => start.saturating_add((nanos + 0.5) as u64),
            Some(Called::Refused) => {
                request.flags |= Request::FAILS;
                self.now
            }
            Some(Called::Fails(after)) => {
                request.flags |= Request::FAILS;
                self.now.saturating_add(after)
            }
        }
    }

    /// A node has the answer to a call, or waits no longer. Returns whether the request goes on.
    #[cold]
    pub(super) fn call_ends(&mut self, request: &mut Request) -> bool {
        let (flow, depth) = (usize::from(request.flow), request.deepest());
        let node = usize::from(request.nodes[depth]);
        let is = request.flags;
        request.flags &= !Request::ENDS;
        if is & Request::LATE != 0 {
            reached(Mark::BackendTimeout);
            self.endpoints.failed(flow, node, self.now);
            self.attempt_failed(*request, depth, Cause::BackendTimeout);
            return false;
        }
        if is & Request::CALLS != 0 {
            self.endpoints.answered(flow, node);
        }
        if is & Request::FAILS != 0 {
            self.attempt_failed(*request, depth, Cause::ServerError);
            return false;
        }
        true
    }
}
