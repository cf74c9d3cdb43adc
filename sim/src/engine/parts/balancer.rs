//! A balancer: chooses a node among those it believes up. What it believes comes from its health
//! check, so a request can be sent to a node that is down. Several can stand before one cluster; none of
//! them knows what another has sent or seen.

use super::circle::Circle;
use super::passive::PassiveCheck;
use super::ranking::Ranking;
use crate::network::{Balancing, HealthCheck, Policy};
use crate::random::Stream;

/// Where the stream of a balancer says when the seconds of its clock begin.
const PHASE_OF_CLOCK: u64 = u64::MAX;
/// From here on it says where the clients of a network go.
const NETWORKS: u64 = 1 << 62;

/// One balancer of a cluster. Nodes are numbered within the cluster.
#[derive(Debug)]
pub(crate) struct Balancer {
    policy: Policy,
    ranking: Ranking,
    /// Choices so far: the clock of "least recently chosen" and the index of the next draw.
    choices: u64,
    /// The last node chosen in turn, or the active one.
    current: usize,
    stream: Stream,
    /// Where the clients of a network go: the same for all balancers of a cluster.
    homes: Stream,
    networks: Option<u32>,
    /// Whether the node that was chosen last is among equals as recently chosen as it was before.
    keeps_turn: bool,
    passive: Option<PassiveCheck>,
    /// Whether it learns from its own attempts alone.
    asks_nobody: bool,
    /// Where two draws are made from.
    circle: Option<Circle>,
    /// Whether it asks for anything how many requests are sent and not yet answered.
    counts: bool,
    /// Requests sent and not yet answered, and how many there can be.
    under_way: u32,
    connections: u32,
    /// The same of each node.
    node_limit: u32,
}

impl Balancer {
    pub(crate) fn new(balancing: &Balancing, nodes: usize, stream: Stream, homes: Stream) -> Self {
        let policy = balancing.policy;
        let current = if policy == Policy::ActivePassive { 0 } else { nodes - 1 };
        let passive = match balancing.check {
            HealthCheck::Passive { max_fails, fail_timeout } if nodes > 1 => {
                let phase = stream.uniform(PHASE_OF_CLOCK);
                Some(PassiveCheck::new(max_fails, fail_timeout, nodes, phase))
            }
            _ => None,
        };
        Self {
            policy,
            ranking: Ranking::new(
                nodes,
                matches!(policy, Policy::LeastOutstanding | Policy::LeastConn),
            ),
            choices: 0,
            current,
            stream,
            homes,
            keeps_turn: false,
            networks: balancing.networks,
            passive,
            asks_nobody: matches!(balancing.check, HealthCheck::Passive { .. }),
            circle: (policy == Policy::BetterOfTwoDraws).then(|| Circle::of(nodes)),
            counts: policy.counts() || balancing.connections.is_some() || balancing.limit.is_some(),
            under_way: 0,
            connections: balancing.connections.unwrap_or(u32::MAX),
            node_limit: balancing.limit.map_or(u32::MAX, |limit| limit.requests),
        }
    }

    /// Whether a node can be chosen.
    pub(crate) fn has_room(&self) -> bool {
        self.ranking.eligible() > 0
    }

    /// Whether a node would be chosen if it had room.
    pub(crate) fn has_full(&self) -> bool {
        self.ranking.has_full()
    }

    /// Whether a node can be chosen that is not this one.
    pub(crate) fn has_other(&self, node: usize) -> bool {
        self.ranking.eligible() > usize::from(self.ranking.is_eligible(node))
    }

