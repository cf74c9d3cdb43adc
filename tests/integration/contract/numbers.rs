//! CSV, JSON and table say the same, and say it again for the same seed.

use super::{SHORT, field, rows, words};
use crate::program::{Folder, has_extension, number};

#[test]
fn csv_and_json_say_the_same_numbers() {
    let folder = Folder::new();
    let results = folder.json(&words(&["run", "launch-peak", "--json"]));
    let summary = rows(&folder.read("out/launch-peak/summary.csv"));
    let pointers = [
        ("offered_rps", "/offered_rps"),
        ("throughput_rps", "/throughput_rps/mean"),
        ("throughput_rps_half_width", "/throughput_rps/half_width"),
        ("error_fraction", "/error_fraction/mean"),
        ("mean_ms", "/sojourn_ms/mean/mean"),
        ("mean_ms_half_width", "/sojourn_ms/mean/half_width"),
        ("p50_ms", "/sojourn_ms/p50/mean"),
        ("p75_ms", "/sojourn_ms/p75/mean"),
        ("p90_ms", "/sojourn_ms/p90/mean"),
        ("p95_ms", "/sojourn_ms/p95/mean"),
        ("p98_ms", "/sojourn_ms/p98/mean"),
        ("p99_ms", "/sojourn_ms/p99/mean"),
        ("p99_half_width_ms", "/sojourn_ms/p99/half_width"),
        ("p99_9_ms", "/sojourn_ms/p99_9/mean"),
        ("p99_99_ms", "/sojourn_ms/p99_99/mean"),
        ("availability", "/availability/mean"),
        ("availability_half_width", "/availability/half_width"),
    ];
    let mut summary = summary.iter();
    for deployment in results["deployments"].as_array().expect("a list") {
        for flow in deployment["flows"].as_array().expect("a list") {
            let row = summary.next().expect("a row for every flow");
            for (column, pointer) in pointers {
                let written = field(row, column).parse::<f64>().ok();
                let found = flow.pointer(pointer).expect(pointer).as_f64();
                assert_eq!(written, found, "{column} of {}", flow["name"]);
            }
            let meets = match deployment["meets_goals"].as_bool() {
                Some(true) => "yes",
                Some(false) => "no",
                None => "undecided",
            };
            assert_eq!(field(row, "meets_goals"), meets);
        }
    }
    assert!(summary.next().is_none(), "a row for nothing");
}

/// Holds each number of a row against the one of the same name in the JSON; estimates have two columns.
/// What is no number is the caller's.
fn assert_same(row: &[(String, String)], found: &serde_json::Value, words: &[&str]) {
    for (column, written) in row {
        let words = [words, &["scenario", "partial"]].concat();
        if words.contains(&column.as_str()) {
            continue;
        }
        let (name, part) = match column.strip_suffix("_half_width") {
            Some(name) => (name, "half_width"),
            None => (column.as_str(), "mean"),
        };
        let value = found.get(name).unwrap_or_else(|| panic!("no `{name}` in {found}"));
        let number = value.as_f64().or_else(|| value.get(part).and_then(serde_json::Value::as_f64));
        assert_eq!(written.parse().ok(), number, "{column} of {found}");
    }
}

fn assert_same_words(row: &[(String, String)], found: &serde_json::Value, words: &[&str]) {
    for word in words {
        assert_eq!(field(row, word), found[word].as_str().unwrap_or_default(), "{word} of {found}");
    }
}

