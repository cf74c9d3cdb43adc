//! Where words and files go: results to stdout, everything else to stderr, files whole or not at all.

use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write, stderr, stdout};
use std::path::Path;

use reports::{Context, ReportError};
use scenarios::Problems;
use tempfile::Builder;

use crate::failure::Failure;

/// Columns of the table where stdout is no terminal.
const WIDTH: usize = 120;

/// Says on stderr why a command could not be done.
pub(crate) fn complain(message: &str) {
    say(&format!("error: {message}"));
}

/// Says something on stderr that the user should know.
pub(crate) fn note(message: &str) {
    say(message);
}

/// Shows every problem of a scenario file on stderr.
pub(crate) fn explain(problems: &Problems) {
    let color = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    say(&problems.render(color));
}

fn say(message: &str) {
    // Without stderr there is nobody to tell.
    let _ = writeln!(stderr(), "{}", message.trim_end());
}

/// Columns of the terminal.
pub(crate) fn width() -> usize {
    terminal_size::terminal_size_of(stdout())
        .map_or(WIDTH, |(columns, _)| usize::from(columns.0).clamp(80, 200))
}

/// Makes a folder for output files, with those above it.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|cause| Failure::File { path: folder.to_owned(), cause })
}

/// Makes the folder for a file that is to be written, and refuses a path that is a folder itself.
pub(crate) fn make_way(path: &Path) -> Result<(), Failure> {
    make_folder(folder_of(path))?;
    if path.is_dir() {
        let cause = io::ErrorKind::IsADirectory.into();
        return Err(Failure::File { path: path.to_owned(), cause });
    }
    Ok(())
}

/// Writes every report that applies into a folder and returns the names of the files.
pub(crate) fn write_reports(context: &Context<'_>, folder: &Path) -> Result<Vec<String>, Failure> {
    let mut written = Vec::new();
    for report in reports::all() {
        if !report.applies(context.results) {
            continue;
        }
        let path = folder.join(report.file_name());
        write_whole(&path, |out| report.write(context, out))?;
        written.push(report.file_name().to_owned());
    }
    Ok(written)
}

/// Removes the reports of an earlier run that do not apply to this one, so that the folder tells one
/// story.
pub(crate) fn remove_others(context: &Context<'_>, folder: &Path) -> Result<(), Failure> {
    for report in reports::all().iter().filter(|report| !report.applies(context.results)) {
        let path = folder.join(report.file_name());
        remove(&path).map_err(|cause| Failure::File { path, cause })?;
    }
    Ok(())
}

/// Writes a file that appears under its name only when it is complete.
pub(crate) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), ReportError>,
) -> Result<(), Failure> {
    let failed = |cause| Failure::File { path: path.to_owned(), cause };
    let mut file = whole_file(folder_of(path)).map_err(failed)?;
    let mut buffer = BufWriter::new(file.as_file_mut());
    write(&mut buffer).map_err(|error| match error {
        ReportError::Write(cause) => failed(cause),
        other => Failure::Report(other),
    })?;
    buffer.flush().map_err(failed)?;
    drop(buffer);
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// A file that appears under its name only when it is complete, readable as any other file.
fn whole_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".apimsim-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Removes a file of an earlier run, where there is one.
pub(crate) fn remove_if_there(path: &Path) -> Result<(), Failure> {
    remove(path).map_err(|cause| Failure::File { path: path.to_owned(), cause })
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
