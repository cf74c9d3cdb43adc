//! What users see of a sweep: `sweep.csv`, `sweep.png`, and in words how far the goals are met.

use std::io::Write;

use sim::results::{Results, Verdict};

use crate::grid::wrap;
use crate::{ReportError, chart, csv, phrases};

pub use crate::swept::{Coordinate, Sweep, SweptAxis, SweptPoint};

impl Sweep {
    /// Adds what was seen at a further point.
    pub fn add(&mut self, at: Vec<Coordinate>, results: &Results) {
        let seen = csv::seen(&self.scenario_name, results);
        let of = |deployment: &sim::results::DeploymentResult| {
            (deployment.name.clone(), deployment.verdict)
        };
        let verdicts = results.deployments.iter().map(of).collect();
        self.points.push(SweptPoint { at, seen, drawn: chart::drawn(results), verdicts });
    }

    /// Writes `sweep.csv`: one row per point, deployment and flow.
    ///
    /// # Errors
    ///
    /// If `out` does not take it.
    pub fn csv(&self, out: &mut dyn Write) -> Result<(), ReportError> {
        csv::sweep(self, out)
    }

    /// Writes `sweep.png`: the sojourn time of each flow over the values.
    ///
    /// # Errors
    ///
    /// If `out` does not take it.
    pub fn chart(&self, out: &mut dyn Write) -> Result<(), ReportError> {
        chart::sweep(self, out)
    }

    /// At how many points each deployment meets its goals, and along a single key where, for a terminal of `width`
    /// columns.
    pub fn text(&self, width: usize) -> String {
        let paths: Vec<String> = self.axes.iter().map(|axis| format!("`{}`", axis.path)).collect();
        let points = phrases::count(self.points.len() as u32, "point");
        let mut lines = vec![self.title.clone(), format!("{points} of {}", paths.join(" and "))];
        let names = self.points.first().map_or(&[][..], |point| &point.verdicts);
        for (name, _) in names {
            let verdicts = self.points.iter().map(|point| {
                let own = point.verdicts.iter().find(|(other, _)| other == name);
                (point, own.and_then(|(_, verdict)| *verdict))
            });
            let verdicts: Vec<(&SweptPoint, Option<Verdict>)> = verdicts.collect();
            let said = match &self.axes[..] {
                [_] if self.is_factorial => along(&verdicts),
                _ => counts(&verdicts),
            };
            lines.push(wrap(&format!("`{name}`: {said}"), "  ", width));
        }
        lines.join("\n")
    }
}

fn word(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Met) => "goals met",
        Some(Verdict::Missed) => "missed",
        Some(Verdict::Undecided) => "undecided",
        None => "no goals",
    }
}

/// `goals met from 200 /s to 1600 /s, undecided at 1800 /s, missed from 2000 /s to 3000 /s`.
fn along(verdicts: &[(&SweptPoint, Option<Verdict>)]) -> String {
    let runs = verdicts.chunk_by(|(_, one), (_, other)| one == other);
    let of = |run: &[(&SweptPoint, Option<Verdict>)]| {
        let (first, last) = (&run[0].0.at[0].text, &run[run.len() - 1].0.at[0].text);
        let word = word(run[0].1);
        if run.len() == 1 {
            format!("{word} at {first}")
        } else {
            format!("{word} from {first} to {last}")
        }
    };
    runs.map(of).collect::<Vec<_>>().join(", ")
}

/// `goals met at 12 of 20 points, undecided at 1, missed at 7`.
fn counts(verdicts: &[(&SweptPoint, Option<Verdict>)]) -> String {
    let kinds = [Some(Verdict::Met), Some(Verdict::Undecided), Some(Verdict::Missed), None];
    let counted = kinds.into_iter().filter_map(|kind| {
        let count = verdicts.iter().filter(|(_, verdict)| *verdict == kind).count();
        (count > 0).then(|| format!("{} at {count}", word(kind)))
    });
    let counted: Vec<String> = counted.collect();
    format!("{} of {} points", counted.join(", "), verdicts.len())
}