#[test]
fn clusters_goals_and_differences_are_the_same_in_csv_and_json() {
    let folder = Folder::new();
    let results = folder.json(&words(&["run", "launch-peak", "--json"]));
    let read = |name: &str| rows(&folder.read(&format!("out/launch-peak/{name}.csv")));
    let (clusters, goals, differences) = (read("clusters"), read("goals"), read("differences"));
    let (mut clusters, mut goals) = (clusters.iter(), goals.iter());
    for deployment in results["deployments"].as_array().expect("a list") {
        for cluster in deployment["clusters"].as_array().expect("a list") {
            let row = clusters.next().expect("a row for every cluster");
            assert_same(row, cluster, &["deployment", "cluster", "tenant", "profile"]);
            assert_same_words(row, cluster, &["tenant", "profile"]);
            assert_eq!(field(row, "cluster"), cluster["name"]);
        }
        for goal in deployment["goals"].as_array().expect("a list") {
            let row = goals.next().expect("a row for every goal");
            let words = ["goal", "flow", "tenant", "situation", "unit", "verdict"];
            assert_same_words(row, goal, &words);
            for column in ["limit", "found", "found_half_width"] {
                let own = row.iter().filter(|(name, _)| name == column).cloned();
                assert_same(&own.collect::<Vec<_>>(), goal, &[]);
            }
        }
    }
    assert!(clusters.next().is_none() && goals.next().is_none(), "a row for nothing");
    let found = results["differences"].as_array().expect("a list");
    assert_eq!(differences.len(), found.len());
    for (row, found) in differences.iter().zip(found) {
        let words = ["deployment", "baseline", "flow", "tenant", "quantity", "unit"];
        assert_same_words(row, found, &words);
        let own = row.iter().filter(|(name, _)| name.starts_with("difference")).cloned();
        assert_same(&own.collect::<Vec<_>>(), found, &[]);
    }
}

#[test]
fn figures_of_a_cluster_agree_with_one_another() {
    let folder = Folder::new();
    let results = folder.json(&words(&["run", "launch-peak", "--json"]));
    for deployment in results["deployments"].as_array().expect("a list") {
        for cluster in deployment["clusters"].as_array().expect("a list") {
            let mean = |name: &str| number(cluster, &format!("/{name}/mean"));
            let parts = mean("utilisation") + mean("gc_share") + mean("stall_share");
            assert!((mean("occupied_share") - parts).abs() < 1e-9, "{cluster}");
            assert!(mean("occupied_share") <= 1.0 + 1e-9, "{cluster}");
            let entered = mean("entered_rps");
            let left = mean("throughput_rps") + mean("failed_rps");
            assert!(mean("rejected_rps") <= mean("failed_rps"), "{cluster}");
            // What is not gone has stayed, and nothing comes out that did not go in, but for those
            // of the warm-up: 5 s are observed.
            let before = number(cluster, "/peak_in_flight_per_node") * number(cluster, "/nodes");
            assert!(left <= entered + before / 5.0, "{cluster}");
        }
        let Some(cluster) = deployment["overload"]["cluster"].as_str() else { continue };
        let named = |found: &&serde_json::Value| found["name"] == cluster;
        let clusters = deployment["clusters"].as_array().expect("a list");
        let found = clusters.iter().find(named).expect("the cluster that is overloaded");
        for column in ["offered_load_cores", "offered_load_with_stops_cores"] {
            assert_eq!(found[column], deployment["overload"][column], "{column}");
        }
        // It is offered more than it can do, and does nothing else.
        assert!(number(found, "/occupied_share/mean") > 0.98, "{found}");
        // A spreadsheet that pivots finds the nodes in a column of their own.
        let summary = rows(&folder.read("out/launch-peak/summary.csv"));
        let own = |row: &&Vec<(String, String)>| field(row, "deployment") == deployment["name"];
        for row in summary.iter().filter(own) {
            assert_eq!(
                field(row, "nodes_all-in-one"),
                deployment["nodes"]["all-in-one"].to_string()
            );
            assert_eq!(field(row, "nodes_gateway"), "");
        }
    }
}

/// A number as the table shows it, and how far from it the exact one may be: the half-width, or half
/// a step of the last of three digits.
fn shown(cell: &str) -> (f64, f64) {
    let parse = |text: &str| text.replace(' ', "").parse::<f64>().expect("a number");
    match cell.split_once('±') {
        Some((value, half_width)) => (parse(value), parse(half_width)),
        None => (parse(cell), 0.006 * parse(cell)),
    }
}

