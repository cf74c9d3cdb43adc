//! `NAME.task`: one of the tasks that a command was cut into, for whatever runs commands on many machines; and the
//! list of them. Sealed (`sealed`), a task holds all that it needs, so that it can be copied elsewhere alone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use scenarios::{Axis, Point, Source};
use serde::{Deserialize, Serialize};
use sim::experiment::Part;

use crate::failure::Failure;
use crate::output;
use crate::sealed::Kind;
use crate::study_file::Build;

/// The list of the tasks of a folder, a path in each line.
pub(crate) const LIST: &str = "tasks.txt";

const TASK: Kind = Kind { name: "task", format: 1, maker: "apimsim sweep --tasks" };

/// What is to be simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Task {
    /// The build that wrote it; only that one does it, for others may see other things.
    pub(crate) build: Build,
    /// Of the scenario as understood.
    pub(crate) fingerprint: u64,
    /// The scenario of this task.
    pub(crate) source: Source,
    /// Which of its replications.
    pub(crate) part: Part,
    /// The keys that differ between the tasks.
    pub(crate) axes: Vec<Axis>,
    /// Their values here.
    pub(crate) point: Point,
    /// Whether the points are all combinations of the values.
    pub(crate) is_factorial: bool,
}

impl Task {
    /// Writes the file, whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        TASK.write(path, self)
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Why it cannot be used, in words.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let task: Result<Self, String> = TASK.open(path).and_then(|mut file| TASK.read(&mut file));
        let task = task.map_err(|wrong| format!("{}: {wrong}", path.display()))?;
        if task.build != Build::this() {
            return Err(format!(
                "{}: another build of this version has written it, whose simulator may see other things; take the \
                 same build everywhere",
                path.display()
            ));
        }
        Ok(task)
    }
}

/// Where the result of a task stands: beside it.
pub(crate) fn result_of(task: &Path) -> PathBuf {
    task.with_extension("bin")
}

/// Names of so many tasks, which sort in their order.
pub(crate) fn names(kind: &str, count: usize) -> Vec<String> {
    let digits = count.to_string().len().max(4);
    (1..=count).map(|number| format!("{kind}-{number:0digits$}.task")).collect()
}

/// Writes the list of tasks, as paths through the folder as it is named.
pub(crate) fn write_list(folder: &Path, names: &[String]) -> Result<(), Failure> {
    output::write_whole(&folder.join(LIST), |out| {
        names.iter().try_for_each(|name| writeln!(out, "{}", folder.join(name).display()))?;
        Ok(())
    })
}

/// The tasks that the list of a folder names, wherever the folder is by now.
///
/// # Errors
///
/// Why there are none, in words.
pub(crate) fn listed(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let path = folder.join(LIST);
    let text = fs::read_to_string(&path).map_err(|cause: io::Error| {
        format!("{}: cannot be read: {cause}; `--tasks DIR` writes it", path.display())
    })?;
    let name = |line: &str| Path::new(line).file_name().map(|name| folder.join(name));
    let tasks: Option<Vec<PathBuf>> = text.lines().map(name).collect();
    let tasks = tasks.filter(|tasks| !tasks.is_empty());
    tasks.ok_or_else(|| format!("{}: this is no list of tasks", path.display()))
}
