//! The cheapest candidate of a deployment that is accepted.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use super::candidate::{Judge, MOST_CANDIDATES, price_per_month};
use super::{Answer, Candidate, Cost, Ended, Planned};
use crate::deployment::Deployment;
use crate::experiment::ExperimentError;
use crate::results::unreachable_goals;

/// So many that are cheaper than the best so far are listed at most, to find the maximal ones among them.
const MOST_LISTED: usize = 20_000;

/// Where more than so many are undecided before any is accepted, further nodes do not decide.
const MOST_UNDECIDED: u32 = 2;

/// The search over the node counts of a deployment.
pub(super) struct Search<'a> {
    judge: &'a Judge<'a>,
    deployment: &'a Deployment,
    least: Vec<u32>,
    candidates: Vec<Candidate>,
    places: BTreeMap<Vec<u32>, usize>,
    ended: Ended,
    events: u64,
}

impl<'a> Search<'a> {
    pub(super) fn new(judge: &'a Judge<'a>, deployment: &'a Deployment) -> Self {
        Self {
            judge,
            deployment,
            least: deployment.clusters.iter().map(|cluster| cluster.nodes).collect(),
            candidates: Vec::new(),
            places: BTreeMap::new(),
            ended: Ended::Stopped,
            events: 0,
        }
    }

    pub(super) fn events(&self) -> u64 {
        self.events
    }

    pub(super) fn into_planned(self) -> Planned {
        let chosen = self.best();
        Planned {
            name: self.deployment.name.clone(),
            pattern: self.deployment.pattern.clone(),
            clusters: self.deployment.clusters.iter().map(|cluster| cluster.name.clone()).collect(),
            chosen,
            candidates: self.candidates,
            ended: self.ended,
        }
    }

    pub(super) fn run(&mut self) -> Result<(), ExperimentError> {
        if let Some(goal) = unreachable_goals(self.judge.scenario).first() {
            self.ended = Ended::OutOfReach(goal.flow.clone(), goal.goal);
            return Ok(());
        }
        let ended = match self.climb()? {
            Some(()) => self.descend()?,
            None => None,
        };
        if ended.is_some() {
            self.neighbours()?;
        }
        self.ended = match ended {
            _ if self.is_stopped() => Ended::Stopped,
            Some(ended) => ended,
            None if self.is_full() => Ended::TooMany,
            None if self.undecided() > 0 => Ended::Undecided(self.undecided()),
            None => Ended::NoneWithin,
        };
        Ok(())
    }

    /// Adds a node at a time where it is needed, from the least counts on, until a candidate is accepted; none if none
    /// is.
    fn climb(&mut self) -> Result<Option<()>, ExperimentError> {
        let mut nodes = self.least.clone();
        loop {
            let Some(place) = self.look(&nodes)? else { return Ok(None) };
            if self.candidates[place].answer.is_accepted() {
                return Ok(Some(()));
            }
            if self.undecided() > MOST_UNDECIDED {
                return Ok(None);
            }
            let Some(cluster) = self.short_of(place) else { return Ok(None) };
            nodes[cluster] += 1;
            if self.candidates[place].answer == Answer::Overloaded {
                // What cannot carry its load with so many rejects all with no more.
                self.least[cluster] = nodes[cluster];
            }
        }
    }

    /// The cluster that gets a node more: the one that binds, or of the others the one with the fewest.
    fn short_of(&self, place: usize) -> Option<usize> {
        let candidate = &self.candidates[place];
        let has_room = |cluster: &usize| candidate.nodes[*cluster] < self.judge.planning.most;
        let binding = candidate.binding.as_ref().and_then(|binding| binding.cluster);
        let others = (0..candidate.nodes.len()).filter(has_room);
        // One that cannot carry its load is helped by no other.
        match binding.filter(has_room) {
            Some(cluster) => Some(cluster),
            None if candidate.answer == Answer::Overloaded => None,
            None => others.min_by_key(|cluster| candidate.nodes[*cluster]),
        }
    }

    /// Looks at the maximal ones among all that are cheaper than the best so far, until all are rejected.
    fn descend(&mut self) -> Result<Option<Ended>, ExperimentError> {
        loop {
            let Some(cheaper) = self.cheaper() else { return Ok(Some(Ended::TooMany)) };
            let Some(next) = maximal(&cheaper) else {
                return Ok(Some(match self.undecided() {
                    0 => Ended::Cheapest,
                    count => Ended::Undecided(count),
                }));
            };
            if self.look(&next)?.is_none() {
                return Ok((!self.is_stopped()).then_some(Ended::TooMany));
            }
        }
    }

