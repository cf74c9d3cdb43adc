//! Which stations are plain: first come, first served, and nothing but the cores is ever waited for.

use super::{DEPTHS, Network, Step};

impl Network {
    /// By cluster, whether every burst there needs a worker and gets a core to itself, nothing stops or
    /// slows the nodes, and requests wait there for nothing else.
    pub(crate) fn plain_stations(&self) -> Vec<bool> {
        let stations = self.clusters.iter();
        let mut plain: Vec<bool> = stations
            .map(|station| {
                !station.shares_cores()
                    && station.gc.is_none()
                    && station.stalls.is_none()
                    && station.crowding.is_none()
            })
            .collect();
        for (step, cluster) in self.steps_on_nodes() {
            plain[cluster] &= match self.steps[usize::from(step)] {
                Step::Work { on_worker, keeps, .. } => on_worker && !keeps,
                Step::Connect { .. } | Step::Call { .. } => false,
                _ => true,
            };
        }
        plain
    }

    /// Every step that a request takes on a node, with the cluster of the node.
    pub(crate) fn steps_on_nodes(&self) -> impl Iterator<Item = (u16, usize)> {
        let routes = self.flows.iter().map(|flow| (flow.first_step, [0; DEPTHS]));
        let events = self.steps.iter().filter_map(|step| match *step {
            Step::Publish { cluster, first_step, .. } => {
                let mut at = [0; DEPTHS];
                at[0] = usize::from(cluster);
                Some((first_step, at))
            }
            _ => None,
        });
        routes.chain(events).flat_map(|(first, at)| self.route_on_nodes(first, at))
    }

    /// The same of one route, which begins on these nodes.
    pub(crate) fn route_on_nodes(
        &self,
        first: u16,
        mut at: [usize; DEPTHS],
    ) -> impl Iterator<Item = (u16, usize)> {
        let steps = (first..).zip(self.steps[usize::from(first)..].iter().copied());
        let mut is_over = false;
        let route = steps.take_while(move |(_, step)| {
            let goes_on = !is_over;
            is_over = matches!(step, Step::Answer | Step::Discard);
            goes_on
        });
        route.filter_map(move |(place, step)| {
            if let Step::Enter { cluster, depth, .. } = step {
                at[depth] = usize::from(cluster);
            }
            step.depth().map(|depth| (place, at[depth]))
        })
    }
}
