//! `apimsim sweep`: a scenario over ranges and lists of values of its keys.

use std::io::{Write, stdout};
use std::path::Path;

use reports::{Coordinate, Sweep, SweptAxis};
use scenarios::{Axis, Loaded, Point};
use sim::experiment::{Experiment, Part, Unwatched};

use super::interrupt::stop_on_interrupt;
use super::tasks::{self, Done};
use super::{Failure, Outcome, overrides, start_threads};
use crate::arguments::SweepArguments;
use crate::output::{self, complain, note};
use crate::study_file::{self, Build};
use crate::task_file::{self, Task};

/// Within the folder of the output files, the points that are done.
const POINTS: &str = "points";

pub(crate) fn run(arguments: &SweepArguments) -> Result<Outcome, Failure> {
    start_threads(&arguments.threads)?;
    stop_on_interrupt();
    if let Some(task) = &arguments.task {
        return Ok(perform(task));
    }
    if let Some(folder) = &arguments.merge {
        return merge(folder, arguments.out.as_ref().unwrap_or(folder));
    }
    let Some(path) = &arguments.scenario else { return Ok(Outcome::Incomplete) };
    let base = match scenarios::load(path, &overrides(&arguments.overrides, arguments.seed)) {
        Ok(base) => base,
        Err(problems) => {
            output::explain(&problems);
            return Ok(Outcome::Incomplete);
        }
    };
    base.warnings.iter().for_each(|warning| note(warning));
    let tasks = match cut(arguments, path, &base) {
        Ok(tasks) => tasks,
        Err(wrong) => {
            complain(&wrong);
            return Ok(Outcome::Incomplete);
        }
    };
    let out = arguments.out.clone().unwrap_or_else(|| Path::new("out").join(&base.name));
    let folder = arguments.tasks.clone().unwrap_or_else(|| out.join(POINTS));
    let names = task_file::names("point", tasks.len());
    if let Err(wrong) = tasks::write(&folder, &names, &tasks, arguments.fresh)? {
        complain(&wrong);
        return Ok(Outcome::Incomplete);
    }
    if arguments.tasks.is_some() {
        let (count, shown) = (tasks.len(), folder.display());
        writeln!(stdout(), "wrote {count} tasks and their list, {}, to {shown}", task_file::LIST)?;
        return Ok(Outcome::Good);
    }
    match tasks::perform_all(&base.name, &folder)? {
        Outcome::Good => merge(&folder, &out),
        other => Ok(other),
    }
}

/// A task for each point, all of which can be simulated.
fn cut(arguments: &SweepArguments, path: &Path, base: &Loaded) -> Result<Vec<Task>, String> {
    let axes = &arguments.over;
    for (place, axis) in axes.iter().enumerate() {
        if axes[..place].iter().any(|other| other.path == axis.path) {
            return Err(format!("`{axis}` is stated twice; give all its values at once"));
        }
    }
    let points = match arguments.latin {
        Some(count) => scenarios::latin_hypercube(axes, count as usize, base.scenario.run.seed),
        None => scenarios::factorial(axes),
    };
    let always = overrides(&arguments.overrides, arguments.seed);
    let task = |point: Point| {
        let loaded = scenarios::load(path, &[&always[..], &point].concat());
        let loaded = loaded.map_err(|problems| format!("{}:\n{problems}", named(&point)))?;
        Experiment::new(&loaded.scenario).map_err(|error| format!("{}: {error}", named(&point)))?;
        Ok(Task {
            build: Build::this(),
            fingerprint: study_file::fingerprint(&loaded.scenario),
            source: loaded.source,
            part: Part::WHOLE,
            axes: axes.clone(),
            point,
            is_factorial: arguments.latin.is_none(),
        })
    };
    points?.into_iter().map(task).collect()
}

/// `traffic=200 /s, tenants=3`.
fn named(point: &Point) -> String {
    let each = point.iter().map(|change| format!("{}={}", change.path, change.value));
    each.collect::<Vec<_>>().join(", ")
}

/// Does one task.
fn perform(path: &Path) -> Outcome {
    match tasks::perform(path, &Unwatched) {
        Ok(Done::Complete) => Outcome::Good,
        Ok(Done::Interrupted) => {
            note(&format!("{}: stopped; it can be done again", path.display()));
            Outcome::Interrupted
        }
        Ok(Done::Wrong(wrong)) => {
            complain(&wrong);
            Outcome::Incomplete
        }
        // A full disk, or a folder that is away for a while.
        Err(failure) => {
            complain(&failure.to_string());
            Outcome::Interrupted
        }
    }
}

/// Writes what all points have seen.
fn merge(folder: &Path, out: &Path) -> Result<Outcome, Failure> {
    let mut sweep: Option<Sweep> = None;
    let merged = tasks::merge(folder, |task, kept| {
        let Ok(experiment) = Experiment::new(&kept.loaded.scenario) else { return };
        let results = experiment.results(&kept.study);
        let sweep = sweep.get_or_insert_with(|| Sweep {
            scenario_name: kept.loaded.name.clone(),
            title: kept.loaded.scenario.title.clone(),
            version: env!("CARGO_PKG_VERSION"),
            seed: kept.loaded.scenario.run.seed,
            axes: task.axes.iter().map(swept).collect(),
            is_factorial: task.is_factorial,
            points: Vec::new(),
        });
        let at = task.point.iter().map(|change| Coordinate {
            text: change.value.clone(),
            number: Axis::number(&change.value),
        });
        sweep.add(at.collect(), &results);
    });
    let sweep = match merged {
        Ok(()) => sweep,
        Err(wrong) => {
            complain(&wrong);
            return Ok(Outcome::Incomplete);
        }
    };
    let Some(sweep) = sweep else { return Ok(Outcome::Incomplete) };
    output::make_folder(out)?;
    output::write_whole(&out.join("sweep.csv"), |file| sweep.csv(file))?;
    output::write_whole(&out.join("sweep.png"), |file| sweep.chart(file))?;
    let shown = out.display();
    writeln!(stdout(), "{}\nwrote sweep.csv, sweep.png to {shown}", sweep.text(output::width()))?;
    Ok(Outcome::Good)
}

fn swept(axis: &Axis) -> SweptAxis {
    SweptAxis { path: axis.path.clone(), unit: axis.unit(), is_log: axis.is_log() }
}
