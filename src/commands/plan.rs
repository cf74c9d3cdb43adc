//! `apimsim plan`: which pattern, and how many nodes.

use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use reports::PlanContext;
use scenarios::Loaded;
use sim::planning::{Plan, plan};

use super::interrupt::{STOP, stop_on_interrupt};
use super::presentation::print_json;
use super::{Failure, Outcome, overrides, start_threads};
use crate::arguments::PlanArguments;
use crate::output::{self, complain, note};
use crate::progress::Bar;

pub(crate) fn run(arguments: &PlanArguments) -> Result<Outcome, Failure> {
    start_threads(&arguments.threads)?;
    let loaded = match scenarios::load(
        &arguments.scenario,
        &overrides(&arguments.overrides, arguments.seed),
    ) {
        Ok(loaded) => loaded,
        Err(problems) => {
            output::explain(&problems);
            return Ok(Outcome::Incomplete);
        }
    };
    loaded.warnings.iter().for_each(|warning| note(warning));
    let flows = loaded.scenario.flows.len();
    if (0..flows).all(|flow| loaded.scenario.goals_of(flow).is_empty()) {
        complain(&format!(
            "{}: there is no goal to plan for; state what must be reached, like [goal] p99 = \"300 ms\"",
            loaded.name
        ));
        return Ok(Outcome::Incomplete);
    }
    let candidates = match loaded.to_plan() {
        Ok(candidates) => candidates,
        Err(problems) => {
            complain(
                "the flows, drills or profiles of the file do not fit a deployment that is planned:",
            );
            output::explain(&problems);
            return Ok(Outcome::Incomplete);
        }
    };
    stop_on_interrupt();
    let folder = folder(arguments, &loaded);
    // Checked before the work, so that nobody waits for results that cannot be written.
    output::make_folder(&folder)?;
    let bar = Bar::new(&loaded.name);
    let planned = plan(&candidates.scenario, &candidates.planning, &bar, &STOP);
    bar.finish();
    let planned = match planned {
        Ok(planned) => planned,
        Err(error) => {
            complain(&format!("{}: {error}", loaded.name));
            return Ok(Outcome::Incomplete);
        }
    };
    show(&candidates, &planned, &folder, arguments.json)?;
    Ok(match planned.chosen() {
        _ if STOP.load(Ordering::Relaxed) => Outcome::Incomplete,
        Some(_) => Outcome::Good,
        None => Outcome::Bad,
    })
}

fn folder(arguments: &PlanArguments, loaded: &Loaded) -> PathBuf {
    arguments.out.clone().unwrap_or_else(|| Path::new("out").join(&loaded.name))
}

/// Writes the files, and prints the table unless JSON is asked for.
fn show(candidates: &Loaded, plan: &Plan, folder: &Path, json: bool) -> Result<(), Failure> {
    let scenario = &candidates.scenario;
    let context = PlanContext {
        scenario_name: &candidates.name,
        title: &scenario.title,
        planning: &candidates.planning,
        plan,
        version: env!("CARGO_PKG_VERSION"),
        seed: scenario.run.seed,
    };
    output::write_whole(&folder.join("plan.csv"), |out| reports::plan_csv(&context, out))?;
    output::write_whole(&folder.join("plan.png"), |out| reports::plan_chart(&context, out))?;
    let document = reports::plan_json(&context);
    output::write_whole(&folder.join("plan.json"), |out| Ok(writeln!(out, "{document:#}")?))?;
    let mut names = vec!["plan.csv", "plan.png", "plan.json"];
    if write_answer(candidates, plan, folder)? {
        names.push("plan.toml");
    }
    let wrote = format!("wrote {} to {}", names.join(", "), folder.display());
    if json {
        note(&wrote);
        return print_json(vec![document]);
    }
    writeln!(stdout(), "{}\n{wrote}", reports::plan_table(&context, output::width()))?;
    Ok(())
}

/// Writes the chosen deployment as a scenario that `run` takes, with a seed of its own, and beside it the files that it
/// names. Without a choice an earlier answer is removed.
fn write_answer(candidates: &Loaded, plan: &Plan, folder: &Path) -> Result<bool, Failure> {
    let path = folder.join("plan.toml");
    let Some((planned, candidate)) = plan.chosen() else {
        output::remove_if_there(&path)?;
        return Ok(false);
    };
    let nodes: BTreeMap<String, u32> = reports::nodes_by_cluster(planned, candidate);
    let (text, files) = match candidates.planned(&planned.name, &nodes) {
        Ok(answer) => answer,
        Err(problems) => {
            output::explain(&problems);
            return Ok(false);
        }
    };
    let title = format!(
        "# The cheapest node counts that `apimsim plan` has found for {}, to be confirmed with another seed:\n\
         # apimsim run {}\n\n",
        candidates.name,
        path.display()
    );
    for (name, bytes) in &files {
        let target = folder.join(name);
        output::make_way(&target)?;
        output::write_whole(&target, |out| Ok(out.write_all(bytes)?))?;
    }
    output::write_whole(&path, |out| Ok(write!(out, "{title}{text}")?))?;
    Ok(true)
}
