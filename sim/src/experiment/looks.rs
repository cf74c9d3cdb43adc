//! When a run that shall be precise has seen enough.

use super::BATCH;
use crate::results::{Sample, goals};
use crate::scenario::Scenario;
use crate::study::Design;

/// What was seen of a precision run after each batch of replications.
#[derive(Default)]
pub(super) struct Looks {
    precise_in_a_row: u32,
}

impl Looks {
    /// Whether all is known well enough to stop: every goal's quantity has been precise twice in a row,
    /// and no goal is undecided.
    ///
    /// Who stops as soon as a spread is small by chance has intervals that cover too rarely (Chow and
    /// Robbins, On the asymptotic theory of fixed-width sequential confidence intervals, Annals of
    /// Mathematical Statistics 36, 1965, is only asymptotic); a second batch that did not choose the
    /// moment mends most of that. A goal looked at ten times has ten chances to be decided wrongly, so
    /// that each look is held to a tenth of what may go wrong (Bonferroni).
    pub(super) fn suffice(
        &mut self,
        scenario: &Scenario,
        design: &Design,
        sample: &mut Sample<'_>,
        relative: f64,
        max: u32,
    ) -> bool {
        let is_precise = goals::are_precise(scenario, design, sample, relative);
        self.precise_in_a_row = if is_precise { self.precise_in_a_row + 1 } else { 0 };
        if self.precise_in_a_row < 2 {
            return false;
        }
        let looks = f64::from(max.div_ceil(BATCH));
        let confidence = 1.0 - (1.0 - scenario.run.confidence) / looks;
        sample.set_confidence(confidence);
        let are_decided = goals::are_decided(scenario, design, sample, confidence);
        sample.set_confidence(scenario.run.confidence);
        are_decided
    }
}
