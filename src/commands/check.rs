//! `apimsim check`: everything that is wrong with scenario files, and how long a run will take.

use std::io::{Write, stdout};

use scenarios::Loaded;
use sim::experiment::{Effort, effort};

use super::{Failure, Outcome};
use crate::arguments::CheckArguments;
use crate::output;
use crate::progress::about;

/// Events a second on one core, of the slower of the two machines on which the benchmark was run; see
/// "How fast" in README.md.
const EVENTS_PER_SECOND: f64 = 1e7;

pub(crate) fn run(arguments: &CheckArguments) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Good;
    for path in &arguments.scenarios.scenarios {
        match scenarios::load(path, &arguments.scenarios.overrides) {
            Ok(loaded) => {
                loaded
                    .warnings
                    .iter()
                    .chain(&loaded.advice)
                    .for_each(|warning| output::note(warning));
                let (flows, deployments) =
                    (loaded.scenario.flows.len(), loaded.scenario.deployments.len());
                let name = path.display();
                writeln!(stdout(), "{name}: right; {flows} flows, {deployments} deployments")?;
                match effort(&loaded.scenario) {
                    Ok(effort) => writeln!(stdout(), "{}", work(&loaded, &effort, threads()))?,
                    Err(error) => {
                        output::complain(&format!("{name}: {error}"));
                        outcome = Outcome::Incomplete;
                    }
                }
            }
            Err(problems) => {
                output::explain(&problems);
                outcome = Outcome::Incomplete;
            }
        }
    }
    Ok(outcome)
}

/// Threads that would simulate.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// `about 24 million events in 13 runs: about 2 s on 2 threads`.
fn work(loaded: &Loaded, effort: &Effort, threads: usize) -> String {
    let seconds = |events: f64| about(events / EVENTS_PER_SECOND / threads as f64);
    let on = format!("on {threads} thread{}", if threads == 1 { "" } else { "s" });
    let name = &loaded.name;
    let (events, time) = (count(effort.events), seconds(effort.events));
    if effort.most_events > effort.events {
        let (most, longest) = (count(effort.most_events), seconds(effort.most_events));
        return format!(
            "{name}: from about {events} events ({time} {on}) to about {most} ({longest}), as soon as the \
             precision is reached"
        );
    }
    format!("{name}: about {events} events in {} runs, {time} {on}", effort.runs)
}

/// A number to two digits, in words.
fn count(events: f64) -> String {
    let (number, word) = match events {
        e if e >= 1e9 => (e / 1e9, " billion"),
        e if e >= 1e6 => (e / 1e6, " million"),
        e if e >= 1e3 => (e / 1e3, " thousand"),
        e => (e, ""),
    };
    let decimals = usize::from(number < 10.0 && !word.is_empty());
    format!("{number:.decimals$}{word}")
}
