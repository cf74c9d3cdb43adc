//! The words of the command line.

mod sweep;
mod threads;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use scenarios::Override;
use sim::experiment::Part;
use sim::scenario::MOST_REPLICATIONS;
use sim::time::SimDuration;

use crate::backend_delay::{self, BackendDelay};

pub(crate) use sweep::SweepArguments;
pub(crate) use threads::ThreadArguments;

const STATUS: &str = "Exit status: 0 goals met or none stated, 1 some goal missed or undecided, \
                      2 the command could not be done.";

/// Which WSO2 API Manager deployment pattern carries this traffic, with how many nodes, with this
/// tail latency and this availability, at the least cost? Simulates requests one by one and nodes
/// that fail, for every deployment of a scenario side by side.
#[derive(Debug, Parser)]
#[command(version, about, after_help = STATUS)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Simulate scenarios, print the comparison, write CSV, PNG and JSON
    Run(RunArguments),
    /// Search the cheapest pattern and node counts that meet all goals
    Plan(PlanArguments),
    /// Simulate a scenario once for each of many values of any of its keys
    Sweep(SweepArguments),
    /// Make the reports of runs again, without simulating; put the runs of several machines together
    Report(ReportArguments),
    /// Say everything that is wrong with scenario files, without simulating
    Check(CheckArguments),
    /// Write a commented scenario to start from
    Init(InitArguments),
    /// Print the JSON Schema of scenario files, for completion in editors
    Schema,
    /// List the shipped patterns, profiles and scenarios, or print one of them
    List(ListArguments),
    /// Simulate systems whose exact answer is known, and compare
    Verify(VerifyArguments),
    /// Fit a profile to measurements by simulating the same load tests
    Calibrate(CalibrateArguments),
    /// Print completions for a shell
    Completions(CompletionsArguments),
}

#[derive(Debug, Args)]
#[command(after_help = STATUS)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) scenarios: ScenarioArguments,

    /// Folder for the output files; with several scenarios, one folder for each within it
    /// [default: out/<scenario file's stem>]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Print results.json to stdout instead of the table
    #[arg(long)]
    pub(crate) json: bool,

    /// Also write every request that begins and ends in the window of the first replication as JMeter
    /// results (CSV), for whatever reads those of a load test: JMeter's own tools, `calibrate`. For one
    /// scenario with one deployment; the window begins on 1 January 2026, 00:00 UTC
    #[arg(long, value_name = "FILE")]
    pub(crate) jtl: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) page: PageArguments,

    /// Say also what requests around p50, p99 and p99.9 spend their time on, and where (explain.csv,
    /// explain.png): simulates up to six replications once more, following every request
    #[arg(long)]
    pub(crate) explain: bool,

    /// Say also what failures cost over so many horizons (of a year, if goal.horizon says nothing else) at
    /// least: availability, outages, downtime by cause (availability.csv, availability.png). Wherever
    /// goal.availability is stated this is done anyway
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) years: Option<u32>,

    /// Say also what the next euro buys (sensitivity.csv, sensitivity.png): by how much less the flows are down a year
    /// where one thing is changed: each failure half as often or half as long, its detection, a start-up or the
    /// loading of APIs in half the time, one node more, another balancer. Simulates the years of each deployment
    /// once more for each of these changes
    #[arg(long)]
    pub(crate) sensitivity: bool,

    /// Add so many replications to those that the folder of the output files holds; the files are then
    /// those of one run with as many in all
    #[arg(long, value_name = "N", conflicts_with_all = ["jtl", "part"],
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_REPLICATIONS)))]
    pub(crate) more: Option<u32>,

    /// Make only one of several equal parts of the replications, like 2/4 on the second of four machines;
    /// `report DIR1 DIR2 …` puts the parts together. Works with `replications`, not with `precision`
    #[arg(long, value_name = "PART/OF", value_parser = part, conflicts_with = "jtl")]
    pub(crate) part: Option<Part>,

    /// Seed of every random number, instead of the scenario's
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,

    #[command(flatten)]
    pub(crate) threads: ThreadArguments,
}

