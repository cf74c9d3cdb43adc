//! How a run ends: goals, mistakes, interrupts.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::{QUEUE, field, rows};
use crate::program::{Folder, has_extension, number, wait};

#[test]
fn the_status_is_0_without_goals_or_with_goals_met_1_where_one_is_missed_2_where_it_cannot_be_done()
{
    let folder = Folder::new();
    folder.write("none.toml", QUEUE);
    folder.write("met.toml", format!("goal.mean = \"10 s\"\n{QUEUE}"));
    folder.write("missed.toml", format!("goal.p50 = \"1 us\"\n{QUEUE}"));
    folder.write("undecided.toml", format!("goal.mean = \"2 ms\"\n{QUEUE}"));
    for (file, status) in [
        ("none.toml", 0),
        ("met.toml", 0),
        ("missed.toml", 1),
        ("undecided.toml", 1),
        ("absent.toml", 2),
    ] {
        assert_eq!(folder.run(&["run", file]).status, Some(status), "{file}");
    }
    assert_eq!(folder.run(&["run", "met.toml", "missed.toml"]).status, Some(1));
    assert_eq!(folder.run(&["run", "missed.toml", "absent.toml"]).status, Some(2));
    for wrong in [&["run"][..], &["walk"], &[], &["run", "met.toml", "--threads", "0"]] {
        let ended = folder.run(wrong);
        assert_eq!(ended.status, Some(2), "{wrong:?}");
        assert!(ended.stderr.contains("Usage") || ended.stderr.contains("--help"), "{wrong:?}");
    }
}

#[test]
fn a_goal_that_is_undecided_is_neither_yes_nor_no() {
    let folder = Folder::new();
    folder.write("undecided.toml", format!("goal.mean = \"2 ms\"\n{QUEUE}"));
    let results = folder.json(&["run", "undecided.toml", "--json"]);
    assert_eq!(results["deployments"][0]["meets_goals"], Value::Null);
    assert_eq!(results["deployments"][0]["verdict"], "undecided");
    let row = rows(&folder.read("out/undecided/summary.csv")).swap_remove(0);
    assert_eq!(field(&row, "meets_goals"), "undecided");
}

/// Starts a run, interrupts it after a while, and returns what it left behind.
#[cfg(unix)]
fn interrupted(folder: &Folder, words: &[&str]) -> crate::program::Ended {
    let child = folder.start(words);
    std::thread::sleep(Duration::from_secs(2));
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().expect("kill exists");
    assert!(sent.success(), "it still runs");
    wait(child, Duration::from_secs(10)).expect("it ends soon after an interrupt")
}

#[test]
#[cfg(unix)]
fn an_interrupted_run_keeps_what_is_complete_and_marks_it_partial() {
    let folder = Folder::new();
    folder.write("queue.toml", format!("goal.p99 = \"10 s\"\n{QUEUE}"));
    let long =
        ["run", "queue.toml", "--set", "run.window=20 s", "--set", "run.replications=100000"];
    let ended = interrupted(&folder, &[&long[..], &["--json"]].concat());
    assert_eq!(ended.status, Some(2), "{}", ended.stderr);
    let results = ended.json();
    assert_eq!(results["partial"], true);
    let replications = number(&results, "/replications");
    assert!((1.0..100_000.0).contains(&replications), "{replications}");
    assert!(ended.stderr.contains("complete in every deployment and kept"), "{}", ended.stderr);
    for file in folder.files("out/queue").iter().filter(|file| has_extension(file, "csv")) {
        for row in rows(&folder.read(&format!("out/queue/{file}"))) {
            assert_eq!(field(&row, "partial"), "yes", "{file}");
        }
    }
    let ended = interrupted(&folder, &long);
    assert_eq!(ended.status, Some(2));
    assert!(ended.stdout.contains("PARTIAL: stopped after"), "{}", ended.stdout);
    assert!(ended.stdout.contains("wrote summary.csv"), "{}", ended.stdout);
}

#[test]
#[cfg(unix)]
fn a_run_interrupted_before_anything_is_complete_says_so_and_writes_nothing() {
    let folder = Folder::new();
    folder.write("queue.toml", QUEUE);
    let ended = interrupted(&folder, &["run", "queue.toml", "--set", "run.window=10 d"]);
    assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""));
    let said =
        "queue: stopped before one replication of every deployment was complete (0 of 1 runs were)";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert_eq!(folder.files("out/queue"), Vec::<String>::new());
}
