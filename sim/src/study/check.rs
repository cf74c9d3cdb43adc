//! Whether a study that was read back can be one of a scenario: of its deployments, flows and window,
//! and with numbers that a simulation can have counted.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Design, Replication, Situation, Study, Timeline};
use crate::cause::PerCause;
use crate::engine::{
    Alike, Attributed, ClusterObservations, FlowObservations, LONGEST, SecondObservations,
};
use crate::scenario::Scenario;
use crate::sensitivity::Sensitivity;
use crate::years::Years;

/// No simulation counts so many of anything; sums of less over all replications do not overflow.
const MOST: u64 = 1 << 40;

/// Why a study is none of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Misfit {
    /// No replication is complete.
    #[error("no replication is complete")]
    Empty,
    /// It is of other deployments, clusters or flows.
    #[error("its deployments, clusters or flows are others")]
    Shape,
    /// It discards another time, or keeps other seconds.
    #[error("its warm-up or its window is another")]
    Times,
    /// Its counts contradict one another, or nobody can have counted so many.
    #[error("its numbers contradict one another")]
    Numbers,
}

impl Study {
    /// Whether it can be what was seen of a scenario in these situations.
    pub(crate) fn check(&self, scenario: &Scenario, design: &Design) -> Result<(), Misfit> {
        let situations = &design.situations;
        let is_of = |(index, seen): (&u32, &Vec<Replication>)| {
            seen.len() == design.runs_of(*index)
                && seen.iter().enumerate().all(|(run, seen)| {
                    let network = design.candidate(*index, run).network;
                    seen.flows.len() == scenario.flows.len()
                        && seen.clusters.len() == network.clusters.len()
                })
        };
        let whole: Vec<usize> = design.whole().collect();
        let is_followed = |(index, seen): (&u32, &Vec<Attributed>)| {
            self.has(*index)
                && seen.len() == whole.len()
                && seen.iter().zip(&whole).all(|(seen, index)| {
                    let clusters = situations[*index].network.clusters.len();
                    let places = seen.iter().flat_map(|cells| cells.values());
                    let mut places = places.flat_map(|alike| alike.nanos.keys());
                    seen.len() == scenario.flows.len()
                        && places.all(|place| place.cluster.is_none_or(|of| of < clusters))
                })
        };
        let longest = scenario.run.window.as_seconds().ceil() as usize + 1;
        let keeps_seconds = scenario.is_eventful();
        let lasts = |(timeline, situation): (&Timeline, &Situation)| {
            let is_kept = keeps_seconds && situation.is_whole();
            let flows = if is_kept { scenario.flows.len() } else { 0 };
            timeline.flows.len() == flows && timeline.flows.iter().all(|s| s.len() <= longest)
        };
        let stated = scenario.run.warm_up.is_none_or(|stated| stated == self.warm_up.span);
        let all = || self.replications.values();
        match () {
            () if self.is_empty() => Err(Misfit::Empty),
            () if self.situations() != situations.len() || !self.replications.iter().all(is_of) => {
                Err(Misfit::Shape)
            }
            () if !stated
                || self.warm_up.span > LONGEST
                || !self.timelines.iter().zip(situations).all(lasts) =>
            {
                Err(Misfit::Times)
            }
            () if !self.followed.iter().all(is_followed) => Err(Misfit::Shape),
            () if !self.has_years_of(whole.len(), scenario.flows.len()) => Err(Misfit::Shape),
            () if !self.has_sound_years() => Err(Misfit::Numbers),
            () if !all().flatten().all(is_sound) => Err(Misfit::Numbers),
            () if !self.followed.values().flatten().flatten().all(are_sound_alike) => {
                Err(Misfit::Numbers)
            }
            () if !self.timelines.iter().flat_map(|t| &t.flows).flatten().all(is_sound_second) => {
                Err(Misfit::Numbers)
            }
            () => Ok(()),
        }
    }
}

impl Study {
    /// Whether its years are of so many deployments and flows, where it has any.
    fn has_years_of(&self, deployments: usize, flows: usize) -> bool {
        let (years, changed) = (&self.years, &self.sensitivity);
        (years.is_empty() || years.len() == deployments)
            && (changed.is_empty() || changed.len() == years.len())
            && years.iter().flatten().all(|years| years.flows.len() == flows)
            && changed.iter().flatten().all(|known| known.is_of(flows))
    }

    fn has_sound_years(&self) -> bool {
        self.years.iter().flatten().all(Years::is_sound)
            && self.sensitivity.iter().flatten().all(Sensitivity::is_sound)
    }
}

fn is_sound(seen: &Replication) -> bool {
    seen.events < MOST
        && seen.flows.iter().all(is_sound_flow)
        && seen.clusters.iter().all(is_sound_cluster)
}

fn is_sound_flow(seen: &FlowObservations) -> bool {
    let counts = [seen.arrivals, seen.answered, seen.retries, seen.wasted];
    let tokens = [seen.over_limit, seen.token_misses, seen.token_herd, seen.token_renewals];
    let again = [seen.late, seen.replayed, seen.forgotten];
    counts.iter().chain(&tokens).chain(&again).all(|count| *count < MOST)
        && are_sound(&seen.failed)
        && seen.sojourn.total() == seen.answered
        && [seen.sojourn_sum, seen.sojourn_squares, seen.in_system].iter().all(|n| is_number(*n))
}

fn is_sound_second(seen: &SecondObservations) -> bool {
    seen.answered.max(seen.wasted) < MOST
        && are_sound(&seen.failed)
        && seen.sojourn.total() == seen.answered
}

/// No sum of their times over all cells overflows.
fn are_sound_alike(cells: &BTreeMap<u32, Alike>) -> bool {
    let is_sound = |alike: &Alike| {
        (1..MOST).contains(&alike.requests) && alike.nanos.values().all(|nanos| *nanos < 1 << 60)
    };
    cells.values().all(is_sound)
}

fn are_sound(failed: &PerCause<u64>) -> bool {
    failed.iter().all(|(_, count)| *count < MOST)
}

fn is_sound_cluster(seen: &ClusterObservations) -> bool {
    let counts = [seen.entered, seen.completed, seen.failed, seen.rejected, seen.crashes];
    let shares = [seen.utilisation, seen.gc_share, seen.stall_share, seen.up_share];
    let numbers = [seen.in_flight, seen.workers_busy];
    counts.iter().all(|count| *count < MOST)
        && shares.iter().chain(&numbers).all(|number| is_number(*number))
}

/// Whether it is a number that sums of squares do not drive out of range.
fn is_number(value: f64) -> bool {
    value.is_finite() && value.abs() < 1e30
}
