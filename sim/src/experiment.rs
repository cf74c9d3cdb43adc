//! Many replications of every deployment of a scenario, in parallel, under common random numbers.

mod engines;
mod error;
mod explain;
mod gathering;
mod looks;
mod part;
mod pilots;
mod plan;
mod progress;
mod sampling;
mod sensitivity;
mod warm_up;
mod workload;
mod years;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::engine::{Asked, LONGEST, RequestRecord, Run};
use crate::network::Network;
use crate::results::{Hopeless, Results, Sample, goals, results};
use crate::scenario::{Replications, Scenario};
use crate::study::{Candidate, Design, Misfit, Study, WarmUp};
use crate::time::{SimDuration, SimTime};

use gathering::Gathering;
use looks::Looks;
use pilots::find_warm_up;
use plan::Plan;
use progress::Watched;

pub use engines::compare_engines;
pub use error::ExperimentError;
pub use part::Part;
pub use plan::{Effort, effort};
pub use progress::{Progress, Unwatched};
pub use sampling::Unsteady;

/// Replications of a precision run come in batches of so many.
const BATCH: u32 = 4;

/// Simulates every deployment of a scenario and compares them. If `stop` is set, what is complete is
/// returned, marked as partial.
///
/// # Errors
///
/// If the scenario cannot be simulated, or nothing is complete.
pub fn compare(
    scenario: &Scenario,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Results, ExperimentError> {
    let experiment = Experiment::new(scenario)?;
    let mut observed = experiment.observe(Task::default(), progress, stop)?;
    if scenario.limits_availability() {
        experiment.foresee(&mut observed.study, 1, stop);
    }
    Ok(experiment.results(&observed.study))
}

/// A scenario and its deployments, ready to be simulated.
pub struct Experiment<'a> {
    scenario: &'a Scenario,
    design: Design,
}

/// What is asked of an experiment.
#[derive(Clone, Debug)]
pub struct Task {
    /// What is known already, to which what is missing is added.
    pub begun: Option<Study>,
    /// Which of the replications are made.
    pub part: Part,
    /// Whether every request that begins and ends in the window of the first replication of the first
    /// deployment is recorded, which takes 32 bytes each.
    pub record: bool,
}

impl Default for Task {
    fn default() -> Self {
        Self { begun: None, part: Part::WHOLE, record: false }
    }
}

/// What an experiment has seen.
#[derive(Clone, Debug)]
pub struct Observed {
    /// All complete replications.
    pub study: Study,
    /// The recorded requests, by their end, where that was asked for; none if that replication was
    /// stopped, or was known already.
    pub records: Option<Vec<RequestRecord>>,
}

impl<'a> Experiment<'a> {
    /// Prepares the deployments of a scenario.
    ///
    /// # Errors
    ///
    /// If one cannot be simulated, or not by a sample of the window.
    pub fn new(scenario: &'a Scenario) -> Result<Self, ExperimentError> {
        let design = Design::new(scenario)?;
        sampling::check(scenario, &design.situations)?;
        Ok(Self { scenario, design })
    }

    /// Simulates the replications that are asked for and not known yet. If `stop` is set, what is
    /// complete is returned.
    ///
    /// # Errors
    ///
    /// If the scenario cannot be simulated so, or nothing is complete.
    pub fn observe(
        &self,
        task: Task,
        progress: &dyn Progress,
        stop: &AtomicBool,
    ) -> Result<Observed, ExperimentError> {
        let watched = Watched { progress, stop };
        let plan = Plan::new(self.scenario, &self.design, task.begun.as_ref());
        let first = self.first_batch(task.part)?;
        let first_index = first.start;
        let is_known = |index: &u32| task.begun.as_ref().is_some_and(|study| study.has(*index));
        let lacking = first.clone().filter(|index| !is_known(index));
        plan.tell(progress, lacking, plan.warm_up);
        let mut study = match task.begun {
            Some(study) => study,
            None => Study::new(self.warm_up(&plan, &watched), self.design.situations.len()),
        };
        if study.warm_up().span + self.scenario.run.window > LONGEST {
            return Err(ExperimentError::TooLong);
        }
        let runs = Runs { experiment: self, plan: &plan, watched: &watched, record: task.record };
        let (records, complete) = match self.scenario.run.replications {
            Replications::Fixed(_) => runs.make(&mut study, first),
            Replications::Precision { relative, max } => {
                runs.make_until_precise(&mut study, relative, max)
            }
        };
        if study.is_empty() {
            let needed = self.design.runs_of(first_index);
            return Err(ExperimentError::Stopped { complete, needed });
        }
        Ok(Observed { study, records })
    }

    /// What a study shows: the same of the same study.
    pub fn results(&self, study: &Study) -> Results {
        results(self.scenario, &self.design, study)
    }

    /// Whether a study that was read back can be one of this scenario.
    ///
    /// # Errors
    ///
    /// If it cannot.
    pub fn check(&self, study: &Study) -> Result<(), Misfit> {
        study.check(self.scenario, &self.design)
    }

    /// The goal that a deployment misses by rates and demands alone, if it does: in none of its situations can ever more
    /// be allowed to wait.
    pub(crate) fn overloaded(&self) -> Option<Hopeless> {
        goals::hopeless(self.scenario, &self.design)
    }

