//! A study: what every replication of every deployment of a scenario saw.
//!
//! Observations are recorded and interpreted later: a study is plain data, from which all results are
//! made and can be made again ([`crate::experiment::Experiment::results`]). Replications are kept by
//! their index, so that further ones can be added, and those of several studies put together, with the
//! same bytes as if one run had made them all. How a study is written is for others to say; it knows no
//! format.

mod check;
mod design;
mod situation;
mod timeline;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::engine::{Attributed, ClusterObservations, FlowObservations, Observations};
use crate::scenario::Replications;
use crate::sensitivity::Sensitivity;
use crate::time::SimDuration;
use crate::years::Years;

pub use check::Misfit;
pub(crate) use design::{Candidate, Design, Moved, is_down};
pub use situation::Unfit;
pub(crate) use situation::{Kind, Situation, lost_node};
pub(crate) use timeline::Timeline;

/// Requests are followed in the replications before this index, where that is asked for: it takes time
/// and memory, and tells nothing more after some.
const FOLLOWED: u32 = 6;

/// What the replications of every deployment of a scenario saw, in each of its situations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    warm_up: WarmUp,
    /// By index of the replication, and by run: first of each situation, then with what calibrations leave
    /// open moved.
    replications: BTreeMap<u32, Vec<Replication>>,
    /// By situation.
    timelines: Vec<Timeline>,
    /// Where the time of requests went in replications in which they were followed: by index of the
    /// replication, by deployment.
    followed: BTreeMap<u32, Vec<Attributed>>,
    /// What years of failures cost each deployment, where it carries what comes; empty where that was not asked for.
    years: Vec<Option<Years>>,
    /// What changes of each deployment would make of these; empty where that was not asked for.
    sensitivity: Vec<Option<Sensitivity>>,
    /// Whether so many replications as these are enough for the precision that was asked for.
    is_precise: bool,
}

/// What one replication of a deployment in one situation saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Replication {
    pub(crate) flows: Vec<FlowObservations>,
    pub(crate) clusters: Vec<ClusterObservations>,
    pub(crate) events: u64,
}

/// The discarded time, and whether the system was found settled after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WarmUp {
    pub(crate) span: SimDuration,
    pub(crate) settled: bool,
}

/// Why two studies are not parts of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unlike {
    /// They are of deployments of different numbers.
    #[error("they are of different deployments")]
    Situations,
    /// They discard different times before the window.
    #[error("one discards {0} before the window, the other {1}")]
    WarmUp(SimDuration, SimDuration),
    /// Both have years of failures, and saw different things in them.
    #[error("both have years of failures, and they differ")]
    Years,
    /// Both have what changes would make of their years, and differ in it.
    #[error("both say what changes would buy, and they differ")]
    Sensitivity,
    /// Both have a replication, and saw different things in it.
    #[error(
        "replication {0} is in both, and differs: they come from different programs or machines"
    )]
    Replication(u32),
    /// Each has replications that the other lacks, and both have some; seconds are kept as sums.
    #[error(
        "replication {0} is in both, and each has others that the other lacks; where a timeline is \
         kept, they must have none in common"
    )]
    Overlap(u32),
}

impl Study {
    pub(crate) fn new(warm_up: WarmUp, situations: usize) -> Self {
        Self {
            warm_up,
            replications: BTreeMap::new(),
            timelines: vec![Timeline::default(); situations],
            followed: BTreeMap::new(),
            years: Vec::new(),
            sensitivity: Vec::new(),
            is_precise: false,
        }
    }

    pub(crate) fn warm_up(&self) -> WarmUp {
        self.warm_up
    }

    /// How many replications are complete.
    pub fn len(&self) -> u32 {
        self.replications.len() as u32
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.replications.is_empty()
    }

    /// Whether a replication is complete.
    pub fn has(&self, replication: u32) -> bool {
        self.replications.contains_key(&replication)
    }

    /// The complete replications, in order.
    pub fn indices(&self) -> impl Iterator<Item = u32> {
        self.replications.keys().copied()
    }

    /// How many replications a run has that makes `further` ones besides these, the first that these
    /// lack; none where they are more than can be counted.
    pub fn with_further(&self, further: u32) -> Option<u32> {
        let mut lacking = (0..=u32::MAX).filter(|index| !self.has(*index));
        let last_new = further.checked_sub(1).and_then(|others| lacking.nth(others as usize));
        let last_old = self.replications.keys().next_back().copied();
        let last = last_new.max(last_old);
        last.map_or(Some(0), |last| last.checked_add(1))
    }

    pub(crate) fn situations(&self) -> usize {
        self.timelines.len()
    }

    pub(crate) fn timeline(&self, situation: usize) -> &Timeline {
        &self.timelines[situation]
    }

