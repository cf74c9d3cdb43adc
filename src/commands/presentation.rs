//! What was found, as files and on standard output.

use std::io::{Write, stdout};
use std::path::Path;
use std::time::Instant;

use reports::{Context, Origin};
use scenarios::Loaded;
use sim::results::{Results, Verdict};
use sim::study::Study;

use super::Outcome;
use crate::failure::Failure;
use crate::output::{self, note};
use crate::study_file::{self, Build};

/// What is shown of a scenario.
pub(super) struct Presentation<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) study: &'a Study,
    /// The build that simulated it.
    pub(super) build: Build,
    pub(super) results: &'a Results,
    /// When the command began.
    pub(super) started: Instant,
    /// Whether JSON is printed instead of the table; it is handed back.
    pub(super) json: bool,
    /// The file for the page that people pass on, where one is asked for.
    pub(super) html: Option<&'a Path>,
}

impl Presentation<'_> {
    /// Writes the study and every report into a folder, prints the table unless JSON is asked for, and
    /// below it what `more` says of other files.
    pub(super) fn show(
        &self,
        folder: &Path,
        more: &dyn Fn() -> Result<Option<String>, Failure>,
    ) -> Result<(Outcome, Option<serde_json::Value>), Failure> {
        let inputs = serde_json::to_value(&self.loaded.spec).unwrap_or_default();
        let context = Context {
            scenario_name: &self.loaded.name,
            results: self.results,
            inputs: &inputs,
            version: env!("CARGO_PKG_VERSION"),
            wall_seconds: self.started.elapsed().as_secs_f64(),
        };
        output::remove_others(&context, folder)?;
        study_file::write(self.loaded, self.study, self.build, &folder.join(study_file::NAME))?;
        let files = output::write_reports(&context, folder)?.join(", ");
        let (study, shown) = (study_file::NAME, folder.display());
        let mut wrote = format!("wrote {files}, {study} to {shown}");
        if let Some(path) = self.html {
            output::write_whole(path, |out| reports::page(&context, &self.origin(), out))?;
            wrote = format!("{wrote}\nwrote the page to {}", path.display());
        }
        if let Some(other) = more()? {
            wrote = format!("{wrote}\n{other}");
        }
        let outcome = judge(self.results);
        if self.json {
            note(&wrote);
            return Ok((outcome, Some(reports::json(&context))));
        }
        writeln!(stdout(), "{}\n{wrote}", reports::table(&context, output::width()))?;
        Ok((outcome, None))
    }

    /// What the results were made from, as the page shows it.
    fn origin(&self) -> Origin<'_> {
        let source = &self.loaded.source;
        Origin {
            file: source.name(),
            text: source.text(),
            overrides: source.replaced(),
            files: source.file_names().collect(),
        }
    }
}

fn judge(results: &Results) -> Outcome {
    let verdicts = results.deployments.iter().filter_map(|deployment| deployment.verdict);
    match () {
        () if results.partial => Outcome::Incomplete,
        () if verdicts.into_iter().all(|verdict| verdict == Verdict::Met) => Outcome::Good,
        () => Outcome::Bad,
    }
}

/// One document for one scenario, an array for several.
pub(super) fn print_json(mut documents: Vec<serde_json::Value>) -> Result<(), Failure> {
    let document = match documents.len() {
        0 => return Ok(()),
        1 => documents.remove(0),
        _ => serde_json::Value::Array(documents),
    };
    Ok(writeln!(stdout(), "{document:#}")?)
}
