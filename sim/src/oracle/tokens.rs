//! Tokens of requests in the plain engine.

use super::Plain;
use crate::engine::token_of;
use crate::network::{Depth, Miss, Need};

impl Plain<'_> {
    /// The token of a request: which of its flow, and which of all that its nodes can know.
    fn token(&self, handle: usize) -> Option<(u32, u32)> {
        let customer = &self.customers[handle];
        let flow = customer.flow();
        let token = token_of(self.network, self.draws[flow], &customer.request)?;
        let first = self.network.flows[flow].tokens?.first;
        Some((token, first + token))
    }

    pub(super) fn looks_up(&mut self, handle: usize, depth: Depth, miss: Miss) -> bool {
        let flow = self.customers[handle].flow();
        let Some(node) = self.customers[handle].nodes[depth] else { return false };
        let request = self.customers[handle].request;
        let is_there = match (miss, self.token(handle)) {
            (Miss::Share(share), _) => self.draws[flow].uniform(&request, Need::SKIP) >= share,
            (Miss::Unknown { .. }, Some((token, place))) => {
                let issued = self.leases[flow].issued(token);
                self.token_caches[node].look_up(place, issued, self.now)
            }
            (Miss::Unknown { .. }, None) => false,
        };
        if self.observing && !is_there {
            let second = (self.now - self.run.warm_up.0) / 1_000_000_000;
            self.missed[flow].push(second);
        }
        is_there
    }

    pub(super) fn store(&mut self, handle: usize, depth: Depth) {
        if let (Some(node), Some((_, place))) =
            (self.customers[handle].nodes[depth], self.token(handle))
        {
            self.token_caches[node].store(place, self.now);
        }
    }

    pub(super) fn token_holds(&self, handle: usize) -> bool {
        let flow = self.customers[handle].flow();
        self.token(handle).is_none_or(|(token, _)| self.leases[flow].holds(token, self.now))
    }

    pub(super) fn renewed(&mut self, handle: usize) {
        let flow = self.customers[handle].flow();
        if let Some((token, _)) = self.token(handle) {
            self.leases[flow].renew(token, self.now);
        }
        self.flows[flow].token_renewals += u64::from(self.observing);
    }
}
