//! What `run --sensitivity` says of where the next euro goes.

use super::{field, rows};
use crate::program::Folder;

/// A node that crashes often; years in which so much happens are soon simulated.
const ONE: &str = r#"
[run]
window = "2 s"
warm_up = "1 s"
replications = 2

[goal]
horizon = "5 d"

[[flow]]
name = "calls"
kind = "api"
arrivals = { process = "poisson", rate = "20 /s" }
timeout = "1 s"

[[deployment]]
name = "one"
[deployment.clusters.server]
roles = ["gateway"]
nodes = 1
profile = "mine"
health = { check = "active", interval = "10 s", unhealthy = 2, healthy = 1 }

[profile.mine]
cores = 1
mtbf = "1 d"
mttr = "10 min"
start_up = "20 s"
demand.passthrough = { mean = "1 ms", law = "exponential" }
"#;

#[test]
fn each_change_has_its_row_and_what_it_buys_is_what_there_is_less() {
    let folder = Folder::new();
    folder.write("one.toml", ONE);
    let ended = folder.run(&["run", "one.toml", "--sensitivity", "--out", "out"]);
    assert!(ended.stdout.contains("the next euro: of the "), "{}", ended.stdout);
    let rows = rows(&folder.read("out/sensitivity.csv"));
    let changes: Vec<[&str; 5]> = rows
        .iter()
        .map(|row| ["what", "failure", "cluster", "from", "to"].map(|column| field(row, column)))
        .collect();
    let expected = [
        ["mtbf", "crash", "server", "24 h", "2 d"],
        ["mttr", "crash", "server", "10 min", "5 min"],
        ["detection", "", "server", "10 s", "5 s"],
        ["start_up", "", "server", "20 s", "10 s"],
        ["nodes", "", "server", "1", "2"],
    ];
    assert_eq!(changes, expected);
    for row in &rows {
        let number = |column| field(row, column).parse::<f64>().expect(column);
        let less = number("minutes_now") - number("minutes_then");
        assert!((number("bought") - less).abs() <= 1e-9 * number("minutes_now"), "{row:?}");
        assert!(number("bought_half_width") > 0.0, "{row:?}");
    }
    // The only node is down for as long as it is down, whoever knows of it.
    let found: Vec<&str> = rows.iter().map(|row| field(row, "finding")).collect();
    assert_eq!(found[..3], ["better", "better", "not seen to differ"]);
    assert_eq!(found[4], "better");
    let json: serde_json::Value =
        serde_json::from_str(&folder.read("out/results.json")).expect("JSON");
    let said = json["deployments"][0]["sensitivity"].as_array().expect("a list").len();
    assert_eq!(said, expected.len());
}

#[test]
fn it_is_the_same_on_any_number_of_threads_and_kept_in_the_folder() {
    let folder = Folder::new();
    folder.write("one.toml", ONE);
    for threads in ["1", "3"] {
        let words = ["run", "one.toml", "--sensitivity", "--threads", threads, "--out", threads];
        folder.run(&words);
    }
    folder.run(&["report", "1", "--out", "again"]);
    for file in ["sensitivity.csv", "sensitivity.png", "availability.csv", "availability.png"] {
        let read = |place: &str| std::fs::read(folder.path().join(place).join(file)).expect(file);
        assert!(read("1") == read("3"), "{file} depends on the number of threads");
        assert!(read("1") == read("again"), "{file} is made again otherwise");
    }
}
