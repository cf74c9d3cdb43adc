//! Every command but `run`.

use serde_json::Value;

use super::{QUEUE, SCENARIOS, words};
use crate::program::{Folder, repository};

/// The shipped scenarios whose clients wait no longer than what may stand before them.
const HURRIED: [&str; 3] = ["launch-peak", "retry-storm", "tenant-tenfold"];

#[test]
fn check_says_where_a_full_node_works_for_clients_that_have_left_and_run_does_not() {
    let folder = Folder::new();
    for name in HURRIED {
        let ended = folder.run(&["check", name]);
        assert_eq!(ended.status, Some(0), "{}", ended.stderr);
        let first = ended.stderr.lines().next().expect("a line");
        assert!(first.starts_with(&format!("{name}.toml:")), "{first}");
        assert!(first.contains("goes on for clients that have left; write profile."), "{first}");
        let ended = folder.run(&words(&["run", name]));
        assert!(!ended.stderr.contains("clients that have left"), "{}", ended.stderr);
    }
}

#[test]
fn check_is_silent_on_stderr_where_all_is_right_and_writes_nothing() {
    let folder = Folder::new();
    let scenarios = SCENARIOS.into_iter().filter(|name| !HURRIED.contains(name));
    let ended = folder.run(&["check"].into_iter().chain(scenarios.clone()).collect::<Vec<_>>());
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
    for name in scenarios {
        assert!(ended.stdout.contains(&format!("{name}: right; ")), "{}", ended.stdout);
    }
    assert_eq!(folder.files("."), Vec::<String>::new());
    folder.write("wrong.toml", "title = 1\n");
    assert_eq!(folder.run(&["check", "low-traffic", "wrong.toml"]).status, Some(2));
}

#[test]
fn a_folder_of_the_name_of_a_shipped_scenario_does_not_hide_it() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("low-traffic")).expect("a new folder");
    assert_eq!(folder.run(&["check", "low-traffic"]).status, Some(0));
}

#[test]
fn init_writes_a_scenario_that_is_right_and_runs_and_never_over_a_file() {
    let folder = Folder::new();
    let ended = folder.run(&["init"]);
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
    assert!(ended.stdout.contains("scenario.toml"), "{}", ended.stdout);
    assert_eq!(folder.run(&["check", "scenario.toml"]).status, Some(0));
    let ended = folder.run(&words(&["run", "scenario.toml"]));
    assert!(matches!(ended.status, Some(0 | 1)), "{ended:?}");
    folder.write("mine.toml", "mine");
    let ended = folder.run(&["init", "mine.toml"]);
    assert_eq!(ended.status, Some(2));
    assert!(ended.stderr.contains("mine.toml"), "{}", ended.stderr);
    assert_eq!(folder.read("mine.toml"), "mine");
    assert_eq!(folder.run(&["init", "no/such/folder.toml"]).status, Some(2));
}

fn json_of_toml(text: &str) -> Value {
    let value: toml::Value = toml::from_str(text).expect("TOML");
    serde_json::to_value(value).expect("TOML is JSON but for dates")
}

#[test]
fn the_schema_is_valid_and_so_are_the_shipped_scenarios_and_the_file_of_init() {
    let folder = Folder::new();
    let schema = folder.json(&["schema"]);
    jsonschema::meta::validate(&schema).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    folder.run(&["init", "starter.toml"]);
    let mut texts = vec![folder.read("starter.toml"), QUEUE.to_owned()];
    texts.extend(SCENARIOS.map(|name| folder.run(&["list", "scenarios", name]).stdout));
    for text in &texts {
        let problems: Vec<_> =
            validator.iter_errors(&json_of_toml(text)).map(|e| e.to_string()).collect();
        assert!(problems.is_empty(), "{problems:?}\n{text}");
    }
    for (right, wrong) in [
        ("arrivals", "arivals"),
        ("\"api\"", "\"apis\""),
        ("window = \"2 s\"", "window = 2"),
        ("nodes = 1", "nodes = \"1\""),
        ("cores = 1", "cores = 0"),
        ("\"exponential\"", "\"normal\""),
    ] {
        let text = QUEUE.replacen(right, wrong, 1);
        assert!(!validator.is_valid(&json_of_toml(&text)), "{wrong}");
    }
}

#[test]
fn theory_files_are_what_the_schema_says() {
    let folder = Folder::new();
    let schema = folder.json(&["schema"]);
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for file in std::fs::read_dir(repository().join("tests/theory")).expect("a folder") {
        let path = file.expect("readable").path();
        let text = std::fs::read_to_string(&path).expect("readable");
        assert!(validator.is_valid(&json_of_toml(&text)), "{}", path.display());
    }
}

