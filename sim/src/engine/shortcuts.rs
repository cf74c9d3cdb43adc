//! Short ways: into a cluster and onto the line of a node there, off it, and out again, where nobody can come
//! between and everything is known beforehand. What happens is what happens step by step.

use super::Engine;
use super::entrance::Entrance;
use super::request::{NOWHERE, Request};
use crate::cause::Cause;
use crate::network::{Burst, Depth, Network, Step};

/// What a step begins that can be done in one go.
#[derive(Clone, Copy, Debug)]
pub(super) enum ShortWay {
    /// Nothing.
    None,
    /// A balancer only chooses a node, whose line the request joins.
    In(WayIn),
    /// A single burst on a line, after which the request goes on elsewhere.
    Off(Depth),
    /// A node lets the request go, and only has to tell the balancer.
    Out(WayOut),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct WayIn {
    cluster: usize,
    first_node: usize,
    balancer: usize,
    burst: Burst,
    admission: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct WayOut {
    cluster: usize,
    first_node: usize,
    balancer: usize,
    depth: Depth,
}

impl ShortWay {
    /// By step. Of each cluster it is said whether its nodes have lines.
    pub(super) fn all(network: &Network, entrances: &[Entrance], lines: &[bool]) -> Vec<Self> {
        let mut ways = vec![Self::None; network.steps.len()];
        let calm = |cluster: usize| lines[cluster] && entrances[cluster].is_calm;
        for (step, cluster) in network.steps_on_nodes() {
            let Entrance { first_node, first_balancer: balancer, .. } = entrances[cluster];
            let place = usize::from(step);
            ways[place] = match network.steps[place] {
                Step::Enter { depth, sticky: false, .. } if calm(cluster) => {
                    match network.steps[place + 1] {
                        Step::Work { depth: at, first, admission, .. } if at == depth => {
                            network.burst(step + 1, first).map_or(Self::None, |burst| {
                                Self::In(WayIn { cluster, first_node, balancer, burst, admission })
                            })
                        }
                        _ => Self::None,
                    }
                }
                Step::Work { depth, first, end, .. } if lines[cluster] && first + 1 == end => {
                    let burst = network.burst(step, first);
                    let goes_on = burst.and_then(|burst| network.follower(burst));
                    if goes_on.is_none() { Self::Off(depth) } else { Self::None }
                }
                Step::Leave { depth } if calm(cluster) => {
                    Self::Out(WayOut { cluster, first_node, balancer, depth })
                }
                _ => Self::None,
            };
        }
        ways
    }
}

impl Engine<'_> {
    /// Takes the short way from a step, if there is one: true where the request waits at its end.
    #[inline]
    pub(super) fn gets_in(&mut self, request: &mut Request) -> bool {
        let ShortWay::In(way) = self.short_ways[usize::from(request.step)] else { return false };
        if !self.waits.is_empty() {
            return false;
        }
        let balancer = &mut self.balancers[way.balancer];
        let Some(member) = balancer.choose(None) else {
            self.fail(*request, Cause::NoNode);
            return true;
        };
        balancer.sent(member);
        let (node, burst) = (way.first_node + member, way.burst);
        request.nodes[burst.depth] = node as u16;
        request.step += 1;
        self.machines[node].take_on(self.now);
        self.observers.entered(way.cluster);
        if way.admission && self.nodes[node].is_full() {
            self.work(request, burst, true);
            return true;
        }
        let part = burst.part.max(request.burst);
        request.burst = burst.part;
        self.join_line(request, node, burst, part);
        true
    }

    /// Takes a request off its line; false where that is not done in one go.
    #[inline]
    pub(super) fn gets_off(&mut self, request: &mut Request) -> bool {
        let ShortWay::Off(depth) = self.short_ways[usize::from(request.step)] else { return false };
        if let Some(line) = self.nodes[usize::from(request.nodes[depth])].line() {
            line.leave();
        }
        request.flags &= !Request::IN_LINE;
        request.step += 1;
        request.burst = 0;
        true
    }

    /// Takes a request for which somebody waits out of its cluster; false where that is not done in one go.
    #[inline]
    pub(super) fn gets_out(&mut self, request: &mut Request) -> bool {
        let ShortWay::Out(way) = self.short_ways[usize::from(request.step)] else { return false };
        let node = request.nodes[way.depth];
        if !self.waits.is_empty() || request.is(Request::ALONE) || node == NOWHERE {
            return false;
        }
        let node = usize::from(node);
        self.balancers[way.balancer].answered(node - way.first_node);
        self.machines[node].let_go(self.now);
        self.observers.completed(way.cluster);
        request.nodes[way.depth] = NOWHERE;
        request.step += 1;
        true
    }
}