/// One of several parts.
fn part(text: &str) -> Result<Part, String> {
    let numbers = text.split_once('/').map(|(number, of)| (number.parse(), of.parse()));
    match numbers {
        Some((Ok(number), Ok(of))) if (1..=of).contains(&number) => Ok(Part { number, of }),
        _ => Err("it is the number of the part and how many there are, like 2/4".to_owned()),
    }
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 a plan that meets the goals, 1 none within the most nodes or undecided, \
                        2 the command could not be done."
)]
pub(crate) struct PlanArguments {
    /// Scenario file, or name of a shipped scenario. Its `[plan]` says which patterns and deployments, with
    /// how many nodes at most, with which confidence; its deployments need not have enough nodes
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: PathBuf,

    /// Replace a value of the scenario: `plan.most=6`, `goal.p99=200 ms`; can be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) overrides: Vec<Override>,

    /// Folder for plan.csv, plan.png, plan.json and plan.toml, a scenario of the answer
    /// [default: out/<scenario file's stem>]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Print plan.json to stdout instead of the table
    #[arg(long)]
    pub(crate) json: bool,

    /// Seed of every random number, instead of the scenario's
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,

    #[command(flatten)]
    pub(crate) threads: ThreadArguments,
}

#[derive(Debug, Args)]
#[command(after_help = STATUS)]
pub(crate) struct ReportArguments {
    /// Folders that `run` has written, of one scenario; each holds its replications in study.bin
    #[arg(required = true, value_name = "DIR")]
    pub(crate) folders: Vec<PathBuf>,

    /// Folder for the output files [default: the folder, where there is one]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Print results.json to stdout instead of the table
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) page: PageArguments,
}

#[derive(Debug, Args)]
pub(crate) struct PageArguments {
    /// Also write one HTML page to pass on, which needs nothing else: tables, charts, findings, limits, and the
    /// scenario with what was replaced in it. For one scenario
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ScenarioArguments {
    /// Scenario files, or names of shipped scenarios
    #[arg(required = true, value_name = "SCENARIO")]
    pub(crate) scenarios: Vec<PathBuf>,

    /// Replace a value of the scenario: `run.window=1 min`, `flow.orders.arrivals.rate=1200 /s`,
    /// `deployment.scalable.nodes.gateway=4`, `profile.gateway.cores=4`; can be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) overrides: Vec<Override>,
}

#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 all files are right, 2 some are not.")]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    pub(crate) scenarios: ScenarioArguments,
}

#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// The file to write; it must not exist yet
    #[arg(default_value = "scenario.toml", value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// What to list [default: everything]
    #[arg(value_enum)]
    pub(crate) kind: Option<Kind>,

    /// Print the file of this name
    #[arg(requires = "kind")]
    pub(crate) name: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Placements of roles on clusters
    Patterns,
    /// Behaviour of kinds of node
    Profiles,
    /// Scenarios
    Scenarios,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("instead").multiple(true).args(["measurements", "coverage"]))]
#[command(after_help = "Exit status: 0 every interval covers the exact value, 1 some do not, \
                        2 the command could not be done. With --measurements 0, however close.")]
pub(crate) struct VerifyArguments {
    /// Compare with measurements instead: with what WSO2 has published, each family simulated with the
    /// shipped profile of its name, or with the files given
    #[arg(long, value_name = "MEASUREMENTS", num_args = 0..)]
    pub(crate) measurements: Option<Vec<PathBuf>>,

    /// The profile for the files given: a shipped one or a profile file [default: that of the name of
    /// the family, where one is given]
    #[arg(long, value_name = "NAME", requires = "measurements")]
    pub(crate) profile: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) unsaid: UnsaidArguments,

    /// Count instead how often intervals cover the truth, over the same experiments with many seeds
    #[arg(long, conflicts_with = "measurements")]
    pub(crate) coverage: bool,

    /// So many experiments of each kind
    #[arg(long, value_name = "N", default_value_t = 100, requires = "coverage",
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_REPLICATIONS)))]
    pub(crate) seeds: u32,

    /// Print what WSO2 has published beside its simulation, or the coverage, as a Markdown table
    #[arg(long, requires = "instead", conflicts_with = "profile")]
    pub(crate) markdown: bool,

    /// Seed of every random number
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,

    #[command(flatten)]
    pub(crate) threads: ThreadArguments,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 a profile was fitted, 1 one was written by --force that is not to \
                        be relied on, 2 none could be fitted."
)]
pub(crate) struct CalibrateArguments {
    /// What a load generator wrote of each request (JMeter, k6, hey, oha, h2load, Tsung, ab, vegeta, Gatling),
    /// a table of load tests, `correlation.log`, `apim_metrics.log` or an access log with durations; or the
    /// name of a family that WSO2 has published
    #[arg(required = true, value_name = "MEASUREMENTS")]
    pub(crate) measurements: Vec<PathBuf>,

