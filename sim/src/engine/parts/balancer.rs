//! A balancer: chooses a node among those it believes up. What it believes comes from its health
//! check, so a request can be sent to a node that is down.

use super::ranking::Ranking;
use crate::network::Policy;
use crate::random::Stream;

/// The balancer of one cluster. Nodes are numbered within the cluster.
#[derive(Debug)]
pub(crate) struct Balancer {
    policy: Policy,
    ranking: Ranking,
    /// Choices so far: the clock of "least recently chosen" and the index of the next draw.
    choices: u64,
    /// The last node chosen in turn, or the active one.
    current: usize,
    stream: Stream,
}

impl Balancer {
    pub(crate) fn new(policy: Policy, nodes: usize, stream: Stream) -> Self {
        let current = if policy == Policy::ActivePassive { 0 } else { nodes - 1 };
        let ranking = Ranking::new(nodes, policy == Policy::LeastOutstanding);
        Self { policy, ranking, choices: 0, current, stream }
    }

    /// Chooses a node for a request, or none where all are believed down. `session` is given where
    /// the same user must get the same node. To be followed by [`Self::sent`] or [`Self::refused`].
    #[inline]
    pub(crate) fn choose(&mut self, session: Option<u64>) -> Option<usize> {
        let chosen = match (session, self.policy) {
            (Some(session), _) => self.sticky(session),
            (None, Policy::RoundRobin | Policy::Sticky) => self.in_turn(),
            (None, Policy::LeastOutstanding) => self.ranking.first(),
            (None, Policy::PowerOfTwo) => self.power_of_two(),
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
        self.ranking.sent(node, self.choices);
    }

    /// A request has been answered, or will never be.
    #[inline]
    pub(crate) fn answered(&mut self, node: usize) {
        self.ranking.answered(node);
    }

    /// Whether a passive check may take a node out: nginx ignores `max_fails` where there is no other.
    pub(crate) fn can_lose(&self, node: usize) -> bool {
        self.ranking.nodes() > 1 && self.ranking.is_believed_up(node)
    }

    /// The health check has changed its mind about a node.
    pub(crate) fn believe(&mut self, node: usize, up: bool) {
        self.ranking.believe(node, up);
    }

    /// The node that was chosen has refused the request, which must not go there again.
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

    /// The node of a session; while it is believed down, the next.
    fn sticky(&self, session: u64) -> Option<usize> {
        let nodes = self.ranking.nodes();
        let home = (session % nodes as u64) as usize;
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
    use crate::random::Purpose;

    fn balancer(policy: Policy, nodes: usize) -> Balancer {
        Balancer::new(policy, nodes, Stream::new(1, 0, Purpose::Balancing, 0))
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
        assert!(balancer(Policy::RoundRobin, 2).can_lose(1));
        assert!(!balancer(Policy::RoundRobin, 1).can_lose(0));
    }
}
