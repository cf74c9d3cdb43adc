//! What `run` writes, where, and what it says.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use super::{QUEUE, SHORT, field, rows, words};
use crate::program::{Folder, has_extension, number, wait};

/// The columns that stand first in `summary.csv`.
const SUMMARY: &str = "scenario,deployment,pattern,nodes,flow,tenant,offered_rps,throughput_rps,\
    throughput_rps_half_width,error_fraction,mean_ms,mean_ms_half_width,p50_ms,p75_ms,p90_ms,\
    p95_ms,p98_ms,p99_ms,p99_half_width_ms,p99_9_ms,p99_99_ms,availability,\
    availability_half_width,price_per_month,meets_goals,";

const ALWAYS: [&str; 8] = [
    "clusters.csv",
    "comparison.png",
    "latency.csv",
    "latency.png",
    "results.json",
    "study.bin",
    "summary.csv",
    "utilisation.png",
];

#[test]
fn run_writes_the_files_it_names_into_out_and_nothing_else() {
    let folder = Folder::new();
    let ended = folder.run(&words(&["run", "mobile-tokens"]));
    let mut expected = ALWAYS.to_vec();
    expected.extend(["differences.csv", "goals.csv"]);
    expected.sort_unstable();
    assert_eq!(folder.files("out/mobile-tokens"), expected);
    assert_eq!(folder.files("."), ["out"]);
    assert_eq!(ended.stderr, "", "nothing to say but the results");
    let said = ended.stdout.lines().last().expect("a last line");
    let (files, place) =
        said.strip_prefix("wrote ").and_then(|said| said.split_once(" to ")).expect(said);
    let mut files: Vec<_> = files.split(", ").collect();
    files.sort_unstable();
    assert_eq!((files, Path::new(place)), (expected, Path::new("out/mobile-tokens")));
}

#[test]
fn charts_are_png_files() {
    let folder = Folder::new();
    folder.run(&words(&["run", "low-traffic", "--out", "here"]));
    for name in ALWAYS.iter().filter(|name| has_extension(name, "png")) {
        let mut start = [0; 8];
        let file = File::open(folder.path().join("here").join(name));
        file.expect("a file").read_exact(&mut start).expect("a start");
        assert_eq!(&start, b"\x89PNG\r\n\x1a\n", "{name}");
    }
}

#[test]
fn a_folder_tells_one_story_when_it_is_used_again() {
    let folder = Folder::new();
    let drill = ["run", "node-lost", "--out", "here"];
    folder.run(&[&drill[..], &SHORT, &["--set", "run.window=30 s"]].concat());
    let with_drill = folder.files("here");
    assert!(with_drill.contains(&"timeline.csv".to_owned()), "{with_drill:?}");
    assert!(with_drill.contains(&"timeline.png".to_owned()), "{with_drill:?}");
    folder.write("queue.toml", QUEUE);
    folder.run(&["run", "queue.toml", "--out", "here"]);
    assert_eq!(folder.files("here"), ALWAYS);
}

#[test]
fn the_summary_has_the_columns_that_scripts_rely_on_and_a_row_per_deployment_and_flow() {
    let folder = Folder::new();
    folder.run(&words(&["run", "launch-peak"]));
    let text = folder.read("out/launch-peak/summary.csv");
    let header = text.lines().next().expect("a header");
    assert!(header.starts_with(SUMMARY), "{header}");
    assert!(header.ends_with(",partial"), "{header}");
    let names: Vec<_> = rows(&text)
        .iter()
        .map(|row| format!("{} {}", field(row, "deployment"), field(row, "flow")))
        .collect();
    let expected = ["ha", "scalable"].map(|deployment| {
        ["catalogue", "orders", "tokens", "partners"].map(|flow| format!("{deployment} {flow}"))
    });
    assert_eq!(names, expected.concat());
}

