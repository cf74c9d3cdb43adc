//! The tokens of flows: who has to know them, and how often they are used.

use std::ops::Range;

use super::{Compiler, RENEWAL, mean_time};
use crate::deployment::{Arrivals, Flow, FlowKind, Message, Role, Token, Tokens, work};
use crate::network::{self, Miss, Step};
use crate::theory::token_cache::Swept;

impl Compiler<'_> {
    /// Whoever finds that a token no longer holds gets another from the key manager first.
    pub(super) fn renewal(&mut self, index: usize, flow: &Flow) {
        let Tokens::Distinct { lifetime: Some(_), .. } = flow.tokens else { return };
        let skip = self.network.steps.len();
        self.step(Step::Renew { share: 0.0, to: 0 });
        // Asked for like any other token, over a connection of its own and without the call's backend.
        let asks = Flow {
            kind: FlowKind::Token,
            backend: None,
            size: Message::alike(1.0),
            ..flow.clone()
        };
        let event = self.renewal_event;
        self.plain_route(index, &asks, Role::KeyManager, RENEWAL, work::KEY_MANAGER, event);
        self.step(Step::Renewed);
        let to = self.next_step();
        self.network.steps[skip] = Step::Renew { share: 0.0, to };
    }

    /// The tokens of a flow, of which the nodes of its gateway have to know opaque ones.
    pub(super) fn tokens(
        &mut self,
        flow: &Flow,
        gateway: Option<usize>,
    ) -> Option<network::Tokens> {
        let Tokens::Distinct { number, lifetime } = flow.tokens else { return None };
        let known_to = gateway.filter(|_| flow.token == Token::Opaque);
        let first = known_to.map_or(0, |cluster| {
            let tokens = &mut self.network.clusters[cluster].tokens;
            std::mem::replace(tokens, tokens.saturating_add(number))
        });
        Some(network::Tokens { number, known_to, first, lifetime, uses: 0.0 })
    }

    /// Works out how often each token is used, and so what is to be expected of caches and renewals. The rate
    /// of users is the one at which nothing waits and every token has to be checked.
    pub(super) fn expect_tokens(&mut self, flows: &[Flow]) {
        for (index, flow) in flows.iter().enumerate() {
            let Some(mut tokens) = self.network.flows[index].tokens else { continue };
            let each = self.rate(flows, flow) / f64::from(tokens.number);
            let clusters = &self.network.clusters;
            let nodes = tokens.known_to.map_or(1, |cluster| clusters[cluster].nodes);
            tokens.uses = each / nodes as f64;
            self.network.flows[index].tokens = Some(tokens);
            let missed = self.missed(tokens);
            let renewed =
                tokens.lifetime.map_or(0.0, |lifetime| 1.0 / (1.0 + each * lifetime.as_seconds()));
            let route = self.route(index);
            for step in &mut self.network.steps[route] {
                match step {
                    Step::Renew { share, .. } => *share = renewed,
                    Step::LookUp { miss: Miss::Unknown { share }, .. } => *share = missed,
                    _ => {}
                }
            }
        }
    }

    /// Share of the requests that the cache of their node does not know.
    fn missed(&self, tokens: network::Tokens) -> f64 {
        let cluster = tokens.known_to.map(|cluster| &self.network.clusters[cluster]);
        let rules = cluster.and_then(|cluster| cluster.token_cache);
        let Some(rules) = rules.filter(|_| tokens.uses > 0.0) else { return 1.0 };
        let (period, timeout) = (rules.sweep.as_seconds(), rules.timeout.as_seconds());
        Swept { period, timeout }.miss_share(tokens.uses).min(1.0)
    }

    /// The steps of a flow.
    fn route(&self, index: usize) -> Range<usize> {
        let first = usize::from(self.network.flows[index].first_step);
        let mut steps = self.network.steps[first..].iter();
        let length = steps.position(|step| matches!(step, Step::Answer)).unwrap_or(0);
        first..first + length
    }

    /// Requests of a flow per second, as they begin.
    pub(super) fn rate(&self, flows: &[Flow], flow: &Flow) -> f64 {
        match &flow.arrivals {
            Arrivals::Trace { times } => {
                let last = times.last().map_or(0.0, |last| last.as_seconds());
                if last > 0.0 { times.len() as f64 / last } else { 0.0 }
            }
            Arrivals::OfUsers { flow, share } => share * self.rate_of_users(flows, *flow),
            Arrivals::Closed { .. } => {
                let own = flows.iter().position(|other| other.name == flow.name).unwrap_or(0);
                let others = flows.iter().filter_map(|other| match other.arrivals {
                    Arrivals::OfUsers { flow, share } if flow == own => Some(share),
                    _ => None,
                });
                (1.0 - others.sum::<f64>()) * self.rate_of_users(flows, own)
            }
            open => open.rate_before().unwrap_or(0.0),
        }
    }

    /// Requests of all flows of the users of one, per second.
    fn rate_of_users(&self, flows: &[Flow], index: usize) -> f64 {
        let Arrivals::Closed { users, think } = &flows[index].arrivals else { return 0.0 };
        let route = self.route(index);
        let cycle = think.mean.as_seconds() + 1e-9 * mean_time(&self.network.steps[route]);
        if cycle > 0.0 { f64::from(*users) / cycle } else { 0.0 }
    }
}

/// When the gateway's cache does not hold the token of a request.
pub(super) fn miss(flow: &Flow) -> Miss {
    match flow.tokens {
        Tokens::Alike { cache_miss } => Miss::Share(cache_miss),
        Tokens::Distinct { .. } => Miss::Unknown { share: 1.0 },
    }
}