    /// All within the bounds that cost less than the best, and of which nothing is known: neither looked at, nor
    /// rejected by one that has no fewer nodes of any cluster. None where they are too many.
    fn cheaper(&self) -> Option<Vec<Vec<u32>>> {
        let best = self.candidates[self.best()?].cost();
        let mut all = Vec::new();
        let mut open = vec![self.least.clone()];
        // Each is reached once: nodes are added to the last cluster that has more than the least, or to those after it.
        while let Some(nodes) = open.pop() {
            if !self.cost(&nodes).is_below(&best) {
                continue;
            }
            let last = (0..nodes.len()).rev().find(|c| nodes[*c] > self.least[*c]).unwrap_or(0);
            for cluster in last..nodes.len() {
                if nodes[cluster] < self.judge.planning.most {
                    let mut more = nodes.clone();
                    more[cluster] += 1;
                    open.push(more);
                }
            }
            if !self.is_known(&nodes) {
                all.push(nodes);
            }
            if all.len() + open.len() > MOST_LISTED {
                return None;
            }
        }
        Some(all)
    }

    fn is_known(&self, nodes: &[u32]) -> bool {
        let has_no_more = |other: &Candidate| nodes.iter().zip(&other.nodes).all(|(a, b)| a <= b);
        self.places.contains_key(nodes)
            || self.candidates.iter().any(|one| one.answer.is_rejected() && has_no_more(one))
    }

    /// What one node less of each cluster would do, and one more of the cluster that binds.
    fn neighbours(&mut self) -> Result<(), ExperimentError> {
        let Some(best) = self.best() else { return Ok(()) };
        let nodes = self.candidates[best].nodes.clone();
        let stated = &self.deployment.clusters;
        for cluster in 0..nodes.len() {
            if nodes[cluster] > stated[cluster].nodes {
                let mut less = nodes.clone();
                less[cluster] -= 1;
                self.look(&less)?;
            }
        }
        let binding = self.candidates[best].binding.as_ref().and_then(|binding| binding.cluster);
        if let Some(cluster) = binding.filter(|c| nodes[*c] < self.judge.planning.most) {
            let mut more = nodes.clone();
            more[cluster] += 1;
            self.look(&more)?;
        }
        Ok(())
    }

    /// The place of a candidate, which is judged unless it is there; none if it cannot be looked at any more.
    fn look(&mut self, nodes: &[u32]) -> Result<Option<usize>, ExperimentError> {
        if let Some(place) = self.places.get(nodes) {
            return Ok(Some(*place));
        }
        if self.is_full() || self.is_stopped() {
            return Ok(None);
        }
        let Some(judged) = self.judge.judge(self.deployment, nodes)? else { return Ok(None) };
        self.events += judged.events;
        let place = self.candidates.len();
        self.places.insert(nodes.to_vec(), place);
        self.candidates.push(judged.candidate);
        Ok(Some(place))
    }

    /// The place of the cheapest that is accepted.
    fn best(&self) -> Option<usize> {
        let accepted =
            (0..self.candidates.len()).filter(|p| self.candidates[*p].answer.is_accepted());
        accepted.min_by(|a, b| self.candidates[*a].cost().total_cmp(&self.candidates[*b].cost()))
    }

    /// How many are undecided and cheaper than the best, if there is one.
    fn undecided(&self) -> u32 {
        let best = self.best().map(|place| self.candidates[place].cost());
        let is_open = |one: &&Candidate| {
            let matters = best.is_none_or(|best| one.cost().is_below(&best));
            matches!(one.answer, Answer::Undecided(_)) && matters
        };
        self.candidates.iter().filter(is_open).count() as u32
    }

    fn cost(&self, nodes: &[u32]) -> Cost {
        let price = price_per_month(self.deployment, nodes);
        Cost { price, nodes: nodes.iter().sum() }
    }

    /// Those that are simulated count: only they may be wrong by chance.
    fn is_full(&self) -> bool {
        let simulated = self.candidates.iter().filter(|one| one.replications > 0);
        simulated.count() >= MOST_CANDIDATES
    }

    fn is_stopped(&self) -> bool {
        self.judge.stop.load(Ordering::Relaxed)
    }
}

/// One than which no other has more nodes of a cluster and no fewer of any; of several the one with the most nodes.
fn maximal(all: &[Vec<u32>]) -> Option<Vec<u32>> {
    // The one with the most is maximal.
    all.iter().max_by_key(|nodes| nodes.iter().sum::<u32>()).cloned()
}
