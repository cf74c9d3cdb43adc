//! `apimsim sweep`: on one machine, cut into tasks, interrupted, and what is refused.

use std::fs;

use crate::program::Folder;

use super::QUEUE;

/// Two rates at two seeds of one short queue: the four of them take a moment.
const OVER: [&str; 6] = [
    "sweep",
    "queue.toml",
    "--over",
    "traffic=100 /s..500 /s:2",
    "--over",
    "run.replications=2, 3",
];

fn over<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&OVER[..], more].concat()
}

fn queue() -> Folder {
    let folder = Folder::new();
    folder.write("queue.toml", QUEUE);
    folder
}

/// Asserts that two folders hold the same tables and charts.
#[track_caller]
fn assert_same(folder: &Folder, one: &str, other: &str) {
    for file in ["sweep.csv", "sweep.png"] {
        let read = |place: &str| fs::read(folder.path().join(place).join(file)).expect("a file");
        assert!(read(one) == read(other), "{file} of {one} and {other}");
    }
}

#[test]
fn a_sweep_has_a_row_for_each_point_and_flow() {
    let folder = queue();
    let ended = folder.run(&over(&[]));
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    assert!(
        ended.stdout.contains("4 points of `traffic` and `run.replications`"),
        "{}",
        ended.stdout
    );
    let csv = folder.read("out/queue/sweep.csv");
    let mut lines = csv.lines();
    let header = lines.next().expect("a header");
    assert!(
        header.starts_with("point,traffic [/s],run.replications,scenario,deployment,"),
        "{header}"
    );
    let begin: Vec<String> =
        lines.map(|line| line.splitn(5, ',').take(4).collect::<Vec<_>>().join(",")).collect();
    assert_eq!(begin, ["1,100,2,queue", "2,100,3,queue", "3,500,2,queue", "4,500,3,queue"]);
    // What a point says is what a run of it says.
    folder.run(&["run", "queue.toml", "--set", "traffic=500 /s", "--out", "alone"]);
    let alone = folder.read("alone/summary.csv");
    let alone = alone.lines().nth(1).expect("a row");
    let last = csv.lines().last().expect("a row");
    assert_eq!(last.split_once(",3,").expect("three columns").1, alone);
}

#[test]
fn tasks_done_in_any_order_and_anywhere_give_the_bytes_of_one_machine() {
    let folder = queue();
    folder.run(&over(&["--out", "whole", "--threads", "1"]));
    let ended = folder.run(&over(&["--tasks", "cut"]));
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    let list = folder.read("cut/tasks.txt");
    let tasks: Vec<&str> = list.lines().collect();
    assert_eq!(tasks.len(), 4, "{list}");
    let early = folder.run(&["sweep", "--merge", "cut"]);
    assert_eq!(early.status, Some(2));
    assert!(early.stderr.contains("4 of 4 tasks have no result yet"), "{}", early.stderr);
    // A task needs no other file, and is done once.
    fs::remove_file(folder.path().join("queue.toml")).expect("it was there");
    for task in tasks.iter().rev().chain([&tasks[1]]) {
        let ended = folder.run(&["sweep", "--task", task]);
        assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    }
    fs::rename(folder.path().join("cut"), folder.path().join("moved")).expect("moved");
    let ended = folder.run(&["sweep", "--merge", "moved"]);
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    assert_same(&folder, "whole", "moved");
}

#[test]
fn what_is_done_is_used_again_and_never_that_of_another_scenario() {
    let folder = queue();
    folder.run(&over(&["--out", "whole"]));
    folder.run(&over(&["--out", "again"]));
    let points = folder.path().join("again/points");
    for point in ["point-0002.bin", "point-0004.bin"] {
        fs::remove_file(points.join(point)).expect("a result");
    }
    let kept = points.join("point-0003.bin");
    let time = || fs::metadata(&kept).expect("a result").modified().expect("a time");
    let before = time();
    let ended = folder.run(&over(&["--out", "again"]));
    assert!(ended.stderr.contains("2 of 4 tasks are done already"), "{}", ended.stderr);
    assert_eq!(time(), before);
    assert_same(&folder, "whole", "again");

    let refused = |more: &[&str], says: &str| {
        let ended = folder.run(&over(more));
        assert_eq!(ended.status, Some(2), "{more:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(says), "{more:?}: {}", ended.stderr);
    };
    refused(
        &["--out", "again", "--seed", "7"],
        "point-0001.task is another task: `run.seed` is 1 and 7",
    );
    refused(&["--out", "again", "--over", "flow.calls.size=1 KiB, 2 KiB"], "holds 4 other tasks");
    // The result of another point, and one that is damaged.
    fs::copy(points.join("point-0004.bin"), &kept).expect("copied");
    refused(&["--out", "again"], "point-0003.bin is not the result of its task");
    fs::write(&kept, "apimsim").expect("written");
    refused(&["--out", "again"], "point-0003.bin");
    let ended = folder.run(&over(&["--out", "again", "--fresh", "--seed", "7"]));
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    let rows = |out: &str| folder.read(&format!("{out}/sweep.csv"));
    assert_ne!(rows("whole"), rows("again"));
}

#[test]
fn what_cannot_be_swept_is_refused_before_anything_is_simulated() {
    let folder = queue();
    let refused = |words: &[&str], says: &str| {
        let ended = folder.run(&[&["sweep"][..], words].concat());
        assert_eq!(ended.status, Some(2), "{words:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(says), "{words:?}: {}", ended.stderr);
    };
    refused(&["queue.toml", "--over", "flow.calls.sise=1 KiB, 2 KiB"], "did you mean `size`");
    refused(&["queue.toml", "--over", "traffic=1 /s..2 s"], "the same unit");
    refused(
        &["queue.toml", "--over", "traffic=1 /s, 2 /s", "--over", "traffic=3 /s, 4 /s"],
        "stated twice",
    );
    refused(&["queue.toml"], "--over");
    refused(&["--task", "none.task"], "none.task: cannot be read");
    refused(&["--task", "queue.toml"], "this is no task");
    refused(&["--merge", "."], "tasks.txt: cannot be read");
    assert!(!folder.path().join("out").exists());
}

#[test]
#[cfg(unix)]
fn a_task_that_is_stopped_leaves_nothing_and_says_that_it_can_be_done_again() {
    use std::process::Command;
    use std::time::Duration;

    let folder = queue();
    folder.run(&["sweep", "queue.toml", "--over", "run.window=10 d, 1 s", "--tasks", "cut"]);
    let child = folder.start(&["sweep", "--task", "cut/point-0001.task"]);
    std::thread::sleep(Duration::from_secs(2));
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().expect("kill exists");
    assert!(sent.success(), "it still runs");
    let ended = crate::program::wait(child, Duration::from_secs(10)).expect("it ends soon");
    assert_eq!(ended.status, Some(75), "{}", ended.stderr);
    assert!(ended.stderr.contains("it can be done again"), "{}", ended.stderr);
    assert_eq!(folder.files("cut"), ["point-0001.task", "point-0002.task", "tasks.txt"]);
}
