//! Errors by cause: columns, JSON and table say why, and the causes add up to the errors.

use super::{QUEUE, SCENARIOS, field, rows};
use crate::program::{Folder, number};

/// Two nodes that are now and then too slow for their clients and their queues; they are lost.
fn bad_day() -> String {
    let flow = "rate = \"800 /s\" }\ntimeout = \"15 ms\"";
    let drill =
        "[[drill]]\nat = \"3 s\"\nwhat = \"gateway\"\nnodes = 2\nfor = \"2 s\"\n[[deployment]]";
    let balancer =
        "nodes = 2\nhealth = { check = \"active\", interval = \"500 ms\", unhealthy = 2 }";
    QUEUE
        .replace("rate = \"500 /s\" }", flow)
        .replace("[[deployment]]", drill)
        .replace("nodes = 1", balancer)
        .replace("window = \"2 s\"", "window = \"10 s\"")
        .replace("cores = 1", "cores = 0.5\nworkers = 2\nqueue = 10\nmttr = \"2 s\"")
}

/// The columns of a row that name a cause, and the cause.
fn causes<'a>(
    row: &'a [(String, String)],
    ending: &'a str,
) -> impl Iterator<Item = (&'a str, f64)> {
    row.iter().filter_map(move |(column, field)| {
        let cause = column.strip_prefix("errors_")?.strip_suffix(ending)?;
        Some((cause, field.parse().expect("a number")))
    })
}

/// They add up as printed, but for the last place.
fn assert_sum(row: &[(String, String)], ending: &str, all: &str) {
    let sum: f64 = causes(row, ending).map(|(_, found)| found).sum();
    let all: f64 = field(row, all).parse().expect("a number");
    assert!((sum - all).abs() <= 4.0 * f64::EPSILON * all, "{sum} of {all}: {row:?}");
}

#[test]
fn in_every_shipped_scenario_the_causes_add_up_to_the_errors() {
    for scenario in SCENARIOS {
        let folder = Folder::new();
        // What is scripted lies within the window.
        let window = match scenario {
            "control-plane-away" => "run.window=32 min",
            _ => "run.window=30 s",
        };
        let short = ["--set", window, "--set", "run.replications=2"];
        folder.run(&[&["run", scenario, "--out", "out"], &short[..]].concat());
        for row in rows(&folder.read("out/summary.csv")) {
            assert_sum(&row, "_fraction", "error_fraction");
        }
        if folder.files("out").iter().any(|file| file == "timeline.csv") {
            for row in rows(&folder.read("out/timeline.csv")) {
                assert_sum(&row, "_rps", "errors_rps");
            }
        }
    }
}

#[test]
fn a_bad_day_is_told_by_its_causes_everywhere() {
    let folder = Folder::new();
    folder.write("bad.toml", bad_day());
    let json = folder.json(&["run", "bad.toml", "--json"]);
    let flow = &json["deployments"][0]["flows"][0];
    let summary = rows(&folder.read("out/bad/summary.csv"));
    let [row] = &summary[..] else { panic!("one flow of one deployment") };
    assert_sum(row, "_fraction", "error_fraction");
    let table = folder.run(&["run", "bad.toml"]).stdout;
    let lines = table.split("\nerrors: ").nth(1).expect("the lines under the flow");
    let said = lines.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let mut occurred = 0;
    for (cause, share) in causes(row, "_fraction") {
        assert_eq!(share, number(flow, &format!("/errors_by_cause/{cause}/mean")), "{cause}");
        let word = cause.replace('_', " ");
        assert_eq!(said.contains(&word), share > 0.0, "{cause}: {said}");
        assert_eq!(table.contains(&format!("{word}: ")), share > 0.0, "{cause}: {table}");
        occurred += usize::from(share > 0.0);
    }
    assert!(occurred >= 5, "{row:?}");
    let wasted: f64 = field(row, "wasted_fraction").parse().expect("a number");
    assert_eq!(wasted, number(flow, "/wasted_fraction/mean"));
    assert!(wasted > 0.001 && table.contains("wasted: "), "{wasted}: {table}");
    assert_same_seconds(&rows(&folder.read("out/bad/timeline.csv")), &flow["timeline"]);
}

/// Each second says the same in CSV and JSON, and some say why.
fn assert_same_seconds(rows: &[Vec<(String, String)>], seconds: &serde_json::Value) {
    let mut occurred = 0;
    for (row, second) in rows.iter().zip(seconds.as_array().expect("a list")) {
        assert_sum(row, "_rps", "errors_rps");
        for (cause, rate) in causes(row, "_rps") {
            let found = second["errors_by_cause_rps"].get(cause).map_or(0.0, |rate| {
                occurred += 1;
                rate.as_f64().expect("a number")
            });
            assert_eq!(rate, found, "{cause} of {second}");
        }
        let wasted: f64 = field(row, "wasted_rps").parse().expect("a number");
        assert_eq!(wasted, number(second, "/wasted_rps"));
    }
    assert!(rows.len() == 10 && occurred > 10, "{occurred} in {} seconds", rows.len());
}
