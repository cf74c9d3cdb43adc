//! `apimsim run`: simulate, print the comparison, write the files.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Instant;

use scenarios::Loaded;
use sim::engine::RequestRecord;
use sim::experiment::{Experiment, Observed, Part, Task};
use sim::results::Results;
use sim::scenario::MOST_REPLICATIONS;
use sim::study::Study;

use super::interrupt::{STOP, stop_on_interrupt};
use super::presentation::{Presentation, print_json};
use super::{Failure, Outcome, overrides, same, start_threads};
use crate::arguments::RunArguments;
use crate::output::{self, complain, note};
use crate::progress::Bar;
use crate::study_file::{self, Build};

pub(crate) fn run(arguments: &RunArguments) -> Result<Outcome, Failure> {
    start_threads(&arguments.threads)?;
    if let Some(wrong) = of_one(arguments).filter(|_| arguments.scenarios.scenarios.len() > 1) {
        complain(wrong);
        return Ok(Outcome::Incomplete);
    }
    stop_on_interrupt();
    let mut outcome = Outcome::Good;
    let mut documents = Vec::new();
    let mut folders = Vec::new();
    for path in &arguments.scenarios.scenarios {
        let loaded =
            match scenarios::load(path, &overrides(&arguments.scenarios.overrides, arguments.seed))
            {
                Ok(loaded) => loaded,
                Err(problems) => {
                    output::explain(&problems);
                    outcome = outcome.and(Outcome::Incomplete);
                    continue;
                }
            };
        let folder = folder(arguments, &loaded);
        if folders.contains(&folder) {
            let (shown, taken) = (path.display(), folder.display());
            complain(&format!(
                "{shown}: {taken} holds the results of another scenario of that name"
            ));
            outcome = outcome.and(Outcome::Incomplete);
            continue;
        }
        folders.push(folder.clone());
        let (ended, document) = simulate(loaded, &folder, arguments)?;
        outcome = outcome.and(ended);
        documents.extend(document);
        if STOP.load(Ordering::Relaxed) {
            outcome = Outcome::Incomplete;
            break;
        }
    }
    if arguments.json {
        print_json(documents)?;
    }
    Ok(outcome)
}

/// What cannot be asked of several scenarios at once.
fn of_one(arguments: &RunArguments) -> Option<&'static str> {
    match (&arguments.jtl, &arguments.page.html) {
        (Some(_), _) => {
            Some("`--jtl` writes the requests of one scenario; run each scenario on its own")
        }
        (_, Some(_)) => {
            Some("`--html` writes the page of one scenario; run each scenario on its own")
        }
        (None, None) => None,
    }
}

fn folder(arguments: &RunArguments, loaded: &Loaded) -> PathBuf {
    match &arguments.out {
        Some(out) if arguments.scenarios.scenarios.len() == 1 => out.clone(),
        Some(out) => out.join(&loaded.name),
        None => Path::new("out").join(&loaded.name),
    }
}

