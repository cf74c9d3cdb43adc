//! What changes of every deployment would make of its years of failures.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Experiment, Progress, in_order};
use crate::scenario::Scenario;
use crate::sensitivity::{Changed, Sensitivity, Variant, variants};
use crate::stats::Estimate;
use crate::study::Study;
use crate::years::{FlowYears, Years};

impl Experiment<'_> {
    /// Adds to a study what each change of each deployment whose years it has would make of them, over so many
    /// horizons at least, unless it has that. They have the seed of those years, so that what is not changed draws the
    /// same. Where it is stopped before the end nothing is added.
    pub fn vary(
        &self,
        study: &mut Study,
        horizons: u32,
        progress: &dyn Progress,
        stop: &AtomicBool,
    ) {
        let is_known = |known: &Option<Sensitivity>| {
            known.as_ref().is_none_or(|known| known.horizons >= horizons)
        };
        if !study.sensitivity().is_empty() && study.sensitivity().iter().all(is_known) {
            return;
        }
        let deployments = self.scenario.deployments.iter().zip(study.years());
        let all: Vec<(usize, Variant)> = deployments
            .enumerate()
            .filter(|(_, (_, years))| years.is_some())
            .flat_map(|(index, (deployment, _))| {
                let variants = variants(deployment, &self.scenario.flows);
                variants.into_iter().map(move |variant| (index, variant))
            })
            .collect();
        let seen = in_order(&all, |(_, variant)| {
            let changed = self.changed(variant, study, horizons, stop);
            progress.completed(0);
            changed
        });
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let none = |years: &Option<Years>| {
            years.as_ref().map(|_| Sensitivity { horizons, changes: Vec::new() })
        };
        let mut sensitivity: Vec<Option<Sensitivity>> = study.years().iter().map(none).collect();
        for ((index, _), changed) in all.iter().zip(seen) {
            sensitivity[*index].iter_mut().for_each(|known| known.changes.push(changed.clone()));
        }
        study.set_sensitivity(sensitivity);
    }

    fn changed(
        &self,
        variant: &Variant,
        study: &Study,
        horizons: u32,
        stop: &AtomicBool,
    ) -> Changed {
        let scenario = Scenario {
            deployments: vec![variant.deployment.clone()],
            flows: variant.flows.clone(),
            survive: 0,
            isolation: None,
            ..self.scenario.clone()
        };
        let years = Experiment::new(&scenario).ok().and_then(|experiment| {
            let mut one = Study::new(study.warm_up(), 1);
            experiment.foresee(&mut one, horizons, stop);
            one.years().first().cloned().flatten()
        });
        let minutes = |years: Years| -> Vec<Estimate> {
            years.flows.iter().map(FlowYears::downtime_minutes).collect()
        };
        Changed { lever: variant.lever.clone(), minutes: years.map(minutes) }
    }
}
