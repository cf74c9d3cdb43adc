//! `apimsim run`: simulate, print the comparison, write the files.

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use reports::Context;
use scenarios::{Loaded, Override};
use sim::engine::RequestRecord;
use sim::experiment::{Experiment, Task};
use sim::results::{Results, Verdict};

use super::{Failure, Outcome, start_threads};
use crate::arguments::RunArguments;
use crate::output::{self, complain, note};
use crate::progress::Bar;

/// Set by Ctrl-C.
static STOP: AtomicBool = AtomicBool::new(false);

/// Status of a process that was told twice to stop.
const INTERRUPTED: i32 = 130;

pub(crate) fn run(arguments: &RunArguments) -> Result<Outcome, Failure> {
    start_threads(&arguments.threads)?;
    if arguments.jtl.is_some() && arguments.scenarios.scenarios.len() > 1 {
        complain("`--jtl` writes the requests of one scenario; run each scenario on its own");
        return Ok(Outcome::Incomplete);
    }
    stop_on_interrupt();
    let mut outcome = Outcome::Good;
    let mut documents = Vec::new();
    let mut folders = Vec::new();
    for path in &arguments.scenarios.scenarios {
        let loaded = match scenarios::load(path, &overrides(arguments)) {
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
        let (ended, document) = simulate(&loaded, &folder, arguments)?;
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

/// What replaces values of the scenario: `--set`, and `--seed` as one more.
fn overrides(arguments: &RunArguments) -> Vec<Override> {
    let seed = arguments
        .seed
        .map(|seed| Override { path: "run.seed".to_owned(), value: seed.to_string() });
    arguments.scenarios.overrides.iter().cloned().chain(seed).collect()
}

/// The first interrupt ends the run with what is complete, the second at once.
fn stop_on_interrupt() {
    let handled = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED);
        }
    });
    if let Err(error) = handled {
        note(&format!("Ctrl-C will end the run without results: {error}"));
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
    loaded: &Loaded,
    folder: &Path,
    arguments: &RunArguments,
) -> Result<(Outcome, Option<serde_json::Value>), Failure> {
    loaded.warnings.iter().for_each(|warning| note(warning));
    if arguments.jtl.is_some() && loaded.scenario.deployments.len() != 1 {
        complain(&not_one_deployment(loaded));
        return Ok((Outcome::Incomplete, None));
    }
    // Checked before the work, so that nobody waits for results that cannot be written.
    output::make_folder(folder)?;
    arguments.jtl.as_deref().map_or(Ok(()), output::make_way)?;
    let started = Instant::now();
    let bar = Bar::new(&loaded.name);
    let task = Task { record: arguments.jtl.is_some(), ..Task::default() };
    let compared = Experiment::new(&loaded.scenario).and_then(|experiment| {
        let observed = experiment.observe(task, &bar, &STOP)?;
        let mut results = experiment.results(&observed.study);
        if arguments.explain {
            results.explanation = experiment.explain(&observed.study, &bar, &STOP);
        }
        Ok((results, observed.records))
    });
    bar.finish();
    let (results, records) = match compared {
        Ok(results) => results,
        Err(error) => {
            complain(&format!("{}: {error}", loaded.name));
            return Ok((Outcome::Incomplete, None));
        }
    };
    if results.partial {
        note(&kept(&loaded.name, &results));
    }
    let inputs = serde_json::to_value(&loaded.spec).unwrap_or_default();
    let context = Context {
        scenario_name: &loaded.name,
        results: &results,
        inputs: &inputs,
        version: env!("CARGO_PKG_VERSION"),
        wall_seconds: started.elapsed().as_secs_f64(),
    };
    let files = output::write_reports(&context, folder)?;
    let mut wrote = format!("wrote {} to {}", files.join(", "), folder.display());
    if let Some(path) = &arguments.jtl {
        wrote = format!("{wrote}\n{}", write_jtl(&results, records, path)?);
    }
    let outcome = judge(&results);
    if arguments.json {
        note(&wrote);
        return Ok((outcome, Some(reports::json(&context))));
    }
    writeln!(stdout(), "{}\n{wrote}", reports::table(&context, output::width()))?;
    Ok((outcome, None))
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

fn not_one_deployment(loaded: &Loaded) -> String {
    let names: Vec<String> = loaded
        .scenario
        .deployments
        .iter()
        .map(|deployment| format!("`{}`", deployment.name))
        .collect();
    format!(
        "{}: `--jtl` writes the requests of one deployment, and there are {}: {}; write a scenario \
         with only one of them",
        loaded.name,
        names.len(),
        names.join(", ")
    )
}

/// Writes the requests of the first replication; says what was written.
fn write_jtl(
    results: &Results,
    records: Option<Vec<RequestRecord>>,
    path: &Path,
) -> Result<String, Failure> {
    let shown = path.display();
    let Some(records) = records else {
        return Ok(format!("the first replication was stopped; {shown} is not written"));
    };
    output::write_whole(path, |out| reports::jtl(&results.scenario.flows, &records, out))?;
    Ok(format!("wrote {} requests to {shown}", records.len()))
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
fn print_json(mut documents: Vec<serde_json::Value>) -> Result<(), Failure> {
    let document = match documents.len() {
        0 => return Ok(()),
        1 => documents.remove(0),
        _ => serde_json::Value::Array(documents),
    };
    Ok(writeln!(stdout(), "{document:#}")?)
}