    /// The replications of indices below `end`, in order, by run.
    pub(crate) fn replications(&self, end: u32) -> impl Iterator<Item = (u32, &[Replication])> {
        self.replications.range(..end).map(|(index, seen)| (*index, seen.as_slice()))
    }

    /// Adds a replication that is complete, by run. Seconds are kept of the situations.
    pub(crate) fn add(&mut self, replication: u32, seen: Vec<Observations>) {
        assert!(seen.len() >= self.situations(), "a replication is complete");
        assert!(!self.has(replication), "a replication is made once");
        let mut timelines = self.timelines.iter_mut();
        let kept = seen.into_iter().map(|mut seen| {
            let seconds = seen.flows.iter_mut().map(|flow| std::mem::take(&mut flow.timeline));
            let seconds: Vec<_> = seconds.collect();
            timelines.next().into_iter().for_each(|timeline| timeline.add(&seconds));
            Replication { flows: seen.flows, clusters: seen.clusters, events: seen.events }
        });
        let kept = kept.collect();
        self.replications.insert(replication, kept);
    }

    /// Where the time of requests went, by replication, by deployment.
    pub(crate) fn followed(&self) -> impl Iterator<Item = &[Attributed]> {
        self.followed.values().map(Vec::as_slice)
    }

    /// The replications in which requests would be followed, and are not yet.
    pub(crate) fn not_followed(&self) -> impl Iterator<Item = u32> {
        let first = self.indices().take_while(|index| *index < FOLLOWED);
        first.filter(|index| !self.followed.contains_key(index))
    }

    /// Adds what was seen of requests that were followed in a replication that is complete, by deployment.
    pub(crate) fn add_followed(&mut self, replication: u32, seen: Vec<Attributed>) {
        assert!(self.has(replication), "a replication is observed before it is followed");
        self.followed.insert(replication, seen);
    }

    /// What years of failures cost each deployment; nothing where that is not known.
    pub(crate) fn years(&self) -> &[Option<Years>] {
        &self.years
    }

    /// Sets what years of failures cost each deployment.
    pub(crate) fn set_years(&mut self, years: Vec<Option<Years>>) {
        self.years = years;
    }

    /// What changes of each deployment would make of its years; nothing where that is not known.
    pub(crate) fn sensitivity(&self) -> &[Option<Sensitivity>] {
        &self.sensitivity
    }

    /// Sets what changes of each deployment would make of its years.
    pub(crate) fn set_sensitivity(&mut self, sensitivity: Vec<Option<Sensitivity>>) {
        self.sensitivity = sensitivity;
    }

    pub(crate) fn set_precise(&mut self) {
        self.is_precise = true;
    }

    /// Whether these are all replications that were asked for.
    pub(crate) fn is_complete(&self, asked: Replications) -> bool {
        match asked {
            Replications::Fixed(count) => self.len() == count && (0..count).all(|i| self.has(i)),
            Replications::Precision { .. } => self.is_precise,
        }
    }

    /// Adds the replications of another study of the same scenario. Those that both have must be the
    /// same.
    ///
    /// # Errors
    ///
    /// If they are not parts of one study; this one stays as it is then.
    pub fn merge(&mut self, other: Self) -> Result<(), Unlike> {
        self.is_like(&other)?;
        let is_new = |index: &u32| !self.has(*index);
        if other.indices().any(|index| is_new(&index)) {
            if self.indices().all(|index| other.has(index)) {
                // All that is here is there.
                self.timelines = other.timelines;
            } else {
                let pairs = self.timelines.iter_mut().zip(&other.timelines);
                pairs.for_each(|(own, other)| own.add(&other.flows));
            }
        }
        self.is_precise |= other.is_precise;
        if self.years.is_empty() {
            self.years = other.years;
        }
        if self.sensitivity.is_empty() {
            self.sensitivity = other.sensitivity;
        }
        for (index, seen) in other.followed {
            self.followed.entry(index).or_insert(seen);
        }
        for (index, seen) in other.replications {
            self.replications.entry(index).or_insert(seen);
        }
        Ok(())
    }