/// Simulates one scenario, writes its files, and prints the table unless JSON is asked for.
fn simulate(
    loaded: Loaded,
    folder: &Path,
    arguments: &RunArguments,
) -> Result<(Outcome, Option<serde_json::Value>), Failure> {
    loaded.warnings.iter().for_each(|warning| note(warning));
    if let Some(wrong) = arguments.jtl.as_ref().and_then(|_| no_load_test(&loaded)) {
        complain(&wrong);
        return Ok((Outcome::Incomplete, None));
    }
    let (loaded, begun) = match begin(loaded, folder, arguments.more) {
        Ok(begun) => begun,
        Err(wrong) => {
            complain(&wrong);
            return Ok((Outcome::Incomplete, None));
        }
    };
    // Checked before the work, so that nobody waits for results that cannot be written.
    output::make_folder(folder)?;
    for file in [&arguments.jtl, &arguments.page.html].into_iter().flatten() {
        output::make_way(file)?;
    }
    let started = Instant::now();
    let bar = Bar::new(&loaded.name);
    let part = arguments.part.unwrap_or(Part::WHOLE);
    let task = Task { begun, part, record: arguments.jtl.is_some() };
    let compared = Experiment::new(&loaded.scenario).and_then(|experiment| {
        let mut observed = experiment.observe(task, &bar, &STOP)?;
        if arguments.explain {
            experiment.follow(&mut observed.study, &bar, &STOP);
        }
        let asks = arguments.years.is_some()
            || arguments.sensitivity
            || loaded.scenario.limits_availability();
        // Of several parts one is enough.
        if asks && part.number == 1 {
            let horizons = arguments.years.unwrap_or(1);
            experiment.foresee(&mut observed.study, horizons, &STOP);
            if arguments.sensitivity {
                experiment.vary(&mut observed.study, horizons, &bar, &STOP);
            }
        }
        Ok((experiment.results(&observed.study), observed))
    });
    bar.finish();
    let (results, Observed { study, records }) = match compared {
        Ok(compared) => compared,
        Err(error) => {
            complain(&format!("{}: {error}", loaded.name));
            return Ok((Outcome::Incomplete, None));
        }
    };
    let is_part = arguments.part.is_some() && !STOP.load(Ordering::Relaxed);
    if results.partial && !is_part {
        note(&kept(&loaded.name, &results));
    }
    let (results, json, html) = (&results, arguments.json, arguments.page.html.as_deref());
    let (loaded, study, build) = (&loaded, &study, Build::this());
    let presentation = Presentation { loaded, study, build, results, started, json, html };
    let (outcome, document) = presentation.show(folder, &|| {
        let path = arguments.jtl.as_deref();
        path.map(|path| write_jtl(results, records.as_deref(), path)).transpose()
    })?;
    // A part is all that was asked for; goals are those of all parts together.
    Ok((if is_part { Outcome::Good } else { outcome }, document))
}

/// What the folder holds already, and the scenario with so many replications more.
fn begin(
    loaded: Loaded,
    folder: &Path,
    more: Option<u32>,
) -> Result<(Loaded, Option<Study>), String> {
    let Some(more) = more else { return Ok((loaded, None)) };
    let held = study_file::read(&folder.join(study_file::NAME))?;
    if let Some(difference) = same::difference(&held.loaded, &loaded, false) {
        let shown = folder.display();
        return Err(format!("{shown} holds the results of another scenario: {difference}"));
    }
    if held.build != Build::this() {
        let shown = folder.display();
        return Err(format!(
            "{shown}: another build of this version has written it, whose simulator may see other things; \
             run the scenario again"
        ));
    }
    let all = held.study.with_further(more).filter(|all| *all <= MOST_REPLICATIONS);
    let all = all.ok_or_else(|| format!("{MOST_REPLICATIONS} replications are the most"))?;
    let loaded = held.loaded.source.with_replications(all).load();
    Ok((loaded.map_err(|problems| problems.to_string())?, Some(held.study)))
}

/// What an interrupted run leaves.
fn kept(name: &str, results: &Results) -> String {
    let replications = match results.replications {
        1 => "1 replication is".to_owned(),
        count => format!("{count} replications are"),
    };
    format!(
        "{name}: stopped; {replications} complete in every deployment and kept, what was under way is lost"
    )
}

/// Why a scenario is not one load test, whose requests a file can hold.
fn no_load_test(loaded: &Loaded) -> Option<String> {
    let Loaded { name, scenario, .. } = loaded;
    if scenario.run.whole.is_some() {
        return Some(format!(
            "{name}: `--jtl` writes when requests came, and with `run.sample` a day passes in minutes; \
             remove `sample`, or take hours of it with `run.from` and `run.to`"
        ));
    }
    let names: Vec<String> =
        scenario.deployments.iter().map(|deployment| format!("`{}`", deployment.name)).collect();
    (names.len() != 1).then(|| {
        format!(
            "{name}: `--jtl` writes the requests of one deployment, and there are {}: {}; write a \
             scenario with only one of them",
            names.len(),
            names.join(", ")
        )
    })
}

/// Writes the requests of the first replication; says what was written.
fn write_jtl(
    results: &Results,
    records: Option<&[RequestRecord]>,
    path: &Path,
) -> Result<String, Failure> {
    let shown = path.display();
    let Some(records) = records else {
        return Ok(format!("the first replication was stopped; {shown} is not written"));
    };
    output::write_whole(path, |out| reports::jtl(&results.scenario.flows, records, out))?;
    Ok(format!("wrote {} requests to {shown}", records.len()))
}