    /// The profile to start from: a shipped one or a profile file
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: PathBuf,

    /// The profile file to write; measured and simulated figures are written beside it, as .csv and
    /// .png
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// The log of garbage collection of a node in the one load test that there is (`-Xlog:gc*:file=gc.log`): says
    /// what requests allocate, how large the young generation is, how long pauses are and what copying adds, so that
    /// none of it is fitted; and the collector, its threads and the heap
    #[arg(long, value_name = "FILE")]
    pub(crate) gc_log: Option<PathBuf>,

    /// Fit only parameters whose names begin so, like demand.ai, and leave all others as the profile has
    /// them. Can be repeated
    #[arg(long, value_name = "BEGIN")]
    pub(crate) fit: Vec<String>,

    /// Write the profile even where it is not to be relied on: a throughput comes out more than 10 % off,
    /// or no demand is determined. The exit status is 1 then
    #[arg(long)]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) unsaid: UnsaidArguments,

    /// Seed of every random number
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,

    #[command(flatten)]
    pub(crate) threads: ThreadArguments,
}

/// What a file of measurements does not say.
#[derive(Debug, Args)]
pub(crate) struct UnsaidArguments {
    /// Cores of the measured node, where the file does not say
    #[arg(long, value_name = "N", value_parser = positive)]
    pub(crate) cores: Option<f64>,

    /// Heap of the measured node, like "2 GiB", where the file does not say
    #[arg(long, value_name = "SIZE", value_parser = scenarios::memory_kib)]
    pub(crate) heap: Option<f64>,

    /// Users at once, where the file does not say or counts the threads of one of several servers
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) users: Option<u32>,

    /// Size of a message, like "1 KiB"; bytes in a log count headers too
    #[arg(long, value_name = "SIZE", value_parser = scenarios::size_kib)]
    pub(crate) size: Option<f64>,

    /// How long the backend takes, where the file does not say: "500 ms", always; "30 ms cv 0.5", so long
    /// on average and lognormal with this standard deviation over mean; "GET /orders=30 ms cv 0.5", that
    /// of one operation. Can be repeated. What is not stated is fitted
    #[arg(long, value_name = "[OPERATION=]TIME[ cv CV]", value_parser = backend_delay::parse)]
    pub(crate) backend_delay: Vec<BackendDelay>,

    /// Nodes that took the load together, behind a balancer, where the file does not say
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) nodes: Option<u32>,

    /// How much of the beginning of a log is left out as warm-up, like "5 min"
    #[arg(long, value_name = "TIME", value_parser = scenarios::duration)]
    pub(crate) discard: Option<SimDuration>,

    /// Use this operation (scenario, label, API) alone
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Option<String>,

    /// Call the operation so, where there is one
    #[arg(long, value_name = "NAME")]
    pub(crate) operation: Option<String>,

    /// What comes first in dates like 03/04/2026, where nothing in the file shows it
    #[arg(long, value_name = "ORDER", value_enum)]
    pub(crate) dates: Option<DateOrder>,

    /// Leave failed requests of a load generator out up to this share, and the whole test above it
    /// [default: 5 %]
    #[arg(long, value_name = "SHARE", value_parser = scenarios::share)]
    pub(crate) most_failed: Option<f64>,
}

/// The order of day and month.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum DateOrder {
    DayFirst,
    MonthFirst,
}

/// A number above 0.
fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && number.is_finite() && number <= 1024.0 => Ok(number),
        _ => Err("it is a number above 0 and at most 1024".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}
