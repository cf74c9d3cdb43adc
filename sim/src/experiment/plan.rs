//! How much work an experiment is: its runs, and what each of them is expected to take.

use super::warm_up::{PILOTS, least_warm_up, pilot_length, settles};
use super::workload::Workload;
use super::{BATCH, ExperimentError, Progress, sampling};
use crate::results::overload;
use crate::scenario::{Replications, Scenario};
use crate::study::{Design, Situation, Study};
use crate::time::SimDuration;

/// How much work an experiment is, pilots included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    /// Runs: pilots, and replications of every situation.
    pub runs: u64,
    /// Events, from rates and routes; where the warm-up is found, with the least that it can be.
    pub events: f64,
    /// The same with as many replications as a precision may take; as `events` where their number is
    /// fixed.
    pub most_events: f64,
}

/// Estimates how much work an experiment is, without simulating.
///
/// # Errors
///
/// If the scenario cannot be simulated, or not by a sample of the window.
pub fn effort(scenario: &Scenario) -> Result<Effort, ExperimentError> {
    let design = Design::new(scenario)?;
    sampling::check(scenario, &design.situations)?;
    let plan = Plan::new(scenario, &design, None);
    let (first, most) = match scenario.run.replications {
        Replications::Fixed(count) => (count, count),
        // Precision is asked for after two batches.
        Replications::Precision { max, .. } => ((2 * BATCH).min(max), max),
    };
    let warm_up = plan.warm_up;
    Ok(Effort {
        runs: plan.runs(0..first),
        events: plan.events(0..first, warm_up),
        most_events: plan.events(0..most, warm_up),
    })
}

/// The runs of an experiment and how much work each of them is.
pub(super) struct Plan<'a> {
    design: &'a Design,
    pub(super) workloads: Vec<Workload>,
    /// The situations from which the warm-up is found, and how long a pilot is; none where it is set or
    /// nothing happens before the window, and where it is known already.
    pub(super) pilots: Vec<usize>,
    pub(super) pilot_length: Option<SimDuration>,
    /// The warm-up, or the least that can be found.
    pub(super) warm_up: SimDuration,
}

impl<'a> Plan<'a> {
    pub(super) fn new(scenario: &Scenario, design: &'a Design, begun: Option<&Study>) -> Self {
        let known = begun.map(|study| study.warm_up().span).or(scenario.run.warm_up);
        let finds = known.is_none() && settles(scenario);
        let situations = &design.situations;
        let least = if finds { least_warm_up(scenario) } else { SimDuration::ZERO };
        let is_candidate = |index: &usize| {
            let situation: &Situation = &situations[*index];
            situation.is_whole() && overload::of(scenario, situation).is_empty()
        };
        Self {
            design,
            workloads: situations.iter().map(|each| Workload::of(scenario, each)).collect(),
            pilots: (0..situations.len()).filter(is_candidate).filter(|_| finds).collect(),
            pilot_length: finds.then(|| pilot_length(scenario)),
            warm_up: known.unwrap_or(least),
        }
    }

    fn runs(&self, replications: impl Iterator<Item = u32>) -> u64 {
        let pilots = u64::from(PILOTS) * self.pilots.len() as u64;
        pilots + replications.map(|index| self.design.runs_of(index) as u64).sum::<u64>()
    }

    fn events(&self, replications: impl Iterator<Item = u32>, warm_up: SimDuration) -> f64 {
        let length = self.pilot_length.unwrap_or(SimDuration::ZERO);
        let pilot = |index: &usize| self.workloads[*index].of_pilot(length);
        let pilots: f64 = self.pilots.iter().map(pilot).sum();
        let of_runs: Vec<f64> =
            self.workloads.iter().map(|workload| workload.of_run(warm_up)).collect();
        let once = |index: u32| -> f64 {
            let runs = 0..self.design.runs_of(index);
            runs.map(|run| of_runs[self.design.candidate(index, run).index]).sum()
        };
        f64::from(PILOTS) * pilots + replications.map(once).sum::<f64>()
    }

    /// Says how much work those replications are.
    pub(super) fn tell(
        &self,
        progress: &dyn Progress,
        replications: impl Iterator<Item = u32> + Clone,
        warm_up: SimDuration,
    ) {
        progress.planned(self.runs(replications.clone()));
        progress.expected(self.events(replications, warm_up));
    }

    /// Says how much work it is to follow the deployments as they are in so many replications.
    pub(super) fn tell_followed(
        &self,
        progress: &dyn Progress,
        replications: u32,
        warm_up: SimDuration,
    ) {
        let whole = self.design.situations.iter().zip(&self.workloads);
        let whole = whole.filter(|(situation, _)| situation.is_whole());
        let once: Vec<f64> = whole.map(|(_, workload)| workload.of_run(warm_up)).collect();
        progress.planned(u64::from(replications) * once.len() as u64);
        progress.expected(f64::from(replications) * once.iter().sum::<f64>());
    }
}
