//! Until when the tokens of a flow hold.

use super::super::Run;
use crate::network::{Network, Tokens};
use crate::random::Purpose;

/// The tokens of one flow, as their owners have them.
#[derive(Clone, Debug)]
pub(crate) struct Leases {
    lifetime: u64,
    /// By token, until when it holds, nanoseconds since the start of the replication.
    ends: Vec<u64>,
}

impl Leases {
    /// By flow. What there is at the start was issued at any instant of the lifetime before.
    pub(crate) fn of_flows(network: &Network, run: &Run<'_>) -> Vec<Self> {
        let flows = network.flows.iter().enumerate();
        let leases = flows.map(|(flow, source)| {
            let stream = run.stream(Purpose::Tokens, flow as u64);
            let ends = |Tokens { number, lifetime, .. }: Tokens| {
                let lifetime = lifetime?;
                let left = |token| (stream.uniform(token) * lifetime.as_nanos()) as u64;
                let ends = (0..u64::from(number)).map(left).collect();
                Some(Self { lifetime: lifetime.0, ends })
            };
            source.tokens.and_then(ends).unwrap_or(Self { lifetime: 0, ends: Vec::new() })
        });
        leases.collect()
    }

    /// Whether a token still holds.
    pub(crate) fn holds(&self, token: u32, now: u64) -> bool {
        self.ends.get(token as usize).is_none_or(|ends| now < *ends)
    }

    /// Its owner has another one instead.
    pub(crate) fn renew(&mut self, token: u32, now: u64) {
        if let Some(ends) = self.ends.get_mut(token as usize) {
            *ends = now.saturating_add(self.lifetime);
        }
    }

    /// When the token that its owner has was issued.
    pub(crate) fn issued(&self, token: u32) -> i64 {
        self.ends.get(token as usize).map_or(i64::MIN, |ends| *ends as i64 - self.lifetime as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_for_its_lifetime_from_when_it_is_issued() {
        let mut leases = Leases { lifetime: 100, ends: vec![40, 70] };
        assert_eq!((leases.issued(0), leases.issued(1)), (-60, -30));
        assert!(leases.holds(0, 39) && !leases.holds(0, 40) && leases.holds(1, 40));
        leases.renew(0, 50);
        assert!(leases.holds(0, 149) && !leases.holds(0, 150));
        assert_eq!(leases.issued(0), 50);
    }

    #[test]
    fn what_has_no_lifetime_holds_for_ever() {
        let mut leases = Leases { lifetime: 0, ends: vec![] };
        leases.renew(3, 5);
        assert!(leases.holds(3, u64::MAX));
        assert!(leases.issued(3) < 0);
    }
}
