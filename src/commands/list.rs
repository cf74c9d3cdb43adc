//! `apimsim list`: what is shipped.

use std::io::{Write, stdout};

use scenarios::catalogue::{self, Entry};

use super::{Failure, Outcome};
use crate::arguments::{Kind, ListArguments};

pub(crate) fn run(arguments: &ListArguments) -> Result<Outcome, Failure> {
    let shelves = [
        (Kind::Patterns, "patterns", catalogue::patterns()),
        (Kind::Profiles, "profiles", catalogue::profiles()),
        (Kind::Scenarios, "scenarios", catalogue::scenarios()),
    ];
    let wanted =
        shelves.into_iter().filter(|(kind, ..)| arguments.kind.is_none_or(|only| only == *kind));
    for (_, heading, entries) in wanted {
        match &arguments.name {
            Some(name) => print_file(name, &entries)?,
            None => print_shelf(heading, &entries)?,
        }
    }
    Ok(Outcome::Good)
}

fn print_shelf(heading: &str, entries: &[Entry]) -> Result<(), Failure> {
    writeln!(stdout(), "{heading}")?;
    for entry in entries {
        writeln!(stdout(), "  {:<26} {}", entry.name, entry.title)?;
    }
    Ok(())
}

fn print_file(name: &str, entries: &[Entry]) -> Result<(), Failure> {
    let Some(entry) = entries.iter().find(|entry| entry.name == name) else {
        let known = entries.iter().map(|entry| entry.name).collect();
        return Err(Failure::NotShipped { name: name.to_owned(), known });
    };
    Ok(write!(stdout(), "{}", entry.text)?)
}
