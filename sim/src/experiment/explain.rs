//! Replications once more, each of whose requests is followed.

use std::sync::atomic::{AtomicBool, Ordering};

use super::progress::Watched;
use super::{Experiment, Plan, Progress, in_order};
use crate::engine::{Asked, Attributed, Run};
use crate::study::Study;
use crate::time::{SimDuration, SimTime};

impl Experiment<'_> {
    /// Follows every request, to say where its time goes, in runs of its own: the first replications of a
    /// study once more, with the same draws, but for those that have been followed. What they see is added
    /// to the study, of replications that are complete where it is stopped.
    pub fn follow(&self, study: &mut Study, progress: &dyn Progress, stop: &AtomicBool) {
        let watched = Watched { progress, stop };
        let plan = Plan::new(self.scenario, &self.design, Some(study));
        let warm_up = study.warm_up().span;
        let lacking: Vec<u32> = study.not_followed().collect();
        plan.tell_followed(progress, lacking.len() as u32, warm_up);
        let whole: Vec<usize> = self.design.whole().collect();
        let runs: Vec<(u32, usize)> = lacking
            .iter()
            .flat_map(|replication| whole.iter().map(move |index| (*replication, *index)))
            .collect();
        let seen = in_order(&runs, |(replication, index)| {
            self.follow_one(*index, *replication, warm_up, &plan, &watched)
        });
        let mut seen = seen.into_iter();
        for replication in lacking {
            let of_replication: Vec<_> = seen.by_ref().take(whole.len()).collect();
            if let Some(complete) = of_replication.into_iter().collect::<Option<Vec<Attributed>>>()
            {
                study.add_followed(replication, complete);
            }
        }
    }

    fn follow_one(
        &self,
        index: usize,
        replication: u32,
        warm_up: SimDuration,
        plan: &Plan<'_>,
        watched: &Watched<'_>,
    ) -> Option<Attributed> {
        if watched.stop.load(Ordering::Relaxed) {
            return None;
        }
        let situation = &self.design.situations[index];
        let run = Run {
            seed: self.scenario.run.seed,
            replication,
            warm_up,
            window: self.scenario.run.window,
            outages: &situation.outages,
            suppliers: &situation.suppliers,
            asked: Asked { attribution: true, ..Asked::default() },
        };
        let expected = |now: SimTime| plan.workloads[index].until(warm_up, now);
        watched.simulate(&situation.network, &run, &expected)?.attributed
    }
}
