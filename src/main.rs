//! apimsim: which WSO2 API Manager deployment carries this traffic, with how many nodes.

mod arguments;
mod backend_delay;
mod commands;
mod failure;
mod output;
mod progress;
mod sealed;
mod study_file;
mod task_file;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use failure::Failure;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Run(arguments) => commands::run::run(&arguments),
        Command::Plan(arguments) => commands::plan::run(&arguments),
        Command::Sweep(arguments) => commands::sweep::run(&arguments),
        Command::Report(arguments) => commands::report::run(&arguments),
        Command::Check(arguments) => commands::check::run(&arguments),
        Command::Init(arguments) => commands::init::run(&arguments),
        Command::Schema => commands::schema::run(),
        Command::List(arguments) => commands::list::run(&arguments),
        Command::Calibrate(arguments) => commands::calibrate::run(&arguments),
        Command::Verify(arguments) => commands::verify::run(&arguments),
        Command::Completions(arguments) => commands::completions::run(&arguments),
    };
    match done {
        Ok(outcome) => outcome.into(),
        // Whoever reads our output has read enough.
        Err(Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            output::complain(&failure.to_string());
            ExitCode::from(2)
        }
    }
}