#[test]
fn the_table_shows_the_numbers_of_the_json_rounded() {
    let folder = Folder::new();
    let ended = folder.run(&words(&["run", "launch-peak"]));
    let results = folder.json(&words(&["run", "launch-peak", "--json"]));
    let pointers = [
        ("/offered_rps", 1.0),
        ("/throughput_rps/mean", 1.0),
        ("/error_fraction/mean", 100.0),
        ("/availability/mean", 100.0),
        ("/sojourn_ms/p50/mean", 1.0),
        ("/sojourn_ms/p95/mean", 1.0),
        ("/sojourn_ms/p99/mean", 1.0),
    ];
    let flows = ["catalogue", "orders", "tokens", "partners"];
    for (index, name) in flows.iter().enumerate() {
        let heading = format!("flow `{name}` of tenant");
        let mut lines = ended.stdout.lines().skip_while(|line| !line.starts_with(&heading)).skip(2);
        for deployment in results["deployments"].as_array().expect("a list") {
            let line = lines.next().expect("a row");
            let mut cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
            assert_eq!(cells.next(), deployment["name"].as_str(), "{line}");
            for ((pointer, factor), cell) in pointers.iter().zip(cells) {
                let flow = &deployment["flows"][index];
                if let Some(bound) = cell.strip_prefix('≥') {
                    // Open above: the lower end of the interval, rounded down.
                    let lower = factor * number(flow, &pointer.replace("/mean", "/lower"));
                    let (value, allowed) = shown(bound);
                    assert!(value <= lower && lower - value <= 2.0 * allowed, "{pointer}: {line}");
                    continue;
                }
                let exact = factor * number(flow, pointer);
                let (value, allowed) = shown(cell);
                assert!((value - exact).abs() <= allowed, "{pointer} {exact}: {line}");
            }
        }
    }
}

/// What a run wrote, the duration aside.
fn written(folder: &Folder, out: &str) -> Vec<(String, String)> {
    let names = folder.files(out).into_iter().filter(|name| !has_extension(name, "png"));
    let timeless = |text: &str| {
        let lines = text.lines().filter(|line| !line.contains("\"wall_seconds\""));
        lines.collect::<Vec<_>>().join("\n")
    };
    names.map(|name| (name.clone(), timeless(&folder.read(&format!("{out}/{name}"))))).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_with_any_number_of_threads() {
    let folder = Folder::new();
    for scenario in ["node-lost", "noisy-tenant"] {
        let run = |out: &str, further: &[&str]| {
            let window = ["--set", "run.window=25 s"];
            let first = ["run", scenario, "--out", out];
            folder.run(&[&first[..], &SHORT, &window, further].concat());
            written(&folder, out)
        };
        let one = run("one", &["--seed", "7", "--threads", "1"]);
        assert!(one.len() > 4, "{scenario}");
        for (out, further, same) in [
            ("again", &["--seed", "7", "--threads", "1"][..], true),
            ("two", &["--seed", "7", "--threads", "2"], true),
            ("four", &["--seed", "7", "--threads", "4"], true),
            ("other", &["--seed", "8"], false),
        ] {
            let other = run(out, further);
            let names = |files: &[(String, String)]| {
                files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()
            };
            assert_eq!(names(&one), names(&other));
            for ((name, bytes), (_, others)) in one.iter().zip(&other) {
                assert!((bytes == others) == same, "{scenario} {further:?} {name}");
            }
        }
        // A seed is a seed, wherever it is stated.
        run("set", &["--set", "run.seed=7"]);
        let summary = |out: &str| folder.read(&format!("{out}/summary.csv"));
        assert_eq!(summary("one"), summary("set"));
    }
}

#[test]
fn set_changes_the_scenario_and_the_inputs_as_understood() {
    let folder = Folder::new();
    let changed =
        ["--set", "flow.orders.arrivals.rate=300 /s", "--set", "deployment.ha.nodes.all-in-one=3"];
    let results = folder.json(&[&words(&["run", "low-traffic", "--json"])[..], &changed].concat());
    assert_eq!(results["scenario"]["flow"][0]["arrivals"]["rate"], "300 /s");
    assert_eq!(results["deployments"][0]["nodes"]["all-in-one"], 3);
    let offered = number(&results, "/deployments/0/flows/0/offered_rps");
    assert!((offered - 300.0).abs() < 30.0, "{offered}");
}

#[test]
fn set_explains_what_it_does_not_understand() {
    let folder = Folder::new();
    for (change, said) in [
        ("run.windw=5 s", "did you mean `window`?"),
        ("run.window=5", "write it as \"5 ms\""),
        ("run.window", "is not PATH=VALUE"),
        ("flow.order.size=1 KiB", "orders"),
    ] {
        let ended = folder.run(&["run", "low-traffic", "--set", change]);
        assert_eq!(ended.status, Some(2), "{change}");
        assert_eq!(ended.stdout, "", "{change}");
        assert!(ended.stderr.contains(said), "{change}: {}", ended.stderr);
    }
    assert_eq!(folder.files("."), Vec::<String>::new());
}
