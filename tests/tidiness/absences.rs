//! What must not be there: invariants of the house, as `ARCHITECTURE.md` lists them.

use crate::modules::{self, Modules};
use crate::sources::{self, Source, text};

/// Rooms between the program and the simulator, none of which knows another.
const ROOMS: [&str; 3] = ["scenarios", "measurements", "reports"];

/// Whatever reaches out of a pure computation.
const REACHES_OUT: [&str; 11] = [
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::time::Instant",
    "std::time::SystemTime",
    "print",
    "println",
    "eprint",
    "eprintln",
];

/// Parts of the simulator that know queues, not the product.
const OF_QUEUES: [&str; 6] = ["engine", "network", "oracle", "random", "stats", "theory"];

/// Words of the product and of its trade.
const WORDS_OF_THE_PRODUCT: [&str; 12] = [
    "api",
    "apim",
    "devportal",
    "gateway",
    "integrator",
    "introspection",
    "manager",
    "mediation",
    "portal",
    "publisher",
    "tenant",
    "wso2",
];

#[test]
fn the_simulator_reaches_no_file_terminal_environment_or_clock() {
    for source in of_crate("sim") {
        for path in modules::paths(&source) {
            let path = path.join("::");
            let out = REACHES_OUT.iter().find(|out| {
                path.strip_prefix(*out).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
            });
            assert!(out.is_none(), "{} names `{path}`; leave that to the program", source.file);
        }
    }
}

#[test]
fn the_rooms_do_not_know_one_another() {
    for member in ["sim"].iter().chain(&ROOMS) {
        let manifest = manifest(member);
        let needed = ["dependencies", "dev-dependencies", "build-dependencies"]
            .iter()
            .filter_map(|kind| manifest.get(kind)?.as_table())
            .flat_map(toml::Table::keys);
        for name in needed {
            let below = name == "sim" && ROOMS.contains(member);
            let ours = sources::CRATES.iter().any(|(known, _)| known == name);
            assert!(below || !ours, "{member} depends on {name}");
        }
    }
}

#[test]
fn the_network_and_the_engine_name_nothing_of_the_deployment() {
    let sources = of_crate("sim");
    let modules = Modules::of(&sources);
    for (from, to) in modules.edges().filter(|(from, _)| is_of_queues(from)) {
        let (from, to) = (from.join("::"), to.join("::"));
        assert!(!to.starts_with("deployment"), "`{from}` names `{to}`; say it as a queue's");
    }
}

#[test]
fn the_engine_knows_no_words_of_the_product() {
    for source in of_crate("sim").iter().filter(|source| is_of_queues(&source.path)) {
        let found = modules::words(source).into_iter().find(|word| is_of_the_product(word));
        assert_eq!(found, None, "{}: say it as a queue's", source.file);
    }
}

#[test]
fn no_hash_map_is_iterated_and_nothing_is_unsafe() {
    let workspace = manifest("");
    let lints = &workspace["workspace"]["lints"];
    assert_eq!(lints["rust"]["unsafe_code"].as_str(), Some("forbid"));
    assert_eq!(lints["clippy"]["iter_over_hash_type"].as_str(), Some("warn"));
    for member in ["", "sim", "scenarios", "measurements", "reports"] {
        let inherits = manifest(member)["lints"]["workspace"].as_bool();
        assert_eq!(inherits, Some(true), "`{member}` has lints of its own");
    }
    for source in of_crate("sim").iter().chain(&of_crate("reports")) {
        let unordered = |name: &String| name == "HashMap" || name == "HashSet";
        let found = modules::paths(source).iter().flatten().any(unordered);
        assert!(!found, "{} has a map without order; take a `BTreeMap`", source.file);
    }
}

#[test]
fn words_are_found_inside_names() {
    assert_eq!(words_in("KeyManager"), ["key", "manager"]);
    assert_eq!(words_in("is_all_in_one"), ["is", "all", "in", "one"]);
}

/// Whether a module of the simulator knows queues, not the product.
fn is_of_queues(module: &[String]) -> bool {
    module.first().is_some_and(|first| OF_QUEUES.contains(&first.as_str()))
}

fn is_of_the_product(name: &str) -> bool {
    words_in(name).iter().any(|word| WORDS_OF_THE_PRODUCT.contains(&word.as_str()))
}

fn of_crate(name: &str) -> Vec<Source> {
    let (_, file) = sources::CRATES.iter().find(|(known, _)| *known == name).expect("a crate");
    sources::of(file)
}

fn manifest(member: &str) -> toml::Value {
    let file =
        if member.is_empty() { "Cargo.toml".to_owned() } else { format!("{member}/Cargo.toml") };
    toml::from_str(&text(&file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The words of a name, in lower case: those of `KeyManager` are `key` and `manager`.
fn words_in(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if letter == '_' || letter.is_uppercase() {
            words.push(String::new());
        }
        if letter != '_' {
            words.last_mut().expect("there is one").extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