    /// Whether it has no connection left for another request.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.under_way >= self.connections
    }

    /// Chooses a node for a request, or none where all are believed down or have as many requests as they
    /// may. `session` is given where the same user must get the same node. To be followed by
    /// [`Self::sent`] or [`Self::refused`].
    #[inline]
    pub(crate) fn choose(&mut self, session: Option<u64>) -> Option<usize> {
        let chosen = match (session, self.policy) {
            (Some(session), _) => self.sticky(session),
            (None, Policy::RoundRobin | Policy::Sticky) => self.in_turn(),
            (None, Policy::LeastOutstanding) => self.ranking.first(),
            (None, Policy::LeastConn) => self.least_conn(),
            (None, Policy::PowerOfTwo) => self.power_of_two(),
            (None, Policy::BetterOfTwoDraws) => self.better_of_two_draws(),
            (None, Policy::Random) => self.random(None),
            (None, Policy::ActivePassive) => self.active(),
        }?;
        self.choices += 1;
        Some(chosen)
    }

    /// Whether requests of one user must go to one node.
    pub(crate) fn is_sticky(&self) -> bool {
        self.policy == Policy::Sticky
    }

    /// A request has been sent to the node that was chosen.
    #[inline]
    pub(crate) fn sent(&mut self, node: usize) {
        if !self.counts {
            return;
        }
        self.under_way += 1;
        self.ranking.sent(node, self.choices, self.node_limit, self.keeps_turn);
    }

    /// A request has been answered, or will never be.
    #[inline]
    pub(crate) fn answered(&mut self, node: usize) {
        if !self.counts {
            return;
        }
        self.under_way -= 1;
        self.ranking.answered(node, self.node_limit);
    }

    /// The health check has changed its mind about a node.
    pub(crate) fn believe(&mut self, node: usize, up: bool) {
        self.ranking.believe(node, up);
    }

    /// Whether it has to hear what becomes of an attempt at a node.
    #[inline]
    pub(crate) fn watches(&self, node: usize) -> bool {
        self.passive.as_ref().is_some_and(|passive| passive.remembers(node))
    }

    /// An attempt at a node begins. Returns when the node is to be looked at again, if this attempt takes
    /// it out until then.
    pub(crate) fn tries(&mut self, node: usize, now: u64) -> Option<u64> {
        let passive = self.passive.as_mut()?;
        passive.chosen(node, now);
        self.looked_at(node, now)
    }

    /// An attempt at a node has failed. Returns as [`Self::tries`].
    pub(crate) fn failed(&mut self, node: usize, now: u64) -> Option<u64> {
        let passive = self.passive.as_mut()?;
        passive.failed(node, now);
        self.looked_at(node, now)
    }

    /// A node has answered.
    pub(crate) fn succeeded(&mut self, node: usize, now: u64) {
        if let Some(passive) = &mut self.passive {
            passive.succeeded(node);
            self.looked_at(node, now);
        }
    }

    /// Believes of a node what its passive check says. Returns until when, if it is out.
    pub(crate) fn looked_at(&mut self, node: usize, now: u64) -> Option<u64> {
        let passive = self.passive.as_ref()?;
        let is_out = passive.is_out(node, now);
        let until = is_out.then(|| passive.tried_again_at(node));
        self.ranking.believe(node, !is_out);
        until
    }

    /// A process has been started on a node. Where a passive check has nothing to remember, as there is no
    /// other node, it is sent requests again all the same.
    pub(crate) fn started(&mut self, node: usize, now: u64) {
        if self.asks_nobody && self.passive.is_none() {
            self.ranking.believe(node, true);
        }
        self.looked_at(node, now);
    }

    /// The request that is being placed must not go to this node.
    pub(crate) fn refused(&mut self, node: usize) {
        self.ranking.refused(node, self.choices);
    }

    /// The request has been placed, or not.
    pub(crate) fn forget_refusals(&mut self) {
        self.ranking.forget_refusals();
    }

    #[inline]
    fn in_turn(&mut self) -> Option<usize> {
        let nodes = self.ranking.nodes();
        for _ in 0..nodes {
            self.current = if self.current + 1 == nodes { 0 } else { self.current + 1 };
            if self.ranking.is_eligible(self.current) {
                return Some(self.current);
            }
        }
        None
    }

    #[inline]
    fn power_of_two(&self) -> Option<usize> {
        let one = self.random(None)?;
        let Some(other) = self.random(Some(one)) else { return Some(one) };
        Some(if self.ranking.is_before(other, one) { other } else { one })
    }

    /// The node with the fewest requests; whether it has to share that place decides whether it loses its
    /// turn.
    fn least_conn(&mut self) -> Option<usize> {
        let first = self.ranking.first()?;
        self.keeps_turn = !self.ranking.is_tied(first);
        Some(first)
    }

    /// The better of two draws; of equals the second, as in `get_server_rnd` of `HAProxy`.
    fn better_of_two_draws(&self) -> Option<usize> {
        let draw = |index| {
            let place = (self.stream.draw(2 * self.choices + index) >> 32) as u32;
            self.circle.as_ref()?.nearest(place, |node| self.ranking.is_eligible(node))
        };
        let (one, other) = (draw(0)?, draw(1)?);
        Some(if self.ranking.has_fewer(one, other) { one } else { other })
    }

    /// Any node but `except`, with equal chances.
    #[inline]
    fn random(&self, except: Option<usize>) -> Option<usize> {
        let others = self.ranking.eligible() - usize::from(except.is_some());
        let draw = self.stream.uniform(2 * self.choices + u64::from(except.is_some()));
        let place = (draw * others as f64) as usize;
        if self.ranking.eligible() == self.ranking.nodes() {
            let node = place + usize::from(except.is_some_and(|except| place >= except));
            return (others > 0).then_some(node);
        }
        let nodes = 0..self.ranking.nodes();
        nodes.filter(|node| self.ranking.is_eligible(*node) && Some(*node) != except).nth(place)
    }

    /// The node of a session, or of the network that its client is in; while it is believed down, the next.
    fn sticky(&self, session: u64) -> Option<usize> {
        let nodes = self.ranking.nodes();
        let home = match self.networks {
            Some(networks) => self.homes.draw(NETWORKS + session % u64::from(networks)) >> 32,
            None => session,
        };
        let home = (home % nodes as u64) as usize;
        (0..nodes).map(|step| (home + step) % nodes).find(|node| self.ranking.is_eligible(*node))
    }

    /// The active node; a new one only when it is believed down.
    fn active(&mut self) -> Option<usize> {
        if !self.ranking.is_eligible(self.current) {
            let mut nodes = 0..self.ranking.nodes();
            self.current = nodes.find(|node| self.ranking.is_eligible(*node))?;
        }
        Some(self.current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::NodeLimit;
    use crate::random::Purpose;
    use crate::time::SimDuration;

    fn balancer(policy: Policy, nodes: usize) -> Balancer {
        let balancing = Balancing::plain(policy, HealthCheck::Perfect);
        let stream = Stream::new(1, 0, Purpose::Balancing, 0);
        Balancer::new(&balancing, nodes, stream, stream)
    }

    fn choices(balancer: &mut Balancer, count: usize) -> Vec<usize> {
        (0..count).filter_map(|_| choose(balancer)).collect()
    }

    /// A choice whose request is answered at once.
    fn choose(balancer: &mut Balancer) -> Option<usize> {
        let chosen = balancer.choose(None)?;
        balancer.sent(chosen);
        balancer.answered(chosen);
        Some(chosen)
    }

    #[test]
    fn every_policy_chooses_only_nodes_believed_up() {
        for (policy, name) in Policy::ALL {
            let mut balancer = balancer(policy, 4);
            balancer.believe(0, false);
            balancer.believe(2, false);
            let chosen = choices(&mut balancer, 100);
            assert_eq!(chosen.len(), 100, "{name}");
            assert!(chosen.iter().all(|node| [1, 3].contains(node)), "{name}");
            assert!([1, 3].contains(&balancer.choose(Some(7)).expect("two are up")));
            balancer.believe(1, false);
            balancer.believe(3, false);
            assert_eq!(balancer.choose(None), None, "{name}");
        }
    }

    #[test]
    fn round_robin_goes_round() {
        assert_eq!(choices(&mut balancer(Policy::RoundRobin, 3), 5), [0, 1, 2, 0, 1]);
    }

    #[test]
    fn ties_of_least_conn_take_turns_among_themselves() {
        let mut balancer = balancer(Policy::LeastConn, 2);
        let mut next = |busy: bool| {
            let chosen = balancer.choose(None).expect("all are up");
            balancer.sent(chosen);
            if !busy {
                balancer.answered(chosen);
            }
            chosen
        };
        // While one is busy the other is chosen without a tie, which costs it no turn.
        assert_eq!([next(false), next(true), next(false), next(false)], [0, 1, 0, 0]);
        balancer.answered(1);
        assert_eq!(choices(&mut balancer, 3), [0, 1, 0]);
    }

    #[test]
    fn ties_of_least_outstanding_go_round() {
        assert_eq!(choices(&mut balancer(Policy::LeastOutstanding, 3), 5), [0, 1, 2, 0, 1]);
    }

    #[test]
    fn least_outstanding_counts_what_is_sent_and_not_yet_answered() {
        let mut balancer = balancer(Policy::LeastOutstanding, 2);
        balancer.sent(0);
        balancer.sent(0);
        balancer.sent(1);
        assert_eq!(balancer.choose(None), Some(1));
        balancer.answered(0);
        balancer.answered(0);
        assert_eq!(balancer.choose(None), Some(0));
    }

    #[test]
    fn random_choices_are_even() {
        for policy in [Policy::Random, Policy::PowerOfTwo] {
            let chosen = choices(&mut balancer(policy, 3), 30_000);
            for node in 0..3 {
                let count = chosen.iter().filter(|other| **other == node).count();
                // A binomial of 30 000 and 1/3 has standard deviation 82.
                assert!(count.abs_diff(10_000) < 410, "{policy:?}: {count}");
            }
        }
    }

    #[test]
    fn a_new_active_node_stays_active() {
        let mut balancer = balancer(Policy::ActivePassive, 2);
        assert_eq!(balancer.choose(None), Some(0));
        balancer.believe(0, false);
        assert_eq!(balancer.choose(None), Some(1));
        balancer.believe(0, true);
        assert_eq!(balancer.choose(None), Some(1));
    }

    #[test]
    fn the_only_node_is_never_taken_out() {
        let check =
            HealthCheck::Passive { max_fails: 1, fail_timeout: SimDuration::from_seconds(10.0) };
        let balancing = Balancing::plain(Policy::RoundRobin, check);
        let stream = Stream::new(1, 0, Purpose::Balancing, 0);
        assert!(Balancer::new(&balancing, 2, stream, stream).failed(1, 5).is_some());
        assert!(Balancer::new(&balancing, 1, stream, stream).failed(0, 5).is_none());
    }

    #[test]
    fn a_balancer_is_full_with_as_many_requests_as_it_has_connections() {
        let perfect = Balancing::plain(Policy::RoundRobin, HealthCheck::Perfect);
        let balancing = Balancing { connections: Some(2), ..perfect };
        let stream = Stream::new(1, 0, Purpose::Balancing, 0);
        let mut balancer = Balancer::new(&balancing, 2, stream, stream);
        balancer.sent(0);
        assert!(!balancer.is_full());
        balancer.sent(1);
        assert!(balancer.is_full());
        balancer.answered(0);
        assert!(!balancer.is_full());
    }

    #[test]
    fn a_node_with_as_many_requests_as_it_may_have_is_not_chosen() {
        for (policy, name) in Policy::ALL {
            let limit = NodeLimit { requests: 2, queue: None, wait: SimDuration(1) };
            let perfect = Balancing::plain(policy, HealthCheck::Perfect);
            let balancing = Balancing { limit: Some(limit), ..perfect };
            let stream = Stream::new(1, 0, Purpose::Balancing, 0);
            let mut balancer = Balancer::new(&balancing, 3, stream, stream);
            for _ in 0..6 {
                let node = balancer.choose(Some(1).filter(|_| policy == Policy::Sticky));
                balancer.sent(node.expect("there is room"));
            }
            assert_eq!(balancer.choose(None), None, "{name}");
            balancer.answered(1);
            assert_eq!(balancer.choose(None), Some(1), "{name}");
        }
    }

    #[test]
    fn clients_of_one_network_go_to_one_node() {
        let perfect = Balancing::plain(Policy::Sticky, HealthCheck::Perfect);
        let balancing = Balancing { networks: Some(1), ..perfect };
        let stream = Stream::new(1, 0, Purpose::Balancing, 0);
        let mut balancer = Balancer::new(&balancing, 2, stream, stream);
        let first = balancer.choose(Some(0));
        assert!((0..60).all(|client| balancer.choose(Some(client)) == first));
    }
}