    fn is_like(&self, other: &Self) -> Result<(), Unlike> {
        if self.situations() != other.situations() {
            return Err(Unlike::Situations);
        }
        if self.warm_up != other.warm_up {
            return Err(Unlike::WarmUp(self.warm_up.span, other.warm_up.span));
        }
        if !self.years.is_empty() && !other.years.is_empty() && self.years != other.years {
            return Err(Unlike::Years);
        }
        let both_vary = !self.sensitivity.is_empty() && !other.sensitivity.is_empty();
        if both_vary && self.sensitivity != other.sensitivity {
            return Err(Unlike::Sensitivity);
        }
        let both: Vec<u32> = self.indices().filter(|index| other.has(*index)).collect();
        if let Some(index) = both.iter().find(|i| self.replications[i] != other.replications[i]) {
            return Err(Unlike::Replication(*index));
        }
        let differs = |(index, seen): &(&u32, &Vec<Attributed>)| {
            other.followed.get(index).is_some_and(|others| others != *seen)
        };
        if let Some((index, _)) = self.followed.iter().find(differs) {
            return Err(Unlike::Replication(*index));
        }
        let is_within = both.len() == self.replications.len().min(other.replications.len());
        let keeps_seconds = !self.timelines.iter().all(Timeline::is_empty);
        match both.first() {
            Some(index) if keeps_seconds && !is_within => Err(Unlike::Overlap(*index)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::SecondObservations;

    /// What a run sees: so many arrivals, and where a timeline is kept so many answers in a second.
    fn seen(arrivals: u64, second: Option<u64>) -> Observations {
        let of_second = |answered| SecondObservations { answered, ..Default::default() };
        let timeline = second.map(of_second).into_iter().collect();
        let flow = FlowObservations { arrivals, timeline, ..Default::default() };
        Observations { flows: vec![flow], ..Default::default() }
    }

    /// A study of these replications of two situations, the second of which has a node less; those that
    /// are followed, too.
    fn study(replications: &[u32], keeps_seconds: bool, followed: &[u32]) -> Study {
        let span = SimDuration::from_seconds(1.0);
        let mut study = Study::new(WarmUp { span, settled: true }, 2);
        for index in replications {
            let arrivals = 10 + u64::from(*index);
            let second = keeps_seconds.then_some(arrivals);
            study.add(*index, vec![seen(arrivals, second), seen(2 * arrivals, None)]);
        }
        for index in followed {
            study.add_followed(*index, vec![vec![BTreeMap::new()]]);
        }
        study
    }

    fn merged(mut one: Study, other: Study) -> Result<Study, Unlike> {
        one.merge(other).map(|()| one)
    }

    #[test]
    fn parts_are_one_study_in_whatever_order_they_are_put_together() {
        for keeps_seconds in [false, true] {
            let all: Vec<u32> = (0..5).collect();
            let whole = study(&all, keeps_seconds, &[0, 1, 4]);
            let parts = || {
                let part = |of: &[u32], followed: &[u32]| study(of, keeps_seconds, followed);
                [part(&[0, 1], &[0, 1]), part(&[2], &[]), part(&[3, 4], &[4])]
            };
            for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
                let [one, other, last] = order.map(|part| parts()[part].clone());
                let together = merged(one, other).and_then(|both| merged(both, last));
                assert_eq!(together, Ok(whole.clone()), "{order:?}");
            }
            // Or in pairs.
            let [one, other, last] = parts();
            let pair = merged(other, last).expect("they go together");
            assert_eq!(merged(one, pair), Ok(whole.clone()));
            assert_eq!(merged(whole.clone(), parts()[1].clone()), Ok(whole.clone()));
            assert_eq!(merged(parts()[1].clone(), whole.clone()), Ok(whole));
        }
    }

    #[test]
    fn what_is_in_both_is_taken_once_where_no_seconds_are_kept() {
        let both = |keeps_seconds| {
            merged(study(&[0, 1], keeps_seconds, &[]), study(&[1, 2], keeps_seconds, &[]))
        };
        assert_eq!(both(false), Ok(study(&[0, 1, 2], false, &[])));
        assert_eq!(both(true), Err(Unlike::Overlap(1)));
    }

    #[test]
    fn parts_that_differ_where_they_should_not_are_refused_and_nothing_is_changed() {
        let whole = || study(&[0, 1], false, &[0]);
        let refused = |other: Study, why: Unlike| {
            let mut one = whole();
            assert_eq!(one.merge(other), Err(why));
            assert_eq!(one, whole());
        };
        let warm_up = WarmUp { span: SimDuration::from_seconds(2.0), settled: true };
        let other = Study { warm_up, ..study(&[2], false, &[]) };
        refused(other, Unlike::WarmUp(whole().warm_up.span, warm_up.span));
        refused(Study::new(whole().warm_up, 3), Unlike::Situations);
        let mut other = study(&[1, 2], false, &[]);
        other.replications.get_mut(&1).expect("there")[1].events = 7;
        refused(other, Unlike::Replication(1));
        let mut other = study(&[0, 2], false, &[]);
        other.add_followed(0, vec![vec![BTreeMap::new(); 2]]);
        refused(other, Unlike::Replication(0));
    }

    #[test]
    fn requests_are_followed_in_the_first_replications_that_there_are() {
        let study = study(&[1, 4, 5, 6, 9], false, &[4]);
        assert_eq!(study.not_followed().collect::<Vec<_>>(), [1, 5]);
    }
}
