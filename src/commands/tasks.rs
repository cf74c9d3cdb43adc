//! A command cut into tasks: each is done on its own, anywhere and in any order, and leaves one file. What is there is
//! used again, so that an interrupted command goes on where it was.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use scenarios::Loaded;
use sim::experiment::{self, Experiment, Progress};

use super::interrupt::STOP;
use super::{Outcome, same};
use crate::failure::Failure;
use crate::output::{self, complain, note};
use crate::progress::Bar;
use crate::study_file::{self, Build, Kept};
use crate::task_file::{self, Task};

/// Writes the tasks into a folder, unless they are there already.
///
/// # Errors
///
/// In words, where the folder holds others.
pub(super) fn write(
    folder: &Path,
    names: &[String],
    tasks: &[Task],
    fresh: bool,
) -> Result<Result<(), String>, Failure> {
    output::make_folder(folder)?;
    if fresh {
        clear(folder)?;
    }
    let paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
    if folder.join(task_file::LIST).exists() {
        return Ok(task_file::listed(folder).and_then(|held| are_these(&held, &paths, tasks)));
    }
    for (path, task) in paths.iter().zip(tasks) {
        task.write(path)?;
    }
    // Last, so that a folder with a list is whole.
    task_file::write_list(folder, names).map(Ok)
}

/// Whether a folder holds these tasks and no others.
fn are_these(held: &[PathBuf], paths: &[PathBuf], tasks: &[Task]) -> Result<(), String> {
    let anew = "take another folder, or begin anew with `--fresh`";
    if held != paths {
        let folder = output::folder_of(&held[0]).display();
        return Err(format!("{folder} holds {} other tasks; {anew}", held.len()));
    }
    for (path, task) in paths.iter().zip(tasks) {
        let other = Task::read(path).map_err(|wrong| format!("{wrong}; {anew}"))?;
        if other != *task {
            let what = match (other.source.load(), task.source.load()) {
                (Ok(held), Ok(asked)) => same::difference(&held, &asked, true),
                _ => None,
            };
            let what = what.map_or_else(String::new, |what| format!(": {what}"));
            return Err(format!("{} is another task{what}; {anew}", path.display()));
        }
    }
    Ok(())
}

/// Removes the tasks of a folder with their results.
fn clear(folder: &Path) -> Result<(), Failure> {
    for task in task_file::listed(folder).unwrap_or_default() {
        output::remove_if_there(&task_file::result_of(&task))?;
        output::remove_if_there(&task)?;
    }
    output::remove_if_there(&folder.join(task_file::LIST))
}

/// How a task ended.
pub(super) enum Done {
    /// Its result is there.
    Complete,
    /// It cannot be done, now or later, and why.
    Wrong(String),
    /// It was interrupted, and can be done again.
    Interrupted,
}

/// Does one task, whose result is then beside it.
///
/// # Errors
///
/// If the result cannot be written.
pub(super) fn perform(path: &Path, progress: &dyn Progress) -> Result<Done, Failure> {
    let (task, loaded) = match task(path) {
        Ok(understood) => understood,
        Err(wrong) => return Ok(Done::Wrong(wrong)),
    };
    let result = task_file::result_of(path);
    if result.exists() {
        return Ok(match held(path, &loaded) {
            Ok(_) => Done::Complete,
            Err(wrong) => Done::Wrong(wrong),
        });
    }
    let asked = experiment::Task { begun: None, part: task.part, record: false };
    let observed = Experiment::new(&loaded.scenario).and_then(|experiment| {
        let mut study = experiment.observe(asked, progress, &STOP)?.study;
        // Of several parts one is enough.
        if loaded.scenario.limits_availability() && task.part.number == 1 {
            experiment.foresee(&mut study, 1, &STOP);
        }
        Ok(study)
    });
    match observed {
        _ if STOP.load(Ordering::Relaxed) => Ok(Done::Interrupted),
        Err(error) => Ok(Done::Wrong(format!("{}: {error}", path.display()))),
        Ok(study) => {
            study_file::write(&loaded, &study, Build::this(), &result)?;
            Ok(Done::Complete)
        }
    }
}

