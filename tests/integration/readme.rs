//! What `README.md` shows is what happens.
//!
//! A fenced block marked `console` holds commands, each after `$ `, and below a command what it
//! prints. `cargo run --release -- ARGS` is run as `apimsim ARGS` in a copy of what the repository
//! ships; every line shown must be printed, in that order; `...` stands for lines left out. Other
//! commands are not run, but must be ones that are known to work.

use std::fs;
use std::path::Path;

use crate::program::{Folder, repository};

const PROGRAM: &str = "cargo run --release -- ";

/// Commands that are not run here, but elsewhere.
const KNOWN: [&str; 8] = [
    "cargo build --release",
    "cargo test",
    "cargo test --workspace",
    "cargo bench",
    "cargo doc --open",
    "cargo doc --no-deps --open",
    "cargo clippy --workspace --all-targets",
    "cargo install --path .",
];

/// A command with what is shown below it.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    command: String,
    output: Vec<String>,
}

/// Every command of every `console` block.
fn commands(text: &str) -> Vec<Shown> {
    let mut commands: Vec<Shown> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.trim_start().strip_prefix("```") {
            Some(mark) => inside = !inside && mark.trim() == "console",
            None if !inside => {}
            None => match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push(Shown {
                    command: command.split(" #").next().unwrap_or(command).trim().to_owned(),
                    output: Vec::new(),
                }),
                (None, Some(last)) => last.output.push(line.trim().to_owned()),
                (None, None) => panic!("a console block begins with a command, not with {line}"),
            },
        }
    }
    for shown in &mut commands {
        shown.output.retain(|line| !line.is_empty() && line != "...");
    }
    commands
}

/// The words of a command, of which some are in quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for letter in command.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, ' ') => words.push(String::new()),
            _ => words.last_mut().expect("never empty").push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The first line shown that is not printed after those before it.
fn missing<'a>(shown: &'a [String], printed: &str) -> Option<&'a str> {
    let mut printed = printed.lines().map(str::trim);
    shown.iter().find(|line| !printed.any(|other| other == line.as_str())).map(String::as_str)
}

/// Copies what a user sees of the repository, but not what is built or kept of its history.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("a name");
        if ["target", "out", ".git"].iter().any(|skipped| name == *skipped) {
            continue;
        }
        let target = to.join(name);
        if path.is_dir() {
            fs::create_dir(&target).expect("a new folder");
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a copy");
        }
    }
}

/// Whether a command that is not run here is known.
fn is_known(command: &str) -> bool {
    let ci = fs::read_to_string(repository().join(".ci/run")).unwrap_or_default();
    KNOWN.contains(&command) || ci.lines().any(|line| line.trim() == command)
}

/// What is wrong with a command as it is shown.
fn problem(folder: &Folder, shown: &Shown) -> Option<String> {
    let Some(arguments) = shown.command.strip_prefix(PROGRAM) else {
        let unknown = format!("`{}` is no command that is known to work", shown.command);
        return (!is_known(&shown.command)).then_some(unknown);
    };
    let words = words(arguments);
    let ended = folder.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let printed = ended.stdout + &ended.stderr;
    if printed.contains("panicked") || ended.status.is_none() || printed.starts_with("error:") {
        return Some(format!("`{}` fails:\n{printed}", shown.command));
    }
    let line = missing(&shown.output, &printed)?;
    Some(format!("`{}` does not print\n{line}\nbut\n{printed}", shown.command))
}

/// What is wrong with the commands that a text shows.
fn problems(text: &str) -> Vec<String> {
    let commands = commands(text);
    if !commands.iter().any(|shown| shown.command.starts_with(PROGRAM)) {
        return vec![format!("there is no console block with `{PROGRAM}`")];
    }
    let folder = Folder::new();
    copy(repository(), folder.path());
    commands.iter().filter_map(|shown| problem(&folder, shown)).collect()
}

#[test]
fn every_command_of_the_readme_prints_what_is_shown() {
    let text = fs::read_to_string(repository().join("README.md")).expect("README.md");
    let problems = problems(&text);
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

const FIXTURE: &str = "
Look at what is shipped:

```console
$ cargo run --release -- list scenarios
scenarios
...
  streaming                  Streaming
$ cargo run --release -- check low-traffic --set 'run.window=1 min'   # says nothing is wrong
low-traffic: right; 3 flows, 1 deployments
$ cargo test
```

```toml
$ this is no command
```
";

#[test]
fn a_text_that_shows_what_happens_has_no_problems() {
    assert_eq!(problems(FIXTURE), Vec::<String>::new());
}

#[test]
fn a_text_that_shows_something_else_is_found_out() {
    for (right, wrong, said) in [
        ("Streaming", "Screaming", "does not print"),
        (
            "scenarios\n...\n  streaming                  Streaming",
            "  streaming                  Streaming\nscenarios",
            "does not print",
        ),
        ("cargo test", "cargo tset", "no command that is known"),
        ("list scenarios", "lists", "fails"),
        ("console", "text", "there is no console block"),
    ] {
        let text = FIXTURE.replacen(right, wrong, 1);
        assert_ne!(text, FIXTURE, "{right}");
        let problems = problems(&text);
        assert!(problems.len() == 1 && problems[0].contains(said), "{wrong}: {problems:?}");
    }
}

#[test]
fn words_in_quotes_are_one() {
    assert_eq!(
        words("run x  --set \"run.window=1 min\" --set 'a=b \"c\"'"),
        ["run", "x", "--set", "run.window=1 min", "--set", "a=b \"c\""]
    );
}