#[test]
fn the_json_has_the_documented_structure() {
    let folder = Folder::new();
    let results = folder.json(&words(&["run", "low-traffic", "--json"]));
    assert_eq!(results["scenario"]["name"], "low-traffic");
    assert_eq!(results["seed"], 1);
    assert_eq!(results["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(results["partial"], false);
    assert!(number(&results, "/events") > 1000.0);
    assert!(number(&results, "/wall_seconds") > 0.0);
    let deployment = &results["deployments"][0];
    assert_eq!(
        (&deployment["name"], &deployment["pattern"]),
        (&"ha".into(), &"standard-ha".into())
    );
    assert_eq!(deployment["nodes"]["all-in-one"], 2);
    assert!(number(deployment, "/price_per_month") > 0.0);
    assert!(deployment.get("meets_goals").is_some());
    let flow = &deployment["flows"][0];
    assert_eq!((&flow["name"], &flow["tenant"]), (&"orders".into(), &"default".into()));
    assert!(number(flow, "/offered_rps") > 0.0);
    let quantiles = ["mean", "sd", "p50", "p75", "p90", "p95", "p98", "p99", "p99_9"];
    let estimates = quantiles.map(|name| format!("/sojourn_ms/{name}"));
    let others = ["/throughput_rps", "/error_fraction", "/availability"].map(str::to_owned);
    for estimate in estimates.iter().chain(&others) {
        number(flow, &format!("{estimate}/mean"));
        assert!(flow.pointer(&format!("{estimate}/half_width")).is_some(), "{estimate}");
    }
    for cluster in deployment["clusters"].as_array().expect("a list") {
        assert!(cluster["name"].is_string());
        for estimate in ["utilisation", "gc_share"] {
            number(cluster, &format!("/{estimate}/mean"));
            number(cluster, &format!("/{estimate}/half_width"));
        }
    }
}

#[test]
fn json_on_stdout_is_the_json_in_the_folder() {
    let folder = Folder::new();
    let ended = folder.run(&words(&["run", "low-traffic", "--json"]));
    assert_eq!(ended.stdout, folder.read("out/low-traffic/results.json"));
    assert!(ended.stderr.starts_with("wrote summary.csv, "), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}

#[test]
fn several_scenarios_each_have_a_folder_and_json_is_a_list() {
    let folder = Folder::new();
    let first = ["run", "low-traffic", "streaming", "--out", "both", "--json"];
    let results = folder.json(&words(&first));
    let names: Vec<_> = results.as_array().expect("a list").iter().collect();
    assert_eq!(names.len(), 2);
    assert_eq!(names[0]["scenario"]["name"], "low-traffic");
    assert_eq!(names[1]["scenario"]["name"], "streaming");
    assert_eq!(folder.files("both"), ["low-traffic", "streaming"]);
}

#[test]
fn a_scenario_that_cannot_be_done_does_not_keep_the_others_from_running() {
    let folder = Folder::new();
    folder.write("wrong.toml", "title = 1\n");
    let ended = folder.run(&words(&["run", "wrong.toml", "low-traffic"]));
    assert_eq!(ended.status, Some(2));
    assert!(ended.stderr.contains("wrong.toml"), "{}", ended.stderr);
    assert!(ended.stdout.contains("wrote summary.csv"), "{}", ended.stdout);
    assert_eq!(folder.files("out"), ["low-traffic"]);
}

#[test]
fn stdout_is_plain_text_and_warnings_go_to_stderr() {
    let folder = Folder::new();
    // The drill ends after the window, which is warned of.
    let run = [&["run", "node-lost"][..], &SHORT, &["--set", "run.window=35 s"]].concat();
    let ended = folder.run(&run);
    assert!(!ended.stdout.contains('\u{1b}') && !ended.stdout.contains('\r'), "{}", ended.stdout);
    assert!(!ended.stderr.contains('\u{1b}') && !ended.stderr.contains('\r'), "{}", ended.stderr);
    assert!(ended.stderr.contains("beyond the window"), "{}", ended.stderr);
    assert!(!ended.stdout.contains("beyond the window"), "{}", ended.stdout);
}

#[test]
fn a_folder_that_cannot_be_written_is_named_before_any_work() {
    let folder = Folder::new();
    folder.write("file", "mine");
    // Work that would take hours.
    let long = ["run", "launch-peak", "--set", "run.window=10 d", "--set", "run.warm_up=1 s"];
    for out in ["file", "file/below"] {
        let child =
            folder.start(&[&long[..], &["--set", "run.replications=2", "--out", out]].concat());
        let ended = wait(child, Duration::from_secs(5)).expect("refused at once");
        assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""));
        assert!(ended.stderr.contains(&format!("cannot write {out}")), "{}", ended.stderr);
    }
    assert_eq!(folder.read("file"), "mine");
}

#[test]
fn who_has_read_enough_is_no_error() {
    let folder = Folder::new();
    let run = words(&["run", "low-traffic"]);
    let json = words(&["run", "low-traffic", "--json"]);
    for words in [&["list"][..], &["schema"], &["completions", "bash"], &run, &json] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = folder.command(words).stdout(writer).output().expect("the program starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("panicked"), "{words:?}: {stderr}");
        assert!(!stderr.contains("error"), "{words:?}: {stderr}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_said_and_not_panicked_about() {
    let folder = Folder::new();
    for words in [&["list"][..], &["schema"], &["--help"], &words(&["run", "low-traffic"])] {
        let full = File::options().write(true).open("/dev/full").expect("every Linux has one");
        let output = folder.command(words).stdout(full).output().expect("the program starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("panicked"), "{words:?}: {stderr}");
        if words[0] != "--help" {
            assert_eq!(output.status.code(), Some(2), "{words:?}");
            assert!(stderr.contains("cannot write to standard output"), "{words:?}: {stderr}");
        }
    }
}
