//! A balancer: chooses a node among those it believes up. What it believes comes from its health
//! check, so a request can be sent to a node that is down.

use crate::network::Policy;
use crate::random::Stream;

/// The balancer of one cluster. Nodes are numbered within the cluster.
#[derive(Debug)]
pub(crate) struct Balancer {
    policy: Policy,
    members: Vec<Member>,
    /// Choices so far: the clock of "least recently chosen" and the index of the next draw.
    choices: u64,
    /// The last node chosen in turn, or the active one.
    current: usize,
    stream: Stream,
}

/// What a balancer knows of a node.
#[derive(Clone, Copy, Debug)]
struct Member {
    believed_up: bool,
    /// It has refused the request that is being placed.
    has_refused: bool,
    /// Requests sent and not yet answered.
    outstanding: u32,
    last_chosen: u64,
}

impl Balancer {
    pub(crate) fn new(policy: Policy, nodes: usize, stream: Stream) -> Self {
        let member =
            Member { believed_up: true, has_refused: false, outstanding: 0, last_chosen: 0 };
        let current = if policy == Policy::ActivePassive { 0 } else { nodes - 1 };
        Self { policy, members: vec![member; nodes], choices: 0, current, stream }
    }

    /// Chooses a node for a request, or none where all are believed down. `session` is given where
    /// the same user must get the same node.
    #[inline]
    pub(crate) fn choose(&mut self, session: Option<u64>) -> Option<usize> {
        let chosen = match (session, self.policy) {
            (Some(session), _) => self.sticky(session),
            (None, Policy::RoundRobin | Policy::Sticky) => self.in_turn(),
            (None, Policy::LeastOutstanding) => self.least_outstanding(),
            (None, Policy::PowerOfTwo) => self.power_of_two(),
            (None, Policy::Random) => self.random(None),
            (None, Policy::ActivePassive) => self.active(),
        }?;
        self.choices += 1;
        self.members[chosen].last_chosen = self.choices;
        Some(chosen)
    }

    /// Whether requests of one user must go to one node.
    pub(crate) fn is_sticky(&self) -> bool {
        self.policy == Policy::Sticky
    }

    /// A request has been sent.
    #[inline]
    pub(crate) fn sent(&mut self, node: usize) {
        self.members[node].outstanding += 1;
    }

    /// A request has been answered, or will never be.
    #[inline]
    pub(crate) fn answered(&mut self, node: usize) {
        self.members[node].outstanding -= 1;
    }

    /// Whether a passive check may take a node out: nginx ignores `max_fails` where there is no other.
    pub(crate) fn can_lose(&self, node: usize) -> bool {
        self.members.len() > 1 && self.members[node].believed_up
    }

    /// The health check has changed its mind about a node.
    pub(crate) fn believe(&mut self, node: usize, up: bool) {
        self.members[node].believed_up = up;
    }

    /// The request that is being placed must not go to this node again.
    pub(crate) fn refused(&mut self, node: usize) {
        self.members[node].has_refused = true;
    }

    /// The request has been placed, or not.
    pub(crate) fn forget_refusals(&mut self) {
        for member in &mut self.members {
            member.has_refused = false;
        }
    }

    fn up(&self) -> impl Iterator<Item = (usize, &Member)> {
        self.members.iter().enumerate().filter(|(_, member)| member.is_eligible())
    }

    fn in_turn(&mut self) -> Option<usize> {
        let nodes = self.members.len();
        for _ in 0..nodes {
            self.current = if self.current + 1 == nodes { 0 } else { self.current + 1 };
            if self.members[self.current].is_eligible() {
                return Some(self.current);
            }
        }
        None
    }

    /// Ties go to the node that was chosen least recently, so that they go round.
    #[inline]
    fn least_outstanding(&self) -> Option<usize> {
        let busyness = |(_, member): &(usize, &Member)| (member.outstanding, member.last_chosen);
        self.up().min_by_key(busyness).map(|(node, _)| node)
    }

    fn power_of_two(&self) -> Option<usize> {
        let one = self.random(None)?;
        let Some(other) = self.random(Some(one)) else { return Some(one) };
        let busyness =
            |node: usize| (self.members[node].outstanding, self.members[node].last_chosen);
        Some(if busyness(other) < busyness(one) { other } else { one })
    }

    /// Any node but `except`, with equal chances.
    fn random(&self, except: Option<usize>) -> Option<usize> {
        let eligible = || self.up().map(|(node, _)| node).filter(|node| Some(*node) != except);
        let draw = self.stream.uniform(2 * self.choices + u64::from(except.is_some()));
        eligible().nth((draw * eligible().count() as f64) as usize)
    }

    /// The node of a session; while it is believed down, the next.
    fn sticky(&self, session: u64) -> Option<usize> {
        let nodes = self.members.len();
        let home = (session % nodes as u64) as usize;
        (0..nodes).map(|step| (home + step) % nodes).find(|node| self.members[*node].is_eligible())
    }

    /// The active node; a new one only when it is believed down.
    fn active(&mut self) -> Option<usize> {
        if !self.members[self.current].is_eligible() {
            let next = self.up().next().map(|(node, _)| node)?;
            self.current = next;
        }
        Some(self.current)
    }
}

impl Member {
    fn is_eligible(&self) -> bool {
        self.believed_up && !self.has_refused
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
        (0..count).filter_map(|_| balancer.choose(None)).collect()
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