/// A task with its scenario.
fn task(path: &Path) -> Result<(Task, Loaded), String> {
    let task = Task::read(path)?;
    let loaded = task.source.load().map_err(|problems| {
        format!("{}: its scenario is not right here\n{problems}", path.display())
    })?;
    if study_file::fingerprint(&loaded.scenario) != task.fingerprint {
        return Err(format!(
            "{}: this program understands its scenario differently than the one that wrote it; take the same build \
             everywhere",
            path.display()
        ));
    }
    Ok((task, loaded))
}

/// The result of a task, which is of its scenario.
fn held(path: &Path, loaded: &Loaded) -> Result<Kept, String> {
    let result = task_file::result_of(path);
    let kept = study_file::read(&result)?;
    let shown = result.display();
    if kept.build != Build::this() {
        return Err(format!(
            "{shown}: another build of this version has written it; remove it, or begin anew with `--fresh`"
        ));
    }
    match same::difference(&kept.loaded, loaded, true) {
        Some(difference) => Err(format!(
            "{shown} is not the result of its task: {difference}; remove it, or begin anew with `--fresh`"
        )),
        None => Ok(kept),
    }
}

/// Does what is missing of the tasks of a folder; says what is wrong.
pub(super) fn perform_all(name: &str, folder: &Path) -> Result<Outcome, Failure> {
    let tasks = match task_file::listed(folder) {
        Ok(tasks) => tasks,
        Err(wrong) => {
            complain(&wrong);
            return Ok(Outcome::Incomplete);
        }
    };
    let lacking: Vec<&PathBuf> = lacking(&tasks).collect();
    let there = tasks.len() - lacking.len();
    if there > 0 {
        note(&format!("{name}: {there} of {} tasks are done already", tasks.len()));
    }
    let bar = Bar::of(name, "tasks");
    bar.planned(lacking.len() as u64);
    let mut outcome = Outcome::Good;
    for (done, path) in lacking.into_iter().enumerate() {
        let events = Events::default();
        match perform(path, &events)? {
            Done::Complete => {
                bar.completed(events.0.into_inner());
                continue;
            }
            Done::Wrong(wrong) => complain(&wrong),
            Done::Interrupted => note(&format!(
                "{name}: stopped; {} of {} tasks are done and kept, and the same command goes on from there",
                there + done,
                tasks.len()
            )),
        }
        outcome = Outcome::Incomplete;
        break;
    }
    bar.finish();
    Ok(outcome)
}

/// The tasks without a result.
fn lacking(tasks: &[PathBuf]) -> impl Iterator<Item = &PathBuf> {
    tasks.iter().filter(|task| !task_file::result_of(task).exists())
}

/// Tells each task of a folder and its result, in order.
///
/// # Errors
///
/// In words, where one is missing or is of another task.
pub(super) fn merge(folder: &Path, mut tell: impl FnMut(&Task, Kept)) -> Result<(), String> {
    let tasks = task_file::listed(folder)?;
    if let Some(first) = lacking(&tasks).next() {
        return Err(format!(
            "{} of {} tasks have no result yet, like {}; do them with `--task FILE`",
            lacking(&tasks).count(),
            tasks.len(),
            first.display()
        ));
    }
    for path in &tasks {
        let (task, loaded) = task(path)?;
        let kept = held(path, &loaded)?;
        tell(&task, kept);
    }
    Ok(())
}

/// Counts the events of a task.
#[derive(Default)]
struct Events(AtomicU64);

impl Progress for Events {
    fn planned(&self, _: u64) {}

    fn completed(&self, events: u64) {
        self.0.fetch_add(events, Ordering::Relaxed);
    }
}
