//! Tokens of requests: the cache of a node knows them or not, and their owners renew them.

use super::Engine;
use super::marks::{Mark, reached};
use super::request::{Draws, Request};
use crate::network::{Depth, Miss, Need, Network};

/// Which of the tokens of its flow a request carries: a user's is always the same, and of open requests each
/// is as likely as the others. None where nobody tells them apart.
pub(crate) fn token_of(network: &Network, draws: Draws, request: &Request) -> Option<u32> {
    let source = &network.flows[usize::from(request.flow)];
    let number = source.tokens?.number;
    Some(match source.crowd {
        Some(crowd) => request.number % network.crowds[crowd].users % number,
        None => draws.token(request, number),
    })
}

impl Engine<'_> {
    /// Whether the cache of the node at `depth` holds the token of a request.
    pub(super) fn looks_up(&mut self, request: &Request, depth: Depth, miss: Miss) -> bool {
        let flow = usize::from(request.flow);
        let is_there = match (miss, token_of(self.network, self.draws[flow], request)) {
            (Miss::Share(share), _) => self.draws[flow].uniform(request, Need::SKIP) >= share,
            (Miss::Unknown { .. }, Some(token)) => {
                let place = self.place_of(flow, token);
                let issued = self.leases[flow].issued(token);
                let node = usize::from(request.nodes[depth]);
                self.token_caches[node].look_up(place, issued, self.now)
            }
            (Miss::Unknown { .. }, None) => false,
        };
        if !is_there {
            reached(Mark::MissesToken);
            self.observers.missed_token(self.now, request);
        }
        is_there
    }

    /// The token of a request is put into the cache of the node at `depth`.
    pub(super) fn store(&mut self, request: &Request, depth: Depth) {
        let flow = usize::from(request.flow);
        if let Some(token) = token_of(self.network, self.draws[flow], request) {
            let place = self.place_of(flow, token);
            self.token_caches[usize::from(request.nodes[depth])].store(place, self.now);
        }
    }

    /// Whether the token of a request still holds.
    pub(super) fn token_holds(&self, request: &Request) -> bool {
        let flow = usize::from(request.flow);
        let token = token_of(self.network, self.draws[flow], request);
        token.is_none_or(|token| self.leases[flow].holds(token, self.now))
    }

    /// The owner of a token has another.
    pub(super) fn renewed(&mut self, request: &Request) {
        let flow = usize::from(request.flow);
        reached(Mark::RenewsToken);
        if let Some(token) = token_of(self.network, self.draws[flow], request) {
            self.leases[flow].renew(token, self.now);
        }
        self.observers.renewed_token(request);
    }

    /// The place of a token of a flow among all that a node can know.
    fn place_of(&self, flow: usize, token: u32) -> u32 {
        self.network.flows[flow].tokens.map_or(0, |tokens| tokens.first) + token
    }
}
