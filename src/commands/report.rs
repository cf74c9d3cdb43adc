//! `apimsim report`: make the reports of runs again, and put those of several machines together.

use std::time::Instant;

use sim::experiment::Experiment;
use sim::scenario::Replications;

use super::presentation::{Presentation, print_json};
use super::{Outcome, same};
use crate::arguments::ReportArguments;
use crate::failure::Failure;
use crate::output::{self, complain, note};
use crate::study_file::{self, Build, Kept};

pub(crate) fn run(arguments: &ReportArguments) -> Result<Outcome, Failure> {
    let started = Instant::now();
    let folder = match (&arguments.out, &arguments.folders[..]) {
        (Some(out), _) => out,
        (None, [only]) => only,
        (None, _) => {
            complain("say with `--out DIR` where the reports of several folders go");
            return Ok(Outcome::Incomplete);
        }
    };
    let Kept { loaded, study, build } = match together(arguments) {
        Ok(kept) => kept,
        Err(wrong) => {
            complain(&wrong);
            return Ok(Outcome::Incomplete);
        }
    };
    if build != Build::this() {
        note(&format!("{}: another build of this version has simulated it", loaded.name));
    }
    let experiment = match Experiment::new(&loaded.scenario) {
        Ok(experiment) => experiment,
        Err(error) => {
            complain(&format!("{}: {error}", loaded.name));
            return Ok(Outcome::Incomplete);
        }
    };
    let results = experiment.results(&study);
    if results.partial {
        note(&lacking(&loaded.name, loaded.scenario.run.replications, study.len()));
    }
    output::make_folder(folder)?;
    arguments.page.html.as_deref().map_or(Ok(()), output::make_way)?;
    let presentation = Presentation {
        loaded: &loaded,
        study: &study,
        build,
        results: &results,
        started,
        json: arguments.json,
        html: arguments.page.html.as_deref(),
    };
    let (outcome, document) = presentation.show(folder, &|| Ok(None))?;
    print_json(document.into_iter().collect())?;
    Ok(outcome)
}

/// The studies of all folders as one.
fn together(arguments: &ReportArguments) -> Result<Kept, String> {
    let (first, others) = arguments.folders.split_first().ok_or("no folder is named")?;
    let mut all = study_file::read(&first.join(study_file::NAME))?;
    for folder in others {
        let other = study_file::read(&folder.join(study_file::NAME))?;
        let both = format!("{} and {}", first.display(), folder.display());
        let counts = [&all, &other].map(|kept| kept.loaded.scenario.run.replications);
        let [Replications::Fixed(own), Replications::Fixed(others)] = counts else {
            add(&mut all, other, true, &both)?;
            continue;
        };
        add(&mut all, other, false, &both)?;
        if others > own {
            let more = all.loaded.source.with_replications(others).load();
            all.loaded = more.map_err(|problems| problems.to_string())?;
        }
    }
    Ok(all)
}

/// Adds the replications of another study of the same scenario.
fn add(all: &mut Kept, other: Kept, counts_too: bool, both: &str) -> Result<(), String> {
    if let Some(difference) = same::difference(&all.loaded, &other.loaded, counts_too) {
        return Err(format!("{both} hold results of different scenarios: {difference}"));
    }
    if all.build != other.build {
        return Err(format!(
            "{both} come from different builds of this version, whose simulators may see different things"
        ));
    }
    all.study.merge(other.study).map_err(|error| format!("{both} do not go together: {error}"))
}

/// What there is of what was asked for.
fn lacking(name: &str, asked: Replications, held: u32) -> String {
    match asked {
        Replications::Fixed(count) => format!("{name}: holds {held} of {count} replications"),
        Replications::Precision { .. } => {
            format!("{name}: was stopped after {held} replications, before it was precise enough")
        }
    }
}
