//! What is wrong in a file is said with file, line, what it is, and what would be right.

use crate::program::Folder;

/// A right scenario with a placement and a profile of its own.
const RIGHT: &str = r#"title = "Right"
[run]
window = "1 s"
warm_up = "1 s"
replications = 2
[[flow]]
name = "calls"
kind = "api"
arrivals = { process = "poisson", rate = "500 /s" }
[[deployment]]
name = "one"
[deployment.clusters.server]
roles = ["gateway"]
nodes = 1
profile = "mine"
[profile.mine]
cores = 1
demand.passthrough = { mean = "1 ms", law = "exponential" }
"#;

/// What stands in the right scenario, what it is replaced by, the line, what is said, and what would
/// be right.
const CASES: [(&str, &str, usize, &str, &str); 13] = [
    ("window", "windw", 3, "unknown key `windw`", "did you mean `window`?"),
    ("\"1 s\"", "\"1 /s\"", 3, "`1 /s` is not a duration", "300 ms"),
    ("\"500 /s\"", "\"-500 /s\"", 9, "`-500 /s` is negative", ""),
    ("\"500 /s\"", "500", 9, "`500` is not a rate", "write it as \"500 /s\""),
    ("\"500 /s\"", "\"nan /s\"", 9, "is not a rate", "/s"),
    (
        "[profile.mine]",
        "[deployment.clusters.spare]\nroles = [\"micro-integrator\"]\nnodes = 1\n\
         profile = \"micro-integrator\"\n[profile.mine]",
        16,
        "the cluster `spare` is reached by no flow",
        "remove it",
    ),
    (
        "profile = \"mine\"",
        "profile = \"mien\"",
        15,
        "there is no profile `mien`",
        "did you mean `mine`?",
    ),
    (
        "process = \"poisson\", rate = \"500 /s\"",
        "process = \"trace\", file = \"absent.csv\"",
        9,
        "absent.csv",
        "",
    ),
    ("\"exponential\"", "\"lognormal\"", 18, "the key `cv` is missing", "cv = 0.8"),
    (
        "roles = [\"gateway\"]",
        "roles = [\"publisher\"]",
        8,
        "needs a `gateway`",
        "roles = [\"gateway\"]",
    ),
    ("passthrough", "passthru", 8, "does not know it", "add profile.mine.demand.passthrough"),
    ("cores = 1", "cores = -1", 17, "`-1` is out of range", "from 0.01 to 1024"),
    ("[run]", "[run", 2, "this is not TOML", ""),
];

#[test]
fn every_command_says_file_line_what_is_wrong_and_what_would_be_right() {
    let folder = Folder::new();
    for (right, wrong, line, what, help) in CASES {
        let text = RIGHT.replacen(right, wrong, 1);
        assert_ne!(text, RIGHT, "{right}");
        folder.write("case.toml", text);
        for command in ["check", "run"] {
            let ended = folder.run(&[command, "case.toml"]);
            assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""), "{command}: {wrong}");
            for part in [what, help, &format!("case.toml:{line}:")] {
                assert!(ended.stderr.contains(part), "{wrong} lacks {part}\n{}", ended.stderr);
            }
            assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
            assert!(!ended.stderr.contains('\u{1b}'), "{}", ended.stderr);
        }
    }
    assert_eq!(folder.files("."), ["case.toml"], "nothing is written");
}

#[test]
fn all_problems_of_a_file_are_said_at_once() {
    let folder = Folder::new();
    let text = RIGHT
        .replacen("window = \"1 s\"", "window = \"1 sec\"", 1)
        .replace("\"500 /s\"", "500")
        .replace("\"api\"", "\"apis\"")
        .replace("cores = 1", "core = 1");
    folder.write("case.toml", text);
    let ended = folder.run(&["check", "case.toml"]);
    assert_eq!(ended.status, Some(2));
    for line in [3, 8, 9, 17] {
        let place = format!("case.toml:{line}:");
        assert!(ended.stderr.contains(&place), "{place}\n{}", ended.stderr);
    }
}

#[test]
fn all_files_are_checked_and_those_that_are_right_are_said_to_be() {
    let folder = Folder::new();
    folder.write("right.toml", RIGHT);
    folder.write("wrong.toml", RIGHT.replace("cores", "croes"));
    folder.write("worse.toml", "title");
    let ended = folder.run(&["check", "wrong.toml", "right.toml", "worse.toml"]);
    assert_eq!(ended.status, Some(2));
    assert!(ended.stdout.contains("right.toml: right; 1 flows, 1 deployments"), "{}", ended.stdout);
    assert!(ended.stderr.contains("wrong.toml:17:"), "{}", ended.stderr);
    assert!(ended.stderr.contains("worse.toml:1:"), "{}", ended.stderr);
}

#[test]
fn a_missing_scenario_is_named_with_those_that_are_shipped() {
    let folder = Folder::new();
    for name in ["lunch-peak", "absent.toml"] {
        let ended = folder.run(&["run", name]);
        assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""));
        assert!(ended.stderr.contains(name), "{}", ended.stderr);
        assert!(ended.stderr.contains("launch-peak"), "{}", ended.stderr);
    }
}

#[test]
fn a_csv_file_is_looked_for_beside_the_scenario_and_its_lines_are_named() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("below")).expect("a folder");
    let trace = "process = \"trace\", file = \"trace.csv\"";
    let text = RIGHT.replace("process = \"poisson\", rate = \"500 /s\"", trace);
    folder.write("below/case.toml", text);
    folder.write("below/trace.csv", "time_s\n0.5\n1.2\n1.4\n");
    let ended = folder.run(&["check", "below/case.toml"]);
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    for (content, said) in [
        ("time_s\n0.5\nlater\n", "trace.csv:3"),
        ("time_s\n0.5\n0.4\n", "trace.csv:3"),
        ("when\n0.5\n", "time_s"),
        ("time_s\n", "trace.csv"),
        ("", "trace.csv"),
        ("time_s\nNaN\n", "trace.csv:2"),
        ("time_s\n-1\n", "trace.csv:2"),
    ] {
        folder.write("below/trace.csv", content);
        let ended = folder.run(&["check", "below/case.toml"]);
        assert_eq!(ended.status, Some(2), "{content:?}");
        assert!(ended.stderr.contains(said), "{content:?} lacks {said}\n{}", ended.stderr);
    }
}
