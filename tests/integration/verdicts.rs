//! What a user reads about goals: each by its own number, or the reason.

use serde_json::Value;

use crate::program::Folder;

/// A queue of its own for each of two tenants; `noisy` brings half as much again as its node can do.
const TENANTS: &str = r#"
[run]
window = "10 s"
warm_up = "1 s"
replications = 3
[goal]
p99 = "250.4 ms"
error_rate = "0.1 %"
[[flow]]
name = "quiet"
kind = "api"
tenant = "q"
arrivals = { process = "poisson", rate = "30 /s" }
operation = "job"
goal = { p99 = "50 ms" }
[[flow]]
name = "noisy"
kind = "api"
tenant = "n"
arrivals = { process = "poisson", rate = "300 /s" }
operation = "job"
[[deployment]]
name = "apart"
[deployment.clusters.of-quiet]
roles = ["gateway"]
tenant = "q"
nodes = 2
profile = "plain"
[deployment.clusters.of-noisy]
roles = ["gateway"]
tenant = "n"
nodes = 2
profile = "plain"
[profile.plain]
cores = 1
demand = { job = "10 ms" }
"#;

/// The table, with every run of spaces and line ends as one space, and the exit status.
fn told(text: &str, changes: &[&str]) -> (String, Option<i32>) {
    let folder = Folder::new();
    folder.write("case.toml", text);
    folder.write("late.csv", "time_s\n90\n");
    let mut words = vec!["run", "case.toml"];
    words.extend(changes.iter().flat_map(|change| ["--set", change]));
    let ended = folder.run(&words);
    let told = ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(matches!(ended.status, Some(0 | 1)), "{}", ended.stderr);
    (told, ended.status)
}

#[track_caller]
fn assert_says(told: &str, expected: &str) {
    assert!(told.contains(expected), "`{expected}` is not in:\n{told}");
}

#[test]
fn an_overload_is_said_once_with_its_flows_and_other_goals_by_their_numbers() {
    let (told, status) = told(TENANTS, &[]);
    assert_eq!(status, Some(1));
    assert_says(
        &told,
        "overloaded: `of-noisy` is offered 3 of 2 cores by `noisy`, stops included; it can carry at \
         most about 200 /s of the 300 /s offered",
    );
    assert_says(
        &told,
        "missed: p99 and error rate of `noisy` (all nodes up); the backlog at `of-noisy` grows",
    );
    assert_eq!(told.matches("overloaded:").count(), 1, "{told}");
    assert_eq!(told.matches("missed:").count(), 1, "{told}");
    // Of about 900 requests none failed.
    assert_says(&told, "undecided: error rate of `quiet` is at most 0.3");
    assert_says(&told, "against 0.1 % (all nodes up); about");
}

#[test]
fn a_limit_is_printed_as_it_was_written_and_a_flow_has_its_own() {
    let slower = ["flow.noisy.arrivals.rate=100 /s", "profile.plain.demand.job=19 ms"];
    let (told, _) = told(TENANTS, &[&slower[..], &["flow.noisy.goal.p99=12.345 ms"]].concat());
    assert_says(&told, "against 12.345 ms (all nodes up)");
    let (told, _) = self::told(TENANTS, &["profile.plain.demand.job=900 ms"]);
    assert_says(&told, "p99 and error rate of `quiet` (all nodes up); the backlog at `of-quiet`");
}

#[test]
fn a_goal_of_a_flow_is_in_the_inputs_as_understood_and_in_the_table() {
    let folder = Folder::new();
    folder.write("case.toml", TENANTS);
    let found = folder.json(&["run", "case.toml", "--json", "--set", "flow.quiet.goal.p99.9=2 s"]);
    let goal = &found["scenario"]["flow"][0]["goal"];
    assert_eq!((&goal["p99"], &goal["p99.9"]), (&"50 ms".into(), &"2 s".into()));
    let limits: Vec<_> = found["deployments"][0]["goals"]
        .as_array()
        .expect("checks")
        .iter()
        .map(|check| (check["flow"].clone(), check["goal"].clone(), check["limit"].clone()))
        .collect();
    let expected: [(Value, Value, Value); 5] = [
        ("quiet".into(), "p99".into(), 50.0.into()),
        ("noisy".into(), "p99".into(), 250.4.into()),
        ("quiet".into(), "p99.9".into(), 2000.0.into()),
        ("quiet".into(), "error_rate".into(), 0.001.into()),
        ("noisy".into(), "error_rate".into(), 0.001.into()),
    ];
    assert_eq!(limits, expected);
    let table = folder.run(&["run", "case.toml", "--set", "flow.quiet.goal.p99.9=2 s"]).stdout;
    assert!(table.contains("p99.9 ms"), "{table}");
}

#[test]
fn a_share_of_no_request_is_a_dash_and_null() {
    let late = [
        "flow.quiet.arrivals={ process = \"trace\", file = \"late.csv\" }",
        "flow.noisy.arrivals.rate=30 /s",
        "goal.availability=99 %",
    ];
    let (told, status) = told(TENANTS, &late);
    assert_eq!(status, Some(1));
    assert_says(&told, "apart 0 0 – – – – –");
    assert_says(
        &told,
        "undecided: p99, error rate and availability of `quiet` (all nodes up); no request in the \
         window",
    );
    let folder = Folder::new();
    folder.write("case.toml", TENANTS);
    folder.write("late.csv", "time_s\n90\n");
    let set: Vec<_> = late.iter().flat_map(|change| ["--set", change]).collect();
    let found = folder.json(&[&["run", "case.toml", "--json"][..], &set].concat());
    let flow = &found["deployments"][0]["flows"][0];
    for share in ["error_fraction", "availability", "retries"] {
        assert_eq!(flow[share]["mean"], Value::Null, "{share}");
    }
}

#[test]
fn availability_is_that_of_a_year_where_nodes_crash() {
    let crashes = [
        "flow.noisy.arrivals.rate=30 /s",
        "profile.plain.mtbf=1 d",
        "profile.plain.mttr=30 min",
        "goal.availability=99.99 %",
    ];
    let (told, status) = told(TENANTS, &crashes);
    assert_eq!(status, Some(1));
    // Both of two nodes are down together for (30 ÷ 1470)² = 0.0416 % of the time.
    assert_says(&told, "missed: availability of `quiet` is 99.95");
    assert_says(&told, "against 99.99 % (over 365 d)");
    assert_says(&told, "horizons with failures: `");
    assert_says(&told, "is 99.95");
    assert_says(&told, "most by crashes");
}

#[test]
fn a_drill_is_named_where_nodes_are_down() {
    let drill = "[[drill]]\nat = \"2 s\"\nnodes = 2\nwhat = \"of-quiet\"\nfor = \"3 s\"\n";
    let text = TENANTS.replace("[[deployment]]", &format!("{drill}[[deployment]]"));
    let (told, _) = told(&text, &["flow.noisy.arrivals.rate=30 /s"]);
    assert_says(&told, "missed: error rate of `quiet` is");
    assert_says(&told, "against 0.1 % (with the drill)");
    assert!(!told.contains("all nodes up"), "{told}");
}