    /// The network of a deployment as it is.
    pub(crate) fn network(&self, deployment: usize) -> &Network {
        let mut whole = self.design.whole().map(|index| &self.design.situations[index]);
        let own = whole.find(|situation| situation.deployment == deployment);
        &own.expect("every deployment has a situation").network
    }

    /// The replications that are made in any case.
    fn first_batch(&self, part: Part) -> Result<std::ops::Range<u32>, ExperimentError> {
        let count = match self.scenario.run.replications {
            Replications::Fixed(count) => count,
            Replications::Precision { max, .. } if part == Part::WHOLE => BATCH.min(max),
            Replications::Precision { .. } => return Err(ExperimentError::PartOfPrecision),
        };
        let indices = part.indices(count);
        if indices.is_empty() {
            let Part { number, of } = part;
            return Err(ExperimentError::EmptyPart { part: number, of, replications: count });
        }
        Ok(indices)
    }

    fn warm_up(&self, plan: &Plan<'_>, watched: &Watched<'_>) -> WarmUp {
        match self.scenario.run.warm_up {
            Some(span) => WarmUp { span, settled: true },
            None if plan.pilot_length.is_some() => {
                find_warm_up(self.scenario, &self.design.situations, plan, watched)
            }
            None => WarmUp { span: SimDuration::ZERO, settled: true },
        }
    }
}

/// The runs of an experiment: what is made, and how.
struct Runs<'a> {
    experiment: &'a Experiment<'a>,
    plan: &'a Plan<'a>,
    watched: &'a Watched<'a>,
    record: bool,
}

/// The recorded requests, and how many runs of the first incomplete replication are complete.
type Rest = (Option<Vec<RequestRecord>>, usize);

impl Runs<'_> {
    /// Makes batches of replications until all is known well enough.
    fn make_until_precise(&self, study: &mut Study, relative: f64, max: u32) -> Rest {
        let Experiment { scenario, design } = self.experiment;
        let known: Vec<u32> = study.indices().collect();
        let mut looks = Looks::default();
        let mut planned = BATCH.min(max);
        let (records, mut complete) = self.make(study, 0..planned);
        while !self.watched.stop.load(Ordering::Relaxed) {
            let mut sample = Sample::new(scenario, design, study, planned);
            if planned >= max || looks.suffice(scenario, design, &mut sample, relative, max) {
                study.set_precise();
                break;
            }
            planned = (planned + BATCH).min(max);
            let progress = self.watched.progress;
            let made = (0..planned).filter(|index| !known.contains(index));
            self.plan.tell(progress, made, study.warm_up().span);
            complete = self.make(study, 0..planned).1;
        }
        (records, complete)
    }

    /// Makes those replications that a study lacks.
    fn make(&self, study: &mut Study, replications: std::ops::Range<u32>) -> Rest {
        let lacking: Vec<u32> = replications.filter(|index| !study.has(*index)).collect();
        let design = &self.experiment.design;
        // By replication, so that a stopped experiment has complete ones.
        let runs: Vec<(u32, usize)> = lacking
            .into_iter()
            .flat_map(|index| (0..design.runs_of(index)).map(move |run| (index, run)))
            .collect();
        let warm_up = study.warm_up().span;
        let gathering = Mutex::new(Gathering::new(study, design));
        in_order(&runs, |(replication, index)| {
            self.make_one(*replication, *index, warm_up, &gathering);
        });
        gathering.into_inner().map_or((None, 0), Gathering::rest)
    }

    /// Makes one run, unless all has been stopped.
    fn make_one(
        &self,
        replication: u32,
        index: usize,
        warm_up: SimDuration,
        gathering: &Mutex<Gathering<'_>>,
    ) {
        let Experiment { scenario, design } = self.experiment;
        let Candidate { situation, network, is_shifted, index: of } =
            design.candidate(replication, index);
        let record = self.record && (replication, index) == (0, 0);
        let run = Run {
            seed: scenario.run.seed,
            replication,
            warm_up,
            window: scenario.run.window,
            outages: &situation.outages,
            suppliers: &situation.suppliers,
            asked: Asked {
                timeline: scenario.is_eventful() && situation.is_whole() && !is_shifted,
                records: record,
                ..Asked::default()
            },
        };
        if self.watched.stop.load(Ordering::Relaxed) {
            return;
        }
        let expected = |now: SimTime| self.plan.workloads[of].until(warm_up, now);
        let seen = self.watched.simulate(network, &run, &expected);
        let (Some(seen), Ok(mut gathering)) = (seen, gathering.lock()) else { return };
        if record {
            gathering.add_recorded(replication, index, seen);
        } else {
            gathering.add(replication, index, seen);
        }
    }
}

/// Does a list of runs in parallel and hands back what came of each, in their order. Unlike a split of
/// the list among the threads, a run begins only when all those before it have begun.
fn in_order<T: Sync, R: Send>(runs: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let mut done: Vec<(usize, R)> =
        runs.iter().enumerate().par_bridge().map(|(index, run)| (index, work(run))).collect();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
