//! `apimsim plan`.

use serde_json::Value;

use crate::program::Folder;

/// Two flows that each ask for two nodes of their own cluster, as overloads and closed forms tell.
const TWO: &str = r#"
[run]
window = "20 s"
warm_up = "2 s"
[goal]
p99 = "250 ms"
[plan]
patterns = ["mine"]
most = 4
[[flow]]
name = "calls"
kind = "api"
arrivals = { process = "poisson", rate = "150 /s" }
operation = "job"
[[flow]]
name = "tokens"
kind = "token"
arrivals = { process = "poisson", rate = "130 /s" }
[[deployment]]
name = "mine"
[deployment.clusters.gateway]
roles = ["gateway"]
nodes = 1
profile = "plain"
[deployment.clusters.identity]
roles = ["key-manager"]
nodes = 1
profile = "plain"
[profile.plain]
cores = 1
price = "0.1 /h"
[profile.plain.demand]
job = { law = "exponential", mean = "10 ms" }
token = { law = "exponential", mean = "10 ms" }
"#;

#[test]
fn a_plan_is_written_as_a_table_csv_json_chart_and_a_scenario_that_confirms_it() {
    let folder = Folder::new();
    folder.write("two.toml", TWO);
    let ended = folder.run(&["plan", "two.toml"]);
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    let told = "The cheapest is `mine` with gateway=2 identity=2: 292 a month.";
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
    let csv = folder.read("out/two/plan.csv");
    let mut lines = csv.lines();
    let header = lines.next().expect("a header");
    assert!(header.starts_with(
        "scenario,pattern,nodes,price_per_month,verdict,binding_goal,binding_flow,binding_cluster,\
         margin,replications,"
    ));
    let chosen = lines.next().expect("the chosen one is first");
    assert!(chosen.starts_with("two,custom,gateway=2 identity=2,292,meets,p99,"), "{chosen}");
    let others = "two,custom,gateway=1 identity=1,146,overloaded,p99,";
    assert!(csv.lines().any(|line| line.starts_with(others)), "{csv}");
    assert!(
        std::fs::read(folder.path().join("out/two/plan.png"))
            .expect("written")
            .starts_with(b"\x89PNG")
    );

    let found = folder.json(&["plan", "two.toml", "--json"]);
    let plan = &found["plan"];
    let nodes = serde_json::json!({ "gateway": 2, "identity": 2 });
    assert_eq!((&plan["chosen"]["nodes"], &plan["patterns"][0]["nodes"]), (&nodes, &nodes));
    assert_eq!(plan["chosen"]["price_per_month"], 292.0);
    assert_eq!(plan["patterns"][0]["verdict"], "meets");
    assert_eq!(plan["patterns"][0]["ended"], "all that is cheaper is rejected");

    let confirmed = folder.json(&["run", "out/two/plan.toml", "--json"]);
    assert_eq!(confirmed["deployments"][0]["verdict"], "met");
    assert!(folder.read("out/two/plan.toml").contains("seed = 2"), "a seed of its own");
}

#[test]
fn a_plan_has_the_same_bytes_with_any_number_of_threads() {
    let folder = Folder::new();
    folder.write("two.toml", TWO);
    let plan = |threads: &str, out: &str| {
        let ended = folder.run(&["plan", "two.toml", "--threads", threads, "--out", out]);
        assert_eq!(ended.status, Some(0), "{}", ended.stderr);
        let files = ["plan.csv", "plan.json", "plan.png"];
        files.map(|file| std::fs::read(folder.path().join(out).join(file)).expect("written"))
    };
    assert_eq!(plan("1", "one"), plan("2", "two"));
}

#[test]
fn a_plan_of_patterns_begins_from_what_the_file_changes_of_them() {
    // One core, so that calls at 1 /s are carried by the fewest nodes of every pattern.
    let text = r#"
[run]
window = "60 s"
warm_up = "2 s"
[goal]
error_rate = "10 %"
[[flow]]
name = "calls"
kind = "api"
tenant = "acme"
arrivals = { process = "poisson", rate = "1 /s" }
integration = "micro-integrator"
[[deployment]]
name = "large"
pattern = "simple-scalable"
nodes = { control-plane = 5, gateway = 9, micro-integrator = 4 }
clusters = { gateway = { zones = 2 } }
"#;
    let folder = Folder::new();
    folder.write("day.toml", text);
    let found = folder.json(&["plan", "day.toml", "--json"]);
    let nodes = |index: usize| found["plan"]["patterns"][index]["nodes"].clone();
    let expected: [Value; 3] = [
        serde_json::json!({ "all-in-one": 2, "micro-integrator": 2 }),
        serde_json::json!({ "all-in-one": 2, "micro-integrator@acme": 2 }),
        serde_json::json!({ "control-plane": 2, "gateway": 2, "micro-integrator": 2 }),
    ];
    assert_eq!([nodes(0), nodes(1), nodes(2)], expected);
    assert_eq!(found["plan"]["patterns"][2]["deployment"], "large");
}

#[test]
fn where_nothing_meets_the_goals_it_is_said_and_no_answer_is_left() {
    let folder = Folder::new();
    folder.write("two.toml", TWO);
    assert_eq!(folder.run(&["plan", "two.toml"]).status, Some(0));
    let ended = folder.run(&["plan", "two.toml", "--set", "plan.most=1"]);
    assert_eq!(ended.status, Some(1), "{}", ended.stderr);
    let told = "no candidate with at most 1 node of each cluster meets the goals";
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
    assert!(!folder.path().join("out/two/plan.toml").exists());
}

#[test]
fn what_cannot_be_planned_is_said() {
    let folder = Folder::new();
    folder.write("none.toml", TWO.replace("p99 = \"250 ms\"", ""));
    let ended = folder.run(&["plan", "none.toml"]);
    assert_eq!(ended.status, Some(2));
    assert!(ended.stderr.contains("there is no goal to plan for"), "{}", ended.stderr);
    folder.write("wrong.toml", TWO.replace("\"mine\"]", "\"yours\"]"));
    let ended = folder.run(&["plan", "wrong.toml"]);
    assert_eq!(ended.status, Some(2));
    assert!(ended.stderr.contains("there is no pattern or deployment `yours`"), "{}", ended.stderr);
}
