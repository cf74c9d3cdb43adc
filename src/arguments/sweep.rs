//! The words of `apimsim sweep`.

use std::path::PathBuf;

use clap::Args;
use scenarios::{Axis, Override};

use super::threads::ThreadArguments;

#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 done, 2 it could not be done and trying again does not help, 75 a task was \
                        stopped or could not write its result and can be done again."
)]
#[command(group = clap::ArgGroup::new("one").args(["task", "merge"]))]
pub(crate) struct SweepArguments {
    /// Scenario file, or name of a shipped scenario
    #[arg(value_name = "SCENARIO", required_unless_present = "one", conflicts_with = "one")]
    pub(crate) scenario: Option<PathBuf>,

    /// A key and its values: a range with how many of them, `traffic=200 /s..3000 /s:15`, in equal ratios with ` log`
    /// behind it; or a list, `flow.orders.size=1 KiB, 10 KiB`. `traffic` is the rate of all flows together, `tenants`
    /// how many tenants share it. Can be repeated: all combinations are simulated
    #[arg(
        long,
        value_name = "PATH=VALUES",
        required_unless_present = "one",
        conflicts_with = "one"
    )]
    pub(crate) over: Vec<Axis>,

    /// So many points of a Latin hypercube instead of all combinations
    #[arg(long, value_name = "N", conflicts_with = "one",
          value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub(crate) latin: Option<u32>,

    /// Replace a value of the scenario: `run.window=1 min`; can be repeated
    #[arg(long = "set", value_name = "PATH=VALUE", conflicts_with = "one")]
    pub(crate) overrides: Vec<Override>,

    /// Folder for sweep.csv and sweep.png, and within it for the points that are done, which are used again
    /// [default: out/<scenario file's stem>; of --merge, its folder]
    #[arg(long, value_name = "DIR", conflicts_with = "task")]
    pub(crate) out: Option<PathBuf>,

    /// Begin anew, without the points that are done
    #[arg(long, conflicts_with = "one")]
    pub(crate) fresh: bool,

    /// Simulate nothing, but write a task for each point into this folder, and tasks.txt, a list of them, a path in each
    /// line, for whatever runs commands on many machines
    #[arg(long, value_name = "DIR", conflicts_with_all = ["one", "out"])]
    pub(crate) tasks: Option<PathBuf>,

    /// Do one task, and leave its result beside it
    #[arg(long, value_name = "FILE")]
    pub(crate) task: Option<PathBuf>,

    /// Put the results of all tasks of a folder together, as if one machine had done them
    #[arg(long, value_name = "DIR")]
    pub(crate) merge: Option<PathBuf>,

    /// Seed of every random number, instead of the scenario's
    #[arg(long, value_name = "N", conflicts_with = "one")]
    pub(crate) seed: Option<u64>,

    #[command(flatten)]
    pub(crate) threads: ThreadArguments,
}