#[test]
fn list_names_what_is_shipped_and_prints_it() {
    let folder = Folder::new();
    let everything = folder.run(&["list"]).stdout;
    let patterns = ["standard-ha", "standard-ha-multitenant", "simple-scalable"];
    let profiles =
        ["gateway", "all-in-one", "control-plane", "micro-integrator", "streaming-integrator"];
    for (kind, names) in
        [("patterns", &patterns[..]), ("profiles", &profiles), ("scenarios", &SCENARIOS)]
    {
        let listed = folder.run(&["list", kind]);
        assert_eq!((listed.status, listed.stderr.as_str()), (Some(0), ""));
        assert!(everything.contains(&listed.stdout), "{kind}");
        for name in names {
            assert!(listed.stdout.contains(&format!("  {name} ")), "{name}");
            let file = repository().join("scenarios");
            let folders =
                [("patterns", "patterns"), ("profiles", "profiles"), ("scenarios", "shipped")];
            let (_, shelf) = folders.iter().find(|(known, _)| *known == kind).expect("a shelf");
            let text = std::fs::read_to_string(file.join(shelf).join(format!("{name}.toml")));
            assert_eq!(folder.run(&["list", kind, name]).stdout, text.expect("a shipped file"));
        }
    }
    let ended = folder.run(&["list", "profiles", "gatway"]);
    assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("there are: gateway"), "{}", ended.stderr);
}

#[test]
fn a_shipped_profile_can_be_printed_changed_and_used() {
    let folder = Folder::new();
    let profile = folder.run(&["list", "profiles", "gateway"]).stdout;
    // Its tables become those of a profile of one's own.
    let own = profile.replace("[demand]", "[profile.mine.demand]");
    let head = QUEUE.split_once("[profile.mine]").expect("its last table").0;
    folder.write("own.toml", format!("{head}[profile.mine]\n{own}"));
    let ended = folder.run(&["run", "own.toml"]);
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn completions_are_scripts_of_their_shell() {
    let folder = Folder::new();
    for (shell, part) in
        [("bash", "complete -F"), ("zsh", "#compdef apimsim"), ("fish", "complete -c apimsim")]
    {
        let ended = folder.run(&["completions", shell]);
        assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""), "{shell}");
        assert!(ended.stdout.contains(part), "{shell}");
        for word in ["run", "check", "--threads", "scenarios"] {
            assert!(ended.stdout.contains(word.trim_start_matches('-')), "{shell}: {word}");
        }
    }
    assert_eq!(folder.run(&["completions", "cmd"]).status, Some(2));
}

#[test]
fn help_names_every_command_option_and_status() {
    let folder = Folder::new();
    let mentions: [(&[&str], &[&str]); 9] = [
        (
            &["--help"],
            &["run", "check", "init", "schema", "list", "verify", "completions", "--version"],
        ),
        (
            &["run", "--help"],
            &[
                "SCENARIO",
                "--out",
                "--json",
                "--jtl",
                "--seed",
                "--threads",
                "--set",
                "PATH=VALUE",
                "out/",
            ],
        ),
        (&["check", "--help"], &["SCENARIO", "--set"]),
        (&["init", "--help"], &["FILE", "scenario.toml"]),
        (&["schema", "--help"], &["JSON Schema"]),
        (&["list", "--help"], &["patterns", "profiles", "scenarios", "NAME"]),
        (
            &["verify", "--help"],
            &["--measurements", "--profile", "--markdown", "--seed", "--threads"],
        ),
        (&["calibrate", "--help"], &["MEASUREMENTS", "--profile", "--out", ".csv", ".png"]),
        (&["completions", "--help"], &["bash", "zsh", "fish"]),
    ];
    for (words, parts) in mentions {
        let ended = folder.run(words);
        assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""), "{words:?}");
        for part in parts {
            assert!(ended.stdout.contains(part), "{words:?} lacks {part}");
        }
        let has_status = ["--help", "run", "check", "verify", "calibrate"].contains(&words[0]);
        assert_eq!(ended.stdout.contains("Exit status: 0 "), has_status, "{words:?}");
    }
    let version = folder.run(&["--version"]).stdout;
    assert_eq!(version.trim(), format!("apimsim {}", env!("CARGO_PKG_VERSION")));
}
