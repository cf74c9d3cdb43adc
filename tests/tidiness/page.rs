//! Whether `ARCHITECTURE.md` is true: all that it names is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::sources::{CRATES, root, text};

const PAGE: &str = "ARCHITECTURE.md";

/// Words of a command line that the page may use.
const OF_COMMAND_LINES: [&str; 3] = ["--set", "verify", "match"];

#[test]
fn every_path_and_every_name_of_the_page_exists() {
    let wrong = wrong_in(&text(PAGE), &Tree::read());
    assert!(wrong.is_empty(), "{PAGE}: {}", wrong.join("; "));
}

#[test]
fn a_page_that_names_what_is_not_there_is_found_out() {
    let tree = Tree::read();
    let wrong = |page: &str| wrong_in(page, &tree);
    let right = "`every_path_and_every_name_of_the_page_exists` in `tests/tidiness/page.rs`";
    assert_eq!(wrong(right).len(), 0);
    assert_eq!(wrong("`sim/src/engine.rs`, `sim/src/engine/`, `Scenario`, `sim`").len(), 0);
    for page in [
        // A file and a folder that do not exist.
        "`sim/src/machine_of_dreams.rs`",
        "`sim/src/dreams/`",
        "```text\ndreams/  a room\n```",
        // A test that does not exist, one that stands elsewhere, and a function that is no test.
        "`nothing_is_ever_wrong_here`",
        "`every_path_and_every_name_of_the_page_exists` in `tests/tidiness/sizes.rs`",
        "`collector_threads_of_the_jvm`, `lines_outside_tests`",
        // A type that does not exist, and what is none of these.
        "`MachineOfDreams`",
        "`this + that`",
    ] {
        assert_ne!(wrong(page).len(), 0, "{page}");
    }
}

/// What the page may name.
struct Tree {
    /// The names of tests, each with the files in which one stands.
    tests: BTreeMap<String, BTreeSet<String>>,
    /// Names of types and traits.
    types: BTreeSet<String>,
}

impl Tree {
    fn read() -> Self {
        let mut tree = Self { tests: BTreeMap::new(), types: BTreeSet::new() };
        for folder in ["src", "sim", "scenarios", "measurements", "reports", "tests"] {
            tree.add(Path::new(folder));
        }
        tree
    }

    fn add(&mut self, path: &Path) {
        if root().join(path).is_dir() {
            for entry in fs::read_dir(root().join(path)).expect("a folder of the project") {
                self.add(&path.join(entry.expect("it has a name").file_name()));
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = path.display().to_string();
            self.add_names(&text(&file), &file);
        }
    }

    /// Adds what a file defines: what follows `#[test]`, and all types.
    fn add_names(&mut self, text: &str, file: &str) {
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            let defined =
                private(line).split_once(' ').map(|(kind, rest)| (kind, first_word(rest)));
            match defined {
                Some(("fn", name)) => {
                    if is_test {
                        self.tests.entry(name.to_owned()).or_default().insert(file.to_owned());
                    }
                    is_test = false;
                }
                Some(("struct" | "enum" | "trait" | "type", name)) => {
                    self.types.insert(name.to_owned());
                }
                _ => is_test |= line == "#[test]",
            }
        }
    }
}

/// A definition without its visibility.
fn private(line: &str) -> &str {
    match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ").map_or(line, |(_, rest)| rest),
        Some(rest) => rest.trim_start(),
        None => line,
    }
}

/// The identifier with which a text begins.
fn first_word(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
    &text[..end.unwrap_or(text.len())]
}

/// What a page names that is not there.
fn wrong_in(page: &str, tree: &Tree) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut drawn = false;
    for line in page.lines() {
        if line.starts_with("```") {
            drawn = !drawn;
        } else if drawn {
            let paths = line.split_whitespace().filter(|word| word.ends_with('/'));
            wrong.extend(paths.filter(|path| !exists(path)).map(str::to_owned));
        } else {
            wrong_in_line(line, tree, &mut wrong);
        }
    }
    wrong
}

/// Tests stand in the file that is named next.
fn wrong_in_line(line: &str, tree: &Tree, wrong: &mut Vec<String>) {
    let named: Vec<&str> = line.split('`').skip(1).step_by(2).collect();
    for (place, name) in named.iter().enumerate() {
        let file = named[place..].iter().find(|name| name.contains('/'));
        let right = match kind(name) {
            Kind::Path => exists(name),
            Kind::Test => tree
                .tests
                .get(*name)
                .is_some_and(|files| file.is_none_or(|file| files.contains(*file))),
            Kind::Type => tree.types.contains(*name),
            Kind::Word => {
                CRATES.iter().any(|(known, _)| known == name) || OF_COMMAND_LINES.contains(name)
            }
        };
        if !right {
            wrong.push(format!("`{name}` is not there"));
        }
    }
}

enum Kind {
    Path,
    Test,
    Type,
    Word,
}

fn kind(name: &str) -> Kind {
    if name.contains('/') || name.contains('.') {
        Kind::Path
    } else if name.matches('_').count() >= 2 {
        Kind::Test
    } else if name.starts_with(char::is_uppercase) {
        Kind::Type
    } else {
        Kind::Word
    }
}

/// Whether there is such a file or, where it ends with a slash, such a folder.
fn exists(path: &str) -> bool {
    let found = root().join(path);
    if path.ends_with('/') { found.is_dir() } else { found.is_file() }
}
